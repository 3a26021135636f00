/*
 * stream_state.h - what a stream is inside; for the files of it alone.
 *
 *	stream.c	made, changed, asked and closed by its owner; what the
 *			loop calls
 *	stream_setup.c	from a socket to an open stream
 *	stream_in.c	reading
 *	stream_out.c	sending
 *	stream_end.c	failing and closing
 *	stream_watch.c	what it waits for
 *	streams.c	all streams of a loop, and the end of its turn
 *
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
 */
#ifndef NET_STREAM_STATE_H
#define NET_STREAM_STATE_H

#include "base/pool.h"
#include "net/queue.h"
#include "net/stream.h"
#include "net/transport.h"

#define READ_MAX (64 * 1024) /* bytes of one read */

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

/* Shaken hands, not failed, and somebody is there to be called. */
static inline bool
stream_is_open(const struct stream *s)
{
	return s->state == S_OPEN && !s->failed && s->ops != NULL;
}

/* To be worked off at the end of the turn: see above. */
static inline void
stream_touch(struct stream *s)
{
	if (s->on_touched)
		return;
	s->on_touched = true;
	s->touched = s->set->touched;
	s->set->touched = s;
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

static inline void
stream_drop_queue(struct stream *s)
{
	s->set->queued -= s->out.bytes;
	queue_clear(&s->out);
}

/* ---- stream_watch.c ---- */

/* Waits for what its state waits for. */
void stream_rewatch(struct stream *);

/* ---- stream_setup.c ---- */

/* A step of the handshake; open when there is none, or it was the last. */
void stream_setup(struct stream *);
/* What was dialled can be written to, or could not be reached. */
void stream_connected(struct stream *);

/* ---- stream_in.c ---- */

/* open(), once. */
void stream_announce(struct stream *);
/* Offers n bytes, all there are unread, to the owner. */
void stream_hand_over(struct stream *, const char *p, size_t n);
/* Reads once and hands over. False: nothing to be had now, or ever. */
bool stream_read_once(struct stream *);
/* Broken in both directions. */
void stream_hangup(struct stream *);

/* ---- stream_out.c ---- */

/* Writes what the socket takes; calls nobody. */
void stream_write_queue(struct stream *);

/* ---- stream_end.c ---- */

/* The owner will be told at the end of the turn. */
void stream_fail(struct stream *, enum stream_end, const char *why);
/* Writing failed: hand over what came in, then fail. */
void stream_sever(struct stream *, const struct fault *);
/* Tells the owner of the failure, and closes as is fit for it. */
void stream_bury(struct stream *);
/* Gone at once; freed at the end of the turn. */
void stream_vanish(struct stream *);
/* No owner any more: the queue is written, then the peer has time to read. */
void stream_start_flushing(struct stream *);
void stream_start_draining(struct stream *);
/* Reads, and throws away, what a closing peer still sends. */
void stream_drain(struct stream *);
/* stream_late() in ms, not at what was set before. */
void stream_time_out(struct stream *, unsigned int ms);
/* Open: nothing of the beginning is needed any more. */
void stream_ends_free(struct stream *);

#endif
