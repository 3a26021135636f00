/*
 * Nothing here decides anything: merges call these functions, and each leaves
 * marks of what may look different now, so that show.c need not look at the
 * rest.
 *
 * A dropped object leaves all lists that facts are read by, but keeps its
 * memory and its shown state until facts_reap: clients still have to be told
 * of its end, and pointers of the running step stay good.
 */
#include "core/facts/facts_write.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "core/facts/claim.h"
#include "core/facts/cname.h"
#include "core/facts/endings.h"
#include "core/facts/founding.h"
#include "core/facts/invites.h"
#include "core/facts/masks.h"
#include "core/facts/membership.h"
#include "core/facts/row_names.h"
#include "core/facts/unknown.h"
#include "core/facts/walk.h"
#include "wire/casemap.h"

/* ---- marks ------------------------------------------------------------- */

static void
mark(struct marks *d, void *object)
{
	if (d->n == d->cap)
		d->v = mem_grow(d->v, &d->cap, 16, sizeof(d->v[0]));
	d->v[d->n++] = object;
}

void
facts_dirty_user(struct facts *f, struct user *u)
{
	if (u->dirty)
		return;
	u->dirty = true;
	mark(&f->dirty_users, u);
}

void
facts_dirty_nick(struct facts *f, struct nick *n)
{
	if (n->dirty)
		return;
	n->dirty = true;
	mark(&f->dirty_nicks, n);
}

void
facts_dirty_chan(struct facts *f, struct chan *c, unsigned what)
{
	c->dirty_what |= what & CHAN_ANY;
	if (c->dirty)
		return;
	c->dirty = true;
	mark(&f->dirty_chans, c);
}

void
facts_dirty_member(struct facts *f, struct member *m)
{
	facts_dirty_chan(f, m->chan, 0);
	if (m->dirty)
		return;
	m->dirty = true;
	mark(&f->dirty_members, m);
}

bool
facts_is_dirty(const struct facts *f)
{
	return f->dirty_users.n > 0 || f->dirty_nicks.n > 0 ||
	       f->dirty_chans.n > 0 || f->dirty_members.n > 0 ||
	       f->dead_foundings.n > 0;
}

/* Users and memberships keep 48 bits of a stamp. */
#define STAMP_BITS ((UINT64_C(1) << 48) - 1)
_Static_assert((uint64_t)STAMP_MAX <= STAMP_BITS, "a stamp has 48 bits");

/* ---- names and servers -------------------------------------------------- */

const struct name *
facts_intern(struct facts *f, struct span text)
{
	struct name *n = map_find(&f->field_names, text);

	if (n != NULL)
		return n;
	n = pool_take(&f->name_pool);
	if (f->nnumbered == f->capnumbered)
		f->numbered = mem_grow32(f->numbered, &f->capnumbered, 32,
		    sizeof(struct name *));
	n->number = f->nnumbered;
	f->numbered[f->nnumbered++] = n;
	n->text = rcbuf_new(text);
	n->on = rcbuf_new(SPAN("1"));
	f->foreign += sizeof(*n) + text.n;
	row_names_set(f, n);
	map_put(&f->field_names, n);
	return n;
}

struct server *
facts_server(struct facts *f, struct sid sid)
{
	struct server *s = facts_find_server(f, sid);

	if (s == NULL) {
		s = pool_take(&f->server_pool);
		s->sid = sid;
		s->name = rcbuf_new(sid_span(&sid));
		s->description = rcbuf_new(SPAN_NONE);
		TAILQ_INIT(&s->users);
		map_put(&f->servers, s);
	}
	return s;
}

/* ---- users ------------------------------------------------------------- */

static struct user_more *
more_of(struct facts *f, struct user *u)
{
	if (u->more == NULL)
		u->more = blocks_take_zero(&f->blocks, sizeof(*u->more));
	return u->more;
}

void
facts_less_of(struct facts *f, struct user *u)
{
	static const struct user_more nothing;

	if (u->more == NULL || memcmp(u->more, &nothing, sizeof(nothing)) != 0)
		return;
	blocks_give(&f->blocks, u->more, sizeof(*u->more));
	u->more = NULL;
}

