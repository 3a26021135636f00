/*
 * Many sends in one system call. If the system has no io_uring, these tests
 * have nothing to look at, and pass.
 */
#include "net/sends.h"

#include <sys/socket.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "unit/net/check_net.h"
#include "unit/net/fixture.h"

/* A send, and what done() said of it. */
struct one {
	int fd[2];
	int result;
	int order; /* from 1; 0: not done */
};

static int ndone;

static void
done(void *owner, struct span bytes, int result)
{
	struct one *o = owner;

	(void)bytes;
	o->result = result;
	ck_assert_int_eq(o->order, 0);
	o->order = ++ndone;
}

static void
pairs(struct one *o, int n)
{
	memset(o, 0, (size_t)n * sizeof(*o));
	ndone = 0;
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, o[i].fd),
		    0);
}

static void
unpair(struct one *o, int n)
{
	for (int i = 0; i < n; i++) {
		close(o[i].fd[0]);
		close(o[i].fd[1]);
	}
}

START_TEST(as_many_as_there_is_room_for)
{
	static struct one o[SENDS_MAX];
	struct sends *ss = sends_new();

	if (ss == NULL)
		return;
	pairs(o, SENDS_MAX);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < SENDS_MAX; i++) {
			ck_assert(!sends_is_full(ss));
			o[i].order = 0;
			sends_add(ss, o[i].fd[0], SPAN("a line\r\n"), &o[i]);
		}
		ck_assert(sends_is_full(ss));
		ck_assert_str_eq(get(o[0].fd[1]), "");
		ndone = 0;
		ck_assert(sends_run(ss, done));
		ck_assert(!sends_is_full(ss));
		for (int i = 0; i < SENDS_MAX; i++) {
			ck_assert_int_eq(o[i].order, i + 1);
			ck_assert_int_eq(o[i].result, 8);
			ck_assert_str_eq(get(o[i].fd[1]), "a line\r\n");
		}
	}
	sends_free(ss);
	unpair(o, SENDS_MAX);
}
END_TEST

START_TEST(a_send_that_fails_stops_no_other)
{
	struct sends *ss = sends_new();
	struct one o[5];
	char *full;

	if (ss == NULL)
		return;
	pairs(o, 5);
	close(o[1].fd[1]);
	full = mem_zalloc(MIB);
	ck_assert_int_gt(send(o[2].fd[0], full, MIB, MSG_DONTWAIT), 0);
	for (int i = 0; i < 5; i++)
		sends_add(ss, i == 3 ? -1 : o[i].fd[0], SPAN("x"), &o[i]);
	ck_assert(sends_run(ss, done));
	ck_assert_int_eq(o[0].result, 1);
	ck_assert_int_eq(o[1].result, -EPIPE);
	ck_assert_int_eq(o[2].result, -EAGAIN);
	ck_assert_int_eq(o[3].result, -EBADF);
	ck_assert_int_eq(o[4].result, 1);
	ck_assert_str_eq(get(o[4].fd[1]), "x");
	sends_free(ss);
	free(full);
	o[1].fd[1] = -1;
	unpair(o, 5);
}
END_TEST

START_TEST(a_full_socket_takes_a_part)
{
	struct sends *ss = sends_new();
	struct one o;
	char *much;

	if (ss == NULL)
		return;
	pairs(&o, 1);
	much = mem_zalloc(4 * MIB);
	sends_add(ss, o.fd[0], span_make(much, 4 * MIB), &o);
	ck_assert(sends_run(ss, done));
	ck_assert_int_gt(o.result, 0);
	ck_assert_int_lt(o.result, 4 * MIB);
	sends_free(ss);
	free(much);
	unpair(&o, 1);
}
END_TEST

/* Return the descriptor of the only io_uring of this process, or -1. */
static int
find_ring(void)
{
	DIR *d = opendir("/proc/self/fd");
	struct dirent *e;
	char path[300], to[64];
	int found = -1;
	ssize_t n;

	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "/proc/self/fd/%s", e->d_name);
		n = readlink(path, to, sizeof(to) - 1);
		if (n <= 0)
			continue;
		to[n] = '\0';
		if (strstr(to, "io_uring") != NULL)
			found = atoi(e->d_name);
	}
	closedir(d);
	return found;
}

#define STREAMS 20

START_TEST(streams_go_on_without_a_ring_that_fails)
{
	struct owner o[STREAMS] = { { .lines = -1 } };
	int peer[STREAMS], ring, null;

	if (!streams_join_sends(streams, 4))
		return;
	ring = find_ring();
	ck_assert_int_ge(ring, 0);
	for (int i = 0; i < STREAMS; i++)
		peer[i] = pair_up(&o[i], SOCK_STREAM);
	turns(1);
	for (int round = 0; round < 3; round++) {
		if (round == 1) { /* as if the system took it away */
			null = open("/dev/null", O_RDWR);
			ck_assert_int_eq(dup2(null, ring), ring);
			close(null);
		}
		for (int i = 0; i < STREAMS; i++)
			stream_send_bytes(o[i].s, SPAN("a line\r\n"));
		turns(2);
		for (int i = 0; i < STREAMS; i++)
			ck_assert_str_eq(get(peer[i]), "a line\r\n");
		ck_assert_int_eq(fcntl(ring, F_GETFD) >= 0, round == 0);
	}
	for (int i = 0; i < STREAMS; i++) {
		ck_assert_uint_eq(o[i].taken, 24);
		close(peer[i]);
	}
}
END_TEST

START_TEST(more_streams_than_one_run_has_room_for)
{
	enum { N = 2 * SENDS_MAX + 3 };
	static struct owner o[N];
	static int peer[N];
	char want[60];

	if (!streams_join_sends(streams, 4))
		return;
	for (int i = 0; i < N; i++) {
		o[i].lines = -1;
		peer[i] = pair_up(&o[i], SOCK_STREAM);
	}
	turns(3);
	for (int i = 0; i < N; i++) {
		snprintf(want, sizeof(want), "line one to %d\r\nline two\r\n",
		    i);
		stream_send_bytes(o[i].s,
		    span_head(span_of(want), strlen(want) - 10));
		stream_send_bytes(o[i].s, SPAN("line two\r\n"));
	}
	turns(2);
	for (int i = 0; i < N; i++) {
		snprintf(want, sizeof(want), "line one to %d\r\nline two\r\n",
		    i);
		ck_assert_str_eq(get(peer[i]), want);
		close(peer[i]);
	}
}
END_TEST

Suite *
sends_suite(void)
{
	Suite *s = suite_create("net/sends");
	TCase *t = unit_case("sends");

	tcase_add_checked_fixture(t, net_up, net_down);
	tcase_add_test(t, as_many_as_there_is_room_for);
	tcase_add_test(t, a_send_that_fails_stops_no_other);
	tcase_add_test(t, a_full_socket_takes_a_part);
	tcase_add_test(t, streams_go_on_without_a_ring_that_fails);
	tcase_add_test(t, more_streams_than_one_run_has_room_for);
	suite_add_tcase(s, t);
	return s;
}
