/*
 * A thing of the store is no fact: entries of its dot come from nobody any
 * more. Whether the network knows it is decided by the dots in its text, in
 * this order:
 *
 * 1. A note says that the thing was removed: a founding that is as old as the
 *    note, or older, is not permanent any more.
 * 2. The network has the thing, or the name has an older permanent founding,
 *    which wins. The thing here is dropped, and the registers and masks of the
 *    network stand.
 * 3. The network had the entry that made the channel permanent when this
 *    server came, or the run of that entry is forgotten; or likewise the
 *    founding, which is not there. Then it was removed meanwhile, and is
 *    removed from the store.
 * 4. Nobody knows it. It is made again, with new dots and stamps, by this
 *    server, but for registers and masks that the network had.
 *
 * The new founding has a cinc of the old second, so it is as old as the former
 * one, and wins against all that was founded since. Its milliseconds are those
 * of the run: no two runs of a server found one cinc, and the sid tells
 * servers apart. A founding with the former cinc could not be merged, since
 * that may live on beyond a split, with another dot.
 *
 * Two servers that restore one channel at the same moment make two foundings.
 * The older one is shown, and core/chan_cleanup.c removes the other.
 */
#include "core/restore.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/banned.h"
#include "core/durable.h"
#include "core/facts/bans.h"
#include "core/facts/cname.h"
#include "core/facts/founding.h"
#include "core/facts/topic.h"
#include "core/part/later.h"
#include "core/snapshot.h"
#include "core/types/cost.h"
#include "wire/casemap.h"

#define COPIES_MAX 16 /* elements of one ban */
#define PARTS 60 /* of an entry; with lines of any length it is not too large */

struct thing {
	struct span key, text; /* behind the struct */
	struct stamp gone;     /* 0: it was not removed */
	char bytes[];
};

static struct span
key_thing(const void *p)
{
	return ((const struct thing *)p)->key;
}

static void restore_run(struct work_item *, void *ctx);

void
restore_init(struct core *c)
{
	c->restore.item.run = restore_run;
	c->restore.from = MONO_NEVER;
}

void
restore_seed(struct core *c)
{
	map_init(&c->restore.things, key_thing, c->key);
}

void
restore_fini(struct core *c)
{
	struct thing *t;

	for (size_t i = 0; (t = map_next(&c->restore.things, &i)) != NULL;)
		free(map_del(&c->restore.things, t->key));
	map_fini(&c->restore.things);
	vector_fini(&c->restore.known);
}

static void
keep(struct core *c, struct span key, struct span text, struct stamp gone)
{
	struct thing *t = mem_alloc(sizeof(*t) + key.n + text.n);

	memcpy(t->bytes, key.p, key.n);
	if (text.n > 0)
		memcpy(t->bytes + key.n, text.p, text.n);
	t->key = span_make(t->bytes, key.n);
	t->text = span_make(t->bytes + key.n, text.n);
	t->gone = gone;
	free(map_del(&c->restore.things, key));
	map_put(&c->restore.things, t);
}

static void
drop(struct core *c, struct span key)
{
	free(map_del(&c->restore.things, key));
}

/* Take a ban of this server alone. It holds at once: nobody else has a say in
 * it. Return false if the thing is not such a ban. */
static bool
take_own_ban(struct step *st, const struct stored *s)
{
	struct span key = s->key;

	if (!span_eq(span_word(&key), SPAN(DURABLE_OWN_BAN)))
		return false;
	if (s->text.n > 0 && !banned_restore_own(st, key, s->text))
		effects_logf(st->fx, LOG_STORE_ODD, { "key", s->key });
	return true;
}

void
restore_take(struct step *st, const struct event *ev)
{
	const struct stored *s = ev->u.loaded.v;

	for (size_t i = 0; i < ev->u.loaded.n; i++, s++)
		if (s->key.n > 0 && s->key.n <= DURABLE_KEY_MAX &&
		    !take_own_ban(st, s))
			keep(st->core, s->key, s->text, s->gone);
	st->core->restore.loaded |= ev->u.loaded.last;
}

/* ---- when to look -------------------------------------------------------- */

static bool
has_others(const struct step *st)
{
	const struct server *s;

	for (size_t i = 0; (s = map_next(&st->facts->servers, &i)) != NULL;)
		if (s->ready != 0 && sid_cmp(s->sid, st->core->self.sid) != 0)
			return true;
	return false;
}

