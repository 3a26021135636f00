/*
 * Some servers have an entry of this run, others have another one of its number
 * (doc/decisions/0036). A merge cannot be undone. So this server says again
 * what the parts of both entries touch, as the facts of this server are now.
 * These are the rules, by what a part does:
 *
 * 1. A removal is repeated: what is gone on some servers goes on all.
 * 2. An element has the dot of the entry, so it is another one on other
 *    servers, or none. The dot is removed, and what this server has by it is
 *    made again under a new dot:
 *    a. A user cannot be made again, since no uid is used twice. It quits.
 *    b. A founding gets a new incarnation, with its modes, its lists and its
 *       registers of later verbs; its members move there.
 *    c. A membership is joined again, with its statuses. One of the other entry
 *       is joined, too: it may have taken the place of a stay elsewhere, and
 *       only a later stay does the same on all servers.
 *    d. A mask or an invitation is added again.
 * 3. A register or a claim is written again with its value here. The new write
 *    is later than both.
 *
 * A fact goes with its owner, and is dropped where the owner never was. So
 * nothing is left of what others said about such an element meanwhile.
 *
 * Not mended: FORGET and READY, since their merges keep the first of two equal
 * ones, and elements of later verbs that the entry of this run added, which are
 * removed.
 */
#include "core/restate.h"

#include "core/apply.h"
#include "core/facts/founding.h"
#include "core/facts/topic.h"
#include "core/facts/masks.h"
#include "core/facts/unknown.h"
#include "core/part/later.h"
#include "core/types/entry.h"

/* Parts of an entry. With lines of any length it is not too large. */
#define RESTATE_PARTS 60

/* A verb that only removes elements of later verbs. */
#define UNMADE "+UNMADE "

/* One of the two entries. A part of both is no difference, if the entries have
 * one stamp: it has made the same fact on all servers. */
struct side {
	const struct part *part;
	size_t n;
	bool own;
	struct cause cause;
	const bool *same; /* for each part */
};

/* A founding that is removed, and its members. */
struct moved {
	const struct founding *from;
	struct ch to; /* stamp 0: it is not founded again */
};

struct joined {
	const struct user *user;
	const struct chan *chan;
};

struct restate {
	struct step *st;
	uint64_t number; /* of both entries */
	struct side side[2];
	struct stamp stamp; /* of the entry that is being made; 0: none */
	struct part part[RESTATE_PARTS];
	size_t n;
	struct moved *moved;
	size_t nmoved, capmoved;
	struct joined *joined;
	size_t njoined, capjoined;
};

/* ---- the entry that is being made ---------------------------------------- */

static void
flush(struct restate *r)
{
	if (r->n > 0)
		core_make(r->st, r->stamp, r->part, r->n,
		    &(struct dest){ .all = true }, NULL);
	r->n = 0;
	r->stamp = (struct stamp){ 0 };
}

/* Make room for a part. Return the dot that it will have. */
static struct dot
next_dot(struct restate *r)
{
	const struct core *c = r->st->core;

	if (r->n == RESTATE_PARTS)
		flush(r);
	return dot_make(c->self, c->last_n + 1, r->n);
}

static struct part *
add(struct restate *r, enum part_id id)
{
	struct part *p;

	(void)next_dot(r);
	if (r->stamp.ms == 0)
		r->stamp = core_stamp(r->st->core, r->st->wall);
	p = &r->part[r->n++];
	*p = (struct part){ .id = id };
	return p;
}

static void
repeat(struct restate *r, const struct part *p)
{
	*add(r, p->id) = *p;
}

static void
set_tenure(struct restate *r, struct part *p, uint32_t a, uint32_t b)
{
	struct writer w;

	if (a == 0 && b == 0)
		return;
	writer_init_arena(&w, r->st->arena, sizeof("tenure=4294967295"));
	writer_str(&w, "tenure=");
	writer_u64(&w, a > b ? a : b);
	p->tags = writer_done(&w);
}

/* ---- what the two entries say -------------------------------------------- */

/* Return the dot of a part of either entry. */
static struct dot
dot_of(const struct restate *r, size_t i)
{
	return dot_make(r->st->core->self, r->number, i);
}

/* Return true if the element is of one of the two entries. */
static bool
is_forked(const struct restate *r, struct dot dot)
{
	return dot.n == r->number && origin_cmp(dot.o, r->st->core->self) == 0;
}

