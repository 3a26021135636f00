/*
 * words.h - the words of link lines: cut them, read them, write vectors.
 *
 * Each reader takes the next word off *rest and is true if it was of its kind;
 * otherwise the rest is of no use any more. Numbers are strict: digits only,
 * no leading zero.
 */
#ifndef LINK_WORDS_H
#define LINK_WORDS_H

#include "base/writer.h"
#include "core/types/ids.h"
#include "core/types/vector.h"

void words_skip_spaces(struct span *rest);

/* False at the text or the end. */
bool word_next(struct span *rest, struct span *word);
bool word_num(struct span *rest, uint64_t *n);
bool word_stamp(struct span *rest, struct stamp *s);
bool word_sid(struct span *rest, struct sid *sid);
bool word_uid(struct span *rest, struct uid *uid);
bool word_origin(struct span *rest, struct origin *o);

/* The text after " :", which ends the line. */
bool word_text(struct span *rest, struct span *text);
bool word_none(struct span rest); /* nothing follows */

/* A whole word as a strict number. */
bool num_parse(struct span word, uint64_t *n);

/* One word "o=n". */
bool vector_item_parse(struct span word, struct vector_item *item);
void write_vector_item(struct writer *w, const struct vector_item *item);

/*
 * All words of rest into x; each raises. False if one is none, or when x
 * would hold more than max origins.
 */
bool vector_parse(struct span rest, size_t max, struct vector *x);

#endif
