/*
 * PACK: lines of a snapshot, compressed, between servers that have announced
 * `zstd` (link-protocol.md, 8.17).
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rcbuf.h"
#include "link/snapshots/pack.h"
#include "unit/node/check_node.h"
#include "unit/node/played.h"
#include "unit/node/world.h"

#define CHANS 200 /* of ann; several PACKs */
#define TEXT_MAX 400000

static struct packer *packer;
static struct unpacker *unpacker;

static void
begin(void)
{
	packer = packer_new();
	unpacker = unpacker_new();
}

static void
end(void)
{
	packer_free(packer);
	unpacker_free(unpacker);
}

/* ann is on channels, and said something in each; the log begins with what was
 * said. */
static struct world *
on_channels(void)
{
	struct world *w = played_node();
	unsigned ann = played_on_channels(w, CHANS);
	char line[64];

	for (unsigned i = 0; i < CHANS; i++) {
		snprintf(line, sizeof(line), "TOPIC #channel%u :topic %u", i,
		    i);
		world_say(w, ann, line);
	}
	world_run(w, 100);
	return w;
}

/* Return the lines of the snapshot from SNAP to END; those of a PACK are put in
 * its place. Count the PACKs. */
static char *
snapshot(struct world *w, unsigned p, unsigned *packs)
{
	struct span all = span_of(world_heard(w, p)), line, rest, text;
	char *out = mem_alloc(TEXT_MAX);
	size_t n = 0;
	bool in = false;

	for (*packs = 0; all.n > 0;) {
		line = span_head(all, span_find(all, '\n') + 1);
		all = span_tail(all, line.n);
		in = in || span_starts(line, SPAN("SNAP "));
		if (!in)
			continue;
		if (pack_is(line, &rest)) {
			ck_assert_ptr_null(pack_decode(unpacker, rest, &text));
			line = text;
			(*packs)++;
		}
		ck_assert_uint_lt(n + line.n, TEXT_MAX);
		memcpy(out + n, line.p, line.n);
		n += line.n;
		if (span_starts(line, SPAN("END ")))
			break;
	}
	out[n] = '\0';
	return out;
}

/* Facts and carried entries: both peers are sent the same, by one cut. */
START_TEST(packs_say_what_lines_say)
{
	struct world *w = on_channels();
	unsigned p, q, packs, none;
	char *packed, *plain;

	world_ticks(w, false);
	p = played_asks(w, 2, "zstd");
	q = played_asks(w, 3, "zstdx");
	world_ticks(w, true);
	world_run(w, 10);
	packed = snapshot(w, p, &packs);
	plain = snapshot(w, q, &none);
	ck_assert_uint_ge(packs, 3);
	ck_assert_uint_eq(none, 0);
	ck_assert_uint_eq(link_net_counts(world_links(w, 1))->cuts, 1);
	ck_assert_str_eq(packed, plain);
	ck_assert_ptr_nonnull(strstr(plain, "+JOIN #channel7,"));
	ck_assert_ptr_nonnull(strstr(plain, "\r\nENTRY 001.100 "));
	ck_assert_ptr_nonnull(strstr(plain, "\r\nEND "));
	ck_assert(!world_hears(w, p, "+JOIN #channel7,"));
	ck_assert(!world_hears(w, p, "ENTRY 001.100 "));
	ck_assert_uint_lt(strlen(world_heard(w, p)), strlen(plain) / 4);
	free(packed);
	free(plain);
	world_free(w);
}
END_TEST

static unsigned
begins(struct world *w)
{
	unsigned p = played_asks(w, 2, "zstd");

	world_say(w, p, "ENTRY 002.50 1 1700000001500 * - 1");
	world_say(w, p, "+READY 002 50 002.example.org :played");
	world_say(w, p, "SNAP 002.50");
	return p;
}

static void
say_packed(struct world *w, unsigned p, const char *text)
{
	struct rcbuf *buf = pack_text(packer, span_of(text));
	char *line;

	ck_assert_ptr_nonnull(buf);
	line = span_dup(span_head(rcbuf_span(buf), buf->n - 2));
	world_say(w, p, line);
	free(line);
	rcbuf_unref(buf);
}