/* Return true if one of the two adds the user, who quits then. */
static bool
is_ended(const struct restate *r, struct uid uid)
{
	for (size_t s = 0; s < 2; s++)
		for (size_t i = 0; i < r->side[s].n; i++)
			if (!r->side[s].same[i] &&
			    r->side[s].part[i].id == PART_USER &&
			    uid_cmp(r->side[s].part[i].u.user.uid, uid) == 0)
				return true;
	return false;
}

static const struct moved *
moved_from(const struct restate *r, const struct founding *g)
{
	for (size_t i = 0; i < r->nmoved; i++)
		if (r->moved[i].from == g)
			return &r->moved[i];
	return NULL;
}

static const struct founding *
find_founding(const struct restate *r, const struct ch *ch)
{
	const struct chan *c = facts_find_chan(r->st->facts, ch->name);

	return c == NULL ? NULL : founding_find(c, ch->cinc);
}

/* ---- 1. removals --------------------------------------------------------- */

static void
end_user(struct restate *r, struct uid uid)
{
	add(r, PART_QUIT)->u.quit = (struct part_quit){ uid,
		text_of(SPAN("Another server spoke in the name of this one; "
			     "please connect again")) };
}

/* Make the part that removes the element of a later verb with that dot. */
static struct part
unmade(const struct step *st, struct dot dot)
{
	struct part p = { .id = PART_UNKNOWN,
		.tags = SPAN_INIT("kind=removal,1") };
	struct writer w;

	writer_init_arena(&w, st->arena, 64);
	writer_str(&w, UNMADE);
	write_dot(&w, dot);
	p.line = writer_done(&w);
	(void)kind_parse(SPAN("removal,1"), &p.u.unknown.kind);
	return p;
}

static void
unmake(struct restate *r, struct dot dot)
{
	*add(r, PART_UNKNOWN) = unmade(r->st, dot);
}

static void
repeat_removal(struct restate *r, const struct part *p, struct dot dot)
{
	switch (p->id) {
	case PART_USER:
		end_user(r, p->u.user.uid);
		break;
	case PART_QUIT:
	case PART_HOME: /* it drops memberships, whichever is the later */
	case PART_UNCHAN:
	case PART_PART:
	case PART_KICK:
	case PART_LDEL:
		repeat(r, p);
		break;
	case PART_UNKNOWN:
		if (p->u.unknown.kind.type == KIND_REMOVAL)
			repeat(r, p);
		else if (p->u.unknown.kind.type == KIND_ELEMENT)
			unmake(r, dot);
		break;
	case PART_NICK:
	case PART_SET:
	case PART_CHAN:
	case PART_JOIN:
	case PART_MOVE:
	case PART_STAT:
	case PART_CSET:
	case PART_LADD:
	case PART_READY:
	case PART_FORGET:
	case PART_INVITE:
	case PART_SAY:
	case PART_NOTE:
		break;
	}
}

/* ---- 2. elements --------------------------------------------------------- */

static void
add_mask(struct restate *r, const struct ch *ch, const struct mask *m)
{
	add(r, PART_LADD)->u.ladd =
	    (struct part_ladd){ *ch, rcbuf_span(m->list->text), m->by,
		    m->expiry, text_of(rcbuf_span(m->text)) };
}

static void
add_invite(struct restate *r, const struct ch *ch, const struct invite *v)
{
	uint32_t inc = user_run_said(v->user, r->st->core->self.sid);
	struct part *p;

	if (is_ended(r, v->user->uid))
		return;
	p = add(r, PART_INVITE);
	p->tags = meant_tag(inc, r->st->arena);
	p->u.invite =
	    (struct part_invite){ *ch, v->user->uid, v->by, v->expiry };
}

/* Say the statuses that the membership has where it stands, for another dot or
 * incarnation. */
static void
add_stats(struct restate *r, const struct member *m, const struct ch *ch,
    struct dot dot)
{
	const struct status_reg *s;
	struct cinc from = member_cinc(m);
	uint32_t n;

	for (s = member_stats(m, &n); n > 0; n--, s++)
		if (s->on && cinc_cmp(cinc_of_number(s->cinc), from) == 0)
			add(r, PART_STAT)->u.stat = (struct part_stat){ *ch,
				dot, rcbuf_span(s->name->text), true,
				by_of_id(s->by) };
}

