/*
 * place/ask: a question or an answer that is accepted is written again as other
 * words that mean the same, and an answer as the very same words.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>

#include "place/ask.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
question(struct span in)
{
	char buf[4096];
	struct place_who who, again;
	struct writer w;

	if (!place_question_parse(in, &who))
		return;
	writer_init(&w, buf, sizeof(buf));
	place_question_build(&w, &who);
	assert(!w.over);
	assert(place_question_parse(writer_done(&w), &again));
	assert(span_eq(who.account, again.account));
	assert(span_eq(who.nick, again.nick));
	assert(addr_eq(&who.addr, &again.addr));
}

static void
answer(struct span in)
{
	char buf[PLACE_ANSWER_BYTES];
	struct place_answer a;
	struct writer w;

	if (!place_answer_parse(in, &a))
		return;
	assert(a.n <= PLACE_SERVERS_MAX && a.rest >= 0);
	for (size_t i = 0; i < a.n; i++)
		assert(place_answer_cost(&a, a.cost[i].sid) == a.cost[i].cost &&
		       a.cost[i].cost >= 0 && a.cost[i].cost <= PLACE_COST_MAX);
	writer_init(&w, buf, sizeof(buf));
	place_answer_build(&w, &a);
	assert(!w.over && span_eq(writer_done(&w), in));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_make(data, size);

	if (size > 4000)
		return 0;
	question(in);
	answer(in);
	return 0;
}
