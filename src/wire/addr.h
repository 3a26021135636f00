/*
 * IP addresses as values: parse, print, compare. There are no sockets here;
 * net/ converts addresses for the system. An IPv4 address is held in its
 * IPv4-mapped IPv6 form (RFC 4291, 2.5.5.2), so there is one type, one order
 * and one kind of prefix. "::", which no peer can have, means that there is no
 * address.
 */
#ifndef WIRE_ADDR_H
#define WIRE_ADDR_H

#include "base/span.h"
#include "base/writer.h"

#define ADDR_BITS 128
#define ADDR_TEXT 45 /* bytes of the longest text, word or not */

struct addr {
	unsigned char b[16];
};

#define ADDR_NONE ((struct addr){ { 0 } })

/* Return true if a is ADDR_NONE: no address. */
bool addr_is_none(const struct addr *a);
/* Return true for 0.0.0.0 and ::, which stand for all addresses of a machine;
 * nobody can be dialled there. */
bool addr_is_any(const struct addr *a);
bool addr_is_v4(const struct addr *a);
/* Return true for 127.0.0.0/8 and ::1. */
bool addr_is_loopback(const struct addr *a);
/* Return true for addresses that only mean something near by, so that DNS does
 * not know them: loopback, RFC 1918, RFC 6598, and link-local and unique local
 * addresses (RFC 3927, RFC 4291, RFC 4193). */
bool addr_is_private(const struct addr *a);
struct addr addr_v4(const unsigned char b[4]); /* in network order */

bool addr_eq(const struct addr *a, const struct addr *b);

/* Return true if a and net have the same first prefix bits, of at most 128. */
bool addr_in(const struct addr *a, const struct addr *net, unsigned int prefix);

/* Return a with all but its first prefix bits set to zero. */
struct addr addr_head(const struct addr *a, unsigned int prefix);

/*
 * Parse dotted IPv4 of four decimal numbers without leading zeros, or IPv6 as
 * in RFC 4291, 2.2, without a zone. On anything else return false and leave *a
 * unchanged.
 */
bool addr_parse(struct span s, struct addr *a);

/*
 * Parse "address/bits", or an address alone, which means all of its bits.
 * *prefix is counted of 128 for IPv4, too: "10.0.0.0/8" gives 104.
 */
bool addr_cidr_parse(struct span s, struct addr *net, unsigned int *prefix);

/* Write the text of RFC 5952; an IPv4 address is written dotted. */
void addr_build(struct writer *w, const struct addr *a);

/*
 * Write the same text as a word of a message: a leading ':' would begin a
 * trailing parameter, so a 0 is put before it (modern-irc, RPL_WHOISUSER).
 */
void addr_build_word(struct writer *w, const struct addr *a);

#endif
