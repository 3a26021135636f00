/*
 * That no server is missing does not mean that all have the same: entries may
 * wait behind a slow link for longer than any time that is chosen here. So the
 * maker of a FORGET asks. All entries of a run that is gone are at some server
 * that is reachable, and a server never has less later. If no answer says more
 * than this server has, it has all there is.
 *
 * Questions may be lost, so all servers are asked again until all answers fit.
 * A server that does not know the question answers with DONE alone, and does
 * not fit.
 */
#include "link/forgetting/census.h"

#include <stdlib.h>

#include "base/mem.h"
#include "link/forgetting/forget.h"
#include "link/forgetting/retire.h"
#include "link/map/ghost.h"
#include "link/msg/msg.h"
#include "link/state.h"
#include "link/words.h"

#define AGAIN_MS 5000
#define LINE_RUNS 400 /* runs in one line of an answer */

void
census_clear(struct census *c)
{
	free(c->of);
	*c = (struct census){ 0 };
}

/* ---- asking ---------------------------------------------------------- */

static const struct census_of *
find_of(const struct census *c, struct origin o, bool seen)
{
	for (size_t i = 0; i < c->n; i++)
		if (origin_cmp(c->of[i].o, o) == 0 && c->of[i].seen == seen)
			return &c->of[i];
	return NULL;
}

static bool
is_answered(const struct link_net *net, const struct census_of *of)
{
	return of != NULL &&
	       (of->answered || mutated(net, MUT_CENSUS_DONE_ALONE)) &&
	       of->done;
}

static bool
is_other(const struct link_net *net, const struct map_server *s)
{
	return s->reachable && sid_cmp(s->lsa.o.sid, net->self.sid) != 0;
}

static bool
all_fit(const struct link_net *net, const struct census *c)
{
	const struct census_of *of;

	for (size_t i = 0; i < net->map.n; i++) {
		struct origin o = net->map.v[i].lsa.o;

		if (!is_other(net, &net->map.v[i]))
			continue;
		of = find_of(c, o, false);
		if (!is_answered(net, of) || of->more)
			return false;
		of = find_of(c, o, true);
		if (c->soon && !mutated(net, MUT_CENSUS_UNSEEN) &&
		    (!is_answered(net, of) || of->more))
			return false;
	}
	return true;
}

size_t
census_silent(const struct link_step *st, const struct census *c,
    struct writer *w)
{
	const struct netmap *map = &st->net->map;
	size_t n = 0;

	if (c->n == 0 || mono_cmp(c->again, event_awake(st->ev)) > 0)
		return 0;
	for (size_t i = 0; i < map->n; i++) {
		struct origin o = map->v[i].lsa.o;

		if (!is_other(st->net, &map->v[i]) ||
		    (is_answered(st->net, find_of(c, o, false)) &&
			(!c->soon ||
			    is_answered(st->net, find_of(c, o, true)))))
			continue;
		if (n++ > 0)
			writer_char(w, ',');
		writer_span(w, sid_span(&o.sid));
	}
	return n;
}

static void
ask(const struct link_step *st, struct census *c, struct origin o, bool seen)
{
	struct writer w;
	uint64_t id;

	writer_init_arena(&w, st->fx->arena, 16);
	writer_str(&w, seen ? "SEEN " : "HAVE ");
	writer_span(&w, sid_span(&c->sid));
	id = question_ask(st, o.sid, writer_done(&w));
	c->of = mem_array(c->of, c->n + 1, sizeof(*c->of));
	c->of[c->n++] = (struct census_of){ .id = id, .o = o, .seen = seen };
}

bool
census_agrees(const struct link_step *st, struct census *c,
    const struct census *like)
{
	const struct link_net *net = st->net;
	struct mono now = event_awake(st->ev);
	bool same = sid_cmp(c->sid, like->sid) == 0 && c->inc == like->inc &&
		    c->soon == like->soon;

	if (same && all_fit(net, c))
		return true;
	if (same &&
	    (mono_cmp(c->again, now) > 0 || mutated(net, MUT_CENSUS_ONCE)))
		return false;
	census_clear(c);
	c->sid = like->sid;
	c->inc = like->inc;
	c->soon = like->soon;
	c->again = mono_add_ms(now, AGAIN_MS);
	for (size_t i = 0; i < net->map.n; i++) {
		if (!is_other(net, &net->map.v[i]))
			continue;
		ask(st, c, net->map.v[i].lsa.o, false);
		if (c->soon && !mutated(net, MUT_CENSUS_UNSEEN))
			ask(st, c, net->map.v[i].lsa.o, true);
	}
	return c->n == 0;
}

