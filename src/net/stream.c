/*
 * Nothing is delivered and nobody dies inside a call of the owner. A call
 * changes the queue, marks a failure, and puts the stream on a list; the end
 * of the turn works the lists off:
 *
 *	pulled   offer the unread bytes again, read what TLS still holds
 *	touched  write the queue, once; tell failures; go on with closing
 *	dead     free
 *
 * What the callbacks of one list put on the lists waits for the next turn,
 * which then does not wait for descriptors; so a pair of streams that feed
 * each other cannot keep the loop from all others.
 *
 * Invariants
 *	S1  an owner (ops != NULL) is called only while not failed; a failed
 *	    stream is touched, and closed() is the last call to its owner.
 *	S2  in == NULL when nothing lies unread; nor has the queue a ring when
 *	    nothing waits.
 *	S3  at most recvq + 1 bytes lie unread.
 *	S4  a watched descriptor that is always ready (end of file, too much
 *	    unread, a hang-up) is unwatched for that, or ends the stream.
 *
 * Reading goes into one buffer that all streams share, behind a copy of what
 * this one has unread, so that the owner always sees one piece; only what it
 * leaves is stored, in a block of just that size. One read a turn for each
 * stream, so that one that always has more does not hold up the others.
 *
 * A closing socket is first shut down and then read until the peer has closed
 * too: a close() with bytes of the peer unread would send a reset, and the
 * reset can overtake our last words.
 */
#include "net/stream.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/pool.h"
#include "net/queue.h"
#include "net/transport.h"

#define READ_MAX (64 * 1024)   /* bytes of one read */
#define WRITE_MAX (256 * 1024) /* bytes of one stream in one turn */
#define GATHER_MAX (64 * 1024) /* bytes of one write */
#define SETUPS_MAX 32	       /* handshake steps in one turn, ~10 ms */
#define FIRST_MAX 64	       /* bytes looked at before a handshake */
#define FAIR_SHARE 16	       /* see streams_new */

enum state { S_CONNECTING, S_SETUP, S_OPEN, S_FLUSHING, S_DRAINING, S_GONE };

/* What a stream has only while it begins or ends. */
struct ends {
	struct stream *stream;
	struct timer timer; /* of setup, then of closing */
	bool failed;	    /* there is a fault: the first one */
	struct fault fault;
};

/* What sending looks at comes first: two lines of the cache. There are many,
 * and most are idle: it is kept small, three lines in all. */
struct stream {
	unsigned char state; /* enum state */
	bool failed;	     /* closed() is due */
	bool severed;	     /* writing failed; hand over, then fail */
	bool blocked;	     /* wait until writable before writing */
	bool on_touched, on_pulled;
	bool announced; /* open() was called */
	bool sniffed;	/* the first bytes look like TLS */
	bool offer;	/* asked for by stream_pull */
	bool more;	/* the layer holds bytes to read */
	bool eof;	/* the peer sends no more */
	bool recvq_waits;
	uint32_t sendq, recvq; /* its limits */
	uint32_t in_n;
	struct streams *set;
	struct queue out;
	struct stream *touched;	      /* next on that list */
	const struct stream_ops *ops; /* NULL: the owner has let go */
	void *ctx;
	size_t taken; /* written, and the owner not yet told */
	struct watch watch;
	const struct transport_ops *io;
	void *layer;
	char *in;		    /* in_n bytes, unread */
	struct stream *pulled;	    /* next on that list */
	struct stream *next, *prev; /* all, or dead */
	struct ends *ends;	    /* NULL in between */
};

struct streams {
	struct loop *loop;
	struct hook hook;
	struct pool pool;
	struct stream *all, *dead;
	struct stream *touched, *pulled;
	size_t count;
	size_t queued;
	size_t total;	    /* that may be queued; SIZE_MAX: any number */
	int setups;	    /* handshake steps in this turn */
	char *scratch;	    /* of reading */
	char *gather;	    /* of writing */
	struct fault fault; /* of the call under way */
};

#define SCRATCH_LEN (STREAM_RECVQ_MAX + READ_MAX)

#define OF_MEMBER(p, type, member) \
	((type *)(void *)((char *)(p)-offsetof(type, member)))

static void touch(struct stream *s);
static void pull(struct stream *s);
static void stream_late(struct timer *t);

static bool
is_open(const struct stream *s)
{
	return s->state == S_OPEN && !s->failed && s->ops != NULL;
}