void
restore_begin(struct step *st, const struct vector *known)
{
	struct restore *r = &st->core->restore;

	vector_copy(&r->known, known);
	r->from = mono_add_ms(st->awake, has_others(st) ? RESTORE_WAIT_MS : 0);
}

bool
restore_may_go_on(const struct core *c)
{
	return c->restore.looks && !core_is_partial(c) &&
	       c->applied_n == c->last_n;
}

void
restore_tick(struct step *st)
{
	struct restore *r = &st->core->restore;

	if (r->loaded && mono_cmp(st->awake, r->from) >= 0) {
		r->from = MONO_NEVER;
		r->looks = true;
	}
	if (restore_may_go_on(st->core))
		work_add(&st->core->work, &r->item);
}

struct mono
restore_due(const struct core *c)
{
	return c->restore.loaded ? c->restore.from : MONO_NEVER;
}

/* ---- entries ------------------------------------------------------------- */

struct draft { /* an entry that is being made */
	struct step *st;
	struct part part[PARTS];
	size_t n;
};

static void
draft_make(struct draft *d)
{
	if (d->n > 0)
		core_make(d->st, (struct stamp){ 0 }, d->part, d->n,
		    &(struct dest){ .all = true }, NULL);
	d->n = 0;
}

static struct part *
draft_add(struct draft *d, enum part_id id)
{
	if (d->n == PARTS)
		draft_make(d);
	d->part[d->n] = (struct part){ .id = id };
	return &d->part[d->n++];
}

static void
draft_set(struct draft *d, const struct ch *ch, struct span field,
    struct text value)
{
	draft_add(d, PART_CSET)->u.cset = (struct part_cset){ *ch, field,
		by_server(d->st->core->self.sid), value };
}

/* ---- notes that something was removed ------------------------------------ */

void
restore_mark_gone(struct core *c, struct span key, struct stamp gone)
{
	keep(c, key, SPAN_NONE, gone);
}

/* Make an entry by which the founding is permanent no more. */
static void
take_off(struct step *st, const struct founding *g)
{
	struct draft d = { .st = st };
	struct ch ch = { rcbuf_span(g->name), g->cinc };

	draft_set(&d, &ch, span_of(chan_modes_builtin[CM_PERMANENT].field),
	    text_off());
	draft_make(&d);
}

/* Return true if a note says that the thing was removed, and was made first
 * before that. */
static bool
is_gone(struct core *c, struct span key, struct stamp since)
{
	const struct thing *t = map_find(&c->restore.things, key);

	if (t == NULL || t->gone.ms == 0)
		return false;
	if (since.ms <= t->gone.ms)
		return true;
	drop(c, key);
	return false;
}

/* Return true if this server has begun to look: it may make entries then. */
static bool
has_begun(const struct core *c)
{
	return c->ready && c->restore.loaded && mono_is_never(c->restore.from);
}

bool
restore_chan_is_gone(struct step *st, struct span key, const struct founding *g)
{
	if (!is_gone(st->core, key, durable_since(g)))
		return false;
	if (has_begun(st->core))
		take_off(st, g);
	return true;
}

bool
restore_ban_is_gone(struct step *st, struct span key, const struct ban *b)
{
	struct part part;
	struct writer w;

	if (!is_gone(st->core, key, (struct stamp){ 0 }))
		return false;
	if (!has_begun(st->core))
		return true;
	writer_init_arena(&w, st->arena, PART_LINE_MAX);
	writer_span(&w, st->core->settings->name);
	for (unsigned i = 0; b != NULL && i < COPIES_MAX; i++) {
		writer_char(&w, ' ');
		write_dot(&w, b->fact->write.dot);
		b = ban_copy(b);
	}
	later_part(&part, &later_builtin[LATER_UNBAN], writer_done(&w),
	    text_off(), st->arena);
	core_make(st, (struct stamp){ 0 }, &part, 1,
	    &(struct dest){ .all = true }, NULL);
	return true;
}

bool
restore_has(const struct core *c, struct span key, struct span text)
{
	const struct thing *t = map_find(&c->restore.things, key);

	return t != NULL && t->gone.ms == 0 && span_eq(t->text, text);
}

void
restore_tell_gone(struct step *st)
{
	const struct thing *t;

	for (size_t i = 0;
	     (t = map_next(&st->core->restore.things, &i)) != NULL;)
		if (t->gone.ms != 0)
			effects_unstore(st->fx, t->key, t->gone);
		else
			effects_store(st->fx, t->key,
			    arena_span_dup(st->arena, t->text));
}

