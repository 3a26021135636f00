/*
 * syntax.h - finds the first mistake in the text of a configuration, with its
 * column, the word that stands there, and what was expected. libconfig reports
 * the line and the words "syntax error" alone.
 */
#ifndef CONF_SYNTAX_H
#define CONF_SYNTAX_H

#include "conf/source.h"

struct syntax_mistake {
	struct conf_place at;
	char text[REPORT_TEXT];
	size_t n; /* bytes of text */
	/*
	 * libconfig would accept the text and drop a part of it in silence. Any
	 * other mistake counts only if libconfig refuses the text, too, because
	 * another version of it may accept more.
	 */
	bool silent;
};

struct schema;

/* Return true and fill in the mistake if the text has one. The schema tells
 * which names are groups. */
bool syntax_find(const struct schema *, const struct source *,
    struct syntax_mistake *);

#endif
