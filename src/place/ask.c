/* ask.c - see ask.h. */
#include "place/ask.h"

#include "base/ascii.h"

#define NONE SPAN("*")

static bool
is_name(struct span s)
{
	if (s.n == 0 || s.p[0] == ':' || span_eq(s, NONE))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == ' ' || ascii_is_control(s.p[i]))
			return false;
	return true;
}

static void
write_name(struct writer *w, struct span name)
{
	writer_span(w, is_name(name) ? name : NONE);
}

void
place_question_build(struct writer *w, const struct place_who *who)
{
	write_name(w, who->account);
	writer_char(w, ' ');
	write_name(w, who->nick);
	writer_char(w, ' ');
	if (addr_is_none(&who->addr))
		writer_span(w, NONE);
	else
		addr_build_word(w, &who->addr);
}

/* Take the next word; between two words is one space. */
static bool
next(struct span *rest, struct span *word)
{
	if (rest->n == 0)
		return false;
	*word = span_cut(rest, ' ');
	return word->n > 0;
}

static bool
next_name(struct span *rest, struct span *name)
{
	if (!next(rest, name))
		return false;
	if (span_eq(*name, NONE)) {
		*name = SPAN_NONE;
		return true;
	}
	return is_name(*name);
}

static bool
ends_with_space(struct span words)
{
	return words.n > 0 && words.p[words.n - 1] == ' ';
}

bool
place_question_parse(struct span words, struct place_who *who)
{
	struct span addr;

	if (ends_with_space(words) || !next_name(&words, &who->account) ||
	    !next_name(&words, &who->nick) || !next_name(&words, &addr) ||
	    words.n > 0)
		return false;
	who->addr = ADDR_NONE;
	return addr.n == 0 || addr_parse(addr, &who->addr);
}

static void
write_sid(struct writer *w, struct place_sid sid)
{
	writer_span(w, span_make(sid.s, PLACE_SID_LEN));
}

void
place_answer_build(struct writer *w, const struct place_answer *a)
{
	writer_u64(w, a->rate);
	writer_str(w, a->home.s[0] == '\0' ? " *" : a->joins ? " +" : " ");
	if (a->home.s[0] != '\0')
		write_sid(w, a->home);
	writer_char(w, ' ');
	writer_i64(w, a->rest);
	for (size_t i = 0; i < a->n; i++) {
		writer_char(w, ' ');
		write_sid(w, a->cost[i].sid);
		writer_char(w, '=');
		writer_i64(w, a->cost[i].cost);
	}
}

/* A sid is a digit, and then two digits or capital letters. */
static bool
read_sid(struct span s, struct place_sid *sid)
{
	if (s.n != PLACE_SID_LEN || !ascii_is_digit(s.p[0]))
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (!ascii_is_digit(s.p[i]) && !ascii_is_upper(s.p[i]))
			return false;
	*sid = (struct place_sid){ "" };
	memcpy(sid->s, s.p, PLACE_SID_LEN);
	return true;
}

static bool
read_number(struct span s, uint64_t max, uint64_t *n)
{
	if (s.n > 1 && s.p[0] == '0')
		return false;
	return span_u64(s, n) && *n <= max;
}

static bool
read_cost(struct span s, int64_t *cost)
{
	uint64_t n;

	if (!read_number(s, PLACE_COST_MAX, &n))
		return false;
	*cost = (int64_t)n;
	return true;
}

static bool
read_home(struct span s, struct place_answer *a)
{
	if (span_eq(s, NONE))
		return true;
	a->joins = s.p[0] == '+';
	return read_sid(span_tail(s, a->joins ? 1 : 0), &a->home);
}

static bool
read_server(struct span s, struct place_answer *a)
{
	struct place_cost *c = &a->cost[a->n];

	if (a->n == PLACE_SERVERS_MAX || s.n <= PLACE_SID_LEN ||
	    s.p[PLACE_SID_LEN] != '=' ||
	    !read_sid(span_head(s, PLACE_SID_LEN), &c->sid) ||
	    !read_cost(span_tail(s, PLACE_SID_LEN + 1), &c->cost))
		return false;
	if (a->n > 0 && memcmp(c[-1].sid.s, c->sid.s, PLACE_SID_LEN) >= 0)
		return false;
	a->n++;
	return true;
}

bool
place_answer_parse(struct span words, struct place_answer *a)
{
	struct span rate, home, rest, server;

	memset(a, 0, sizeof(*a));
	if (ends_with_space(words) || !next(&words, &rate) ||
	    !next(&words, &home) || !next(&words, &rest) ||
	    !read_number(rate, PLACE_LOAD_MAX, &a->rate) ||
	    !read_home(home, a) || !read_cost(rest, &a->rest))
		return false;
	while (words.n > 0)
		if (!next(&words, &server) || !read_server(server, a))
			return false;
	return true;
}
