/*
 * A stream: one connection of bytes over TCP, TLS, WebSocket or a UNIX socket,
 * accepted or dialled. Its owner sees no difference between them.
 *
 *	connecting --> handshake --> open --> (flushing --> draining) --> gone
 *	(dial only)   (TLS, WebSocket)|                                     ^
 *	     |             |          |  error, end of file, limit          |
 *	     +-------------+----------+---- closed() -----------------------+
 *
 * The owner gives each stream a struct of callbacks. They are called from the
 * loop only, never from inside a function of this header, so a stream that
 * fails while its owner sends to it stays valid until closed() is called. After
 * closed(), or after the owner calls stream_close, the owner does not touch the
 * stream any more, and the stream calls no callback any more.
 *
 * Sending ends with a completion: stream_send queues a reference, and taken()
 * says later how many bytes went out. At the end of a turn each stream that was
 * sent to is written once, or a few turns later if the loop has more to do
 * (streams.c). Lines that are sent in consume() are answers and do not wait.
 *
 * Receiving is by pulling: consume() takes as much as the owner wants, and the
 * rest stays in the stream, unread, until the owner takes more (stream_pull
 * asks for that). A stream with nothing pending holds no buffer.
 *
 * To add a layer (PROXY, memory), write a struct transport_ops in a
 * file of its own; see net/transport.h.
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

/* bytes; a greater recvq is cut to this */
#define STREAM_RECVQ_MAX (256 * 1024)
/* to write the queue of a closing stream */
#define STREAM_FLUSH_MS 10000
#define STREAM_DRAIN_MS 1000		 /* for the peer to close, after that */
#define STREAM_DISCARD_MAX (1024 * 1024) /* bytes it may send meanwhile */
#define STREAM_LINGER_MAX 256 /* closing streams that wait for their peers */

struct stream_limits {
	size_t sendq; /* bytes that may wait to be written */
	size_t recvq; /* bytes that may lie unread */
	/*
	 * The behaviour at recvq. If false, the stream is closed as soon as
	 * more bytes lie unread (STREAM_RECVQ). If true, the stream stops
	 * reading until the owner takes some bytes, and the peer has to wait.
	 */
	bool recvq_waits;
};

enum stream_end {
	STREAM_EOF,	  /* the peer sends no more, and all was offered */
	STREAM_BROKEN,	  /* reset, timed out, unreachable */
	STREAM_SENDQ,	  /* the peer reads too slowly */
	STREAM_RECVQ,	  /* the peer sends more than the owner takes */
	STREAM_REFUSED,	  /* the connection could not be made */
	STREAM_TIMEOUT,	  /* connecting or the handshake took too long */
	STREAM_TLS,	  /* an error of TLS, or an alert of the peer */
	STREAM_PLAINTEXT, /* no TLS on a TLS stream; see plaintext() */
	STREAM_SILENT,	  /* the peer went before the first byte of TLS, or
			     of the request of WebSocket */
	STREAM_WEBSOCKET, /* a wrong request, message or frame of WebSocket */
	STREAM_END_COUNT
};

/* All members but consume and closed may be NULL. */
struct stream_ops {
	/*
	 * The connection is made and the handshake done. Called once. No byte
	 * is offered before it.
	 */
	void (*open)(void *ctx);

	/*
	 * Take bytes from the front of all that lie unread, and return how
	 * many. The rest is offered again, with what follows it, when more
	 * bytes arrive or after stream_pull. eof means that no more will come:
	 * take the unfinished rest and discard it, because the stream is closed
	 * when nothing lies unread any more. The callback may also take
	 * nothing, to look at the first bytes of a connection.
	 */
	size_t (*consume)(void *ctx, struct span unread, bool eof);

	/* The system took n more bytes of the queue. */
	void (*taken)(void *ctx, size_t n);

	/*
	 * The stream should begin with a TLS handshake, but first holds
	 * something else. Until this callback returns, the owner may send a
	 * reply in plaintext. closed() with STREAM_PLAINTEXT follows, and the
	 * reply is flushed.
	 */
	void (*plaintext)(void *ctx, struct span first);

	/*
	 * More lies unread than recvq, and the stream does not wait. The owner
	 * may send its last words and close the stream with flush. Return true
	 * to keep the stream: it stops reading until the owner takes some
	 * bytes. If false, closed() with STREAM_RECVQ follows unless the owner
	 * has closed the stream.
	 */
	bool (*overfull)(void *ctx);

	/*
	 * The stream ended. Not called after stream_close. why is text for
	 * people, without a full stop; it is valid until the callback returns.
	 * Queued bytes are still flushed after STREAM_EOF and STREAM_PLAINTEXT;
	 * otherwise they are dropped.
	 */
	void (*closed)(void *ctx, enum stream_end end, struct span why);
};

/*
 * Make a set of streams. total bounds the bytes that wait in all queues
 * together; 0 means no bound. Above that bound, a stream is closed when it is
 * sent to while more than sendq / 16 of its own bytes wait. The caller frees
 * the set with streams_free.
 */
struct streams *streams_new(struct loop *l, size_t total);

/* Set the bound anew. Bytes that wait already count when the next byte comes.
 */
void streams_set_total(struct streams *ss, size_t total);