static void
enter_server(struct facts *f, struct user *u)
{
	struct server *s = facts_server(f, user_home(u).sid);

	TAILQ_INSERT_TAIL(&s->users, u, home_link);
}

static void
leave_server(struct facts *f, struct user *u)
{
	struct server *s = user_server(f, u);

	if (s->flip_next == u)
		s->flip_next = TAILQ_NEXT(u, home_link);
	TAILQ_REMOVE(&s->users, u, home_link);
}

struct user *
facts_add_user(struct facts *f, struct uid uid, struct dot dot)
{
	struct user *u = pool_take(&f->user_pool);

	invariant(facts_find_uid(f, uid) == NULL);
	u->uid = uid;
	u->dot = dot;
	enter_server(f, u);
	LIST_INIT(&u->sessions);
	map_put(&f->users, u);
	facts_dirty_user(f, u);
	return u;
}

void
facts_set_user_stamp(struct user *u, struct stamp s)
{
	invariant(s.ms >= 0 && s.ms <= STAMP_MAX);
	u->stamp_ms = (uint64_t)s.ms & STAMP_BITS;
}

void
facts_add_home(struct facts *f, struct user *u)
{
	struct home *h = mem_zalloc(sizeof(*h));

	h->o.sid = h->counted = u->dot.o.sid;
	more_of(f, u)->home = h;
	facts_dirty_user(f, u);
}

/*
 * The server that the user comes to may be about to show or hide its users in
 * slices (core/overlay.h). This step shows or hides the user as the map wants
 * it, so it does not matter whether a slice passes the user later.
 */
void
facts_move_user(struct facts *f, struct user *u, struct origin o)
{
	leave_server(f, u);
	user_home_reg(u)->o = o;
	enter_server(f, u);
	facts_dirty_user(f, u);
}

/* Let go of the claim of the user. A user who is shown by it still is. */
static void
forget_claim(struct facts *f, struct user *u)
{
	struct user_more *more;

	if (u->shown_as == SHOWN_CLAIM) {
		more = more_of(f, u);
		more->former = u->claimed;
		more->former_spelled = more->spelled;
		more->spelled = NULL;
		u->shown_as = SHOWN_FORMER;
	}
	u->claimed = NULL;
	if ((more = u->more) == NULL)
		return;
	rcbuf_unref(more->spelled);
	more->spelled = NULL;
	blocks_give(&f->blocks, more->claim, sizeof(*more->claim));
	more->claim = NULL;
	facts_less_of(f, u);
}

void
facts_unclaim(struct facts *f, struct user *u)
{
	if (u->claimed == NULL)
		return;
	facts_dirty_nick(f, u->claimed);
	facts_dirty_user(f, u);
	claim_leave(f, u);
	forget_claim(f, u);
}

static struct nick *
get_nick(struct facts *f, struct span nick)
{
	char buf[FACTS_FOLD_MAX];
	struct nick *n = chains_find(&f->nicks, facts_fold(nick, buf));

	if (n != NULL)
		return n;
	invariant(nick.n <= UINT16_MAX);
	n = blocks_take(&f->blocks, nick_bytes(nick.n));
	*n = (struct nick){ .n = (uint16_t)nick.n };
	memcpy(n->text, nick.p, nick.n);
	chains_put(&f->nicks, n);
	return n;
}

/* Keep what the claim was made with, if it was not made with the user. */
static void
keep_claim(struct facts *f, struct user *u, const struct nick_claim *claim)
{
	struct nick_claim plain;

	u->claim_part = claim->write.dot.part;
	plain = user_claim(u);
	if (memcmp(&plain, claim, sizeof(plain)) == 0)
		return;
	more_of(f, u)->claim = blocks_take(&f->blocks, sizeof(*claim));
	*u->more->claim = *claim;
}

