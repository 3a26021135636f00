/*
 * A ban is found by its id, by the time of its end, and by what its mask says
 * (wire/glob_index.h, wire/net_index.h):
 *
 *	nets	user@address/bits, address/bits
 *	hosts	user@host
 *	users	user@*, where the host says nothing
 *	real, nicks, chans	real names, nicks, names of channels
 *
 * A jupe names one server, so it is found by its kind and mask alone.
 *
 * So a user is compared with few bans, however many there are. A line that does
 * not have the form of a +BAN is kept as any fact of a later verb, and is no
 * ban here. A ban whose mask does not have the form of its kind is in no index
 * and hits nobody.
 */
#include "core/facts/bans.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "core/facts/facts_write.h"
#include "core/part/clean.h"
#include "wire/casemap.h"
#include "wire/name.h"

RB_HEAD(bans_by_id, ban);
RB_HEAD(bans_by_end, ban);

struct bans {
	struct bans_by_id by_id;
	struct bans_by_end by_end;
	struct glob_index hosts, users, real, nicks, chans;
	struct net_index nets;
	struct shelves masks; /* by kind and mask */
	struct pool pool;
	bool stirred;
	uint64_t serial;
};

/* Kinds that are asked for when a user registers, and later. */
#define OF_USERS \
	(BANB(KLINE) | BANB(DLINE) | BANB(XLINE) | BANB(SHUN) | BANB(EXCEPT))

static struct dot
dot_of(const struct ban *b)
{
	return b->fact == NULL ? (struct dot){ 0 } : b->fact->write.dot;
}

static int
id_cmp(const struct ban *a, const struct ban *b)
{
	int c = cinc_cmp(a->id, b->id);

	return c != 0 ? c : dot_cmp(dot_of(a), dot_of(b));
}

static int
end_cmp(const struct ban *a, const struct ban *b)
{
	if (a->expiry.ms != b->expiry.ms)
		return a->expiry.ms < b->expiry.ms ? -1 : 1;
	return id_cmp(a, b);
}

TREE_GENERATE(bans_by_id, ban, id_link, id_cmp)
TREE_GENERATE(bans_by_end, ban, end_link, end_cmp)

struct bans *
bans_new(const unsigned char seed[SIPHASH_KEY])
{
	struct bans *b = mem_zalloc(sizeof(*b));

	RB_INIT(&b->by_id);
	RB_INIT(&b->by_end);
	glob_index_init(&b->hosts, seed);
	glob_index_init(&b->users, seed);
	glob_index_init(&b->real, seed);
	glob_index_init(&b->nicks, seed);
	glob_index_init(&b->chans, seed);
	net_index_init(&b->nets, seed);
	shelves_init(&b->masks, seed);
	pool_init(&b->pool, sizeof(struct ban), "ban");
	return b;
}

/* ---- masks --------------------------------------------------------------- */

/* Cut user@host. Return false if the mask does not have that form. */
static bool
cut_user_host(struct span mask, struct span *user, struct span *host)
{
	size_t at = mask.n;

	while (at > 0 && mask.p[at - 1] != '@')
		at--;
	if (at < 2 || at == mask.n || span_find(mask, '!') < mask.n)
		return false;
	*user = span_head(mask, at - 1);
	*host = span_tail(mask, at);
	return true;
}

/* Return true if the text is stars and question marks alone. */
static bool
says_nothing(struct span text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != '*' && text.p[i] != '?')
			return false;
	return true;
}

bool
ban_mask_check(enum ban_kind kind, struct span mask)
{
	struct span user, host;
	unsigned int prefix;
	struct addr net;
	struct sid sid;

	if (mask.n == 0 || mask.n > BAN_MASK_MAX)
		return false;
	switch (ban_kind_row[kind].form) {
	case BAN_USER_HOST:
		return cut_user_host(mask, &user, &host);
	case BAN_ADDRESS:
		return addr_cidr_parse(mask, &net, &prefix);
	case BAN_REAL_NAME:
	case BAN_NICK:
		return true;
	case BAN_CHANNEL:
		return mask.p[0] == '#' || mask.p[0] == '*' || mask.p[0] == '?';
	case BAN_SERVER:
		return sid_parse(mask, &sid) ||
		       name_server_valid(mask, CLEAN_HOST_MAX);
	}
	return false;
}

