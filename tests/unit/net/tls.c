#include "net/tls.h"

#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit/net/check_net.h"
#include "unit/net/fixture.h"

static struct cert cert_a, cert_b;
static char why[TLS_WHY_LEN];

static void
up(void)
{
	net_up();
	cert_make(&cert_a, "a.example");
	cert_make(&cert_b, "b.example");
}

static struct tls_ctx *
ctx_of(enum tls_role role, const struct cert *c)
{
	struct tls_ctx *ctx = tls_ctx_new(role, c->file, c->key, why);

	ck_assert_msg(ctx != NULL, "%s", why);
	return ctx;
}

/* A TLS client of the test, driven in the same thread. */
struct client {
	SSL_CTX *ctx;
	SSL *ssl;
	int fd;
	int records; /* of application data received */
	int tickets;
};

static void
count(int write_p, int version, int type, const void *buf, size_t len, SSL *ssl,
    void *arg)
{
	struct client *c = arg;

	(void)version;
	(void)len;
	(void)ssl;
	if (!write_p && type == SSL3_RT_INNER_CONTENT_TYPE &&
	    *(const unsigned char *)buf == SSL3_RT_APPLICATION_DATA)
		c->records++;
	if (!write_p && type == SSL3_RT_HANDSHAKE &&
	    *(const unsigned char *)buf == SSL3_MT_NEWSESSION_TICKET)
		c->tickets++;
}

static void
client_up(struct client *c, int fd, int version, const struct cert *cert)
{
	memset(c, 0, sizeof(*c));
	c->fd = fd;
	c->ctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_min_proto_version(c->ctx, version);
	SSL_CTX_set_max_proto_version(c->ctx, version);
	SSL_CTX_set_msg_callback(c->ctx, count);
	if (cert != NULL) {
		SSL_CTX_use_certificate_chain_file(c->ctx, cert->file);
		SSL_CTX_use_PrivateKey_file(c->ctx, cert->key,
		    SSL_FILETYPE_PEM);
	}
	c->ssl = SSL_new(c->ctx);
	SSL_set_msg_callback_arg(c->ssl, c);
	SSL_set_fd(c->ssl, fd);
	SSL_set_connect_state(c->ssl);
}

/* Return 1 if the handshake is done, -1 if it failed, and 0 otherwise. */
static int
client_shake(struct client *c)
{
	int ret;

	for (int i = 0; i < 200; i++) {
		ERR_clear_error();
		ret = SSL_do_handshake(c->ssl);
		if (ret == 1)
			return 1;
		if (SSL_get_error(c->ssl, ret) != SSL_ERROR_WANT_READ)
			return -1;
		loop_turn(loop, 1);
	}
	return 0;
}

static void
client_down(struct client *c)
{
	SSL_free(c->ssl);
	SSL_CTX_free(c->ctx);
	close(c->fd);
}

static int
client_read(struct client *c, void *buf, int n)
{
	int got;

	ERR_clear_error();
	got = SSL_read(c->ssl, buf, n);
	return got;
}

static void
serve(enum tls_role role, struct owner *o, int *peer)
{
	struct tls_ctx *ctx = ctx_of(role, &cert_a);
	struct stream_conf conf = conf_of(o, ctx);

	*peer = tcp_up(o, &conf, false);
	tls_ctx_free(ctx); /* the stream keeps what it needs */
}

static void
check_client(int version, const char *name, const char *asked)
{
	struct owner o = { .lines = -1, .answer = "PONG\r\n" };
	struct tls_info info;
	struct client c;
	char buf[64] = "";
	int peer;

	serve(TLS_CLIENTS, &o, &peer);
	client_up(&c, peer, version, NULL);
	if (asked[0] != '\0')
		ck_assert(SSL_set_tlsext_host_name(c.ssl, asked) == 1);
	ck_assert_int_eq(client_shake(&c), 1);
	SSL_write(c.ssl, "PING\r\n", 6);
	TURN_UNTIL(o.n == 6);
	ck_assert_str_eq(o.got, "PING\r\n");
	TURN_UNTIL(client_read(&c, buf, sizeof(buf)) == 6);
	ck_assert_str_eq(buf, "PONG\r\n");
	ck_assert(stream_tls(o.s, &info));
	ck_assert_str_eq(info.version, name);
	ck_assert_str_eq(info.asked, asked);
	ck_assert_str_eq(info.cipher, SSL_get_cipher_name(c.ssl));
	ck_assert(!info.has_pin);
	ck_assert_int_eq(c.tickets, version == TLS1_3_VERSION);
	client_down(&c);
	TURN_UNTIL(o.closed);
	ck_assert_int_eq(o.end, STREAM_EOF);
	TURN_UNTIL(streams_count(streams) == 0);
}