void
facts_claim(struct facts *f, struct user *u, struct span nick,
    const struct nick_claim *claim)
{
	struct nick *n;

	invariant(u->claimed == NULL);
	u->claimed = n = get_nick(f, nick);
	keep_claim(f, u, claim);
	if (!span_eq(nick, span_make(n->text, n->n)))
		more_of(f, u)->spelled = rcbuf_new(nick);
	claim_enter(f, u);
	facts_dirty_nick(f, n);
	facts_dirty_user(f, u);
}

/* End that clients see the user by a nick. */
static void
hide_nick(struct facts *f, struct user *u)
{
	struct nick *n = user_shown_nick(u);

	if (n != NULL && nick_shown_by(n) == u)
		claim_set_shown_by(f, n, NULL);
	if (u->shown_as != SHOWN_FORMER)
		return;
	rcbuf_unref(u->more->former_spelled);
	u->more->former_spelled = NULL;
	u->more->former = NULL;
	facts_less_of(f, u);
}

void
facts_show_as(struct facts *f, struct user *u, enum shown_as as)
{
	hide_nick(f, u);
	u->shown_as = as;
	if (as == SHOWN_CLAIM)
		claim_set_shown_by(f, u->claimed, u);
}

void
facts_set_away(struct facts *f, struct user *u, struct rcbuf *away)
{
	if (away == user_away(u))
		return;
	rcbuf_unref(user_away(u));
	more_of(f, u)->away = away == NULL ? NULL : rcbuf_ref(away);
	facts_less_of(f, u);
}

void
facts_set_realname(struct facts *f, struct user *u, struct rcbuf *realname)
{
	if (u->more == NULL && realname == NULL)
		return;
	if (u->more != NULL)
		rcbuf_unref(u->more->realname);
	more_of(f, u)->realname = realname == NULL ? NULL : rcbuf_ref(realname);
	facts_less_of(f, u);
}

void
facts_set_host(struct facts *f, struct user *u, struct span username,
    struct span host)
{
	struct rcbuf *text = NULL;

	if (!span_eq(username, ident_username(u->ident)) ||
	    !span_eq(host, ident_host(u->ident))) {
		text = rcbuf_alloc(username.n + 1 + host.n);
		memcpy(text->p, username.p, username.n);
		text->p[username.n] = '@';
		memcpy(text->p + username.n + 1, host.p, host.n);
	} else if (u->more == NULL)
		return;
	if (u->more != NULL)
		rcbuf_unref(u->more->user_host);
	more_of(f, u)->user_host = text;
	facts_less_of(f, u);
}

void
facts_set_lost_at(struct facts *f, struct user *u, uint32_t at)
{
	more_of(f, u)->lost_at = at;
	facts_less_of(f, u);
}

void
facts_drop_user(struct facts *f, struct user *u)
{
	struct member *m;

	if (u->gone)
		return;
	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;)
		facts_drop_member(f, m);
	while (user_first_invite(u) != NULL)
		facts_drop_invite(f, user_first_invite(u));
	unknown_owner_goes(f, u);
	facts_unclaim(f, u);
	u->gone = true;
	leave_server(f, u);
	map_del(&f->users, uid_span(&u->uid));
	f->last->user = NULL;
	facts_dirty_user(f, u);
}

/* ---- channels ---------------------------------------------------------- */

struct chan *
facts_chan(struct facts *f, struct span name)
{
	char buf[FACTS_FOLD_MAX];
	struct span key = facts_fold(name, buf);
	struct chan *c = map_find(&f->chans, key);

	if (c != NULL)
		return c;
	c = pool_take(&f->chan_pool);
	c->fold = rcbuf_new(key);
	c->name = rcbuf_ref(c->fold);
	c->empty_since = MONO_NEVER;
	TAILQ_INIT(&c->members);
	map_put(&f->chans, c);
	facts_dirty_chan(f, c, 0); /* reaped if it stays empty */
	return c;
}

static void
add_note(struct facts *f, struct noted note)
{
	if (f->nnoted == f->capnoted)
		f->noted =
		    mem_grow(f->noted, &f->capnoted, 8, sizeof(*f->noted));
	f->noted[f->nnoted++] = note;
}

void
facts_note(struct facts *f, struct founding *g)
{
	if (g->noted)
		return;
	g->noted = true;
	add_note(f, (struct noted){ rcbuf_ref(g->chan->fold), g->cinc });
}

