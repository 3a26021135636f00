/*
 * Masks: text with '*' for any bytes and '?' for one byte, compared without
 * regard to case (see wire/casemap.h). A full mask nick!user@host is made of
 * three of them; its host may be addr/bits. There are no extended bans here:
 * those belong to core.
 */
#ifndef WIRE_MASK_H
#define WIRE_MASK_H

#include "base/span.h"
#include "base/writer.h"
#include "wire/addr.h"

/* The user who is compared. An unknown member is empty, or ADDR_NONE. */
struct mask_who {
	struct span nick, user;
	struct span host; /* as shown */
	struct span ip;	  /* text of addr, as addr_build() does */
	struct addr addr;
	struct span hosts; /* other hosts of the user, as words */
	/* the user name and the host before an operator, or the user, changed
	 * them */
	struct span first_user, first_host;
};

/*
 * Return true if the pattern matches all of s, and add to *steps how many bytes
 * and elements were compared; steps may be NULL. The steps are no more than
 * MASK_STEPS for each byte of both, unless there are more than 64 bytes between
 * two stars: then they are at most the product of the lengths.
 */
#define MASK_STEPS 16
bool mask_glob(struct span pattern, struct span s, size_t *steps);

/*
 * Return true if mask ("nick!user@host", "user@host" or "host") matches. The
 * host part is compared with the host as shown, with the other hosts, with the
 * address as text, and, if it is an address with "/bits", with the address
 * itself. The user part is compared with both user names. Steps are added as by
 * mask_glob().
 */
bool mask_match(struct span mask, const struct mask_who *who, size_t *steps);

/*
 * Write the full form of a mask that a user typed. "n" becomes n!*@*, "u@h"
 * becomes *!u@h, and "n!u" becomes n!u@*. A text with a dot, a colon or a
 * slash, but without '!' and '@', is a host: *!*@h. Empty parts become '*', and
 * stars in a row become one. Return false, with w unchanged, if the mask does
 * not fit or could not be a word of a message.
 */
bool mask_normalise(struct writer *w, struct span mask);

#endif
