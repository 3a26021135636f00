#include "net/loop.h"

#include <sys/eventfd.h>
#include <sys/socket.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "unit/net/check_net.h"
#include "unit/net/fixture.h"

static int calls;
static struct mono seen;

static void
up(void)
{
	calls = 0;
	net_up();
}

static void
fire(struct timer *t)
{
	(void)t;
	calls++;
	seen = loop_now(loop);
}

START_TEST(a_timer_is_not_early)
{
	struct timer t = { .fire = fire };
	struct mono due = mono_add_ms(loop_now(loop), 20);

	loop_timer_set(loop, &t, due);
	loop_turn(loop, 0);
	ck_assert_int_eq(calls, 0);
	TURN_UNTIL(calls > 0);
	ck_assert_int_ge(mono_cmp(seen, due), 0);
	ck_assert_int_lt(mono_sub_ms(seen, due), 500);
}
END_TEST

static void
fire_again(struct timer *t)
{
	fire(t);
	loop_timer_set(loop, t, loop_now(loop));
}

/* However many other timers are set: it has one turn, then descriptors have
 * theirs, and the loop does not wait before the next. */
START_TEST(a_timer_set_again_for_now_fires_once_a_turn)
{
	struct timer t = { .fire = fire_again }, other[3];
	struct mono start = loop_now(loop);

	for (int i = 0; i < 3; i++) {
		other[i] = (struct timer){ .fire = fire };
		loop_timer_set(loop, &other[i], mono_add_ms(start, 60000));
	}
	loop_timer_set(loop, &t, start);
	for (int turn = 1; turn <= 5; turn++) {
		loop_turn(loop, -1);
		ck_assert_int_eq(calls, turn);
	}
	for (int i = 0; i < 3; i++)
		loop_timer_clear(loop, &other[i]);
	loop_timer_clear(loop, &t);
}
END_TEST

START_TEST(waits_no_longer_than_told)
{
	struct timer t = { .fire = fire };
	struct mono start = loop_now(loop);

	loop_timer_set(loop, &t, mono_add_ms(start, 60000));
	loop_turn(loop, 20);
	ck_assert_int_ge(mono_sub_ms(loop_now(loop), start), 20);
	ck_assert_int_lt(mono_sub_ms(loop_now(loop), start), 1000);
	loop_timer_clear(loop, &t);
}
END_TEST

START_TEST(clocks_stand_still_within_a_turn)
{
	struct mono now = loop_now(loop);
	struct wall wall = loop_wall(loop);

	usleep(2000);
	ck_assert_int_eq(mono_cmp(now, loop_now(loop)), 0);
	ck_assert_int_eq(wall.ms, loop_wall(loop).ms);
	loop_turn(loop, 0);
	ck_assert_int_lt(mono_cmp(now, loop_now(loop)), 0);
	ck_assert_int_lt(wall.ms, loop_wall(loop).ms);
}
END_TEST

static struct watch two[2];

static void
end_the_other(struct watch *w, unsigned int events)
{
	ck_assert(events & LOOP_READ);
	calls++;
	loop_unwatch(loop, &two[w == &two[0]]);
}

static void
close_the_other(struct watch *w, unsigned int events)
{
	ck_assert(events & LOOP_READ);
	calls++;
	loop_close(loop, &two[w == &two[0]]);
}

/* The system stops watching a descriptor that is closed, so the next descriptor
 * with that number can be watched. */
START_TEST(a_closed_watch_is_not_called_in_the_same_turn)
{
	int fd[2][2], old;

	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fd[i]), 0);
		two[i].ready = close_the_other;
		ck_assert(loop_watch(loop, &two[i], fd[i][0], LOOP_READ));
		put(fd[i][1], "x");
	}
	loop_turn(loop, 100);
	ck_assert_int_eq(calls, 1);
	ck_assert_int_eq(two[1].fd, -1);
	loop_close(loop, &two[1]);
	old = dup(fd[1][1]);
	ck_assert_int_eq(old, fd[1][0]);
	ck_assert(loop_watch(loop, &two[1], old, LOOP_READ));
	loop_close(loop, &two[1]);
	ck_assert_int_eq(fcntl(old, F_GETFD), -1);
	loop_close(loop, &two[0]);
	for (int i = 0; i < 2; i++)
		close(fd[i][1]);
}
END_TEST

