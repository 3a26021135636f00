/*
 * The lines of a hand-over:
 *
 *	BANYAN-HANDOVER 1
 *	node MONO :NAME		the monotonic clock, and the server's name
 *	...			core/handover_give.c
 *	lseq ...		link/handover.c
 *	end LINES HASH		how many lines came before, and their hash
 *
 * HANDOVER_VERSION is raised if an earlier program could take a line for
 * something else, or would lose what it does not know: a verb that is not known
 * is refused, too. A server that starts again asks for it
 * (daemon/restart_check.h).
 *
 * The hash finds a text that was damaged or cut; it is no proof of who wrote
 * it. So the lines are checked one by one all the same.
 */
#include "node/handover.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "core/core.h"
#include "core/handover.h"
#include "link/handover.h"
#include "link/info.h"
#include "link/net.h"
#include "node/state.h"
#include "trunk/net.h"

#define FORMAT "BANYAN-HANDOVER"

const char *
handover_awaits(const struct node *node)
{
	const char *why = core_awaits(node->core);

	if (why == NULL)
		why = trunk_net_awaits(node->trunks);
	return why != NULL ? why : link_net_awaits(node->net);
}

size_t
handover_end_busy(struct node *node, const struct event *ev, bool all,
    struct span reason, struct effects *fx)
{
	struct event timed = *ev;

	timed.paused_ns = node->awake.paused_ns;
	return core_end_busy(node->core, &timed, all, reason, fx);
}

bool
handover_next_client(const struct node *node, uint32_t *i, struct conn_id *id)
{
	return core_next_client(node->core, i, id);
}

/* ---- given --------------------------------------------------------------- */

struct giving {
	struct handsum sum;
	void (*line)(void *ctx, struct span);
	void *ctx;
};

static void
give_line(void *ctx, struct span line)
{
	struct giving *g = ctx;

	handsum_add(&g->sum, line);
	g->line(g->ctx, line);
}

static void
give_head(const struct node *node, const struct event *ev, struct handtext *h)
{
	handtext_begin(h, FORMAT);
	handtext_word(h, SPAN(HANDOVER_VERSION));
	handtext_end(h);
	handtext_begin(h, "node");
	handtext_i64(h, ev->now.ns);
	handtext_text(h, core_settings(node->core)->name);
	handtext_end(h);
}

static void
give_end(const struct handsum *sum, struct handtext *h)
{
	handtext_begin(h, "end");
	handtext_u64(h, sum->lines);
	handtext_u64(h, sum->hash);
	handtext_end(h);
}

void
handover_give(const struct node *node, const struct event *ev,
    void (*line)(void *ctx, struct span), void *ctx)
{
	struct giving g = { .line = line, .ctx = ctx };
	struct handtext *h = mem_zalloc(sizeof(*h));
	struct event timed = *ev;
	struct handsum sum;

	invariant(handover_awaits(node) == NULL);
	timed.paused_ns = node->awake.paused_ns;
	h->line = give_line;
	h->ctx = &g;
	give_head(node, &timed, h);
	core_give(node->core, &timed, h);
	link_net_give(node->net, &timed, h);
	sum = g.sum;
	give_end(&sum, h);
	free(h);
}

/* ---- taken --------------------------------------------------------------- */

struct taking {
	struct node *node;
	const struct handover *h;
	struct event ev; /* EV_CONF */
	struct effects *fx;
	struct core_taking *core; /* NULL before and after its lines */
	struct link_taking *link; /* likewise */
	bool begun;
};

static const char *
read_end(struct span rest, struct handsum *sum)
{
	return hand_u64(&rest, &sum->lines) && hand_u64(&rest, &sum->hash) &&
		       hand_done(rest)
		   ? NULL
		   : "a malformed end";
}

/* Return NULL if the text is whole, and set *text to the lines before the
 * end. */
static const char *
check_whole(struct span *text)
{
	struct span rest = *text, line, verb;
	struct handsum sum = { 0 }, said;
	const char *why, *at;

	while (rest.n > 0) {
		at = rest.p;
		if (span_find(rest, '\n') == rest.n)
			return "the text is cut";
		line = span_cut(&rest, '\n');
		verb = span_word(&(struct span){ line.p, line.n });
		if (!span_eq(verb, SPAN("end"))) {
			handsum_add(&sum, line);
			continue;
		}
		why = read_end(span_tail(line, verb.n), &said);
		if (why != NULL)
			return why;
		*text = span_head(*text, (size_t)(at - text->p));
		return rest.n == 0 && said.lines == sum.lines &&
			       said.hash == sum.hash
			   ? NULL
			   : "the text is damaged";
	}
	return "the text is cut";
}

