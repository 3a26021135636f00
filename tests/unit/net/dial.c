#include "net/dial.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "unit/net/check_net.h"
#include "unit/net/fixture.h"

static void
dial(struct owner *o, const struct sockaddr_in *to, unsigned int ms)
{
	struct stream_conf conf = conf_of(o, NULL);

	conf.setup_ms = ms;
	o->s = dial_tcp(streams, (const struct sockaddr *)to, sizeof(*to), NULL,
	    &conf);
	ck_assert_ptr_nonnull(o->s);
}

START_TEST(connects_and_sends_what_was_queued_before)
{
	struct sockaddr_in addr;
	int lfd = tcp_listen(&addr, 1), fd;
	struct owner o = { .lines = -1 };

	dial(&o, &addr, 2000);
	stream_send_bytes(o.s, SPAN("HELLO\r\n"));
	ck_assert_int_eq(o.opened, 0);
	TURN_UNTIL(o.opened == 1);
	fd = accept(lfd, NULL, NULL);
	TURN_UNTIL(o.taken == 7);
	ck_assert_str_eq(get(fd), "HELLO\r\n");
	put(fd, "answer\n");
	TURN_UNTIL(o.n == 7);
	close(fd);
	TURN_UNTIL(o.closed);
	ck_assert_int_eq(o.end, STREAM_EOF);
	close(lfd);
}
END_TEST

START_TEST(a_refusal_is_told_from_the_loop)
{
	struct sockaddr_in addr;
	struct owner o = { .lines = -1 };

	close(tcp_listen(&addr, 1));
	dial(&o, &addr, 2000);
	ck_assert_int_eq(o.closed, 0);
	TURN_UNTIL(o.closed);
	ck_assert_int_eq(o.opened, 0);
	ck_assert_int_eq(o.end, STREAM_REFUSED);
	ck_assert_str_eq(o.why, strerror(ECONNREFUSED));
	ck_assert_uint_eq(streams_count(streams), 0);
}
END_TEST

START_TEST(an_address_that_cannot_be_is_told_likewise)
{
	struct sockaddr_in addr = { .sin_family = 999 };
	struct owner o = { .lines = -1 };

	dial(&o, &addr, 2000);
	ck_assert_int_eq(o.closed, 0);
	TURN_UNTIL(o.closed);
	ck_assert_int_eq(o.end, STREAM_REFUSED);
}
END_TEST

START_TEST(gives_up_connecting_after_its_time)
{
	struct sockaddr_in addr;
	int lfd = tcp_listen(&addr, 0);
	struct owner o[4] = { { .lines = -1 } };
	int late = 0;

	/* While its backlog is full, the system does not answer. */
	for (int i = 0; i < 4; i++)
		dial(&o[i], &addr, 50);
	for (int i = 0; i < 10; i++)
		loop_turn(loop, 10);
	for (int i = 0; i < 4; i++) {
		late += o[i].closed && o[i].end == STREAM_TIMEOUT &&
			strcmp(o[i].why, "no connection in time") == 0;
		ck_assert(o[i].opened != o[i].closed);
	}
	ck_assert_int_gt(late, 0);
	close(lfd);
}
END_TEST

START_TEST(closing_while_it_connects_is_silent)
{
	struct sockaddr_in addr;
	int lfd = tcp_listen(&addr, 1);
	struct owner o = { .lines = -1 };

	dial(&o, &addr, 2000);
	stream_close(o.s, true);
	ck_assert_uint_eq(streams_count(streams), 0);
	turns(3);
	ck_assert_int_eq(o.opened + o.closed, 0);
	close(lfd);
}
END_TEST

Suite *
dial_suite(void)
{
	Suite *s = suite_create("net/dial");
	TCase *t = unit_case("dial");

	tcase_add_checked_fixture(t, net_up, net_down);
	tcase_add_test(t, connects_and_sends_what_was_queued_before);
	tcase_add_test(t, a_refusal_is_told_from_the_loop);
	tcase_add_test(t, an_address_that_cannot_be_is_told_likewise);
	tcase_add_test(t, gives_up_connecting_after_its_time);
	tcase_add_test(t, closing_while_it_connects_is_silent);
	suite_add_tcase(s, t);
	return s;
}