/* Move the members who stand in the founding, but for those who join again. */
static void
move_members(struct restate *r, const struct founding *g, const struct ch *ch)
{
	const struct member *m;

	TAILQ_FOREACH(m, &g->chan->members, chan_link) {
		if (cinc_cmp(member_cinc(m), g->cinc) != 0 ||
		    is_forked(r, m->dot) || is_ended(r, m->user->uid))
			continue;
		add(r, PART_MOVE)->u.move = (struct part_move){ *ch, m->dot };
		add_stats(r, m, ch, m->dot);
	}
}

/* Return true if the register says when a former topic was set. In an entry
 * with the topic that is there it would say that of this one. */
static bool
is_of_former_topic(const struct founding *g, const struct reg *reg)
{
	struct reg_walk w = founding_regs(g);
	struct topic topic = { 0 };
	const struct reg *x;

	if (!span_eq(rcbuf_span(reg->name->text), SPAN(FIELD_TOPIC_SINCE)))
		return false;
	while ((x = regs_next(&w)) != NULL)
		topic_take(&topic, x);
	return !topic_has_since(&topic);
}

/* Add a register of a later verb as it is here. */
static struct part *
add_later(struct restate *r, const struct unknown *x, uint32_t tenure)
{
	struct part *p = add(r, PART_UNKNOWN);
	struct meant meant = unknown_meant(x);
	struct span text;
	struct writer w;

	unknown_part(x, p);
	text = p->u.unknown.kind.text;
	(void)kind_parse(text, &p->u.unknown.kind);
	writer_init_arena(&w, r->st->arena, PART_LINE_MAX);
	writer_str(&w, "kind=");
	writer_span(&w, text);
	if (tenure > 0) {
		writer_str(&w, ";tenure=");
		writer_u64(&w, tenure);
	}
	if (meant.inc[0] != 0 || meant.inc[1] != 0) {
		writer_char(&w, ';');
		meant_write(&w, &meant);
	}
	p->tags = writer_done(&w);
	return p;
}

/* Return true if that word of the register names the founding as an owner. */
static bool
is_owner(const struct kind *k, unsigned word, const struct founding *g,
    struct span line)
{
	struct span name;
	struct cinc cinc;

	for (unsigned i = 0; i < k->nowner; i++)
		if (k->owner[i].type == OWNER_FOUNDING &&
		    k->owner[i].word == word &&
		    kind_founding(kind_word(line, word), &name, &cinc) &&
		    cinc_cmp(cinc, g->cinc) == 0 &&
		    span_eq(name, rcbuf_span(g->chan->fold)))
			return true;
	return false;
}

/* Say a register of a later verb for the incarnation ch instead of g. A line
 * that gets too long is left out: no server would take it. */
static void
add_later_of(struct restate *r, const struct unknown *x,
    const struct founding *g, const struct ch *ch)
{
	struct part *p = add_later(r, x, x->write.tenure);
	const struct kind *k = &p->u.unknown.kind;
	struct writer w;

	writer_init_arena(&w, r->st->arena, PART_LINE_MAX);
	for (unsigned i = 0; i <= k->words; i++) {
		writer_str(&w, i > 0 ? " " : "");
		if (is_owner(k, i, g, p->line))
			later_write_founding(&w, ch->name, ch->cinc);
		else
			writer_span(&w, kind_word(p->line, i));
	}
	writer_span(&w, span_tail(p->line, kind_key_end(k, p->line)));
	p->line = writer_done(&w);
	if (w.over)
		r->n--;
}

static void
found_again(struct restate *r, const struct founding *g, struct ch *to)
{
	const struct unknown *x = NULL;
	struct part *p = add(r, PART_CHAN);
	struct ch ch = { rcbuf_span(g->name),
		{ r->stamp, r->st->core->self.sid } };
	struct reg_walk regs = founding_regs(g);
	const struct reg *reg;
	const struct mask *m;
	const struct invite *v;

	p->u.chan.ch = ch;
	ch.name = rcbuf_span(g->chan->fold);
	while ((reg = regs_next(&regs)) != NULL)
		if (reg->value != NULL && !is_of_former_topic(g, reg))
			add(r, PART_CSET)->u.cset =
			    (struct part_cset){ ch, rcbuf_span(reg->name->text),
				    reg->by, text_of(rcbuf_span(reg->value)) };
	while ((x = unknown_register_of(r->st->facts, g, x)) != NULL)
		add_later_of(r, x, g, &ch);
	for (m = mask_first(g); m != NULL; m = mask_next(m))
		add_mask(r, &ch, m);
	for (v = founding_first_invite(g); v != NULL; v = TAILQ_NEXT(v, link))
		add_invite(r, &ch, v);
	move_members(r, g, &ch);
	*to = ch;
}

