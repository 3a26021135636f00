#include "net/listen.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <netinet/tcp.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "unit/net/check_net.h"
#include "unit/net/fixture.h"

#define MAX 200

struct door {
	int n, starved, err;
	int fd[MAX];
	struct sockaddr_storage peer;
};

static struct door door;
static char why[LISTEN_WHY_LEN];

static void
up(void)
{
	door = (struct door){ 0 };
	net_up();
}

static void
accepted(void *ctx, int fd, const struct sockaddr_storage *peer)
{
	struct door *d = ctx;

	ck_assert_int_lt(d->n, MAX);
	d->fd[d->n++] = fd;
	d->peer = *peer;
}

static void
starved(void *ctx, int err)
{
	struct door *d = ctx;

	d->starved++;
	d->err = err;
}

static const struct listen_ops ops = { accepted, starved };

static struct listener *
listen_v4(uint16_t port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return listen_tcp(loop, (struct sockaddr *)&addr, sizeof(addr), &ops,
	    &door, why);
}

static struct listener *
listen_v6(uint16_t port)
{
	struct sockaddr_in6 addr = { .sin6_family = AF_INET6,
		.sin6_port = htons(port),
		.sin6_addr = IN6ADDR_ANY_INIT };

	return listen_tcp(loop, (struct sockaddr *)&addr, sizeof(addr), &ops,
	    &door, why);
}

/* Make a connection that waits to be accepted, or is accepted already. */
static int
knock(uint16_t port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	ck_assert_int_ge(fd, 0);
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0)
		ck_assert_int_eq(errno, EINPROGRESS);
	return fd;
}

START_TEST(accepts_and_says_who)
{
	struct listener *ls = listen_v4(0);
	struct sockaddr_in me;
	socklen_t len = sizeof(me);
	int fd, no_delay = 0;

	ck_assert_ptr_nonnull(ls);
	fd = knock(listen_port(ls));
	TURN_UNTIL(door.n == 1);
	getsockname(fd, (struct sockaddr *)&me, &len);
	ck_assert_int_eq(door.peer.ss_family, AF_INET);
	ck_assert_uint_eq(((struct sockaddr_in *)&door.peer)->sin_port,
	    me.sin_port);
	ck_assert_int_eq(recv(door.fd[0], &len, 1, 0), -1);
	ck_assert_int_eq(errno, EAGAIN);
	len = sizeof(no_delay);
	ck_assert_int_eq(getsockopt(door.fd[0], IPPROTO_TCP, TCP_NODELAY,
			     &no_delay, &len),
	    0);
	ck_assert_int_ne(no_delay, 0);
	close(fd);
	close(door.fd[0]);
	listen_free(ls);
}
END_TEST

START_TEST(both_families_listen_on_one_port)
{
	struct listener *v6 = listen_v6(0), *v4 = NULL;
	struct sockaddr_in6 addr = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd, tries;

	/* A port that is free for IPv6 may be in use for IPv4. */
	for (tries = 0; v6 != NULL && tries < 50; tries++) {
		if ((v4 = listen_v4(listen_port(v6))) != NULL)
			break;
		listen_free(v6);
		v6 = listen_v6(0);
	}
	if (v6 == NULL)
		return; /* a machine without IPv6 */
	ck_assert_ptr_nonnull(v4);
	addr.sin6_port = htons(listen_port(v6));
	fd = socket(AF_INET6, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&addr, sizeof(addr)),
	    0);
	TURN_UNTIL(door.n == 1);
	ck_assert_int_eq(door.peer.ss_family, AF_INET6);
	close(fd);
	close(door.fd[0]);
	listen_free(v4);
	listen_free(v6);
}
END_TEST

START_TEST(a_port_in_use_is_named)
{
	struct listener *ls = listen_v4(0);
	char text[LISTEN_WHY_LEN];

	ck_assert_ptr_null(listen_v4(listen_port(ls)));
	snprintf(text, sizeof(text), "127.0.0.1:%u: %s", listen_port(ls),
	    strerror(EADDRINUSE));
	ck_assert_str_eq(why, text);
	listen_free(ls);
}
END_TEST