#define FACTS                                                              \
	"@dot=002.50.1.0;stamp=1700000001500 "                             \
	"+READY 002 50 002.example.org :played\r\n"                        \
	"@dot=002.50.2.0;stamp=1700000001600 "                             \
	"+USER 002AAAAAA bob bob 002.example.org 1.2.3.4 1.2.3.4 :Bob\r\n" \
	"@dot=002.50.2.1;stamp=1700000001600 "                             \
	"+NICK 002AAAAAA bob 1 1700000001600\r\n"
#define CARRIED                                                            \
	"ENTRY 002.50 2 1700000001600 * - 2\r\n"                           \
	"+USER 002AAAAAA bob bob 002.example.org 1.2.3.4 1.2.3.4 :Bob\r\n" \
	"+NICK 002AAAAAA bob 1 1700000001600\r\n"

START_TEST(packed_snapshot_is_taken)
{
	struct world *w = played_node();
	unsigned p = begins(w), ann = world_user(w, 1, "ann");

	say_packed(w, p, FACTS CARRIED);
	world_say(w, p, "END 002.50=2/1");
	world_run(w, 1);
	ck_assert_msg(!world_is_closed(w, p), "%.200s", world_heard(w, p));
	ck_assert_uint_eq(link_net_counts(world_links(w, 1))->snaps_in, 1);
	world_say(w, ann, "WHOIS bob");
	ck_assert(world_hears(w, ann, "311 ann bob bob 1.2.3.4 * :Bob"));
	world_free(w);
}
END_TEST

static const struct {
	const char *text;
} odd_text[] = {
	{ FACTS "SNAP 002.50\r\n" },
	{ FACTS "END 002.50=2/1\r\n" },
	{ FACTS "PACK 1 KLUv/SABCQAAYQ==\r\n" },
	{ FACTS "\r\n" },
	{ FACTS "+JOIN\n" },
	{ FACTS "+JOIN \r 002AAAAAA\r\n" },
	{ FACTS "ENTRY 002.50 2 1700000001600 * - 1\r\n" },
	{ FACTS "ENTRY 002.50 2 1700000001600 * - 1\r\n"
		"ENTRY 002.50 3 1700000001600 * - 0\r\n" },
	{ FACTS "@dot=002.50.2.1;stamp=1700000001600 +NICK 002AAAAAA" },
};

START_TEST(packed_text_must_be_lines_of_a_snapshot)
{
	struct world *w = played_node();
	unsigned p = begins(w);

	say_packed(w, p, odd_text[_i].text);
	played_is_refused(w, p, "syntax");
	world_free(w);
}
END_TEST

/* The number of bytes that is said, and how many frames follow. */
static const struct {
	size_t bytes, frames;
} wrong[] = {
	{ sizeof(FACTS) - 2, 1 },
	{ sizeof(FACTS), 1 },
	{ 2 * (sizeof(FACTS) - 1), 2 },
	{ sizeof(FACTS) - 1, 2 },
	{ PACK_TEXT_MAX, 1 },
	{ PACK_TEXT_MAX + 1, 1 },
};

START_TEST(number_of_bytes_binds)
{
	struct world *w = played_node();
	struct rcbuf *buf = pack_text(packer, SPAN(FACTS));
	unsigned p = begins(w);
	unsigned char frame[2048];
	char line[4096];
	struct span rest;
	size_t n;
	int head;

	ck_assert(buf != NULL && pack_is(rcbuf_span(buf), &rest));
	span_word(&rest);
	rest = span_tail(rest, 1);
	ck_assert_int_eq(sodium_base642bin(frame, sizeof(frame) / 2, rest.p,
			     rest.n, NULL, &n, NULL,
			     sodium_base64_VARIANT_ORIGINAL),
	    0);
	memcpy(frame + n, frame, n);
	head = snprintf(line, sizeof(line), "PACK %zu ", wrong[_i].bytes);
	sodium_bin2base64(line + head, sizeof(line) - (size_t)head, frame,
	    n * wrong[_i].frames, sodium_base64_VARIANT_ORIGINAL);
	ck_assert_ptr_nonnull(pack_decode(unpacker, span_tail(span_of(line), 5),
	    &rest));
	world_say(w, p, line);
	played_is_refused(w, p, "syntax");
	rcbuf_unref(buf);
	world_free(w);
}
END_TEST

