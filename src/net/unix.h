/*
 * A listening UNIX socket in the file system, for the operator's tool. Its mode
 * is 0600 from its first moment.
 */
#ifndef NET_UNIX_H
#define NET_UNIX_H

#include "net/listen.h"

/*
 * Listen on path. A socket that was left there is replaced if no process
 * answers at it. If a process answers, or if the file is not a socket, it is
 * left alone and the call fails. Return NULL on failure; why then says what is
 * wrong and names the path.
 */
struct listener *unix_listen(struct loop *l, const char *path,
    const struct listen_ops *ops, void *ctx, char why[LISTEN_WHY_LEN]);

/* Find out if unix_listen could take the path, as far as what is there tells.
 * Return false and fill in why as it does. */
bool unix_try(const char *path, char why[LISTEN_WHY_LEN]);

#endif
