/*
 * NATS, by libnats on a thread of its own for each connection:
 *
 *	loop's thread                      the connection's thread
 *	publish --> out, bounded, bell --> natsConnection_Publish
 *	got() <-- in, bounded, wake    <-- natsSubscription_NextMsg
 *
 * libnats connects and looks names up in the call that asks for it, and the
 * thread waits there. After that, the thread is libnats's event loop: libnats
 * tells what the socket waits for, and neither reads nor writes by itself. So
 * the thread never hangs in a write to a server that reads nothing, and can be
 * ended. libnats makes no connection anew: pubsub.c does. It sends as soon as
 * possible: otherwise it has one more thread, which it wakes for each message
 * only to find that it is not needed (a third of the CPU time of a lone line).
 *
 * A thread that is in the middle of connecting outlives its connection for some
 * seconds. Then it belongs to itself, and frees what it has.
 */
#include "pubsub/kind.h"

#include <sys/eventfd.h>

#include <bsd/sys/queue.h>
#include <errno.h>
#include <fcntl.h>
#include <nats/nats.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "host/thread.h"

#define CONNECT_MS 3000
#define PING_MS 3000
#define PINGS_MAX 3			  /* without an answer */
#define IN_MAX ((size_t)16 * 1024 * 1024) /* bytes that wait for the loop */
#define PUBLISH_BATCH 256		  /* then the socket has its turn */
#define TURN_MAX 256			  /* messages for the loop */

struct message {
	STAILQ_ENTRY(message) link;
	size_t nsubject, n;
	char p[]; /* the subject, a NUL, the text */
};

STAILQ_HEAD(messages, message);

struct nats {
	struct pubsub *ps; /* of the loop's thread */
	struct pubsubs *all;
	struct wake *wake; /* under lock; NULL: the connection has ended */
	int bell;	   /* wakes the thread */
	pthread_mutex_t lock;

	/* under lock */
	struct messages out, in;
	size_t out_bytes, in_bytes, buffered;
	uint64_t in_dropped;
	bool told; /* the loop has been woken, and has not looked yet */
	bool up, ended, closed;
	size_t max;
	char why[PUBSUB_WHY_LEN];

	/* the loop's thread */
	bool was_up;

	/* the connection's thread */
	pthread_t self;
	struct pubsub_conf conf;
	bool tls;
	natsOptions *opts;
	natsConnection *nc;
	natsSubscription *sub[PUBSUB_SUBJECTS];
	int fd; /* -1: none */
	bool reads, writes;
};

static struct message *
message_new(struct span subject, struct span bytes)
{
	struct message *m = mem_alloc(sizeof(*m) + subject.n + 1 + bytes.n);

	m->nsubject = subject.n;
	m->n = bytes.n;
	memcpy(m->p, subject.p, subject.n);
	m->p[subject.n] = '\0';
	if (bytes.n > 0)
		memcpy(m->p + subject.n + 1, bytes.p, bytes.n);
	return m;
}

static struct span
text_of(const struct message *m)
{
	return span_make(m->p + m->nsubject + 1, m->n);
}

/* Return how much memory a message takes, about. */
static size_t
size_of(const struct message *m)
{
	return sizeof(*m) + m->nsubject + 1 + m->n;
}

static struct message *
message_take(struct messages *l)
{
	struct message *m = STAILQ_FIRST(l);

	if (m != NULL)
		STAILQ_REMOVE_HEAD(l, link);
	return m;
}

static void
messages_free(struct messages *l)
{
	struct message *m;

	while ((m = message_take(l)) != NULL)
		free(m);
}

/* Wake the connection's thread. */
static void
ring(const struct nats *n)
{
	uint64_t one = 1;

	(void)!write(n->bell, &one, sizeof(one));
}

static void
lock(struct nats *n)
{
	(void)pthread_mutex_lock(&n->lock);
}

static void
unlock(struct nats *n)
{
	(void)pthread_mutex_unlock(&n->lock);
}

/* Wake the loop, unless it has been. Under lock. */
static void
tell(struct nats *n)
{
	if (n->told || n->wake == NULL)
		return;
	n->told = true;
	loop_wake_post(n->wake);
}

/* ---- the connection's thread: libnats as the caller --------------------- */

static natsStatus
attach(void **data, void *loop, natsConnection *nc, natsSock fd)
{
	struct nats *n = loop;

	*data = n;
	(void)nc;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	n->fd = fd;
	n->reads = true;
	return NATS_OK;
}

/* libnats also calls these from its own threads. The connection's thread looks
 * before it waits, and need not be woken by itself. */
static void
ring_other(const struct nats *n)
{
	if (!pthread_equal(pthread_self(), n->self))
		ring(n);
}

