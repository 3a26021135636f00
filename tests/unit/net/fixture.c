#include "unit/net/fixture.h"

#include <sys/socket.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/unit.h"

struct loop *loop;
struct streams *streams;

static char dir[] = "/tmp/banyan-net-XXXXXX";
static int ncerts;

void
net_up(void)
{
	loop = loop_new();
	ck_assert_ptr_nonnull(loop);
	streams = streams_new(loop, 0);
}

void
net_up_together(void)
{
	net_up();
	(void)streams_join_sends(streams, 1);
}

void
net_down(void)
{
	streams_free(streams);
	loop_free(loop);
	certs_remove();
}

uint64_t
sum_add(uint64_t sum, const void *p, size_t n)
{
	const unsigned char *b = p;

	for (size_t i = 0; i < n; i++)
		sum = sum * 31 + b[i];
	return sum;
}

static void
owner_open(void *ctx)
{
	struct owner *o = ctx;

	ck_assert_int_eq(o->opened++, 0);
	if (o->close_in_open)
		stream_close(o->s, o->flush);
}

static void
owner_take(struct owner *o, struct span in)
{
	size_t room = sizeof(o->got) - 1 -
		      (o->n < sizeof(o->got) - 1 ? o->n : sizeof(o->got) - 1);

	if (room > in.n)
		room = in.n;
	if (room > 0)
		memcpy(o->got + o->n, in.p, room);
	o->n += in.n;
	o->sum = sum_add(o->sum, in.p, in.n);
}

static size_t
owner_consume(void *ctx, struct span in, bool eof)
{
	struct owner *o = ctx;
	size_t took = 0, line;

	ck_assert_int_eq(o->opened, 1);
	ck_assert_int_eq(o->closed, 0);
	ck_assert_uint_gt(in.n, 0);
	o->consumed++;
	o->eof |= eof;
	if (o->lines < 0)
		took = in.n;
	for (; o->lines > 0; o->lines--) {
		line = span_find(span_tail(in, took), '\n') + 1;
		if (took + line > in.n)
			break;
		took += line;
	}
	if (eof && o->lines > 0)
		took = in.n;
	owner_take(o, span_head(in, took));
	if (o->answer != NULL)
		stream_send_bytes(o->s, span_of(o->answer));
	if (o->close_in_consume)
		stream_close(o->s, o->flush);
	return took;
}

static void
owner_taken(void *ctx, size_t n)
{
	struct owner *o = ctx;

	ck_assert_int_eq(o->closed, 0);
	o->taken += n;
}

static void
owner_plaintext(void *ctx, struct span first)
{
	struct owner *o = ctx;

	o->plain++;
	owner_take(o, first);
	if (o->answer != NULL)
		stream_send_bytes(o->s, span_of(o->answer));
	if (o->close_in_plain)
		stream_close(o->s, o->flush);
}

static bool
owner_overfull(void *ctx)
{
	struct owner *o = ctx;

	ck_assert_int_eq(o->closed, 0);
	o->overfull++;
	if (o->last_words == NULL)
		return o->keeps;
	stream_send_bytes(o->s, span_of(o->last_words));
	stream_close(o->s, true);
	return false;
}

static void
owner_closed(void *ctx, enum stream_end end, struct span why)
{
	struct owner *o = ctx;

	ck_assert_int_eq(o->closed++, 0);
	o->end = end;
	snprintf(o->why, sizeof(o->why), "%.*s", SPAN_ARG(why));
}

const struct stream_ops owner_ops = {
	.open = owner_open,
	.consume = owner_consume,
	.taken = owner_taken,
	.plaintext = owner_plaintext,
	.overfull = owner_overfull,
	.closed = owner_closed,
};

struct stream_conf
conf_of(struct owner *o, const struct tls_ctx *tls)
{
	return (struct stream_conf){
		.ops = &owner_ops,
		.ctx = o,
		.limits = { .sendq = 8 * MIB, .recvq = 16 * KIB },
		.tls = tls,
		.setup_ms = 60000, /* never, not even on a slow machine */
	};
}

