/*
 * The rules that hold between two steps of a core. core_check returns NULL or
 * the first rule that does not hold:
 *
 *	C1  nothing is marked: all differences were shown
 *	C2  a user is shown iff the user's origin is visible, unless a slice
 *	    that shows or hides the user is still to come
 *	C3  a user who holds the claimed nick shows it, others show the uid
 *	C4  no two shown users have one nick
 *	C5  a membership is shown iff its user is, unless it is postponed;
 *	    counts are right
 *	C6  modes, status and lists shown are those of the current incarnation,
 *	    the least one among visible members; but the lists and the
 *	    statuses may be postponed, and rows that come or go may be
 *	    shown in part
 *	C7  sessions here are on the local lists of their channels
 *	C8  nothing void is among the facts
 *	C9  a connection stands in its slot; counts are right
 *	C10 members are counted by the incarnation that they stand in
 *	C11 core->losers has exactly the users of this server that have lost
 *	    their nick
 *	C12 core->losers has exactly the channels with members that this server
 *	    must move
 *	C13 the first long answer of a session has its turn in the queue of
 *	    work, unless it waits for the client to read; no other one has
 *	C14 while the network is whole and no own entry waits, this server has
 *	    one founding of its own of a name, or several that members stand in
 *	C15 a user is in the list of its home's server and in no other one, and
 *	    is counted there; users with sessions here have their home here
 *	C16 no membership has a tenure below that of its user's home and a
 *	    number above the base (link-protocol.md, 11.24)
 *	C17 each request is of the core, or of a session that is neither closing
 *	    nor gone, and stands in the queue of its kind; counts are right
 *	C18 core->lagging has exactly the sessions that slices wait for, and
 *	    EV_DRAINED was asked for each of them; slices are in the queue of
 *	    work unless they wait for such a session
 *	C19 each membership of a channel is one of its user's; chan->njoined
 *	    counts those that are not apart
 *	C20 each thing that a module remembers is of a user or a channel that
 *	    is there
 *	C21 facts->endings has exactly the masks that this server made and that
 *	    expire, in that order
 *	C22 a membership is unseen iff a +UNSEEN is among its facts; one that is
 *	    veiled is shown, unseen, and without a status
 *	C23 a batch of a client is that of a user who is not leaving; while it
 *	    is open its connection has a timer, and while it is ending its line
 *	    waits for verdicts
 *	C24 a channel is shown under the name that its incarnation has been
 *	    given, if it may be (core/show/show_chan_name.c), else under its
 *	    fact name; the place of a name has the channel that is shown by it
 *	C25 a +CNAME is live iff its incarnation is the one that is shown
 *	C26 the time of a topic that is shown is that of the registers of its
 *	    incarnation (core/facts/topic.h)
 *	C27 another server that is shown can be reached, or is in limbo; and
 *	    then the network is not whole
 *	C28 each session without a connection is held: it stands in the queue of
 *	    holds by its end, has a user whose home this is, and waits for
 *	    nothing that its client would have to read; what is kept is counted
 *	C29 a held session that is taken waits for an own entry that is not
 *	    applied yet, and so does its taker, if that is still there
 */
#include <string.h>

#include "core/facts/chan_name.h"
#include "core/facts/claim.h"
#include "core/facts/endings.h"
#include "core/facts/founding.h"
#include "core/facts/masks.h"
#include "core/facts/memory.h"
#include "core/facts/shown_list.h"
#include "core/facts/unknown.h"
#include "core/postpone_lists.h"
#include "core/overlay.h"
#include "core/postpone.h"
#include "core/sessions/hold.h"
#include "core/sessions/client_batch.h"
#include "core/sessions/lag.h"
#include "core/sessions/line.h"
#include "core/sessions/listing.h"
#include "core/sessions/request.h"
#include "core/show/losers.h"
#include "core/show/show.h"
#include "core/show/show_chan.h"
#include "core/show/show_chan_name.h"
#include "core/show/show_list.h"

/* The list has the user if it has lost its nick, and only then. */
static bool
is_noted(const struct core *c, const struct user *u)
{
	uint32_t at = user_lost_at(u);

	if (!losers_is_user(u))
		return at == 0;
	return at > 0 && at <= c->losers.nuser && c->losers.user[at - 1] == u;
}

