/*
 * IP addresses as values: parse, print, compare. No sockets; net/ turns them
 * into what the system wants. An IPv4 address is its IPv4-mapped IPv6 form
 * (RFC 4291, 2.5.5.2), so there is one kind, one order, one kind of prefix.
 * "::", which no peer can have, is none.
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

bool addr_is_none(const struct addr *a);
bool addr_is_v4(const struct addr *a);
bool addr_is_loopback(const struct addr *a);
struct addr addr_v4(const unsigned char b[4]); /* in network order */

bool addr_eq(const struct addr *a, const struct addr *b);

/* Whether the first prefix bits (of 128, at most) of a and net are the same. */
bool addr_in(const struct addr *a, const struct addr *net, unsigned int prefix);

/* a with all but its first prefix bits zero. */
struct addr addr_head(const struct addr *a, unsigned int prefix);

/*
 * Text to address: dotted IPv4 of four decimal numbers without leading
 * zeros, or IPv6 as in RFC 4291, 2.2, without a zone. False on anything
 * else, and *a is then unchanged.
 */
bool addr_parse(struct span s, struct addr *a);

/*
 * "address/bits", or an address alone, which is all of its bits. *prefix is
 * counted of 128, for IPv4 too: "10.0.0.0/8" gives 104.
 */
bool addr_cidr_parse(struct span s, struct addr *net, unsigned int *prefix);

/* The text of RFC 5952; IPv4 dotted. */
void addr_build(struct writer *w, const struct addr *a);

/*
 * The same as a word of a message: with a 0 before a leading ':', which
 * would begin a trailing parameter (modern-irc, RPL_WHOISUSER).
 */
void addr_build_word(struct writer *w, const struct addr *a);

#endif