/*
 * Let streams without TLS that have something to send in the same turn send it
 * with one system call (net/sends.h), if there are at least `few` of them.
 * Return false if the system has no means for it: each stream then writes by
 * itself, as it does without this call. Call it at most once.
 */
bool streams_join_sends(struct streams *ss, unsigned int few);

/* Close all streams at once and free the set. No callback is called. */
void streams_free(struct streams *ss);

/* Return how many streams still hold a descriptor, closing streams included. */
size_t streams_count(const struct streams *ss);

/* Set how many bytes all streams have read and written so far. */
void streams_bytes(const struct streams *ss, uint64_t *in, uint64_t *out);

/*
 * Return the bytes that wait in all queues. Tests use it to find bytes that are
 * counted wrongly.
 */
size_t streams_queued(const struct streams *ss);

/* IRC over WebSocket, for accepted streams; see net/ws.h. */
struct ws_conf {
	/* the origins of the pages that may connect, with one space between
	 * them; empty, or with a "*": any (wire/upgrade.h) */
	struct span origins;
};

/*
 * The settings of a new stream. The struct is copied; ops and tls point to
 * memory of the caller. The struct behind web is copied, too.
 */
struct stream_conf {
	const struct stream_ops *ops; /* static */
	void *ctx;		      /* passed to each callback */
	struct stream_limits limits;
	/*
	 * NULL for plaintext. The caller may free the context while streams
	 * that were made with it live.
	 */
	const struct tls_ctx *tls;
	const struct ws_conf *web; /* NULL: no WebSocket */
	unsigned int setup_ms; /* for connecting and all handshakes together */
};

/*
 * Make a stream of an accepted socket. The stream owns fd from now on. Return
 * NULL if the system refuses; errno says why, and fd is closed. To dial, see
 * net/dial.h.
 */
struct stream *stream_accept(struct streams *ss, int fd,
    const struct stream_conf *conf);

/*
 * Make the stream of dial_tcp, never NULL. fd is connecting, or could not
 * connect for the reason err. The stream owns fd.
 */
struct stream *stream_connect(struct streams *ss, int fd, int err,
    const char *name, const struct stream_conf *conf);

/*
 * The rest of a stream that its owner has given away. A later program of this
 * process can take it over, if it is told of it.
 */
struct stream_rest {
	int fd;
	struct stream_limits limits;
	struct rcbuf *unread; /* received and not consumed; NULL: nothing */
	struct rcbuf *queued; /* not taken by the system yet; NULL: nothing */
};

/*
 * Take the stream apart in place of closing it. Everything in rest is the
 * caller's: the descriptor, which stays open, and the buffers. The owner gets
 * no more callbacks. Return false, and change nothing, if the stream has TLS,
 * whose state has no form outside of its library, or WebSocket, or if it has
 * failed, or has not called open() yet.
 */
bool stream_release(struct stream *s, struct stream_rest *rest);

/*
 * Make a stream of the rest of another one, which was open: open() is not
 * called. Unread bytes are offered in the next turn. The stream owns the
 * descriptor from now on; the buffers stay the caller's. The limits are those
 * of the rest. Return NULL if the system refuses; errno says why, and the
 * descriptor is closed.
 */
struct stream *stream_adopt(struct streams *ss, const struct stream_rest *rest,
    const struct stream_conf *conf);

/*
 * Set new limits. Bytes that already exceed them count when the next byte
 * comes.
 */
void stream_set_limits(struct stream *s, const struct stream_limits *limits);

/*
 * Read no more: bytes of the peer stay in the socket. There is no way back but
 * stream_release. A failure of the connection is still told.
 */
void stream_hold(struct stream *s);

/*
 * Give the stream another owner: for example a session in place of a
 * registration.
 */
void stream_set_owner(struct stream *s, const struct stream_ops *ops,
    void *ctx);

/*
 * Queue b and take a reference of its own. If the queue would exceed sendq, it
 * is dropped and closed() follows. A stream that has failed ignores b. Before
 * open() the queue waits.
 */
void stream_send(struct stream *s, struct rcbuf *b);

/* Queue a copy of bytes that no other stream gets. */
void stream_send_bytes(struct stream *s, struct span bytes);

/* Offer the unread bytes again, in this turn or the next. */
void stream_pull(struct stream *s);

/*
 * End the stream. The owner gets no more callbacks. If flush is true, the queue
 * is written as long as the peer reads (STREAM_FLUSH_MS), and then the peer
 * gets time to read it (STREAM_DRAIN_MS). Otherwise all is dropped at once.
 */
void stream_close(struct stream *s, bool flush);

/* Let the peer know, as far as its protocol has a word for it (WebSocket:
 * 1001), that the connection ends because this program goes away, or what it
 * stands for. The caller closes the stream after that. */
void stream_goes(struct stream *s);

/* Return true if the stream has failed and its owner has not been told yet. */
bool stream_fails(const struct stream *s);

/* Return the bytes that are queued and not yet taken by the system. */
size_t stream_queued(const struct stream *s);

/* Return the bytes that are received and not yet consumed. */
size_t stream_unread(const struct stream *s);

/* Return the bytes of memory of the stream itself, without those of the two
 * above: streams share the buffers of their queues. */
size_t stream_bytes(const struct stream *s);

/*
 * Write what TLS says of the peer into info. Call this after open(). Return
 * false if the stream has no TLS.
 */
bool stream_tls(const struct stream *s, struct tls_info *info);

#endif
