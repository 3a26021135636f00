/* net/stream.h: streams that are given away, and taken over by another set of
 * streams, as by the next program of the process. */
#include <sys/socket.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/stream.h"
#include "unit/net/check_net.h"
#include "unit/net/fixture.h"

/* Those of the next program. */
static struct streams *later;

static void
up(void)
{
	net_up();
	later = streams_new(loop, 0);
}

static void
down(void)
{
	streams_free(later);
	net_down();
}

static void
rest_free(struct stream_rest *rest)
{
	rcbuf_unref(rest->unread);
	rcbuf_unref(rest->queued);
}

/* Give the stream of one owner to another one. */
static void
hand_over(struct owner *from, struct owner *to)
{
	struct stream_conf conf = conf_of(to, NULL);
	struct stream_rest rest;

	ck_assert(stream_release(from->s, &rest));
	from->s = NULL;
	to->opened = 1; /* it is not told again */
	to->s = stream_adopt(later, &rest, &conf);
	ck_assert_ptr_nonnull(to->s);
	rest_free(&rest);
}

START_TEST(nothing_is_lost_and_nothing_comes_twice)
{
	struct owner a = { .lines = 1 }, b = { .lines = 9, .answer = "pong" };
	int peer = pair_up(&a, SOCK_STREAM);

	put(peer, "1\n2\nhal");
	TURN_UNTIL(a.consumed == 1);
	stream_send_bytes(a.s, SPAN("first "));
	stream_send_bytes(a.s, SPAN("second "));
	ck_assert_str_eq(get(peer), "");
	hand_over(&a, &b);
	ck_assert_uint_eq(streams_count(streams), 0);
	ck_assert_uint_eq(streams_queued(streams), 0);
	ck_assert_uint_eq(streams_count(later), 1);
	ck_assert_uint_eq(stream_unread(b.s), 5);
	ck_assert_uint_eq(stream_queued(b.s), 13);
	turns(1);
	ck_assert_str_eq(b.got, "2\n");
	put(peer, "f\n");
	TURN_UNTIL(b.n == 7);
	ck_assert_str_eq(b.got, "2\nhalf\n");
	ck_assert_str_eq(get(peer), "first second pongpong");
	ck_assert_str_eq(a.got, "1\n");
	ck_assert_int_eq(a.closed, 0);
	close(peer);
	TURN_UNTIL(b.closed);
	ck_assert_int_eq(a.closed, 0);
}
END_TEST

START_TEST(an_idle_stream_has_no_rest)
{
	struct owner a = { .lines = -1 };
	int peer = pair_up(&a, SOCK_STREAM);
	struct stream_rest rest;

	stream_set_limits(a.s, &(struct stream_limits){ 4711, 815, false });
	turns(1);
	ck_assert(stream_release(a.s, &rest));
	ck_assert_ptr_null(rest.unread);
	ck_assert_ptr_null(rest.queued);
	ck_assert_uint_eq(rest.limits.sendq, 4711);
	ck_assert_uint_eq(rest.limits.recvq, 815);
	turns(2);
	ck_assert_int_ge(fcntl(rest.fd, F_GETFD), 0);
	ck_assert_int_eq(close(rest.fd), 0);
	close(peer);
}
END_TEST

/* The system has taken a part of the first buffer, and others wait behind. */
START_TEST(what_the_system_has_taken_is_not_in_the_rest)
{
	struct owner a = { .lines = -1 }, b = { .lines = -1 };
	struct stream_conf conf = conf_of(&a, NULL);
	int peer = tcp_up(&a, &conf, true);
	struct rcbuf *big = rcbuf_alloc(MIB);
	static char buf[64 * KIB];
	size_t n = 0;
	ssize_t got;

	for (size_t i = 0; i < big->n; i++)
		big->p[i] = (char)('a' + i / 1000 % 26);
	turns(1);
	stream_send(a.s, big);
	stream_send_bytes(a.s, SPAN("the end"));
	turns(2);
	ck_assert_uint_lt(stream_queued(a.s), MIB);
	ck_assert_uint_gt(stream_queued(a.s), KIB);
	hand_over(&a, &b);
	for (int i = 0; i < 10000 && n < MIB + 7; i++) {
		got = recv(peer, buf, sizeof(buf), MSG_DONTWAIT);
		for (ssize_t at = 0; at < got; at++, n++)
			ck_assert_int_eq(buf[at],
			    n < MIB ? big->p[n] : "the end"[n - MIB]);
		loop_turn(loop, got > 0 ? 0 : 1);
	}
	ck_assert_uint_eq(n, MIB + 7);
	ck_assert_uint_eq(stream_queued(b.s), 0);
	rcbuf_unref(big);
	close(peer);
}
END_TEST

