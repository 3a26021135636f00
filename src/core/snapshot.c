/*
 * A snapshot says all facts again as the parts that make them, each with the
 * dot and stamp that it had first; owners come before what they own
 * (doc/link-protocol.md, part 8). core/install.c takes a snapshot in.
 *
 * Names of channels are folded in all parts but +CHAN, as the spelling in a
 * JOIN is not a fact. The word `nick` of +USER is the nick that the user claims
 * now.
 *
 * While a walk in slices is under way, no entry is processed, so that it gives
 * the facts of one moment (doc/decisions/0018).
 */
#include "core/snapshot.h"

#include "core/facts/founding.h"
#include "core/facts/masks.h"
#include "core/facts/unknown.h"
#include "core/types/cost.h"
#include "wire/tags.h"

struct walk {
	void (*fn)(void *ctx, const struct snap_item *);
	void *ctx;
	const struct vector
	    *v;	  /* elements beyond it are passed over; or NULL */
	size_t n; /* items so far */
};

static void
give(struct walk *w, const struct snap_item *i)
{
	w->n++;
	w->fn(w->ctx, i);
}

static struct snap_item *
begin(struct snap_item *i, enum part_id id, struct dot dot, struct stamp stamp)
{
	*i = (struct snap_item){ .part.id = id, .dot = dot, .stamp = stamp };
	return i;
}

static void
begin_write(struct snap_item *i, enum part_id id, const struct write *w)
{
	begin(i, id, w->dot, w->stamp);
	i->tenure = w->tenure;
}

static struct text
text_of_buf(const struct rcbuf *b)
{
	return b == NULL ? text_off() : text_of(rcbuf_span(b));
}

static void
walk_server(struct walk *w, const struct server *s)
{
	struct snap_item i;

	if (s->ready != 0) {
		begin(&i, PART_READY, s->ready_dot, s->ready_stamp);
		i.part.u.ready =
		    (struct part_ready){ s->sid, s->ready, rcbuf_span(s->name),
			    text_of(rcbuf_span(s->description)) };
		give(w, &i);
	}
	if (s->forget != 0) {
		begin(&i, PART_FORGET, s->forget_dot, s->forget_stamp);
		i.part.u.forget = (struct part_forget){ s->sid, s->forget,
			text_of_buf(s->forget_had) };
		give(w, &i);
	}
}

static void
walk_home(struct walk *w, const struct user *u)
{
	const struct home *h = user_home_reg(u);
	struct snap_item i;

	if (h == NULL || h->write.dot.n == 0)
		return;
	begin(&i, PART_HOME, h->write.dot, h->write.stamp);
	i.part.u.home = (struct part_home){ u->uid, h->write.tenure, h->o,
		h->gate == NULL ? SPAN_NONE : rcbuf_span(h->gate), h->base };
	give(w, &i);
}

static void
walk_user(const struct facts *f, struct walk *w, const struct user *u)
{
	struct reg_walk regs = user_regs(u);
	struct nick_claim claim;
	const struct reg *r;
	struct snap_item i;

	begin(&i, PART_USER, u->dot, user_stamp(u));
	i.part.u.user = (struct part_user){ .uid = u->uid,
		.nick =
		    u->claimed != NULL ? user_claim_nick(u) : uid_span(&u->uid),
		.username = ident_username(u->ident),
		.server = rcbuf_span(user_server_name(f, u)->text),
		.ip = ident_ip(u->ident),
		.host = ident_host(u->ident),
		.realname = text_of(ident_realname(u->ident)) };
	give(w, &i);
	walk_home(w, u);
	if (u->claimed != NULL) {
		claim = user_claim(u);
		begin_write(&i, PART_NICK, &claim.write);
		i.part.u.nick = (struct part_nick){ u->uid, user_claim_nick(u),
			claim.class, claim.stamp };
		give(w, &i);
	}
	while ((r = regs_next(&regs)) != NULL) {
		begin_write(&i, PART_SET, &r->write);
		i.part.u.set =
		    (struct part_set){ u->uid, rcbuf_span(r->name->text), r->by,
			    text_of_buf(r->value) };
		give(w, &i);
	}
}

