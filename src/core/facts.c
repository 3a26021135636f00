/*
 * The objects and who owns whom. Nothing here decides anything: merges call
 * these functions, and each leaves marks of what may look different now, so
 * that show.c need not look at the rest.
 *
 * A dropped object leaves all lists that facts are read by, but keeps its
 * memory and its shown state until facts_reap: clients still have to be told
 * of its end, and pointers of the running step stay good.
 */
#include "core/facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "core/names.h"
#include "wire/casemap.h"

#define FOLD_MAX 512 /* bytes of any name we look up */

/* ---- keys -------------------------------------------------------------- */

static struct span
key_name(const void *p)
{
	return rcbuf_span(((const struct name *)p)->text);
}

static struct span
key_server(const void *p)
{
	return sid_span(&((const struct server *)p)->sid);
}

static struct span
key_user(const void *p)
{
	return uid_span(&((const struct user *)p)->uid);
}

static struct span
key_nick(const void *p)
{
	return rcbuf_span(((const struct nick *)p)->fold);
}

static struct span
key_chan(const void *p)
{
	return rcbuf_span(((const struct chan *)p)->fold);
}

/* The bytes of a dot but its padding. */
static struct span
dot_key(const struct dot *d)
{
	return span_make(d, offsetof(struct dot, part) + sizeof(d->part));
}

static struct span
key_member(const void *p)
{
	return dot_key(&((const struct member *)p)->dot);
}

static struct span
key_unknown(const void *p)
{
	return dot_key(&((const struct unknown *)p)->dot);
}

/* Longer names are cut: they are found nowhere. */
static struct span
fold(struct span s, char buf[FOLD_MAX])
{
	s = span_head(s, FOLD_MAX);
	casemap_fold(s, buf);
	return span_make(buf, s.n);
}

void
facts_init(struct facts *f, const unsigned char seed[16])
{
	*f = (struct facts){ 0 };
	map_init(&f->names, key_name, seed);
	map_init(&f->servers, key_server, seed);
	map_init(&f->users, key_user, seed);
	map_init(&f->nicks, key_nick, seed);
	map_init(&f->chans, key_chan, seed);
	map_init(&f->members, key_member, seed);
	map_init(&f->unknown, key_unknown, seed);
	pool_init(&f->name_pool, sizeof(struct name), "name");
	pool_init(&f->server_pool, sizeof(struct server), "server");
	pool_init(&f->user_pool, sizeof(struct user), "user");
	pool_init(&f->nick_pool, sizeof(struct nick), "nick");
	pool_init(&f->chan_pool, sizeof(struct chan), "chan");
	pool_init(&f->founding_pool, sizeof(struct founding), "founding");
	pool_init(&f->mask_pool, sizeof(struct mask), "mask");
	pool_init(&f->invite_pool, sizeof(struct invite), "invite");
	pool_init(&f->member_pool, sizeof(struct member), "member");
	pool_init(&f->unknown_pool, sizeof(struct unknown), "unknown");
	STAILQ_INIT(&f->dirty_nicks);
	STAILQ_INIT(&f->dirty_users);
	STAILQ_INIT(&f->dirty_chans);
	STAILQ_INIT(&f->dirty_members);
	TAILQ_INIT(&f->dead_foundings);
}

