/*
 * words.h - the words of link lines: take them off a line, and read and write
 * vectors (link-protocol.md, parts 1 and 3).
 *
 * Each word_ function takes the next word off *rest. It returns true if the
 * word has its form; if not, *rest is of no use any more. A number is digits
 * without a leading zero.
 */
#ifndef LINK_WORDS_H
#define LINK_WORDS_H

#include "base/writer.h"
#include "core/types/ids.h"
#include "core/types/vector.h"

void words_skip_spaces(struct span *rest);

/* Take any word. Return false at the text behind " :" and at the end. */
bool word_next(struct span *rest, struct span *word);
bool word_num(struct span *rest, uint64_t *n);
bool word_stamp(struct span *rest, struct stamp *s);
bool word_sid(struct span *rest, struct sid *sid);
bool word_uid(struct span *rest, struct uid *uid);
bool word_origin(struct span *rest, struct origin *o);

/* Take the text behind " :", which is the rest of the line. */
bool word_text(struct span *rest, struct span *text);
/* Return true if nothing follows. */
bool word_none(struct span rest);

/* Read a word that is a number. */
bool num_parse(struct span word, uint64_t *n);

/* Read and write a word "o=n". */
bool vector_item_parse(struct span word, struct vector_item *item);
void write_vector_item(struct writer *w, const struct vector_item *item);

/* Raise x by each word of rest. Return false if a word is not "o=n", or as soon
 * as x has more than max origins. */
bool vector_parse(struct span rest, size_t max, struct vector *x);

#endif