static const char *
check_user(const struct core *c, const struct user *u)
{
	const struct home *home = user_home_reg(u);
	const struct user *holder =
	    u->claimed == NULL ? NULL : nick_holder(u->claimed);

	if (u->dirty || u->gone)
		return "C1: a user is marked";
	if (u->shown != u->visible ||
	    (u->shown != show_is_visible(c, user_home(u)) &&
		!overlay_is_behind(user_server(&c->facts, u))))
		return "C2: shown and not visible, or not shown and visible";
	if (u->thinned && !overlay_is_behind(user_server(&c->facts, u)))
		return "C2: hidden on some channels for ever";
	if (facts_is_void_of(&c->facts, u, u->dot.o) && !core_is_partial(c))
		return "C8: a user of a void origin";
	if (u->shown && u->home_here != core_is_home(c, u))
		return "C11: a user whose mark of home_here is wrong";
	if (sid_cmp(user_counted(u), user_home(u).sid) != 0 ||
	    (!LIST_EMPTY(&u->sessions) && !core_is_home(c, u)))
		return "C15: not at its home";
	if (home != NULL && TAILQ_EMPTY(&c->installs) &&
	    home->judged != home->write.tenure)
		return "C15: a home that does not judge by its tenure";
	if (holder != NULL && holder->claimed != u->claimed)
		return "C4: a nick held by a user who does not claim it";
	if (!is_noted(c, u))
		return "C11: a user wrongly listed as a loser, or not";
	if (!u->shown)
		return NULL;
	if (!span_eq(user_nick(u),
		holder == u ? user_claim_nick(u) : uid_span(&u->uid)))
		return "C3: not the nick it should show";
	if (holder == u && nick_shown_by(u->claimed) != u)
		return "C4: a nick shown by somebody else";
	return NULL;
}

static bool
is_beyond(const struct member *m)
{
	const struct home *h = user_home_reg(m->user);
	struct made made = member_made(m);

	return h != NULL && made.tenure < h->write.tenure && made.c > h->base;
}

static const char *
check_member(const struct core *c, const struct chan *ch,
    const struct member *m, uint32_t *nlocal)
{
	if (m->dirty || m->gone || m->comes)
		return "C1: a membership is marked";
	if (m->unseen != (unknown_unseen(&c->facts, m, NULL) != NULL))
		return "C22: a membership that is unseen without a fact, or "
		       "not";
	if (m->veiled && (!m->shown || !m->unseen || member_status(m) != 0))
		return "C22: a membership that is veiled without a reason";
	if (facts_find_member(ch, m->user) != m)
		return "C19: a membership that its user does not have";
	if (m->shown != (m->user->shown && !m->postponed))
		return "C5: a membership shown without its user, or not";
	if (m->postponed &&
	    (!m->user->visible || (!postpone_any(c) && !m->user->thinned)))
		return "C5: a membership that is postponed for ever";
	if (facts_is_void_of(&c->facts, m->user, m->dot.o) &&
	    !core_is_partial(c))
		return "C8: a membership of a void origin";
	if (is_beyond(m))
		return "C16: a membership beyond the base of a HOME";
	if (!m->shown)
		return NULL;
	if (!ch->statuses_postponed &&
	    ((member_status(m) ^ member_status_in(m, ch->current)) &
		~c->rows.changing.statuses) != 0)
		return "C6: not the status of the current incarnation";
	if (member_local_at(m) != 0) {
		++*nlocal;
		if (member_local_at(m) > ch->nlocal ||
		    ch->local[member_local_at(m) - 1] != m)
			return "C7: not where it is on the local list";
	} else if (!LIST_EMPTY(&m->user->sessions))
		return "C7: sessions that the channel does not know";
	return NULL;
}

/* Return true if the masks that this server must remove are in their order. */
static bool
endings_agree(const struct facts *f)
{
	const struct mask *m, *last = NULL;
	size_t n = 0;

	for (size_t i = 0; (m = map_next(&f->masks, &i)) != NULL;)
		n += m->expiry.ms != 0 && sid_cmp(m->dot.o.sid, f->self) == 0;
	for (m = endings_first(f); m != NULL; m = endings_next(m)) {
		if (last != NULL && last->expiry.ms > m->expiry.ms)
			return false;
		last = m;
		n--;
	}
	return n == 0;
}