/* ---- things -------------------------------------------------------------- */

/* A thing that was read. */
struct told {
	struct span name; /* folded */
	int64_t second;
	struct snap_item *item; /* the first is a +CHAN */
	size_t n, cap;
	const struct snap_item *permanent; /* the register */
};

static bool
parse_key(struct span key, struct told *x)
{
	uint64_t second;

	if (!span_eq(span_word(&key), SPAN(DURABLE_CHAN)))
		return false;
	x->name = span_word(&key);
	if (x->name.n == 0 || !span_u64(span_word(&key), &second) ||
	    second > STAMP_MAX / MS_PER_S)
		return false;
	x->second = (int64_t)second;
	return key.n == 0;
}

static bool
is_of(const struct told *x, const struct ch *ch)
{
	return casemap_eq(ch->name, x->name) &&
	       ch->cinc.stamp.ms / MS_PER_S == x->second;
}

/* Return true if the part gives the channel another name. */
static bool
is_name(const struct told *x, const struct part *p)
{
	struct ch ch;

	return later_is(p, &later_builtin[LATER_CNAME]) &&
	       kind_founding(kind_word(p->line, 1), &ch.name, &ch.cinc) &&
	       is_of(x, &ch);
}

/* Return true if the item is of the channel that the key names. */
static bool
fits(const struct told *x, const struct snap_item *i)
{
	switch ((int)i->part.id) {
	case PART_CHAN:
		return x->n == 0 && is_of(x, &i->part.u.chan.ch);
	case PART_CSET:
		return x->n > 0 && is_of(x, &i->part.u.cset.ch);
	case PART_LADD:
		return x->n > 0 && is_of(x, &i->part.u.ladd.ch);
	case PART_UNKNOWN:
		return x->n > 0 && is_name(x, &i->part);
	}
	return false;
}

static bool
parse_line(struct step *st, struct span line, struct told *x)
{
	if (x->n == x->cap)
		x->item = arena_grow(st->arena, x->item, &x->cap, 8,
		    sizeof(*x->item));
	if (line.n > ENTRY_LINE_MAX ||
	    snap_item_parse(line, st->arena, &x->item[x->n]) != NULL ||
	    !fits(x, &x->item[x->n]))
		return false;
	x->n++;
	return true;
}

/* Read a thing. Return false if this server cannot. */
static bool
parse(struct step *st, const struct thing *t, struct told *x)
{
	struct span rest = t->text;
	const struct part *p;

	*x = (struct told){ .n = 0 };
	if (!parse_key(t->key, x))
		return false;
	while (rest.n > 0)
		if (!parse_line(st, span_cut(&rest, '\n'), x))
			return false;
	for (size_t i = 0; i < x->n; i++) {
		p = &x->item[i].part;
		if (p->id == PART_CSET && p->u.cset.value.present &&
		    span_eq(p->u.cset.field,
			span_of(chan_modes_builtin[CM_PERMANENT].field)))
			x->permanent = &x->item[i];
	}
	return x->permanent != NULL;
}

/* Return true if the network had that entry when this server came, or if its
 * run is forgotten. */
static bool
was_known(const struct step *st, struct dot dot)
{
	const struct server *s = facts_find_server(st->facts, dot.o.sid);

	return dot.n <= vector_get(&st->core->restore.known, dot.o) ||
	       (s != NULL && dot.o.inc <= s->forget);
}

/* Return the stamp at which an operator made the channel permanent. */
static struct stamp
since_of(const struct told *x)
{
	struct span value = x->permanent->part.u.cset.value.s;
	struct stamp since;

	(void)span_word(&value);
	return stamp_parse(span_word(&value), &since) ? since
						      : x->permanent->stamp;
}

static bool
is_field(const struct snap_item *i, const char *field)
{
	return i->part.id == PART_CSET &&
	       span_eq(i->part.u.cset.field, span_of(field));
}

/* Return when the topic of the item was set: what the thing says of it, if that
 * was written with it, or else its stamp. */
static struct stamp
topic_since(const struct told *x, const struct snap_item *topic)
{
	const struct snap_item *i;
	struct stamp since;

	for (i = x->item; i < x->item + x->n; i++)
		if (is_field(i, FIELD_TOPIC_SINCE) &&
		    origin_cmp(i->dot.o, topic->dot.o) == 0 &&
		    i->dot.n == topic->dot.n &&
		    stamp_parse(i->part.u.cset.value.s, &since) &&
		    since.ms < topic->stamp.ms)
			return since;
	return topic->stamp;
}

