/*
 * ban.h - the parts +BAN and +UNBAN: bans of the network (link-protocol.md,
 * 11.37 to 11.40; doc/decisions/0043). They are later verbs, so every server
 * keeps their facts by their kind (kind.h), and nothing here merges.
 *
 *	+BAN kind id expiry by mask *(SP option) [:reason]
 *	+UNBAN by dot *(SP dot)
 */
#ifndef CORE_PART_BAN_H
#define CORE_PART_BAN_H

#include "core/part/part.h"
#include "core/types/tables.h"

#define BAN_MASK_MAX 400 /* bytes; a ban with a longer mask hits nobody */
#define BAN_BY_MAX 256	 /* of its maker */

/* The fields of a +BAN; texts are borrowed. */
struct ban_text {
	struct span kind; /* the name of a kind, which may have no row here */
	struct cinc id;	  /* when and by which server the ban was made first */
	struct stamp expiry; /* ms since 1970; 0: never */
	struct span by;	     /* nick!user@host, or the name of a server */
	struct span mask;
	/* for whom the mask, an address, is not to be seen: the nick that the
	 * operator gave instead; or empty */
	struct span nick;
	struct span lifts; /* of an exception: names of kinds, with commas */
	bool cuts; /* of a jupe: also if servers are behind the juped one */
	struct span reason;  /* that everybody may read */
	struct span private; /* the reason that only operators may read */
};

/* Make a +BAN in the arena. The texts must be words, and the reason must have
 * no `|`. */
void ban_part(struct part *, const struct ban_text *, struct arena *);

/*
 * Read the line of a +BAN, from its + on. Return false if it does not have the
 * form, or if clients could not be shown its words. Another server wrote the
 * line, so clean the reasons (clean.h).
 */
bool ban_parse(struct span line, struct ban_text *);

#endif
