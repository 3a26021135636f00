#include "net/stream.h"

#include <sys/socket.h>

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit/net/check_net.h"
#include "unit/net/fixture.h"

static void
limit(struct owner *o, size_t sendq, size_t recvq, bool waits)
{
	struct stream_limits limits = { sendq, recvq, waits };

	stream_set_limits(o->s, &limits);
}

/* Make n bytes that do not repeat over long stretches. */
static struct rcbuf *
noise(size_t n)
{
	struct rcbuf *b = rcbuf_alloc(n);
	uint32_t x = 1;

	for (size_t i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		b->p[i] = (char)(x >> 24);
	}
	return b;
}

/* Read up to max bytes of fd, add them to *sum, and return how many. */
static size_t
slurp(int fd, size_t max, uint64_t *sum)
{
	static char buf[64 * KIB];
	ssize_t n =
	    recv(fd, buf, max < sizeof(buf) ? max : sizeof(buf), MSG_DONTWAIT);

	if (n <= 0)
		return 0;
	*sum = sum_add(*sum, buf, (size_t)n);
	return (size_t)n;
}

/* Run a turn. Wait for a millisecond if nothing has moved: the kernel may take
 * its time to bring bytes to the other end. */
static void
turn_after(bool moved)
{
	loop_turn(loop, moved ? 0 : 1);
}

/*
 * Read n bytes, at most max before each turn, and add them to the sum. Return
 * how many came; give up after 10000 turns.
 */
static size_t
slurp_all(int fd, size_t n, size_t max, uint64_t *sum)
{
	size_t had = 0, got;

	for (int i = 0; had < n && i < 10000; i++) {
		got = slurp(fd, max, sum);
		had += got;
		turn_after(got > 0);
	}
	return had;
}

/* A descriptor whose callback closes a stream in the middle of a turn. */
struct closer {
	struct watch watch;
	struct owner *o;
};

static void
close_it(struct watch *w, unsigned int events)
{
	struct closer *c = (struct closer *)(void *)w;

	(void)events;
	loop_unwatch(loop, w);
	if (c->o->s != NULL)
		stream_close(c->o->s, true);
	c->o->s = NULL;
}

/* ---- bytes ---- */

START_TEST(carries_bytes_both_ways)
{
	struct owner o = { .lines = -1, .answer = "PONG\r\n" };
	int peer = pair_up(&o, SOCK_STREAM);

	put(peer, "PING\r\n");
	TURN_UNTIL(o.n == 6);
	ck_assert_str_eq(o.got, "PING\r\n");
	ck_assert_str_eq(get(peer), "PONG\r\n");
	ck_assert_uint_eq(o.taken, 6);
	close(peer);
}
END_TEST

START_TEST(open_is_told_from_the_loop_not_from_accept)
{
	struct owner o = { .lines = -1 };
	int peer = pair_up(&o, SOCK_STREAM);

	ck_assert_int_eq(o.opened, 0);
	loop_turn(loop, 1000);
	ck_assert_int_eq(o.opened, 1);
	close(peer);
}
END_TEST

START_TEST(a_turn_is_one_write)
{
	struct owner o = { .lines = -1 };
	int peer = pair_up(&o, SOCK_SEQPACKET);

	for (int i = 0; i < 20; i++)
		stream_send_bytes(o.s, SPAN("ab"));
	ck_assert_str_eq(get(peer), "");
	turns(1);
	ck_assert_str_eq(get(peer), "abababababababababababababababababababab");
	close(peer);
}
END_TEST

START_TEST(one_buffer_in_many_queues_is_shared)
{
	struct owner o[5] = { { .lines = -1 } };
	struct rcbuf *b = rcbuf_new(SPAN("to all\r\n"));
	int peer[5];

	for (int i = 0; i < 5; i++) {
		peer[i] = pair_up(&o[i], SOCK_STREAM);
		stream_send(o[i].s, b);
	}
	ck_assert_uint_eq(b->refs, 6);
	ck_assert_uint_eq(streams_queued(streams), 5 * 8);
	turns(1);
	ck_assert_uint_eq(b->refs, 1);
	ck_assert_uint_eq(streams_queued(streams), 0);
	for (int i = 0; i < 5; i++) {
		ck_assert_str_eq(get(peer[i]), "to all\r\n");
		close(peer[i]);
	}
	rcbuf_unref(b);
}
END_TEST

