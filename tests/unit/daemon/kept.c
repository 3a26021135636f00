/*
 * daemon/kept.h: the text that a program leaves to the next program of its
 * process. Nothing that is missing or changed in it is read as something else.
 */
#include "daemon/kept.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/slot.h"
#include "unit/daemon/check_daemon.h"

static const char node_text[] = "node lines\nend\nconn of the node\n";
static const char half[] = { 'P', 'R', 'I', '\n', (char)0xc3, '\0' };

static const struct kept_run run_given = {
	.state = { 1764000000, UINT64_MAX, 12 }, .gen = UINT32_MAX
};

static char *text;
static size_t len;

static struct kept_conn
conn_given(uint32_t i)
{
	struct kept_conn k = { .id = { i * 1000, 7 - i },
		.fd = 300 + (int)i,
		.proxied = i == 1,
		.skip = i == 2,
		.limits = { 1048576 + i, 8192, false } };
	static const char *const address[] = { "192.0.2.1", "2001:db8::1",
		"::ffff:0:0" };

	ck_assert(addr_parse(span_of(address[i]), &k.addr));
	if (i > 0)
		k.unread = span_make(half, sizeof(half));
	if (i == 2)
		k.queued = SPAN("conn slot=1\r\n\n\nend\n");
	return k;
}

static void
write_text(void)
{
	FILE *f = open_memstream(&text, &len);
	struct kept_conn k;
	long at;

	kept_put_run(f, &run_given);
	at = kept_begin_node(f);
	(void)fputs(node_text, f);
	kept_end_node(f, at);
	for (uint32_t i = 0; i < 3; i++) {
		k = conn_given(i);
		at = ftell(f);
		kept_put_conn(f, &k);
		ck_assert_int_le(ftell(f) - at,
		    (long)kept_conn_max(k.unread.n + k.queued.n));
	}
	kept_put_end(f);
	ck_assert_int_eq(ferror(f), 0);
	(void)fclose(f);
}

static void
same_conn(const struct kept_conn *a, const struct kept_conn *b)
{
	ck_assert_uint_eq(a->id.slot, b->id.slot);
	ck_assert_uint_eq(a->id.gen, b->id.gen);
	ck_assert_int_eq(a->fd, b->fd);
	ck_assert(addr_eq(&a->addr, &b->addr));
	ck_assert_int_eq(a->proxied, b->proxied);
	ck_assert_int_eq(a->skip, b->skip);
	ck_assert_uint_eq(a->limits.sendq, b->limits.sendq);
	ck_assert_uint_eq(a->limits.recvq, b->limits.recvq);
	ck_assert(!b->limits.recvq_waits);
	ck_assert(span_eq(a->unread, b->unread));
	ck_assert(span_eq(a->queued, b->queued));
}

START_TEST(what_is_written_is_read)
{
	struct kept_run run;
	struct kept_conn k, want;
	struct span rest, node;

	write_text();
	rest = span_make(text, len);
	ck_assert(kept_begin(&rest, &run, &node));
	ck_assert_uint_eq(run.state.inc, run_given.state.inc);
	ck_assert(run.state.uid_upto == run_given.state.uid_upto);
	ck_assert_int_eq(run.state.lock, 12);
	ck_assert_uint_eq(run.gen, run_given.gen);
	ck_assert(span_eq(node, span_of(node_text)));
	for (uint32_t i = 0; i < 3; i++) {
		ck_assert_int_eq(kept_next(&rest, &k), KEPT_CONN);
		want = conn_given(i);
		same_conn(&want, &k);
	}
	ck_assert_int_eq(kept_next(&rest, &k), KEPT_END);
	ck_assert_uint_eq(rest.n, 0);
	free(text);
}
END_TEST

