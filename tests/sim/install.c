/*
 * A snapshot that is taken in slices gives the facts that it gives in one step.
 *
 * When a core begins to take a snapshot in, a second core, the *twin*, gets the
 * same facts, and takes the same snapshot in one step. When the first core is
 * done, both must have equal facts. No other step changes facts in between.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/install.h"
#include "sim/kept.h"

struct twin {
	struct core *core;
	struct effects fx;
	struct event ev;
};

static struct writer
line_of(const struct snap_item *item, char *buf, size_t n)
{
	struct writer w;

	writer_init(&w, buf, n);
	snap_item_build(&w, item);
	return w;
}

static void
add_fact(void *ctx, const struct snap_item *item)
{
	struct snap_facts *facts = ctx;
	struct arena *arena = arena_new(4096);
	struct snap_item same;
	char buf[ENTRY_LINE_MAX];
	struct writer w = line_of(item, buf, sizeof(buf));

	(void)snap_facts_add(facts, writer_done(&w), arena, &same);
	arena_free(arena);
}

static void
twin_free(struct twin *t)
{
	if (t == NULL)
		return;
	core_free(t->core);
	effects_fini(&t->fx);
	free(t);
}

static void
twin_take(struct twin *t, struct snap_facts *facts, const struct vector *v,
    const struct vector *cov)
{
	core_install_whole(t->core, &t->ev, facts, v, cov, &t->fx);
	effects_fini(&t->fx);
	effects_init(&t->fx);
}

/* Make a core with the facts of another one, as far as they are entries'. */
static struct twin *
twin_new(const struct core *of, const struct event *now)
{
	struct twin *t = mem_zalloc(sizeof(*t));
	struct snap_facts *facts;
	struct vector none = { 0 };

	effects_init(&t->fx);
	t->core = core_new();
	t->ev = *now;
	t->ev.kind = EV_SEED;
	memset(&t->ev.u, 0, sizeof(t->ev.u));
	t->ev.u.seed.inc = core_self(of).inc;
	core_step(t->core, &t->ev, &t->fx);
	t->ev.kind = EV_CONF;
	t->ev.u.conf.settings = core_settings(of);
	core_step(t->core, &t->ev, &t->fx);
	facts = snap_facts_new(t->core, 100);
	core_walk(of, add_fact, facts);
	twin_take(t, facts, &none, &none);
	return t;
}

/* Give the twin the snapshot that the core takes in. */
static void
twin_follow(struct twin *t, const struct install *in)
{
	struct lines_reader *lines = snap_facts_read(in->facts);
	struct snap_facts *facts = snap_facts_new(t->core, 100);
	struct arena *arena = arena_new(4096);
	struct snap_item item;
	struct span line;

	while (lines_next(lines, &line)) {
		snap_facts_item(line, arena, &item);
		add_fact(facts, &item);
	}
	lines_reader_free(lines);
	arena_free(arena);
	twin_take(t, facts, &in->v, &in->cov);
}

/* Begin with the facts that the core has now. FORGET is merged already, and the
 * twin could not know what was forgotten before: leave such a snapshot out. */
static void
begin(struct seen *s, const struct core *core, const struct event *now)
{
	const struct install *in = TAILQ_FIRST(&core->installs);
	size_t i = 0;

	if (in == NULL || snap_facts_next_forget(in->facts, &i) != NULL)
		return;
	s->twin = twin_new(core, now);
	twin_follow(s->twin, in);
}

static void
compare(struct oracle *o, unsigned node, const struct core *core)
{
	struct twin *t = o->seen[node].twin;
	struct span mine = core_canon(core, o->net->arena);

	o->reached[REACH_INSTALL]++;
	o->reached[REACH_LATER_SNAPSHOT] +=
	    map_count(&core->facts.unknown_registers) > 0;
	if (!span_eq(mine, core_canon(t->core, o->net->arena)))
		net_fail(o->net,
		    "s%u took a snapshot in slices, and has other facts than "
		    "in one step",
		    node + 1);
}

void
install_forget(struct oracle *o, unsigned node)
{
	twin_free(o->seen[node].twin);
	o->seen[node].twin = NULL;
	vector_fini(&o->seen[node].install_done);
}

void
install_step(struct oracle *o, unsigned node, const struct event *ev)
{
	const struct net_node *nn = &o->net->node[node];
	const struct core *core = node_core(nn->node);
	uint64_t taken = link_net_counts(node_links(nn->node))->snaps_in;
	const struct log *log = link_net_log(node_links(nn->node));
	struct seen *s = &o->seen[node];

	s->takes = taken != s->installs;
	if (s->takes) {
		/* another one, if any, was ended in this step, and entries
		 * were processed behind it */
		install_forget(o, node);
		s->installs = taken;
		vector_copy(&s->install_done, &log->done);
		begin(s, core, ev);
	} else if (s->twin != NULL && !core_is_installing(core)) {
		/* entries may have been processed behind it */
		if (vector_eq(&log->done, &s->install_done) &&
		    !core_is_applying(core))
			compare(o, node, core);
		install_forget(o, node);
	}
}