static struct ends *
ends_of(struct stream *s)
{
	if (s->ends == NULL) {
		s->ends = mem_zalloc(sizeof(*s->ends));
		s->ends->stream = s;
		s->ends->timer.fire = stream_late;
	}
	return s->ends;
}

static void
ends_free(struct stream *s)
{
	if (s->ends == NULL)
		return;
	loop_timer_clear(s->set->loop, &s->ends->timer);
	free(s->ends);
	s->ends = NULL;
}

/* In ms at the latest, not at what was set before: see stream_late. */
static void
time_out(struct stream *s, unsigned int ms)
{
	struct loop *l = s->set->loop;

	loop_timer_set(l, &ends_of(s)->timer, mono_add_ms(loop_now(l), ms));
}

/* Keeps the first fault; a later one is its consequence. */
static void
keep_fault(struct stream *s, enum stream_end end, const char *why)
{
	struct ends *e = ends_of(s);

	if (e->failed)
		return;
	e->failed = true;
	e->fault.end = end;
	snprintf(e->fault.why, sizeof(e->fault.why), "%s", why);
}

static void
drop_queue(struct stream *s)
{
	s->set->queued -= s->out.bytes;
	queue_clear(&s->out);
}

/* The owner will be told at the end of the turn. */
static void
fail(struct stream *s, enum stream_end end, const char *why)
{
	if (s->failed || s->ops == NULL)
		return;
	keep_fault(s, end, why);
	s->failed = true;
	if (end != STREAM_EOF && end != STREAM_PLAINTEXT)
		drop_queue(s);
	touch(s);
}

/* Writing failed. What came in before is still handed over, see hangup(). */
static void
sever(struct stream *s, const struct fault *f)
{
	keep_fault(s, f->end, f->why);
	s->severed = true;
	drop_queue(s);
	touch(s);
}

static void
vanish(struct stream *s)
{
	struct streams *ss = s->set;
	int fd = s->watch.fd;

	if (s->state == S_GONE)
		return;
	s->state = S_GONE;
	s->ops = NULL;
	loop_unwatch(ss->loop, &s->watch);
	if (s->ends != NULL)
		loop_timer_clear(ss->loop, &s->ends->timer);
	drop_queue(s);
	if (s->io->free != NULL)
		s->io->free(s->layer);
	s->layer = NULL;
	if (fd >= 0) {
		close(fd);
		ss->count--;
	}
	if (s->next != NULL)
		s->next->prev = s->prev;
	if (s->prev != NULL)
		s->prev->next = s->next;
	else
		ss->all = s->next;
	s->next = ss->dead;
	ss->dead = s;
	ss->hook.busy = true;
}

/* ---- what it waits for ---- */

static void
rewatch(struct stream *s)
{
	unsigned int want = 0;

	switch ((enum state)s->state) {
	case S_CONNECTING:
		want = LOOP_WRITE;
		break;
	case S_SETUP:
		want = s->blocked ? LOOP_WRITE : LOOP_READ;
		break;
	case S_OPEN:
		if (!s->eof && !s->severed &&
		    !(s->recvq_waits && s->in_n >= s->recvq))
			want |= LOOP_READ;
		if (s->blocked)
			want |= LOOP_WRITE;
		break;
	case S_FLUSHING:
		want = s->blocked ? LOOP_WRITE : 0;
		break;
	case S_DRAINING:
		want = LOOP_READ;
		break;
	case S_GONE:
		return;
	}
	loop_want(s->set->loop, &s->watch, s->failed ? 0 : want);
}

static void
touch(struct stream *s)
{
	if (s->on_touched)
		return;
	s->on_touched = true;
	s->touched = s->set->touched;
	s->set->touched = s;
	s->set->hook.busy = true;
}

static void
pull(struct stream *s)
{
	if (s->on_pulled)
		return;
	s->on_pulled = true;
	s->pulled = s->set->pulled;
	s->set->pulled = s;
	s->set->hook.busy = true;
}

/* ---- reading ---- */

static void
announce(struct stream *s)
{
	if (s->announced || !is_open(s))
		return;
	s->announced = true;
	if (s->ops->open != NULL)
		s->ops->open(s->ctx);
}

