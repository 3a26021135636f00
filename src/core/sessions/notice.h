/*
 * notice.h - tells operators of this server about events, by notices:
 *
 *	:irc1.example NOTICE * :*** link-up: a link is up (server=irc2 sid=2BB)
 *
 * An operator asks for masks (core/types/log_mask.def) by MODE nick +s LETTERS.
 * The letters are the value of the register mode/server-notices of the user.
 *
 * NOTICE_MANY notices of one mask are told in NOTICE_MS. Further ones are
 * counted, and then each event says how many more there were. So no flood of
 * events fills the sendq of an operator. Events that strangers cause have a
 * count of their own, up to NOTICE_STRANGERS, so that they hide no others of
 * their mask.
 *
 * core->notices owns the uids of the users with that mode.
 */
#ifndef CORE_NOTICE_H
#define CORE_NOTICE_H

#include "core/state.h"

#define NOTICE_MANY 15
#define NOTICE_STRANGERS 5
#define NOTICE_MS 10000

/* The register with the masks of a user. */
#define NOTICE_FIELD SPAN("mode/server-notices")

/* Tell of an event, and of `more` that are like it. The fields are borrowed. */
void notice_event(struct step *, enum log_row, const struct log_field *,
    size_t n, uint32_t more);
/* Tell of the events that effects from number `from` on write to the log. */
void notice_effects(struct step *, size_t from);

/* Tell how many events were not told, if it is time. */
void notice_tick(struct step *);
/* Return when notice_tick() has something to do, or MONO_NEVER. */
struct mono notice_due(const struct core *);

/* Note that a user of any server has the mode now, or has it no longer. */
void notice_user(struct core *, struct uid, bool on);

/* Free the memory at the end of a core. */
void notice_fini(struct core *);

#endif