int
pair_up(struct owner *o, int type)
{
	struct stream_conf conf = conf_of(o, NULL);
	int fd[2];

	ck_assert_int_eq(socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, fd), 0);
	o->s = stream_accept(streams, fd[0], &conf);
	ck_assert_ptr_nonnull(o->s);
	return fd[1];
}

int
tcp_listen(struct sockaddr_in *addr, int backlog)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(*addr);

	*addr = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	ck_assert_int_eq(bind(fd, (struct sockaddr *)addr, len), 0);
	ck_assert_int_eq(listen(fd, backlog), 0);
	getsockname(fd, (struct sockaddr *)addr, &len);
	return fd;
}

int
tcp_up(struct owner *o, const struct stream_conf *conf, bool tight)
{
	struct sockaddr_in addr;
	int lfd = tcp_listen(&addr, 1), fd, peer;
	const int tiny = 4 * KIB, on = 1;

	peer = socket(AF_INET, SOCK_STREAM, 0);
	if (tight)
		setsockopt(peer, SOL_SOCKET, SO_RCVBUF, &tiny, sizeof(tiny));
	ck_assert_int_eq(connect(peer, (struct sockaddr *)&addr, sizeof(addr)),
	    0);
	fd = accept4(lfd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	close(lfd);
	if (tight)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &tiny, sizeof(tiny));
	fcntl(peer, F_SETFL, O_NONBLOCK);
	setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	o->s = stream_accept(streams, fd, conf);
	ck_assert_ptr_nonnull(o->s);
	return peer;
}

void
turns(int n)
{
	while (n-- > 0)
		loop_turn(loop, 0);
}

void
put(int fd, const char *text)
{
	ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL),
	    (int)strlen(text));
}

void
reset(int fd)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

const char *
get(int fd)
{
	static char buf[4 * KIB + 1];
	ssize_t n = recv(fd, buf, sizeof(buf) - 1, MSG_DONTWAIT);

	buf[n > 0 ? n : 0] = '\0';
	return buf;
}

const char *
get_all(int fd)
{
	static char all[4 * KIB + 1];
	size_t n = 0;
	ssize_t got = -1;

	for (int i = 0; i < 200 && got != 0; i++) {
		loop_turn(loop, 10);
		got = recv(fd, all + n, sizeof(all) - 1 - n, MSG_DONTWAIT);
		if (got > 0)
			n += (size_t)got;
		else if (got < 0)
			ck_assert_int_eq(errno, EAGAIN);
	}
	ck_assert_int_eq(got, 0);
	all[n] = '\0';
	return all;
}

void
cert_make(struct cert *c, const char *name)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	X509_NAME *subject = X509_get_subject_name(x);
	FILE *f;

	if (ncerts++ == 0)
		ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(c->file, sizeof(c->file), "%s/%d.crt", dir, ncerts);
	snprintf(c->key, sizeof(c->key), "%s/%d.key", dir, ncerts);
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), ncerts);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
	    (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x, subject);
	ck_assert_int_gt(X509_sign(x, key, EVP_sha256()), 0);
	f = fopen(c->file, "w");
	PEM_write_X509(f, x);
	fclose(f);
	f = fopen(c->key, "w");
	PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
	fclose(f);
	X509_free(x);
	EVP_PKEY_free(key);
}

void
certs_remove(void)
{
	char file[64];

	if (ncerts == 0)
		return;
	for (int i = 1; i <= ncerts; i++) {
		snprintf(file, sizeof(file), "%s/%d.crt", dir, i);
		unlink(file);
		snprintf(file, sizeof(file), "%s/%d.key", dir, i);
		unlink(file);
	}
	rmdir(dir);
	ncerts = 0;
	snprintf(dir, sizeof(dir), "/tmp/banyan-net-XXXXXX");
}
