/* linkblock.h - prints blocks about this server or gate, for the other side of
 * a link or a trunk. */
#ifndef CTL_LINKBLOCK_H
#define CTL_LINKBLOCK_H

#include "ctl/ctl.h"

/*
 * Print the name, the sid, the pin of the certificate that links use, and the
 * addresses of the listeners for links. A listener on all addresses stands for
 * every address of this machine, except loopback and link-local addresses. With
 * --json, print {"name","sid","pin","plaintext","address":[...]}, where pin is
 * null if the link has no TLS.
 */
enum ctl_exit linkblock_run(const struct ctl_args *);

/*
 * Print the `gates` block about a gate, or the `servers` block about a server,
 * by the configuration. With --json, print {"name","pin"}, and of a server
 * "address":[...], too.
 */
enum ctl_exit gateblock_run(const struct ctl_args *);

#endif