struct rcbuf *
ban_real_name(struct span mask)
{
	struct rcbuf *b = rcbuf_alloc(mask.n);
	size_t n = 0;

	for (size_t i = 0; i < mask.n; i++) {
		if (mask.p[i] == '\\' && i + 1 < mask.n &&
		    (mask.p[i + 1] == 's' || mask.p[i + 1] == 'S')) {
			b->p[n++] = ' ';
			i++;
		} else
			b->p[n++] = mask.p[i];
	}
	b->n = (uint32_t)n;
	return b;
}

static void
index_user_host(struct bans *x, struct ban *b)
{
	struct span user, host;
	unsigned int prefix;
	struct addr net;

	if (!cut_user_host(b->mask, &user, &host))
		return;
	if (addr_cidr_parse(host, &net, &prefix))
		net_index_add(&x->nets, &b->net_at, &net, prefix);
	else if (says_nothing(host))
		glob_index_add(&x->users, &b->text_at, user);
	else
		glob_index_add(&x->hosts, &b->text_at, host);
}

static void
index_add(struct bans *x, struct ban *b)
{
	unsigned int prefix;
	struct addr net;

	if (b->kind == BAN_KINDS)
		return;
	switch (ban_kind_row[b->kind].form) {
	case BAN_USER_HOST:
		index_user_host(x, b);
		break;
	case BAN_ADDRESS:
		if (addr_cidr_parse(b->mask, &net, &prefix))
			net_index_add(&x->nets, &b->net_at, &net, prefix);
		break;
	case BAN_REAL_NAME:
		b->real_name = ban_real_name(b->mask);
		glob_index_add(&x->real, &b->text_at, rcbuf_span(b->real_name));
		break;
	case BAN_NICK:
		glob_index_add(&x->nicks, &b->text_at, b->mask);
		break;
	case BAN_CHANNEL:
		glob_index_add(&x->chans, &b->text_at, b->mask);
		break;
	case BAN_SERVER:
		break;
	}
}

static struct glob_index *
index_of(struct bans *x, const struct ban *b)
{
	struct span user, host;

	switch (ban_kind_row[b->kind].form) {
	case BAN_REAL_NAME:
		return &x->real;
	case BAN_NICK:
		return &x->nicks;
	case BAN_CHANNEL:
		return &x->chans;
	case BAN_ADDRESS:
	case BAN_USER_HOST:
	case BAN_SERVER:
		break;
	}
	return cut_user_host(b->mask, &user, &host) && says_nothing(host)
		   ? &x->users
		   : &x->hosts;
}

static void
index_del(struct bans *x, struct ban *b)
{
	if (b->net_at.shelf != NULL)
		net_index_del(&x->nets, &b->net_at);
	if (b->text_at.shelf != NULL)
		glob_index_del(index_of(x, b), &b->text_at);
}

/* ---- asked --------------------------------------------------------------- */

struct asking {
	const struct ban_query *q;
	const struct ban **hit;
	uint32_t lifted;
	size_t *steps;
};

bool
ban_matches(const struct ban *b, const struct ban_query *q, size_t *steps)
{
	unsigned int prefix;
	struct addr net;

	if (b->kind == BAN_KINDS)
		return false;
	switch (ban_kind_row[b->kind].form) {
	case BAN_USER_HOST:
		return mask_match(b->mask, &q->who, steps);
	case BAN_ADDRESS:
		return !addr_is_none(&q->who.addr) &&
		       addr_cidr_parse(b->mask, &net, &prefix) &&
		       addr_is_v4(&net) == addr_is_v4(&q->who.addr) &&
		       addr_in(&q->who.addr, &net, prefix);
	case BAN_REAL_NAME:
		return mask_glob(rcbuf_span(b->real_name), q->realname, steps);
	case BAN_NICK:
		return mask_glob(b->mask, q->who.nick, steps);
	case BAN_CHANNEL:
	case BAN_SERVER:
		break;
	}
	return false;
}

static void
consider(struct asking *a, const struct ban *b)
{
	const struct ban *best = a->hit[b->kind];

	if ((a->q->kinds & UINT32_C(1) << b->kind) == 0 ||
	    !ban_holds(b, a->q->now))
		return;
	/* each exception lifts other kinds */
	if (best != NULL && b->kind != BAN_EXCEPT && id_cmp(best, b) <= 0)
		return;
	if (!ban_matches(b, a->q, a->steps))
		return;
	a->lifted |= b->lifts;
	if (best == NULL || id_cmp(b, best) < 0)
		a->hit[b->kind] = b;
}