bool
facts_fini(struct facts *f)
{
	struct user *u;
	struct chan *c;
	struct founding *g;
	struct server *s;
	struct unknown *x;
	struct name *n;
	size_t left = 0;

	for (size_t i = 0; (u = map_next(&f->users, &i)) != NULL;) {
		u->shown = false;
		facts_drop_user(f, u);
	}
	for (size_t i = 0; (c = map_next(&f->chans, &i)) != NULL;) {
		while ((g = TAILQ_FIRST(&c->foundings)) != NULL)
			facts_drop_founding(f, g);
		for (unsigned l = 0; l < CM_LISTS; l++) {
			for (uint32_t k = 0; k < c->nlist[l]; k++)
				rcbuf_unref(c->list[l][k].text);
			free(c->list[l]);
			c->list[l] = NULL;
			c->nlist[l] = 0;
		}
		c->nshown = 0;
		names_forget(c);
		facts_dirty_chan(f, c, CHAN_CURRENT);
	}
	facts_reap(f);
	for (size_t i = 0; (x = map_next(&f->unknown, &i)) != NULL;)
		facts_drop_unknown(f, x);
	for (size_t i = 0; (s = map_next(&f->servers, &i)) != NULL;) {
		map_del(&f->servers, sid_span(&s->sid));
		rcbuf_unref(s->name);
		rcbuf_unref(s->description);
		pool_give(&f->server_pool, s);
	}
	for (size_t i = 0; (n = map_next(&f->names, &i)) != NULL;) {
		map_del(&f->names, rcbuf_span(n->text));
		rcbuf_unref(n->text);
		rcbuf_unref(n->on);
		pool_give(&f->name_pool, n);
	}
	left += map_count(&f->users) + map_count(&f->nicks) +
		map_count(&f->chans) + map_count(&f->members);
	map_fini(&f->names);
	map_fini(&f->servers);
	map_fini(&f->users);
	map_fini(&f->nicks);
	map_fini(&f->chans);
	map_fini(&f->members);
	map_fini(&f->unknown);
	left += pool_fini(&f->name_pool) + pool_fini(&f->server_pool) +
		pool_fini(&f->user_pool) + pool_fini(&f->nick_pool) +
		pool_fini(&f->chan_pool) + pool_fini(&f->founding_pool) +
		pool_fini(&f->mask_pool) + pool_fini(&f->invite_pool) +
		pool_fini(&f->member_pool) + pool_fini(&f->unknown_pool);
	return left == 0;
}

const struct name *
facts_intern(struct facts *f, struct span text)
{
	struct name *n = map_find(&f->names, text);
	struct span mode = SPAN_NONE;

	if (n != NULL)
		return n;
	n = pool_take(&f->name_pool);
	n->text = rcbuf_new(text);
	n->on = rcbuf_new(SPAN("1"));
	f->foreign += sizeof(*n) + text.n;
	if (span_starts(text, SPAN("mode/")))
		mode = span_tail(text, sizeof("mode/") - 1);
	n->chan_mode =
	    mode.n > 0 ? chan_mode_of_name(mode) : chan_mode_of_name(text);
	n->user_mode = user_mode_of_name(mode);
	n->status = status_of_name(text);
	map_put(&f->names, n);
	return n;
}

struct server *
facts_server(struct facts *f, struct sid sid)
{
	struct server *s = map_find(&f->servers, sid_span(&sid));

	if (s == NULL) {
		s = pool_take(&f->server_pool);
		s->sid = sid;
		s->name = rcbuf_new(sid_span(&sid));
		s->description = rcbuf_new(SPAN_NONE);
		map_put(&f->servers, s);
	}
	return s;
}

struct server *
facts_find_server(const struct facts *f, struct sid sid)
{
	return map_find(&f->servers, sid_span(&sid));
}

struct server *
facts_find_server_name(const struct facts *f, struct span name)
{
	struct server *s;

	for (size_t i = 0; (s = map_next(&f->servers, &i)) != NULL;)
		if (casemap_eq(rcbuf_span(s->name), name))
			return s;
	return NULL;
}

struct user *
facts_find_uid(const struct facts *f, struct uid uid)
{
	return map_find(&f->users, uid_span(&uid));
}

struct chan *
facts_find_chan(const struct facts *f, struct span name)
{
	char buf[FOLD_MAX];

	return map_find(&f->chans, fold(name, buf));
}

struct member *
facts_find_dot(const struct facts *f, struct dot dot)
{
	return map_find(&f->members, dot_key(&dot));
}

struct member *
facts_find_member(const struct chan *c, const struct user *u)
{
	struct member *m;

	TAILQ_FOREACH(m, &u->members, user_link)
		if (m->chan == c)
			return m;
	return NULL;
}

