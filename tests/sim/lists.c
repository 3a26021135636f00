/*
 * A model of whom the masks of a channel are about, made of what clients know.
 * A few forms of masks are known.
 */
#include "run.h"

#include <string.h>
#include <strings.h>

#include "lib/net.h"
#include "lib/rows.h"

#define YOUNG_S 60 /* of ~young:1 */
#define SLACK_S 3  /* the user registers some time after the connection */

/* Return whether the user has been there for less than a minute. A server
 * without the module matches nobody. */
static enum lists_hit
is_young(const struct person *p)
{
	const struct world *w = p->world;
	int64_t age = w->net->now - p->since;

	if (w->net->node[p->node].setup->settings.nrows <= ROWS_ALWAYS)
		return HIT_NO;
	if (w->clocks)
		return HIT_UNKNOWN;
	if (age < (YOUNG_S - SLACK_S) * SECOND)
		return HIT_YES;
	return age > (YOUNG_S + SLACK_S) * SECOND ? HIT_NO : HIT_UNKNOWN;
}

/* Return whether a mask is about the user. A few forms are known. ~mute counts
 * for those who speak. */
static enum lists_hit
mask_hit(const struct person *p, const char *mask, bool speaks)
{
	const char *nick = mask;
	size_t n;

	if (strcmp(mask, "~umode:+D") == 0)
		return ref_has_own(&p->ref, 'D') ? HIT_YES : HIT_NO;
	if (strcmp(mask, "~young:1") == 0)
		return is_young(p);
	if (strncmp(mask, "~mute:", 6) == 0) {
		if (!speaks)
			return HIT_NO;
		nick = mask + 6;
	}
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
list_hit(const struct person *p, const struct ref_list *l, bool speaks)
{
	enum lists_hit all = HIT_NO, one;

	if (!l->known)
		return HIT_UNKNOWN;
	for (size_t i = 0; i < l->n; i++) {
		one = mask_hit(p, l->mask[i], speaks);
		if (one == HIT_YES)
			return HIT_YES;
		if (one == HIT_UNKNOWN)
			all = HIT_UNKNOWN;
	}
	return all;
}

enum lists_hit
lists_ban(const struct person *p, const struct ref_chan *c, bool speaks)
{
	enum lists_hit ban = list_hit(p, &c->list[CM_BAN], speaks);
	enum lists_hit except = list_hit(p, &c->list[CM_EXCEPT], speaks);

	if (ban == HIT_NO || except == HIT_YES)
		return HIT_NO;
	return ban == HIT_YES && except == HIT_NO ? HIT_YES : HIT_UNKNOWN;
}

enum lists_hit
lists_invex(const struct person *p, const struct ref_chan *c)
{
	return list_hit(p, &c->list[CM_INVEX], false);
}