START_TEST(a_turn_accepts_no_more_than_its_budget)
{
	struct listener *ls = listen_v4(0);
	int fd[LISTEN_BUDGET + 10];

	for (int i = 0; i < LISTEN_BUDGET + 10; i++)
		fd[i] = knock(listen_port(ls));
	loop_turn(loop, 1000);
	ck_assert_int_eq(door.n, LISTEN_BUDGET);
	TURN_UNTIL(door.n == LISTEN_BUDGET + 10);
	for (int i = 0; i < LISTEN_BUDGET + 10; i++) {
		close(fd[i]);
		close(door.fd[i]);
	}
	listen_free(ls);
}
END_TEST

/* Set the limit that leaves n descriptors free. */
static void
leave_descriptors(int n, struct rlimit *old)
{
	struct rlimit less;
	int highest = dup(0);

	close(highest);
	getrlimit(RLIMIT_NOFILE, old);
	less = *old;
	less.rlim_cur = (rlim_t)(highest + n);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &less), 0);
}

/* Leave no descriptor: the listener does not even get its reserve back. */
static void
no_descriptors(void)
{
	struct rlimit none;

	getrlimit(RLIMIT_NOFILE, &none);
	none.rlim_cur = 3;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
}

START_TEST(without_descriptors_it_refuses_says_so_once_and_rests)
{
	struct owner old = { .lines = -1, .answer = "still here\r\n" };
	int old_peer = pair_up(&old, SOCK_STREAM);
	struct listener *ls = listen_v4(0);
	int fd[6], refused = 0, turned = 0;
	struct rlimit saved;
	struct mono start;
	char c;

	turns(1);
	for (int i = 0; i < 6; i++)
		fd[i] = knock(listen_port(ls));
	leave_descriptors(2, &saved);
	TURN_UNTIL(door.starved == 1);
	ck_assert_int_eq(door.err, EMFILE);
	ck_assert_int_eq(door.n, 2);
	for (int i = 0; i < 6; i++)
		refused += recv(fd[i], &c, 1, 0) == 0;
	ck_assert_int_eq(refused, 4);

	/* Open connections are served, and the loop does not spin. */
	put(old_peer, "anybody?\n");
	TURN_UNTIL(old.n == 9);
	ck_assert_str_eq(get(old_peer), "still here\r\n");
	setrlimit(RLIMIT_NOFILE, &saved);
	fd[0] = knock(listen_port(ls));
	no_descriptors();
	start = loop_now(loop);
	while (mono_sub_ms(loop_now(loop), start) < 250) {
		loop_turn(loop, 250);
		turned++;
	}
	ck_assert_int_lt(turned, 12);
	ck_assert_int_eq(door.starved, 1);
	ck_assert_int_eq(door.n, 2);

	setrlimit(RLIMIT_NOFILE, &saved);
	fd[1] = knock(listen_port(ls));
	TURN_UNTIL(door.n == 4); /* with the connection that waited */
	listen_free(ls);
	close(old_peer);
}
END_TEST

START_TEST(addresses_have_names)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(6697),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr un = { .sa_family = AF_UNIX };
	char buf[LISTEN_NAME_LEN];

	ck_assert_str_eq(listen_name((struct sockaddr *)&v6, sizeof(v6), buf),
	    "[::1]:6697");
	ck_assert_str_eq(listen_name(&un, sizeof(un), buf), "unix");
}
END_TEST

Suite *
listen_suite(void)
{
	Suite *s = suite_create("net/listen");
	TCase *t = unit_case("listen");

	tcase_add_checked_fixture(t, up, net_down);
	tcase_add_test(t, accepts_and_says_who);
	tcase_add_test(t, both_families_listen_on_one_port);
	tcase_add_test(t, a_port_in_use_is_named);
	tcase_add_test(t, a_turn_accepts_no_more_than_its_budget);
	tcase_add_test(t,
	    without_descriptors_it_refuses_says_so_once_and_rests);
	tcase_add_test(t, addresses_have_names);
	suite_add_tcase(s, t);
	return s;
}