struct user *
facts_find_nick(const struct facts *f, struct span nick)
{
	char buf[FOLD_MAX];
	struct nick *n;
	struct user *u;
	struct uid uid;

	if ((n = map_find(&f->nicks, fold(nick, buf))) != NULL)
		return n->holder != NULL && n->holder->shown ? n->holder : NULL;
	if (!uid_parse(nick, &uid))
		return NULL;
	u = facts_find_uid(f, uid);
	return u != NULL && u->shown && u->nick != NULL &&
		       span_eq(rcbuf_span(u->nick), nick)
		   ? u
		   : NULL;
}

bool
facts_nick_in_use(const struct facts *f, struct span nick)
{
	char buf[FOLD_MAX];
	const struct nick *n = map_find(&f->nicks, fold(nick, buf));
	const struct user *u;

	if (n != NULL)
		LIST_FOREACH(u, &n->claimants, claim_link)
			if (u->shown)
				return true;
	return false;
}

bool
facts_is_void(const struct facts *f, struct origin o)
{
	const struct server *s = facts_find_server(f, o.sid);

	return s != NULL && (o.inc < s->ready || o.inc <= s->forget);
}

/* ---- marks ------------------------------------------------------------- */

void
facts_dirty_user(struct facts *f, struct user *u)
{
	if (u->dirty)
		return;
	u->dirty = true;
	STAILQ_INSERT_TAIL(&f->dirty_users, u, dirty_link);
}

void
facts_dirty_nick(struct facts *f, struct nick *n)
{
	if (n->dirty)
		return;
	n->dirty = true;
	STAILQ_INSERT_TAIL(&f->dirty_nicks, n, dirty_link);
}

void
facts_dirty_chan(struct facts *f, struct chan *c, unsigned what)
{
	c->dirty_what |= what;
	if (c->dirty)
		return;
	c->dirty = true;
	STAILQ_INSERT_TAIL(&f->dirty_chans, c, dirty_link);
}

void
facts_dirty_member(struct facts *f, struct member *m)
{
	const struct chan *c = m->chan;
	const struct founding *first = TAILQ_FIRST(&c->foundings);

	/* with one incarnation, the current one, no member can change which */
	facts_dirty_chan(f, m->chan,
	    (c->current == NULL || c->current->gone || first == NULL ||
		TAILQ_NEXT(first, link) != NULL ||
		cinc_cmp(c->current->cinc, member_cinc(m)) != 0)
		? CHAN_CURRENT
		: 0);
	if (m->dirty)
		return;
	m->dirty = true;
	STAILQ_INSERT_TAIL(&f->dirty_members, m, dirty_link);
	f->ndirty_members++;
}

/* ---- users ------------------------------------------------------------- */

struct user *
facts_add_user(struct facts *f, struct uid uid)
{
	struct user *u = pool_take(&f->user_pool);

	invariant(facts_find_uid(f, uid) == NULL);
	u->uid = uid;
	TAILQ_INIT(&u->members);
	TAILQ_INIT(&u->left);
	LIST_INIT(&u->invites);
	LIST_INIT(&u->sessions);
	map_put(&f->users, u);
	facts_dirty_user(f, u);
	return u;
}

void
facts_unclaim(struct facts *f, struct user *u)
{
	if (u->claimed == NULL)
		return;
	facts_dirty_nick(f, u->claimed);
	facts_dirty_user(f, u);
	LIST_REMOVE(u, claim_link);
	u->claimed = NULL;
	rcbuf_unref(u->claim_nick);
	u->claim_nick = NULL;
}

void
facts_claim(struct facts *f, struct user *u, struct span nick)
{
	char buf[FOLD_MAX];
	struct span key = fold(nick, buf);
	struct nick *n;

	facts_unclaim(f, u);
	if ((n = map_find(&f->nicks, key)) == NULL) {
		n = pool_take(&f->nick_pool);
		n->fold = rcbuf_new(key);
		LIST_INIT(&n->claimants);
		map_put(&f->nicks, n);
	}
	u->claimed = n;
	u->claim_nick =
	    span_eq(nick, key) ? rcbuf_ref(n->fold) : rcbuf_new(nick);
	LIST_INSERT_HEAD(&n->claimants, u, claim_link);
	facts_dirty_nick(f, n);
	facts_dirty_user(f, u);
}

