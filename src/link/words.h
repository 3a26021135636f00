/*
 * words.h - the words of link lines, beside those of wire/words.h: take them
 * off a line, and read and write vectors (link-protocol.md, parts 1 and 3).
 */
#ifndef LINK_WORDS_H
#define LINK_WORDS_H

#include "base/writer.h"
#include "core/types/ids.h"
#include "core/types/vector.h"
#include "wire/words.h"

bool word_stamp(struct span *rest, struct stamp *s);
bool word_sid(struct span *rest, struct sid *sid);
bool word_uid(struct span *rest, struct uid *uid);
bool word_origin(struct span *rest, struct origin *o);

/* Read and write a word "o=n". */
bool vector_item_parse(struct span word, struct vector_item *item);
void write_vector_item(struct writer *w, const struct vector_item *item);

/* Raise x by each word of rest. Return false if a word is not "o=n", or as soon
 * as x has more than max origins. */
bool vector_parse(struct span rest, size_t max, struct vector *x);

#endif