START_TEST(a_partial_write_goes_on_where_it_stopped)
{
	struct owner o = { .lines = -1 };
	struct stream_conf conf = conf_of(&o, NULL);
	int peer = tcp_up(&o, &conf, true);
	struct rcbuf *b = noise(3 * MIB);
	uint64_t sum = 0;
	size_t n = 0;

	stream_send(o.s, b);
	turns(3);
	ck_assert_uint_gt(stream_queued(o.s), MIB);
	ck_assert_uint_eq(stream_queued(o.s), streams_queued(streams));
	n = slurp_all(peer, b->n, 7919, &sum);
	ck_assert_uint_eq(n, b->n);
	ck_assert(sum == sum_add(0, b->p, b->n));
	ck_assert_uint_eq(o.taken, b->n);
	ck_assert_uint_eq(stream_queued(o.s), 0);
	rcbuf_unref(b);
	close(peer);
}
END_TEST

START_TEST(thousands_of_tiny_lines_arrive_whole)
{
	struct owner o = { .lines = 1000000 };
	int peer = pair_up(&o, SOCK_STREAM);
	uint64_t sum = 0;
	size_t n = 0;
	char line[8];
	int len;

	for (int i = 0; i < 20000; i++) {
		len = snprintf(line, sizeof(line), "%d\n", i);
		while (send(peer, line, (size_t)len, 0) < 0)
			loop_turn(loop, 0);
		sum = sum_add(sum, line, (size_t)len);
		n += (size_t)len;
	}
	TURN_UNTIL(o.n == n);
	ck_assert(o.sum == sum);
	ck_assert_int_eq(o.lines, 1000000 - 20000);
	close(peer);
}
END_TEST

START_TEST(thousands_of_tiny_lines_leave_whole)
{
	struct owner o = { .lines = -1 };
	int peer = pair_up(&o, SOCK_STREAM);
	uint64_t sum = 0, want = 0;
	size_t n = 0, len = 0;
	char line[8];

	for (int i = 0; i < 20000; i++) {
		snprintf(line, sizeof(line), "%d\n", i);
		stream_send_bytes(o.s, span_of(line));
		want = sum_add(want, line, strlen(line));
		len += strlen(line);
	}
	n = slurp_all(peer, len, 64 * KIB, &sum);
	ck_assert_uint_eq(n, len);
	ck_assert(sum == want);
	close(peer);
}
END_TEST

/* ---- pulling ---- */

START_TEST(what_is_left_is_offered_again_longer)
{
	struct owner o = { .lines = 10 };
	int peer = pair_up(&o, SOCK_STREAM);

	put(peer, "one\ntw");
	TURN_UNTIL(o.consumed == 1);
	ck_assert_str_eq(o.got, "one\n");
	ck_assert_uint_eq(stream_unread(o.s), 2);
	put(peer, "o\n");
	TURN_UNTIL(o.consumed == 2);
	ck_assert_str_eq(o.got, "one\ntwo\n");
	ck_assert_uint_eq(stream_unread(o.s), 0);
	close(peer);
}
END_TEST

START_TEST(pull_offers_what_lies_unread)
{
	struct owner o = { .lines = 1 };
	int peer = pair_up(&o, SOCK_STREAM);

	put(peer, "1\n2\n3\n");
	TURN_UNTIL(o.consumed == 1);
	turns(3);
	ck_assert_int_eq(o.consumed, 1);
	o.lines = 1;
	stream_pull(o.s);
	ck_assert_int_eq(o.consumed, 1); /* not from inside the call */
	turns(1);
	ck_assert_str_eq(o.got, "1\n2\n");
	o.lines = 5;
	stream_pull(o.s);
	turns(1);
	ck_assert_str_eq(o.got, "1\n2\n3\n");
	stream_pull(o.s); /* without effect: nothing is unread */
	turns(2);
	ck_assert_int_eq(o.consumed, 3);
	close(peer);
}
END_TEST

START_TEST(more_than_recvq_unread_closes)
{
	struct owner o = { .lines = 0 };
	int peer = pair_up(&o, SOCK_STREAM);
	char full[1000];

	limit(&o, MIB, sizeof(full), false);
	memset(full, 'x', sizeof(full));
	ck_assert_int_eq(send(peer, full, sizeof(full), 0), sizeof(full));
	turns(5);
	ck_assert_int_eq(o.closed, 0);
	ck_assert_uint_eq(stream_unread(o.s), sizeof(full));
	put(peer, "x");
	TURN_UNTIL(o.closed);
	ck_assert_int_eq(o.end, STREAM_RECVQ);
	ck_assert_uint_eq(streams_count(streams), 0);
	close(peer);
}
END_TEST

START_TEST(recvq_counts_only_what_is_not_taken)
{
	struct owner o = { .lines = -1 };
	int peer = pair_up(&o, SOCK_STREAM);
	struct rcbuf *b = noise(50000);

	limit(&o, MIB, 1000, false);
	ck_assert_int_eq(send(peer, b->p, b->n, 0), (int)b->n);
	TURN_UNTIL(o.n == b->n);
	ck_assert(o.sum == sum_add(0, b->p, b->n));
	ck_assert_int_eq(o.closed, 0);
	rcbuf_unref(b);
	close(peer);
}
END_TEST