/* Return true if the masks shown are exactly those of the incarnation. */
static bool
lists_agree(const struct facts *f, const struct chan *ch, uint64_t changing)
{
	const struct mask *m;
	const struct shown_mask *s;

	for (unsigned l = 0; l < f->tables->nchan_mode; l++)
		for (s = shown_first(ch, l);
		     s != NULL && (changing >> l & 1) == 0; s = shown_next(s)) {
			m = mask_oldest(ch->current, list_name(f, l),
			    mask_of(s->text));
			if (m == NULL || m->text != s->text ||
			    s->expiry.ms != mask_end(m).ms)
				return false;
		}
	for (m = mask_first(ch->current); m != NULL; m = mask_next(m))
		if (m->list->chan_list != CM_NONE && show_mask_fits(m) &&
		    (changing >> m->list->chan_list & 1) == 0 &&
		    shown_find(ch, m->list->chan_list, mask_of(m->text)) ==
			NULL)
			return false;
	return true;
}

static bool
values_agree(const struct facts *f, const struct chan *ch, uint64_t modes,
    uint64_t changing)
{
	const struct tables *t = f->tables;
	uint32_t n = 0;

	for (unsigned m = 0; m < t->nchan_mode; m++) {
		if (changing >> m & 1)
			n += chan_value(ch, m) != NULL;
		if (chan_mode_row(t, m)->type != MODE_VALUE ||
		    ((modes & ~changing) >> m & 1) == 0)
			continue;
		if (chan_value(ch, m) != show_value(f, ch->current, m))
			return false;
		n++;
	}
	return n == ch->nvalue;
}

static const char *
check_modes(const struct core *c, const struct chan *ch)
{
	const struct facts *f = &c->facts;
	struct shown_regs x = show_regs(f, ch->current);
	uint64_t changing = c->rows.changing.chan_modes;

	if (((ch->modes ^ x.modes) & ~changing) != 0 ||
	    !values_agree(f, ch, x.modes, changing))
		return "C6: modes shown are not those of the incarnation";
	if (ch->topic != x.topic)
		return "C6: a topic shown that is not the incarnation's";
	if (ch->topic != NULL && ch->topic_stamp.ms != x.topic_stamp.ms)
		return "C26: a topic shown with another time than it has";
	if (ch->current != NULL && !ch->lists_postponed &&
	    !lists_agree(f, ch, changing))
		return "C6: lists shown are not those of the incarnation";
	return NULL;
}

static bool
counts_agree(const struct core *c, const uint32_t *counted,
    const struct status_counts *with)
{
	for (unsigned i = 0; i < c->tables.nstatus; i++)
		if (counted[i] !=
		    (with == NULL || i >= with->n ? 0 : with->of[i]))
			return false;
	return true;
}

/* Return true if the members of each server are counted, and no server is left
 * out. */
static bool
servers_agree(const struct core *c, const struct chan *ch)
{
	const struct member *m;
	uint32_t counted = 0, remote = 0;

	for (uint32_t i = 0; i < ch->nserver; i++) {
		uint32_t with[ST_NONE] = { 0 };
		struct chan_server s = { .sid = ch->server[i].sid };

		TAILQ_FOREACH(m, &ch->members, chan_link)
			if (m->shown && member_local_at(m) == 0 &&
			    sid_cmp(user_home(m->user).sid, s.sid) == 0) {
				s.n++;
				if (member_status(m) != 0)
					with[status_highest(&c->tables,
					    member_status(m))]++;
			}
		if (s.n == 0 || s.n != ch->server[i].n ||
		    !counts_agree(c, with, ch->server[i].with))
			return false;
		counted += s.n;
	}
	TAILQ_FOREACH(m, &ch->members, chan_link)
		remote += m->shown && member_local_at(m) == 0 &&
			  sid_cmp(user_home(m->user).sid, c->self.sid) != 0;
	return counted == remote;
}

/* Members are counted where they stand, in a founding or not. */
static bool
is_counted(const struct chan *ch, struct cinc cinc)
{
	const struct stood n = founding_stood(ch, cinc);
	const struct member *m;
	struct stood want = { 0 };

	TAILQ_FOREACH(m, &ch->members, chan_link)
		if (cinc_cmp(member_cinc(m), cinc) == 0) {
			want.all++;
			want.visible += member_is_visible(m);
			want.movable +=
			    member_is_visible(m) && founding_can_move(m);
		}
	return memcmp(&n, &want, sizeof(n)) == 0;
}

/* Return true if the foundings are in order and founding_find finds each of
 * them. */
