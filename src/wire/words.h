/*
 * words.h - the words of lines between our own programs: lines of links and of
 * trunks have many words, or one text, and numbers in one form.
 *
 * Each word_ function takes the next word off *rest. It returns true if the
 * word has its form; if not, *rest is of no use any more. A number is digits
 * without a leading zero.
 */
#ifndef WIRE_WORDS_H
#define WIRE_WORDS_H

#include "base/span.h"

void words_skip_spaces(struct span *rest);

/* Take any word. Return false at the text behind " :" and at the end. */
bool word_next(struct span *rest, struct span *word);
bool word_num(struct span *rest, uint64_t *n);

/* Take the text behind " :", which is the rest of the line. */
bool word_text(struct span *rest, struct span *text);
/* Return true if nothing follows. */
bool word_none(struct span rest);

/* Return true if a word has that flag: flags have ',' between them. */
bool word_has(struct span word, struct span flag);

/* Read a word that is a number. */
bool num_parse(struct span word, uint64_t *n);

#endif
