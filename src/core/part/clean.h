/*
 * clean.h - values that other servers wrote, made fit to be shown to clients.
 *
 * A merge cannot refuse a part, so a value that no client could read becomes a
 * harmless one when the part is decoded (doc/link-protocol.md, 11.20). All
 * servers make the same value of the same bytes, so facts stay equal. A value
 * that a well-behaved server wrote stays as it is, and so does a cleaned one.
 */
#ifndef CORE_CLEAN_H
#define CORE_CLEAN_H

#include "base/arena.h"
#include "base/span.h"

/* The greatest lengths that a configuration may set, in bytes. */
#define CLEAN_NICK_MAX 128 /* more than any does yet */
#define CLEAN_CHAN_MAX 200
#define CLEAN_USER_MAX 32
#define CLEAN_HOST_MAX 63
/* With the other words before it, a text fits the room of a rendered line. */
#define CLEAN_TEXT_MAX 4096

/*
 * Return the value: s itself, a head of it, or a copy in the arena.
 *
 *   text  UTF-8 of at most CLEAN_TEXT_MAX bytes
 *   chan  UTF-8 without control characters, at most CLEAN_CHAN_MAX bytes; this
 *         commutes with folding
 *   user  characters of a user name; "user" if s is empty
 *   host  characters of a host name or an address; "unknown" if s is empty
 *   gate  the same characters; empty if s is
 *
 * A byte that cannot stand there becomes '?' in a text or the name of a
 * channel, and '_' in a user name, a host or a gate.
 */
struct span clean_text(struct arena *, struct span s);
struct span clean_chan(struct arena *, struct span s);
struct span clean_user(struct arena *, struct span s);
struct span clean_host(struct arena *, struct span s);
struct span clean_gate(struct arena *, struct span s);

/* Return s if it is a nick, or could be a uid, and no span otherwise. */
struct span clean_nick(struct span s);
/* Return s if it is the name of a server, and no span otherwise. */
struct span clean_server(struct span s);

/* Return true if s is a numeric: three digits, 001 to 999. */
bool clean_is_numeric(struct span s);

#endif