static void
walk_founding(struct walk *w, const struct founding *g)
{
	struct ch ch = { rcbuf_span(g->name), g->cinc };
	struct reg_walk regs = founding_regs(g);
	const struct reg *r;
	struct snap_item i;

	begin(&i, PART_CHAN, g->dot, g->stamp);
	i.part.u.chan.ch = ch;
	give(w, &i);
	ch.name = rcbuf_span(g->chan->fold);
	while ((r = regs_next(&regs)) != NULL) {
		begin_write(&i, PART_CSET, &r->write);
		i.part.u.cset =
		    (struct part_cset){ ch, rcbuf_span(r->name->text), r->by,
			    text_of_buf(r->value) };
		give(w, &i);
	}
}

static void
walk_mask(struct walk *w, const struct mask *m)
{
	const struct founding *g = m->founding;
	struct ch ch = { rcbuf_span(g->chan->fold), g->cinc };
	struct snap_item i;

	begin(&i, PART_LADD, m->dot, m->stamp);
	i.part.u.ladd = (struct part_ladd){ ch, rcbuf_span(m->list->text),
		m->by, m->expiry, text_of(rcbuf_span(m->text)) };
	give(w, &i);
}

size_t
snapshot_founding(const struct founding *g, size_t max,
    void (*fn)(void *, const struct snap_item *), void *ctx)
{
	struct walk w = { .fn = fn, .ctx = ctx };
	const struct mask *m = mask_first(g);

	walk_founding(&w, g);
	for (; m != NULL && max > 0; max--) {
		walk_mask(&w, m);
		m = mask_next(m);
	}
	return w.n;
}

static void
walk_invite(struct walk *w, const struct invite *v)
{
	const struct founding *g = v->founding;
	struct ch ch = { rcbuf_span(g->chan->fold), g->cinc };
	struct snap_item i;

	begin(&i, PART_INVITE, v->dot, v->stamp);
	i.part.u.invite =
	    (struct part_invite){ ch, v->user->uid, v->by, v->expiry };
	i.meant.inc[0] = user_run_said(v->user, v->dot.o.sid);
	give(w, &i);
}

void
snapshot_unknown(const struct unknown *x, struct snap_item *i)
{
	begin_write(i, PART_UNKNOWN, &x->write);
	unknown_part(x, &i->part);
	i->meant = unknown_meant(x);
}

static void
walk_unknown(struct walk *w, const struct unknown *x)
{
	struct snap_item i;

	snapshot_unknown(x, &i);
	give(w, &i);
}

/* The +UNSEEN of a membership comes directly behind it, so that no receiver
 * shows the membership in between (core/install.c). */
static void
walk_join(struct walk *w, const struct member *m)
{
	struct ch ch = { rcbuf_span(m->chan->fold), member_joined(m) };
	struct snap_item i;

	begin(&i, PART_JOIN, m->dot, member_stamp(m));
	i.has_made = user_home_reg(m->user) != NULL;
	i.made = member_made(m);
	i.part.u.join = (struct part_join){ ch, m->user->uid };
	give(w, &i);
}

static void
walk_move(struct walk *w, const struct member *m)
{
	const struct move *move = member_move(m);
	struct snap_item i;

	if (move == NULL)
		return;
	begin_write(&i, PART_MOVE, &move->write);
	i.part.u.move =
	    (struct part_move){ { rcbuf_span(m->chan->fold), move->cinc },
		    m->dot };
	give(w, &i);
}

static void
walk_status(struct walk *w, const struct member *m, const struct status_reg *s)
{
	struct ch ch = { rcbuf_span(m->chan->fold), cinc_of_number(s->cinc) };
	struct snap_item i;

	begin(&i, PART_STAT, s->dot, s->stamp);
	i.part.u.stat = (struct part_stat){ ch, m->dot,
		rcbuf_span(s->name->text), s->on, by_of_id(s->by) };
	give(w, &i);
}

static void
walk_servers(const struct facts *f, struct walk *w)
{
	const struct server *s;

	for (size_t i = 0; (s = map_next(&f->servers, &i)) != NULL;)
		walk_server(w, s);
}

/* Foundings of one name, and facts of one membership, that are given in one
 * piece. A server may make very many foundings of a name, and very many +UNSEEN
 * and statuses of a membership. */
