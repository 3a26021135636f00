/*
 * Helpers of the tests of net: a loop with streams, owners that note their
 * callbacks, sockets on loopback, and certificates.
 */
#ifndef UNIT_NET_FIXTURE_H
#define UNIT_NET_FIXTURE_H

#include <netinet/in.h>

#include "net/dial.h"
#include "net/listen.h"
#include "net/loop.h"
#include "net/stream.h"
#include "net/tls.h"

#define KIB 1024
#define MIB (1024 * 1024)

extern struct loop *loop;
extern struct streams *streams;

/* A checked fixture that makes and frees the two. */
void net_up(void);
/* The same, but the streams send together whenever that is possible. */
void net_up_together(void);
void net_down(void);

/* An owner of a stream. The first group of members says how it behaves. */
struct owner {
	int lines; /* takes this many more lines; -1: any bytes */
	bool close_in_open, close_in_consume, close_in_plain, flush;
	bool keeps;		/* what overfull returns without last words */
	const char *last_words; /* sent when overfull, which closes it */
	const char *answer;	/* sent in consume and plaintext */

	struct stream *s;
	int opened, consumed, closed, plain, overfull;
	bool eof;
	size_t taken;
	enum stream_end end;
	char why[256];
	char got[4 * KIB]; /* the first bytes it took, with a NUL */
	size_t n;	   /* bytes it took */
	uint64_t sum;	   /* of those bytes, in order: see sum_add */
};

extern const struct stream_ops owner_ops;

uint64_t sum_add(uint64_t sum, const void *p, size_t n);

/* Return a configuration with generous limits. */
struct stream_conf conf_of(struct owner *o, const struct tls_ctx *tls);

/*
 * Make a stream over one end of a socket pair. Return the other end, which is
 * non-blocking.
 */
int pair_up(struct owner *o, int type);

/*
 * Do the same over TCP. If tight is true, the buffers are as small as possible.
 */
int tcp_up(struct owner *o, const struct stream_conf *conf, bool tight);

/*
 * Make a listening TCP socket of the test on 127.0.0.1, and write its address.
 */
int tcp_listen(struct sockaddr_in *addr, int backlog);

/* Run turns until cond is true, or for two seconds. The value is cond. */
#define TURN_UNTIL(cond)                                                 \
	do {                                                             \
		bool came_ = (cond);                                     \
		for (int turns_ = 0; !came_ && turns_ < 200; turns_++) { \
			loop_turn(loop, 10);                             \
			came_ = (cond);                                  \
		}                                                        \
		ck_assert_msg(came_, "%s did not come", #cond);          \
	} while (0)

/* Run n turns without waiting. */
void turns(int n);

void put(int fd, const char *text);

/* Close the socket with a reset. */
void reset(int fd);

/*
 * Return the bytes that fd can read now, at most 4 KiB, as a string, which may
 * be "".
 */
const char *get(int fd);

/* Run turns until fd has the end of file. Return the bytes that came before. */
const char *get_all(int fd);

/* A self-signed certificate and its key, in new files of a temporary folder. */
struct cert {
	char file[64], key[64];
};
void cert_make(struct cert *c, const char *name);
void certs_remove(void);

#endif
