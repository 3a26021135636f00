/*
 * net/resolver.h, against servers of the test's own: sockets on 127.0.0.1 that
 * the test reads and answers by hand. Nothing here depends on how long
 * something takes, but that a silent server is given up at some time.
 */
#include "net/resolver.h"

#include <arpa/inet.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "unit/net/check_net.h"
#include "unit/net/fixture.h"

#define LISTEN_MAX 2

/* A server: its sockets, and the last query that it was sent. */
struct server {
	struct sockaddr_in addr;
	int udp, tcp;
	unsigned char query[512];
	size_t n;
	struct sockaddr_in from;
};

static struct server server[LISTEN_MAX];
static struct resolver *resolver;
static struct resolver_conf conf;
static int dead, back;

/* The things that a lookup was told. */
struct result {
	int told;
	enum dns_status status;
	struct dns_answer answer;
};

static void
told(void *ctx, enum dns_status status, const struct dns_answer *answer)
{
	struct result *res = ctx;

	res->told++;
	res->status = status;
	res->answer = *answer;
}

static void
on_dead(void *ctx)
{
	(void)ctx;
	dead++;
}

static void
on_back(void *ctx)
{
	(void)ctx;
	back++;
}

static const struct resolver_ops ops = { on_dead, on_back };

static void
server_up(struct server *sv)
{
	socklen_t len = sizeof(sv->addr);

	sv->tcp = tcp_listen(&sv->addr, 4);
	ck_assert_int_eq(fcntl(sv->tcp, F_SETFL, O_NONBLOCK), 0);
	sv->udp = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(sv->udp, (void *)&sv->addr, len), 0);
	sv->n = 0;
}

static void
up(void)
{
	net_up();
	dead = back = 0;
	memset(&conf, 0, sizeof(conf));
	for (int i = 0; i < LISTEN_MAX; i++) {
		server_up(&server[i]);
		memcpy(&conf.server[i], &server[i].addr,
		    sizeof(server[i].addr));
	}
	conf.nserver = 1;
	conf.timeout_ms = 2000;
	conf.queries_max = 8;
	resolver = resolver_new(loop, &ops, NULL);
	resolver_set(resolver, &conf);
}

static void
down(void)
{
	resolver_free(resolver);
	for (int i = 0; i < LISTEN_MAX; i++) {
		close(server[i].udp);
		close(server[i].tcp);
	}
	net_down();
}

/* ---- asking and answering ------------------------------------------------ */

static struct lookup *
ask_until(struct result *res, const char *name, bool fresh, struct mono until)
{
	const struct lookup_want want = {
		.fresh = fresh, .until = until, .told = told, .ctx = res
	};
	struct dns_question q;

	memset(res, 0, sizeof(*res));
	ck_assert(dns_question_set(&q, DNS_A, span_of(name)));
	return resolver_ask(resolver, &q, &want);
}

static struct lookup *
ask(struct result *res, const char *name)
{
	return ask_until(res, name, false, mono_add_ms(loop_now(loop), 60000));
}

static bool
has_query(struct server *sv)
{
	socklen_t len = sizeof(sv->from);
	ssize_t n = recvfrom(sv->udp, sv->query, sizeof(sv->query),
	    MSG_DONTWAIT, (void *)&sv->from, &len);

	sv->n = n < 0 ? 0 : (size_t)n;
	return n > 0;
}

/* Turn the query into an answer: a header, the question, and one address whose
 * last byte is v. Return its length. */
static size_t
make_answer(const struct server *sv, unsigned int flags, unsigned char v,
    unsigned char out[512])
{
	static const unsigned char record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 1,
		0, 0, 4, 192, 0, 2 };
	size_t n = sv->n - 11; /* without the OPT record */

	memcpy(out, sv->query, n);
	out[2] = (unsigned char)(0x80 | flags >> 8);
	out[3] = (unsigned char)(flags & 0xff);
	out[7] = 1;
	out[11] = 0;
	memcpy(out + n, record, sizeof(record));
	out[n + sizeof(record)] = v;
	return n + sizeof(record) + 1;
}

