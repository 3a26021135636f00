/*
 * The end of a turn: which queues are written, and which wait. A timer that is
 * due in each turn stands for an owner that has more to do. The peers are
 * sockets that keep the bytes of each write apart, so the tests count writes.
 */
#include "net/stream.h"

#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit/net/check_net.h"
#include "unit/net/fixture.h"

#define N 400	       /* streams */
#define MANY 515       /* more than are written in one turn */
#define FEW 60	       /* so few that no write waits */
#define TURNS 4	       /* a write waits for fewer turns */
#define A_WRITE 100000 /* bytes; more than the system is given at once */
#define LINE "a line\r\n"

static struct owner o[MANY];
static int peer[MANY], n;
static size_t writes[MANY], bytes[MANY]; /* that a peer got */
static struct timer more;

static void
fire(struct timer *t)
{
	loop_timer_set(loop, t, loop_now(loop));
}

/* From now on the owner has more to do after each turn. */
static void
begin_load(void)
{
	more.fire = fire;
	loop_timer_set(loop, &more, loop_now(loop));
}

static void
end_load(void)
{
	loop_timer_clear(loop, &more);
}

static void
up(int many)
{
	n = many;
	memset(o, 0, sizeof(o));
	memset(writes, 0, sizeof(writes));
	memset(bytes, 0, sizeof(bytes));
	for (int i = 0; i < n; i++) {
		o[i].lines = -1;
		peer[i] = pair_up(&o[i], SOCK_SEQPACKET);
	}
	turns(3);
}

static void
down(void)
{
	for (int i = 0; i < n; i++)
		close(peer[i]);
}

/* Send a line to streams from..n. */
static void
send_from(int from)
{
	struct rcbuf *b = rcbuf_new(SPAN(LINE));

	for (int i = from; i < n; i++)
		stream_send(o[i].s, b);
	rcbuf_unref(b);
}

/* Count what has come. Return the number of writes to all peers. */
static size_t
count(void)
{
	size_t sum = 0, len;

	for (int i = 0; i < n; i++) {
		while ((len = strlen(get(peer[i]))) > 0) {
			writes[i]++;
			bytes[i] += len;
		}
		sum += writes[i];
	}
	return sum;
}

static size_t
least(const size_t *v)
{
	size_t min = v[0];

	for (int i = 1; i < n; i++)
		if (v[i] < min)
			min = v[i];
	return min;
}

static void
check_all_came(size_t lines)
{
	(void)count();
	for (int i = 0; i < n; i++)
		ck_assert_uint_eq(bytes[i], lines * strlen(LINE));
}

START_TEST(under_load_a_queue_is_written_once_in_four_turns)
{
	size_t lines = 0;

	up(N);
	begin_load();
	for (int i = 0; i < 10 * TURNS; i++) {
		send_from(0);
		lines++;
		turns(1);
		(void)count();
		if (lines >= TURNS)
			ck_assert_uint_gt(least(bytes) / strlen(LINE),
			    lines - TURNS);
	}
	ck_assert_uint_le(count(), (size_t)N * (10 + 1));
	ck_assert_uint_ge(count(), (size_t)N * (10 - 1));
	end_load();
	turns(1);
	check_all_came(lines);
	down();
}
END_TEST

START_TEST(without_load_all_are_written_in_the_same_turn)
{
	up(N);
	for (size_t lines = 1; lines <= TURNS; lines++) {
		send_from(0);
		turns(1);
		check_all_came(lines);
	}
	ck_assert_uint_eq(count(), (size_t)N * TURNS);
	down();
}
END_TEST

START_TEST(very_many_take_more_than_one_turn)
{
	up(MANY);
	send_from(0);
	turns(1);
	ck_assert_uint_gt(count(), MANY / 2);
	ck_assert_uint_lt(count(), MANY);
	loop_turn(loop, -1); /* does not wait */
	check_all_came(1);
	down();
}
END_TEST

START_TEST(an_answer_does_not_wait)
{
	up(N);
	begin_load();
	o[N - 1].answer = LINE;
	o[N - 2].answer = LINE;
	put(peer[N - 2], "x\r\n");
	send_from(0);
	turns(1);
	ck_assert_str_eq(get(peer[N - 1]), "");
	ck_assert_str_eq(get(peer[N - 2]), LINE LINE);
	put(peer[N - 1], "x\r\n");
	turns(1);
	ck_assert_str_eq(get(peer[N - 1]), LINE LINE);
	ck_assert_str_eq(get(peer[N - 3]), "");
	end_load();
	down();
}
END_TEST

START_TEST(a_turn_without_load_writes_all_that_waited)
{
	up(N);
	begin_load();
	send_from(0);
	turns(1);
	ck_assert_uint_lt(count(), N);
	end_load();
	turns(1);
	check_all_came(1);
	down();
}
END_TEST

