/*
 * The table is made anew when an element or the map has changed, which is
 * seldom. Only what differs then is a change. A server that comes and goes
 * between two lines for a slow gate is told once, as it is at the end.
 */
#include "trunk/peer.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/entrance_info.h"
#include "core/types/cost.h"
#include "trunk/state.h"

#define WORDS_MAX 600

static struct span
key_of(const void *item)
{
	return sid_span(&((const struct trunk_peer *)item)->sid);
}

void
trunk_peers_init(struct trunk_peers *x, const unsigned char *key)
{
	*x = (struct trunk_peers){ .seen = UINT64_MAX };
	map_init(&x->by_sid, key_of, key);
	TAILQ_INIT(&x->order);
}

static void
drop(struct trunk_peers *x, struct trunk_peer *p)
{
	TAILQ_REMOVE(&x->order, p, link);
	(void)map_del(&x->by_sid, sid_span(&p->sid));
	rcbuf_unref(p->words);
	free(p);
}

void
trunk_peers_fini(struct trunk_peers *x)
{
	struct trunk_peer *p;

	while ((p = TAILQ_FIRST(&x->order)) != NULL)
		drop(x, p);
	map_fini(&x->by_sid);
}

/* ---- the table ----------------------------------------------------------- */

static struct trunk_peer *
get(struct trunk_peers *x, struct sid sid)
{
	struct trunk_peer *p = map_find(&x->by_sid, sid_span(&sid));

	if (p != NULL)
		return p;
	p = mem_zalloc(sizeof(*p));
	p->sid = sid;
	map_put(&x->by_sid, p);
	TAILQ_INSERT_TAIL(&x->order, p, link);
	return p;
}

/* Let other words count; the reference moves. */
static void
change(struct trunk_peers *x, struct trunk_peer *p, struct rcbuf *words)
{
	rcbuf_unref(p->words);
	p->words = words;
	p->changed = ++x->serial;
	TAILQ_REMOVE(&x->order, p, link);
	TAILQ_INSERT_TAIL(&x->order, p, link);
}

static struct span
words_of(const struct entrance_info *e, struct arena *arena)
{
	const struct entrance_text *t = &e->text;
	struct writer w;

	writer_init_arena(&w, arena, WORDS_MAX);
	writer_span(&w, e->name);
	writer_char(&w, ' ');
	writer_span(&w, t->region);
	writer_char(&w, ' ');
	writer_span(&w, t->host);
	writer_char(&w, ' ');
	writer_u64(&w, t->port);
	writer_char(&w, ' ');
	writer_span(&w, t->pin);
	return writer_done(&w);
}

static void
take(const struct trunk_step *st, const struct entrance_info *e)
{
	struct trunk_peers *x = &st->net->peers;
	struct trunk_peer *p = get(x, e->run.sid);
	struct span words = words_of(e, st->fx->arena);

	p->found = x->updates;
	if (p->words == NULL || !span_eq(rcbuf_span(p->words), words))
		change(x, p, rcbuf_new(words));
}

/* Return how far in the order all trunks have been told. */
static uint64_t
told_all(const struct trunk_net *net)
{
	uint64_t told = net->peers.serial;

	for (size_t i = 0; i < net->ntrunk; i++)
		if (net->trunk[i]->state == TRUNK_UP && net->trunk[i]->peers &&
		    net->trunk[i]->peers_told < told)
			told = net->trunk[i]->peers_told;
	return told;
}

/* A server that is not there any more has gone, and is forgotten once all know.
 */
static void
sweep(const struct trunk_step *st)
{
	struct trunk_peers *x = &st->net->peers;
	uint64_t told = told_all(st->net), before = x->serial;
	struct trunk_peer *p, *next;

	TAILQ_FOREACH_SAFE(p, &x->order, link, next) {
		if (p->changed > before)
			break; /* it went in this loop */
		if (p->found == x->updates)
			continue;
		if (p->words != NULL)
			change(x, p, NULL);
		else if (p->changed <= told)
			drop(x, p);
	}
}

void
trunk_peers_update(const struct trunk_step *st)
{
	struct core *core = st->net->core;
	struct trunk_peers *x = &st->net->peers;
	uint64_t serial = entrance_info_serial(core);
	struct entrance_walk walk = { NULL };
	struct entrance_info e;

	if (serial == x->seen)
		return;
	x->seen = serial;
	x->updates++;
	while (entrance_info_next(core, &walk, &e)) {
		core_spend(core, COST_VISIT);
		take(st, &e);
	}
	sweep(st);
}

/* ---- lines --------------------------------------------------------------- */

static void
send(const struct trunk_step *st, struct trunk *t, const struct trunk_peer *p)
{
	struct writer *w = trunk_line(st, t, "PEER ");

	core_spend(st->net->core, COST_LINE);
	writer_span(w, sid_span(&p->sid));
	if (p->words != NULL) {
		writer_char(w, ' ');
		writer_span(w, rcbuf_span(p->words));
	}
	trunk_line_end(w);
}

void
trunk_peers_begin(const struct trunk_step *st, struct trunk *t)
{
	const struct trunk_peer *p;

	if (!t->peers)
		return;
	trunk_peers_update(st);
	TAILQ_FOREACH(p, &st->net->peers.order, link)
		if (p->words != NULL)
			send(st, t, p);
	t->peers_told = st->net->peers.serial;
}

bool
trunk_peers_send(const struct trunk_step *st, struct trunk *t)
{
	const struct trunk_peers *x = &st->net->peers;
	const struct trunk_peer *p = TAILQ_LAST(&x->order, trunk_peer_order);
	bool first = st->ev->kind == EV_TICK; /* each turn sends one at least */

	if (!t->peers || t->peers_told == x->serial || p == NULL ||
	    t->unsent > TRUNK_READ_MAX)
		return false;
	if (core_mutated(st->net, PEER_LOST)) {
		t->peers_told = x->serial;
		return false;
	}
	while (TAILQ_PREV(p, trunk_peer_order, link) != NULL &&
	       TAILQ_PREV(p, trunk_peer_order, link)->changed > t->peers_told)
		p = TAILQ_PREV(p, trunk_peer_order, link);
	for (; p != NULL; p = TAILQ_NEXT(p, link)) {
		if (!first && !core_has_units(st->net->core))
			return true;
		first = false;
		send(st, t, p);
		t->peers_told = p->changed;
	}
	return false;
}
