/*
 * wire/upgrade: an input is what a client sends first. A request that is
 * accepted has each of its fields, in lines that end with CR LF, and is the
 * same whatever follows it; every beginning of it asks for more.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>

#include "wire/upgrade.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
has(struct span in, struct span word)
{
	for (size_t i = 0; i + word.n <= in.n; i++)
		if (span_starts(span_tail(in, i), word))
			return true;
	return false;
}

static void
check_answer(unsigned status, const struct upgrade *u)
{
	char text[UPGRADE_ANSWER];
	struct span answer;
	struct writer w;

	writer_init(&w, text, sizeof(text));
	upgrade_build(&w, status, u, SPAN("0123456789012345678901234567"));
	assert(!w.over);
	answer = writer_done(&w);
	assert(span_starts(answer, SPAN("HTTP/1.1 ")));
	assert(has(answer, SPAN("\r\n\r\n")));
	assert(!has(answer, SPAN("Error")));
	assert((status == 101) == (u->why[0] == '\0'));
}

static void
accepted(struct span in, const struct upgrade *u)
{
	struct upgrade again;

	assert(u->used > 0 && u->used <= in.n && u->used <= UPGRADE_MAX);
	assert(span_starts(in, SPAN("GET /")));
	assert(u->key.n == 24);
	assert(has(span_head(in, u->used), u->key));
	for (size_t i = 0; i < u->used; i++) {
		assert((in.p[i] == '\n') == (i > 0 && in.p[i - 1] == '\r'));
		assert(upgrade_parse(span_head(in, i), SPAN_NONE, &again) == 0);
	}
	assert(upgrade_parse(span_head(in, u->used), SPAN_NONE, &again) == 101);
	assert(again.used == u->used && again.protocol == u->protocol);
	/* an origin can only make it a refusal */
	assert(upgrade_parse(in, SPAN("https://a.test"), &again) == 101 ||
	       has(in, SPAN(":")));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_make(data, size);
	struct upgrade u;
	unsigned status;

	if (size > UPGRADE_MAX + 100)
		return 0;
	status = upgrade_parse(in, SPAN_NONE, &u);
	if (status == 0)
		assert(size < UPGRADE_MAX);
	else
		check_answer(status, &u);
	if (status == 101)
		accepted(in, &u);
	return 0;
}
