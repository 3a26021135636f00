/*
 * Questions of a trunk are answered in their order (12.2), so they are a ring,
 * and a client who waits no more leaves its place empty.
 *
 * A client that is refused chooses again with the same answer. The servers that
 * refused are passed over, until none is left: then the least full one must
 * take the client (`over`, 12.4).
 */
#include "gate/placing.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "gate/choose.h"
#include "gate/client.h"
#include "gate/figures.h"
#include "gate/trunk.h"
#include "place/ask.h"
#include "wire/casemap.h"
#include "wire/msg.h"

/* A cost in thousandths of a line an hour. */
#define COST_UNIT (PLACE_ONE * PLACE_LINE / 1000)

enum placing_state { PLACING_READS, PLACING_ASKS, PLACING_CHOSEN };

struct placing {
	struct client *client;
	enum placing_state state;
	struct timer timer;	     /* of PLACING_READS and PLACING_ASKS */
	size_t seen;		     /* unread bytes that were looked at */
	struct trunk *asked;	     /* NULL: no answer is to come */
	uint64_t q;		     /* the number of the question */
	bool over;		     /* no server has room */
	struct place_answer *answer; /* NULL: none */
	struct place_sid refused[PLACING_REFUSALS_MAX];
	size_t nrefused;
};

static void
leave_question(struct placing *p)
{
	if (p->asked == NULL)
		return;
	p->asked->questions.v[p->q % PLACING_QUESTIONS] = NULL;
	p->asked = NULL;
}

void
placing_end(struct client *x)
{
	struct placing *p = x->placing;

	if (p == NULL)
		return;
	leave_question(p);
	loop_timer_clear(x->gate->loop, &p->timer);
	free(p->answer);
	free(p);
	x->placing = NULL;
}

/* ---- the choice ---------------------------------------------------------- */

static const struct place_server *
nearest_open(const struct place_net *net)
{
	const struct place_server *best = NULL, *s;

	for (size_t i = 0; i < net->n; i++) {
		s = &net->v[i];
		if (place_is_open(s) &&
		    (best == NULL || s->rtt_us < best->rtt_us))
			best = s;
	}
	return best;
}

/* Count what the choice costs, and what others would have cost, for the
 * operator. */
static void
count_cost(struct gate *g, const struct place_answer *a, struct place_sid to)
{
	const struct place_server *nearest = nearest_open(&g->net);
	uint64_t sum = 0, n = 0;

	for (size_t i = 0; i < g->net.n; i++)
		if (place_is_open(&g->net.v[i])) {
			sum +=
			    (uint64_t)(place_answer_cost(a, g->net.v[i].sid) /
				       COST_UNIT);
			n++;
		}
	g->placed.known++;
	g->placed.cost += (uint64_t)(place_answer_cost(a, to) / COST_UNIT);
	g->placed.cost_any += n > 0 ? sum / n : 0;
	if (nearest != NULL)
		g->placed.cost_nearest +=
		    (uint64_t)(place_answer_cost(a, nearest->sid) / COST_UNIT);
}

static void
count_choice(struct gate *g, const struct placing *p, const struct choice *c)
{
	g->placed.home += c->why == PLACE_HOME;
	g->placed.best += c->why == PLACE_BEST;
	g->placed.over += c->why == PLACE_OVER;
	if (p->answer != NULL && place_answer_knows(p->answer))
		count_cost(g, p->answer, c->trunk->sid);
}

static void
go(struct placing *p)
{
	const struct choose_from from = { p->answer, p->refused, p->nrefused };
	struct client *x = p->client;
	struct choice c = choose(x->gate, x, &from);
	uint64_t told = 0;

	loop_timer_clear(x->gate->loop, &p->timer);
	p->state = PLACING_CHOSEN;
	if (c.trunk == NULL) {
		placing_end(x);
		client_wait(x);
		return;
	}
	p->over = c.why == PLACE_OVER || p->nrefused == PLACING_REFUSALS_MAX;
	count_choice(x->gate, p, &c);
	if (p->answer != NULL && place_answer_knows(p->answer))
		told = p->answer->rate;
	client_join(x, &c, p->over && c.trunk->places,
	    c.trunk->places ? told : 0);
	if (!c.trunk->places)
		client_is_taken(x);
}

/* ---- the question -------------------------------------------------------- */

/* Return the trunk of the nearest server that can be asked, or NULL. */
static struct trunk *
whom_to_ask(const struct gate *g)
{
	const struct place_server *s, *least = NULL;
	struct trunk *t, *best = NULL;

	LIST_FOREACH(t, &g->trunks, link) {
		s = figures_of(t);
		if (s == NULL || !s->up || !t->places ||
		    t->questions.asked - t->questions.answered >=
			PLACING_QUESTIONS)
			continue;
		if (least != NULL && s->rtt_us >= least->rtt_us)
			continue;
		least = s;
		best = t;
	}
	return best;
}

