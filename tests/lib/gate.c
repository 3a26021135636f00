/*
 * Each line is read by the function of its verb, which returns NULL, or what is
 * wrong. Numbers in comments are rules of doc/gate-protocol.md.
 */
#include "lib/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "place/ask.h"
#include "wire/words.h"

#define LINE_MAX_BYTES 16382 /* 3.1 */
#define LISTS_MOST 4096
#define WORDS_MOST ((size_t)1 << 20)

void
gate_init(struct gate *g, const struct gate_ops *ops, void *ctx)
{
	*g = (struct gate){ .ops = ops, .ctx = ctx };
}

void
gate_fini(struct gate *g)
{
	for (size_t i = 0; i < g->nlist; i++)
		free(g->list[i].v);
	free(g->list);
	free(g->ended);
	free(g->peer);
	vector_fini(&g->pos);
}

uint32_t
gate_new_stream(struct gate *g)
{
	size_t old = g->capended;

	if (g->last == g->capended) {
		g->ended =
		    mem_grow(g->ended, &g->capended, 16, sizeof(*g->ended));
		memset(g->ended + old, 0, g->capended - old);
	}
	return ++g->last;
}

void
gate_beat(struct gate *g, uint64_t t)
{
	g->sent[g->nsent++ % GATE_BEATS] = t;
}

/* ---- the trunk itself ---------------------------------------------------- */

static bool
read_name(struct span *rest)
{
	struct span word;

	return word_next(rest, &word) && word.n <= 63;
}

static const char *
server_line(struct gate *g, struct span rest)
{
	struct span word, caps;
	uint64_t version;

	if (!word_num(&rest, &version) || version != 1 ||
	    !word_next(&rest, &word) || !origin_parse(word, &g->run) ||
	    !read_name(&rest) || !read_name(&rest) || !word_text(&rest, &caps))
		return "4.2: SERVER does not have its form";
	while ((word = span_word(&caps)).n > 0)
		if (span_starts(word, SPAN("streams=")) &&
		    !num_parse(span_tail(word, 8), &g->streams))
			return "4.2: streams= has no number";
	if (g->streams == 0)
		return "4.2: SERVER does not say how many streams";
	g->state = GATE_FIRST;
	return NULL;
}

static bool
has_sent(const struct gate *g, uint64_t t)
{
	for (size_t i = 0; i < GATE_BEATS && i < g->nsent; i++)
		if (g->sent[i] == t)
			return true;
	return false;
}

static const char *
beat_line(struct gate *g, struct span rest, uint64_t now)
{
	uint64_t t, echo, held;

	if (!word_num(&rest, &t) || t == 0)
		return "4.4: BEAT has no time";
	if (t <= g->beat)
		return "4.4: the time of BEAT does not grow";
	g->beat = t;
	if (word_none(rest))
		return g->echo != 0 ? "4.4: BEAT has no echo any more" : NULL;
	if (!word_num(&rest, &echo) || !word_num(&rest, &held) ||
	    !word_none(rest))
		return "4.4: BEAT does not have its form";
	if (!has_sent(g, echo))
		return "4.4: an echo of a BEAT that was not sent";
	if (echo < g->echo)
		return "4.4: an echo of an older BEAT";
	g->echo = echo;
	return held > now - echo + 2 ? "4.4: a BEAT was held too long" : NULL;
}

static const char *
pos_line(struct gate *g, struct span rest)
{
	struct span word, run;
	struct origin o;
	uint64_t n;
	bool more = false;

	g->more[0] = '\0';
	while (word_next(&rest, &word)) {
		if (span_eq(word, SPAN("*")) && !more) {
			more = true;
			snprintf(g->more, sizeof(g->more), "POS");
			continue;
		}
		run = span_cut(&word, '=');
		if (!origin_parse(run, &o) || !num_parse(word, &n))
			return "5.11: a word of POS does not have its form";
		if (n <= vector_get(&g->pos, o) && g->state == GATE_UP)
			return "5.11: a position does not grow";
		vector_set(&g->pos, o, n);
	}
	if (!word_none(rest))
		return "5.11: POS has a text";
	if (more)
		return NULL;
	g->at_pos = true;
	g->state = GATE_UP;
	return NULL;
}

static const char *
error_line(struct gate *g, struct span rest)
{
	struct span code, reason;

	if (!word_next(&rest, &code) || !word_text(&rest, &reason))
		return "7.1: ERROR does not have its form";
	g->state = GATE_ENDED;
	g->ops->error(g->ctx, code, reason);
	return NULL;
}

/* ---- streams ------------------------------------------------------------- */