START_TEST(a_held_stream_leaves_the_bytes_in_the_socket)
{
	struct owner a = { .lines = -1 }, b = { .lines = -1 };
	int peer = pair_up(&a, SOCK_STREAM);

	turns(1);
	stream_hold(a.s);
	put(peer, "later\n");
	turns(3);
	stream_pull(a.s);
	turns(2);
	ck_assert_int_eq(a.consumed, 0);
	ck_assert_uint_eq(stream_unread(a.s), 0);
	stream_send_bytes(a.s, SPAN("still said"));
	turns(1);
	ck_assert_str_eq(get(peer), "still said");
	hand_over(&a, &b);
	TURN_UNTIL(b.n == 6);
	ck_assert_str_eq(b.got, "later\n");
	close(peer);
}
END_TEST

/* More would come, and there is room; and the other way round. */
START_TEST(a_held_stream_does_not_turn_the_loop)
{
	struct owner a = { .lines = 0 };
	int peer = pair_up(&a, SOCK_STREAM);
	int64_t before;

	put(peer, "unread\n");
	TURN_UNTIL(a.consumed == 1);
	stream_hold(a.s);
	put(peer, "more\n");
	turns(2);
	loop_turn(loop, 0);
	before = loop_now(loop).ns;
	loop_turn(loop, 50);
	loop_turn(loop, 0);
	ck_assert_int_ge(loop_now(loop).ns - before, 40 * NS_PER_MS);
	ck_assert_int_eq(a.consumed, 1);
	close(peer);
}
END_TEST

/* Its end is seen by the owner that takes it over. */
START_TEST(the_end_of_file_is_seen_again)
{
	struct owner a = { .lines = 0 }, b = { .lines = 1 };
	int peer = pair_up(&a, SOCK_STREAM);

	put(peer, "1\n");
	shutdown(peer, SHUT_WR);
	TURN_UNTIL(a.eof);
	hand_over(&a, &b);
	TURN_UNTIL(b.closed);
	ck_assert_str_eq(b.got, "1\n");
	ck_assert_int_eq(b.end, STREAM_EOF);
	ck_assert_int_eq(a.closed, 0);
	close(peer);
}
END_TEST

START_TEST(not_every_stream_is_given_away)
{
	struct owner fresh = { .lines = -1 }, failed = { .lines = -1 },
		     secret = { .lines = -1 };
	int peer[3] = { pair_up(&fresh, SOCK_STREAM),
		pair_up(&failed, SOCK_STREAM) };
	struct rcbuf *big = rcbuf_alloc(4 * MIB);
	struct tls_ctx *ctx;
	struct stream_conf conf;
	struct stream_rest rest;
	struct cert cert;
	char why[TLS_WHY_LEN];

	memset(big->p, 'x', big->n);
	ck_assert(!stream_release(fresh.s, &rest));
	cert_make(&cert, "a.example");
	ctx = tls_ctx_new(TLS_CLIENTS, cert.file, cert.key, why);
	conf = conf_of(&secret, ctx);
	peer[2] = tcp_up(&secret, &conf, false);
	turns(2);
	ck_assert(!stream_release(secret.s, &rest));
	stream_set_limits(failed.s, &(struct stream_limits){ 2, 2, false });
	ck_assert(!stream_fails(failed.s));
	stream_send(failed.s, big);
	ck_assert(stream_fails(failed.s));
	ck_assert(!stream_release(failed.s, &rest));
	turns(2);
	ck_assert_int_eq(failed.closed, 1);
	ck_assert_int_eq(secret.closed, 0);
	ck_assert_uint_eq(streams_count(streams), 2);
	tls_ctx_free(ctx);
	rcbuf_unref(big);
	for (int i = 0; i < 3; i++)
		close(peer[i]);
}
END_TEST

/* Bytes that wait count for the set that has them. */
START_TEST(a_stream_is_given_away_twice)
{
	struct owner a = { .lines = 1 }, b = { .lines = 1 }, c = { .lines = 9 };
	int peer = pair_up(&a, SOCK_STREAM);

	put(peer, "1\n2\n3\n");
	TURN_UNTIL(a.consumed == 1);
	hand_over(&a, &b);
	turns(1);
	ck_assert_str_eq(b.got, "2\n");
	stream_send_bytes(b.s, SPAN("waits"));
	ck_assert_uint_eq(streams_queued(later), 5);
	hand_over(&b, &c);
	ck_assert_uint_eq(streams_queued(later), 5);
	turns(2);
	ck_assert_str_eq(c.got, "3\n");
	ck_assert_str_eq(get(peer), "waits");
	ck_assert_uint_eq(streams_queued(later), 0);
	close(peer);
}
END_TEST

Suite *
stream_rest_suite(void)
{
	Suite *s = suite_create("net/stream_rest");
	TCase *t = unit_case("stream_rest");

	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, nothing_is_lost_and_nothing_comes_twice);
	tcase_add_test(t, an_idle_stream_has_no_rest);
	tcase_add_test(t, what_the_system_has_taken_is_not_in_the_rest);
	tcase_add_test(t, a_held_stream_leaves_the_bytes_in_the_socket);
	tcase_add_test(t, a_held_stream_does_not_turn_the_loop);
	tcase_add_test(t, the_end_of_file_is_seen_again);
	tcase_add_test(t, not_every_stream_is_given_away);
	tcase_add_test(t, a_stream_is_given_away_twice);
	suite_add_tcase(s, t);
	return s;
}