static bool
foundings_agree(const struct core *c, const struct chan *ch)
{
	const struct founding *g, *before = NULL, *live = NULL, *idle = NULL;
	struct cinc cinc = { .stamp = { 0 } };
	const struct member *m;
	uint32_t nfounded = 0, nidle = 0, nmovable = 0;
	bool own;

	for (g = founding_first(ch); g != NULL; g = founding_next(g)) {
		if (g->gone || g->chan != ch || !is_counted(ch, g->cinc) ||
		    (before != NULL && cinc_cmp(before->cinc, g->cinc) >= 0))
			return false;
		own = sid_cmp(g->cinc.sid, c->self.sid) == 0;
		nfounded += own;
		own = own && g->n.all == 0 && !g->permanent;
		nidle += own;
		if (own)
			idle = g;
		if (live == NULL && (g->n.visible > 0 || g->permanent))
			live = g;
		before = g;
	}
	/* Members mostly stand in the same incarnation as the member before,
	 * which has been counted. */
	TAILQ_FOREACH(m, &ch->members, chan_link) {
		nmovable += member_is_visible(m) && founding_can_move(m);
		if (cinc_cmp(member_cinc(m), cinc) == 0)
			continue;
		cinc = member_cinc(m);
		if (!is_counted(ch, cinc))
			return false;
	}
	return live == founding_first_live(ch) &&
	       idle == founding_last_idle(ch) && nfounded == ch->nfounded &&
	       nidle == ch->nidle && nmovable == ch->nmovable;
}

/* C13 */
static const char *
check_surplus(const struct core *c, const struct chan *ch)
{
	const struct facts *f = &c->facts;
	bool is = ch->nfounded >= 2 && ch->nidle > 0;

	if (is != (ch->surplus_at != 0) ||
	    (is && f->surplus[ch->surplus_at - 1] != ch))
		return "C14: not where it is on the list of surplus";
	if (is && c->ready && core_is_whole(c) && c->applied_n == c->last_n)
		return "C14: a founding of this server that nobody needs";
	return NULL;
}

/* The list has the channel if a member must move, and only then. */
static bool
is_split_noted(const struct core *c, const struct chan *ch)
{
	const struct member *m;
	bool split = false;

	TAILQ_FOREACH(m, &ch->members, chan_link)
		split |= losers_is_member(m);
	if (!split)
		return ch->lost_at == 0;
	return ch->lost_at > 0 && ch->lost_at <= c->losers.nchan &&
	       c->losers.chan[ch->lost_at - 1] == ch;
}

static const char *
check_name(const struct facts *f, const struct chan *ch)
{
	const struct cname *x = show_name_wanted(f, ch);
	const struct cname_place *p = cname_place(f, rcbuf_span(ch->name));
	bool renamed = x != NULL && x->place != NULL;

	if (!span_eq(rcbuf_span(ch->name),
		x != NULL ? x->name : chan_name_fact(ch)))
		return "C24: not the name of the incarnation";
	if (ch->renamed != renamed || (renamed && p->holder != ch) ||
	    (!renamed && p != NULL && p->holder != NULL))
		return "C24: a name that another channel is shown by";
	return NULL;
}

static const char *
check_live(const struct facts *f, const struct chan *ch)
{
	const struct founding *g = founding_first(ch);
	const struct cname *x;

	for (; g != NULL; g = founding_next(g)) {
		x = cname_of(f, g);
		if (x != NULL && x->place != NULL &&
		    x->is_live != (ch->current == g))
			return "C25: a name that is not live, or wrongly";
	}
	return NULL;
}

static const char *
check_chan(const struct core *c, const struct chan *ch)
{
	const struct member *m;
	const char *why;
	uint32_t n = 0, shown = 0, veiled = 0, nlocal = 0, joined = 0;

	if (ch->dirty)
		return "C1: a channel is marked";
	if ((ch->lists_postponed || ch->statuses_postponed) &&
	    !postpone_lists_any(c))
		return "C6: lists that are postponed for ever";
	TAILQ_FOREACH(m, &ch->members, chan_link) {
		if ((why = check_member(c, ch, m, &nlocal)) != NULL)
			return why;
		n++;
		shown += m->shown;
		veiled += m->veiled;
		joined += !m->apart;
	}
	if (joined != ch->njoined)
		return "C19: members that joined one incarnation miscounted";
	if (n != ch->nmembers || shown != ch->nshown || veiled != ch->nveiled ||
	    nlocal != ch->nlocal)
		return "C5: members miscounted";
	if (!servers_agree(c, ch))
		return "C5: members of other servers miscounted";
	if (!foundings_agree(c, ch))
		return "C10: members of incarnations miscounted";
	if ((why = check_surplus(c, ch)) != NULL)
		return why;
	if (chan_is_shown(ch) && ch->current != show_current(ch))
		return "C6: not the current incarnation";
	if (shown == 0 && (ch->current != NULL) != chan_is_shown(ch))
		return "C6: an incarnation of a channel that is not shown";
	if (!chan_is_shown(ch) && ch->modes != 0)
		return "C6: modes of a channel nobody is shown on";
	if (!is_split_noted(c, ch))
		return "C12: a channel wrongly listed as a loser, or "
		       "not";
	if ((why = check_live(&c->facts, ch)) != NULL)
		return why;
	if (chan_is_shown(ch) && (why = check_name(&c->facts, ch)) != NULL)
		return why;
	return chan_is_shown(ch) ? check_modes(c, ch) : NULL;
}

