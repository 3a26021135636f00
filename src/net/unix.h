/*
 * A listening UNIX socket in the file system, for the operator's tool: mode
 * 0600 from its first moment.
 */
#ifndef NET_UNIX_H
#define NET_UNIX_H

#include "net/listen.h"

/*
 * Listens on path. A socket that is left there is replaced when nobody
 * answers at it; one that answers, or a file that is no socket, is left
 * alone and is a failure. NULL on failure; why then says what is wrong and
 * names the path.
 */
struct listener *unix_listen(struct loop *l, const char *path,
    const struct listen_ops *ops, void *ctx, char why[LISTEN_WHY_LEN]);

#endif