static void
say(const struct server *sv, const void *p, size_t n)
{
	ck_assert_int_eq(sendto(sv->udp, p, n, 0, (const void *)&sv->from,
			     sizeof(sv->from)),
	    (ssize_t)n);
}

static void
answer_with(const struct server *sv, unsigned int flags, unsigned char v)
{
	unsigned char out[512];

	say(sv, out, make_answer(sv, flags, v, out));
}

static void
expect_found(const struct result *res, unsigned char v)
{
	ck_assert_int_eq(res->told, 1);
	ck_assert_int_eq(res->status, DNS_FOUND);
	ck_assert_uint_eq(res->answer.naddr, 1);
	ck_assert_uint_eq(res->answer.addr[0][15], v);
}

START_TEST(an_answer_is_told_and_kept)
{
	struct resolver_figures f;
	struct result res;

	ask(&res, "a.test");
	ck_assert_int_eq(res.told, 0);
	TURN_UNTIL(has_query(&server[0]));
	answer_with(&server[0], 0, 7);
	TURN_UNTIL(res.told);
	expect_found(&res, 7);
	ck_assert_uint_eq(resolver_queries(resolver), 0);
	/* the cache knows it, in any case of letters, and tells it later */
	ask(&res, "A.TEST");
	ck_assert_int_eq(res.told, 0);
	TURN_UNTIL(res.told);
	expect_found(&res, 7);
	ck_assert(!has_query(&server[0]));
	/* unless a fresh answer is wanted */
	ask_until(&res, "a.test", true, mono_add_ms(loop_now(loop), 60000));
	TURN_UNTIL(has_query(&server[0]));
	resolver_figures(resolver, &f);
	ck_assert_uint_eq(f.servers, 1);
	ck_assert(!f.dead);
	ck_assert_uint_eq(f.lookups, 3);
	ck_assert_uint_eq(f.cached, 1);
	ck_assert_uint_eq(f.queries, 2);
	ck_assert_uint_eq(f.failed, 0);
	ck_assert_uint_eq(f.under_way, 1);
	ck_assert_uint_eq(f.kept, 1);
}
END_TEST

START_TEST(lookups_of_one_question_share_a_query)
{
	struct result res[3];

	for (int i = 0; i < 3; i++)
		ask(&res[i], "a.test");
	ck_assert_uint_eq(resolver_queries(resolver), 1);
	TURN_UNTIL(has_query(&server[0]));
	answer_with(&server[0], 0, 7);
	TURN_UNTIL(res[0].told && res[1].told && res[2].told);
	expect_found(&res[2], 7);
	ck_assert(!has_query(&server[0]));
}
END_TEST

START_TEST(lies_are_ignored)
{
	unsigned char out[512];
	struct result res;
	size_t n;

	ask(&res, "a.test");
	TURN_UNTIL(has_query(&server[0]));
	n = make_answer(&server[0], 0, 66, out);
	out[0] ^= 1; /* another id */
	say(&server[0], out, n);
	out[0] ^= 1;
	out[13] = 'b'; /* another name */
	say(&server[0], out, n);
	out[13] = 'a';
	say(&server[0], out, n - 3);		       /* cut */
	say(&server[0], server[0].query, server[0].n); /* the query itself */
	say(&server[0], "", 0);
	/* the true answer, but from a port that was not asked */
	server[1].from = server[0].from;
	say(&server[1], out, n);
	turns(20);
	ck_assert_int_eq(res.told, 0);
	answer_with(&server[0], 0, 7);
	TURN_UNTIL(res.told);
	expect_found(&res, 7);
}
END_TEST

