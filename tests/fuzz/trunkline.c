/*
 * The lines of a server, as a gate reads them (gate/trunkline, gate/roll). Each
 * line of the input is one of the server, or "+" (a client comes), or "-N" (the
 * stream N ends). Lists keep their order and their count; each part of a line
 * lies in it.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "gate/roll.h"
#include "gate/trunkline.h"
#include "wire/frame.h"
#include "wire/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const unsigned char key[SIPHASH_KEY] = { 1 };

static void
inside(struct span line, struct span s)
{
	assert(s.n == 0 || (s.p >= line.p && s.p + s.n <= line.p + line.n));
}

static void
check_lists(const struct roll *r)
{
	const struct roll_list *l;
	uint32_t words = 0;
	size_t at = 0;

	while ((l = map_next(&r->lists, &at)) != NULL) {
		words += l->n;
		for (uint32_t i = 0; i < l->n; i++) {
			assert(l->seat[i]->refs > 0);
			assert(l->seat[i]->s <= r->last);
			assert(i == 0 || l->seat[i - 1]->s < l->seat[i]->s);
		}
	}
	assert(words == r->words && words <= ROLL_WORDS_MAX);
	assert(map_count(&r->lists) <= ROLL_LISTS_MAX);
}

static void
close_stream(struct roll *r, struct span word)
{
	struct seat *seat;
	uint32_t s;

	if (trunkline_number(word, &s) && roll_find(r, s, &seat) &&
	    seat != NULL)
		roll_close(r, seat);
}

/* Return false if the line breaks a rule, which ends a trunk. */
static bool
take(struct roll *r, struct span line)
{
	struct trunkline x;
	struct span value;

	if (!trunkline_parse(line, &x))
		return false;
	inside(line, x.words);
	inside(line, x.text);
	inside(line, x.code);
	inside(line, x.name);
	inside(line, x.region);
	inside(line, x.host);
	assert(x.pin.n == 0 || x.pin.n == 64);
	assert(x.verb != TRUNK_PEER || x.sid.n == 3);
	if (roll_is_saying(r) && x.verb != TRUNK_LIST)
		return false;
	if (x.verb == TRUNK_LIST)
		return roll_say(r, x.to, x.more, x.words) == ROLL_OK;
	if (x.verb == TRUNK_UNLIST)
		return roll_unsay(r, x.to) == ROLL_OK;
	if (x.verb == TRUNK_POS)
		return trunkline_is_position(x.words);
	if (x.verb == TRUNK_LOAD)
		(void)word_has(x.words, SPAN("full"));
	if (x.verb == TRUNK_SERVER)
		(void)trunkline_cap(x.text, SPAN("network"), &value);
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_make(data, size), line;
	struct frame frame;
	struct roll r;
	struct seat *seat;
	bool ok = true;

	roll_init(&r, key);
	frame_init_client(&frame);
	while (ok && frame_next(&frame, &in, &line) == FRAME_LINE) {
		if (span_eq(line, SPAN("+")))
			(void)roll_open(&r, (struct client *)(void *)&r, NULL);
		else if (line.n > 0 && line.p[0] == '-')
			close_stream(&r, span_tail(line, 1));
		else
			ok = take(&r, line);
		check_lists(&r);
	}
	for (uint32_t s = 1; s <= r.last; s++)
		if (roll_find(&r, s, &seat) && seat != NULL)
			roll_close(&r, seat);
	roll_fini(&r);
	return 0;
}
