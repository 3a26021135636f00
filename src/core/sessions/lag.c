/*
 * All slices wait for all clients. Rejected: a place of its own in the sequence
 * of slices for each client. A client is shown one state of the network at a
 * time, and live lines belong to that state; so each client would need a shown
 * state of its own.
 *
 * Bytes are counted when a slice is done, from its effects: whatever the slice
 * caused is in them, and lines to the same receivers share an effect. Live
 * lines are not counted: they do not depend on slices.
 *
 * The queue of waiting sessions is in the order in which they began to lag, so
 * the first of them is the first that is overdue.
 */
#include "core/sessions/lag.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/sessions/drain.h"
#include "core/types/cost.h"

void
lag_init(struct core *c)
{
	TAILQ_INIT(&c->lagging.awaited);
}

static struct mono
total_end(const struct step *st)
{
	return mono_add_ms(st->awake, st->core->lagging.left_ms);
}

/* Return true if slices are under way that wait for clients. */
static bool
is_under_way(const struct core *c)
{
	return !TAILQ_EMPTY(&c->flips) || c->postponed.head < c->postponed.n ||
	       c->postponed_lists.n > 0 || c->rows.phase != ROWS_REST;
}

void
lag_begin(struct step *st)
{
	struct lagging *l = &st->core->lagging;

	if (is_under_way(st->core))
		return;
	l->left_ms = LAG_TOTAL_MS;
	l->end = total_end(st);
}

bool
lag_holds(const struct core *c)
{
	return c->lagging.n > 0 && !core_mutated(&c->facts, SLICES_RUN_ON);
}

/* Let the slices go on. */
static void
release(struct step *st)
{
	struct core *c = st->core;
	int64_t left = mono_sub_ms(c->lagging.end, st->awake);

	c->lagging.left_ms = left > 0 ? left : 0;
	if (!TAILQ_EMPTY(&c->flips))
		work_add(&c->work, &c->overlay_item);
	if (c->postponed.head < c->postponed.n)
		work_add(&c->work, &c->postpone_item);
	if (c->postponed_lists.n > 0)
		work_add(&c->work, &c->lists_item);
	if (c->rows.phase != ROWS_REST && c->postponed_lists.n == 0)
		work_add(&c->work, &c->rows.item);
	if (c->facts.voids.any && TAILQ_EMPTY(&c->installs))
		work_add(&c->work, &c->void_item);
}

static void
await(struct step *st, struct session *s)
{
	struct lagging *l = &st->core->lagging;

	drain_ask(st, s);
	s->lag = mem_zalloc(sizeof(*s->lag));
	s->lag->since = st->awake;
	if (l->n++ == 0)
		l->end = total_end(st);
	TAILQ_INSERT_TAIL(&l->awaited, s->lag, link);
}

static void
await_no_more(struct step *st, struct lag *lag)
{
	struct lagging *l = &st->core->lagging;

	TAILQ_REMOVE(&l->awaited, lag, link);
	if (--l->n == 0)
		release(st);
}

static void
owe(struct step *st, struct session *s, size_t bytes)
{
	if (s->conn->closing)
		return;
	s->owed += (uint32_t)bytes;
	if (s->lag == NULL && s->owed >= drain_piece(s) / 2)
		await(st, s);
}

static void
owe_all(struct step *st, const struct conn_id *to, size_t n, size_t bytes)
{
	struct conn *x;

	step_spend(st, n * COST_MORE);
	for (size_t i = 0; i < n; i++) {
		x = core_find_conn(st->core, to[i]);
		if (x != NULL)
			owe(st, x->session, bytes);
	}
}

/* Sends to the same receivers share one list of receivers, and often follow
 * each other, so they are counted together. owe() adds effects and may move
 * their array, so no pointer into it is kept. */
void
lag_count(struct step *st, size_t from)
{
	struct effects *fx = st->fx;
	size_t n = fx->n, i = from, nto, bytes;
	const struct conn_id *to;

	while (i < n) {
		if (fx->v[i].kind != EFF_SEND) {
			i++;
			continue;
		}
		to = fx->v[i].u.send.to;
		nto = fx->v[i].u.send.nto;
		for (bytes = 0;
		     i < n && fx->v[i].kind == EFF_SEND &&
		     fx->v[i].u.send.to == to && fx->v[i].u.send.nto == nto;
		     i++)
			bytes += fx->v[i].u.send.buf->n;
		owe_all(st, to, nto, bytes);
	}
}

size_t
lag_room(const struct core *c)
{
	const struct settings *x = c->settings;
	size_t least = SIZE_MAX, n;

	for (size_t i = 0; i < x->nclass; i++) {
		n = drain_piece_of(&x->class[i]);
		if (n < least)
			least = n;
	}
	return least;
}

void
lag_end(struct step *st, struct session *s)
{
	s->owed = 0;
	if (s->lag == NULL)
		return;
	if (!s->lag->overdue)
		await_no_more(st, s->lag);
	lag_free(s);
}

void
lag_free(struct session *s)
{
	free(s->lag);
	s->lag = NULL;
}

/* Return when the session is overdue, if it has not read by then. While void
 * users are hidden, no entry is processed, so nobody is waited for long. */
static struct mono
overdue_at(const struct core *c, const struct lag *lag)
{
	const struct lagging *l = &c->lagging;
	struct mono least = mono_add_ms(lag->since, LAG_LEAST_MS);
	struct mono most = mono_add_ms(lag->since, LAG_MS);

	if (c->facts.voids.any || mono_cmp(l->end, least) < 0)
		return least;
	return mono_min(l->end, most);
}

struct mono
lag_due(const struct core *c)
{
	const struct lag *lag = TAILQ_FIRST(&c->lagging.awaited);

	return lag == NULL ? MONO_NEVER : overdue_at(c, lag);
}

void
lag_tick(struct step *st)
{
	struct lag *lag;

	while ((lag = TAILQ_FIRST(&st->core->lagging.awaited)) != NULL &&
	       mono_cmp(overdue_at(st->core, lag), st->awake) <= 0) {
		lag->overdue = true;
		await_no_more(st, lag);
	}
}