START_TEST(each_query_has_a_port_and_an_id)
{
	struct result res[8];
	char name[8] = "a.test";
	unsigned int ports[8], ids[8];
	bool ports_differ = false, ids_differ = false;

	for (int i = 0; i < 8; i++) {
		name[0] = (char)('a' + i);
		ask(&res[i], name);
	}
	for (int i = 0; i < 8; i++) {
		TURN_UNTIL(has_query(&server[0]));
		ports[i] = server[0].from.sin_port;
		ids[i] = (unsigned int)(server[0].query[0] << 8 |
					server[0].query[1]);
		for (int k = 0; k < i; k++)
			ck_assert_uint_ne(ports[i], ports[k]);
		ports_differ |= i > 0 && ntohs((uint16_t)ports[i]) !=
					     ntohs((uint16_t)ports[i - 1]) + 1;
		ids_differ |= i > 0 && ids[i] != ids[i - 1] + 1;
	}
	/* neither is counted up: by chance once in 2^112 */
	ck_assert(ports_differ && ids_differ);
}
END_TEST

START_TEST(a_silent_server_is_passed_over)
{
	struct result res;

	conf.nserver = 2;
	resolver_set(resolver, &conf);
	ask(&res, "a.test");
	TURN_UNTIL(has_query(&server[1]));
	ck_assert(has_query(&server[0]));
	/* the first server answers late, and is not believed: it may be a liar
	 * who had more time */
	answer_with(&server[0], 0, 66);
	turns(20);
	ck_assert_int_eq(res.told, 0);
	answer_with(&server[1], 0, 7);
	answer_with(&server[1], 0, 8);
	TURN_UNTIL(res.told);
	turns(20);
	expect_found(&res, 7);
	/* the server that answers is asked first from now on */
	ask(&res, "b.test");
	TURN_UNTIL(has_query(&server[1]));
	ck_assert(!has_query(&server[0]));
	ck_assert_int_eq(dead, 0);
}
END_TEST

/* A server far away needs longer than the first try waits. */
START_TEST(a_slow_server_is_waited_for)
{
	struct result res;
	struct mono late;

	ask(&res, "a.test");
	for (int i = 0; i < 3; i++)
		TURN_UNTIL(has_query(&server[0]));
	late = mono_add_ms(loop_now(loop), RESOLVER_TRY_MS + 200);
	TURN_UNTIL(mono_cmp(loop_now(loop), late) >= 0);
	answer_with(&server[0], 0, 7);
	TURN_UNTIL(res.told);
	expect_found(&res, 7);
}
END_TEST

START_TEST(a_server_that_is_not_there_is_passed_over)
{
	struct result res;

	conf.nserver = 2;
	resolver_set(resolver, &conf);
	close(server[0].udp);
	server[0].udp = -1;
	ask(&res, "a.test");
	TURN_UNTIL(has_query(&server[1]));
	answer_with(&server[1], 3, 0);
	TURN_UNTIL(res.told);
}
END_TEST

START_TEST(servers_that_cannot_say)
{
	struct resolver_figures f;
	struct result res;

	conf.nserver = 2;
	resolver_set(resolver, &conf);
	ask(&res, "a.test");
	for (int i = 0; i < 2; i++) {
		TURN_UNTIL(has_query(&server[i]));
		answer_with(&server[i], 2, 0);
	}
	TURN_UNTIL(res.told);
	ck_assert_int_eq(res.status, DNS_FAILED);
	turns(20);
	ck_assert_uint_eq(resolver_queries(resolver), 0); /* no probe */
	resolver_figures(resolver, &f);
	ck_assert_uint_eq(f.failed, 1);
	ck_assert_int_eq(dead, 0);
}
END_TEST

/* ---- TCP ----------------------------------------------------------------- */

/* Answer the query with a cut message; return the connection that follows, with
 * the query that came there. */
