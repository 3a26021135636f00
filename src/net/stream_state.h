/*
 * stream_state.h - the inside of a stream; only the files of the stream include
 * it.
 *
 *	stream.c	functions for the owner and for the loop
 *	stream_setup.c	from a socket to an open stream
 *	stream_in.c	reading
 *	stream_out.c	sending
 *	stream_end.c	failing and closing
 *	stream_linger.c	what a closing stream still reads, and how many close
 *	stream_watch.c	what a stream waits for
 *	streams.c	all streams of a loop, and the end of its turn
 *
 * No callback is called and no stream is freed inside a call of the owner. Such
 * a call changes the queue, marks a failure, and puts the stream on a list. The
 * end of the turn works through the lists:
 *
 *	pulled   offer the unread bytes again, read what TLS still holds
 *	touched  write the queue once, report failures, go on with closing; a
 *		 write may wait for a few turns (streams.c, top)
 *	dead     free
 *
 * If the callbacks of one list put streams on the lists, these wait for the
 * next turn, which then does not wait for descriptors. So two streams that feed
 * each other cannot keep the loop from all other streams.
 *
 * Invariants
 *	S1  an owner (ops != NULL) is called only while the stream has not
 *	    failed; a failed stream is touched, and closed() is the last call
 *	    to its owner
 *	S2  in == NULL if nothing lies unread; the queue has no ring if
 *	    nothing waits
 *	S3  at most recvq + 1 bytes lie unread
 *	S4  if a watched descriptor is always ready (end of file, too much
 *	    unread, a hang-up), it is unwatched for that event, or the event
 *	    ends the stream
 */
#ifndef NET_STREAM_STATE_H
#define NET_STREAM_STATE_H

#include <bsd/sys/queue.h>

#include "base/pool.h"
#include "net/queue.h"
#include "net/sends.h"
#include "net/stream.h"
#include "net/transport.h"
#include "net/ws.h"

#define READ_MAX (64 * 1024) /* bytes of one read */

enum state { S_CONNECTING, S_SETUP, S_OPEN, S_FLUSHING, S_DRAINING, S_GONE };

/* Needed only while a stream begins or ends. */
struct ends {
	struct stream *stream;
	struct timer timer; /* of setup, then of closing */
	struct mono until;  /* when the timer is due, on the awake clock */
	bool failed;	    /* fault holds the first fault */
	bool lingers;	    /* on that list */
	size_t discarded;   /* bytes of the peer, while closing */
	TAILQ_ENTRY(ends) lingering;
	struct fault fault;
};

/*
 * Most of the many streams are idle, so the struct is kept small: three cache
 * lines. The members that sending looks at come first and fill two of them.
 */
struct stream {
	unsigned char state; /* enum state */
	bool failed;	     /* closed() is due */
	bool severed;	     /* writing failed: offer what came in, then fail */
	bool blocked;	     /* wait until writable before writing */
	bool on_touched, on_pulled;
	bool announced : 1; /* open() was called */
	bool sniffed : 1;   /* the first bytes look like TLS */
	bool offer;	    /* stream_pull was called */
	bool more;	    /* the layer holds bytes to read */
	bool eof;	    /* the peer sends no more */
	bool recvq_waits : 1;
	bool held : 1;	       /* stream_hold was called */
	bool prompt : 1;       /* an answer is queued, and does not wait */
	unsigned char since;   /* the turn in which it was touched */
	uint32_t sendq, recvq; /* its limits */
	uint32_t in_n;
	struct streams *set;
	struct queue out;
	STAILQ_ENTRY(stream) touched;
	const struct stream_ops *ops; /* NULL: the owner gave up the stream */
	void *ctx;
	size_t taken; /* written, not yet reported to the owner */
	struct watch watch;
	const struct transport_ops *io;
	void *layer;
	char *in;		    /* in_n bytes, unread */
	struct stream *pulled;	    /* next on that list */
	struct stream *next, *prev; /* all, or dead */
	struct ends *ends;	    /* NULL while the stream is open */
};

STAILQ_HEAD(touched, stream); /* first those that were touched first */