static natsStatus
want_read(void *data, bool add)
{
	struct nats *n = data;

	lock(n);
	n->reads = add;
	unlock(n);
	ring_other(n);
	return NATS_OK;
}

static natsStatus
want_write(void *data, bool add)
{
	struct nats *n = data;

	lock(n);
	n->writes = add;
	unlock(n);
	ring_other(n);
	return NATS_OK;
}

static natsStatus
detach(void *data)
{
	struct nats *n = data;

	lock(n);
	n->fd = -1;
	n->reads = n->writes = false;
	unlock(n);
	return NATS_OK;
}

static void
was_closed(natsConnection *nc, void *data)
{
	struct nats *n = data;

	(void)nc;
	lock(n);
	n->closed = true;
	unlock(n);
	ring(n);
}

/* Errors that do not end the connection: libnats would print them. */
static void
had_error(natsConnection *nc, natsSubscription *sub, natsStatus err, void *data)
{
	(void)nc;
	(void)sub;
	(void)err;
	(void)data;
}

/* ---- the connection's thread: to a connection --------------------------- */

static natsStatus
set_tls(struct nats *n)
{
	const char *ca = n->conf.ca != NULL
			     ? n->conf.ca
			     : "/etc/ssl/certs/ca-certificates.crt";
	natsStatus s = natsOptions_SetSecure(n->opts, true);

	if (s == NATS_OK)
		s = natsOptions_LoadCATrustedCertificates(n->opts, ca);
	if (s == NATS_OK)
		s = natsOptions_SetExpectedHostname(n->opts, n->conf.host);
	return s;
}

static natsStatus
set_url(struct nats *n)
{
	bool v6 = strchr(n->conf.host, ':') != NULL;
	char url[400];
	struct writer w;

	writer_init(&w, url, sizeof(url) - 1);
	writer_str(&w, n->tls ? "tls://" : "nats://");
	writer_str(&w, v6 ? "[" : "");
	writer_str(&w, n->conf.host);
	writer_str(&w, v6 ? "]:" : ":");
	writer_u64(&w, n->conf.port);
	url[w.n] = '\0';
	return natsOptions_SetURL(n->opts, url);
}

static natsStatus
set_options(struct nats *n)
{
	natsOptions *o = n->opts;
	natsStatus s[] = {
		set_url(n),
		natsOptions_SetName(o, n->conf.name),
		natsOptions_SetTimeout(o, CONNECT_MS),
		natsOptions_SetAllowReconnect(o, false),
		natsOptions_SetIgnoreDiscoveredServers(o, true),
		natsOptions_SetNoEcho(o, true),
		natsOptions_SetSendAsap(o, true),
		natsOptions_SetPingInterval(o, PING_MS),
		natsOptions_SetMaxPingsOut(o, PINGS_MAX),
		natsOptions_SetErrorHandler(o, had_error, n),
		natsOptions_SetClosedCB(o, was_closed, n),
		natsOptions_SetEventLoop(o, n, attach, want_read, want_write,
		    detach),
		n->conf.password == NULL
		    ? NATS_OK
		    : natsOptions_SetUserInfo(o,
			  n->conf.user != NULL ? n->conf.user : "",
			  n->conf.password),
		n->tls ? set_tls(n) : NATS_OK,
	};

	for (size_t i = 0; i < sizeof(s) / sizeof(s[0]); i++)
		if (s[i] != NATS_OK)
			return s[i];
	return NATS_OK;
}

static natsStatus
connects(struct nats *n)
{
	natsStatus s = natsOptions_Create(&n->opts);

	if (s == NATS_OK)
		s = set_options(n);
	if (s == NATS_OK)
		s = natsConnection_Connect(&n->nc, n->opts);
	for (size_t i = 0; s == NATS_OK && i < PUBSUB_SUBJECTS; i++)
		s = natsConnection_SubscribeSync(&n->sub[i], n->nc,
		    n->conf.subject[i]);
	return s;
}

static bool
is_up(struct nats *n)
{
	int64_t max = natsConnection_GetMaxPayload(n->nc);
	bool go;

	lock(n);
	go = n->wake != NULL && !n->closed;
	n->up = go;
	n->max = max > 0 ? (size_t)max : PUBSUB_MESSAGE_MAX;
	tell(n);
	unlock(n);
	return go;
}

/* ---- the connection's thread: while it is up ---------------------------- */