START_TEST(recvq_that_waits_stops_reading_and_goes_on)
{
	struct owner o = { .lines = 0 };
	int peer = pair_up(&o, SOCK_STREAM), before;
	struct rcbuf *b = noise(100000);
	size_t sent = 0;
	ssize_t n;

	limit(&o, MIB, 1000, true);
	for (int i = 0; i < 50; i++) {
		n = send(peer, b->p + sent, b->n - sent, 0);
		sent += n > 0 ? (size_t)n : 0;
		loop_turn(loop, 0);
	}
	ck_assert_uint_eq(stream_unread(o.s), 1000);
	ck_assert_int_eq(o.closed, 0);
	before = o.consumed;
	turns(5);
	ck_assert_int_eq(o.consumed, before); /* does not spin */
	o.lines = -1;
	stream_pull(o.s);
	for (int i = 0; i < 1000 && o.n < b->n; i++) {
		n = send(peer, b->p + sent, b->n - sent, 0);
		sent += n > 0 ? (size_t)n : 0;
		turn_after(n > 0);
	}
	ck_assert_uint_eq(o.n, b->n);
	ck_assert(o.sum == sum_add(0, b->p, b->n));
	rcbuf_unref(b);
	close(peer);
}
END_TEST

/* ---- sendq ---- */

START_TEST(a_reader_that_does_not_read_is_closed_alone)
{
	struct owner bad = { .lines = -1 }, good = { .lines = -1 };
	int bad_peer = pair_up(&bad, SOCK_STREAM);
	int good_peer = pair_up(&good, SOCK_STREAM);
	struct rcbuf *b = noise(4 * KIB);
	uint64_t sum = 0;
	size_t n = 0, sent = 0;

	limit(&bad, 64 * KIB, KIB, false);
	limit(&good, 64 * KIB, KIB, false);
	for (int i = 0; i < 400 && !bad.closed; i++) {
		stream_send(bad.s, b);
		stream_send(good.s, b);
		sent += b->n;
		loop_turn(loop, 0);
		n += slurp(good_peer, 64 * KIB, &sum);
	}
	ck_assert_int_eq(bad.end, STREAM_SENDQ);
	while (n < sent) {
		loop_turn(loop, 0);
		n += slurp(good_peer, 64 * KIB, &sum);
	}
	ck_assert_int_eq(good.closed, 0);
	ck_assert_uint_eq(streams_count(streams), 1);
	ck_assert_uint_eq(streams_queued(streams), 0);
	ck_assert_uint_eq(b->refs, 1);
	rcbuf_unref(b);
	close(bad_peer);
	close(good_peer);
}
END_TEST

START_TEST(sendq_is_the_most_that_may_wait)
{
	struct owner o = { .lines = -1 };
	struct stream_conf conf = conf_of(&o, NULL);
	int peer = tcp_up(&o, &conf, true);
	struct rcbuf *b = noise(MIB), *one = noise(1);

	stream_send(o.s, b);
	turns(5);
	limit(&o, stream_queued(o.s) + 1, KIB, false);
	stream_send(o.s, one);
	turns(2);
	ck_assert_int_eq(o.closed, 0);
	stream_send(o.s, one);
	ck_assert_int_eq(o.closed, 0); /* not from inside the call */
	stream_send(o.s, one);	       /* the stream is still valid */
	ck_assert_uint_eq(stream_queued(o.s), 0);
	turns(2);
	ck_assert_int_eq(o.closed, 1);
	ck_assert_int_eq(o.end, STREAM_SENDQ);
	rcbuf_unref(b);
	rcbuf_unref(one);
	close(peer);
}
END_TEST

START_TEST(much_in_one_turn_is_no_fault_of_a_reader)
{
	struct owner o = { .lines = -1 };
	int peer = pair_up(&o, SOCK_STREAM);

	turns(1);
	limit(&o, 1000, KIB, false);
	for (int i = 0; i < 100; i++)
		stream_send_bytes(o.s, SPAN("a hundred of these are more"));
	turns(1);
	ck_assert_int_eq(o.closed, 0);
	ck_assert_uint_eq(o.taken, 2700);
	close(peer);
}
END_TEST

START_TEST(all_queues_together_are_bounded)
{
	struct streams *two = streams_new(loop, MIB);
	struct owner o[2] = { { .lines = -1 }, { .lines = -1 } };
	struct rcbuf *b = noise(700 * KIB);
	struct stream_conf conf;
	int fd[2][2];

	for (int i = 0; i < 2; i++) {
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd[i]);
		conf = conf_of(&o[i], NULL);
		o[i].s = stream_accept(two, fd[i][0], &conf);
	}
	turns(1);
	stream_send(o[0].s, b);
	turns(2);
	ck_assert_int_eq(o[0].closed, 0);
	stream_send(o[1].s, b);
	stream_send(o[1].s, b);
	turns(2);
	ck_assert_int_eq(o[0].closed, 0);
	ck_assert_int_eq(o[1].closed, 1);
	ck_assert_int_eq(o[1].end, STREAM_SENDQ);
	streams_free(two);
	ck_assert_uint_eq(b->refs, 1);
	rcbuf_unref(b);
	close(fd[0][1]);
	close(fd[1][1]);
}
END_TEST