/* Shakes hands with the session of before, if there is one; the session after
 * that, which the caller frees. */
static SSL_SESSION *
come_with(enum tls_role role, const struct cert *cert, SSL_SESSION *session,
    int tickets)
{
	struct owner o = { .lines = -1, .answer = "PONG\r\n" };
	struct client c;
	char buf[64];
	int peer;

	serve(role, &o, &peer);
	client_up(&c, peer, TLS1_3_VERSION, cert);
	if (session != NULL)
		ck_assert_int_eq(SSL_set_session(c.ssl, session), 1);
	ck_assert_int_eq(client_shake(&c), 1);
	SSL_write(c.ssl, "PING\r\n", 6);
	TURN_UNTIL(client_read(&c, buf, sizeof(buf)) == 6);
	ck_assert_int_eq(c.tickets, tickets);
	ck_assert_int_eq(SSL_session_reused(c.ssl), 0);
	SSL_SESSION_free(session);
	session = SSL_get1_session(c.ssl);
	client_down(&c);
	TURN_UNTIL(o.closed);
	return session;
}

/* epic5 waits for one. */
START_TEST(a_ticket_is_given_and_not_taken)
{
	SSL_SESSION *session = come_with(TLS_CLIENTS, NULL, NULL, 1);

	session = come_with(TLS_CLIENTS, NULL, session, 1);
	SSL_SESSION_free(session);
}
END_TEST

START_TEST(links_get_no_ticket)
{
	SSL_SESSION_free(come_with(TLS_LINK_ACCEPT, &cert_b, NULL, 0));
}
END_TEST

START_TEST(clients_come_with_1_3)
{
	check_client(TLS1_3_VERSION, "TLSv1.3", "irc.example.org");
}
END_TEST

START_TEST(clients_come_with_1_2)
{
	check_client(TLS1_2_VERSION, "TLSv1.2", "");
}
END_TEST

START_TEST(clients_do_not_come_with_1_1)
{
	struct owner o = { .lines = -1 };
	struct client c;
	int peer;

	serve(TLS_CLIENTS, &o, &peer);
	client_up(&c, peer, TLS1_1_VERSION, NULL);
	SSL_set_security_level(c.ssl, 0);
	SSL_set_cipher_list(c.ssl, "ALL:@SECLEVEL=0");
	ck_assert_int_eq(client_shake(&c), -1);
	TURN_UNTIL(o.closed);
	ck_assert_int_eq(o.end, STREAM_TLS);
	ck_assert_str_eq(o.why, "unsupported protocol");
	client_down(&c);
}
END_TEST

START_TEST(the_certificate_of_a_client_is_shown_by_its_pin)
{
	struct owner o = { .lines = -1 };
	unsigned char pin[TLS_PIN_LEN];
	struct tls_info info;
	struct client c;
	int peer;

	serve(TLS_CLIENTS, &o, &peer);
	client_up(&c, peer, TLS1_3_VERSION, &cert_b);
	ck_assert_int_eq(client_shake(&c), 1);
	TURN_UNTIL(o.opened);
	ck_assert(stream_tls(o.s, &info));
	ck_assert(info.has_pin);
	ck_assert(tls_file_pin(cert_b.file, pin, why));
	ck_assert(memcmp(info.pin, pin, TLS_PIN_LEN) == 0);
	client_down(&c);
}
END_TEST

START_TEST(alpn_is_irc_or_nothing)
{
	static const unsigned char irc[] = "\x02h2\x03irc", web[] = "\x02h2";
	const unsigned char *chosen;
	struct owner o = { .lines = -1 }, no = { .lines = -1 };
	unsigned int len;
	struct client c;
	int peer;

	serve(TLS_CLIENTS, &o, &peer);
	client_up(&c, peer, TLS1_3_VERSION, NULL);
	SSL_set_alpn_protos(c.ssl, irc, sizeof(irc) - 1);
	ck_assert_int_eq(client_shake(&c), 1);
	SSL_get0_alpn_selected(c.ssl, &chosen, &len);
	ck_assert_uint_eq(len, 3);
	ck_assert(memcmp(chosen, "irc", 3) == 0);
	client_down(&c);

	serve(TLS_CLIENTS, &no, &peer);
	client_up(&c, peer, TLS1_3_VERSION, NULL);
	SSL_set_alpn_protos(c.ssl, web, sizeof(web) - 1);
	ck_assert_int_eq(client_shake(&c), -1);
	TURN_UNTIL(no.closed);
	ck_assert_int_eq(no.end, STREAM_TLS);
	client_down(&c);
}
END_TEST