void
facts_note_ban(struct facts *f, struct cinc id)
{
	add_note(f, (struct noted){ NULL, id });
}

struct founding *
facts_add_founding(struct facts *f, struct chan *c, struct span name,
    struct cinc cinc, struct dot dot)
{
	struct founding *g = pool_take(&f->founding_pool);

	g->dot = dot;
	g->cinc = cinc;
	g->name = span_eq(name, rcbuf_span(c->fold)) ? rcbuf_ref(c->fold)
						     : rcbuf_new(name);
	g->chan = c;
	founding_add(f, g);
	facts_dirty_chan(f, c, 0);
	return g;
}

/* Note that the list of the mask may look different. */
static void
mark_mask(struct facts *f, struct mask *m)
{
	struct chan *c = m->founding->chan;

	facts_dirty_chan(f, c, CHAN_MASKS);
	if (m->marked)
		return;
	m->marked = true;
	m->changed = c->changed;
	c->changed = m;
}

void
facts_add_mask(struct facts *f, struct founding *g, const struct mask *like)
{
	struct mask *m = pool_take(&f->mask_pool);

	m->dot = like->dot;
	m->stamp = like->stamp;
	m->list = like->list;
	m->by = like->by;
	m->expiry = like->expiry;
	m->text = like->text;
	m->founding = g;
	map_put(&f->masks, m);
	masks_add(m);
	endings_add(f, m);
	mark_mask(f, m);
	if (g->permanent)
		facts_note(f, g);
}

void
facts_drop_mask(struct facts *f, struct mask *m)
{
	masks_del(m);
	endings_del(f, m);
	map_del(&f->masks, dot_span(&m->dot));
	m->gone = true;
	mark_mask(f, m);
	if (m->founding->permanent)
		facts_note(f, m->founding);
}

struct invite *
facts_add_invite(struct facts *f, struct founding *g, struct user *u,
    struct dot dot, struct stamp expiry)
{
	struct invite *i = pool_take(&f->invite_pool);

	i->dot = dot;
	i->user = u;
	i->founding = g;
	i->expiry = expiry;
	map_put(&f->invites, i);
	TAILQ_INSERT_TAIL(&founding_get_lists(g)->invites, i, link);
	invites_add(more_of(f, u), i);
	return i;
}

void
facts_drop_invite(struct facts *f, struct invite *i)
{
	map_del(&f->invites, dot_span(&i->dot));
	TAILQ_REMOVE(&i->founding->lists->invites, i, link);
	invites_del(i->user->more, i);
	facts_less_of(f, i->user);
	pool_give(&f->invite_pool, i);
}

void
facts_drop_founding(struct facts *f, struct founding *g)
{
	struct mask *m;
	struct invite *i;

	while ((m = mask_first(g)) != NULL)
		facts_drop_mask(f, m);
	while ((i = founding_first_invite(g)) != NULL)
		facts_drop_invite(f, i);
	unknown_owner_goes(f, g);
	cname_goes(f, g);
	if (g->permanent)
		facts_note(f, g);
	g->gone = true;
	founding_del(f, g);
	mark(&f->dead_foundings, g);
	facts_dirty_chan(f, g->chan, 0);
}

/* ---- members ----------------------------------------------------------- */

#define STATS_EXACT 4 /* for more, there is room for a power of two */

size_t
member_more_bytes(uint32_t nstat)
{
	size_t room = nstat, n;

	if (nstat > STATS_EXACT)
		for (room = 2 * STATS_EXACT; room < nstat;)
			room *= 2;
	n = offsetof(struct member_more, stat) +
	    room * sizeof(struct status_reg);

	return n < sizeof(struct member_more) ? sizeof(struct member_more) : n;
}

static struct member_more *
stay_more(struct facts *f, struct member *m)
{
	if (m->more == NULL)
		m->more = blocks_take_zero(&f->blocks, member_more_bytes(0));
	return m->more;
}

