/*
 * ask.h - from which neighbour this server takes a snapshot (link-protocol.md,
 * 8.12 to 8.16).
 *
 * A peer that must send a snapshot says OFFER and waits. This server asks one
 * peer at a time, by WANT, and says with it what it has: so a peer that was
 * asked later sends nothing that another one has already sent.
 *
 * A snapshot that is too large is not asked for again at once, and this server
 * does not take clients as if it were alone.
 */
#ifndef LINK_ASK_H
#define LINK_ASK_H

#include <stdbool.h>

#include "base/mtime.h"

struct link;
struct link_net;
struct link_step;

/* Note that a peer offers a snapshot. */
void ask_offered(struct link *);
/* Note that the log of the peer goes on: it has no snapshot to send. */
void ask_not_needed(struct link *);
/* Note that a line of a snapshot came. */
void ask_progress(const struct link_step *, struct link *);
/* Note that a snapshot was taken. */
void ask_taken(struct link_net *);

/* Return true if a peer was asked for a snapshot or sends one. */
bool ask_is_under_way(const struct link_net *);

/* Ask the next peer, if it is time to. */
void ask_update(const struct link_step *);
/* Return when to look again, by the awake clock, or MONO_NEVER. */
struct mono ask_deadline(const struct link_net *);

/* Refuse the snapshot that comes on the link: it takes more than max bytes.
 * Tell our operator, and ask for none for a while. */
void ask_refuse(const struct link_step *, struct link *);
/* Return true, and refuse the link, if a snapshot comes in that while from a
 * peer that does not wait to be asked. */
bool ask_refuse_early(const struct link_step *, struct link *);
/* Forget the refusals: the configuration may allow more now. */
void ask_conf(struct link_net *);

/* Note how a link ended: if this server has not caught up and was refused, it
 * is not alone for a while. */
void ask_ended(const struct link_step *, const struct link *);

#endif