/* Read all of it. Return true if its end came. */
static bool
reads(struct span rest)
{
	struct kept_run run;
	struct kept_conn k;
	struct span node;
	enum kept_part part;

	if (!kept_begin(&rest, &run, &node))
		return false;
	while ((part = kept_next(&rest, &k)) == KEPT_CONN)
		ck_assert_uint_lt(k.id.slot, SLOTS_MAX);
	return part == KEPT_END;
}

START_TEST(a_text_that_is_cut_is_refused)
{
	char *cut;

	write_text();
	ck_assert(reads(span_make(text, len)));
	for (size_t n = 0; n < len; n++) {
		cut = span_dup(span_make(text, n)); /* for a sanitizer */
		ck_assert_msg(!reads(span_make(cut, n)), "%zu bytes", n);
		free(cut);
	}
	free(text);
}
END_TEST

START_TEST(a_line_that_is_wrong_is_refused)
{
	static const char *const row[][2] = {
		{ "kept 1", "kept 2" },
		{ "run ", "ran " },
		{ "inc=1764000000", "inc=4294967296" },
		{ "uids=", "uid=" },
		{ "gen=4294967295", "gen=-1" },
		{ "node 0", "node x" },
		{ "node 0", "node 9" },
		{ "conn slot=0", "link slot=0" },
		{ "slot=1000", "slot=4194304" },
		{ "slot=1000", "slot=" },
		{ " fd=300", " fd=2147483648" },
		{ " fd=300", " ft=300" },
		{ "192.0.2.1", "192.0.2" },
		{ "proxied=1", "proxied=2" },
		{ "unread=6", "unread=5" },
		{ "unread=6", "unread=4294967295" },
		{ "queued=0", "queued=1" },
		{ "queued=0", "queued=18446744073709551615" },
	};
	char *wrong, *at;
	const char *const *r = row[_i];

	write_text();
	wrong = malloc(len + 64);
	at = memmem(text, len, r[0], strlen(r[0]));
	ck_assert_ptr_nonnull(at);
	(void)memcpy(wrong, text, (size_t)(at - text));
	(void)strcpy(wrong + (at - text), r[1]);
	(void)memcpy(wrong + (at - text) + strlen(r[1]), at + strlen(r[0]),
	    len - (size_t)(at - text) - strlen(r[0]));
	ck_assert_msg(!reads(span_make(wrong,
			  len - strlen(r[0]) + strlen(r[1]))),
	    "%s", r[1]);
	free(wrong);
	free(text);
}
END_TEST

/* A later version may say more. */
START_TEST(words_that_are_not_known_are_passed_over)
{
	static const char more[] =
	    "banyand-kept 1\n"
	    "run later=1 inc=5 uids=6 lock=0 gen=7 x=y=z\n"
	    "node 00000000000000000002\nx\n"
	    "conn slot=0 gen=3 fd=9 new address=192.0.2.1 proxied=0 skip=0 "
	    "sendq=1 recvq=2 fdx=7 unread=0 queued=2 so=\nab\nend\nrest";
	struct span rest = span_of(more), node;
	struct kept_run run;
	struct kept_conn k;

	ck_assert(kept_begin(&rest, &run, &node));
	ck_assert_int_eq(run.state.lock, -1);
	ck_assert_uint_eq(run.gen, 7);
	ck_assert_int_eq(kept_next(&rest, &k), KEPT_CONN);
	ck_assert_int_eq(k.fd, 9);
	ck_assert(span_eq(k.queued, SPAN("ab")));
	ck_assert_int_eq(kept_next(&rest, &k), KEPT_END);
}
END_TEST

Suite *
kept_suite(void)
{
	Suite *s = suite_create("kept");
	TCase *t = unit_case("all");

	tcase_add_test(t, what_is_written_is_read);
	tcase_add_test(t, a_text_that_is_cut_is_refused);
	tcase_add_loop_test(t, a_line_that_is_wrong_is_refused, 0, 18);
	tcase_add_test(t, words_that_are_not_known_are_passed_over);
	suite_add_tcase(s, t);
	return s;
}
