/*
 * Connects block; then all sockets are non-blocking, under one epoll. Clients
 * come from a few loopback addresses, and connect() chooses their ports, so
 * that there are always enough ports, and the search for a free one is quick.
 * The second word of a line tells what it is, which is enough to know that
 * something is over.
 */
#include "crowd.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/ssl.h>

#define READ_LEN (256 * 1024)
#define ADDRESSES 8

static bool
word_is(const char *p, size_t n, const char *word)
{
	size_t len = strlen(word);

	return n >= len && memcmp(p, word, len) == 0;
}

static void
take_line(struct crowd *cr, struct client *c, const char *p, size_t n)
{
	const char *sp;
	size_t rest;

	if (n > 0 && p[0] == '@' && (sp = memchr(p, ' ', n)) != NULL) {
		n -= (size_t)(sp + 1 - p);
		p = sp + 1;
	}
	if (word_is(p, n, "PING ")) {
		client_send(cr, c, "PONG :x\r\n");
		return;
	}
	c->lines++;
	sp = memchr(p, ' ', n);
	if (sp == NULL)
		return;
	rest = n - (size_t)(sp + 1 - p);
	if (word_is(sp + 1, rest, "PONG "))
		c->pongs++;
	else if (word_is(sp + 1, rest, "376 ") || word_is(sp + 1, rest, "422 "))
		c->welcome++;
	else if (word_is(sp + 1, rest, "366 "))
		c->names++;
}

static void
take(struct crowd *cr, struct client *c, const char *p, size_t n)
{
	const char *lf;
	size_t len;

	c->bytes += n;
	while (n > 0) {
		lf = memchr(p, '\n', n);
		len = lf == NULL ? n : (size_t)(lf - p) + 1;
		if (lf != NULL && c->npart == 0) {
			take_line(cr, c, p, len);
		} else {
			if (len > sizeof(c->part) - c->npart)
				errx(1, "a line of more than %d bytes",
				    CLIENT_LINE_MAX);
			memcpy(c->part + c->npart, p, len);
			c->npart += len;
			if (lf != NULL) {
				take_line(cr, c, c->part, c->npart);
				c->npart = 0;
			}
		}
		p += len;
		n -= len;
	}
}

static void
client_read(struct crowd *cr, struct client *c)
{
	static char scratch[READ_LEN];
	ssize_t n;

	if (c->ssl != NULL) {
		while ((n = SSL_read(c->ssl, scratch, READ_LEN)) > 0)
			take(cr, c, scratch, (size_t)n);
		if (SSL_get_error(c->ssl, (int)n) != SSL_ERROR_WANT_READ)
			c->closed = true;
	} else {
		n = recv(c->fd, scratch, READ_LEN, MSG_DONTWAIT);
		if (n > 0)
			take(cr, c, scratch, (size_t)n);
		else if (n == 0 || errno != EAGAIN)
			c->closed = true;
	}
	if (c->closed)
		epoll_ctl(cr->epfd, EPOLL_CTL_DEL, c->fd, NULL);
}

void
crowd_pump(struct crowd *cr, int wait_ms)
{
	struct epoll_event ev[512];
	int n = epoll_wait(cr->epfd, ev, 512, wait_ms);

	for (int i = 0; i < n; i++)
		client_read(cr, ev[i].data.ptr);
}

void
client_send(struct crowd *cr, struct client *c, const char *text)
{
	size_t n = strlen(text);
	ssize_t put;

	while (n > 0 && !c->closed) {
		put = c->ssl != NULL
			  ? SSL_write(c->ssl, text, (int)n)
			  : send(c->fd, text, n, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (put > 0) {
			text += put;
			n -= (size_t)put;
		} else if (c->ssl == NULL && errno != EAGAIN) {
			c->closed = true;
		} else {
			crowd_pump(cr, 1);
		}
	}
}

static double
now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

bool
crowd_wait(struct crowd *cr, bool (*done)(struct crowd *, void *), void *arg,
    const char *what)
{
	double end = now_s() + CROWD_PATIENCE_S;

	while (!done(cr, arg)) {
		if (now_s() > end) {
			warnx("%s: not after %d s", what, CROWD_PATIENCE_S);
			return false;
		}
		crowd_pump(cr, 20);
	}
	return true;
}

static int
connect_from(int port, int i)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in from = { .sin_family = AF_INET,
		.sin_addr.s_addr =
		    htonl(INADDR_LOOPBACK + (uint32_t)(i % ADDRESSES)) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const int on = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) != 0 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/*
 * Make a TLS client over fd, with its handshake done. Return NULL on failure.
 */
static SSL *
shake(int fd)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = SSL_new(ctx);

	SSL_CTX_free(ctx); /* the SSL keeps it */
	SSL_set_fd(ssl, fd);
	if (SSL_connect(ssl) == 1)
		return ssl;
	SSL_free(ssl);
	return NULL;
}

