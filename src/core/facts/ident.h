/*
 * ident.h - what a user is called besides his nick: the words of his +USER,
 * which never change. All of them are one block, because there are many users
 * and the words are short.
 */
#ifndef CORE_IDENT_H
#define CORE_IDENT_H

#include <stdint.h>

#include "base/span.h"
#include "core/part/part.h"

struct ident {
	uint16_t username, host, ip, realname; /* bytes of each */
	uint16_t ip_at;			       /* in text; often the host */
	char text[]; /* username, host, realname, and ip if it is no host */
};

/*
 * Of the part, but host, which is as clients see it; copies. The caller's, who
 * frees it with free(). All spans below are borrowed from it.
 */
struct ident *ident_new(const struct part_user *, struct span host);

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
	return (struct span){ i->text + i->ip_at, i->ip };
}

static inline struct span
ident_realname(const struct ident *i)
{
	return (struct span){ i->text + i->username + i->host, i->realname };
}

#endif