START_TEST(an_ended_watch_is_not_called_in_the_same_turn)
{
	int fd[2][2];

	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fd[i]), 0);
		two[i].ready = end_the_other;
		ck_assert(loop_watch(loop, &two[i], fd[i][0], LOOP_READ));
		put(fd[i][1], "x");
	}
	loop_turn(loop, 100);
	ck_assert_int_eq(calls, 1);
	loop_unwatch(loop, &two[0]);
	loop_unwatch(loop, &two[1]);
	loop_turn(loop, 0);
	ck_assert_int_eq(calls, 1);
	for (int i = 0; i < 2; i++) {
		close(fd[i][0]);
		close(fd[i][1]);
	}
}
END_TEST

static unsigned int got;

static void
note_events(struct watch *w, unsigned int events)
{
	(void)w;
	got = events;
}

START_TEST(reports_what_is_wanted_and_hangups)
{
	struct watch w = { .ready = note_events };
	int fd[2];

	socketpair(AF_UNIX, SOCK_STREAM, 0, fd);
	ck_assert(loop_watch(loop, &w, fd[0], 0));
	put(fd[1], "x");
	loop_turn(loop, 0);
	ck_assert_uint_eq(got, 0);
	loop_want(loop, &w, LOOP_WRITE);
	loop_turn(loop, 0);
	ck_assert_uint_eq(got, LOOP_WRITE);
	loop_want(loop, &w, LOOP_READ | LOOP_WRITE);
	loop_turn(loop, 0);
	ck_assert_uint_eq(got, LOOP_READ | LOOP_WRITE);
	loop_want(loop, &w, 0);
	close(fd[1]);
	loop_turn(loop, 0);
	ck_assert_uint_eq(got, LOOP_HANGUP);
	loop_unwatch(loop, &w);
	close(fd[0]);
}
END_TEST

START_TEST(a_bad_descriptor_is_refused)
{
	struct watch w = { .ready = note_events };

	ck_assert(!loop_watch(loop, &w, 1000, LOOP_READ));
	ck_assert_int_eq(w.fd, -1);
	loop_unwatch(loop, &w);
}
END_TEST

static int signo_seen;

static void
arrived(void *ctx, int signo)
{
	*(int *)ctx += 1;
	signo_seen = signo;
	loop_stop(loop);
}

START_TEST(signals_come_through_the_loop)
{
	sigset_t set;
	int n = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	ck_assert(loop_signals(loop, &set, arrived, &n));
	raise(SIGHUP);
	ck_assert_int_eq(n, 0);
	loop_run(loop);
	ck_assert_int_eq(n, 1);
	ck_assert_int_eq(signo_seen, SIGHUP);
	raise(SIGTERM);
	loop_run(loop);
	ck_assert_int_eq(signo_seen, SIGTERM);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}
END_TEST

START_TEST(sigpipe_does_not_kill)
{
	int fd[2];

	socketpair(AF_UNIX, SOCK_STREAM, 0, fd);
	close(fd[1]);
	ck_assert_int_eq(write(fd[0], "x", 1), -1);
	close(fd[0]);
}
END_TEST

static void
woken(void *ctx)
{
	*(int *)ctx += 1;
}

static void *
post_three(void *wake)
{
	for (int i = 0; i < 3; i++)
		loop_wake_post(wake);
	return NULL;
}

START_TEST(another_thread_wakes_it)
{
	int n = 0;
	struct wake *w = loop_wake_new(loop, woken, &n);
	pthread_t thread;

	ck_assert_ptr_nonnull(w);
	pthread_create(&thread, NULL, post_three, w);
	TURN_UNTIL(n > 0);
	pthread_join(thread, NULL);
	ck_assert_int_le(n, 3);
	loop_turn(loop, 0);
	n = 0;
	loop_turn(loop, 0);
	ck_assert_int_eq(n, 0);
	loop_wake_free(w);
}
END_TEST

static void
busy_thrice(struct hook *h)
{
	h->busy = ++calls < 3;
}

