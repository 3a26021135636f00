/*
 * retire.h - when this server makes a FORGET (link-protocol.md, 11.10 and
 * 11.11). It forgets a server that is gone for good, because the operator says
 * so or because the server was not reachable for long. And it forgets former
 * runs of a server that is still there, because they only fill vectors.
 *
 * A FORGET is never made at once. First, no other server may be missing for
 * some time, and then all of them must say that they have no more of the runs
 * that go. This server alone knows that it waits. When it stops, the operator
 * has to ask again.
 */
#ifndef LINK_RETIRE_H
#define LINK_RETIRE_H

#include "base/mtime.h"
#include "base/writer.h"
#include "core/types/ids.h"

struct census;
struct link_net;
struct link_step;

/* Note that the operator wants sid forgotten. Return false if that is not
 * possible. Write what will happen, or why not, as a sentence. */
bool retire_ask(struct link_net *, struct mono awake, struct sid,
    struct writer *why);

/* Let the core make each FORGET that is due. Return true if it made an
 * entry. */
bool retire_update(const struct link_step *);
/* Return when retire_update() must look again, by the awake clock. */
struct mono retire_deadline(const struct link_net *);

/* Return true if sid is to be forgotten. *wait_ms is for how long this server
 * still waits, or -1 if another server is missing. */
bool retire_is_due(const struct link_net *, struct mono awake, struct sid,
    int64_t *wait_ms);

/* Get what the operator has asked for, one sid after the other, *i from 0;
 * return false after the last. Ask for it in the node that goes on with this
 * one (link/handover.h). */
bool retire_asked_next(const struct link_net *, size_t *i, struct sid *,
    uint32_t *inc);
void retire_ask_again(struct link_net *, struct sid, uint32_t inc);

/* Return the census of the i-th sid that is to be forgotten, borrowed, or
 * NULL. */
struct census *retire_census(const struct link_net *, size_t i);
/* Free what waits to be forgotten. */
void retire_fini(struct link_net *);

#endif