static void
restate_chan(struct restate *r, const struct part_chan *p, struct dot dot)
{
	const struct founding *g = find_founding(r, &p->ch);
	struct dot *v = arena_alloc(r->st->arena, sizeof(*v));
	struct moved *m;

	*v = dot;
	add(r, PART_UNCHAN)->u.unchan = (struct part_unchan){ p->ch, { v, 1 } };
	if (g == NULL || !is_forked(r, g->dot) || moved_from(r, g) != NULL)
		return;
	if (r->nmoved == r->capmoved)
		r->moved = arena_grow(r->st->arena, r->moved, &r->capmoved, 4,
		    sizeof(*r->moved));
	m = &r->moved[r->nmoved++];
	*m = (struct moved){ .from = g };
	if (g->n.all > 0)
		found_again(r, g, &m->to);
}

/* Return true the first time that it is asked for the user and the channel. */
static bool
is_first_join(struct restate *r, const struct user *u, const struct chan *c)
{
	for (size_t i = 0; i < r->njoined; i++)
		if (r->joined[i].user == u && r->joined[i].chan == c)
			return false;
	if (r->njoined == r->capjoined)
		r->joined = arena_grow(r->st->arena, r->joined, &r->capjoined,
		    4, sizeof(*r->joined));
	r->joined[r->njoined++] = (struct joined){ u, c };
	return true;
}

/* Return the incarnation that the user joins again. */
static struct ch
joins(const struct restate *r, const struct part_join *p,
    const struct member *m)
{
	struct ch ch = p->ch;
	const struct moved *to;
	const struct founding *g;

	if (m != NULL)
		ch = (struct ch){ rcbuf_span(m->chan->fold), member_cinc(m) };
	g = find_founding(r, &ch);
	to = g == NULL ? NULL : moved_from(r, g);
	return to != NULL && to->to.cinc.stamp.ms != 0 ? to->to : ch;
}

/* Return what the new JOIN says made it, so that no server has a later stay: a
 * tenure that is not less than that of the stay here, of the other stay, and of
 * the home. */
static struct made
made_of(const struct side *s, const struct part *join, const struct user *u,
    const struct member *m)
{
	struct made made = apply_made(join, &s->cause);

	if (m != NULL && member_made(m).tenure >= made.tenure)
		made = member_made(m);
	if (made.tenure < user_tenure(u))
		made.tenure = user_tenure(u);
	return made;
}

static void
restate_join(struct restate *r, const struct side *s, const struct part *part)
{
	const struct part_join *p = &part->u.join;
	const struct user *u = facts_find_uid(r->st->facts, p->uid);
	const struct chan *c = facts_find_chan(r->st->facts, p->ch.name);
	const struct member *m =
	    u == NULL || c == NULL ? NULL : facts_find_member(c, u);
	struct part *join;
	struct dot dot;
	struct ch ch;

	if (u == NULL || is_ended(r, p->uid))
		return;
	/* the stay of the entry of this run is over */
	if (s->own && (m == NULL || !is_forked(r, m->dot)))
		return;
	if (!is_first_join(r, u, c))
		return;
	dot = next_dot(r);
	/* a greater dot stays on all servers */
	if (m != NULL && dot_cmp(dot, m->dot) < 0)
		return;
	ch = joins(r, p, m);
	join = add(r, PART_JOIN);
	join->u.join = (struct part_join){ ch, p->uid };
	if (user_home_reg(u) != NULL)
		join->tags = made_tag(made_of(s, part, u, m), r->st->arena);
	if (m != NULL)
		add_stats(r, m, &ch, dot);
}

static void
remove_from_list(struct restate *r, const struct ch *ch, struct dot dot)
{
	struct dot *v = arena_alloc(r->st->arena, sizeof(*v));

	*v = dot;
	add(r, PART_LDEL)->u.ldel = (struct part_ldel){ *ch,
		by_server(r->st->core->self.sid), { v, 1 } };
}

