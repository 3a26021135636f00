/*
 * The order of a step (doc/decisions/0003):
 *
 *   0  find which users are visible, and who holds which nick
 *   1  PART and KICK of users who stay, QUIT of users who do not
 *   2  NICK: first all users who fall to their uid, then those whose target is
 *      free; RENAME of channels whose name is that of a channel that comes
 *   3  JOIN of new users with their AWAY; AWAY of other users
 *   4  MODE: `-` before `+`, status, modes, lists; TOPIC; RENAME
 *   5  topic and names to users who joined; own modes to users themselves
 *
 * Users are compared by uid, never by dot: the same user in the same channel
 * before and after the step gives no line. The shown state changes as the lines
 * go out, so a line goes to those who share a channel at that moment of the
 * sequence.
 *
 * A batch netsplit holds the QUITs of users who are hidden, and nothing else: a
 * client may fold it into one line. A batch netjoin begins with 3 and goes on
 * to the end, for JOIN, AWAY and MODE (IRCv3 netsplit, "Servers MAY include
 * additional data … relevant to the state of joined or split clients").
 *
 * Only marked objects are looked at; the functions that change facts mark them.
 */
#include "core/show/show.h"

#include "core/answers/chan_info.h"
#include "core/facts/claim.h"
#include "core/facts/facts_write.h"
#include "core/sessions/batch.h"
#include "core/show/losers.h"
#include "core/show/show_chan.h"
#include "core/show/show_chan_name.h"
#include "core/show/show_member.h"
#include "core/show/show_nick.h"
#include "core/show/show_user.h"
#include "core/facts/founding.h"
#include "core/facts/membership.h"

bool
show_is_visible(const struct core *c, struct origin o)
{
	const struct server *s;

	if (origin_cmp(o, c->self) == 0)
		return true;
	s = facts_find_server(&c->facts, o.sid);
	return s != NULL && o.inc != 0 && s->visible == o.inc;
}

/*
 * Return true if a user on very many channels has to wait for a slice, which
 * shows or hides the user on some of them first (core/postpone.h). Such a user
 * may be marked for another reason.
 */
static bool
waits(const struct step *st, const struct user *u, bool visible)
{
	if (u->gone || visible == u->visible ||
	    core_mutated(st->facts, HIDE_AT_ONCE) ||
	    !user_server(st->facts, u)->flips)
		return false;
	return visible ? u->nmembers > POSTPONE_ABOVE && !u->chosen
		       : u->nshown > POSTPONE_ABOVE;
}

static void
find_visible(struct step *st)
{
	struct user *u;
	struct member *m;
	bool visible, home_here;

	for (size_t i = 0;
	     (u = facts_dirty_user_next(st->facts, &i)) != NULL;) {
		show_user_moved(st, u);
		visible = !u->gone && show_is_visible(st->core, user_home(u));
		if (waits(st, u, visible))
			visible = u->visible;
		home_here = core_is_home(st->core, u);
		if (visible == u->visible && home_here == u->home_here)
			continue;
		if (core_mutated(st->facts, SHOW_ALL))
			st->facts->visits += map_count(&st->facts->users);
		if (u->claimed != NULL)
			facts_dirty_nick(st->facts, u->claimed);
		for (struct stays it = stays_of(u);
		     (m = stays_next(&it)) != NULL;)
			if (!m->postponed)
				founding_leave(st->facts, m);
		u->home_here = home_here;
		claim_leave(st->facts, u);
		u->visible = visible;
		claim_enter(st->facts, u);
		for (struct stays it = stays_of(u);
		     (m = stays_next(&it)) != NULL;) {
			if (m->postponed) {
				m->postponed = visible;
				continue;
			}
			st->facts->visits++;
			founding_enter(st->facts, m);
			facts_dirty_member(st->facts, m);
		}
		u->thinned = u->chosen = false;
	}
}

/* QUIT of the hidden; the batch netsplit, if it is open, ends with them. The
 * batch of users who are void begins here, since others may PART in the same
 * step. */
static void
show_hidden(struct step *st)
{
	if (st->netsplit.n > 0)
		batch_begin(st, st->netsplit);
	show_quits(st);
	if (st->batch.ref.n > 0)
		batch_end(st);
}

/* Begin the batch netjoin if users have come back with their servers. */
static void
begin_netjoin(struct step *st)
{
	if (st->netjoin.n > 0)
		batch_begin(st, st->netjoin);
}

void
show_step(struct step *st)
{
	bool join_first = core_mutated(st->facts, JOIN_FIRST);
	bool quit_last = core_mutated(st->facts, QUIT_LAST);
	bool mode_first = core_mutated(st->facts, MODE_FIRST);

	if (!facts_is_dirty(st->facts))
		return;
	find_visible(st);
	show_nick_holders(st);
	if (mode_first)
		show_chans(st);
	show_parts(st);
	if (!quit_last)
		show_hidden(st);
	if (!join_first)
		show_nicks(st);
	show_names_free(st);
	begin_netjoin(st);
	show_users(st);
	show_joins(st);
	if (join_first)
		show_nicks(st);
	if (quit_last)
		show_hidden(st);
	if (!mode_first)
		show_chans(st);
	show_names(st);
	show_own_joins(st);
	show_user_modes(st);
	losers_note(st);
	facts_reap(st->facts);
}

void
show_fini(struct facts *f)
{
	struct chan *c;

	for (size_t i = 0; (c = map_next(&f->chans, &i)) != NULL;) {
		show_chan_clear(c);
		show_name_end(f, c);
		c->nshown = 0;
		names_cache_drop(c);
	}
}
