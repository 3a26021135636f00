/* sockaddr.h - addresses in the form of the system, and in ours. */
#ifndef HOST_SOCKADDR_H
#define HOST_SOCKADDR_H

#include <sys/socket.h>

#include "wire/addr.h"

/* Write the address and the port; the padding becomes zero. Return the length.
 */
socklen_t sockaddr_build(struct sockaddr_storage *, const struct addr *,
    uint16_t port);

/* Return the address, or ADDR_NONE if the family is neither AF_INET nor
 * AF_INET6. */
struct addr sockaddr_addr(const struct sockaddr_storage *);
/* Return the port, or 0, likewise. */
uint16_t sockaddr_port(const struct sockaddr_storage *);

#endif
