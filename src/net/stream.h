/*
 * A stream: one connection of bytes, over TCP or TLS or a UNIX socket,
 * accepted or dialled. Everything above it looks the same for all of them.
 *
 *	connecting --> handshake --> open --> (flushing --> draining) --> gone
 *	(dial only)    (TLS only)     |                                     ^
 *	     |             |          |  error, end of file, limit          |
 *	     +-------------+----------+---- closed() -----------------------+
 *
 * Its owner gives it a struct of callbacks. They are called from the loop
 * only, never from inside a function of this header; so a stream that fails
 * while its owner sends to it stays valid until closed() is called. After
 * closed(), or after the owner calls stream_close, the stream is not touched
 * any more by the owner, and calls back no more.
 *
 * Sending is shaped by completion: stream_send queues a reference, later
 * taken() says how many bytes went out. At the end of the turn each stream
 * that was sent to is written once. Receiving is by pulling: consume() takes
 * what it wants; the rest stays here, unread, until it takes more
 * (stream_pull asks for that). A stream with nothing pending holds no buffer.
 *
 * To add a layer (PROXY, WebSocket, memory): a struct transport_ops in a
 * file of its own, see net/transport.h.
 */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "base/rcbuf.h"
#include "base/span.h"
#include "net/loop.h"
#include "net/tls.h"

struct stream;

/* All streams of one loop: their memory, their lists, their sums. */
struct streams;

#define STREAM_RECVQ_MAX (256 * 1024) /* bytes; a recvq above is cut to it */
#define STREAM_FLUSH_MS 10000	      /* for the queue of a closing stream */
#define STREAM_DRAIN_MS 1000	      /* for the peer to close, after that */

struct stream_limits {
	size_t sendq; /* bytes that may wait to be written */
	size_t recvq; /* bytes that may lie unread */
	/*
	 * What happens at recvq. False: the stream is closed once more lies
	 * unread (STREAM_RECVQ). True: it stops reading until some is taken,
	 * and the peer feels it.
	 */
	bool recvq_waits;
};

enum stream_end {
	STREAM_EOF,	  /* the peer sends no more, all was handed over */
	STREAM_BROKEN,	  /* reset, timed out, unreachable */
	STREAM_SENDQ,	  /* it reads too slowly */
	STREAM_RECVQ,	  /* it sends more than is taken */
	STREAM_REFUSED,	  /* dialling came to nothing */
	STREAM_TIMEOUT,	  /* dialling or handshake took too long */
	STREAM_TLS,	  /* an error of TLS, in words; also the peer's alert */
	STREAM_PLAINTEXT, /* no TLS on a TLS stream; see plaintext() */
	STREAM_END_COUNT
};

/* All but consume and closed may be NULL. */
struct stream_ops {
	/* Once: connected, shaken hands. Before that nothing is consumed. */
	void (*open)(void *ctx);

	/*
	 * All bytes that lie unread. Returns how many it took from the
	 * front; the rest is offered again, longer, when more arrives, or
	 * after stream_pull. eof: no more will come; an unfinished rest
	 * should be taken (and thrown away), because the stream is closed
	 * when nothing is left. It may look at the first bytes of a
	 * connection and take none.
	 */
	size_t (*consume)(void *ctx, struct span unread, bool eof);

	/* n more bytes of the queue were taken by the system. */
	void (*taken)(void *ctx, size_t n);

	/*
	 * The first bytes of a stream that should begin a TLS handshake, and
	 * do not. Until it returns the stream may be sent to, in plaintext;
	 * closed() with STREAM_PLAINTEXT follows, and what was sent is
	 * flushed.
	 */
	void (*plaintext)(void *ctx, struct span first);

	/*
	 * Not after stream_close. why: words, for people, without a final
	 * stop; valid until it returns. What is queued is still flushed
	 * after STREAM_EOF and STREAM_PLAINTEXT, else dropped.
	 */
	void (*closed)(void *ctx, enum stream_end end, struct span why);
};

/*
 * total: bytes that may wait in all queues together (0: any number); above
 * it a stream with more than its sendq / 16 waiting is closed when sent to.
 */
struct streams *streams_new(struct loop *l, size_t total);

/* Closes all at once, without calling back. */
void streams_free(struct streams *ss);

/* Streams that still hold a descriptor, the closing ones too. */
size_t streams_count(const struct streams *ss);

/* Bytes that wait in all queues. For tests: that none is lost count of. */
size_t streams_queued(const struct streams *ss);

/* What a stream is made with; copied, but for what ops and tls point to. */
struct stream_conf {
	const struct stream_ops *ops; /* static */
	void *ctx;		      /* handed to each callback */
	struct stream_limits limits;
	/*
	 * NULL for plaintext. The context may be freed while streams made
	 * with it live.
	 */
	const struct tls_ctx *tls;
	unsigned int setup_ms; /* for connecting and handshake together */
};

/*
 * A stream of an accepted socket, whose fd it owns from now on (also when it
 * fails). NULL when the system refuses, errno says why; the fd is closed
 * then. A stream to be dialled: net/dial.h.
 */
struct stream *stream_accept(struct streams *ss, int fd,
    const struct stream_conf *conf);

/*
 * The step of dial_tcp that makes the stream: fd is connecting, or could not,
 * for the reason err. Never NULL; the fd is the stream's.
 */
struct stream *stream_connect(struct streams *ss, int fd, int err,
    const char *name, const struct stream_conf *conf);

/* From now on; what is above them already counts with the next byte. */
void stream_set_limits(struct stream *s, const struct stream_limits *limits);

/* Another owner from now on, a session instead of a registration, say. */
void stream_set_owner(struct stream *s, const struct stream_ops *ops,
    void *ctx);

/*
 * Queues b and keeps a reference of its own. Over sendq the queue is dropped
 * and closed() follows; a stream that has failed ignores it. Allowed before
 * open(): it waits.
 */
void stream_send(struct stream *s, struct rcbuf *b);

/* The same for bytes that nobody else gets. */
void stream_send_bytes(struct stream *s, struct span bytes);

/* Offer again what lies unread, in this turn or the next. */
void stream_pull(struct stream *s);

/*
 * Ends it for the owner, who hears nothing more. flush: what is queued is
 * written, as long as the peer reads (STREAM_FLUSH_MS), then the peer is
 * given time to read it (STREAM_DRAIN_MS); else all is dropped at once.
 */
void stream_close(struct stream *s, bool flush);

/* Bytes queued and not yet taken by the system. */
size_t stream_queued(const struct stream *s);

/* Bytes received and not yet consumed. */
size_t stream_unread(const struct stream *s);

/* After open(): what TLS says of the peer. False without TLS. */
bool stream_tls(const struct stream *s, struct tls_info *info);

#endif
