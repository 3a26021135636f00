/*
 * What the tests of net share: a loop with streams, owners that write down
 * what happens to them, sockets on the loopback, and certificates.
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

/* Checked fixture: makes and frees the two. */
void net_up(void);
void net_down(void);

/* An owner of a stream; the fields of the first group say how it behaves. */
struct owner {
	int lines; /* takes so many more lines; -1: any bytes */
	bool close_in_open, close_in_consume, close_in_plain, flush;
	const char *answer; /* sent in consume and plaintext */

	struct stream *s;
	int opened, consumed, closed, plain;
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

/* A configuration with roomy limits. */
struct stream_conf conf_of(struct owner *o, const struct tls_ctx *tls);

/* A stream over one end of a socket pair; the other end, non-blocking. */
int pair_up(struct owner *o, int type);

/* The same over TCP; buffers as small as they get if tight. */
int tcp_up(struct owner *o, const struct stream_conf *conf, bool tight);

/* A listening TCP socket of the test's own on 127.0.0.1, and its address. */
int tcp_listen(struct sockaddr_in *addr, int backlog);

/* Turns until cond or two seconds have passed; whether cond came true. */
#define TURN_UNTIL(cond)                                                 \
	do {                                                             \
		bool came_ = (cond);                                     \
		for (int turns_ = 0; !came_ && turns_ < 200; turns_++) { \
			loop_turn(loop, 10);                             \
			came_ = (cond);                                  \
		}                                                        \
		ck_assert_msg(came_, "%s did not come", #cond);          \
	} while (0)

/* Turns without waiting, so many times. */
void turns(int n);

void put(int fd, const char *text);

/* What fd has to read now, at most 4 KiB, as a string; "" when nothing. */
const char *get(int fd);

/* Turns until fd has sent us the end of file; what it sent before. */
const char *get_all(int fd);

/* A self-signed certificate and its key in new files of a temporary folder. */
struct cert {
	char file[64], key[64];
};
void cert_make(struct cert *c, const char *name);
void certs_remove(void);

#endif
