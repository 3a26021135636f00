/*
 * glob_index.h - finds those of very many masks (mask_glob()) that may match a
 * text, without a look at the others.
 *
 * Each mask stands on the shelf of a literal part: the whole mask, if it has no
 * star and no question mark; else what stands before the first of these, or
 * behind the last, or eight or four bytes between two of them. A text
 * is asked for each part that it could have there, which is a number that grows
 * with the text and not with the masks. The masks without such a part (`*`,
 * `a?b*c`) are all candidates.
 *
 * The caller compares the candidates. The index does not know the masks: it
 * keeps their literal parts.
 */
#ifndef WIRE_GLOB_INDEX_H
#define WIRE_GLOB_INDEX_H

#include "base/shelves.h"

#define GLOB_MASK_MAX 400  /* bytes of a mask */
#define GLOB_TEXT_MAX 4096 /* bytes of a text that is asked for */
#define GLOB_END_MAX 63	   /* of a literal part at an end that are a key */
#define GLOB_STEPS 8	   /* what one look at a shelf costs, see mask_glob() */

struct glob_index {
	struct shelves shelves;
	/* masks whose key is so long, at their beginning and at their end */
	uint32_t heads[GLOB_END_MAX + 1], tails[GLOB_END_MAX + 1];
	uint32_t inner8, inner4;
	uint64_t mark; /* counts calls of glob_index_find() */
};

void glob_index_init(struct glob_index *,
    const unsigned char seed[SIPHASH_KEY]);
/* Free the index, which must be empty. */
void glob_index_fini(struct glob_index *);

/* Add an item with that mask, which has at most GLOB_MASK_MAX bytes. */
void glob_index_add(struct glob_index *, struct shelf_item *, struct span mask);
/* Take an item out of the index that has it. */
void glob_index_del(struct glob_index *, struct shelf_item *);

/*
 * Call fn once for each item whose mask may match the text, of at most
 * GLOB_TEXT_MAX bytes; all that match are among these. fn must not change the
 * index. Add to *steps what the looks at shelves cost, and 1 for each call.
 */
void glob_index_find(struct glob_index *, struct span text,
    void (*fn)(void *ctx, struct shelf_item *), void *ctx, size_t *steps);

#endif