/* ---- links ---- */

struct pair {
	struct owner in, out;
	struct tls_ctx *in_ctx, *out_ctx;
};

static void
pair_link(struct pair *p)
{
	struct sockaddr_in addr;
	int lfd = tcp_listen(&addr, 1), fd;
	struct stream_conf conf;

	p->in.lines = p->out.lines = -1;
	p->in_ctx = ctx_of(TLS_LINK_ACCEPT, &cert_a);
	p->out_ctx = ctx_of(TLS_LINK_DIAL, &cert_b);
	conf = conf_of(&p->out, p->out_ctx);
	p->out.s = dial_tcp(streams, (struct sockaddr *)&addr, sizeof(addr),
	    "a.example", &conf);
	turns(1);
	fd = accept4(lfd, NULL, NULL, SOCK_NONBLOCK);
	close(lfd);
	conf = conf_of(&p->in, p->in_ctx);
	p->in.s = stream_accept(streams, fd, &conf);
}

static void
pair_unlink(struct pair *p)
{
	tls_ctx_free(p->in_ctx);
	tls_ctx_free(p->out_ctx);
}

START_TEST(both_sides_of_a_link_see_the_others_pin)
{
	unsigned char pin[TLS_PIN_LEN];
	struct tls_info info;
	struct pair p = { 0 };

	pair_link(&p);
	TURN_UNTIL(p.in.opened && p.out.opened);
	ck_assert(stream_tls(p.in.s, &info));
	ck_assert_str_eq(info.version, "TLSv1.3");
	ck_assert(info.has_pin);
	ck_assert(tls_file_pin(cert_b.file, pin, why));
	ck_assert(memcmp(info.pin, pin, TLS_PIN_LEN) == 0);
	ck_assert(stream_tls(p.out.s, &info));
	ck_assert(info.has_pin);
	ck_assert(memcmp(info.pin, pin, TLS_PIN_LEN) != 0);
	ck_assert(tls_file_pin(cert_a.file, pin, why));
	ck_assert(memcmp(info.pin, pin, TLS_PIN_LEN) == 0);
	pair_unlink(&p);
}
END_TEST

START_TEST(the_pin_is_the_hash_of_the_public_key)
{
	unsigned char pin[TLS_PIN_LEN];
	unsigned int byte;
	char command[256];
	FILE *f;

	if (system("command -v openssl >/dev/null") != 0)
		return;
	snprintf(command, sizeof(command),
	    "openssl x509 -in %s -noout -pubkey |"
	    " openssl pkey -pubin -outform DER |"
	    " openssl dgst -sha256 -r",
	    cert_a.file);
	f = popen(command, "r");
	ck_assert(tls_file_pin(cert_a.file, pin, why));
	for (int i = 0; i < TLS_PIN_LEN; i++) {
		ck_assert_int_eq(fscanf(f, "%2x", &byte), 1);
		ck_assert_uint_eq(pin[i], byte);
	}
	pclose(f);
}
END_TEST

START_TEST(a_link_is_not_made_with_1_2)
{
	struct owner o = { .lines = -1 };
	struct client c;
	int peer;

	serve(TLS_LINK_ACCEPT, &o, &peer);
	client_up(&c, peer, TLS1_2_VERSION, &cert_b);
	ck_assert_int_eq(client_shake(&c), -1);
	TURN_UNTIL(o.closed);
	ck_assert_int_eq(o.opened, 0);
	ck_assert_int_eq(o.end, STREAM_TLS);
	ck_assert_str_eq(o.why, "unsupported protocol");
	client_down(&c);
}
END_TEST

START_TEST(a_link_is_not_made_without_a_certificate)
{
	struct owner o = { .lines = -1 };
	struct client c;
	int peer;

	serve(TLS_LINK_ACCEPT, &o, &peer);
	client_up(&c, peer, TLS1_3_VERSION, NULL);
	client_shake(&c); /* TLS 1.3 tells the client later */
	TURN_UNTIL(o.closed);
	ck_assert_int_eq(o.opened, 0);
	ck_assert_int_eq(o.end, STREAM_TLS);
	ck_assert_str_eq(o.why, "peer did not return a certificate");
	client_down(&c);
}
END_TEST

START_TEST(dialling_what_speaks_no_tls_says_so)
{
	struct sockaddr_in addr;
	int lfd = tcp_listen(&addr, 1), fd;
	struct tls_ctx *ctx = ctx_of(TLS_LINK_DIAL, &cert_b);
	struct owner o = { .lines = -1 };
	struct stream_conf conf = conf_of(&o, ctx);

	o.s = dial_tcp(streams, (struct sockaddr *)&addr, sizeof(addr), NULL,
	    &conf);
	turns(2);
	fd = accept(lfd, NULL, NULL);
	put(fd, "ERROR :this is plaintext\r\n");
	TURN_UNTIL(o.closed);
	ck_assert_int_eq(o.end, STREAM_TLS);
	ck_assert_str_eq(o.why, "wrong version number");
	close(fd);
	close(lfd);
	tls_ctx_free(ctx);
}
END_TEST

