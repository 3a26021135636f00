/*
 * The visible user with the least claim holds a nick and is shown by it; a user
 * who does not hold the claimed nick is shown by the uid
 * (doc/link-protocol.md, 9).
 *
 * nick.holder is the user who shall be shown by the nick, nick.shown_by the
 * user whom clients know by it. The lines go from the second to the first; two
 * users are never shown by one nick.
 */
#include "core/show/show_nick.h"

#include "core/facts/claim.h"
#include "core/facts/facts_write.h"
#include "core/facts/membership.h"
#include "core/answers/chan_info.h"
#include "core/show/change.h"

/* A mutation lets the user who holds a nick keep it. */
static bool
sticks(const struct step *st, const struct nick *n)
{
	const struct user *holder = nick_holder(n);

	return core_mutated(st->facts, NICK_STICKY) && holder != NULL &&
	       holder->visible && holder->claimed == n;
}

void
show_nick_holders(struct step *st)
{
	struct user *before, *holder;
	struct nick *n;

	for (size_t i = 0;
	     (n = facts_dirty_nick_next(st->facts, &i)) != NULL;) {
		st->facts->visits++;
		if (sticks(st, n))
			continue;
		before = nick_holder(n);
		holder = claim_least(n);
		if (before == holder)
			continue;
		claim_set_holder(st->facts, n, holder);
		if (before != NULL)
			facts_dirty_user(st->facts, before);
		if (holder != NULL)
			facts_dirty_user(st->facts, holder);
	}
}

/* Return the nick that a visible user shall show, or NULL for the uid. */
static struct nick *
wanted(const struct user *u)
{
	return u->claimed != NULL && nick_holder(u->claimed) == u ? u->claimed
								  : NULL;
}

static struct span
wanted_text(const struct user *u)
{
	return wanted(u) != NULL ? user_claim_nick(u) : uid_span(&u->uid);
}

static enum shown_as
wanted_as(const struct user *u)
{
	return wanted(u) != NULL ? SHOWN_CLAIM : SHOWN_UID;
}

void
show_names_changed(struct facts *f, const struct user *u)
{
	struct member *m;

	if (u->nshown > POSTPONE_ABOVE) {
		f->renames++;
		return;
	}
	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;)
		if (m->shown)
			names_cache_drop(m->chan);
}

static void
set_nick(struct facts *f, struct user *u, enum shown_as as)
{
	facts_show_as(f, u, as);
	show_names_changed(f, u);
}

void
show_nick_begin(struct facts *f, struct user *u)
{
	set_nick(f, u, wanted_as(u));
}

void
show_nick_end(struct facts *f, struct user *u)
{
	set_nick(f, u, SHOWN_NOT);
}

static void
change_nick(struct step *st, struct user *u, enum shown_as as)
{
	change_emit(st, &(struct change){ .kind = CHANGE_NICK,
			    .user = u,
			    .by = by_user(u->uid),
			    .text = as == SHOWN_CLAIM ? user_claim_nick(u)
						      : uid_span(&u->uid) });
	set_nick(st->facts, u, as);
}

static bool
wants_other_nick(const struct user *u)
{
	return u->shown && u->visible && !span_eq(user_nick(u), wanted_text(u));
}

/*
 * Show the user by the nick it shall have, if no other user is shown by it any
 * more. Then do the same for the user that waits for the nick that this one
 * had, and so on: a chain of any length costs one look at each user.
 */
static void
follow(struct step *st, struct user *u)
{
	struct nick *n, *left;

	for (; u != NULL && wants_other_nick(u);
	     u = left == NULL ? NULL : nick_holder(left)) {
		st->facts->visits++;
		n = wanted(u);
		left = user_shown_nick(u);
		if (n == NULL ||
		    (nick_shown_by(n) != NULL && nick_shown_by(n) != u &&
			!core_mutated(st->facts, NICK_NO_WAIT)))
			return;
		change_nick(st, u, SHOWN_CLAIM);
	}
}

void
show_nicks(struct step *st)
{
	const struct facts *f = st->facts;
	struct nick *left;
	struct user *u;

	/* no line if the home has claimed the uid that is shown already */
	for (size_t i = 0; (u = facts_dirty_user_next(f, &i)) != NULL;)
		if (u->shown && u->visible && !wants_other_nick(u) &&
		    user_shown_nick(u) != wanted(u))
			set_nick(st->facts, u, wanted_as(u));
	for (size_t i = 0; (u = facts_dirty_user_next(f, &i)) != NULL;)
		if (wants_other_nick(u) && wanted(u) == NULL)
			change_nick(st, u, SHOWN_UID);
	for (size_t i = 0; (u = facts_dirty_user_next(f, &i)) != NULL;)
		follow(st, u);
	/* Users exchange nicks: one of them shows the uid first. */
	for (size_t i = 0; (u = facts_dirty_user_next(f, &i)) != NULL;) {
		if (!wants_other_nick(u))
			continue;
		left = user_shown_nick(u);
		change_nick(st, u, SHOWN_UID);
		if (left != NULL)
			follow(st, nick_holder(left));
		follow(st, u);
	}
}
