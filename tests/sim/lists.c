/*
 * A model of whom the masks of a channel are about, made of what clients know.
 * A few forms of masks are known.
 */
#include "run.h"

#include <string.h>
#include <strings.h>

/* Return whether a mask of +b is about the user. A few forms are known. */
static enum lists_hit
mask_hit(const struct person *p, const char *mask)
{
	const char *nick = mask;
	size_t n;

	if (strcmp(mask, "~umode:+D") == 0)
		return ref_has_own(&p->ref, 'D') ? HIT_YES : HIT_NO;
	if (strncmp(mask, "~mute:", 6) == 0)
		nick = mask + 6;
	n = strcspn(nick, "!");
	if (strcmp(nick + n, "!*@*") != 0 || memchr(nick, '~', n) != NULL ||
	    memchr(nick, '*', n) != NULL)
		return HIT_UNKNOWN;
	return strlen(p->ref.nick) == n &&
		       strncasecmp(nick, p->ref.nick, n) == 0
		   ? HIT_YES
		   : HIT_NO;
}

static enum lists_hit
list_hit(const struct person *p, const struct ref_list *l)
{
	enum lists_hit all = HIT_NO, one;

	if (!l->known)
		return HIT_UNKNOWN;
	for (size_t i = 0; i < l->n; i++) {
		one = mask_hit(p, l->mask[i]);
		if (one == HIT_YES)
			return HIT_YES;
		if (one == HIT_UNKNOWN)
			all = HIT_UNKNOWN;
	}
	return all;
}

enum lists_hit
lists_ban(const struct person *p, const struct ref_chan *c)
{
	enum lists_hit ban = list_hit(p, &c->list[CM_BAN]);
	enum lists_hit except = list_hit(p, &c->list[CM_EXCEPT]);

	if (ban == HIT_NO || except == HIT_YES)
		return HIT_NO;
	return ban == HIT_YES && except == HIT_NO ? HIT_YES : HIT_UNKNOWN;
}
