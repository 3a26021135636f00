/* net/ws_frame.h: frames by their bytes, as RFC 6455 has them. */
#include "net/ws_frame.h"

#include <string.h>

#include "unit/net/check_net.h"

#define MASK "\1\2\3\4"
#define B(text) (text), sizeof(text) - 1

static char room[4608];
static struct ws_frame f;

static enum ws_status
take(const char *p, size_t n, size_t *left)
{
	struct span s = span_make(p, n);
	enum ws_status status = ws_frame_take(&s, room, sizeof(room), &f);

	*left = s.n;
	return status;
}

/* Section 5.7: "Hello", masked. */
#define HELLO "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"

START_TEST(a_frame_is_taken_when_all_of_it_is_there)
{
	static const char bytes[] = HELLO HELLO;
	size_t one = sizeof(HELLO) - 1, left;

	for (size_t n = 0; n < one; n++) {
		ck_assert_int_eq(take(bytes, n, &left), WS_INCOMPLETE);
		ck_assert_uint_eq(left, n);
	}
	for (size_t n = one; n < sizeof(bytes); n++) {
		ck_assert_int_eq(take(bytes, n, &left), WS_TAKEN);
		ck_assert_uint_eq(left, n - one);
		ck_assert(span_eq(f.payload, SPAN("Hello")));
		ck_assert_uint_eq(f.opcode, WS_TEXT);
		ck_assert(f.fin);
	}
}
END_TEST

START_TEST(all_lengths)
{
	static const size_t lens[] = { 0, 1, 125, 126, 127, 4095, 4096, 4097,
		4608 };
	char bytes[sizeof(room) + WS_HEADER_MAX];
	size_t n, left;

	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		n = 0;
		bytes[n++] = (char)0x82;
		if (lens[i] < 126) {
			bytes[n++] = (char)(0x80 | lens[i]);
		} else {
			bytes[n++] = (char)0xfe;
			bytes[n++] = (char)(lens[i] >> 8);
			bytes[n++] = (char)(lens[i] & 0xff);
		}
		memset(bytes + n, 0, 4);
		n += 4;
		memset(bytes + n, 'x', lens[i]);
		n += lens[i];
		ck_assert_int_eq(take(bytes, n, &left), WS_TAKEN);
		ck_assert_uint_eq(left, 0);
		ck_assert_uint_eq(f.payload.n, lens[i]);
		for (size_t j = 0; j < lens[i]; j++)
			ck_assert_int_eq(f.payload.p[j], 'x');
		ck_assert_int_eq(take(bytes, n - 1, &left), WS_INCOMPLETE);
	}
}
END_TEST

START_TEST(frames_that_no_client_may_send)
{
	static const struct {
		const char *bytes;
		size_t n;
		enum ws_status status;
		const char *why;
	} wrong[] = {
		{ B("\x81\5Hello"), WS_WRONG, "a frame is not masked" },
		{ B("\x81\0"), WS_WRONG, "a frame is not masked" },
		{ B("\xc1\x81" MASK "x"), WS_WRONG,
		    "a reserved bit of a frame is set" },
		{ B("\x91\x80" MASK), WS_WRONG,
		    "a reserved bit of a frame is set" },
		{ B("\x83\x80" MASK), WS_WRONG,
		    "the opcode of a frame is not known" },
		{ B("\x8b\x80" MASK), WS_WRONG,
		    "the opcode of a frame is not known" },
		/* a control frame in two, and a long one */
		{ B("\x09\x80" MASK), WS_WRONG,
		    "the header of a frame is wrong" },
		{ B("\x89\xfe\0\x7e" MASK), WS_WRONG,
		    "the header of a frame is wrong" },
		/* lengths that are not in their shortest form, and the sign */
		{ B("\x81\xfe\0\x7d" MASK "x"), WS_WRONG,
		    "the header of a frame is wrong" },
		{ B("\x81\xff\0\0\0\0\0\0\xff\xff" MASK "x"), WS_WRONG,
		    "the header of a frame is wrong" },
		{ B("\x81\xff\x80\0\0\0\0\0\0\0" MASK "x"), WS_WRONG,
		    "the header of a frame is wrong" },
		{ B("\x81\xfe\x12\1" MASK "x"), WS_LARGE, NULL },
		{ B("\x81\xff\0\0\0\0\0\1\0\0" MASK "x"), WS_LARGE, NULL },
		{ B("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff" MASK "x"),
		    WS_LARGE, NULL },
	};
	size_t left;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_msg(take(wrong[i].bytes, wrong[i].n, &left) ==
				  wrong[i].status,
		    "frame %zu", i);
		ck_assert_uint_eq(left, wrong[i].n);
		if (wrong[i].why != NULL)
			ck_assert_str_eq(f.why, wrong[i].why);
	}
}
END_TEST

