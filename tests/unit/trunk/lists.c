/* gate-protocol.md, part 6: a line for many streams crosses a trunk once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "trunk/list.h"
#include "unit/trunk/check_trunk.h"
#include "unit/trunk/gate.h"

#define ALICE ":alice!u@192.0.2.2 PRIVMSG #tea :"

/* Let streams 1 to n, a client each, be in #tea: alice, n2, n3 ... The next
 * line of each of them is 4. */
static struct gates *
in_channel(unsigned n)
{
	struct gates *g = gates_new();
	char nick[16];

	gate_begin(g, 0);
	for (unsigned s = 1; s <= n; s++) {
		(void)snprintf(nick, sizeof(nick), "n%u", s);
		gate_user(g, 0, s, s == 1 ? "alice" : nick);
		gate_cmd(g, 0, s, 3, "JOIN #tea");
	}
	(void)gate_heard(g, 0);
	return g;
}

START_TEST(one_copy_for_all_streams)
{
	struct gates *g = in_channel(4);

	gate_cmd(g, 0, 1, 4, "PRIVMSG #tea :one");
	gate_hears(g, 0,
	    "LIST 4 2 3 4\n"
	    "L *4 :" ALICE "one\n"
	    "POS\n");
	gate_cmd(g, 0, 1, 5, "PRIVMSG #tea :two");
	gate_hears(g, 0,
	    "L *4 :" ALICE "two\n"
	    "POS\n");
	/* one receiver needs no list */
	gate_cmd(g, 0, 1, 6, "PRIVMSG n2 :three");
	gate_hears(g, 0,
	    "L 2 ::alice!u@192.0.2.2 PRIVMSG n2 :three\n"
	    "POS\n");
	gates_free(g);
}
END_TEST

START_TEST(each_trunk_and_client_has_its_share)
{
	struct gates *g = in_channel(3);

	plain_user(g, 0, "bob");
	plain_say(g, 0, "JOIN #tea");
	gate_begin(g, 1);
	gate_user(g, 1, 7, "carol");
	gate_cmd(g, 1, 7, 3, "JOIN #tea");
	(void)gate_heard(g, 0);
	(void)gate_heard(g, 1);
	(void)plain_heard(g, 0);
	gate_cmd(g, 0, 1, 4, "PRIVMSG #tea :hello");
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 0), ALICE "hello\r\n"));
	gate_hears(g, 1, "L 7 :" ALICE "hello\nPOS\n");
	ck_assert_str_eq(plain_heard(g, 0), ALICE "hello\r\n");
	gates_free(g);
}
END_TEST

START_TEST(another_view_is_another_list)
{
	struct gates *g = in_channel(4);
	const char *text;

	gate_cmd(g, 0, 3, 4, "CAP REQ :server-time");
	gate_cmd(g, 0, 4, 4, "CAP REQ :server-time");
	gate_cmd(g, 0, 4, 5, "PING x");
	gate_user(g, 0, 5, "n5");
	gate_cmd(g, 0, 5, 3, "JOIN #tea");
	(void)gate_heard(g, 0);
	gate_cmd(g, 0, 1, 4, "PRIVMSG #tea :hello");
	text = gate_heard(g, 0);
	ck_assert_ptr_nonnull(strstr(text, " 2 5\r\nL *"));
	/* n3 and n4 were told of n5 by this list */
	ck_assert_ptr_nonnull(strstr(text, "\r\nL *5 :@time="));
	gates_free(g);
}
END_TEST

/* A step may say several lines to the same receivers: one L each. */
START_TEST(several_lines_in_one_buffer)
{
	struct gates *g = in_channel(3);

	gate_cmd(g, 0, 1, 4, "MODE #tea +m");
	(void)gate_heard(g, 0);
	gate_cmd(g, 0, 1, 5, "MODE #tea -m+vvb n2 n3 x!*@*");
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 0), "L *"));
	gate_cmd(g, 0, 1, 6, "JOIN #a,#b,#c");
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 0),
	    "L 1 ::irc.example.org 366 alice #a :End of NAMES list\r\nL 1 :"));
	gates_free(g);
}
END_TEST