static void
ask(struct placing *p, struct span nick)
{
	struct client *x = p->client;
	struct trunk *t = whom_to_ask(x->gate);
	const struct place_who who = { .nick = nick, .addr = x->addr };

	if (t == NULL) {
		go(p);
		return;
	}
	if (t->questions.v == NULL)
		t->questions.v =
		    mem_zalloc(PLACING_QUESTIONS * sizeof(*t->questions.v));
	p->q = ++t->questions.asked;
	p->asked = t;
	t->questions.v[p->q % PLACING_QUESTIONS] = p;
	p->state = PLACING_ASKS;
	x->gate->placed.asked++;
	trunk_ask(t, p->q, &who);
	loop_timer_set(x->gate->loop, &p->timer,
	    mono_add_ms(loop_now(x->gate->loop), PLACING_COST_MS));
}

/* Take the nick of a line. Return false if it is no NICK. */
static bool
read_nick(struct span line, struct span *nick)
{
	struct msg m;

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (!msg_parse(line, &m) || !casemap_eq(m.verb, SPAN("NICK")) ||
	    m.nparam == 0 || m.param[0].n > PLACING_NICK_MAX)
		return false;
	*nick = m.param[0];
	return true;
}

void
placing_look(struct client *x, struct span unread, bool eof)
{
	struct placing *p = x->placing;
	struct span rest, line, nick;
	bool first;
	size_t end;

	if (p == NULL || p->state != PLACING_READS)
		return;
	first = p->seen == 0;
	rest = span_tail(unread, p->seen);
	while ((end = span_find(rest, '\n')) < rest.n) {
		line = span_head(rest, end);
		rest = span_tail(rest, end + 1);
		if (read_nick(line, &nick)) {
			ask(p, nick);
			return;
		}
	}
	p->seen = unread.n - rest.n;
	if (eof)
		go(p);
	else if (first && p->seen > 0)
		loop_timer_set(x->gate->loop, &p->timer,
		    mono_add_ms(loop_now(x->gate->loop), PLACING_NICK_MS));
}

void
placing_hurry(struct client *x)
{
	if (x->placing != NULL && x->placing->state == PLACING_READS)
		go(x->placing);
}

static void
is_late(struct timer *t)
{
	struct placing *p =
	    (struct placing *)(void *)((char *)t -
				       offsetof(struct placing, timer));

	if (p->state == PLACING_ASKS)
		p->client->gate->placed.late++;
	leave_question(p);
	go(p);
}

void
placing_begin(struct client *x)
{
	struct gate *g = x->gate;
	struct placing *p = mem_zalloc(sizeof(*p));

	p->client = x;
	p->timer.fire = is_late;
	x->placing = p;
	if (g->conf->strategy != PLACE_TOGETHER || whom_to_ask(g) == NULL) {
		go(p);
		return;
	}
	loop_timer_set(g->loop, &p->timer,
	    mono_add_ms(loop_now(g->loop), PLACING_NICK_MS));
	if (stream_unread(x->stream) > 0)
		stream_pull(x->stream);
}

/* ---- from the trunk ------------------------------------------------------ */

const char *
placing_cost(struct trunk *t, const struct trunkline *x)
{
	struct placing_questions *qs = &t->questions;
	struct place_answer answer;
	struct placing *p;

	if (x->n[0] != qs->answered + 1 || x->n[0] > qs->asked)
		return "state";
	if (!place_answer_parse(x->text, &answer))
		return "form";
	p = qs->v[++qs->answered % PLACING_QUESTIONS];
	if (p == NULL)
		return NULL;
	leave_question(p);
	p->answer = mem_alloc(sizeof(answer));
	*p->answer = answer;
	t->gate->placed.answered++;
	go(p);
	return NULL;
}

bool
placing_may_be_full(const struct client *x)
{
	return x->placing != NULL && x->placing->state == PLACING_CHOSEN;
}

void
placing_full(struct client *x, struct place_sid sid)
{
	struct placing *p = x->placing;

	x->gate->placed.full++;
	if (p->over) {
		client_end_told(x, SPAN("no server has room"));
		return;
	}
	p->refused[p->nrefused++] = sid;
	go(p);
}

void
placing_trunk_ended(struct trunk *t)
{
	struct placing_questions *qs = &t->questions;
	struct placing *p;

	while (qs->answered < qs->asked) {
		p = qs->v[++qs->answered % PLACING_QUESTIONS];
		if (p != NULL)
			leave_question(p);
	}
	free(qs->v);
	qs->v = NULL;
}