static int
cut_answer(struct server *sv)
{
	unsigned char in[600];
	ssize_t n = 0, got;
	int fd = -1;

	TURN_UNTIL(has_query(sv));
	answer_with(sv, 0x200, 0);
	TURN_UNTIL((fd = accept4(sv->tcp, NULL, NULL, SOCK_NONBLOCK)) >= 0);
	while (n < 2 || n < 2 + (in[0] << 8 | in[1])) {
		loop_turn(loop, 10);
		got = recv(fd, in + n, sizeof(in) - (size_t)n, 0);
		n += got > 0 ? got : 0;
	}
	sv->n = (size_t)n - 2;
	memcpy(sv->query, in + 2, sv->n);
	return fd;
}

START_TEST(a_cut_answer_is_asked_for_by_tcp)
{
	unsigned char out[600];
	struct result res;
	size_t n;
	int fd;

	ask(&res, "a.test");
	fd = cut_answer(&server[0]);
	n = make_answer(&server[0], 0, 7, out + 2);
	out[0] = 0;
	out[1] = (unsigned char)n;
	for (size_t i = 0; i < n + 2; i++) {
		ck_assert_int_eq(send(fd, out + i, 1, 0), 1);
		turns(2);
	}
	TURN_UNTIL(res.told);
	expect_found(&res, 7);
	close(fd);
}
END_TEST

START_TEST(wrong_answers_by_tcp)
{
	unsigned char out[600];
	struct result res;
	size_t n;
	int fd;

	for (int i = 0; i < 4; i++) {
		ask_until(&res, "a.test", true,
		    mono_add_ms(loop_now(loop), 60000));
		fd = cut_answer(&server[0]);
		n = make_answer(&server[0], i == 0 ? 0x200 : 0, 66, out + 2);
		out[0] = i == 1 ? 0xff : 0; /* longer than it may be */
		out[1] = (unsigned char)n;
		out[2] ^= i == 2; /* another id */
		if (i < 3)
			ck_assert_int_eq(send(fd, out, n + 2, 0),
			    (ssize_t)n + 2);
		close(fd); /* without a word, the last time */
		TURN_UNTIL(res.told);
		ck_assert_int_eq(res.status, DNS_FAILED);
	}
	ck_assert_int_eq(dead, 0);
}
END_TEST

/* ---- dead servers -------------------------------------------------------- */

/* Let a query end without an answer, and return when the probe has come. */
static void
be_silent(struct result *res)
{
	conf.timeout_ms = 50;
	resolver_set(resolver, &conf);
	ask(res, "a.test");
	TURN_UNTIL(has_query(&server[0]));
	TURN_UNTIL(res->told);
	ck_assert_int_eq(res->status, DNS_FAILED);
	TURN_UNTIL(has_query(&server[0]));
	/* NS of the root: no label */
	ck_assert_uint_eq(server[0].query[12], 0);
	ck_assert_int_eq(dead, 0);
}

START_TEST(dead_servers_are_told_once)
{
	struct result res;

	be_silent(&res);
	TURN_UNTIL(dead);
	/* lookups do not wait any more, and nothing is asked for them */
	while (has_query(&server[0]))
		;
	for (int i = 0; i < 3; i++) {
		ask(&res, "b.test");
		ck_assert_uint_eq(resolver_queries(resolver), 0);
		TURN_UNTIL(res.told);
		ck_assert_int_eq(res.status, DNS_FAILED);
	}
	ck_assert(!has_query(&server[0]));
	/* other servers are tried at once, in vain, and this is not told */
	conf.timeout_ms = 51;
	resolver_set(resolver, &conf);
	TURN_UNTIL(has_query(&server[0]));
	TURN_UNTIL(resolver_queries(resolver) == 0);
	ck_assert_int_eq(dead, 1);
	conf.timeout_ms = 2000;
	resolver_set(resolver, &conf);
	TURN_UNTIL(has_query(&server[0]));
	answer_with(&server[0], 2, 0); /* any answer will do */
	TURN_UNTIL(back);
	ask(&res, "b.test");
	TURN_UNTIL(has_query(&server[0]));
	answer_with(&server[0], 0, 7);
	TURN_UNTIL(res.told);
	expect_found(&res, 7);
	ck_assert_int_eq(dead, 1);
	ck_assert_int_eq(back, 1);
}
END_TEST