/* ---- bytes ---- */

static struct rcbuf *
big(size_t n)
{
	struct rcbuf *b = rcbuf_alloc(n);

	for (size_t i = 0; i < n; i++)
		b->p[i] = (char)(i * i >> 7);
	return b;
}

START_TEST(much_goes_both_ways_at_one_time)
{
	struct pair p = { 0 };
	struct rcbuf *b = big(3 * MIB + 17);
	uint64_t sum = sum_add(0, b->p, b->n);

	pair_link(&p);
	stream_send(p.in.s, b);
	stream_send(p.out.s, b);
	TURN_UNTIL(p.in.n == b->n && p.out.n == b->n);
	ck_assert(p.in.sum == sum && p.out.sum == sum);
	ck_assert_uint_eq(p.in.taken, b->n);
	ck_assert_uint_eq(p.out.taken, b->n);
	rcbuf_unref(b);
	pair_unlink(&p);
}
END_TEST

START_TEST(a_slow_reader_gets_every_byte)
{
	struct tls_ctx *ctx = ctx_of(TLS_CLIENTS, &cert_a);
	struct owner o = { .lines = -1 };
	struct stream_conf conf = conf_of(&o, ctx);
	int peer = tcp_up(&o, &conf, true), got;
	struct rcbuf *b = big(500), *last = big(7);
	uint64_t want = 0, sum = 0;
	struct client c;
	char buf[1777];
	size_t n = 0, len = 0;

	client_up(&c, peer, TLS1_3_VERSION, NULL);
	ck_assert_int_eq(client_shake(&c), 1);
	TURN_UNTIL(o.opened);
	/* The queue grows while a record waits to be written. */
	for (int i = 0; i < 1000; i++) {
		stream_send(o.s, i % 3 ? b : last);
		want = sum_add(want, b->p, i % 3 ? b->n : last->n);
		len += i % 3 ? b->n : last->n;
		if (i % 10 == 0)
			loop_turn(loop, 0);
		if (i % 20 == 0) {
			got = client_read(&c, buf, sizeof(buf));
			if (got > 0) {
				sum = sum_add(sum, buf, (size_t)got);
				n += (size_t)got;
			}
		}
	}
	ck_assert_uint_gt(stream_queued(o.s), 0);
	for (int i = 0; n < len && i < 2000; i++) {
		got = client_read(&c, buf, sizeof(buf));
		if (got > 0) {
			sum = sum_add(sum, buf, (size_t)got);
			n += (size_t)got;
		}
		loop_turn(loop, got > 0 ? 0 : 1);
	}
	ck_assert_str_eq(o.why, "");
	ck_assert_uint_eq(n, len);
	ck_assert(sum == want);
	ck_assert_int_eq(o.closed, 0);
	rcbuf_unref(b);
	rcbuf_unref(last);
	client_down(&c);
	tls_ctx_free(ctx);
}
END_TEST

START_TEST(small_lines_share_a_record)
{
	struct owner o = { .lines = -1 };
	struct client c;
	char buf[8 * KIB];
	int peer, n = 0, got;

	serve(TLS_CLIENTS, &o, &peer);
	client_up(&c, peer, TLS1_3_VERSION, NULL);
	ck_assert_int_eq(client_shake(&c), 1);
	TURN_UNTIL(o.opened);
	for (int i = 0; i < 200; i++)
		stream_send_bytes(o.s, SPAN("twenty bytes a line\n"));
	for (int i = 0; n < 4000 && i < 100; i++) {
		loop_turn(loop, 1);
		got = client_read(&c, buf, sizeof(buf));
		n += got > 0 ? got : 0;
	}
	ck_assert_int_eq(n, 4000);
	ck_assert_int_eq(c.records, 1);
	client_down(&c);
}
END_TEST