/* Stores the n bytes at p, in scratch or in s->in, as what lies unread. */
static void
keep_unread(struct stream *s, const char *p, size_t n)
{
	char *old = s->in;

	if (n == 0) {
		s->in = NULL;
	} else if (old != NULL && p >= old && p < old + s->in_n) {
		if (n == s->in_n)
			return;
		memmove(old, p, n);
		s->in = mem_realloc(old, n);
		old = NULL;
	} else {
		s->in = mem_realloc(old, n);
		memcpy(s->in, p, n);
		old = NULL;
	}
	free(old);
	s->in_n = (uint32_t)n;
}

/* Offers n bytes, all there are, to the owner. */
static void
hand_over(struct stream *s, const char *p, size_t n)
{
	size_t took = 0;

	if (n > 0)
		took = s->ops->consume(s->ctx, span_make(p, n), s->eof);
	if (s->ops == NULL || s->state != S_OPEN)
		return; /* closed by its owner; freed at the end of the turn */
	keep_unread(s, p + took, took < n ? n - took : 0);
	if (s->in_n > s->recvq && !s->recvq_waits)
		fail(s, STREAM_RECVQ, "too much unread");
	else if (s->eof && s->in_n == 0)
		fail(s, STREAM_EOF, "end of file");
}

/*
 * Reads once and hands over. False when there is nothing to be had now, or
 * ever.
 */
static bool
read_once(struct stream *s)
{
	struct streams *ss = s->set;
	size_t room = s->recvq - s->in_n;
	ssize_t n;

	if (s->in_n > s->recvq)
		room = 0;
	if (!s->recvq_waits)
		room++;
	if (room > READ_MAX)
		room = READ_MAX;
	if (room == 0 || s->eof)
		return false;
	n = s->io->read(s->layer, s->watch.fd, ss->scratch + s->in_n, room,
	    &s->more, &ss->fault);
	if (n == IO_FAILED) {
		fail(s, ss->fault.end, ss->fault.why);
		return false;
	}
	if (n == IO_WAIT_WRITE)
		s->blocked = true;
	if (n < 0)
		return false;
	if (s->in_n > 0)
		memcpy(ss->scratch, s->in, s->in_n);
	s->eof = n == IO_EOF;
	hand_over(s, ss->scratch, s->in_n + (size_t)n);
	if (s->more)
		pull(s);
	return n > 0;
}

/*
 * Broken in both directions. What arrived before that is handed over; what
 * the owner does not take now is lost, for it could never answer.
 */
static void
hangup(struct stream *s)
{
	int err = 0;
	socklen_t len = sizeof(err);

	while (is_open(s) && read_once(s))
		;
	if (!is_open(s))
		return;
	getsockopt(s->watch.fd, SOL_SOCKET, SO_ERROR, &err, &len);
	fault_set_errno(&s->set->fault, STREAM_BROKEN,
	    err != 0 ? err : ECONNRESET);
	fail(s, s->set->fault.end, s->set->fault.why);
}

/* ---- writing ---- */

/* Writes what the socket takes, at most WRITE_MAX; calls nobody. */
static void
write_queue(struct stream *s)
{
	struct streams *ss = s->set;
	size_t budget = WRITE_MAX, room = s->io->burst;
	struct span front;
	ssize_t n;

	if (room > GATHER_MAX)
		room = GATHER_MAX;

	while (s->out.n > 0 && !s->blocked) {
		if (budget == 0) {
			touch(s);
			break;
		}
		front = queue_front(&s->out, ss->gather, room);
		n = s->io->write(s->layer, s->watch.fd, front.p, front.n,
		    &ss->fault);
		if (n == IO_FAILED) {
			sever(s, &ss->fault);
			return;
		}
		if (n == IO_WAIT_WRITE)
			s->blocked = true;
		if (n <= 0)
			break;
		queue_drop(&s->out, (size_t)n);
		ss->queued -= (size_t)n;
		s->taken += (size_t)n;
		budget -= (size_t)n < budget ? (size_t)n : budget;
		if ((size_t)n < front.n)
			s->blocked = true;
	}
	if (s->blocked)
		rewatch(s);
}

/* ---- closing ---- */

static void
start_draining(struct stream *s)
{
	s->io->finish(s->layer, s->watch.fd);
	if (s->eof) {
		vanish(s);
		return;
	}
	s->state = S_DRAINING;
	s->failed = false;
	time_out(s, STREAM_DRAIN_MS);
	rewatch(s);
}