/* Hand what has come to the loop. */
static void
take_in(struct nats *n, natsMsg *msg)
{
	struct span subject = span_of(natsMsg_GetSubject(msg));
	struct span bytes =
	    span_make(natsMsg_GetData(msg), (size_t)natsMsg_GetDataLength(msg));
	struct message *m = NULL;

	if (bytes.n <= PUBSUB_MESSAGE_MAX && subject.n <= PUBSUB_SUBJECT_MAX)
		m = message_new(subject, bytes);
	lock(n);
	if (m == NULL || n->in_bytes > IN_MAX) {
		n->in_dropped++;
	} else {
		STAILQ_INSERT_TAIL(&n->in, m, link);
		n->in_bytes += size_of(m);
		m = NULL;
	}
	tell(n);
	unlock(n);
	free(m);
}

static void
reads(struct nats *n)
{
	natsMsg *msg;

	natsConnection_ProcessReadEvent(n->nc);
	for (size_t i = 0; i < PUBSUB_SUBJECTS; i++)
		while (natsSubscription_NextMsg(&msg, n->sub[i], 0) ==
		       NATS_OK) {
			take_in(n, msg);
			natsMsg_Destroy(msg);
		}
}

/* Write what libnats has, without a turn of poll(). */
static void
writes_now(struct nats *n)
{
	bool writes;

	lock(n);
	writes = n->writes && !n->closed;
	unlock(n);
	if (writes)
		natsConnection_ProcessWriteEvent(n->nc);
}

/* Give libnats some of what waits. Return true if there is more. */
static bool
publishes(struct nats *n)
{
	struct message *m = NULL;
	struct span text;
	int buffered;

	for (int i = 0; i < PUBLISH_BATCH; i++) {
		lock(n);
		m = message_take(&n->out);
		n->out_bytes -= m != NULL ? m->n : 0;
		n->buffered += m != NULL ? m->n : 0;
		unlock(n);
		if (m == NULL)
			break;
		text = text_of(m);
		(void)natsConnection_Publish(n->nc, m->p, text.p, (int)text.n);
		free(m);
	}
	writes_now(n);
	buffered = natsConnection_Buffered(n->nc);
	lock(n);
	n->buffered = buffered > 0 ? (size_t)buffered : 0;
	unlock(n);
	return m != NULL;
}

/* Wait for the socket and the bell. Return false at the end. */
static bool
turn(struct nats *n, bool more)
{
	struct pollfd p[2] = { { .fd = n->bell, .events = POLLIN } };
	uint64_t count;
	bool goes_on;

	lock(n);
	goes_on = n->wake != NULL && !n->closed;
	p[1].fd = n->fd;
	p[1].events =
	    (short)((n->reads ? POLLIN : 0) | (n->writes ? POLLOUT : 0));
	unlock(n);
	if (!goes_on || poll(p, 2, more ? 0 : -1) < 0)
		return goes_on && errno == EINTR;
	if (p[0].revents != 0)
		(void)!read(n->bell, &count, sizeof(count));
	if (p[1].revents & POLLOUT)
		natsConnection_ProcessWriteEvent(n->nc);
	if (p[1].revents & (POLLIN | POLLERR | POLLHUP))
		reads(n);
	return true;
}

static void
runs(struct nats *n)
{
	bool more = false;

	while (turn(n, more))
		more = publishes(n);
}

/* ---- the connection's thread: its end ----------------------------------- */

static void
nats_free(struct nats *n)
{
	struct pubsubs *all = n->all;

	messages_free(&n->out);
	messages_free(&n->in);
	pubsub_conf_free(&n->conf);
	if (n->bell >= 0)
		(void)close(n->bell);
	(void)pthread_mutex_destroy(&n->lock);
	free(n);
	(void)pthread_mutex_lock(&all->lock);
	all->nthreads--;
	(void)pthread_cond_signal(&all->ended);
	(void)pthread_mutex_unlock(&all->lock);
}

static void
wait_for_bell(const struct nats *n)
{
	struct pollfd p = { .fd = n->bell, .events = POLLIN };
	uint64_t count;

	if (poll(&p, 1, -1) > 0)
		(void)!read(n->bell, &count, sizeof(count));
}

/* Tell why, and wait until the loop's thread has ended the connection. */
static void
tell_end(struct nats *n, const char *why)
{
	lock(n);
	n->ended = true;
	(void)strncpy(n->why, why, sizeof(n->why) - 1);
	tell(n);
	while (n->wake != NULL) {
		unlock(n);
		wait_for_bell(n);
		lock(n);
	}
	unlock(n);
}

/* A thread of libnats calls was_closed(), sooner or later. */
static void
disconnect(struct nats *n)
{
	for (size_t i = 0; i < PUBSUB_SUBJECTS; i++)
		natsSubscription_Destroy(n->sub[i]);
	if (n->nc != NULL) {
		natsConnection_Close(n->nc);
		lock(n);
		while (!n->closed) {
			unlock(n);
			wait_for_bell(n);
			lock(n);
		}
		unlock(n);
		natsConnection_Destroy(n->nc);
	}
	natsOptions_Destroy(n->opts);
	nats_ReleaseThreadMemory();
}