static const char *
check_servers(const struct facts *f)
{
	const struct server *s;
	const struct user *u;
	size_t listed = 0;
	uint32_t n;

	for (size_t i = 0; (s = map_next(&f->servers, &i)) != NULL;) {
		n = 0;
		for (size_t k = 0; (u = map_next(&f->users, &k)) != NULL;)
			n += u->shown && sid_cmp(user_home(u).sid, s->sid) == 0;
		if (n != s->nusers)
			return "C5: users of a server miscounted";
		TAILQ_FOREACH(u, &s->users, home_link) {
			if (sid_cmp(user_home(u).sid, s->sid) != 0)
				return "C15: in the list of another server";
			listed++;
		}
	}
	return listed == map_count(&f->users) ? NULL : "C15: a user in no list";
}

static const char *
check_limbo(const struct core *c)
{
	const struct server *s;

	for (size_t i = 0; (s = map_next(&c->facts.servers, &i)) != NULL;) {
		if (sid_cmp(s->sid, c->self.sid) == 0)
			continue;
		if (s->limbo && s->visible == 0)
			return "C27: a server that is hidden is in limbo";
		if (s->limbo && c->whole)
			return "C27: whole, and a server is in limbo";
		if (s->visible != 0 && !s->reachable && !s->limbo)
			return "C27: a server is shown that is out of reach";
	}
	return NULL;
}

static const char *
check_client_batches(const struct core *c)
{
	const struct client_batch *b;
	const struct conn *x;

	for (uint32_t i = 0; (x = core_next_conn(c, &i)) != NULL;) {
		b = session_more(x->session)->batch;
		if (b == NULL)
			continue;
		if (x->closing || x->session->user == NULL)
			return "C23: a batch of nobody";
		if (b->phase == CLIENT_BATCH_OPEN && x->timer_place == 0)
			return "C23: a batch that may be open for ever";
		if (b->phase == CLIENT_BATCH_ENDING &&
		    session_more(x->session)->judgement == NULL)
			return "C23: a batch that ends for ever";
	}
	return NULL;
}

static const char *
check_conns(const struct core *c)
{
	const struct conn *x;
	size_t n = 0;

	for (uint32_t i = 0; (x = core_next_conn(c, &i)) != NULL; n++)
		if (x->id.slot != i - 1 || x->session->conn != x)
			return "C9: not the connection of its slot";
	return n == c->nconn ? NULL : "C9: connections miscounted";
}

static const char *
check_users(const struct core *c)
{
	const struct user *u;
	const char *why;
	size_t shown = 0, lost = 0;

	for (size_t i = 0; (u = map_next(&c->facts.users, &i)) != NULL;) {
		if ((why = check_user(c, u)) != NULL)
			return why;
		shown += u->shown;
		lost += user_lost_at(u) != 0;
	}
	if (shown != c->facts.nshown)
		return "C5: users miscounted";
	return lost == c->losers.nuser ? NULL
				       : "C11: a loser that is not a user";
}

static const char *
check_chans(const struct core *c)
{
	const struct chan *ch;
	const char *why;
	size_t split = 0;

	for (size_t i = 0; (ch = map_next(&c->facts.chans, &i)) != NULL;) {
		if ((why = check_chan(c, ch)) != NULL)
			return why;
		split += ch->lost_at != 0;
	}
	return split == c->losers.nchan ? NULL
					: "C12: a loser that is not a channel";
}