static void
restate_ladd(struct restate *r, const struct ch *ch, struct dot dot)
{
	const struct mask *m = map_find(&r->st->facts->masks, dot_span(&dot));

	remove_from_list(r, ch, dot);
	if (m != NULL && moved_from(r, m->founding) == NULL &&
	    find_founding(r, ch) == m->founding)
		add_mask(r, ch, m);
}

static void
restate_invite(struct restate *r, const struct ch *ch, struct dot dot)
{
	const struct invite *v =
	    map_find(&r->st->facts->invites, dot_span(&dot));

	remove_from_list(r, ch, dot);
	if (v != NULL && moved_from(r, v->founding) == NULL &&
	    find_founding(r, ch) == v->founding)
		add_invite(r, ch, v);
}

/* ---- 3. registers and claims --------------------------------------------- */

static const struct reg *
find_reg(struct reg_walk *w, struct span field)
{
	const struct reg *reg;

	while ((reg = regs_next(w)) != NULL)
		if (span_eq(rcbuf_span(reg->name->text), field))
			return reg;
	return NULL;
}

static struct text
value_of(const struct reg *reg)
{
	return reg == NULL || reg->value == NULL
		   ? text_off()
		   : text_of(rcbuf_span(reg->value));
}

static struct by
author_of(const struct restate *r, const struct reg *reg)
{
	return reg == NULL ? by_server(r->st->core->self.sid) : reg->by;
}

static void
restate_set(struct restate *r, const struct part *p)
{
	const struct part_set *set = &p->u.set;
	const struct user *u = facts_find_uid(r->st->facts, set->uid);
	const struct reg *reg;
	struct reg_walk w;
	struct part *x;

	if (u == NULL || is_ended(r, set->uid))
		return;
	w = user_regs(u);
	reg = find_reg(&w, set->field);
	x = add(r, PART_SET);
	x->u.set = (struct part_set){ set->uid, set->field, author_of(r, reg),
		value_of(reg) };
	set_tenure(r, x, reg == NULL ? 0 : reg->write.tenure, part_tenure(p));
}

static void
restate_cset(struct restate *r, const struct part_cset *p)
{
	const struct founding *g = find_founding(r, &p->ch);
	const struct reg *reg;
	struct reg_walk w;

	if (g == NULL || moved_from(r, g) != NULL)
		return;
	w = founding_regs(g);
	reg = find_reg(&w, p->field);
	add(r, PART_CSET)->u.cset =
	    (struct part_cset){ p->ch, p->field, author_of(r, reg),
		    reg != NULL && is_of_former_topic(g, reg) ? text_off()
							      : value_of(reg) };
}

static void
restate_nick(struct restate *r, const struct part *p)
{
	const struct user *u = facts_find_uid(r->st->facts, p->u.nick.uid);
	struct part_nick nick;
	uint32_t tenure = 0;
	struct part *x;

	if (u == NULL || is_ended(r, u->uid))
		return;
	x = add(r, PART_NICK);
	nick = (struct part_nick){ u->uid, uid_span(&u->uid), 1, r->stamp };
	if (u->claimed != NULL) {
		struct nick_claim claim = user_claim(u);

		nick = (struct part_nick){ u->uid, user_claim_nick(u),
			claim.class, claim.stamp };
		tenure = claim.write.tenure;
	}
	x->u.nick = nick;
	set_tenure(r, x, tenure, part_tenure(p));
}

/* Return the membership of that dot, if it is one that stays. */
static const struct member *
find_stay(const struct restate *r, struct dot dot)
{
	const struct member *m = facts_find_dot(r->st->facts, dot);

	return m == NULL || is_forked(r, dot) || is_ended(r, m->user->uid)
		   ? NULL
		   : m;
}

static void
restate_move(struct restate *r, const struct part_move *p)
{
	const struct member *m = find_stay(r, p->dot);

	if (m != NULL)
		add(r, PART_MOVE)->u.move = (struct part_move){
			{ rcbuf_span(m->chan->fold), member_cinc(m) }, m->dot
		};
}

static void
restate_stat(struct restate *r, const struct part_stat *p)
{
	const struct member *m = find_stay(r, p->dot);
	const struct status_reg *s;
	struct part_stat is = *p;
	uint32_t n;

	if (m == NULL)
		return;
	is.on = false;
	is.by = by_server(r->st->core->self.sid);
	for (s = member_stats(m, &n); n > 0; n--, s++)
		if (cinc_cmp(cinc_of_number(s->cinc), p->ch.cinc) == 0 &&
		    span_eq(rcbuf_span(s->name->text), p->name)) {
			is.on = s->on;
			is.by = by_of_id(s->by);
		}
	add(r, PART_STAT)->u.stat = is;
}