START_TEST(what_comes_with_the_handshake_is_not_forgotten)
{
	struct owner o = { .lines = 1 };
	struct client c;
	int peer;

	serve(TLS_CLIENTS, &o, &peer);
	client_up(&c, peer, TLS1_3_VERSION, NULL);
	/* The client's last flight and its first line come together. */
	for (int i = 0; i < 200 && SSL_do_handshake(c.ssl) != 1; i++)
		loop_turn(loop, 1);
	SSL_write(c.ssl, "1\n", 2);
	SSL_write(c.ssl, "2\n", 2);
	SSL_shutdown(c.ssl);
	TURN_UNTIL(o.n == 2);
	turns(3);
	ck_assert_int_eq(o.closed, 0);
	o.lines = 1;
	stream_pull(o.s);
	TURN_UNTIL(o.closed);
	ck_assert_str_eq(o.got, "1\n2\n");
	ck_assert_int_eq(o.end, STREAM_EOF);
	client_down(&c);
}
END_TEST

START_TEST(recvq_that_waits_works_under_tls)
{
	struct pair p = { 0 };
	struct rcbuf *b = big(300 * KIB);
	struct stream_limits limits = { MIB, 5000, true };

	pair_link(&p);
	TURN_UNTIL(p.in.opened && p.out.opened);
	stream_set_limits(p.in.s, &limits);
	p.in.lines = 0;
	stream_send(p.out.s, b);
	for (int i = 0; i < 50; i++)
		loop_turn(loop, 0);
	ck_assert_uint_eq(stream_unread(p.in.s), 5000);
	p.in.lines = -1;
	stream_pull(p.in.s);
	TURN_UNTIL(p.in.n == b->n);
	ck_assert(p.in.sum == sum_add(0, b->p, b->n));
	rcbuf_unref(b);
	pair_unlink(&p);
}
END_TEST

START_TEST(close_with_flush_ends_with_close_notify)
{
	struct owner o = { .lines = 1,
		.answer = "ERROR :bye\r\n",
		.close_in_consume = true,
		.flush = true };
	struct client c;
	char buf[64] = "";
	int peer, n;

	serve(TLS_CLIENTS, &o, &peer);
	client_up(&c, peer, TLS1_3_VERSION, NULL);
	ck_assert_int_eq(client_shake(&c), 1);
	SSL_write(c.ssl, "QUIT\n", 5);
	TURN_UNTIL(client_read(&c, buf, sizeof(buf)) == 12);
	ck_assert_str_eq(buf, "ERROR :bye\r\n");
	TURN_UNTIL((n = SSL_read(c.ssl, buf, 1)) == 0);
	ck_assert_int_eq(SSL_get_error(c.ssl, n), SSL_ERROR_ZERO_RETURN);
	client_down(&c);
	TURN_UNTIL(streams_count(streams) == 0);
}
END_TEST

START_TEST(a_client_that_ends_gets_close_notify)
{
	struct owner o = { .lines = -1 };
	struct client c;
	char buf[1];
	int peer, n = -1;

	serve(TLS_CLIENTS, &o, &peer);
	client_up(&c, peer, TLS1_3_VERSION, NULL);
	ck_assert_int_eq(client_shake(&c), 1);
	TURN_UNTIL(o.opened);
	ck_assert_int_eq(SSL_shutdown(c.ssl), 0);
	TURN_UNTIL((n = SSL_read(c.ssl, buf, 1)) == 0);
	ck_assert_int_eq(SSL_get_error(c.ssl, n), SSL_ERROR_ZERO_RETURN);
	ck_assert_int_eq(o.end, STREAM_EOF);
	ck_assert_uint_eq(streams_count(streams), 0);
	client_down(&c);
}
END_TEST

/* ---- no TLS, no handshake ---- */

static void
check_plaintext(const char *first, bool close_in_plain)
{
	struct owner o = { .answer = "ERROR :this port speaks TLS\r\n",
		.close_in_plain = close_in_plain,
		.flush = true };
	int peer;

	serve(TLS_CLIENTS, &o, &peer);
	stream_send_bytes(o.s, SPAN("a secret for later\r\n"));
	put(peer, first);
	ck_assert_str_eq(get_all(peer), o.answer);
	ck_assert_int_eq(o.plain, 1);
	ck_assert(strncmp(o.got, first, o.n) == 0 && o.n > 0);
	ck_assert_int_eq(o.opened, 0);
	ck_assert_int_eq(o.closed, close_in_plain ? 0 : 1);
	ck_assert_int_eq(o.end, close_in_plain ? 0 : STREAM_PLAINTEXT);
	close(peer);
	TURN_UNTIL(streams_count(streams) == 0);
}

START_TEST(plaintext_on_a_tls_port_is_told_in_plaintext)
{
	check_plaintext("NICK a\r\nUSER a 0 * :a\r\n", false);
	check_plaintext("GET / HTTP/1.1\r\nHost: a\r\n\r\n", false);
	check_plaintext("CAP LS 302\r\n", true);
}
END_TEST

