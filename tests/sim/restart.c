/* All servers are started again: what was made for good is there again. */
#include "run.h"

#include <stdlib.h>

#include "core/durable.h"
#include "core/facts/founding.h"
#include "core/facts/masks.h"
#include "core/facts/topic.h"
#include "core/state.h"
#include "lib/net.h"

static int
cmp_lines(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

static struct span
sorted_lines(struct span text, struct arena *arena)
{
	struct span *v = NULL;
	size_t n = 0, cap = 0;
	struct writer w;

	writer_init_arena(&w, arena, 1 << 20);
	for (; text.n > 0; n++) {
		if (n == cap)
			v = arena_grow(arena, v, &cap, 16, sizeof(*v));
		v[n] = span_cut(&text, '\n');
	}
	if (n > 0)
		qsort(v, n, sizeof(*v), cmp_lines);
	for (size_t i = 0; i < n; i++) {
		writer_span(&w, v[i]);
		writer_char(&w, '\n');
	}
	return writer_done(&w);
}

static void
durable_line(struct writer *w, const struct founding *g, struct span what,
    struct span value)
{
	writer_span(w, rcbuf_span(g->chan->fold));
	writer_char(w, ' ');
	writer_i64(w, g->cinc.stamp.ms / 1000);
	writer_char(w, ' ');
	writer_span(w, what);
	writer_char(w, ' ');
	writer_span(w, value);
	writer_char(w, '\n');
}

/* Write when the topic was set, if there is one. */
static void
durable_topic(struct writer *w, const struct founding *g)
{
	struct reg_walk x = founding_regs(g);
	struct topic topic = { 0 };
	const struct reg *r;
	struct writer text;
	char buf[32];

	while ((r = regs_next(&x)) != NULL)
		topic_take(&topic, r);
	if (topic.text.value == NULL)
		return;
	writer_init(&text, buf, sizeof(buf));
	writer_i64(&text, topic_set_at(&topic).ms);
	durable_line(w, g, SPAN("topic set at"), writer_done(&text));
}

#define RESTART_S 60 /* more than RESTORE_WAIT_MS, and some KEEP */

/* Return what each server must have again after all were started again: of the
 * oldest permanent founding of each name its registers and masks. */
static struct span
durable_text(const struct core *core, struct arena *arena)
{
	const struct founding *g;
	const struct chan *c;
	const struct mask *m;
	struct writer w;
	const struct reg *r;

	writer_init_arena(&w, arena, 1 << 20);
	for (size_t i = 0; (c = map_next(&core->facts.chans, &i)) != NULL;) {
		g = durable_find(&core->facts, rcbuf_span(c->fold), -1);
		if (g == NULL)
			continue;
		durable_line(&w, g, SPAN("channel"), SPAN_NONE);
		for (struct reg_walk x = founding_regs(g);
		     (r = regs_next(&x)) != NULL;)
			if (r->value != NULL &&
			    r->name->chan_mode != CM_PERMANENT &&
			    !span_eq(rcbuf_span(r->name->text),
				SPAN(FIELD_TOPIC_SINCE)))
				durable_line(&w, g, rcbuf_span(r->name->text),
				    rcbuf_span(r->value));
		durable_topic(&w, g);
		for (m = mask_first(g); m != NULL; m = mask_next(m))
			durable_line(&w, g, rcbuf_span(m->list->text),
			    rcbuf_span(m->text));
	}
	return sorted_lines(writer_done(&w), arena);
}

void
restart_check(struct world *w)
{
	struct arena *arena = arena_new(64 * 1024);
	struct span before = SPAN_NONE, after;

	/* a server may have begun so late that it has not looked yet */
	net_run(w->net, RESTART_S * 1000);
	rest_come(w);
	if (!w->net->failed)
		before = durable_text(node_core(w->net->node[0].node), arena);
	world_note(w, "all servers are started again");
	for (unsigned i = 0; i < w->n; i++)
		net_crash(w->net, i);
	net_run(w->net, 100);
	for (unsigned i = 0; i < w->n; i++)
		server_start(w, i);
	net_run(w->net, RESTART_S * 1000);
	if (!w->net->failed)
		rest_come(w);
	for (unsigned i = 0; i < w->n && !w->net->failed; i++) {
		after = durable_text(node_core(w->net->node[i].node), arena);
		if (!span_eq(before, after))
			net_fail(w->net,
			    "s%u: durable before the restart:\n%.*safter "
			    "it:\n%.*s",
			    i + 1, SPAN_ARG(before), SPAN_ARG(after));
	}
	w->result->reached[REACH_ALL_RESTARTED] += before.n > 0;
	arena_free(arena);
}