/* ---- closing ---- */

START_TEST(close_with_flush_sends_all_that_was_queued)
{
	struct owner o = { .lines = -1 };
	struct stream_conf conf = conf_of(&o, NULL);
	int peer = tcp_up(&o, &conf, true);
	struct rcbuf *b = noise(MIB);
	uint64_t sum = 0;
	size_t n = 0;
	char c;

	stream_send(o.s, b);
	stream_close(o.s, true);
	n = slurp_all(peer, b->n, 16 * KIB, &sum);
	ck_assert_uint_eq(n, b->n);
	ck_assert(sum == sum_add(0, b->p, b->n));
	turns(2);
	ck_assert_int_eq(recv(peer, &c, 1, 0), 0);
	ck_assert_uint_eq(streams_count(streams), 1);
	close(peer);
	TURN_UNTIL(streams_count(streams) == 0);
	ck_assert_int_eq(o.closed, 0);
	rcbuf_unref(b);
}
END_TEST

START_TEST(last_words_arrive_though_the_peer_sent_more)
{
	struct owner o = { .lines = 1,
		.answer = "ERROR :no\r\n",
		.close_in_consume = true,
		.flush = true };
	struct stream_conf conf = conf_of(&o, NULL);
	int peer = tcp_up(&o, &conf, false);

	put(peer, "one\n");
	TURN_UNTIL(o.consumed == 1);
	put(peer, "and more that nobody reads\n");
	turns(5);
	put(peer, "and more\n");
	turns(5);
	ck_assert_str_eq(get_all(peer), "ERROR :no\r\n");
	close(peer);
	TURN_UNTIL(streams_count(streams) == 0);
}
END_TEST

/* An owner that is behind keeps the stream; the peer has to wait. */
START_TEST(a_stream_can_be_kept_though_more_than_recvq_came)
{
	struct owner o = { .keeps = true };
	struct stream_conf conf = conf_of(&o, NULL);
	int peer;

	conf.limits.recvq = 10;
	peer = tcp_up(&o, &conf, false);
	put(peer, "one\ntwo\nthree\nfour\n");
	turns(10);
	ck_assert_int_eq(o.closed, 0);
	/* it is told once, not in each turn: the stream does not read on */
	ck_assert_int_eq(o.overfull, 1);
	o.lines = 4;
	stream_pull(o.s);
	TURN_UNTIL(o.lines == 0);
	ck_assert_str_eq(o.got, "one\ntwo\nthree\nfour\n");
	ck_assert_int_eq(o.closed, 0);
	stream_close(o.s, false);
	close(peer);
	TURN_UNTIL(streams_count(streams) == 0);
}
END_TEST

START_TEST(last_words_arrive_though_more_than_recvq_came)
{
	struct owner o = { .lines = 1,
		.answer = "answer\r\n",
		.last_words = "ERROR :too much\r\n" };
	struct stream_conf conf = conf_of(&o, NULL);
	int peer = tcp_up(&o, &conf, false);
	struct rcbuf *b = noise(100000);

	put(peer, "one\n");
	for (size_t sent = 0; sent < b->n;) {
		ssize_t n = send(peer, b->p + sent, b->n - sent, MSG_NOSIGNAL);

		sent += n > 0 ? (size_t)n : 0;
		loop_turn(loop, 0);
	}
	ck_assert_ptr_nonnull(strstr(get_all(peer),
	    "answer\r\nERROR :too much\r\n"));
	ck_assert_int_eq(o.closed, 0);
	close(peer);
	TURN_UNTIL(streams_count(streams) == 0);
	rcbuf_unref(b);
}
END_TEST

/* It writes all it has, and only then begins to read. */
START_TEST(a_peer_that_writes_first_gets_all_that_was_queued)
{
	struct owner o = { .lines = -1 };
	struct stream_conf conf = conf_of(&o, NULL);
	int peer = tcp_up(&o, &conf, true);
	struct rcbuf *b = noise(MIB), *more = noise(MIB / 2);
	const int tiny = 4 * KIB;
	size_t sent = 0, n = 0;
	uint64_t sum = 0;

	setsockopt(peer, SOL_SOCKET, SO_SNDBUF, &tiny, sizeof(tiny));
	stream_send(o.s, b);
	stream_close(o.s, true);
	for (int i = 0; sent < more->n && i < 10000; i++) {
		ssize_t k = send(peer, more->p + sent, more->n - sent, 0);

		sent += k > 0 ? (size_t)k : 0;
		turn_after(k > 0);
	}
	ck_assert_uint_eq(sent, more->n);
	n = slurp_all(peer, b->n, 16 * KIB, &sum);
	ck_assert_uint_eq(n, b->n);
	ck_assert(sum == sum_add(0, b->p, b->n));
	close(peer);
	TURN_UNTIL(streams_count(streams) == 0);
	rcbuf_unref(b);
	rcbuf_unref(more);
}
END_TEST