static bool
client_up(struct crowd *cr, int i, int port, char letter, bool tls)
{
	struct client *c = &cr->client[i];
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };
	char text[64];

	c->fd = connect_from(port, i);
	if (c->fd >= 0 && tls)
		c->ssl = shake(c->fd);
	if (c->fd < 0 || (tls && c->ssl == NULL)) {
		warn("client %d", i);
		return false;
	}
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	epoll_ctl(cr->epfd, EPOLL_CTL_ADD, c->fd, &ev);
	snprintf(text, sizeof(text), "NICK %c%05d\r\nUSER bench 0 * :bench\r\n",
	    letter, i);
	client_send(cr, c, text);
	return true;
}

struct welcomed {
	int first; /* clients from this one on may not be done */
	int upto;
	bool refused;
};

static bool
are_welcome(struct crowd *cr, void *arg)
{
	struct welcomed *w = arg;

	while (w->first < w->upto && cr->client[w->first].welcome > 0)
		w->first++;
	if (w->first < w->upto && cr->client[w->first].closed)
		w->refused = true;
	return w->first == w->upto || w->refused;
}

bool
crowd_up(struct crowd *cr, int port, int n, char letter, int abreast, bool tls)
{
	struct welcomed w = { 0 };

	cr->epfd = epoll_create1(EPOLL_CLOEXEC);
	cr->client = calloc((size_t)n, sizeof(*cr->client));
	if (cr->client == NULL)
		err(1, "calloc");
	for (cr->n = 0; cr->n < n; cr->n++) {
		if (!client_up(cr, cr->n, port, letter, tls))
			return false;
		w.upto = cr->n + 1 - abreast;
		if (w.upto > 0 && !w.refused &&
		    !crowd_wait(cr, are_welcome, &w, "registration"))
			return false;
	}
	w.upto = n;
	if (!crowd_wait(cr, are_welcome, &w, "registration"))
		return false;
	if (w.refused)
		warnx("client %d was refused", w.first);
	return !w.refused;
}

void
crowd_leave(struct crowd *cr, int first)
{
	for (int i = first; i < cr->n; i++) {
		SSL_free(cr->client[i].ssl);
		close(cr->client[i].fd);
	}
	cr->n = first;
}

void
crowd_down(struct crowd *cr)
{
	if (cr->client == NULL)
		return;
	crowd_leave(cr, 0);
	close(cr->epfd);
	free(cr->client);
	cr->client = NULL;
}

struct ponged {
	int first;
	unsigned want;
};

static bool
have_ponged(struct crowd *cr, void *arg)
{
	struct ponged *p = arg;

	while (p->first < cr->n && cr->client[p->first].pongs >= p->want)
		p->first++;
	return p->first == cr->n;
}

bool
crowd_sync(struct crowd *cr, int first)
{
	struct ponged p = { first, 1 };

	for (int i = first; i < cr->n; i++) {
		cr->client[i].pongs = 0;
		client_send(cr, &cr->client[i], "PING :sync\r\n");
	}
	return crowd_wait(cr, have_ponged, &p, "answers to PING");
}

size_t
crowd_lines(const struct crowd *cr, int first, int last)
{
	size_t n = 0;

	for (int i = first; i < last; i++)
		n += cr->client[i].lines;
	return n;
}

size_t
crowd_bytes(const struct crowd *cr, int first, int last)
{
	size_t n = 0;

	for (int i = first; i < last; i++)
		n += cr->client[i].bytes;
	return n;
}