/* libnats puts the file and line of its source before some of its words, in
 * brackets, with a colon behind. */
static const char *
without_place(const char *why)
{
	const char *end = why[0] == '(' ? strstr(why, "): ") : NULL;

	return end != NULL ? end + 3 : why;
}

static void *
thread(void *arg)
{
	struct nats *n = arg;
	natsStatus s;
	const char *why;

	n->self = pthread_self();
	s = connects(n);
	why = nats_GetLastError(NULL);
	if (s == NATS_OK) {
		if (is_up(n))
			runs(n);
		s = natsConnection_GetLastError(n->nc, &why);
	}
	if (why == NULL || why[0] == '\0')
		why = s != NATS_OK ? natsStatus_GetText(s)
				   : "the server has closed the connection";
	tell_end(n, without_place(why));
	disconnect(n);
	nats_free(n);
	return NULL;
}

/* ---- the loop's thread -------------------------------------------------- */

/* Take up to TURN_MAX messages out of what has come. Under lock. */
static void
take_turn(struct nats *n, struct messages *in)
{
	struct message *m;

	for (int i = 0; i < TURN_MAX && (m = message_take(&n->in)) != NULL;
	     i++) {
		n->in_bytes -= size_of(m);
		STAILQ_INSERT_TAIL(in, m, link);
	}
}

static void
hand_on(struct nats *n, struct messages *in)
{
	struct message *m;

	while ((m = message_take(in)) != NULL) {
		kind_got(n->ps, span_make(m->p, m->nsubject), text_of(m));
		free(m);
	}
}

static void
woken(void *ctx)
{
	struct nats *n = ctx;
	struct messages in = STAILQ_HEAD_INITIALIZER(in);
	bool up, ended;

	lock(n);
	n->told = false;
	take_turn(n, &in);
	up = n->up;
	ended = n->ended && STAILQ_EMPTY(&n->in);
	n->ps->n.in_dropped += n->in_dropped;
	n->in_dropped = 0;
	if (!STAILQ_EMPTY(&n->in))
		tell(n);
	unlock(n);
	if (up && !n->was_up) {
		n->was_up = true;
		kind_up(n->ps, n->max);
	}
	hand_on(n, &in);
	if (ended)
		kind_failed(n->ps, span_of(n->why));
}

static bool
nats_publish(void *conn, struct span subject, struct span bytes)
{
	struct nats *n = conn;
	struct message *m = message_new(subject, bytes);
	bool first;

	lock(n);
	first = STAILQ_EMPTY(&n->out);
	STAILQ_INSERT_TAIL(&n->out, m, link);
	n->out_bytes += bytes.n;
	unlock(n);
	if (first)
		ring(n);
	return true;
}

static size_t
nats_unsent(const void *conn)
{
	struct nats *n = (struct nats *)(uintptr_t)conn;
	size_t waits;

	lock(n);
	waits = n->out_bytes + n->buffered;
	unlock(n);
	return waits;
}

static void
nats_end(void *conn)
{
	struct nats *n = conn;
	struct wake *wake;

	/* as soon as the lock is free, the thread may free n */
	lock(n);
	wake = n->wake;
	n->wake = NULL;
	ring(n);
	unlock(n);
	loop_wake_free(wake);
}

static void *
nats_begin(struct pubsub *ps)
{
	struct nats *n = mem_zalloc(sizeof(*n));
	pthread_t id;

	n->ps = ps;
	n->all = ps->all;
	n->fd = -1;
	STAILQ_INIT(&n->out);
	STAILQ_INIT(&n->in);
	pubsub_conf_dup(&n->conf, &ps->conf);
	n->tls = ps->conf.tls != NULL;
	n->conf.tls = NULL;
	invariant(pthread_mutex_init(&n->lock, NULL) == 0);
	(void)pthread_mutex_lock(&ps->all->lock);
	ps->all->nthreads++;
	(void)pthread_mutex_unlock(&ps->all->lock);
	n->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	n->wake = loop_wake_new(ps->all->loop, woken, n);
	if (n->bell >= 0 && n->wake != NULL && thread_start(&id, thread, n)) {
		(void)pthread_detach(id);
		return n;
	}
	if (n->wake != NULL)
		loop_wake_free(n->wake);
	nats_free(n);
	return NULL;
}

const struct broker_kind broker_nats = {
	.begin = nats_begin,
	.publish = nats_publish,
	.unsent = nats_unsent,
	.end = nats_end,
};