START_TEST(a_silent_client_has_limited_time)
{
	struct tls_ctx *ctx = ctx_of(TLS_CLIENTS, &cert_a);
	struct owner o = { .lines = -1 };
	struct stream_conf conf = conf_of(&o, ctx);
	int peer;

	conf.setup_ms = 30;
	peer = tcp_up(&o, &conf, false);
	put(peer, "\x16\x03");
	TURN_UNTIL(o.closed);
	ck_assert_int_eq(o.end, STREAM_TIMEOUT);
	ck_assert_str_eq(o.why, "no handshake in time");
	close(peer);
	tls_ctx_free(ctx);
}
END_TEST

/* Meanwhile the bytes of the client lie unread, and it waits for an answer. */
START_TEST(a_pause_is_no_time_of_a_handshake)
{
	struct owner o = { .lines = -1 };
	struct tls_ctx *ctx = ctx_of(TLS_CLIENTS, &cert_a);
	struct stream_conf conf = conf_of(&o, ctx);
	struct client c;
	int peer;

	conf.setup_ms = 1000;
	peer = tcp_up(&o, &conf, false);
	client_up(&c, peer, TLS1_3_VERSION, NULL);
	loop_turn(loop, 0);
	usleep(2000000);
	loop_turn(loop, 0);
	ck_assert_int_eq(client_shake(&c), 1);
	TURN_UNTIL(o.opened > 0);
	client_down(&c);
	TURN_UNTIL(o.closed > 0);
	tls_ctx_free(ctx);
}
END_TEST

START_TEST(rubbish_that_looks_like_tls_is_an_error)
{
	struct owner o = { .lines = -1 };
	int peer;

	serve(TLS_CLIENTS, &o, &peer);
	ck_assert_int_eq(send(peer, "\x16\x03\x01\0\7rubbish", 12, 0), 12);
	TURN_UNTIL(o.closed || stream_unread(o.s) > 0);
	ck_assert_int_eq(o.end, STREAM_TLS);
	ck_assert_str_ne(o.why, "");
	close(peer);
}
END_TEST

START_TEST(one_that_leaves_before_it_says_a_word)
{
	struct owner o = { .lines = -1 };
	int peer;

	serve(TLS_CLIENTS, &o, &peer);
	close(peer);
	TURN_UNTIL(o.closed);
	ck_assert_int_eq(o.end, STREAM_SILENT);
	ck_assert_str_eq(o.why, "end of file");
	TURN_UNTIL(streams_count(streams) == 0);
}
END_TEST

START_TEST(one_that_is_reset_before_it_says_a_word)
{
	struct owner o = { .lines = -1 };
	int peer;

	serve(TLS_CLIENTS, &o, &peer);
	turns(1);
	reset(peer);
	TURN_UNTIL(o.closed);
	ck_assert_int_eq(o.end, STREAM_SILENT);
	ck_assert_str_eq(o.why, strerror(ECONNRESET));
	TURN_UNTIL(streams_count(streams) == 0);
}
END_TEST

START_TEST(many_handshakes_do_not_hold_up_the_others)
{
	enum { N = 100 };
	static struct owner in[N], out[N];
	struct tls_ctx *in_ctx = ctx_of(TLS_LINK_ACCEPT, &cert_a);
	struct tls_ctx *out_ctx = ctx_of(TLS_LINK_DIAL, &cert_b);
	struct sockaddr_in addr;
	int lfd = tcp_listen(&addr, N), turned = 0;
	struct stream_conf conf;

	for (int i = 0; i < N; i++) {
		conf = conf_of(&out[i], out_ctx);
		out[i].s = dial_tcp(streams, (struct sockaddr *)&addr,
		    sizeof(addr), NULL, &conf);
	}
	for (int i = 0; i < N; i++) {
		conf = conf_of(&in[i], in_ctx);
		in[i].s = stream_accept(streams,
		    accept4(lfd, NULL, NULL, SOCK_NONBLOCK), &conf);
	}
	/* Each of the two sides needs two steps; a turn does 32. */
	for (int i = 0; i < N; i++)
		for (; !in[i].opened || !out[i].opened; turned++) {
			ck_assert(!in[i].closed && !out[i].closed);
			loop_turn(loop, 10);
		}
	ck_assert_int_ge(turned, 4 * N / 32);
	close(lfd);
	tls_ctx_free(in_ctx);
	tls_ctx_free(out_ctx);
}
END_TEST

/* ---- servers of others ---- */

/* Dial a server that shows cert_a, as one of that name, with the authority in
 * cafile. Return true if the stream opens. */