START_TEST(streams_that_end_are_passed_over)
{
	struct gates *g = in_channel(12);

	gate_cmd(g, 0, 1, 4, "PRIVMSG #tea :one");
	(void)gate_heard(g, 0);
	gate_say(g, 0, "CLOSED 5 :gone");
	/* all others see the QUIT, who were told of n12 */
	gate_hears(g, 0,
	    "LIST 13 =11 -5\n"
	    "L *13 ::n5!u@192.0.2.6 QUIT :gone\n"
	    "POS 001.100=26\n");
	gate_cmd(g, 0, 1, 5, "PRIVMSG #tea :two");
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 0),
	    "LIST 14 =13 -1\r\nL *14 :"));
	gates_free(g);
}
END_TEST

/* ---- lists alone --------------------------------------------------------- */

#define KEY UINT64_C(0xdeadbeefcafef00d)

/* A trunk's lists, and the gate's picture of them. */
struct both {
	struct lists lists;
	struct arena *arena;
	uint64_t lines, said; /* lines; and bytes */
	struct theirs {
		uint32_t *v;
		size_t n;
	} theirs[LISTS_MAX + 1];
};

static struct both *
both_new(void)
{
	struct both *b = mem_zalloc(sizeof(*b));

	lists_init(&b->lists);
	b->arena = arena_new(1 << 20);
	return b;
}

static void
both_free(struct both *b)
{
	for (size_t g = 0; g <= LISTS_MAX; g++)
		free(b->theirs[g].v);
	lists_fini(&b->lists);
	arena_free(b->arena);
	free(b);
}

/* Return the place of a stream, or t->n. Each ck_assert() is a system call, so
 * there is none for each stream. */
static size_t
their_place(const struct theirs *t, uint32_t s)
{
	size_t i = 0;

	while (i < t->n && t->v[i] != s)
		i++;
	return i;
}

static void
their_add(struct theirs *t, uint32_t s)
{
	if (their_place(t, s) < t->n)
		ck_abort_msg("%u is in the list twice", s);
	t->v = mem_array(t->v, t->n + 1, sizeof(*t->v));
	t->v[t->n++] = s;
}

static void
their_remove(struct theirs *t, uint32_t s)
{
	size_t i = their_place(t, s);

	if (i == t->n)
		ck_abort_msg("%u is not in the list", s);
	t->v[i] = t->v[--t->n];
}

static uint64_t
number(struct span s)
{
	uint64_t n = 0;

	if (!span_u64(s, &n))
		ck_abort_msg("%.*s is no number", SPAN_ARG(s));
	return n;
}

static void
their_word(struct both *b, struct theirs *t, struct span w)
{
	uint32_t n = (uint32_t)number(span_tail(w,
	    w.p[0] < '0' || w.p[0] > '9' ? 1 : 0));

	if (w.p[0] == '=') {
		struct theirs *base = &b->theirs[n];

		ck_assert(base != t && base->n > 0 && t->n == 0);
		for (size_t i = 0; i < base->n; i++)
			their_add(t, base->v[i]);
	} else if (w.p[0] == '-')
		their_remove(t, n);
	else
		their_add(t, n);
}

/* Do what a gate does (6.2, 6.4). */
static void
their_line(struct both *b, struct span line)
{
	struct span verb = span_word(&line), w;
	struct theirs *t = &b->theirs[number(span_word(&line))];

	if (span_eq(verb, SPAN("UNLIST"))) {
		ck_assert_uint_gt(t->n, 0);
		t->n = 0;
		return;
	}
	ck_assert(span_eq(verb, SPAN("LIST")));
	while ((w = span_word(&line)).n > 0)
		if (!span_eq(w, SPAN("*")))
			their_word(b, t, w);
}

