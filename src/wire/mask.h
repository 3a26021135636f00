/*
 * Masks: text with '*' for any bytes and '?' for one, compared without
 * regard to case (see wire/casemap.h), and nick!user@host made of three of
 * them, where the last may be addr/bits. No extended bans: those are core's.
 */
#ifndef WIRE_MASK_H
#define WIRE_MASK_H

#include "base/span.h"
#include "base/writer.h"
#include "wire/addr.h"

/* Who is compared. What is not known is empty, or ADDR_NONE. */
struct mask_who {
	struct span nick, user;
	struct span host; /* as shown */
	struct span ip;	  /* text of addr, as addr_build() does */
	struct addr addr;
};

/* Whether the pattern matches all of s. Time: at most their product. */
bool mask_glob(struct span pattern, struct span s);

/*
 * Whether mask matches: "nick!user@host", "user@host" or "host". The host
 * part is compared with the host shown, with the address as text, and, if it
 * is an address with "/bits", with the address itself.
 */
bool mask_match(struct span mask, const struct mask_who *who);

/*
 * Writes the full form of what a user typed: "n" is n!*@*, "u@h" is *!u@h,
 * "n!u" is n!u@*, what has a dot, colon or slash and neither '!' nor '@' is a
 * host, *!*@h; empty parts are '*', and stars in a row are one. False, and w is
 * unchanged, when it does not fit or could not be a word of a message.
 */
bool mask_normalise(struct writer *w, struct span mask);

#endif