static bool
opens_named(const char *cafile, const char *name)
{
	struct owner in = { .lines = -1 }, out = { .lines = -1 };
	struct tls_ctx *in_ctx = ctx_of(TLS_CLIENTS, &cert_a);
	struct tls_ctx *out_ctx = tls_ctx_named(cafile, why);
	struct stream_conf conf = conf_of(&out, out_ctx);
	struct sockaddr_in addr;
	int lfd = tcp_listen(&addr, 1);
	bool opened;

	out.s = dial_tcp(streams, (struct sockaddr *)&addr, sizeof(addr), name,
	    &conf);
	conf = conf_of(&in, in_ctx);
	in.s = stream_accept(streams, accept4(lfd, NULL, NULL, SOCK_NONBLOCK),
	    &conf);
	TURN_UNTIL(out.opened || out.closed);
	opened = out.opened;
	if (out.closed)
		ck_assert_int_eq(out.end, STREAM_TLS);
	else
		stream_close(out.s, false);
	TURN_UNTIL(in.closed);
	close(lfd);
	tls_ctx_free(in_ctx);
	tls_ctx_free(out_ctx);
	return opened;
}

START_TEST(the_certificate_of_a_named_server_is_verified)
{
	ck_assert(opens_named(cert_a.file, "a.example"));
	ck_assert(!opens_named(cert_a.file, "b.example"));
	ck_assert(!opens_named(cert_b.file, "a.example"));
	ck_assert(!opens_named(cert_a.file, "127.0.0.1"));
	ck_assert(!opens_named(NULL, "a.example"));
	ck_assert_ptr_null(tls_ctx_named("/nonexistent.crt", why));
	ck_assert_str_eq(why, "/nonexistent.crt: No such file or directory");
}
END_TEST

/* ---- signatures ---- */

/* Make a context with that key, which is freed. */
static struct tls_ctx *
ctx_of_key(EVP_PKEY *key)
{
	const EVP_MD *hash =
	    EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? NULL : EVP_sha256();
	X509 *x = X509_new();
	struct cert c;
	FILE *f;

	cert_make(&c, "kind.example");
	X509_set_version(x, 2);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	ck_assert_int_gt(X509_sign(x, key, hash), 0);
	f = fopen(c.file, "w");
	PEM_write_X509(f, x);
	fclose(f);
	f = fopen(c.key, "w");
	PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
	fclose(f);
	X509_free(x);
	EVP_PKEY_free(key);
	return ctx_of(TLS_LINK_ACCEPT, &c);
}

/* Return true if a key of RSA is verified with PKCS #1 v1.5. */
static bool
is_old_rsa(struct span spki, struct span text, struct span signature)
{
	const unsigned char *p = (const unsigned char *)spki.p;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long)spki.n);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool old = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA &&
		   EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL, key) &&
		   EVP_DigestVerify(md, (const unsigned char *)signature.p,
		       signature.n, (const unsigned char *)text.p, text.n) == 1;

	EVP_MD_CTX_free(md);
	EVP_PKEY_free(key);
	return old;
}

START_TEST(keys_of_all_kinds_sign)
{
	EVP_PKEY *keys[] = { EVP_RSA_gen(2048),
		EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), EVP_EC_gen("P-384") };
	unsigned char spki[1024], sig[1024], pin[TLS_PIN_LEN];
	struct span key, by, text = SPAN("text");
	struct tls_ctx *ctx;

	for (int i = 0; i < 3; i++) {
		ctx = ctx_of_key(keys[i]);
		key = span_make((char *)spki,
		    tls_ctx_spki(ctx, spki, sizeof(spki)));
		by = span_make((char *)sig,
		    tls_ctx_sign(ctx, text, sig, sizeof(sig)));
		ck_assert(tls_ctx_pin(ctx, pin) && by.n > 0);
		ck_assert(tls_signed(pin, key, text, by));
		ck_assert(!is_old_rsa(key, text, by));
		sig[by.n / 2] ^= 1;
		ck_assert(!tls_signed(pin, key, text, by));
		tls_ctx_free(ctx);
	}
}
END_TEST

