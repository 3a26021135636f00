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
	return core_mutated(st->facts, NICK_STICKY) && n->holder != NULL &&
	       n->holder->visible && n->holder->claimed == n;
}

void
show_nick_holders(struct step *st)
{
	struct user *before;
	struct nick *n;

	for (size_t i = 0;
	     (n = facts_dirty_nick_next(st->facts, &i)) != NULL;) {
		st->facts->visits++;
		if (sticks(st, n))
			continue;
		before = n->holder;
		n->holder = claim_least(n);
		if (before == n->holder)
			continue;
		if (before != NULL)
			facts_dirty_user(st->facts, before);
		if (n->holder != NULL)
			facts_dirty_user(st->facts, n->holder);
	}
}

/* Return the nick that a visible user shall show, or NULL for the uid. */
static struct nick *
wanted(const struct user *u)
{
	return u->claimed != NULL && u->claimed->holder == u ? u->claimed
							     : NULL;
}

static struct span
wanted_text(const struct user *u)
{
	return wanted(u) != NULL ? rcbuf_span(u->claim_nick)
				 : uid_span(&u->uid);
}

static void
set_nick(struct user *u, struct nick *n, struct span text)
{
	struct member *m;

	if (u->shown_nick != NULL && u->shown_nick->shown_by == u)
		u->shown_nick->shown_by = NULL;
	u->shown_nick = n;
	if (n != NULL)
		n->shown_by = u;
	rcbuf_unref(u->nick);
	u->nick = text.p == NULL ? NULL
		  : n != NULL	 ? rcbuf_ref(u->claim_nick)
				 : rcbuf_new(text);
	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;)
		if (m->shown)
			names_cache_drop(m->chan);
}

void
show_nick_begin(struct user *u)
{
	set_nick(u, wanted(u), wanted_text(u));
}

void
show_nick_end(struct user *u)
{
	set_nick(u, NULL, SPAN_NONE);
}

static void
change_nick(struct step *st, struct user *u, struct nick *n, struct span text)
{
	change_emit(st, &(struct change){ .kind = CHANGE_NICK,
			    .user = u,
			    .by = by_user(u->uid),
			    .text = text });
	set_nick(u, n, text);
}

static bool
wants_other_nick(const struct user *u)
{
	return u->shown && u->visible &&
	       !span_eq(rcbuf_span(u->nick), wanted_text(u));
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
	     u = left == NULL ? NULL : left->holder) {
		st->facts->visits++;
		n = wanted(u);
		left = u->shown_nick;
		if (n == NULL || (n->shown_by != NULL && n->shown_by != u &&
				     !core_mutated(st->facts, NICK_NO_WAIT)))
			return;
		change_nick(st, u, n, wanted_text(u));
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
		    u->shown_nick != wanted(u))
			set_nick(u, wanted(u), wanted_text(u));
	for (size_t i = 0; (u = facts_dirty_user_next(f, &i)) != NULL;)
		if (wants_other_nick(u) && wanted(u) == NULL)
			change_nick(st, u, NULL, uid_span(&u->uid));
	for (size_t i = 0; (u = facts_dirty_user_next(f, &i)) != NULL;)
		follow(st, u);
	/* Users exchange nicks: one of them shows the uid first. */
	for (size_t i = 0; (u = facts_dirty_user_next(f, &i)) != NULL;) {
		if (!wants_other_nick(u))
			continue;
		left = u->shown_nick;
		change_nick(st, u, NULL, uid_span(&u->uid));
		if (left != NULL)
			follow(st, left->holder);
		follow(st, u);
	}
}