void
facts_drop_user(struct facts *f, struct user *u)
{
	struct member *m, *next;

	if (u->gone)
		return;
	TAILQ_FOREACH_SAFE(m, &u->members, user_link, next)
		facts_drop_member(f, m);
	while (!LIST_EMPTY(&u->invites))
		facts_drop_invite(f, LIST_FIRST(&u->invites));
	facts_unclaim(f, u);
	u->gone = true;
	map_del(&f->users, uid_span(&u->uid));
	facts_dirty_user(f, u);
}

/* ---- channels ---------------------------------------------------------- */

struct chan *
facts_chan(struct facts *f, struct span name)
{
	char buf[FOLD_MAX];
	struct span key = fold(name, buf);
	struct chan *c = map_find(&f->chans, key);

	if (c != NULL)
		return c;
	c = pool_take(&f->chan_pool);
	c->fold = rcbuf_new(key);
	c->name = rcbuf_ref(c->fold);
	c->empty_since = MONO_NEVER;
	TAILQ_INIT(&c->foundings);
	TAILQ_INIT(&c->members);
	map_put(&f->chans, c);
	facts_dirty_chan(f, c, 0); /* reaped if it stays empty */
	return c;
}

struct founding *
facts_find_founding(const struct chan *c, struct cinc cinc)
{
	struct founding *g;

	TAILQ_FOREACH(g, &c->foundings, link)
		if (cinc_cmp(g->cinc, cinc) == 0)
			return g;
	return NULL;
}

struct founding *
facts_add_founding(struct facts *f, struct chan *c, struct span name,
    struct cinc cinc, struct dot dot)
{
	struct founding *g = pool_take(&f->founding_pool);

	g->dot = dot;
	g->cinc = cinc;
	g->name = rcbuf_new(name);
	g->chan = c;
	TAILQ_INIT(&g->masks);
	TAILQ_INIT(&g->invites);
	TAILQ_INSERT_TAIL(&c->foundings, g, link);
	facts_dirty_chan(f, c, CHAN_CURRENT);
	return g;
}

void
facts_drop_mask(struct facts *f, struct founding *g, struct mask *m)
{
	TAILQ_REMOVE(&g->masks, m, link);
	rcbuf_unref(m->text);
	pool_give(&f->mask_pool, m);
	facts_dirty_chan(f, g->chan, CHAN_LISTS);
}

struct invite *
facts_add_invite(struct facts *f, struct founding *g, struct user *u,
    struct dot dot)
{
	struct invite *i = pool_take(&f->invite_pool);

	i->dot = dot;
	i->user = u;
	i->founding = g;
	TAILQ_INSERT_TAIL(&g->invites, i, link);
	LIST_INSERT_HEAD(&u->invites, i, user_link);
	return i;
}

void
facts_drop_invite(struct facts *f, struct invite *i)
{
	TAILQ_REMOVE(&i->founding->invites, i, link);
	LIST_REMOVE(i, user_link);
	pool_give(&f->invite_pool, i);
}

void
facts_drop_founding(struct facts *f, struct founding *g)
{
	struct mask *m;
	struct invite *i;

	while ((m = TAILQ_FIRST(&g->masks)) != NULL)
		facts_drop_mask(f, g, m);
	while ((i = TAILQ_FIRST(&g->invites)) != NULL)
		facts_drop_invite(f, i);
	g->gone = true;
	TAILQ_REMOVE(&g->chan->foundings, g, link);
	TAILQ_INSERT_TAIL(&f->dead_foundings, g, link);
	facts_dirty_chan(f, g->chan, CHAN_CURRENT);
}

/* ---- members ----------------------------------------------------------- */

struct member *
facts_add_member(struct facts *f, struct chan *c, struct user *u,
    struct dot dot, struct cinc cinc)
{
	struct member *m = pool_take(&f->member_pool);

	m->dot = dot;
	m->cinc = cinc;
	m->chan = c;
	m->user = u;
	TAILQ_INSERT_TAIL(&c->members, m, chan_link);
	TAILQ_INSERT_TAIL(&u->members, m, user_link);
	c->nmembers++;
	c->empty_since = MONO_NEVER;
	map_put(&f->members, m);
	facts_dirty_member(f, m);
	return m;
}

