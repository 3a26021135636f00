/*
 * Dialling: a stream that begins by connecting. Nothing here blocks. Connecting
 * and the handshake together take at most conf->setup_ms.
 */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include <sys/socket.h>

#include "net/stream.h"

/*
 * Connect to addr and return a stream, never NULL. open() or closed() of its
 * ops is called later from the loop, never from inside this call, even if the
 * address is refused at once. name is the server's name for SNI, or NULL; it is
 * copied.
 */
struct stream *dial_tcp(struct streams *ss, const struct sockaddr *addr,
    socklen_t len, const char *name, const struct stream_conf *conf);

#endif