START_TEST(a_busy_hook_keeps_it_from_waiting)
{
	struct hook h = { .turn = busy_thrice, .busy = true };
	struct mono start = loop_now(loop);

	loop_hook_add(loop, &h);
	for (int i = 0; i < 3; i++)
		loop_turn(loop, 30);
	ck_assert_int_lt(mono_sub_ms(loop_now(loop), start), 25);
	loop_turn(loop, 30);
	ck_assert_int_ge(mono_sub_ms(loop_now(loop), start), 30);
	loop_hook_del(loop, &h);
	loop_turn(loop, 0);
	ck_assert_int_eq(calls, 4);
}
END_TEST

#define MANY (2 * LOOP_EVENTS + 50)
#define PAUSE_US 400000 /* longer than the time that counts as a delay */

static struct watch many[MANY];
static bool served[MANY];
static int nserved, served_before;

/* The callback reads nothing, so the descriptor is always ready. */
static void
serve_one(struct watch *w, unsigned int events)
{
	size_t i = (size_t)(w - many);

	(void)events;
	nserved += !served[i];
	served[i] = true;
}

static void
fire_late(struct timer *t)
{
	fire(t);
	served_before = nserved;
}

/*
 * MANY descriptors have something to read, and the timer is due, since the loop
 * did not turn for a while.
 */
START_TEST(after_a_pause_all_is_read_before_timers_fire)
{
	struct timer t = { .fire = fire_late };

	memset(served, 0, sizeof(served));
	nserved = 0;
	for (int i = 0; i < MANY; i++) {
		many[i].ready = serve_one;
		ck_assert(loop_watch(loop, &many[i], eventfd(1, 0), LOOP_READ));
	}
	loop_timer_set(loop, &t, mono_add_ms(loop_now(loop), 1));
	usleep(PAUSE_US);
	for (int i = 0; i < 5 && calls == 0; i++)
		loop_turn(loop, 0);
	ck_assert_int_eq(calls, 1);
	ck_assert_int_eq(served_before, MANY);
	ck_assert_int_lt(mono_sub_ms(loop_now(loop), loop_awake(loop)) * 1000 -
			     PAUSE_US,
	    PAUSE_US);
	ck_assert_int_ge(mono_sub_ms(loop_now(loop), loop_awake(loop)), 100);
	for (int i = 0; i < MANY; i++) {
		int fd = many[i].fd;

		loop_unwatch(loop, &many[i]);
		close(fd);
	}
}
END_TEST

START_TEST(what_is_readable_comes_before_a_timer)
{
	struct timer t = { .fire = fire_late };
	int fd = eventfd(1, 0);

	memset(served, 0, sizeof(served));
	nserved = 0;
	many[0].ready = serve_one;
	ck_assert(loop_watch(loop, &many[0], fd, LOOP_READ));
	loop_timer_set(loop, &t, loop_now(loop));
	loop_turn(loop, 0);
	ck_assert_int_eq(calls, 1);
	ck_assert_int_eq(served_before, 1);
	loop_unwatch(loop, &many[0]);
	close(fd);
}
END_TEST

Suite *
loop_suite(void)
{
	Suite *s = suite_create("net/loop");
	TCase *t = unit_case("loop");

	tcase_add_checked_fixture(t, up, net_down);
	tcase_add_test(t, a_timer_is_not_early);
	tcase_add_test(t, a_timer_set_again_for_now_fires_once_a_turn);
	tcase_add_test(t, waits_no_longer_than_told);
	tcase_add_test(t, clocks_stand_still_within_a_turn);
	tcase_add_test(t, an_ended_watch_is_not_called_in_the_same_turn);
	tcase_add_test(t, a_closed_watch_is_not_called_in_the_same_turn);
	tcase_add_test(t, reports_what_is_wanted_and_hangups);
	tcase_add_test(t, a_bad_descriptor_is_refused);
	tcase_add_test(t, signals_come_through_the_loop);
	tcase_add_test(t, sigpipe_does_not_kill);
	tcase_add_test(t, another_thread_wakes_it);
	tcase_add_test(t, what_is_readable_comes_before_a_timer);
	tcase_add_test(t, after_a_pause_all_is_read_before_timers_fire);
	tcase_add_test(t, a_busy_hook_keeps_it_from_waiting);
	suite_add_tcase(s, t);
	return s;
}