static void
consider_text(void *ctx, struct shelf_item *item)
{
	consider(ctx, (void *)((char *)item - offsetof(struct ban, text_at)));
}

static void
consider_net(void *ctx, struct shelf_item *item)
{
	consider(ctx, (void *)((char *)item - offsetof(struct ban, net_at)));
}

/*
 * Consider the bans whose host may be that text. The text of an address can be
 * a host of a user who has another address, or none that is known: a mask that
 * is an address matches it as text, but stands among the nets.
 */
static void
find_host(struct bans *x, struct asking *a, struct span host)
{
	unsigned int prefix;
	struct addr net;

	glob_index_find(&x->hosts, host, consider_text, a, a->steps);
	if (addr_cidr_parse(host, &net, &prefix) &&
	    !addr_eq(&net, &a->q->who.addr))
		net_index_find(&x->nets, &net, consider_net, a, a->steps);
}

/* Look at all bans that may hit the user. */
static void
look_for(struct bans *x, struct asking *a)
{
	const struct ban_query *q = a->q;
	struct span host, rest = q->who.hosts;

	for (unsigned i = 0; i < BAN_KINDS; i++)
		a->hit[i] = NULL;
	if (!addr_is_none(&q->who.addr))
		net_index_find(&x->nets, &q->who.addr, consider_net, a,
		    a->steps);
	find_host(x, a, q->who.host);
	if (!span_eq(q->who.host, q->who.ip))
		find_host(x, a, q->who.ip);
	while ((host = span_word(&rest)).n > 0)
		find_host(x, a, host);
	if (q->who.first_host.n > 0)
		find_host(x, a, q->who.first_host);
	glob_index_find(&x->users, q->who.user, consider_text, a, a->steps);
	if (q->who.first_user.n > 0)
		glob_index_find(&x->users, q->who.first_user, consider_text, a,
		    a->steps);
	if ((q->kinds & BANB(XLINE)) != 0)
		glob_index_find(&x->real, q->realname, consider_text, a,
		    a->steps);
}

void
bans_ask(const struct facts *f, const struct ban_query *query,
    const struct ban *hit[BAN_KINDS], size_t *steps)
{
	struct ban_query q = *query;
	struct asking a = { .q = &q, .hit = hit, .steps = steps };

	q.kinds |= BANB(EXCEPT);
	q.kinds &= OF_USERS;
	look_for(f->bans, &a);
	for (unsigned i = 0; i < BAN_KINDS; i++)
		if ((a.lifted >> i & 1) != 0)
			hit[i] = NULL;
}

bool
bans_lift(const struct facts *f, const struct ban_query *query,
    enum ban_kind kind, size_t *steps)
{
	struct ban_query q = *query;
	const struct ban *hit[BAN_KINDS];
	struct asking a = { .q = &q, .hit = hit, .steps = steps };

	q.kinds = BANB(EXCEPT);
	look_for(f->bans, &a);
	return (a.lifted >> kind & 1) != 0;
}

struct reserving {
	const struct ban *best;
	enum ban_kind kind;
	struct span name;
	struct wall now;
	size_t *steps;
};

static void
consider_name(void *ctx, struct shelf_item *item)
{
	const struct ban *b =
	    (void *)((char *)item - offsetof(struct ban, text_at));
	struct reserving *r = ctx;

	if (b->kind == r->kind && ban_holds(b, r->now) &&
	    (r->best == NULL || id_cmp(b, r->best) < 0) &&
	    mask_glob(b->mask, r->name, r->steps))
		r->best = b;
}

const struct ban *
bans_reserve(const struct facts *f, enum ban_kind kind, struct span name,
    struct wall now, size_t *steps)
{
	struct reserving r = {
		.kind = kind, .name = name, .now = now, .steps = steps
	};
	struct bans *x = f->bans;

	glob_index_find(kind == BAN_RESV_NICK ? &x->nicks : &x->chans, name,
	    consider_name, &r, steps);
	return r.best;
}

/* Return the jupe with that mask that is not over, or NULL. */
static const struct ban *
juped_as(const struct facts *f, struct span mask, struct wall now)
{
	const struct ban *b = bans_of_mask(f, BAN_JUPE, mask);

	while (b != NULL && !ban_holds(b, now))
		b = bans_next_of_mask(b);
	return b;
}

