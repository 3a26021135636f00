/*
 * kind.h - the kind of a part: what its facts do, for servers that do not know
 * its verb (doc/link-protocol.md, 11.26 to 11.30). The tag `kind` of a "+" line
 * says it.
 *
 * The verbs of part.def carry no kind, as every server knows them. Each verb
 * that is added later has a kind, so that servers with and without the verb
 * hold equal facts.
 */
#ifndef CORE_PART_KIND_H
#define CORE_PART_KIND_H

#include <stdbool.h>

#include "base/span.h"
#include "core/types/ids.h"

#define KIND_OWNERS_MAX 2
#define KIND_WORDS_MAX 16 /* the greatest number of a word in a kind */

enum kind_type {
	KIND_MESSAGE,  /* is never kept */
	KIND_REGISTER, /* the later write of a key stays */
	KIND_ELEMENT,  /* is kept by its dot */
	KIND_REMOVAL,  /* removes elements */
};

enum owner_type { OWNER_USER, OWNER_FOUNDING, OWNER_MEMBER };

struct kind_owner {
	enum owner_type type;
	unsigned word; /* that names the owner; the verb is word 0 */
};

struct kind {
	struct span text; /* the value of the tag */
	enum kind_type type;
	unsigned words; /* how many the key has; the first dot of a removal */
	bool mortal;	/* an element that goes if its run becomes void */
	unsigned nowner;
	struct kind_owner owner[KIND_OWNERS_MAX];
};

/* Parse the value of a tag; text is borrowed. Return false if it is not a kind
 * that this version knows. */
bool kind_parse(struct span text, struct kind *);

/*
 * Return NULL if a line, from its `+` to its end, is of this kind; else return
 * what was expected. All servers must judge alike, so this does not depend on
 * the verb.
 */
const char *kind_check(const struct kind *, struct span line);

/* Return word n of a line that fits its kind; word 0 is the verb. */
struct span kind_word(struct span line, unsigned n);

/* Return the place of the text of such a line, behind its colon; or 0 if the
 * line has no text. */
size_t kind_text_at(struct span line);

/* Return how many bytes of such a line the verb and the key have. */
size_t kind_key_end(const struct kind *, struct span line);

/* Return such a line of a removal from its first dot on. */
struct span kind_dots(const struct kind *, struct span line);
/* Take the next dot off the rest of kind_dots(); return false at the end. */
bool kind_next_dot(struct span *rest, struct dot *);

/* Parse the word that names an incarnation: name, comma, cinc. The name is
 * folded. Return false if the word does not have that form. */
bool kind_founding(struct span word, struct span *name, struct cinc *);

#endif