/* Fewer and fewer streams wait, and each of them for no longer. */
START_TEST(those_behind_do_not_wait_longer_when_no_more_come)
{
	up(N);
	begin_load();
	send_from(0);
	turns(TURNS - 1);
	ck_assert_uint_lt(count(), N);
	turns(1);
	check_all_came(1);
	end_load();
	down();
}
END_TEST

/* The streams in front are sent to in each turn, the others once. */
START_TEST(a_busy_stream_does_not_hold_up_another)
{
	size_t len = strlen(LINE);

	up(N);
	begin_load();
	for (int i = 0; i < 2 * TURNS; i++) {
		n = N / 2;
		send_from(0);
		n = N;
		if (i == TURNS)
			send_from(N / 2);
		turns(1);
	}
	(void)count();
	for (int i = N / 2; i < N; i++)
		ck_assert_uint_eq(bytes[i], len);
	end_load();
	down();
}
END_TEST

START_TEST(few_queues_do_not_wait)
{
	up(FEW);
	begin_load();
	for (size_t lines = 1; lines <= TURNS; lines++) {
		send_from(0);
		turns(1);
		check_all_came(lines);
	}
	end_load();
	down();
}
END_TEST

START_TEST(what_fills_a_write_does_not_wait)
{
	struct rcbuf *b = rcbuf_new(SPAN(LINE));
	size_t before;

	up(N);
	begin_load();
	send_from(0);
	for (size_t i = 0; i < A_WRITE / strlen(LINE); i++)
		stream_send(o[N - 1].s, b);
	turns(1);
	ck_assert_uint_gt(o[N - 1].taken, A_WRITE / 2);
	ck_assert_uint_eq(o[N - 2].taken, 0);
	before = o[N - 1].taken;
	turns(TURNS);
	ck_assert_uint_ge(o[N - 1].taken, before);
	end_load();
	rcbuf_unref(b);
	down();
}
END_TEST

START_TEST(a_closing_stream_does_not_wait)
{
	up(N);
	begin_load();
	send_from(0);
	stream_close(o[N - 1].s, true);
	turns(1);
	ck_assert_str_eq(get(peer[N - 1]), LINE);
	ck_assert_str_eq(get(peer[N - 2]), "");
	end_load();
	down();
}
END_TEST

START_TEST(load_does_not_keep_a_stream_from_failing)
{
	up(N);
	begin_load();
	send_from(0);
	close(peer[N - 1]);
	turns(1);
	ck_assert_int_eq(o[N - 1].closed, 1);
	ck_assert_uint_eq(o[N - 2].taken, 0);
	end_load();
	n--;
	down();
}
END_TEST

START_TEST(a_stream_may_end_while_it_waits)
{
	up(N);
	begin_load();
	send_from(0);
	turns(1);
	stream_close(o[N - 1].s, false);
	stream_close(o[N - 2].s, true);
	turns(1);
	ck_assert_str_eq(get(peer[N - 1]), "");
	ck_assert_str_eq(get(peer[N - 2]), LINE);
	ck_assert_str_eq(get(peer[N - 3]), "");
	turns(TURNS);
	ck_assert_str_eq(get(peer[N - 3]), LINE);
	ck_assert_uint_eq(streams_queued(streams), 0);
	end_load();
	down();
}
END_TEST

START_TEST(together_they_wait_in_the_same_way)
{
	if (!streams_join_sends(streams, 4))
		return;
	up(N);
	begin_load();
	for (int i = 0; i < 10 * TURNS; i++) {
		send_from(0);
		turns(1);
	}
	ck_assert_uint_le(count(), (size_t)N * (10 + 1));
	end_load();
	turns(1);
	check_all_came(10 * TURNS);
	down();
}
END_TEST

Suite *
streams_suite(void)
{
	Suite *s = suite_create("net/streams");
	TCase *t = unit_case("writes that wait");

	tcase_add_checked_fixture(t, net_up, net_down);
	tcase_add_test(t, under_load_a_queue_is_written_once_in_four_turns);
	tcase_add_test(t, without_load_all_are_written_in_the_same_turn);
	tcase_add_test(t, very_many_take_more_than_one_turn);
	tcase_add_test(t, an_answer_does_not_wait);
	tcase_add_test(t, a_turn_without_load_writes_all_that_waited);
	tcase_add_test(t, those_behind_do_not_wait_longer_when_no_more_come);
	tcase_add_test(t, a_busy_stream_does_not_hold_up_another);
	tcase_add_test(t, few_queues_do_not_wait);
	tcase_add_test(t, what_fills_a_write_does_not_wait);
	tcase_add_test(t, a_closing_stream_does_not_wait);
	tcase_add_test(t, load_does_not_keep_a_stream_from_failing);
	tcase_add_test(t, a_stream_may_end_while_it_waits);
	tcase_add_test(t, together_they_wait_in_the_same_way);
	suite_add_tcase(s, t);
	return s;
}