static const char *
take_format(struct span line)
{
	if (!span_eq(span_word(&line), SPAN(FORMAT)))
		return "this is no text of a hand-over";
	return span_eq(span_word(&line), SPAN(HANDOVER_VERSION)) &&
		       hand_done(line)
		   ? NULL
		   : "the text has another format than this version reads";
}

static const char *
take_node(struct taking *t, struct span rest)
{
	struct span name;
	int64_t ns;

	if (t->begun || !hand_i64(&rest, &ns) || !hand_text(&rest, &name))
		return "expected the clock and a name";
	if (!span_eq(name, t->h->settings->name))
		return "the text is that of another server";
	if (ns > t->h->now.ns)
		return "the machine has been started since";
	t->begun = true;
	trunk_net_begin(t->node->trunks, t->h->seed, t->h->settings);
	t->core = core_take_begin(t->node->core, &t->ev, t->h->seed, t->fx);
	return NULL;
}

static const char *
end_core(struct taking *t, bool failed)
{
	struct core_taking *core = t->core;

	t->core = NULL;
	return core == NULL ? NULL : core_take_end(core, failed);
}

static const char *
end_link(struct taking *t, bool failed)
{
	struct link_taking *link = t->link;

	t->link = NULL;
	return link == NULL ? NULL : link_take_end(link, failed);
}

static const char *
take_line(struct taking *t, struct span line)
{
	struct span rest = line, verb = span_word(&rest);
	const char *why;

	if (line.n == 0 || line.p != verb.p || line.n > HANDTEXT_LINE_MAX)
		return "a line that cannot be";
	if (!t->begun || span_eq(verb, SPAN("node")))
		return span_eq(verb, SPAN("node")) ? take_node(t, rest)
						   : "expected node";
	if (t->core != NULL && core_take_has(verb))
		return core_take_line(t->core, verb, rest);
	if (!link_take_has(verb))
		return "a verb that is not known here";
	if (t->core != NULL) {
		if ((why = end_core(t, false)) != NULL)
			return why;
		t->link =
		    link_take_begin(t->node->net, &t->ev, t->h->seed, t->fx);
	}
	return link_take_line(t->link, verb, rest);
}

/* Take all lines behind the first one. Return NULL, or what is wrong with line
 * *n. */
static const char *
take_lines(struct taking *t, struct span text, size_t *n)
{
	const char *why;

	*n = 1;
	(void)span_cut(&text, '\n');
	while (text.n > 0) {
		++*n;
		if ((why = take_line(t, span_cut(&text, '\n'))) != NULL)
			return why;
	}
	if (t->link == NULL)
		return "lines are missing";
	return end_link(t, false);
}

/* Tell the core what the network had: all that this server has. So it makes
 * nothing again of what the store has (doc/decisions/0044). */
static void
tell_known(struct taking *t)
{
	struct vector known = { 0 };

	log_covered_all(link_net_log(t->node->net), &known);
	core_know(t->node->core, &t->ev, &known, t->fx);
	vector_fini(&known);
}

bool
handover_take(struct node *node, const struct handover *h, struct effects *fx,
    struct handover_fault *fault)
{
	struct taking t = { .node = node, .h = h, .fx = fx };
	struct span text = h->text;

	t.ev =
	    (struct event){ .kind = EV_CONF, .now = h->now, .wall = h->wall };
	t.ev.u.conf.settings = h->settings;
	fault->line = 0;
	if ((fault->why = take_format(span_head(text,
		 span_find(text, '\n')))) != NULL) {
		fault->line = 1;
		return false;
	}
	if ((fault->why = check_whole(&text)) != NULL)
		return false;
	fault->why = take_lines(&t, text, &fault->line);
	(void)end_core(&t, true);
	(void)end_link(&t, true);
	if (fault->why != NULL)
		return false;
	tell_known(&t);
	node->awake = (struct awake){ .last = h->now };
	node->deadline = node->core_deadline = h->now;
	fx->deadline = h->now;
	return true;
}