START_TEST(a_silent_zone_does_not_make_servers_dead)
{
	struct result res;

	be_silent(&res);
	answer_with(&server[0], 0, 0);
	TURN_UNTIL(resolver_queries(resolver) == 0);
	ck_assert_int_eq(dead, 0);
	ck_assert_int_eq(back, 0);
	ask(&res, "b.test");
	TURN_UNTIL(has_query(&server[0]));
}
END_TEST

/* ---- bounds, ends -------------------------------------------------------- */

START_TEST(queries_are_bounded)
{
	struct result res[3];

	conf.queries_max = 2;
	resolver_set(resolver, &conf);
	ask(&res[0], "a.test");
	ask(&res[1], "b.test");
	ask(&res[2], "c.test");
	ck_assert_uint_eq(resolver_queries(resolver), 2);
	TURN_UNTIL(res[2].told);
	ck_assert_int_eq(res[2].status, DNS_FAILED);
	ck_assert_int_eq(res[0].told + res[1].told, 0);
	ck_assert_int_eq(dead, 0);
}
END_TEST

START_TEST(without_servers_lookups_fail)
{
	struct result res;

	conf.nserver = 0;
	resolver_set(resolver, &conf);
	ask(&res, "a.test");
	TURN_UNTIL(res.told);
	ck_assert_int_eq(res.status, DNS_FAILED);
	ck_assert_int_eq(dead, 0);
}
END_TEST

START_TEST(a_lookup_has_its_own_time)
{
	struct result res;

	ask_until(&res, "a.test", false, mono_add_ms(loop_now(loop), 1));
	TURN_UNTIL(res.told);
	ck_assert_int_eq(res.status, DNS_FAILED);
	/* the query goes on, for those who ask again */
	TURN_UNTIL(has_query(&server[0]));
	answer_with(&server[0], 0, 7);
	TURN_UNTIL(resolver_queries(resolver) == 0);
	ask(&res, "a.test");
	TURN_UNTIL(res.told);
	expect_found(&res, 7);
}
END_TEST

START_TEST(a_cancelled_lookup_is_not_told)
{
	struct result res[3];

	ask(&res[0], "a.test");
	lookup_cancel(ask(&res[1], "a.test"));
	TURN_UNTIL(has_query(&server[0]));
	answer_with(&server[0], 0, 7);
	TURN_UNTIL(res[0].told);
	lookup_cancel(ask(&res[2], "a.test")); /* known */
	turns(20);
	ck_assert_int_eq(res[1].told + res[2].told, 0);
	/* both kinds are there when the resolver goes */
	ask(&res[1], "a.test");
	ask(&res[2], "b.test");
}
END_TEST

Suite *
resolver_suite(void)
{
	Suite *s = suite_create("net/resolver");
	TCase *t = unit_case("resolver");

	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, an_answer_is_told_and_kept);
	tcase_add_test(t, lookups_of_one_question_share_a_query);
	tcase_add_test(t, lies_are_ignored);
	tcase_add_test(t, each_query_has_a_port_and_an_id);
	tcase_add_test(t, a_silent_server_is_passed_over);
	tcase_add_test(t, a_slow_server_is_waited_for);
	tcase_add_test(t, a_server_that_is_not_there_is_passed_over);
	tcase_add_test(t, servers_that_cannot_say);
	tcase_add_test(t, a_cut_answer_is_asked_for_by_tcp);
	tcase_add_test(t, wrong_answers_by_tcp);
	tcase_add_test(t, dead_servers_are_told_once);
	tcase_add_test(t, a_silent_zone_does_not_make_servers_dead);
	tcase_add_test(t, queries_are_bounded);
	tcase_add_test(t, without_servers_lookups_fail);
	tcase_add_test(t, a_lookup_has_its_own_time);
	tcase_add_test(t, a_cancelled_lookup_is_not_told);
	suite_add_tcase(s, t);
	return s;
}