START_TEST(a_closing_stream_reads_only_so_much)
{
	struct owner o = { .lines = -1 };
	struct stream_conf conf = conf_of(&o, NULL);
	int peer = tcp_up(&o, &conf, false);
	struct rcbuf *b = noise(16 * KIB);
	size_t sent = 0;

	stream_close(o.s, true);
	while (streams_count(streams) > 0) {
		ssize_t n = send(peer, b->p, b->n, MSG_NOSIGNAL);

		sent += n > 0 ? (size_t)n : 0;
		ck_assert_uint_lt(sent, 16 * MIB);
		loop_turn(loop, 0);
	}
	ck_assert_uint_gt(sent, STREAM_DISCARD_MAX);
	rcbuf_unref(b);
	close(peer);
}
END_TEST

/* The peers neither read nor close. */
START_TEST(only_so_many_closing_streams_wait_for_their_peers)
{
	struct owner o[STREAM_LINGER_MAX + 20] = { 0 };
	int peer[STREAM_LINGER_MAX + 20];

	for (size_t i = 0; i < STREAM_LINGER_MAX + 20; i++) {
		o[i].lines = -1;
		peer[i] = pair_up(&o[i], SOCK_STREAM);
		turns(1);
		stream_send_bytes(o[i].s, SPAN("ERROR :no\r\n"));
		stream_close(o[i].s, true);
		turns(2);
	}
	ck_assert_uint_eq(streams_count(streams), STREAM_LINGER_MAX);
	ck_assert_str_eq(get(peer[0]), "ERROR :no\r\n");
	ck_assert_int_eq(send(peer[0], "x", 1, MSG_NOSIGNAL), -1);
	ck_assert_int_eq(send(peer[20], "x", 1, MSG_NOSIGNAL), 1);
	for (size_t i = 0; i < STREAM_LINGER_MAX + 20; i++)
		close(peer[i]);
	TURN_UNTIL(streams_count(streams) == 0);
}
END_TEST

START_TEST(a_closing_stream_does_not_wait_for_ever)
{
	struct owner o = { .lines = -1 };
	int peer = pair_up(&o, SOCK_STREAM);
	struct mono start = loop_now(loop);

	turns(1);
	stream_close(o.s, true);
	while (streams_count(streams) > 0)
		loop_turn(loop, 2000);
	ck_assert_int_ge(mono_sub_ms(loop_now(loop), start), STREAM_DRAIN_MS);
	ck_assert_int_lt(mono_sub_ms(loop_now(loop), start),
	    STREAM_DRAIN_MS + 500);
	close(peer);
}
END_TEST

START_TEST(close_at_once_drops_the_queue)
{
	struct owner o = { .lines = -1 };
	int peer = pair_up(&o, SOCK_STREAM);
	struct rcbuf *b = noise(100);

	turns(1);
	stream_send(o.s, b);
	stream_close(o.s, false);
	ck_assert_uint_eq(b->refs, 1);
	ck_assert_uint_eq(streams_count(streams), 0);
	ck_assert_int_eq(recv(peer, b->p, 1, 0), 0);
	turns(2);
	ck_assert_int_eq(o.closed, 0);
	rcbuf_unref(b);
	close(peer);
}
END_TEST

START_TEST(an_owner_may_close_in_open_and_in_consume)
{
	for (int flush = 0; flush < 2; flush++) {
		struct owner a = { .close_in_open = true, .flush = flush };
		struct owner b = {
			.lines = 1, .close_in_consume = true, .flush = flush
		};
		int pa = pair_up(&a, SOCK_STREAM);
		int pb = pair_up(&b, SOCK_STREAM);

		put(pa, "x\n");
		put(pb, "x\ny\n");
		turns(5);
		ck_assert_int_eq(a.consumed, 0);
		ck_assert_int_eq(b.consumed, 1);
		ck_assert_int_eq(a.closed + b.closed, 0);
		close(pa);
		close(pb);
		TURN_UNTIL(streams_count(streams) == 0);
	}
}
END_TEST

