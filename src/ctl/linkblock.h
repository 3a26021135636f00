/* linkblock.h - the `links` block about this server, for the other side. */
#ifndef CTL_LINKBLOCK_H
#define CTL_LINKBLOCK_H

#include "ctl/ctl.h"

/*
 * Name, sid, pin of the certificate shown on links, and where to dial: the
 * listeners for links. One that listens on all addresses gives each of this
 * machine's but loopback and link-local ones. As JSON: {"name","sid","pin",
 * "plaintext","address":[...]}, pin null where there is no TLS.
 */
enum ctl_exit linkblock_run(const struct ctl_args *);

#endif
