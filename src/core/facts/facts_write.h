/*
 * facts_write.h - changing facts: for merges (core/part/), snapshots and the
 * overlay alone. A command never does.
 *
 * The caller has checked that an object to be added does not exist yet. A
 * dropped object cannot be found by facts_find_* any more; facts_reap frees it
 * later, since clients must still be told of it. Invitations and unknown parts
 * are freed at once. All functions mark what may look different.
 */
#ifndef CORE_FACTS_WRITE_H
#define CORE_FACTS_WRITE_H

#include "core/facts/facts.h"

/* Never NULL; the same text is the same pointer while the facts live. */
const struct name *facts_intern(struct facts *, struct span);
struct server *facts_server(struct facts *, struct sid); /* makes */

struct user *facts_add_user(struct facts *, struct uid, struct dot);
void facts_drop_user(struct facts *, struct user *);
/* Set what user_stamp() returns. */
void facts_set_user_stamp(struct user *, struct stamp);
/* Give a new user a home that moves. The user is hidden until facts_move_user
 * says where the home is. */
void facts_add_home(struct facts *, struct user *);
/* Set the home of a user with a home that moves. The caller sets the rest of
 * user_home_reg(). */
void facts_move_user(struct facts *, struct user *, struct origin);
/* Let a user who claims no nick claim this one. */
void facts_claim(struct facts *, struct user *, struct span nick,
    const struct nick_claim *);
/* Take the claim away, if there is one. */
void facts_unclaim(struct facts *, struct user *);
/* Set what clients see of the user; for the show code. The user is not
 * SHOWN_FORMER, and claims a nick to be SHOWN_CLAIM. The text of an away
 * message, and a real name, are given one more reference; NULL: the user is
 * here, and has the first real name. */
void facts_show_as(struct facts *, struct user *, enum shown_as);
void facts_set_away(struct facts *, struct user *, struct rcbuf *);
void facts_set_realname(struct facts *, struct user *, struct rcbuf *);
void facts_set_host(struct facts *, struct user *, struct span username,
    struct span host);
/* Set what user_lost_at() returns. */
void facts_set_lost_at(struct facts *, struct user *, uint32_t);
struct chan *facts_chan(struct facts *, struct span name); /* makes */
struct founding *facts_add_founding(struct facts *, struct chan *,
    struct span name, struct cinc, struct dot);
void facts_drop_founding(struct facts *, struct founding *);
/* Note that a permanent founding has changed, for core/durable.h. */
void facts_note(struct facts *, struct founding *);
/* Note that a ban has changed. */
void facts_note_ban(struct facts *, struct cinc id);
struct member *facts_add_member(struct facts *, struct chan *, struct user *,
    struct dot, struct cinc);
/* Set what member_made() returns. Do nothing if the home of the user never
 * moves. */
void facts_set_made(struct member *, struct made);
void facts_set_stamp(struct member *, struct stamp);
/* Set what is shown; for the show code. */
void facts_set_status(struct facts *, struct member *, uint32_t status);
void facts_set_local_at(struct facts *, struct member *, uint32_t at);
/* Return the MOVE, or the register of a status, of a membership, and make it
 * if there is none. A new one is all zero, except that a MOVE keeps the
 * incarnation that was joined, and a status its name and incarnation. The
 * result is valid until the next such call with that membership. */
struct move *facts_get_move(struct facts *, struct member *);
struct status_reg *facts_get_stat(struct facts *, struct member *, struct cinc,
    const struct name *);
/* Merge the write of a register, whose value is copied. Return true if the
 * register has it now. */
bool facts_set_user(struct facts *, struct user *, const struct reg *,
    struct text);
bool facts_set_founding(struct facts *, struct founding *, const struct reg *,
    struct text);
void facts_drop_member(struct facts *, struct member *);
/* Add a mask with the dot, stamp, list, setter, expiry and text of like. The
 * reference to the text goes with it. */
void facts_add_mask(struct facts *, struct founding *, const struct mask *like);
void facts_drop_mask(struct facts *, struct mask *);
struct invite *facts_add_invite(struct facts *, struct founding *,
    struct user *, struct dot, struct stamp expiry);
void facts_drop_invite(struct facts *, struct invite *);
/* Return the bytes of m->more with so many status registers. */
size_t member_more_bytes(uint32_t nstat);
/* Free u->more if it holds nothing any more. */
void facts_less_of(struct facts *, struct user *);
/* Note that READY or FORGET made facts of that server void. core/voiding.h
 * drops them. why is static text: what clients are told, or empty. */
void facts_void(struct facts *, struct sid, struct span why);

void facts_dirty_user(struct facts *, struct user *);
void facts_dirty_nick(struct facts *, struct nick *);
void facts_dirty_member(struct facts *, struct member *);
void facts_dirty_chan(struct facts *, struct chan *, unsigned what);

/* Is anything marked, or waiting to be freed? */
bool facts_is_dirty(const struct facts *);

/* Frees what is gone and no longer shown. End of a step only. */
void facts_reap(struct facts *);

/* The key of a nick or a channel: the name folded, in buf. Longer names are
 * cut: they are found nowhere. */
#define FACTS_FOLD_MAX 512
struct span facts_fold(struct span, char buf[FACTS_FOLD_MAX]);

#endif