static struct span
build(unsigned int opcode, struct span payload)
{
	static char text[70000 + WS_HEADER_MAX];
	struct ws_frames *b = ws_frames_new();
	struct writer w;

	writer_init(&w, text, sizeof(text));
	ws_frame_build(b, &w, opcode, payload);
	ws_frames_free(b);
	return writer_done(&w);
}

START_TEST(frames_of_a_server)
{
	static char much[70000];
	struct span s;

	s = build(WS_TEXT, SPAN("Hello"));
	ck_assert(span_eq(s, SPAN("\x81\5Hello")));
	s = build(WS_BINARY, SPAN_NONE);
	ck_assert(span_eq(s, SPAN("\x82\0")));
	s = build(WS_BINARY, span_make(much, 126));
	ck_assert(span_eq(span_head(s, 4), SPAN("\x82\x7e\0\x7e")));
	ck_assert_uint_eq(s.n, 130);
	s = build(WS_BINARY, span_make(much, sizeof(much)));
	ck_assert(span_eq(span_head(s, 10),
	    SPAN("\x82\x7f\0\0\0\0\0\1\x11\x70")));
}
END_TEST

START_TEST(close_frames)
{
	static const struct {
		const char *payload;
		size_t n;
		unsigned int code;
	} cases[] = {
		{ B(""), WS_NO_CODE },
		{ B("\3"), 0 },
		{ B("\3\xe8"), 1000 },
		{ B("\3\xe8why"), 1000 },
		{ B("\3\xe7"), 0 },
		{ B("\3\xec"), 0 },
		{ B("\3\xed"), 0 },
		{ B("\3\xee"), 0 },
		{ B("\3\xef"), 1007 },
		{ B("\3\xf7"), 0 }, /* 1015 */
		{ B("\7\xd0"), 0 }, /* 2000 */
		{ B("\xb\xb8"), 3000 },
		{ B("\x13\x87"), 4999 },
		{ B("\x13\x88"), 0 },
	};
	char text[200];
	struct ws_frames *b = ws_frames_new();
	struct writer w;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_uint_eq(ws_close_code(span_make(cases[i].payload,
				      cases[i].n)),
		    cases[i].code);
	writer_init(&w, text, sizeof(text));
	ws_close_build(b, &w, WS_POLICY, SPAN("no"));
	ck_assert(span_eq(writer_done(&w), SPAN("\x88\4\3\xf0no")));
	writer_init(&w, text, sizeof(text));
	ws_close_build(b, &w, WS_NO_CODE, SPAN("no"));
	ck_assert(span_eq(writer_done(&w), SPAN("\x88\0")));
	ws_frames_free(b);
}
END_TEST

Suite *
ws_frame_suite(void)
{
	Suite *s = suite_create("net/ws_frame");
	TCase *t = unit_case("ws_frame");

	tcase_add_test(t, a_frame_is_taken_when_all_of_it_is_there);
	tcase_add_test(t, all_lengths);
	tcase_add_test(t, frames_that_no_client_may_send);
	tcase_add_test(t, frames_of_a_server);
	tcase_add_test(t, close_frames);
	suite_add_tcase(s, t);
	return s;
}
