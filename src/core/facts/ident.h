/*
 * ident.h - what a user is called besides the nick: the words of +USER, which
 * never change. They are one block of memory, because there are many users and
 * the words are short.
 */
#ifndef CORE_IDENT_H
#define CORE_IDENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/blocks.h"
#include "base/span.h"
#include "core/part/part.h"
#include "wire/mask.h"

struct ident {
	/* bytes of each word; 15 bits have room for a part */
	uint16_t username, host, realname;
	uint16_t ip : 15;
	uint16_t ip_is_host : 1;
	/* username, host, realname, and ip if it is not the host */
	char text[];
};

/*
 * Copy the words of the part, with the host as clients see it. The memory comes
 * from the blocks. The caller frees the result with ident_free(). All spans
 * below are borrowed from it.
 */
struct ident *ident_new(struct blocks *, const struct part_user *,
    struct span host);

/* Free it; NULL is allowed. */
void ident_free(struct blocks *, struct ident *);

static inline struct span
ident_username(const struct ident *i)
{
	return (struct span){ i->text, i->username };
}

static inline struct span
ident_host(const struct ident *i)
{
	return (struct span){ i->text + i->username, i->host };
}

static inline struct span
ident_ip(const struct ident *i)
{
	size_t at = i->username;

	if (!i->ip_is_host)
		at += (size_t)i->host + i->realname;
	return (struct span){ i->text + at, i->ip };
}

static inline struct span
ident_realname(const struct ident *i)
{
	return (struct span){ i->text + i->username + i->host, i->realname };
}

/* Return true if the host, as shown, is the address. An address that begins
 * with a colon is shown with a 0 before it. */
bool ident_is_ip(const struct ident *, struct span host);

/* Return what masks match of a user with that nick. The spans are borrowed. */
struct mask_who ident_mask_who(const struct ident *, struct span nick);

#endif
