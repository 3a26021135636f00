/*
 * retire.h - when this server makes a FORGET (doc/link-protocol.md, part 11):
 * of a server that is gone for good, because the operator said so or it was
 * not seen for long; and of former runs of one that is there, which only fill
 * vectors.
 *
 * Never at once: first nobody else may be missing for some time, so that all
 * have all there is of it. That is known to this server alone, and lost when it
 * ends; it is then asked again, or waits again.
 */
#ifndef LINK_RETIRE_H
#define LINK_RETIRE_H

#include "base/mtime.h"
#include "base/writer.h"
#include "core/types/ids.h"

struct link_net;
struct link_step;

/* The operator wants sid forgotten: what happens now, or why it does not, as
 * a sentence. True if it was noted. */
bool retire_ask(struct link_net *, struct mono awake, struct sid,
    struct writer *why);

/* Is it time? True if an entry was made. Looks when reachability changed,
 * or something is due. */
bool retire_update(const struct link_step *);
struct mono retire_deadline(const struct link_net *);

/* For `banyanctl servers`: is sid to be forgotten, and how long to wait still;
 * -1: for somebody who is missing. */
bool retire_is_due(const struct link_net *, struct mono awake, struct sid,
    int64_t *wait_ms);

#endif