START_TEST(another_owner_can_take_over)
{
	struct owner a = { .lines = 1 }, b = { .lines = 9 };
	int peer = pair_up(&a, SOCK_STREAM);

	put(peer, "1\n2\n");
	TURN_UNTIL(a.consumed == 1);
	b.opened = 1;
	b.s = a.s;
	stream_set_owner(a.s, &owner_ops, &b);
	stream_pull(b.s);
	turns(1);
	ck_assert_str_eq(b.got, "2\n");
	close(peer);
	TURN_UNTIL(b.closed);
	ck_assert_int_eq(a.closed, 0);
}
END_TEST

/* ---- the peer's end ---- */

START_TEST(data_before_the_end_of_file_is_handed_over)
{
	struct owner o = { .lines = 10 };
	int peer = pair_up(&o, SOCK_STREAM);

	put(peer, "one\nQUIT :bye\n");
	close(peer);
	TURN_UNTIL(o.closed);
	ck_assert_str_eq(o.got, "one\nQUIT :bye\n");
	ck_assert_int_eq(o.end, STREAM_EOF);
	turns(1);
	ck_assert_uint_eq(streams_count(streams), 0);
}
END_TEST

START_TEST(an_unfinished_rest_is_offered_at_the_end_of_file)
{
	struct owner o = { .lines = 10 };
	int peer = pair_up(&o, SOCK_STREAM);

	put(peer, "one\nQUI");
	TURN_UNTIL(o.consumed > 0);
	shutdown(peer, SHUT_WR);
	TURN_UNTIL(o.closed);
	ck_assert(o.eof);
	ck_assert_str_eq(o.got, "one\nQUI");
	ck_assert_int_eq(o.end, STREAM_EOF);
	close(peer);
}
END_TEST

START_TEST(end_of_file_waits_for_what_lies_unread)
{
	struct owner o = { .lines = 1 };
	int peer = pair_up(&o, SOCK_STREAM);
	int before;

	put(peer, "1\n2\n3\n");
	shutdown(peer, SHUT_WR);
	TURN_UNTIL(o.eof);
	ck_assert_int_eq(o.closed, 0);
	before = o.consumed;
	turns(20);
	ck_assert_int_eq(o.consumed, before); /* does not spin */
	o.lines = 1;
	stream_pull(o.s);
	turns(2);
	ck_assert_int_eq(o.closed, 0);
	o.lines = 1;
	stream_pull(o.s);
	turns(2);
	ck_assert_str_eq(o.got, "1\n2\n3\n");
	ck_assert_int_eq(o.closed, 1);
	ck_assert_int_eq(o.end, STREAM_EOF);
	close(peer);
}
END_TEST

START_TEST(a_half_closed_peer_gets_its_answers)
{
	struct owner o = { .lines = 10, .answer = "answer\r\n" };
	int peer = pair_up(&o, SOCK_STREAM);

	put(peer, "question\n");
	shutdown(peer, SHUT_WR);
	ck_assert_str_eq(get_all(peer), "answer\r\n");
	ck_assert_int_eq(o.end, STREAM_EOF);
	ck_assert_uint_eq(streams_count(streams), 0);
	close(peer);
}
END_TEST

/* The stream needs no turn of its own to end, and the peer sees an end, not a
 * reset. */
START_TEST(a_peer_that_ends_is_closed_in_the_same_turn)
{
	struct owner o = { .lines = -1 };
	struct stream_conf conf = conf_of(&o, NULL);
	int peer = tcp_up(&o, &conf, false);
	char c;

	turns(2);
	shutdown(peer, SHUT_WR);
	for (int i = 0; i < 100 && !o.closed; i++)
		loop_turn(loop, 10);
	ck_assert_int_eq(o.end, STREAM_EOF);
	ck_assert_uint_eq(streams_count(streams), 0);
	ck_assert_int_eq(recv(peer, &c, 1, 0), 0);
	close(peer);
}
END_TEST

START_TEST(waiting_at_the_end_of_file_does_not_turn_the_loop)
{
	struct owner o = { .lines = 0 };
	int peer = pair_up(&o, SOCK_STREAM);
	struct mono start;

	put(peer, "1\n");
	shutdown(peer, SHUT_WR);
	TURN_UNTIL(o.eof);
	turns(3);
	start = loop_now(loop);
	loop_turn(loop, 30);
	ck_assert_int_ge(mono_sub_ms(loop_now(loop), start), 30);
	close(peer); /* now both directions are closed */
	TURN_UNTIL(o.closed);
	ck_assert_int_eq(o.end, STREAM_BROKEN);
}
END_TEST

/*
 * The peer ends the stream and its owner closes it in the same turn: it is
 * freed once, and the list of dead streams is no ring.
 */