#define PIECE 32

/* Each does the next user, channel, … and returns false if none is left. */
static bool
next_user(const struct facts *f, struct walk *w, struct fact_place *at)
{
	const struct user *u = map_next(&f->users, &at->map);

	if (u != NULL)
		walk_user(f, w, u);
	return u != NULL;
}

static bool
next_chan(const struct facts *f, struct walk *w, struct fact_place *at)
{
	const struct chan *c;

	if (at->founding == NULL) {
		c = map_next(&f->chans, &at->map);
		if (c == NULL)
			return false;
		at->founding = founding_first(c);
	}
	for (unsigned n = 0; n < PIECE && at->founding != NULL; n++) {
		walk_founding(w, at->founding);
		at->founding = founding_next(at->founding);
	}
	return true;
}

static bool
next_mask(const struct facts *f, struct walk *w, struct fact_place *at)
{
	const struct mask *m = map_next(&f->masks, &at->map);

	if (m != NULL)
		walk_mask(w, m);
	return m != NULL;
}

static bool
next_invite(const struct facts *f, struct walk *w, struct fact_place *at)
{
	const struct invite *v = map_next(&f->invites, &at->map);

	if (v != NULL)
		walk_invite(w, v);
	return v != NULL;
}

/* Give the next +UNSEEN of the membership; return false after the last. */
static bool
next_unseen(const struct facts *f, struct walk *w, struct fact_place *at)
{
	for (unsigned n = 0; n < PIECE; n++) {
		at->unseen = unknown_unseen(f, at->member, at->unseen);
		if (at->unseen == NULL)
			return false;
		walk_unknown(w, at->unseen);
	}
	return true;
}

/* The same for its statuses. */
static bool
next_status(struct walk *w, struct fact_place *at)
{
	uint32_t n;
	const struct status_reg *s = member_stats(at->member, &n);

	for (unsigned i = 0; i < PIECE && at->nstat < n; i++)
		walk_status(w, at->member, &s[at->nstat++]);
	return at->nstat < n;
}

static bool
next_member(const struct facts *f, struct walk *w, struct fact_place *at)
{
	if (at->member == NULL) {
		if (!facts_next_member(f, &at->members, &at->member))
			return false;
		if (at->member == NULL)
			return true;
		walk_join(w, at->member);
		at->has_unseen = true;
		at->unseen = NULL;
		at->nstat = 0;
	}
	if (at->has_unseen) {
		at->has_unseen = next_unseen(f, w, at);
		if (at->has_unseen)
			return true;
		walk_move(w, at->member);
	}
	if (!next_status(w, at))
		at->member = NULL;
	return true;
}

static bool
next_unknown_register(const struct facts *f, struct walk *w,
    struct fact_place *at)
{
	const struct unknown *x = unknown_next_register(f, &at->map);

	if (x != NULL)
		walk_unknown(w, x);
	return x != NULL;
}

static bool
next_unknown_element(const struct facts *f, struct walk *w,
    struct fact_place *at)
{
	const struct unknown *x = unknown_next_element(f, &at->map);

	if (x != NULL && !x->is_unseen)
		walk_unknown(w, x);
	return x != NULL;
}

static bool (*const next[])(const struct facts *, struct walk *,
    struct fact_place *) = {
	next_user,
	next_chan,
	next_mask,
	next_invite,
	next_member,
	next_unknown_register,
	next_unknown_element,
};

#define KINDS (sizeof(next) / sizeof(next[0]))

void
core_walk(const struct core *c, void (*fn)(void *, const struct snap_item *),
    void *ctx)
{
	struct walk w = { .fn = fn, .ctx = ctx };
	struct fact_place at;

	walk_servers(&c->facts, &w);
	for (size_t kind = 0; kind < KINDS; kind++)
		for (at = (struct fact_place){ 0 };
		     next[kind](&c->facts, &w, &at);)
			;
}

/* ---- in slices ----------------------------------------------------------- */

#define COST_ITEM (3 * COST_VISIT) /* its line is written */