/* Take the number of a stream that there was, and that has had no GONE. */
static const char *
take_stream(const struct gate *g, struct span *rest, uint32_t *s)
{
	uint64_t n;

	if (!word_num(rest, &n) || n == 0 || n > UINT32_MAX)
		return "5: a line has no stream";
	if (n > g->last)
		return "5.6: a line of a stream that there never was";
	if (g->ended[n - 1] != 0)
		return "5.6: a line of a stream behind its GONE";
	*s = (uint32_t)n;
	return NULL;
}

static const char *
line_for_list(struct gate *g, struct span word, struct span text)
{
	const struct gate_list *l;
	uint64_t n;

	if (!num_parse(word, &n) || n == 0 || n > g->nlist ||
	    !g->list[n - 1].used)
		return "6.2: a line for a list that is not in use";
	l = &g->list[n - 1];
	for (size_t i = 0; i < l->n && g->why[0] == '\0'; i++)
		if (g->ended[l->v[i] - 1] == 0)
			g->ops->line(g->ctx, l->v[i], text);
	return NULL;
}

static const char *
l_line(struct gate *g, struct span rest)
{
	struct span to, text;
	const char *why;
	uint32_t s;

	if (!word_next(&rest, &to) || !word_text(&rest, &text))
		return "5.3: L does not have its form";
	g->copies++;
	if (to.p[0] == '*')
		return line_for_list(g, span_tail(to, 1), text);
	if ((why = take_stream(g, &to, &s)) == NULL)
		g->ops->line(g->ctx, s, text);
	return why;
}

static const char *
read_line(struct gate *g, struct span rest)
{
	const char *why;
	uint64_t n;
	uint32_t s;

	if (!word_num(&rest, &n) || n == 0)
		return "5.4: READ does not have its form";
	while (!word_none(rest)) {
		if ((why = take_stream(g, &rest, &s)) != NULL)
			return why;
		g->ops->read(g->ctx, s, n);
	}
	return NULL;
}

static const char *
queues_line(struct gate *g, struct span rest)
{
	uint64_t sendq, recvq;
	const char *why;
	uint32_t s;

	if (!word_num(&rest, &sendq) || !word_num(&rest, &recvq))
		return "5.8: QUEUES does not have its form";
	while (!word_none(rest)) {
		if ((why = take_stream(g, &rest, &s)) != NULL)
			return why;
		g->ops->queues(g->ctx, s, sendq, recvq);
	}
	return NULL;
}

static const char *
drain_line(struct gate *g, struct span rest)
{
	const char *why;
	uint64_t n;
	uint32_t s;

	if ((why = take_stream(g, &rest, &s)) != NULL)
		return why;
	if (!word_num(&rest, &n) || !word_none(rest))
		return "5.9: DRAIN does not have its form";
	g->ops->drain(g->ctx, s, n);
	return NULL;
}

static const char *
gone_line(struct gate *g, struct span rest)
{
	struct span reason;
	const char *why;
	uint32_t s;

	if ((why = take_stream(g, &rest, &s)) != NULL)
		return why;
	if (!word_text(&rest, &reason))
		return "5.10: GONE does not have its form";
	g->ended[s - 1] = 1;
	g->ops->gone(g->ctx, s, reason);
	return NULL;
}

/* ---- lists --------------------------------------------------------------- */

bool
gate_list_has(const struct gate_list *l, uint32_t s)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i] == s)
			return true;
	return false;
}

static void
list_add(struct gate_list *l, uint32_t s)
{
	if (l->n == l->cap)
		l->v = mem_grow(l->v, &l->cap, 8, sizeof(*l->v));
	l->v[l->n++] = s;
}

static void
list_remove(struct gate_list *l, uint32_t s)
{
	size_t i = 0;

	while (l->v[i] != s)
		i++;
	memmove(&l->v[i], &l->v[i + 1], (l->n - i - 1) * sizeof(*l->v));
	l->n--;
}

/* Begin with all that another list has. */
static const char *
copy_list(struct gate *g, struct gate_list *l, struct span word)
{
	uint64_t h;

	if (!num_parse(word, &h) || h == 0 || h > g->nlist ||
	    !g->list[h - 1].used || &g->list[h - 1] == l)
		return "6.2: a list begins with one that is not in use";
	for (size_t i = 0; i < g->list[h - 1].n; i++)
		list_add(l, g->list[h - 1].v[i]);
	g->by_difference = true;
	g->differences++;
	return NULL;
}

static const char *
take_word(struct gate *g, struct gate_list *l, struct span word)
{
	char sign = word.p[0] == '+' || word.p[0] == '-' ? word.p[0] : '\0';
	uint64_t s;

	if ((sign != '\0') != g->by_difference ||
	    !num_parse(sign != '\0' ? span_tail(word, 1) : word, &s))
		return "6.2: a word of LIST does not have its form";
	if (s == 0 || s > g->last)
		return "6.3: a list has a stream that there never was";
	if (gate_list_has(l, (uint32_t)s) != (sign == '-'))
		return "6.2: a stream is in a list twice, or goes and is not "
		       "in it";
	if (sign == '-')
		list_remove(l, (uint32_t)s);
	else
		list_add(l, (uint32_t)s);
	return NULL;
}

