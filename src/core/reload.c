/*
 * A connection has a pointer to its class, which is part of the settings, so
 * each of them gets its new class at once: some nanoseconds for each. The rest
 * is done in slices.
 *
 * The tokens depend on the class that a client had and the class it has now. So
 * their lines are made once for each pair of classes, and kept until all
 * clients are told. conn.news holds the number of the lines that the client is
 * to be told.
 */
#include "core/reload.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/answers/cap_lines.h"
#include "core/answers/isupport.h"
#include "core/row_change.h"
#include "core/sessions/timer.h"
#include "core/types/cost.h"

#define PAIRS_MAX 255 /* conn.news is a byte */

struct reload_pair {
	const struct class_settings *was, *is; /* compared, not followed */
	struct rcbuf *lines;
};

/* Return the number of the pair's lines, from 1. More pairs than a byte can
 * number share the last one: then some clients miss a token. */
static uint8_t
find_pair(struct step *st, const struct isupport_from *was,
    const struct class_settings *is)
{
	struct reload *r = &st->core->reload;
	struct reload_pair *p;

	for (size_t i = r->n; i-- > 0;)
		if (r->pair[i].was == was->class && r->pair[i].is == is)
			return (uint8_t)(i + 1);
	if (r->n == PAIRS_MAX)
		return PAIRS_MAX;
	if (r->n == r->cap)
		r->pair = mem_grow(r->pair, &r->cap, 4, sizeof(*r->pair));
	p = &r->pair[r->n++];
	*p = (struct reload_pair){ .was = was->class, .is = is };
	p->lines = rcbuf_new(isupport_changes(st, was, is));
	return (uint8_t)r->n;
}

void
reload_fini(struct core *c)
{
	struct reload *r = &c->reload;

	for (size_t i = 0; i < r->n; i++)
		rcbuf_unref(r->pair[i].lines);
	free(r->pair);
	r->pair = NULL;
	r->n = r->cap = 0;
	r->caps = 0;
}

static void
tell(struct step *st, struct conn *x)
{
	struct span lines;

	step_spend(st, COST_TIMER);
	timer_set(st->core, x, st->now);
	reply_caps_changed(st, x->session, "NEW", st->core->reload.caps, true);
	if (x->news == 0)
		return;
	lines = rcbuf_span(st->core->reload.pair[x->news - 1].lines);
	x->news = 0;
	if (lines.n > 0)
		step_spend(st, COST_LINE + lines.n);
	reply_isupport_lines(st, x->session, lines);
}

/* Tell the next client. Return false if all clients have been told. */
static bool
tell_next(struct step *st)
{
	struct core *c = st->core;
	struct conn *x = core_next_conn(c, &c->reload.next);

	if (x != NULL)
		tell(st, x);
	else
		reload_fini(c);
	return x != NULL;
}

void
reload_run(struct work_item *item, void *ctx)
{
	struct step *st = ctx;
	bool more;

	do
		more = tell_next(st);
	while (more && work_has_left(&st->core->work));
	if (more)
		work_add(&st->core->work, item);
}

/* Tell clients at once what they have not been told yet of the reload
 * before. */
static void
finish(struct step *st)
{
	struct work_item *item = &st->core->reload.item;

	if (!work_is_queued(item))
		return;
	work_remove(item);
	while (tell_next(st))
		;
}

/* Put the rows of the settings into effect, if they are other ones. Return the
 * tables that held until now. */
static const struct tables *
begin_rows(struct step *st)
{
	struct core *c = st->core;
	const struct tables *was = &c->tables;

	if (!rows_are_same(was, c->settings->rows, c->settings->nrows))
		c->reload.caps = row_change(st, &was);
	return was;
}

void
reload_begin(struct step *st, const struct settings *before)
{
	struct isupport_from was = { .settings = before };
	struct core *c = st->core;
	struct conn *x;
	int64_t begun;

	finish(st);
	was.tables = begin_rows(st);
	for (uint32_t i = 0; (x = core_next_conn(c, &i)) != NULL;) {
		step_spend(st, COST_MEMBERSHIP);
		was.class = x->class;
		x->class = settings_class(c->settings, &x->addr);
		if (x->session->user != NULL &&
		    x->session->registration == NULL && before != c->settings)
			x->news = find_pair(st, &was, x->class);
	}
	c->reload.next = 0;
	begun = work_begin(&c->work);
	reload_run(&c->reload.item, st);
	work_end(&c->work, begun);
}