START_TEST(a_key_signs_for_its_pin_alone)
{
	unsigned char spki[1024], sig[1024], pin[TLS_PIN_LEN],
	    other[TLS_PIN_LEN];
	struct tls_ctx *a = ctx_of(TLS_LINK_ACCEPT, &cert_a);
	struct tls_ctx *b = ctx_of(TLS_LINK_ACCEPT, &cert_b);
	size_t nkey = tls_ctx_spki(a, spki, sizeof(spki));
	size_t n = tls_ctx_sign(a, SPAN("text"), sig, sizeof(sig));
	struct span key = span_make((char *)spki, nkey);
	struct span by = span_make((char *)sig, n);

	ck_assert(tls_ctx_pin(a, pin) && tls_ctx_pin(b, other));
	ck_assert(nkey > 0 && n > 0);
	ck_assert(tls_signed(pin, key, SPAN("text"), by));
	ck_assert(!tls_signed(pin, key, SPAN("texts"), by));
	ck_assert(!tls_signed(other, key, SPAN("text"), by));
	ck_assert(!tls_signed(pin, span_head(key, nkey - 1), SPAN("text"), by));
	ck_assert(!tls_signed(pin, key, SPAN("text"), span_head(by, n - 1)));
	ck_assert(!tls_signed(pin, key, SPAN("text"), SPAN_NONE));
	n = tls_ctx_sign(b, SPAN("text"), sig, sizeof(sig));
	ck_assert(!tls_signed(pin, key, SPAN("text"),
	    span_make((char *)sig, n)));
	ck_assert_uint_eq(tls_ctx_spki(a, spki, nkey - 1), 0);
	ck_assert_uint_eq(tls_ctx_sign(a, SPAN("text"), sig, 8), 0);
	tls_ctx_free(a);
	tls_ctx_free(b);
}
END_TEST

/* ---- files ---- */

START_TEST(what_is_wrong_with_files_is_said)
{
	struct cert none = { "/nonexistent.crt", "/nonexistent.key" };

	ck_assert_ptr_null(tls_ctx_new(TLS_CLIENTS, none.file, cert_a.key,
	    why));
	ck_assert_str_eq(why, "/nonexistent.crt: No such file or directory");
	ck_assert_ptr_null(tls_ctx_new(TLS_CLIENTS, cert_a.file, none.key,
	    why));
	ck_assert_str_eq(why, "/nonexistent.key: No such file or directory");
	ck_assert_ptr_null(tls_ctx_new(TLS_CLIENTS, cert_a.file, cert_b.key,
	    why));
	ck_assert_ptr_nonnull(strstr(why, cert_b.key));
	ck_assert_ptr_nonnull(strstr(why, "key values mismatch"));
	ck_assert_ptr_null(tls_ctx_new(TLS_CLIENTS, cert_a.key, cert_a.key,
	    why));
	ck_assert_ptr_nonnull(strstr(why, cert_a.key));
}
END_TEST

Suite *
tls_suite(void)
{
	Suite *s = suite_create("net/tls");
	TCase *t = unit_case("tls");

	tcase_add_checked_fixture(t, up, net_down);
	tcase_add_test(t, clients_come_with_1_3);
	tcase_add_test(t, a_ticket_is_given_and_not_taken);
	tcase_add_test(t, links_get_no_ticket);
	tcase_add_test(t, clients_come_with_1_2);
	tcase_add_test(t, clients_do_not_come_with_1_1);
	tcase_add_test(t, the_certificate_of_a_client_is_shown_by_its_pin);
	tcase_add_test(t, alpn_is_irc_or_nothing);
	tcase_add_test(t, both_sides_of_a_link_see_the_others_pin);
	tcase_add_test(t, the_pin_is_the_hash_of_the_public_key);
	tcase_add_test(t, a_link_is_not_made_with_1_2);
	tcase_add_test(t, a_link_is_not_made_without_a_certificate);
	tcase_add_test(t, dialling_what_speaks_no_tls_says_so);
	tcase_add_test(t, much_goes_both_ways_at_one_time);
	tcase_add_test(t, a_slow_reader_gets_every_byte);
	tcase_add_test(t, small_lines_share_a_record);
	tcase_add_test(t, what_comes_with_the_handshake_is_not_forgotten);
	tcase_add_test(t, recvq_that_waits_works_under_tls);
	tcase_add_test(t, close_with_flush_ends_with_close_notify);
	tcase_add_test(t, a_client_that_ends_gets_close_notify);
	tcase_add_test(t, plaintext_on_a_tls_port_is_told_in_plaintext);
	tcase_add_test(t, a_silent_client_has_limited_time);
	tcase_add_test(t, a_pause_is_no_time_of_a_handshake);
	tcase_add_test(t, rubbish_that_looks_like_tls_is_an_error);
	tcase_add_test(t, one_that_leaves_before_it_says_a_word);
	tcase_add_test(t, one_that_is_reset_before_it_says_a_word);
	tcase_add_test(t, many_handshakes_do_not_hold_up_the_others);
	tcase_add_test(t, keys_of_all_kinds_sign);
	tcase_add_test(t, a_key_signs_for_its_pin_alone);
	tcase_add_test(t, the_certificate_of_a_named_server_is_verified);
	tcase_add_test(t, what_is_wrong_with_files_is_said);
	suite_add_tcase(s, t);
	return s;
}