static struct gate_list *
list_new(struct gate *g, uint32_t n)
{
	size_t old = g->nlist;

	if (n > g->nlist) {
		g->nlist = n;
		g->list = mem_array(g->list, n, sizeof(*g->list));
		memset(g->list + old, 0, (n - old) * sizeof(*g->list));
	}
	return &g->list[n - 1];
}

static const char *
begin_list(struct gate *g, uint64_t n, struct span *rest)
{
	struct gate_list *l;
	struct span word, after = *rest;

	if (n == 0 || n > LISTS_MOST)
		return "6.2: the number of a list is too great";
	l = list_new(g, (uint32_t)n);
	if (l->used)
		return "6.2: the number of a list is in use";
	l->n = 0;
	g->making = (uint32_t)n;
	g->by_difference = false;
	if (!word_next(&after, &word) || word.p[0] != '=')
		return NULL;
	*rest = after;
	return copy_list(g, l, span_tail(word, 1));
}

static const char *
end_list(struct gate *g, struct gate_list *l)
{
	l->used = true;
	g->listed++;
	g->nused++;
	g->words += l->n;
	return g->nused > LISTS_MOST || g->words > WORDS_MOST
		   ? "8: too many lists"
		   : NULL;
}

static const char *
list_line(struct gate *g, struct span rest)
{
	bool first = g->more[0] == '\0', more = false;
	struct gate_list *l;
	struct span word, after;
	const char *why = NULL;
	uint64_t n;

	if (!word_num(&rest, &n))
		return "6.2: LIST has no number";
	after = rest;
	if (word_next(&after, &word) && span_eq(word, SPAN("*"))) {
		more = true;
		rest = after;
	}
	if (first)
		why = begin_list(g, n, &rest);
	else if (n != g->making)
		why = "3.3: another list comes in between";
	g->more[0] = '\0';
	if (more)
		snprintf(g->more, sizeof(g->more), "LIST");
	for (l = why == NULL ? &g->list[n - 1] : NULL;
	     why == NULL && word_next(&rest, &word);)
		why = take_word(g, l, word);
	if (why == NULL && !word_none(rest))
		why = "6.2: LIST has a text";
	return why != NULL || more ? why : end_list(g, l);
}

static const char *
unlist_line(struct gate *g, struct span rest)
{
	uint64_t n;

	if (!word_num(&rest, &n) || !word_none(rest) || n == 0 ||
	    n > g->nlist || !g->list[n - 1].used)
		return "6.4: UNLIST of a list that is not in use";
	g->list[n - 1].used = false;
	g->nused--;
	g->unlisted++;
	g->words -= g->list[n - 1].n;
	return NULL;
}

/* ---- other servers ------------------------------------------------------- */

static size_t
peer_at(const struct gate *g, struct sid sid)
{
	size_t i = 0;

	while (i < g->npeer && sid_cmp(g->peer[i].sid, sid) < 0)
		i++;
	return i;
}

static bool
has_peer(const struct gate *g, size_t i, struct sid sid)
{
	return i < g->npeer && sid_cmp(g->peer[i].sid, sid) == 0;
}

const char *
gate_peer(const struct gate *g, struct sid sid)
{
	size_t i = peer_at(g, sid);

	return has_peer(g, i, sid) ? g->peer[i].words : NULL;
}

static void
peer_set(struct gate *g, struct sid sid, struct span words)
{
	size_t i = peer_at(g, sid);

	if (!has_peer(g, i, sid)) {
		if (g->npeer == g->cappeer)
			g->peer =
			    mem_grow(g->peer, &g->cappeer, 8, sizeof(*g->peer));
		memmove(&g->peer[i + 1], &g->peer[i],
		    (g->npeer++ - i) * sizeof(*g->peer));
		g->peer[i].sid = sid;
	}
	snprintf(g->peer[i].words, sizeof(g->peer[i].words), "%.*s",
	    SPAN_ARG(words));
}

static void
peer_drop(struct gate *g, struct sid sid)
{
	size_t i = peer_at(g, sid);

	if (has_peer(g, i, sid))
		memmove(&g->peer[i], &g->peer[i + 1],
		    (--g->npeer - i) * sizeof(*g->peer));
}

static bool
is_pin(struct span s)
{
	return span_eq(s, SPAN("-")) ||
	       (s.n == 64 && strspn(s.p, "0123456789abcdef") >= 64);
}