START_TEST(an_end_and_a_close_in_one_turn)
{
	struct owner o[3] = { { .lines = -1 }, { .lines = -1 },
		{ .lines = -1 } };
	struct closer c[3];
	int peer[3], tell[3][2];

	for (int i = 0; i < 3; i++) {
		peer[i] = pair_up(&o[i], SOCK_STREAM);
		c[i] = (struct closer){ .watch = { .ready = close_it },
			.o = &o[i] };
		ck_assert_int_eq(pipe(tell[i]), 0);
	}
	turns(2);
	for (int i = 0; i < 3; i++)
		close(peer[i]);
	for (int i = 0; i < 3; i++) {
		ck_assert(loop_watch(loop, &c[i].watch, tell[i][0], LOOP_READ));
		ck_assert_int_eq(write(tell[i][1], "x", 1), 1);
	}
	turns(3);
	ck_assert_uint_eq(streams_count(streams), 0);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(o[i].closed, 0);
		close(tell[i][0]);
		close(tell[i][1]);
	}
}
END_TEST

START_TEST(a_reset_closes_with_its_reason)
{
	struct owner o = { .lines = -1 };
	struct stream_conf conf = conf_of(&o, NULL);
	int peer = tcp_up(&o, &conf, false);

	turns(1);
	reset(peer);
	TURN_UNTIL(o.closed);
	ck_assert_int_eq(o.end, STREAM_BROKEN);
	ck_assert_str_eq(o.why, strerror(ECONNRESET));
	ck_assert_uint_eq(streams_count(streams), 0);
}
END_TEST

START_TEST(last_words_of_a_peer_that_left_are_heard)
{
	struct owner o = { .lines = 10 };
	struct stream_conf conf = conf_of(&o, NULL);
	int peer = tcp_up(&o, &conf, false);

	turns(1);
	put(peer, "QUIT :gone\n");
	close(peer);
	/* The write, and not the read, finds first that the peer is gone. */
	limit(&o, 0, KIB, false);
	for (int i = 0; i < 10; i++) {
		limit(&o, 10, KIB, false);
		stream_send_bytes(o.s, SPAN("line that is too long\r\n"));
		usleep(2000);
	}
	TURN_UNTIL(o.closed);
	ck_assert_str_eq(o.got, "QUIT :gone\n");
	ck_assert_int_eq(o.end, STREAM_BROKEN);
}
END_TEST

static const struct stream_ops flooding_ops;

static size_t
flood_itself(void *ctx, struct span in, bool eof)
{
	struct owner *o = ctx;

	(void)eof;
	for (int i = 0; i < 2000; i++)
		stream_send_bytes(o->s, SPAN("0123456789012345678901234567"));
	o->consumed++;
	return in.n;
}

static void
flood_closed(void *ctx, enum stream_end end, struct span why)
{
	owner_ops.closed(ctx, end, why);
}

static const struct stream_ops flooding_ops = {
	.consume = flood_itself,
	.closed = flood_closed,
};

START_TEST(failing_in_its_own_consume_is_told_later)
{
	struct owner o = { 0 };
	struct stream_conf conf = conf_of(&o, NULL);
	int peer;

	conf.ops = &flooding_ops;
	conf.limits.sendq = KIB;
	peer = tcp_up(&o, &conf, true);
	put(peer, "x\n");
	for (int i = 0; i < 100 && !o.closed; i++) {
		put(peer, "x\n");
		loop_turn(loop, 5);
	}
	ck_assert_int_eq(o.closed, 1);
	ck_assert_int_eq(o.end, STREAM_SENDQ);
	close(peer);
}
END_TEST

/* ---- fairness and memory ---- */

START_TEST(one_that_always_sends_does_not_hold_up_another)
{
	struct owner loud = { .lines = -1 }, quiet = { .lines = -1 };
	int loud_peer = pair_up(&loud, SOCK_STREAM);
	int quiet_peer = pair_up(&quiet, SOCK_STREAM);
	struct rcbuf *b = noise(150 * KIB);

	limit(&loud, MIB, STREAM_RECVQ_MAX, false);
	turns(1);
	ck_assert_int_eq(send(loud_peer, b->p, b->n, 0), (int)b->n);
	put(quiet_peer, "hello\n");
	turns(1);
	ck_assert_uint_eq(quiet.n, 6);
	ck_assert_uint_gt(loud.n, 0);
	ck_assert_uint_lt(loud.n, b->n);
	rcbuf_unref(b);
	close(loud_peer);
	close(quiet_peer);
}
END_TEST

#if !defined(__SANITIZE_ADDRESS__)
START_TEST(an_idle_stream_costs_less_than_400_bytes)
{
	enum { N = 400 };
	static struct owner o[N];
	static int peer[N];
	size_t before = mallinfo2().uordblks;

	for (int i = 0; i < N; i++) {
		o[i].lines = -1;
		o[i].answer = "a line that is sent and gone\r\n";
		peer[i] = pair_up(&o[i], SOCK_STREAM);
		put(peer[i], "a line that is read and gone\n");
	}
	turns(5);
	for (int i = 0; i < N; i++)
		ck_assert_uint_eq(o[i].taken, 30);
	ck_assert_uint_lt((mallinfo2().uordblks - before) / N, 400);
	for (int i = 0; i < N; i++)
		close(peer[i]);
}
END_TEST
#endif