void
facts_walk_keep(struct facts *f, struct chan_walk *w)
{
	LIST_INSERT_HEAD(&f->walks, w, link);
}

void
facts_walk_end(struct chan_walk *w)
{
	LIST_REMOVE(w, link);
}

/* There are few of them: of long answers that are being given. */
static void
walks_pass(struct facts *f, const struct member *m)
{
	struct chan_walk *w;

	LIST_FOREACH(w, &f->walks, link)
		if (w->next == m)
			w->next = TAILQ_NEXT(m, chan_link);
}

static void
walks_forget(struct facts *f, const struct chan *c)
{
	struct chan_walk *w;

	LIST_FOREACH(w, &f->walks, link)
		if (w->chan == c) {
			w->chan = NULL;
			w->next = NULL;
		}
}

void
facts_drop_member(struct facts *f, struct member *m)
{
	if (m->gone)
		return;
	facts_dirty_member(f, m);
	m->gone = true;
	walks_pass(f, m);
	TAILQ_REMOVE(&m->chan->members, m, chan_link);
	TAILQ_REMOVE(&m->user->members, m, user_link);
	TAILQ_INSERT_TAIL(&m->user->left, m, user_link);
	m->chan->nmembers--;
	map_del(&f->members, dot_key(&m->dot));
	if (core_mutated(f, DROP_EMPTY))
		while (m->chan->nmembers == 0 &&
		       !TAILQ_EMPTY(&m->chan->foundings))
			facts_drop_founding(f,
			    TAILQ_FIRST(&m->chan->foundings));
}

struct cinc
member_cinc(const struct member *m)
{
	return m->move_write.dot.n > 0 ? m->move : m->cinc;
}

void
facts_add_unknown(struct facts *f, struct dot dot, struct stamp stamp,
    struct span line)
{
	struct unknown *x;

	if (map_find(&f->unknown, dot_key(&dot)) != NULL)
		return;
	x = pool_take(&f->unknown_pool);
	x->dot = dot;
	x->stamp = stamp;
	x->line = rcbuf_new(line);
	f->foreign += sizeof(*x) + line.n;
	map_put(&f->unknown, x);
}

void
facts_drop_unknown(struct facts *f, struct unknown *x)
{
	map_del(&f->unknown, dot_key(&x->dot));
	f->foreign -= sizeof(*x) + x->line->n;
	rcbuf_unref(x->line);
	pool_give(&f->unknown_pool, x);
}

static bool
is_named(const struct facts *f, struct span name)
{
	return map_find(&f->names, name) != NULL;
}

bool
facts_has_names(const struct facts *f, const struct part *p)
{
	switch (p->id) {
	case PART_UNKNOWN:
		return false;
	case PART_USER:
		return is_named(f, p->u.user.server);
	case PART_SET:
		return is_named(f, p->u.set.field);
	case PART_STAT:
		return is_named(f, p->u.stat.name);
	case PART_CSET:
		return is_named(f, p->u.cset.field);
	case PART_LADD:
		return is_named(f, p->u.ladd.list);
	case PART_QUIT:
	case PART_NICK:
	case PART_HOME:
	case PART_CHAN:
	case PART_UNCHAN:
	case PART_JOIN:
	case PART_MOVE:
	case PART_PART:
	case PART_KICK:
	case PART_LDEL:
	case PART_READY:
	case PART_FORGET:
	case PART_INVITE:
	case PART_SAY:
	case PART_NOTE:
		break;
	}
	return true;
}

bool
expiry_holds(struct stamp expiry, struct wall now)
{
	return expiry.ms == 0 || expiry.ms > now.ms;
}

/* ---- void and reap ----------------------------------------------------- */

/* What a mutation does: masks are not their maker's (link-protocol.md, 11). */
static void
drop_void_masks(struct facts *f)
{
	struct chan *c;
	struct founding *g;
	struct mask *x, *next;

	for (size_t k = 0; (c = map_next(&f->chans, &k)) != NULL;)
		TAILQ_FOREACH(g, &c->foundings, link)
			TAILQ_FOREACH_SAFE(x, &g->masks, link, next)
				if (facts_is_void(f, x->dot.o))
					facts_drop_mask(f, g, x);
}