/* ---- answering ------------------------------------------------------- */

static void
answer_line(const struct link_step *st, struct question *q,
    const struct vector_item *v, size_t n)
{
	struct writer w;

	writer_init_arena(&w, st->fx->arena, LINK_LINE_MAX);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			writer_char(&w, ' ');
		write_vector_item(&w, &v[i]);
	}
	q->text = writer_done(&w);
	answer_pass(st, q);
}

static void
answer_have(const struct link_step *st, struct question *q, struct sid sid)
{
	const struct vector_item *v;
	size_t n, to;

	v = vector_runs(&st->net->log.have, sid, &n);
	do {
		to = n > LINE_RUNS ? LINE_RUNS : n;
		if (mutated(st->net, MUT_CENSUS_SHORT))
			n = to;
		answer_line(st, q, v, to);
		v += to;
		n -= to;
	} while (n > 0);
}

static void
answer_seen(const struct link_step *st, struct question *q, struct sid sid)
{
	q->text = ghost_may_be_known(st->net, sid) ? SPAN("1") : SPAN("0");
	answer_pass(st, q);
}

bool
census_answer(const struct link_step *st, const struct question *asked)
{
	struct span rest = asked->text, verb;
	struct question q = question_reply(asked);
	struct sid sid;
	bool have, seen;

	verb = span_word(&rest);
	have = span_eq(verb, SPAN("HAVE"));
	seen = span_eq(verb, SPAN("SEEN"));
	if (!have && !seen)
		return false;
	if (sid_parse(span_word(&rest), &sid)) {
		if (have)
			answer_have(st, &q, sid);
		else
			answer_seen(st, &q, sid);
	}
	done_pass(st, &q);
	return true;
}

/* ---- answers --------------------------------------------------------- */

static struct census *
find(const struct link_net *net, uint64_t id, struct census_of **of)
{
	struct census *c;

	for (size_t i = 0; (c = retire_census(net, i)) != NULL; i++)
		for (size_t k = 0; k < c->n; k++)
			if (c->of[k].id == id) {
				*of = &c->of[k];
				return c;
			}
	return NULL;
}

/* Return true if a run of them goes, and has entries that are not here. */
static bool
has_more(const struct link_net *net, const struct census *c,
    const struct vector *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (sid_cmp(x->v[i].o.sid, c->sid) == 0 &&
		    (x->v[i].o.inc <= c->inc ||
			mutated(net, MUT_CENSUS_LATER_RUNS)) &&
		    (!forget_is(net, x->v[i].o) ||
			mutated(net, MUT_CENSUS_FORGOTTEN)) &&
		    x->v[i].n > vector_get(&net->log.have, x->v[i].o))
			return true;
	return false;
}

/* Take the answer to SEEN. If it is not `0`, the server is not forgotten sooner
 * than others. */
static void
take_seen(const struct link_step *st, const struct census *c,
    struct census_of *of, struct span text)
{
	struct map_server *s = netmap_find(&st->net->map, c->sid);

	if (span_eq(text, SPAN("0")))
		return;
	of->more = true;
	if (s != NULL)
		s->seen_by_other = true;
}

bool
census_line(const struct link_step *st, const struct question *q)
{
	struct vector x = { 0 };
	struct census_of *of;
	struct census *c;

	if (q->id < QUESTION_OWN_ID)
		return false;
	c = find(st->net, q->id, &of);
	if (c == NULL)
		return true;
	of->answered = true;
	if (mutated(st->net, MUT_CENSUS_OPEN))
		of->done = true;
	if (of->seen) {
		take_seen(st, c, of, q->text);
		return true;
	}
	if (!vector_parse(q->text, LINK_ORIGINS_MAX, &x) ||
	    has_more(st->net, c, &x))
		of->more = true;
	vector_fini(&x);
	return true;
}

bool
census_done(const struct link_step *st, const struct question *q)
{
	struct census_of *of;

	if (q->id < QUESTION_OWN_ID)
		return false;
	if (find(st->net, q->id, &of) != NULL) {
		of->done = true;
		st->net->retire_look = true;
	}
	return true;
}