static const char *
check_listings(const struct core *c)
{
	const struct listing *l;
	const struct session *s;
	const struct conn *x;
	bool has_turn;

	for (uint32_t i = 0; (x = core_next_conn(c, &i)) != NULL;) {
		s = x->session;
		has_turn = !s->draining;
		for (l = s->listing; l != NULL; l = l->next) {
			if (work_is_queued(&l->item) != has_turn)
				return "C13: a long answer out of turn";
			has_turn = false;
		}
	}
	return NULL;
}

static const char *
check_lag(const struct core *c)
{
	const struct conn *x;
	const struct session *s;
	const struct lag *lag;
	size_t n = 0, listed = 0;

	for (uint32_t i = 0; (x = core_next_conn(c, &i)) != NULL;) {
		s = x->session;
		if (s->lag == NULL)
			continue;
		if (!s->draining || x->closing)
			return "C18: a session lags, and nobody asked it";
		n += !s->lag->overdue;
	}
	TAILQ_FOREACH(lag, &c->lagging.awaited, link)
		listed += !lag->overdue;
	if (n != c->lagging.n || listed != n)
		return "C18: sessions that lag miscounted";
	if (!lag_holds(c) && !TAILQ_EMPTY(&c->flips) &&
	    !work_is_queued(&c->overlay_item))
		return "C18: slices that wait for nothing";
	if (!lag_holds(c) && postpone_any(c) &&
	    !work_is_queued(&c->postpone_item))
		return "C18: postponed memberships that wait for nothing";
	if (!lag_holds(c) && postpone_lists_any(c) &&
	    !work_is_queued(&c->lists_item))
		return "C18: postponed lists that wait for nothing";
	if (!lag_holds(c) && c->rows.phase != ROWS_REST &&
	    !postpone_lists_any(c) && !work_is_queued(&c->rows.item))
		return "C18: rows that wait for nothing";
	if (!lag_holds(c) && c->facts.voids.any && TAILQ_EMPTY(&c->installs) &&
	    !work_is_queued(&c->void_item))
		return "C18: void facts that wait for nothing";
	return NULL;
}

/* Return how many users, channels or servers the row has a block for. n: its
 * blocks; those of nicks may be as many as the row allows. */
static size_t
count_remembered(const struct facts *f, const struct memory_row *row, size_t n)
{
	const struct user *u;
	const struct chan *ch;

	if (row->of == MEMORY_NICK)
		return n < row->most ? n : row->most;
	n = 0;
	switch (row->of) {
	case MEMORY_USER:
		for (size_t i = 0; (u = map_next(&f->users, &i)) != NULL;)
			n += memory_find_user(f, row, u) != NULL;
		break;
	case MEMORY_CHAN:
		for (size_t i = 0; (ch = map_next(&f->chans, &i)) != NULL;)
			n += memory_find_chan(f, row, ch) != NULL;
		break;
	case MEMORY_SERVER:
		n = memory_find_server(f, row) != NULL;
		break;
	case MEMORY_NICK:
		break;
	}
	return n;
}

static const char *
check_memory(const struct facts *f)
{
	const struct memory_row *row;
	size_t n;

	for (unsigned i = 0; i < MEMORY_MAX; i++) {
		n = memory_count(f, i);
		row = i < f->tables->nmemory ? f->tables->memory[i] : NULL;
		if (n != (row == NULL ? 0 : count_remembered(f, row, n)))
			return "C20: something is remembered of nothing";
	}
	return NULL;
}

const char *
core_check(const struct core *c, struct arena *arena)
{
	const struct facts *f = &c->facts;
	const char *why = NULL;

	(void)arena;
	if (c->self.inc == 0)
		return NULL;
	if (f->dirty_users.n > 0 || f->dirty_nicks.n > 0 ||
	    f->dirty_chans.n > 0 || f->dirty_members.n > 0)
		return "C1: something is marked";
	if ((why = check_users(c)) != NULL ||
	    (why = check_servers(f)) != NULL ||
	    (why = check_limbo(c)) != NULL || (why = check_conns(c)) != NULL ||
	    (why = hold_check(c)) != NULL ||
	    (why = check_client_batches(c)) != NULL ||
	    (why = check_listings(c)) != NULL || (why = check_lag(c)) != NULL ||
	    (why = request_check(c)) != NULL || (why = check_memory(f)) != NULL)
		return why;
	if (!endings_agree(f))
		return "C21: a mask that expires, and is not in its order";
	return check_chans(c);
}
