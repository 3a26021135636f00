/*
 * A connection has a pointer to its class, which is part of the settings, so
 * each of them gets its new class at once: some nanoseconds for each. The rest
 * is done in slices.
 *
 * The tokens depend on the class that a client had and the class it has now. So
 * their lines are made once for each pair of classes, and kept until all
 * clients are told. conn.news holds the number of the lines that the client is
 * to be told. If another reload comes before all clients are told, the lines of
 * the two are told as one.
 */
#include "core/reload.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/answers/cap_lines.h"
#include "core/answers/isupport.h"
#include "core/cmd/oper.h"
#include "core/row_change.h"
#include "core/sessions/audience.h"
#include "core/sessions/timer.h"
#include "core/types/cost.h"

#define PAIRS_MAX 255 /* conn.news is a byte */

struct reload_pair {
	const struct class_settings *was, *is; /* compared, not followed */
	uint8_t news; /* lines of the reload before that come first; 0: none */
	struct rcbuf *lines;
};

/* Return the lines of the reload before that a client was not told yet, and
 * those of this one. */
static struct rcbuf *
lines_of(struct step *st, const struct reload *before, uint8_t news,
    struct span lines)
{
	struct span first = SPAN_NONE;
	struct writer w;

	if (news != 0)
		first = rcbuf_span(before->pair[news - 1].lines);
	writer_init_arena(&w, st->arena, first.n + lines.n);
	writer_span(&w, first);
	writer_span(&w, lines);
	return rcbuf_new(writer_done(&w));
}

/* Return the number of the lines for a client that changes between these
 * classes, from 1. More pairs than a byte can number share the last one: then
 * some clients miss a token. */
static uint8_t
find_pair(struct step *st, const struct reload *before,
    const struct isupport_from *was, const struct conn *x)
{
	struct reload *r = &st->core->reload;
	struct reload_pair *p;

	for (size_t i = r->n; i-- > 0;)
		if (r->pair[i].was == was->class && r->pair[i].is == x->class &&
		    r->pair[i].news == x->news)
			return (uint8_t)(i + 1);
	if (r->n == PAIRS_MAX)
		return PAIRS_MAX;
	if (r->n == r->cap)
		r->pair = mem_grow(r->pair, &r->cap, 4, sizeof(*r->pair));
	p = &r->pair[r->n++];
	*p = (struct reload_pair){
		.was = was->class, .is = x->class, .news = x->news
	};
	p->lines =
	    lines_of(st, before, x->news, isupport_changes(st, was, x->class));
	return (uint8_t)r->n;
}

static void
free_pairs(struct reload *r)
{
	for (size_t i = 0; i < r->n; i++)
		rcbuf_unref(r->pair[i].lines);
	free(r->pair);
	r->pair = NULL;
	r->n = r->cap = 0;
}

void
reload_fini(struct core *c)
{
	free_pairs(&c->reload);
	c->reload.caps = c->reload.gone = 0;
}

/* Take the capabilities from a client that the settings offer no more ("CAP
 * DEL"). */
static void
take_caps(struct step *st, struct session *s)
{
	uint64_t gone = st->core->reload.gone;

	if (gone == 0)
		return;
	reply_caps_changed(st, s, "DEL", gone, false);
	s->caps &= ~gone;
	audience_changed(st->core);
}

static void
tell(struct step *st, struct conn *x)
{
	struct span lines;

	step_spend(st, COST_TIMER);
	timer_set(st->core, x, st->now);
	effects_queues(st->fx, x->id, x->class);
	oper_reloaded(st, x->session);
	take_caps(st, x->session);
	reply_caps_changed(st, x->session, "NEW", st->core->reload.caps, true);
	if (x->news == 0)
		return;
	lines = rcbuf_span(st->core->reload.pair[x->news - 1].lines);
	x->news = 0;
	if (lines.n > 0)
		step_spend(st, COST_LINE + lines.n);
	reply_isupport_lines(st, x->session, lines);
}

void
reload_opers(struct step *st)
{
	struct core *c = st->core;
	struct conn *x;

	c->looks = false;
	for (uint32_t i = 0; (x = core_next_conn(c, &i)) != NULL;)
		oper_reloaded(st, x->session);
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

/*
 * Note for each client what it is to be told. A client that has not been told
 * the news of the reload before is told these first. A connection that has no
 * class of the new settings yet is put into one.
 */
static void
set_news(struct step *st, struct isupport_from *was, bool other)
{
	struct core *c = st->core;
	struct reload before = c->reload;
	struct conn *x;

	c->reload.pair = NULL;
	c->reload.n = c->reload.cap = 0;
	for (uint32_t i = 0; (x = core_next_conn(c, &i)) != NULL;) {
		step_spend(st, COST_MEMBERSHIP);
		was->class = x->class;
		x->class = settings_class(c->settings, &x->addr);
		if (x->session->user != NULL &&
		    x->session->registration == NULL && other)
			x->news = find_pair(st, &before, was, x);
	}
	free_pairs(&before);
	c->reload.next = 0;
}

void
reload_rows(struct step *st, const struct tables *before)
{
	struct core *c = st->core;
	struct isupport_from was = { .settings = c->settings,
		.tables = before };

	set_news(st, &was, true);
	work_add(&c->work, &c->reload.item);
}

/* Return true if clients with TLS are to be told the policy of TLS again. */
static bool
has_new_policy(const struct settings *was, const struct settings *is)
{
	const struct sts_settings *a = &was->sts, *b = &is->sts;

	return (a->port == 0) != (b->port == 0) ||
	       a->duration_s != b->duration_s || a->preload != b->preload;
}

/* Note which capabilities the settings offer no more, or offer with other
 * values. */
static void
note_caps(struct core *c, const struct settings *before)
{
	uint64_t changed, offered;

	if (before == NULL || before == c->settings)
		return;
	changed = caps_changed(&c->tables, before, c->settings) &
		  ~c->tables.leaving.caps;
	offered = caps_offered(&c->tables, c->settings);
	c->reload.caps = (c->reload.caps | changed) & offered;
	c->reload.gone = (c->reload.gone | changed) & ~offered;
}

void
reload_begin(struct step *st, const struct settings *before)
{
	struct isupport_from was = { .settings = before };
	struct core *c = st->core;
	int64_t begun;

	begun = work_begin(&c->work);
	was.tables = row_change(st);
	work_end(&c->work, begun);
	if (was.tables == NULL)
		was.tables = &c->tables;
	note_caps(c, before);
	set_news(st, &was, before != c->settings);
	if (before != NULL && has_new_policy(before, c->settings))
		c->reload.caps |= CAPB(STS);
	work_remove(&c->reload.item);
	begun = work_begin(&c->work);
	reload_run(&c->reload.item, st);
	work_end(&c->work, begun);
}