struct streams {
	struct loop *loop;
	struct hook hook;
	struct pool pool;
	struct stream *all, *dead;
	struct touched touched;
	struct stream *pulled;
	TAILQ_HEAD(, ends) lingering; /* closing, waiting for the peer */
	size_t nlingering;
	size_t count;
	uint64_t bytes_in, bytes_out; /* read and written since the start */
	size_t queued;
	size_t total;	     /* bound of queued; SIZE_MAX: no bound */
	size_t ntouched;     /* on that list */
	unsigned char turn;  /* its number, modulo 256 */
	int setups;	     /* handshake steps in this turn */
	char *scratch;	     /* for reading */
	char *gather;	     /* for writing */
	struct ws *ws;	     /* NULL: no stream has needed it yet */
	struct sends *sends; /* NULL: each stream sends by itself */
	size_t gathered;     /* bytes of gather that sends use */
	unsigned int few;    /* streams; fewer send by themselves */
	struct fault fault;  /* of the call under way */
};

#define SCRATCH_LEN (STREAM_RECVQ_MAX + READ_MAX)

#define OF_MEMBER(p, type, member) \
	((type *)(void *)((char *)(p)-offsetof(type, member)))

/* Return true if the stream is open, has not failed, and has an owner. */
static inline bool
stream_is_open(const struct stream *s)
{
	return s->state == S_OPEN && !s->failed && s->ops != NULL;
}

/* Put the stream on the list of the end of the turn; see above. */
static inline void
stream_touch(struct stream *s)
{
	if (s->on_touched)
		return;
	s->on_touched = true;
	s->since = s->set->turn;
	STAILQ_INSERT_TAIL(&s->set->touched, s, touched);
	s->set->ntouched++;
	s->set->hook.busy = true;
}

static inline void
stream_pull_later(struct stream *s)
{
	if (s->on_pulled)
		return;
	s->on_pulled = true;
	s->pulled = s->set->pulled;
	s->set->pulled = s;
	s->set->hook.busy = true;
}

/* Return true if the layer has bytes to write, apart from the queue. */
static inline bool
stream_layer_pending(const struct stream *s)
{
	return s->io->pending != NULL && s->io->pending(s->layer);
}

static inline void
stream_drop_queue(struct stream *s)
{
	s->set->queued -= s->out.bytes;
	queue_clear(&s->out);
}

/* ---- stream_watch.c ---- */

/* Watch for the events that the stream's state needs. */
void stream_rewatch(struct stream *);

/* ---- stream_setup.c ---- */

/*
 * Do one step of the handshake. Open the stream if it needs no handshake, or if
 * this was the last step.
 */
void stream_setup(struct stream *);
/*
 * Go on with a dialled stream whose socket is writable, or whose address could
 * not be reached.
 */
void stream_connected(struct stream *);

/* ---- stream_in.c ---- */

/* Call open() once. */
void stream_announce(struct stream *);
/* Offer the owner n bytes at p: all that lie unread. */
void stream_hand_over(struct stream *, const char *p, size_t n);
/*
 * Read once and offer the bytes to the owner. Return false if there is nothing
 * to read now, or ever.
 */
bool stream_read_once(struct stream *);
/* Return how many bytes may lie unread before the stream stops reading: none if
 * it is held. */
size_t stream_in_max(const struct stream *);
/* End a stream that is broken in both directions. */
void stream_hangup(struct stream *);

/* ---- stream_out.c ---- */

/* Write as much as the socket takes. No callback is called. */
void stream_write_queue(struct stream *);
/* Begin to write the queues of the streams on the list, with few system calls.
 * No callback is called. Call this only if there are sends. */
void streams_write_together(struct streams *, const struct touched *);

/* ---- stream_linger.c ---- */

/* Count a closing stream among those that wait for their peers, if it is not
 * yet. If there are too many, the one that has waited longest vanishes. */
void stream_linger(struct stream *);
/* Count the stream no more. */
void stream_linger_end(struct stream *);
/* Read once, and discard what a closing peer still sends. */
void stream_discard(struct stream *);

/* ---- stream_end.c ---- */

/* Mark the failure; the owner is told at the end of the turn. */
void stream_fail(struct stream *, enum stream_end, const char *why);
/*
 * Mark that writing failed: what came in is offered first, then the stream
 * fails.
 */
void stream_sever(struct stream *, const struct fault *);
/* Tell the owner of the failure, then close in the way that fits it. */
void stream_bury(struct stream *);
/* Close the descriptor at once. The memory is freed at the end of the turn. */
void stream_vanish(struct stream *);
/*
 * Take the stream from its owner: first the queue is written, then the peer
 * gets time to read it.
 */
void stream_start_flushing(struct stream *);
void stream_start_draining(struct stream *);
/* Call stream_late() in ms, in place of the time that was set before. */
void stream_time_out(struct stream *, unsigned int ms);
/* Free what only the beginning needed; the stream is open. */
void stream_ends_free(struct stream *);

#endif