const struct ban *
bans_jupe(const struct facts *f, struct span name, struct span sid,
    struct wall now)
{
	const struct ban *b = juped_as(f, name, now);

	return b != NULL ? b : juped_as(f, sid, now);
}

void
ban_count(const struct ban *b)
{
	((struct ban *)(uintptr_t)b)->hits++;
}

void
ban_set_hits(const struct ban *b, uint64_t hits)
{
	((struct ban *)(uintptr_t)b)->hits = hits;
}

/* ---- found --------------------------------------------------------------- */

const struct ban *
bans_first(const struct facts *f)
{
	return RB_MIN(bans_by_id, &f->bans->by_id);
}

const struct ban *
ban_copy(const struct ban *b)
{
	const struct ban *next = bans_by_id_RB_NEXT((struct ban *)(uintptr_t)b);

	return next != NULL && cinc_cmp(next->id, b->id) == 0 ? next : NULL;
}

/* Return the first element whose id is not before that one, or is behind it. */
static const struct ban *
seek(const struct facts *f, struct cinc id, bool behind)
{
	const struct ban *b = RB_ROOT(&f->bans->by_id), *best = NULL;
	int c;

	while (b != NULL) {
		c = cinc_cmp(id, b->id);
		if (c < 0 || (c == 0 && !behind)) {
			best = b;
			b = RB_LEFT(b, id_link);
		} else
			b = RB_RIGHT(b, id_link);
	}
	return best;
}

const struct ban *
bans_next(const struct facts *f, const struct ban *b)
{
	return seek(f, b->id, true);
}

const struct ban *
bans_from(const struct facts *f, struct cinc id)
{
	return seek(f, id, false);
}

const struct ban *
bans_find(const struct facts *f, struct cinc id)
{
	const struct ban *b = seek(f, id, false);

	return b != NULL && cinc_cmp(b->id, id) == 0 ? b : NULL;
}

size_t
bans_count(const struct facts *f)
{
	return pool_live(&f->bans->pool);
}

const struct ban *
bans_first_end(const struct facts *f)
{
	return RB_MIN(bans_by_end, &f->bans->by_end);
}

const struct ban *
bans_next_end(const struct ban *b)
{
	return bans_by_end_RB_NEXT((struct ban *)(uintptr_t)b);
}

const struct ban *
bans_end_after(const struct facts *f, struct stamp end, struct cinc id)
{
	const struct ban *b = RB_ROOT(&f->bans->by_end), *best = NULL;

	while (b != NULL) {
		if (end.ms < b->expiry.ms ||
		    (end.ms == b->expiry.ms && cinc_cmp(id, b->id) < 0)) {
			best = b;
			b = RB_LEFT(b, end_link);
		} else
			b = RB_RIGHT(b, end_link);
	}
	return best;
}

/* Write the key of bans with that kind and mask. */
static struct span
mask_key(enum ban_kind kind, struct span mask, char buf[1 + BAN_MASK_MAX])
{
	mask = span_head(mask, BAN_MASK_MAX);
	buf[0] = (char)kind;
	casemap_fold(mask, buf + 1);
	return span_make(buf, 1 + mask.n);
}

static const struct ban *
of_mask(const struct shelf_item *item)
{
	return item == NULL ? NULL
			    : (const void *)((const char *)item -
					     offsetof(struct ban, mask_at));
}

const struct ban *
bans_of_mask(const struct facts *f, enum ban_kind kind, struct span mask)
{
	char buf[1 + BAN_MASK_MAX];
	const struct shelf *s =
	    shelves_find(&f->bans->masks, mask_key(kind, mask, buf));

	return of_mask(s == NULL ? NULL : s->first);
}

const struct ban *
bans_next_of_mask(const struct ban *b)
{
	return of_mask(b->mask_at.next);
}

static struct span
line_of(const struct ban *b)
{
	return b->fact != NULL ? unknown_line(b->fact) : rcbuf_span(b->line);
}

void
ban_read(const struct ban *b, struct ban_text *text)
{
	(void)ban_parse(line_of(b), text);
}

bool
ban_holds(const struct ban *b, struct wall now)
{
	return expiry_holds(b->expiry, now);
}

/* ---- bans that come and go ----------------------------------------------- */