static const struct {
	const char *line, *code;
	bool in;
} bad[] = {
	{ "PACK 64 KLUv/SBARQAAEGFhAQCTABY=", "syntax", false },
	{ "PACK", "syntax", true },
	{ "PACK 64", "syntax", true },
	{ "PACK 64 :KLUv/SBARQAAEGFhAQCTABY=", "syntax", true },
	{ "PACK 64 KLUv/SBARQAAEGFhAQA7DAU", "syntax", true },
	{ "PACK 64 KLUv/SBARQAAEGFhAQCTABY= x", "syntax", true },
	{ "PACK 0 KLUv/SAAAQAA", "syntax", true },
	{ "PACK 064 KLUv/SBARQAAEGFhAQCTABY=", "syntax", true },
};

START_TEST(malformed_is_refused)
{
	struct world *w = played_node();
	unsigned p = bad[_i].in ? begins(w) : played_asks(w, 2, "zstd");

	world_say(w, p, bad[_i].line);
	played_is_refused(w, p, bad[_i].code);
	world_free(w);
}
END_TEST

START_TEST(pack_needs_the_capability)
{
	struct world *w = played_node();
	unsigned p = played_asks(w, 2, "");

	world_say(w, p, "SNAP 002.50");
	world_say(w, p, "PACK 64 KLUv/SBARQAAEGFhAQCTABY=");
	played_is_refused(w, p, "state");
	world_free(w);
}
END_TEST

/* One line brings as many facts as the budget of a turn allows; the peer then
 * waits for the next turn. */
START_TEST(turn_bounds_what_packs_bring)
{
	struct world *w = played_node();
	unsigned p = begins(w);
	char text[1024];

	world_settings(w, 1)->turn_work = 4000;
	world_run(w, 300);
	world_ticks(w, false);
	for (unsigned i = 1; i <= 12 && !world_is_held(w, p); i++) {
		int n = 0;

		for (unsigned k = 0; k < 4; k++)
			n += snprintf(text + n, sizeof(text) - (size_t)n,
			    "@dot=002.50.%u.0;stamp=17000000016%02u "
			    "+CHAN #channel,17000000016%02u.002\r\n",
			    4 * i + k, 4 * i + k, 4 * i + k);
		say_packed(w, p, text);
		ck_assert_uint_lt(i, 12);
	}
	ck_assert(world_is_held(w, p));
	world_tick(w, 1);
	ck_assert(!world_is_held(w, p));
	world_ticks(w, true);
	world_free(w);
}
END_TEST

START_TEST(text_that_gets_no_shorter_is_not_packed)
{
	unsigned char text[PACK_TEXT_MAX];
	struct span rest;
	uint32_t x = 1;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] =
		    (unsigned char)((x = x * 1664525u + 1013904223u) >> 24);
	ck_assert_ptr_null(pack_text(packer, span_make(text, sizeof(text))));
	ck_assert_ptr_null(pack_text(packer, SPAN("+JOIN #c 002AAAAAA\r\n")));
	ck_assert(!pack_is(SPAN("@dot=002.50.1.0 +READY\r\n"), &rest));
}
END_TEST

Suite *
pack_suite(void)
{
	Suite *s = suite_create("pack");
	TCase *t = unit_case("pack");

	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(t, packs_say_what_lines_say);
	tcase_add_test(t, packed_snapshot_is_taken);
	tcase_add_loop_test(t, packed_text_must_be_lines_of_a_snapshot, 0,
	    sizeof(odd_text) / sizeof(odd_text[0]));
	tcase_add_loop_test(t, number_of_bytes_binds, 0,
	    sizeof(wrong) / sizeof(wrong[0]));
	tcase_add_loop_test(t, malformed_is_refused, 0,
	    sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(t, pack_needs_the_capability);
	tcase_add_test(t, turn_bounds_what_packs_bring);
	tcase_add_test(t, text_that_gets_no_shorter_is_not_packed);
	suite_add_tcase(s, t);
	return s;
}