/* Return the number of the list; the gate has the same one. */
static uint32_t
get(struct both *b, const uint32_t *v, size_t n)
{
	struct list_of of = { .v = v, .n = n, .hash = LIST_HASH_BEGIN };
	struct writer w;
	struct span text, line;
	struct theirs *t;
	uint32_t g;

	for (size_t i = 0; i < n; i++)
		of.hash = list_hash(of.hash, KEY, v[i]);
	writer_init_arena(&w, b->arena, 1 << 24);
	g = lists_get(&b->lists, &w, &of, &b->lines);
	for (text = writer_done(&w); text.n > 0;) {
		line = span_cut(&text, '\n');
		ck_assert_uint_le(line.n + 1, 16384);
		b->said += line.n + 1;
		line.n--;
		if (b->theirs[0].n == 0) /* not too long to compare */
			their_line(b, line);
	}
	arena_reset(b->arena);
	ck_assert_ptr_null(lists_check(&b->lists, UINT32_MAX));
	t = &b->theirs[g];
	if (b->theirs[0].n > 0)
		return g;
	ck_assert_uint_eq(t->n, n);
	for (size_t i = 0; i < n; i++)
		if (their_place(t, v[i]) == t->n)
			ck_abort_msg("%u is missing", v[i]);
	return g;
}

static void
count_up(uint32_t *v, size_t n, uint32_t from)
{
	for (size_t i = 0; i < n; i++)
		v[i] = from + (uint32_t)i;
}

/* Each speaker is left out in turn: one list each, told by two words. */
START_TEST(a_difference_is_told)
{
	struct both *b = both_new();
	uint32_t all[500], v[500], first;

	count_up(all, 500, 1000);
	first = get(b, all, 500);
	b->said = 0;
	for (size_t k = 0; k < 500; k++) {
		memcpy(v, all, k * sizeof(*v));
		memcpy(v + k, all + k + 1, (499 - k) * sizeof(*v));
		ck_assert_uint_ne(get(b, v, 499), first);
	}
	ck_assert_uint_lt(b->said, 500 * 32);
	b->said = 0;
	ck_assert_uint_eq(get(b, all, 500), first);
	ck_assert_uint_eq(b->said, 0);
	both_free(b);
}
END_TEST

/* The core moves the last member of a channel to the place of one who parts. */
START_TEST(a_stream_that_moves_is_no_difference)
{
	struct both *b = both_new();
	uint32_t v[100];

	count_up(v, 100, 1);
	(void)get(b, v, 100);
	b->said = 0;
	v[10] = v[99];
	(void)get(b, v, 99);
	ck_assert_uint_lt(b->said, 20);
	both_free(b);
}
END_TEST

/* It is said by the list of the same streams, and by no other one. */
START_TEST(another_order_is_no_difference)
{
	struct both *b = both_new();
	uint32_t v[100];

	count_up(v, 100, 1001);
	(void)get(b, v, 100);
	count_up(v, 100, 1);
	(void)get(b, v, 100);
	b->said = 0;
	v[0] = 4;
	v[3] = 1;
	(void)get(b, v, 100);
	ck_assert_uint_lt(b->said, 20);
	both_free(b);
}
END_TEST

/* The order counts for the list, and not for the hash alone. */
START_TEST(no_collision_shows_a_line_to_others)
{
	struct both *b = both_new();
	const uint32_t x[] = { 1, 2, 3 }, y[] = { 4, 5, 6 };
	struct list_of of = { .v = x, .n = 3, .hash = 77 };
	struct writer w;
	uint32_t g;

	writer_init_arena(&w, b->arena, 4096);
	g = lists_get(&b->lists, &w, &of, &b->lines);
	of.v = y;
	ck_assert_uint_ne(lists_get(&b->lists, &w, &of, &b->lines), g);
	of.v = x;
	ck_assert_uint_eq(lists_get(&b->lists, &w, &of, &b->lines), g);
	both_free(b);
}
END_TEST

