/*
 * listening.h - the listeners that a configuration has, as sockets.
 */
#ifndef HOST_LISTENING_H
#define HOST_LISTENING_H

#include <sys/socket.h>

#include "conf/parts.h"
#include "net/listen.h"

/* Write the address at which a socket listens. Return its length. */
socklen_t listening_sockaddr(const struct conf_listen *,
    struct sockaddr_storage *);

/* Write the address and port of a listener for the log into name, and return
 * name. */
const char *listening_name(const struct conf_listen *,
    char name[LISTEN_NAME_LEN]);

/* Return true if a listener could be opened, or if `used` is true and its port
 * is in use. Otherwise why names the address and the reason. */
bool listening_try(const struct conf_listen *, bool used,
    char why[LISTEN_WHY_LEN]);

/* Report a problem with the listener number i of v, which counts from 0, at its
 * place. */
void listening_problem(struct conf_report *, const struct conf_listen *v,
    size_t i, const char *why);

#endif