static struct text
text_of_stamp(struct step *st, struct stamp stamp)
{
	struct writer w;

	writer_init_arena(&w, st->arena, sizeof("140737488355328"));
	writer_i64(&w, stamp.ms);
	return text_of(writer_done(&w));
}

/* Set the topic, and in the same entry when it was set. */
static void
add_topic(struct draft *d, const struct told *x, const struct ch *ch,
    const struct snap_item *topic)
{
	struct text value = topic->part.u.cset.value;

	if (d->n + 2 > PARTS)
		draft_make(d);
	draft_set(d, ch, SPAN(FIELD_TOPIC), value);
	if (value.present)
		draft_set(d, ch, SPAN(FIELD_TOPIC_SINCE),
		    text_of_stamp(d->st, topic_since(x, topic)));
}

static struct text
permanent_since(struct step *st, struct stamp since)
{
	struct writer w;

	writer_init_arena(&w, st->arena, sizeof("1 140737488355328"));
	writer_str(&w, "1 ");
	writer_i64(&w, since.ms);
	return text_of(writer_done(&w));
}

/* Give the channel the name that it had. */
static void
add_name(struct draft *d, const struct ch *ch, const struct part *p)
{
	struct arena *arena = d->st->arena;
	size_t at = kind_text_at(p->line);
	struct part name;

	later_part(&name, &later_builtin[LATER_CNAME],
	    cname_words(arena, ch, by_server(d->st->core->self.sid),
		kind_word(p->line, 3)),
	    at > 0 ? text_of(span_tail(p->line, at)) : text_off(), arena);
	*draft_add(d, PART_UNKNOWN) = name;
}

static void
add_item(struct draft *d, const struct told *x, const struct ch *ch,
    const struct snap_item *i)
{
	const struct part_ladd *l = &i->part.u.ladd;

	if (is_field(i, FIELD_TOPIC))
		add_topic(d, x, ch, i);
	else if (i->part.id == PART_CSET && i != x->permanent &&
		 !is_field(i, FIELD_TOPIC_SINCE))
		draft_set(d, ch, i->part.u.cset.field, i->part.u.cset.value);
	if (i->part.id == PART_UNKNOWN)
		add_name(d, ch, &i->part);
	if (i->part.id == PART_LADD && expiry_holds(l->expiry, d->st->wall))
		draft_add(d, PART_LADD)->u.ladd = (struct part_ladd){ *ch,
			l->list, by_server(d->st->core->self.sid), l->expiry,
			l->mask };
}

static const struct founding *
find_founding(const struct step *st, const struct told *x, struct cinc cinc)
{
	const struct chan *c = facts_find_chan(st->facts, x->name);

	return c == NULL ? NULL : founding_find(c, cinc);
}

/* Make the channel again, in the founding that it had if that is there. */
static void
make_again(struct step *st, const struct told *x, struct span key)
{
	struct draft *d = arena_alloc(st->arena, sizeof(*d));
	struct ch ch = x->item[0].part.u.chan.ch;

	*d = (struct draft){ .st = st };
	if (find_founding(st, x, ch.cinc) == NULL)
		ch.cinc = (struct cinc){ { x->second * MS_PER_S +
					     st->core->self.inc % MS_PER_S },
			st->core->self.sid };
	if (find_founding(st, x, ch.cinc) == NULL)
		draft_add(d, PART_CHAN)->u.chan.ch = ch;
	draft_set(d, &ch, span_of(chan_modes_builtin[CM_PERMANENT].field),
	    permanent_since(st, since_of(x)));
	for (size_t i = 1; i < x->n; i++)
		if (!was_known(st, x->item[i].dot))
			add_item(d, x, &ch, &x->item[i]);
	draft_make(d);
	step_spend(st, x->n * COST_VISIT);
	effects_logf(st->fx, LOG_RESTORED, { "key", key });
}

/* Return true if the network had what makes the channel permanent, or its
 * founding, and has it no more. */
static bool
was_removed(const struct step *st, const struct told *x)
{
	const struct snap_item *chan = &x->item[0];

	return was_known(st, x->permanent->dot) ||
	       (was_known(st, chan->dot) &&
		   find_founding(st, x, chan->part.u.chan.ch.cinc) == NULL);
}