/* Lists that change at random are the same at both ends. */
START_TEST(lists_at_random)
{
	struct both *b = both_new();
	uint32_t v[200], next = 500;
	size_t n = 100;
	uint64_t x = 88172645463325252u + (uint64_t)_i;

	count_up(v, 200, 1);
	for (unsigned i = 0; i < 2000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		if (x % 5 == 0 && n < 200)
			v[n++] = next++;
		else if (x % 5 == 1 && n > 2)
			v[(x >> 8) % n] = v[n - 1], n--;
		else if (x % 5 == 2)
			v[(x >> 8) % n] = next++;
		else if (x % 5 == 3 && n > 50) {
			memmove(v, v + 20, (n - 20) * sizeof(*v));
			n -= 20;
		}
		(void)get(b, v, n);
	}
	both_free(b);
}
END_TEST

/* gate-protocol.md, 8: 4096 lists */
START_TEST(the_oldest_list_is_forgotten)
{
	struct both *b = both_new();
	uint32_t v[2], first;

	for (uint32_t i = 0; i < LISTS_MAX; i++) {
		count_up(v, 2, 1 + 2 * i);
		(void)get(b, v, 2);
	}
	ck_assert_uint_eq(b->lists.n, LISTS_MAX);
	count_up(v, 2, 1);
	first = get(b, v, 2); /* used now */
	count_up(v, 2, 1000000);
	(void)get(b, v, 2);
	ck_assert_uint_eq(b->lists.n, LISTS_MAX);
	b->said = 0;
	count_up(v, 2, 1);
	ck_assert_uint_eq(get(b, v, 2), first);
	ck_assert_uint_eq(b->said, 0);
	count_up(v, 2, 3); /* the oldest one, which went */
	(void)get(b, v, 2);
	ck_assert_uint_gt(b->said, 0);
	both_free(b);
}
END_TEST

#define LARGE 65536 /* a sixteenth of the bound */

/* gate-protocol.md, 8: 2^20 streams in all lists */
START_TEST(lists_have_so_many_streams)
{
	struct both *b = both_new();
	uint32_t *v = mem_array(NULL, LARGE + 1, sizeof(*v));

	their_add(&b->theirs[0], 1); /* do not compare */
	for (uint32_t i = 0; i < 16; i++) {
		count_up(v, LARGE, 1 + i * LARGE);
		(void)get(b, v, LARGE);
	}
	ck_assert_uint_eq(b->lists.n, 16);
	ck_assert_uint_eq(b->lists.words, LISTS_WORDS_MAX);
	count_up(v, 2, 5);
	(void)get(b, v, 2);
	ck_assert_uint_eq(b->lists.n, 16);
	ck_assert_uint_eq(b->lists.words, LISTS_WORDS_MAX - LARGE + 2);
	free(v);
	both_free(b);
}
END_TEST

Suite *
lists_suite(void)
{
	Suite *s = suite_create("lists");
	TCase *tc = unit_case("trunks");

	tcase_add_test(tc, one_copy_for_all_streams);
	tcase_add_test(tc, each_trunk_and_client_has_its_share);
	tcase_add_test(tc, another_view_is_another_list);
	tcase_add_test(tc, several_lines_in_one_buffer);
	tcase_add_test(tc, streams_that_end_are_passed_over);
	suite_add_tcase(s, tc);
	tc = unit_case("lists");
	tcase_add_test(tc, a_difference_is_told);
	tcase_add_test(tc, a_stream_that_moves_is_no_difference);
	tcase_add_test(tc, another_order_is_no_difference);
	tcase_add_test(tc, no_collision_shows_a_line_to_others);
	tcase_add_loop_test(tc, lists_at_random, 0, 4);
	tcase_add_test(tc, the_oldest_list_is_forgotten);
	tcase_add_test(tc, lists_have_so_many_streams);
	suite_add_tcase(s, tc);
	return s;
}