/* Give the next facts; ctx is the step. */
static void
walk_run(struct work_item *item, void *ctx)
{
	struct step *st = ctx;
	struct slow_walk *s = &st->core->walk;
	struct walk w = { .fn = s->fn, .ctx = s->ctx };
	size_t before;

	while (s->kind < KINDS && work_has_left(&st->core->work)) {
		before = w.n;
		if (!next[s->kind](st->facts, &w, &s->at)) {
			s->kind++;
			s->at = (struct fact_place){ 0 };
		}
		step_spend(st, COST_VISIT + (w.n - before) * COST_ITEM);
	}
	if (s->kind < KINDS)
		work_add(&st->core->work, item);
}

void
core_walk_begin(struct core *c, void (*fn)(void *, const struct snap_item *),
    void *ctx)
{
	struct slow_walk *s = &c->walk;
	struct walk w = { .fn = fn, .ctx = ctx };

	*s = (struct slow_walk){ .item.run = walk_run, .fn = fn, .ctx = ctx };
	walk_servers(&c->facts, &w);
	work_add(&c->work, &s->item);
}

bool
core_walk_is_done(const struct core *c)
{
	return !work_is_queued(&c->walk.item);
}

bool
core_is_held(const struct core *c)
{
	return !core_walk_is_done(c) || core_is_voiding(c) ||
	       core_is_installing(c);
}

void
core_walk_end(struct core *c)
{
	work_remove(&c->walk.item);
}

void
snap_item_build(struct writer *w, const struct snap_item *i)
{
	writer_str(w, "@dot=");
	write_dot(w, i->dot);
	writer_str(w, ";stamp=");
	writer_i64(w, i->stamp.ms);
	if (i->tenure != 0) {
		writer_str(w, ";tenure=");
		writer_u64(w, i->tenure);
	}
	if (i->has_made) {
		writer_str(w, ";cause=");
		writer_u64(w, i->made.tenure);
		writer_char(w, ',');
		writer_u64(w, i->made.c);
	}
	if (i->part.id == PART_UNKNOWN) {
		writer_str(w, ";kind=");
		writer_span(w, i->part.u.unknown.kind.text);
	}
	if (meant_is_said(&i->meant)) {
		writer_char(w, ';');
		meant_write(w, &i->meant);
	}
	writer_char(w, ' ');
	part_encode(w, &i->part);
}

/* Read the tags of a fact (link-protocol.md, 8.4). */
static bool
read_tags(struct span tags, struct snap_item *item)
{
	struct span value;
	uint64_t n;

	if (!tags_find(tags, SPAN("dot"), &value) ||
	    !dot_parse(value, &item->dot))
		return false;
	if (!tags_find(tags, SPAN("stamp"), &value) ||
	    !stamp_parse(value, &item->stamp))
		return false;
	item->tenure = 0;
	if (tags_find(tags, SPAN("tenure"), &value)) {
		if ((value.n > 1 && value.p[0] == '0') ||
		    !span_u64(value, &n) || n > UINT32_MAX)
			return false;
		item->tenure = (uint32_t)n;
	}
	return true;
}

const char *
snap_item_parse(struct span line, struct arena *arena, struct snap_item *item)
{
	const char *why = part_decode(line, arena, &item->part);

	if (why != NULL)
		return why;
	if (!read_tags(item->part.tags, item))
		return "expected dot= and stamp=";
	item->made = (struct made){ 0 };
	item->has_made = part_made(&item->part, &item->made);
	item->meant = part_meant(&item->part);
	item->part.tags = SPAN_NONE;
	return NULL;
}

bool
snap_item_is_element(const struct snap_item *i)
{
	switch (i->part.id) {
	case PART_USER:
	case PART_NICK:
	case PART_CHAN:
	case PART_JOIN:
	case PART_LADD:
	case PART_INVITE:
		return true;
	case PART_UNKNOWN:
		return i->part.u.unknown.kind.type == KIND_ELEMENT;
	case PART_QUIT:
	case PART_SET:
	case PART_HOME:
	case PART_UNCHAN:
	case PART_MOVE:
	case PART_PART:
	case PART_KICK:
	case PART_STAT:
	case PART_CSET:
	case PART_LDEL:
	case PART_READY:
	case PART_FORGET:
	case PART_SAY:
	case PART_NOTE:
		break;
	}
	return false;
}