static void
forget_thing(struct step *st, struct span key, struct stamp gone)
{
	effects_unstore(st->fx, key, gone);
	restore_mark_gone(st->core, key, gone);
}

/* Return true if the name has a permanent founding that is older. */
static bool
has_older(const struct step *st, const struct told *x)
{
	const struct founding *g = durable_find(st->facts, x->name, -1);

	return g != NULL && g->cinc.stamp.ms < x->second * MS_PER_S;
}

/* Decide about a channel. See the top of this file. */
static void
decide_chan(struct step *st, const struct thing *t, const struct told *x)
{
	if (durable_find(st->facts, x->name, x->second) != NULL)
		drop(st->core, t->key);
	else if (has_older(st, x) || was_removed(st, x))
		forget_thing(st, t->key, since_of(x));
	else {
		make_again(st, x, t->key);
		drop(st->core, t->key);
	}
}

/* Read the key of a ban. */
static bool
parse_id(struct span key, struct cinc *id)
{
	return span_eq(span_word(&key), SPAN(DURABLE_BAN)) &&
	       cinc_parse(span_word(&key), id) && key.n == 0;
}

/* Read a ban. Return false if this server cannot. */
static bool
parse_ban(struct step *st, const struct thing *t, struct ban_text *b,
    struct dot *dot)
{
	struct span rest = t->text, line = span_cut(&rest, '\n');
	struct snap_item i;
	struct cinc id;

	if (!parse_id(t->key, &id) || rest.n > 0 || line.n > ENTRY_LINE_MAX ||
	    snap_item_parse(line, st->arena, &i) != NULL ||
	    i.part.id != PART_UNKNOWN || !ban_parse(i.part.line, b))
		return false;
	*dot = i.dot;
	return cinc_cmp(b->id, id) == 0;
}

/* Decide about a ban, by the same rules. A ban that is over is dropped. */
static void
decide_ban(struct step *st, const struct thing *t, const struct ban_text *b,
    struct dot dot)
{
	struct part part;

	if (bans_find(st->facts, b->id) != NULL) {
		drop(st->core, t->key);
		return;
	}
	if (was_known(st, dot) || !expiry_holds(b->expiry, st->wall)) {
		forget_thing(st, t->key, st->core->hlc);
		return;
	}
	ban_part(&part, b, st->arena);
	core_make(st, (struct stamp){ 0 }, &part, 1,
	    &(struct dest){ .all = true }, NULL);
	effects_logf(st->fx, LOG_RESTORED, { "key", t->key });
	drop(st->core, t->key);
}

static void
decide(struct step *st, const struct thing *t)
{
	struct ban_text ban;
	struct dot dot;
	struct told x;

	step_spend(st, COST_VISIT + t->text.n);
	if (parse_ban(st, t, &ban, &dot))
		decide_ban(st, t, &ban, dot);
	else if (parse(st, t, &x))
		decide_chan(st, t, &x);
	else {
		effects_logf(st->fx, LOG_STORE_ODD, { "key", t->key });
		drop(st->core, t->key);
	}
}

/* Look at a note. */
static void
look_at_gone(struct step *st, const struct thing *t)
{
	const struct founding *g;
	const struct ban *b;
	struct cinc id;
	struct told x;

	step_spend(st, COST_VISIT);
	if (parse_id(t->key, &id)) {
		b = bans_find(st->facts, id);
		if (b != NULL && b->fact != NULL)
			(void)restore_ban_is_gone(st, t->key, b);
	} else if (parse_key(t->key, &x)) {
		g = durable_find(st->facts, x.name, x.second);
		if (g != NULL)
			(void)restore_chan_is_gone(st, t->key, g);
	}
}

static void
look(struct step *st, const struct thing *t)
{
	if (t->gone.ms == 0)
		decide(st, t);
	else
		look_at_gone(st, t);
}

/* Look at some things, as an item of the queue of work; ctx is the step. */
static void
restore_run(struct work_item *item, void *ctx)
{
	struct step *st = ctx;
	struct core *c = st->core;
	const struct thing *t;

	while (restore_may_go_on(c) && work_has_left(&c->work)) {
		t = map_next(&c->restore.things, &c->restore.at);
		c->restore.looks = t != NULL;
		if (t != NULL)
			look(st, t);
	}
	if (restore_may_go_on(c))
		work_add(&c->work, item);
}