static const char *
peer_line(struct gate *g, struct span rest)
{
	struct span word, words;
	struct sid sid;
	uint64_t port;

	if (!word_next(&rest, &word) || !sid_parse(word, &sid))
		return "11.1: PEER has no sid";
	g->came += g->state == GATE_UP && !word_none(rest);
	g->went += g->state == GATE_UP && word_none(rest);
	if (word_none(rest)) {
		peer_drop(g, sid);
		return NULL;
	}
	words_skip_spaces(&rest);
	words = rest;
	if (!read_name(&rest) || !read_name(&rest) ||
	    !word_next(&rest, &word) || word.n > 255 ||
	    !word_num(&rest, &port) || port == 0 || port > UINT16_MAX ||
	    !word_next(&rest, &word) || !is_pin(word) || !word_none(rest))
		return "11.1: PEER does not have its form";
	peer_set(g, sid, words);
	return NULL;
}

static const char *
load_line(struct gate *g, struct span rest)
{
	struct gate_load *l = &g->load;
	struct span flags;

	if (!word_num(&rest, &l->users) || !word_num(&rest, &l->rate) ||
	    l->rate > UINT64_C(1) << 40 || !word_num(&rest, &l->weight) ||
	    l->weight == 0 || l->weight > 1000 || !word_next(&rest, &flags) ||
	    !word_num(&rest, &l->s) || !word_none(rest))
		return "11.4: LOAD does not have its form";
	if (l->s > g->last)
		return "11.4: LOAD names a stream that there never was";
	snprintf(l->flags, sizeof(l->flags), "%.*s", SPAN_ARG(flags));
	l->said = true;
	g->loads += g->state == GATE_UP;
	return NULL;
}

uint64_t
gate_ask(struct gate *g)
{
	return ++g->asked;
}

static const char *
cost_line(struct gate *g, struct span rest)
{
	static struct place_answer a; /* it is large */
	struct span text;
	uint64_t q;

	if (!word_num(&rest, &q) || q != g->answered + 1 || q > g->asked)
		return "12.2: an answer to no question, or not in order";
	g->answered = q;
	if (!word_text(&rest, &text) || !place_answer_parse(text, &a))
		return "12.2: COST does not have its form";
	g->known += a.rate > 0 || a.rest > 0;
	return NULL;
}

/* ---- all lines ----------------------------------------------------------- */

static const struct {
	const char *verb;
	const char *(*read)(struct gate *, struct span);
} verbs[] = {
	{ "L", l_line },
	{ "READ", read_line },
	{ "LIST", list_line },
	{ "UNLIST", unlist_line },
	{ "QUEUES", queues_line },
	{ "DRAIN", drain_line },
	{ "GONE", gone_line },
	{ "COST", cost_line },
};

static const char *
stream_line(struct gate *g, struct span verb, struct span rest)
{
	if (g->state != GATE_UP)
		return "4.2: a line comes before the first POS";
	g->at_pos = false;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (span_eq(verb, span_of(verbs[i].verb)))
			return verbs[i].read(g, rest);
	return "3.5: an unknown verb";
}

static const char *
any_line(struct gate *g, struct span line, uint64_t now)
{
	struct span rest = line, verb;

	if (line.n > LINE_MAX_BYTES || memchr(line.p, '\0', line.n) != NULL ||
	    memchr(line.p, '\r', line.n) != NULL)
		return "3.1: a line is too long, or holds NUL or CR";
	if (g->state == GATE_ENDED)
		return "7.1: a line comes behind ERROR";
	if (rest.n > 0 && rest.p[0] == '@')
		(void)span_word(&rest);
	words_skip_spaces(&rest);
	verb = span_word(&rest);
	if (g->more[0] != '\0' && !span_eq(verb, span_of(g->more)))
		return "3.3: another verb comes in between";
	if (span_eq(verb, SPAN("ERROR")))
		return error_line(g, rest);
	if (span_eq(verb, SPAN("SERVER")) && g->state == GATE_EARLY)
		return server_line(g, rest);
	if (span_eq(verb, SPAN("POS")) && g->state != GATE_EARLY)
		return pos_line(g, rest);
	if (span_eq(verb, SPAN("PEER")) && g->state != GATE_EARLY) {
		g->at_pos = false;
		return peer_line(g, rest);
	}
	if (span_eq(verb, SPAN("LOAD")) && g->state != GATE_EARLY) {
		g->at_pos = false;
		return load_line(g, rest);
	}
	if (span_eq(verb, SPAN("BEAT")) && g->state != GATE_FIRST)
		return beat_line(g, rest, now);
	return stream_line(g, verb, rest);
}

void
gate_line(struct gate *g, struct span line, uint64_t now)
{
	const char *why;

	if (g->why[0] != '\0')
		return;
	g->lines++;
	why = any_line(g, line, now);
	if (why != NULL && g->why[0] == '\0')
		snprintf(g->why, sizeof(g->why), "%s: %.*s", why,
		    (int)(line.n < 160 ? line.n : 160), line.p);
}