static bool
is_of(struct origin o, struct sid sid)
{
	return sid_is_none(sid) || sid_cmp(o.sid, sid) == 0;
}

void
facts_void(struct facts *f, struct sid sid)
{
	struct user *u;
	struct member *m;
	struct chan *c;
	struct founding *g;
	struct invite *i, *next;

	if (core_mutated(f, NO_VOID))
		return;
	for (size_t k = 0; (u = map_next(&f->users, &k)) != NULL;)
		if (is_of(u->dot.o, sid) && facts_is_void(f, u->dot.o))
			facts_drop_user(f, u);
	for (size_t k = 0; (m = map_next(&f->members, &k)) != NULL;)
		if (is_of(m->dot.o, sid) && facts_is_void(f, m->dot.o))
			facts_drop_member(f, m);
	for (size_t k = 0; (c = map_next(&f->chans, &k)) != NULL;)
		TAILQ_FOREACH(g, &c->foundings, link)
			TAILQ_FOREACH_SAFE(i, &g->invites, link, next)
				if (facts_is_void(f, i->dot.o))
					facts_drop_invite(f, i);
	if (core_mutated(f, VOID_MASKS))
		drop_void_masks(f);
}

static void
reap_member(struct facts *f, struct member *m)
{
	TAILQ_REMOVE(&m->user->left, m, user_link);
	free(m->stat);
	pool_give(&f->member_pool, m);
}

static void
reap_user(struct facts *f, struct user *u)
{
	invariant(LIST_EMPTY(&u->sessions));
	regs_fini(&u->regs);
	free(u->ident);
	rcbuf_unref(u->nick);
	rcbuf_unref(u->away);
	pool_give(&f->user_pool, u);
}

static void
reap_nick(struct facts *f, struct nick *n)
{
	map_del(&f->nicks, rcbuf_span(n->fold));
	rcbuf_unref(n->fold);
	pool_give(&f->nick_pool, n);
}

static void
reap_chan(struct facts *f, struct chan *c)
{
	walks_forget(f, c);
	map_del(&f->chans, rcbuf_span(c->fold));
	rcbuf_unref(c->fold);
	rcbuf_unref(c->name);
	rcbuf_unref(c->key);
	rcbuf_unref(c->topic);
	free(c->local);
	free(c->server);
	pool_give(&f->chan_pool, c);
}

void
facts_reap(struct facts *f)
{
	struct member *m;
	struct founding *g;
	struct user *u;
	struct nick *n;
	struct chan *c;

	while ((m = STAILQ_FIRST(&f->dirty_members)) != NULL) {
		STAILQ_REMOVE_HEAD(&f->dirty_members, dirty_link);
		m->dirty = false;
		if (m->gone)
			reap_member(f, m);
	}
	f->ndirty_members = 0;
	while ((g = TAILQ_FIRST(&f->dead_foundings)) != NULL) {
		TAILQ_REMOVE(&f->dead_foundings, g, link);
		regs_fini(&g->regs);
		rcbuf_unref(g->name);
		pool_give(&f->founding_pool, g);
	}
	while ((n = STAILQ_FIRST(&f->dirty_nicks)) != NULL) {
		STAILQ_REMOVE_HEAD(&f->dirty_nicks, dirty_link);
		n->dirty = false;
		if (LIST_EMPTY(&n->claimants))
			reap_nick(f, n);
	}
	while ((c = STAILQ_FIRST(&f->dirty_chans)) != NULL) {
		STAILQ_REMOVE_HEAD(&f->dirty_chans, dirty_link);
		c->dirty = false;
		c->dirty_what = 0;
		if (c->nmembers == 0 && TAILQ_EMPTY(&c->foundings))
			reap_chan(f, c);
	}
	while ((u = STAILQ_FIRST(&f->dirty_users)) != NULL) {
		STAILQ_REMOVE_HEAD(&f->dirty_users, dirty_link);
		u->dirty = false;
		if (u->gone)
			reap_user(f, u);
	}
}