START_TEST(freed_with_streams_in_every_state)
{
	struct streams *ss = streams_new(loop, 0);
	struct owner o[4] = { { .lines = 0 } };
	struct stream_conf conf;
	int fd[2], peer[4];

	for (int i = 0; i < 4; i++) {
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd);
		conf = conf_of(&o[i], NULL);
		o[i].s = stream_accept(ss, fd[0], &conf);
		peer[i] = fd[1];
		put(peer[i], "unread\n");
	}
	turns(2);
	stream_close(o[1].s, true);
	turns(2);
	stream_close(o[2].s, true);
	stream_close(o[3].s, false);
	stream_send_bytes(o[0].s, SPAN("queued"));
	streams_free(ss);
	turns(2);
	ck_assert_int_eq(o[0].closed, 0);
	for (int i = 0; i < 4; i++)
		close(peer[i]);
}
END_TEST

static void
add_tests(TCase *t)
{
	tcase_add_test(t, carries_bytes_both_ways);
	tcase_add_test(t, open_is_told_from_the_loop_not_from_accept);
	tcase_add_test(t, a_turn_is_one_write);
	tcase_add_test(t, one_buffer_in_many_queues_is_shared);
	tcase_add_test(t, a_partial_write_goes_on_where_it_stopped);
	tcase_add_test(t, thousands_of_tiny_lines_arrive_whole);
	tcase_add_test(t, thousands_of_tiny_lines_leave_whole);
	tcase_add_test(t, what_is_left_is_offered_again_longer);
	tcase_add_test(t, pull_offers_what_lies_unread);
	tcase_add_test(t, more_than_recvq_unread_closes);
	tcase_add_test(t, recvq_counts_only_what_is_not_taken);
	tcase_add_test(t, recvq_that_waits_stops_reading_and_goes_on);
	tcase_add_test(t, a_reader_that_does_not_read_is_closed_alone);
	tcase_add_test(t, sendq_is_the_most_that_may_wait);
	tcase_add_test(t, much_in_one_turn_is_no_fault_of_a_reader);
	tcase_add_test(t, all_queues_together_are_bounded);
	tcase_add_test(t, close_with_flush_sends_all_that_was_queued);
	tcase_add_test(t, last_words_arrive_though_the_peer_sent_more);
	tcase_add_test(t, a_stream_can_be_kept_though_more_than_recvq_came);
	tcase_add_test(t, last_words_arrive_though_more_than_recvq_came);
	tcase_add_test(t, a_peer_that_writes_first_gets_all_that_was_queued);
	tcase_add_test(t, a_closing_stream_reads_only_so_much);
	tcase_add_test(t, only_so_many_closing_streams_wait_for_their_peers);
	tcase_add_test(t, a_closing_stream_does_not_wait_for_ever);
	tcase_add_test(t, close_at_once_drops_the_queue);
	tcase_add_test(t, an_owner_may_close_in_open_and_in_consume);
	tcase_add_test(t, another_owner_can_take_over);
	tcase_add_test(t, data_before_the_end_of_file_is_handed_over);
	tcase_add_test(t, an_unfinished_rest_is_offered_at_the_end_of_file);
	tcase_add_test(t, end_of_file_waits_for_what_lies_unread);
	tcase_add_test(t, a_half_closed_peer_gets_its_answers);
	tcase_add_test(t, a_peer_that_ends_is_closed_in_the_same_turn);
	tcase_add_test(t, waiting_at_the_end_of_file_does_not_turn_the_loop);
	tcase_add_test(t, an_end_and_a_close_in_one_turn);
	tcase_add_test(t, a_reset_closes_with_its_reason);
	tcase_add_test(t, last_words_of_a_peer_that_left_are_heard);
	tcase_add_test(t, failing_in_its_own_consume_is_told_later);
	tcase_add_test(t, one_that_always_sends_does_not_hold_up_another);
#if !defined(__SANITIZE_ADDRESS__)
	tcase_add_test(t, an_idle_stream_costs_less_than_400_bytes);
#endif
	tcase_add_test(t, freed_with_streams_in_every_state);
}

Suite *
stream_suite(void)
{
	Suite *s = suite_create("net/stream");
	TCase *t = unit_case("stream");
	TCase *together = unit_case("stream/together");

	tcase_add_checked_fixture(t, net_up, net_down);
	add_tests(t);
	suite_add_tcase(s, t);
	tcase_add_checked_fixture(together, net_up_together, net_down);
	add_tests(together);
	suite_add_tcase(s, together);
	return s;
}
