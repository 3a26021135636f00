/*
 * scan.h - cuts the text of a configuration into tokens, by the rules of
 * libconfig. libconfig itself reports the line of a mistake and nothing else,
 * and some mistakes it does not see at all; the files source.c and syntax.c
 * need the tokens and their columns.
 *
 * A scan only borrows its text and allocates nothing.
 */
#ifndef CONF_SCAN_H
#define CONF_SCAN_H

#include "base/span.h"

enum token_kind {
	TOKEN_END, /* the end of the text */
	TOKEN_NAME,
	TOKEN_BOOL,
	TOKEN_INTEGER, /* decimal or hex, perhaps with L or LL behind it */
	TOKEN_FLOAT,
	TOKEN_TEXT,	    /* with its quotes */
	TOKEN_SIGN,	    /* one of = : ; , { } ( ) [ ] */
	TOKEN_INCLUDE,	    /* @include "path", at the start of a line */
	TOKEN_OPEN_TEXT,    /* a text that its line does not end */
	TOKEN_OPEN_COMMENT, /* a comment that nothing ends */
	TOKEN_BAD	    /* a character that begins no token */
};

struct token {
	enum token_kind kind;
	struct span text;	   /* the token as it stands in the file */
	unsigned int line, column; /* of its first character, from 1 */
	bool glued; /* no blank or comment stands between it and the last */
};

struct scan {
	struct span text;
	size_t at;
	unsigned int line;
	size_t line_at; /* where that line begins */
};

/* Begin a scan at the start of text, which is borrowed. */
void scan_init(struct scan *s, struct span text);

/*
 * Return the next token. After TOKEN_END it is TOKEN_END again. A token of a
 * kind that names a mistake ends where the scan can go on.
 */
struct token scan_next(struct scan *s);

/* Return the path of a TOKEN_INCLUDE or the contents of a TOKEN_TEXT, borrowed,
 * with escapes as they stand in the file. */
struct span token_quoted(const struct token *t);

/*
 * Get the value of a TOKEN_INTEGER; a value beyond 64 bits becomes INT64_MAX or
 * INT64_MIN. Set *is_long if the token ends in L.
 */
int64_t token_integer(const struct token *t, bool *is_long);

#endif