/* Free m->more if it holds nothing any more. */
static void
stay_less(struct facts *f, struct member *m)
{
	const struct member_more *x = m->more;

	if (x == NULL || x->move != NULL || x->nstat > 0 || x->status != 0 ||
	    x->local_at != 0)
		return;
	blocks_give(&f->blocks, m->more, member_more_bytes(0));
	m->more = NULL;
}

void
facts_set_status(struct facts *f, struct member *m, uint32_t status)
{
	if (status == member_status(m))
		return;
	stay_more(f, m)->status = status;
	stay_less(f, m);
}

void
facts_set_local_at(struct facts *f, struct member *m, uint32_t at)
{
	if (at == member_local_at(m))
		return;
	stay_more(f, m)->local_at = at;
	stay_less(f, m);
}

struct move *
facts_get_move(struct facts *f, struct member *m)
{
	struct member_more *more = stay_more(f, m);

	if (more->move == NULL)
		more->move = pool_take(&f->move_pool);
	return more->move;
}

struct status_reg *
facts_get_stat(struct facts *f, struct member *m, struct cinc cinc,
    const struct name *name)
{
	struct cinc_number number = cinc_number(cinc);
	uint32_t n = m->more == NULL ? 0 : m->more->nstat;
	struct status_reg *s;

	for (uint32_t i = 0; i < n; i++) {
		s = &m->more->stat[i];
		if (s->name == name && s->cinc.v == number.v)
			return s;
	}
	m->more = stay_more(f, m);
	if (member_more_bytes(n) < member_more_bytes(n + 1))
		m->more = blocks_resize(&f->blocks, m->more,
		    member_more_bytes(n), member_more_bytes(n + 1));
	s = &m->more->stat[m->more->nstat++];
	*s = (struct status_reg){ .cinc = number, .name = name };
	return s;
}

/* Set the incarnation that a member joined. Nearly all members of a channel
 * joined the same one, so the channel keeps it for all of these. */
static void
set_joined(struct facts *f, struct member *m, struct cinc_number cinc)
{
	struct chan *c = m->chan;

	if (c->njoined == 0)
		c->joined = cinc;
	if (c->joined.v == cinc.v) {
		c->njoined++;
		return;
	}
	facts_get_move(f, m)->joined = cinc;
	m->apart = true;
}

struct member *
facts_add_member(struct facts *f, struct chan *c, struct user *u,
    struct dot dot, struct cinc cinc)
{
	struct member *m =
	    pool_take(user_home_reg(u) != NULL ? &f->homed_member_pool
					       : &f->member_pool);

	m->dot = dot;
	m->chan = c;
	m->user = u;
	set_joined(f, m, cinc_number(cinc));
	TAILQ_INSERT_TAIL(&c->members, m, chan_link);
	membership_add(f, m);
	c->nmembers++;
	c->empty_since = MONO_NEVER;
	chains_put(&f->members, m);
	founding_enter(f, m);
	facts_dirty_member(f, m);
	return m;
}

void
facts_set_made(struct member *m, struct made made)
{
	if (user_home_reg(m->user) != NULL)
		((struct homed_member *)(void *)m)->made = made;
}

void
facts_set_stamp(struct member *m, struct stamp s)
{
	invariant(s.ms >= 0 && s.ms <= STAMP_MAX);
	m->stamp_ms = (uint64_t)s.ms & STAMP_BITS;
}

void
facts_drop_member(struct facts *f, struct member *m)
{
	struct user_more *more;

	if (m->gone)
		return;
	facts_dirty_member(f, m);
	m->gone = true;
	unknown_owner_goes(f, m);
	walk_pass(f, m);
	founding_leave(f, m);
	TAILQ_REMOVE(&m->chan->members, m, chan_link);
	membership_del(m);
	more = more_of(f, m->user);
	m->user_next = more->left;
	more->left = m;
	m->chan->nmembers--;
	chains_del(&f->members, dot_span(&m->dot));
	if (core_mutated(f, DROP_EMPTY))
		while (m->chan->nmembers == 0 &&
		       founding_first(m->chan) != NULL)
			facts_drop_founding(f, founding_first(m->chan));
}
