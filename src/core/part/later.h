/*
 * later.h - makes parts of later verbs (link-protocol.md, 11.26 to 11.30).
 *
 * A later verb is a row with a name and a kind (core/types/tables.h). All
 * servers keep the facts of the verb by its kind, also those without the row.
 * So nothing here merges or refuses parts; facts/unknown.h finds the facts
 * again.
 */
#ifndef CORE_PART_LATER_H
#define CORE_PART_LATER_H

#include "core/part/part.h"
#include "core/types/tables.h"

/* The later verbs that are built in. */
enum {
	LATER_BAN,
	LATER_UNBAN,
	LATER_UNSEEN,
	LATER_SEEN,
	LATER_CNAME,
	LATER_TRUNK,
	LATER_UNTRUNK,
	LATER_BUILTIN
};
extern const struct later_row later_builtin[LATER_BUILTIN];

/*
 * Make a part of that verb in the arena: the words behind the verb, with one
 * space between them, and a text, which may be absent. The words must be those
 * that the kind needs: the key first, each owner where the kind says, and names
 * of channels folded.
 */
void later_part(struct part *, const struct later_row *, struct span words,
    struct text, struct arena *);

/* Return true if the part is of that verb, and has the kind of its row. */
bool later_is(const struct part *, const struct later_row *);

/* Write the word that names an incarnation of a channel. The name is folded. */
void later_write_founding(struct writer *, struct span fold, struct cinc);

#endif