/* Nothing says that a register of a later verb is off. If there is none here,
 * the other servers cannot be without it, and get this one. */
static void
restate_later(struct restate *r, const struct part *p)
{
	const struct unknown *x = unknown_written(r->st->facts, p);
	uint32_t tenure = part_tenure(p);

	if (x == NULL)
		repeat(r, p);
	else
		add_later(r, x,
		    x->write.tenure > tenure ? x->write.tenure : tenure);
}

/* ---- all of it ----------------------------------------------------------- */

static void
restate_element(struct restate *r, const struct side *s, const struct part *p,
    struct dot dot)
{
	if (p->id == PART_JOIN)
		restate_join(r, s, p);
	else if (p->id == PART_LADD)
		restate_ladd(r, &p->u.ladd.ch, dot);
	else if (p->id == PART_INVITE)
		restate_invite(r, &p->u.invite.ch, dot);
}

static void
restate_register(struct restate *r, const struct part *p)
{
	if (p->id == PART_SET)
		restate_set(r, p);
	else if (p->id == PART_CSET)
		restate_cset(r, &p->u.cset);
	else if (p->id == PART_NICK)
		restate_nick(r, p);
	else if (p->id == PART_MOVE)
		restate_move(r, &p->u.move);
	else if (p->id == PART_STAT)
		restate_stat(r, &p->u.stat);
	else if (p->id == PART_UNKNOWN &&
		 p->u.unknown.kind.type == KIND_REGISTER)
		restate_later(r, p);
}

/* Go through the parts of both entries, the own one last. */
static void
restate_all(struct restate *r, unsigned phase)
{
	for (size_t s = 0; s < 2; s++)
		for (size_t i = 0; i < r->side[s].n; i++) {
			const struct part *p = &r->side[s].part[i];

			if (r->side[s].same[i])
				continue;
			if (phase == 0)
				repeat_removal(r, p, dot_of(r, i));
			else if (phase == 1 && p->id == PART_CHAN)
				restate_chan(r, &p->u.chan, dot_of(r, i));
			else if (phase == 2)
				restate_element(r, &r->side[s], p,
				    dot_of(r, i));
			else if (phase == 3)
				restate_register(r, p);
		}
}

static struct span
next_line(struct span *text)
{
	struct span line = span_make(text->p, span_find(*text, '\n'));

	*text = span_tail(*text, line.n < text->n ? line.n + 1 : text->n);
	return line;
}

/* Set which parts of e are parts of x, too, in the same place. */
static void
set_same(struct step *st, struct side *side, const struct entry *e,
    const struct entry *x)
{
	struct span a = rcbuf_span(e->text), b = rcbuf_span(x->text);
	bool *same = arena_alloc(st->arena, e->nparts * sizeof(*same));

	(void)next_line(&a);
	(void)next_line(&b);
	for (size_t i = 0; i < e->nparts; i++) {
		struct span line = next_line(&a), other = next_line(&b);

		same[i] = i < x->nparts && e->stamp.ms == x->stamp.ms &&
			  span_eq(line, other);
	}
	side->same = same;
}

void
restate_fork(struct step *st, const struct entry *own,
    const struct entry *other)
{
	struct restate *r = arena_alloc(st->arena, sizeof(*r));

	*r = (struct restate){ .st = st, .number = own->n };
	r->side[0] = (struct side){ .part = entry_parts(other, st->arena),
		.n = other->nparts,
		.cause = entry_cause(other) };
	r->side[1] = (struct side){ .part = entry_parts(own, st->arena),
		.n = own->nparts,
		.own = true,
		.cause = entry_cause(own) };
	set_same(st, &r->side[0], other, own);
	set_same(st, &r->side[1], own, other);
	for (unsigned phase = 0; phase < 4; phase++)
		restate_all(r, phase);
	flush(r);
}

/* It removes the part that it is itself. */
void
restate_nothing(struct step *st)
{
	const struct core *c = st->core;
	struct part p = unmade(st, dot_make(c->self, c->last_n + 1, 0));

	core_make(st, (struct stamp){ 0 }, &p, 1, &(struct dest){ .all = true },
	    NULL);
}
