/* text.h - questions about what clients and peers were sent. */
#ifndef LIB_TEXT_H
#define LIB_TEXT_H

/* Return how many times the piece is in the text. */
unsigned text_count(const char *text, const char *piece);

#endif