static void
start_flushing(struct stream *s)
{
	s->state = S_FLUSHING;
	s->failed = false;
	s->ops = NULL;
	time_out(s, STREAM_FLUSH_MS);
	rewatch(s);
	touch(s);
}

static void
drain(struct stream *s)
{
	ssize_t n =
	    recv(s->watch.fd, s->set->scratch, SCRATCH_LEN, MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		vanish(s);
}

/* Tells the owner of the failure, and closes as is fit for it. */
static void
bury(struct stream *s)
{
	const struct stream_ops *ops = s->ops;
	enum stream_end end = s->ends->fault.end;

	s->ops = NULL;
	if (ops != NULL)
		ops->closed(s->ctx, end, span_of(s->ends->fault.why));
	if (end == STREAM_EOF || end == STREAM_PLAINTEXT)
		start_flushing(s);
	else if (end == STREAM_TLS)
		start_draining(s); /* the alert should arrive */
	else
		vanish(s);
}

/* ---- setting up ---- */

static void
set_open(struct stream *s)
{
	s->state = S_OPEN;
	s->blocked = false;
	ends_free(s);
	rewatch(s);
	if (s->out.n > 0)
		touch(s);
}

/* No TLS: the owner may say so, in plaintext. */
static void
refuse_plaintext(struct stream *s, struct span first)
{
	s->io->free(s->layer);
	s->io = &transport_tcp;
	s->layer = NULL;
	drop_queue(s); /* it was not meant for all to read */
	s->state = S_OPEN;
	s->announced = true;
	if (s->ops->plaintext != NULL)
		s->ops->plaintext(s->ctx, first);
	fail(s, STREAM_PLAINTEXT, "plaintext on a TLS port");
}

/*
 * Looks at the first byte of an accepted connection: all TLS begins with a
 * handshake record (RFC 8446, section 5.1). False when there is none yet, or
 * it is no TLS.
 */
static bool
sniff(struct stream *s)
{
	char first[FIRST_MAX];
	ssize_t n =
	    recv(s->watch.fd, first, sizeof(first), MSG_PEEK | MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n < 0) {
		fault_set_errno(&s->set->fault, STREAM_BROKEN, errno);
		fail(s, s->set->fault.end, s->set->fault.why);
	} else if (n == 0) {
		s->eof = true;
		fail(s, STREAM_EOF, "end of file");
	} else if (first[0] != 0x16) {
		refuse_plaintext(s, span_make(first, (size_t)n));
	} else {
		s->sniffed = true;
	}
	return s->sniffed;
}

static void
setup(struct stream *s)
{
	struct streams *ss = s->set;
	int ret = IO_DONE;

	if (s->io->setup != NULL) {
		if (ss->setups++ >= SETUPS_MAX)
			return; /* the loop reports it again */
		if (!s->sniffed && !sniff(s))
			return;
		ret = s->io->setup(s->layer, s->watch.fd, &ss->fault);
	}
	if (ret == IO_FAILED) {
		fail(s, ss->fault.end, ss->fault.why);
		return;
	}
	s->blocked = ret == IO_WAIT_WRITE;
	if (ret != IO_DONE) {
		rewatch(s);
		return;
	}
	set_open(s);
	announce(s);
	if (s->io->setup != NULL && is_open(s)) {
		s->more = true; /* it may have come with the handshake */
		pull(s);
	}
}

static void
connected(struct stream *s)
{
	int err = 0;
	socklen_t len = sizeof(err);

	if (getsockopt(s->watch.fd, SOL_SOCKET, SO_ERROR, &err, &len) != 0)
		err = errno;
	if (err != 0) {
		fault_set_errno(&s->set->fault, STREAM_REFUSED, err);
		fail(s, s->set->fault.end, s->set->fault.why);
		return;
	}
	s->state = S_SETUP;
	s->blocked = true; /* whoever dials speaks first */
	rewatch(s);
	setup(s);
}

/* ---- what the loop calls ---- */

static void
stream_ready(struct watch *w, unsigned int events)
{
	struct stream *s = OF_MEMBER(w, struct stream, watch);

	if (s->failed)
		return;
	switch ((enum state)s->state) {
	case S_CONNECTING:
		connected(s);
		break;
	case S_SETUP:
		setup(s);
		break;
	case S_OPEN:
		announce(s);
		if (!is_open(s))
			break;
		if (events & LOOP_WRITE) {
			s->blocked = false;
			touch(s);
		}
		if (events & LOOP_HANGUP)
			hangup(s);
		else if ((events & LOOP_READ) || s->layer != NULL)
			read_once(s);
		rewatch(s);
		break;
	case S_FLUSHING:
		if (events & LOOP_HANGUP) {
			vanish(s);
		} else {
			s->blocked = false;
			rewatch(s);
			touch(s);
		}
		break;
	case S_DRAINING:
		drain(s);
		break;
	case S_GONE:
		break;
	}
}

static void
stream_late(struct timer *t)
{
	struct stream *s = OF_MEMBER(t, struct ends, timer)->stream;

	if (s->state == S_CONNECTING)
		fail(s, STREAM_TIMEOUT, "no connection in time");
	else if (s->state == S_SETUP)
		fail(s, STREAM_TIMEOUT, "no handshake in time");
	else
		vanish(s);
}

static void
work_pulled(struct stream *s)
{
	bool offer = s->offer;

	announce(s);
	if (!is_open(s))
		return;
	s->offer = false;
	if (offer && s->in_n > 0)
		hand_over(s, s->in, s->in_n);
	if (s->more && is_open(s))
		read_once(s);
	if (s->state != S_GONE)
		rewatch(s);
}

static void
work_touched(struct stream *s)
{
	size_t taken;

	if ((s->state == S_OPEN || s->state == S_FLUSHING) && !s->failed)
		write_queue(s);
	taken = s->taken;
	s->taken = 0;
	if (taken > 0 && is_open(s) && s->ops->taken != NULL)
		s->ops->taken(s->ctx, taken);
	if (s->severed && is_open(s)) {
		hangup(s);
		return; /* failed, and so touched again */
	}
	if (s->state == S_GONE)
		return; /* closed by its owner in the same turn */
	if (s->failed)
		bury(s);
	else if (s->state == S_FLUSHING && s->severed)
		vanish(s);
	else if (s->state == S_FLUSHING && s->out.n == 0)
		start_draining(s);
}

static void
free_dead(struct streams *ss)
{
	struct stream *s, *next, *later = NULL;

	for (s = ss->dead; s != NULL; s = next) {
		next = s->next;
		if (s->on_touched || s->on_pulled) {
			s->next = later;
			later = s;
			continue;
		}
		free(s->in);
		free(s->ends);
		pool_give(&ss->pool, s);
	}
	ss->dead = later;
}

static void
streams_turn(struct hook *h)
{
	struct streams *ss = OF_MEMBER(h, struct streams, hook);
	struct stream *s, *next;

	ss->setups = 0;
	s = ss->pulled;
	ss->pulled = NULL;
	for (; s != NULL; s = next) {
		next = s->pulled;
		s->on_pulled = false;
		work_pulled(s);
	}
	s = ss->touched;
	ss->touched = NULL;
	for (; s != NULL; s = next) {
		next = s->touched;
		s->on_touched = false;
		work_touched(s);
	}
	free_dead(ss);
	ss->hook.busy = ss->pulled != NULL || ss->touched != NULL;
}

/* ---- the interface ---- */

struct streams *
streams_new(struct loop *l, size_t total)
{
	struct streams *ss = mem_zalloc(sizeof(*ss));

	ss->loop = l;
	ss->total = total == 0 ? SIZE_MAX : total;
	ss->scratch = mem_alloc(SCRATCH_LEN);
	ss->gather = mem_alloc(GATHER_MAX);
	ss->hook.turn = streams_turn;
	pool_init(&ss->pool, sizeof(struct stream), "stream");
	loop_hook_add(l, &ss->hook);
	return ss;
}

void
streams_free(struct streams *ss)
{
	while (ss->all != NULL)
		vanish(ss->all);
	for (struct stream *s = ss->dead; s != NULL; s = s->next)
		s->on_touched = s->on_pulled = false;
	free_dead(ss);
	loop_hook_del(ss->loop, &ss->hook);
	pool_fini(&ss->pool);
	free(ss->scratch);
	free(ss->gather);
	free(ss);
}

size_t
streams_count(const struct streams *ss)
{
	return ss->count;
}

size_t
streams_queued(const struct streams *ss)
{
	return ss->queued;
}

static struct stream *
stream_new(struct streams *ss, const struct stream_conf *conf)
{
	struct stream *s = pool_take(&ss->pool);

	s->set = ss;
	s->watch.fd = -1;
	s->watch.ready = stream_ready;
	s->io = &transport_tcp;
	stream_set_owner(s, conf->ops, conf->ctx);
	stream_set_limits(s, &conf->limits);
	s->next = ss->all;
	if (s->next != NULL)
		s->next->prev = s;
	ss->all = s;
	return s;
}

/* Watches fd in the stream's state, under TLS if asked for. */
static bool
carry(struct stream *s, int fd, const struct stream_conf *conf,
    const char *name)
{
	unsigned int want = s->state == S_CONNECTING ? LOOP_WRITE : LOOP_READ;

	if (conf->tls != NULL) {
		s->layer = tls_layer_new(conf->tls, fd, name);
		if (s->layer == NULL) {
			errno = ENOMEM;
			return false;
		}
		s->io = &transport_tls;
	}
	if (!loop_watch(s->set->loop, &s->watch, fd, want))
		return false;
	s->set->count++;
	if (s->state != S_OPEN)
		time_out(s, conf->setup_ms);
	return true;
}

struct stream *
stream_accept(struct streams *ss, int fd, const struct stream_conf *conf)
{
	struct stream *s = stream_new(ss, conf);
	int err;

	s->state = conf->tls != NULL ? S_SETUP : S_OPEN;
	if (!carry(s, fd, conf, NULL)) {
		err = errno;
		vanish(s);
		close(fd);
		errno = err;
		return NULL;
	}
	if (s->state == S_OPEN)
		pull(s); /* open() */
	return s;
}

struct stream *
stream_connect(struct streams *ss, int fd, int err, const char *name,
    const struct stream_conf *conf)
{
	struct stream *s = stream_new(ss, conf);

	s->state = S_CONNECTING;
	s->sniffed = true; /* the other side speaks second */
	if (err == 0 && !carry(s, fd, conf, name))
		err = errno;
	if (err != 0) {
		if (fd >= 0 && s->watch.fd < 0)
			close(fd);
		fault_set_errno(&ss->fault, STREAM_REFUSED, err);
		fail(s, ss->fault.end, ss->fault.why);
	}
	return s;
}

void
stream_set_limits(struct stream *s, const struct stream_limits *limits)
{
	s->sendq =
	    limits->sendq < UINT32_MAX ? (uint32_t)limits->sendq : UINT32_MAX;
	s->recvq = limits->recvq < STREAM_RECVQ_MAX ? (uint32_t)limits->recvq
						    : STREAM_RECVQ_MAX;
	s->recvq_waits = limits->recvq_waits;
	rewatch(s);
}

void
stream_set_owner(struct stream *s, const struct stream_ops *ops, void *ctx)
{
	s->ops = ops;
	s->ctx = ctx;
}

static bool
is_over(const struct stream *s)
{
	return s->out.bytes > s->sendq ||
	       (s->set->queued > s->set->total &&
		   s->out.bytes > s->sendq / FAIR_SHARE);
}

void
stream_send(struct stream *s, struct rcbuf *b)
{
	if (s->failed || s->severed || s->state >= S_FLUSHING)
		return;
	queue_add(&s->out, b);
	s->set->queued += b->n;
	/* Much in one turn is no fault of the reader: let it take some. */
	if (is_over(s) && s->state == S_OPEN)
		write_queue(s);
	if (is_over(s))
		fail(s, STREAM_SENDQ, "reads too slowly");
	else if (!s->blocked)
		touch(s);
}

void
stream_send_bytes(struct stream *s, struct span bytes)
{
	struct rcbuf *b = rcbuf_new(bytes);

	stream_send(s, b);
	rcbuf_unref(b);
}

void
stream_pull(struct stream *s)
{
	if (s->ops == NULL)
		return;
	s->offer = true;
	pull(s);
}

void
stream_close(struct stream *s, bool flush)
{
	if (s->ops == NULL)
		return;
	s->ops = NULL;
	if (flush && s->state == S_OPEN && !s->severed && !s->failed)
		start_flushing(s);
	else
		vanish(s);
}

size_t
stream_queued(const struct stream *s)
{
	return s->out.bytes;
}

size_t
stream_unread(const struct stream *s)
{
	return s->in_n;
}

bool
stream_tls(const struct stream *s, struct tls_info *info)
{
	if (s->layer == NULL)
		return false;
	tls_layer_info(s->layer, info);
	return true;
}