bool
bans_stirred(struct facts *f)
{
	bool stirred = f->bans->stirred;

	f->bans->stirred = false;
	return stirred;
}

void
bans_stir(struct facts *f)
{
	f->bans->stirred = true;
	f->bans->serial++;
}

uint64_t
bans_serial(const struct facts *f)
{
	return f->bans->serial;
}

/* Return the kinds that an exception lifts: those that it names, or all. */
static uint32_t
lifts_of(struct span names)
{
	enum ban_kind kind;
	uint32_t set = 0;

	if (names.n == 0)
		return OF_USERS & ~BANB(EXCEPT);
	while (names.n > 0)
		if ((kind = ban_kind_find(span_cut(&names, ','))) != BAN_KINDS)
			set |= UINT32_C(1) << kind;
	return set & OF_USERS & ~BANB(EXCEPT);
}

static void
add(struct facts *f, struct ban *b)
{
	struct bans *x = f->bans;
	char buf[1 + BAN_MASK_MAX];
	struct ban_text text;

	ban_read(b, &text);
	b->id = text.id;
	b->expiry = text.expiry;
	b->mask = text.mask;
	b->kind = ban_kind_find(text.kind);
	b->lifts = b->kind == BAN_EXCEPT ? lifts_of(text.lifts) : 0;
	RB_INSERT(bans_by_id, &x->by_id, b);
	if (b->expiry.ms != 0)
		RB_INSERT(bans_by_end, &x->by_end, b);
	shelves_put(&x->masks, &b->mask_at, mask_key(b->kind, b->mask, buf));
	index_add(x, b);
	if (b->kind != BAN_KINDS && (OF_USERS >> b->kind & 1) != 0)
		bans_stir(f);
}

static void
drop(struct facts *f, struct ban *b)
{
	struct bans *x = f->bans;

	/* users may be hit whom it excepted, or not be shunned any more */
	if ((b->kind == BAN_EXCEPT && !core_mutated(f, BANS_ONCE)) ||
	    b->kind == BAN_SHUN)
		bans_stir(f);
	RB_REMOVE(bans_by_id, &x->by_id, b);
	if (b->expiry.ms != 0)
		RB_REMOVE(bans_by_end, &x->by_end, b);
	(void)shelves_take(&x->masks, &b->mask_at);
	index_del(x, b);
	rcbuf_unref(b->line);
	rcbuf_unref(b->real_name);
	pool_give(&x->pool, b);
}

void
bans_fact_comes(struct facts *f, const struct unknown *x)
{
	struct ban_text text;
	struct ban *b;

	if (!ban_parse(unknown_line(x), &text))
		return;
	b = pool_take(&f->bans->pool);
	b->fact = x;
	add(f, b);
	facts_note_ban(f, b->id);
}

void
bans_fact_goes(struct facts *f, const struct unknown *x)
{
	struct ban like = { .fact = x };
	struct ban_text text;

	if (!ban_parse(unknown_line(x), &text))
		return;
	like.id = text.id;
	facts_note_ban(f, like.id);
	drop(f, RB_FIND(bans_by_id, &f->bans->by_id, &like));
}

void
bans_add_own(struct facts *f, struct span line)
{
	struct ban like = { .fact = NULL }, *b;
	struct ban_text text;

	if (!ban_parse(line, &text))
		return;
	like.id = text.id;
	if (RB_FIND(bans_by_id, &f->bans->by_id, &like) != NULL)
		return;
	b = pool_take(&f->bans->pool);
	b->line = rcbuf_new(line);
	add(f, b);
}

void
bans_drop_own(struct facts *f, const struct ban *b)
{
	invariant(ban_is_own(b));
	drop(f, (struct ban *)(uintptr_t)b);
}

bool
ban_is_own(const struct ban *b)
{
	return b->fact == NULL;
}

size_t
bans_free(struct facts *f)
{
	struct bans *x = f->bans;
	struct ban *b, *next;
	size_t left;

	RB_FOREACH_SAFE(b, bans_by_id, &x->by_id, next)
	if (ban_is_own(b))
		drop(f, b);
	left = pool_fini(&x->pool);
	glob_index_fini(&x->hosts);
	glob_index_fini(&x->users);
	glob_index_fini(&x->real);
	glob_index_fini(&x->nicks);
	glob_index_fini(&x->chans);
	net_index_fini(&x->nets);
	shelves_fini(&x->masks);
	free(x);
	return left;
}
