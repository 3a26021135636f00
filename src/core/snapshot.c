/*
 * A snapshot says all facts again as the parts that make them, each with the
 * dot and stamp that it had first; owners come before what they own
 * (doc/link-protocol.md, part 8). core/install.c takes a snapshot in.
 *
 * Names of channels are folded in all parts but +CHAN, as the spelling in a
 * JOIN is not a fact. The word `nick` of +USER is the nick that the user claims
 * now.
 */
#include "core/snapshot.h"

#include "core/facts/founding.h"
#include "core/state.h"
#include "wire/tags.h"

struct walk {
	void (*fn)(void *ctx, const struct snap_item *);
	void *ctx;
};

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
walk_server(const struct walk *w, const struct server *s)
{
	struct snap_item i;

	if (s->ready != 0) {
		begin(&i, PART_READY, s->ready_dot, s->ready_stamp);
		i.part.u.ready =
		    (struct part_ready){ s->sid, s->ready, rcbuf_span(s->name),
			    text_of(rcbuf_span(s->description)) };
		w->fn(w->ctx, &i);
	}
	if (s->forget != 0) {
		begin(&i, PART_FORGET, s->forget_dot, s->forget_stamp);
		i.part.u.forget = (struct part_forget){ s->sid, s->forget,
			text_of_buf(s->forget_had) };
		w->fn(w->ctx, &i);
	}
}

static void
walk_user(const struct walk *w, const struct user *u)
{
	struct snap_item i;

	begin(&i, PART_USER, u->dot, u->stamp);
	i.part.u.user = (struct part_user){ .uid = u->uid,
		.nick = u->claim_nick != NULL ? rcbuf_span(u->claim_nick)
					      : uid_span(&u->uid),
		.username = ident_username(u->ident),
		.server = rcbuf_span(u->server->text),
		.ip = ident_ip(u->ident),
		.host = ident_host(u->ident),
		.realname = text_of(ident_realname(u->ident)) };
	w->fn(w->ctx, &i);
	if (u->claimed != NULL) {
		begin_write(&i, PART_NICK, &u->claim_write);
		i.part.u.nick =
		    (struct part_nick){ u->uid, rcbuf_span(u->claim_nick),
			    u->claim_class, u->claim_stamp };
		w->fn(w->ctx, &i);
	}
	for (uint32_t k = 0; k < u->regs.n; k++) {
		const struct reg *r = &u->regs.v[k];

		begin_write(&i, PART_SET, &r->write);
		i.part.u.set =
		    (struct part_set){ u->uid, rcbuf_span(r->name->text), r->by,
			    text_of_buf(r->value) };
		w->fn(w->ctx, &i);
	}
}

static void
walk_founding(const struct walk *w, const struct founding *g)
{
	struct ch ch = { rcbuf_span(g->name), g->cinc };
	struct snap_item i;
	const struct mask *m;
	const struct invite *v;

	begin(&i, PART_CHAN, g->dot, g->stamp);
	i.part.u.chan.ch = ch;
	w->fn(w->ctx, &i);
	ch.name = rcbuf_span(g->chan->fold);
	for (uint32_t k = 0; k < g->regs.n; k++) {
		const struct reg *r = &g->regs.v[k];

		begin_write(&i, PART_CSET, &r->write);
		i.part.u.cset =
		    (struct part_cset){ ch, rcbuf_span(r->name->text), r->by,
			    text_of_buf(r->value) };
		w->fn(w->ctx, &i);
	}
	TAILQ_FOREACH(m, &g->masks, link) {
		begin(&i, PART_LADD, m->dot, m->stamp);
		i.part.u.ladd =
		    (struct part_ladd){ ch, rcbuf_span(m->list->text), m->by,
			    m->expiry, text_of(rcbuf_span(m->text)) };
		w->fn(w->ctx, &i);
	}
	TAILQ_FOREACH(v, &g->invites, link) {
		begin(&i, PART_INVITE, v->dot, v->stamp);
		i.part.u.invite =
		    (struct part_invite){ ch, v->user->uid, v->by, v->expiry };
		w->fn(w->ctx, &i);
	}
}

static void
walk_member(const struct walk *w, const struct member *m)
{
	struct ch ch = { rcbuf_span(m->chan->fold), m->cinc };
	struct snap_item i;

	begin(&i, PART_JOIN, m->dot, m->stamp);
	i.part.u.join = (struct part_join){ ch, m->user->uid };
	w->fn(w->ctx, &i);
	if (m->move_write.dot.n > 0) {
		begin_write(&i, PART_MOVE, &m->move_write);
		ch.cinc = m->move;
		i.part.u.move = (struct part_move){ ch, m->dot };
		w->fn(w->ctx, &i);
	}
	for (uint32_t k = 0; k < m->nstat; k++) {
		const struct status_reg *s = &m->stat[k];

		begin_write(&i, PART_STAT, &s->write);
		ch.cinc = s->cinc;
		i.part.u.stat = (struct part_stat){ ch, m->dot,
			rcbuf_span(s->name->text), s->on, s->by };
		w->fn(w->ctx, &i);
	}
}

static void
walk_unknown(const struct walk *w, const struct unknown *x)
{
	struct snap_item i;

	begin(&i, PART_UNKNOWN, x->dot, x->stamp);
	i.part.line = rcbuf_span(x->line);
	w->fn(w->ctx, &i);
}

void
core_walk(const struct core *c, void (*fn)(void *, const struct snap_item *),
    void *ctx)
{
	const struct facts *f = &c->facts;
	struct walk w = { fn, ctx };
	const struct server *s;
	const struct user *u;
	const struct chan *ch;
	const struct founding *g;
	const struct member *m;
	const struct unknown *x;

	for (size_t i = 0; (s = map_next(&f->servers, &i)) != NULL;)
		walk_server(&w, s);
	for (size_t i = 0; (u = map_next(&f->users, &i)) != NULL;)
		walk_user(&w, u);
	for (size_t i = 0; (ch = map_next(&f->chans, &i)) != NULL;)
		for (g = founding_first(ch); g != NULL; g = founding_next(g))
			walk_founding(&w, g);
	for (size_t i = 0; (m = map_next(&f->members, &i)) != NULL;)
		walk_member(&w, m);
	for (size_t i = 0; (x = map_next(&f->unknown, &i)) != NULL;)
		walk_unknown(&w, x);
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
	case PART_UNKNOWN:
		return true;
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
