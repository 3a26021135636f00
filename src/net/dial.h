/*
 * Dialling: a stream that begins by connecting. Never blocks; connecting and
 * shaking hands take at most conf->setup_ms together.
 */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include <sys/socket.h>

#include "net/stream.h"

/*
 * A stream to addr, never NULL; open() or closed() of its ops will be called,
 * from the loop and not from here, also when the address is refused at once.
 * name: the server's name for SNI, or NULL; copied.
 */
struct stream *dial_tcp(struct streams *ss, const struct sockaddr *addr,
    socklen_t len, const char *name, const struct stream_conf *conf);

#endif
