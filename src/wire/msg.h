/*
 * One line of IRC, or of a link, which has the same grammar:
 *
 *	["@" tags SPACE] [":" source SPACE] verb {SPACE word} [SPACE ":" text]
 *
 * msg_parse() reads a line in place and copies nothing. Lines to clients are
 * built by wire/numeric.h and core/sessions/line.h; a line of a link is built
 * in the file of its verb.
 */
#ifndef WIRE_MSG_H
#define WIRE_MSG_H

#include "base/span.h"

#define MSG_PARAMS 15
/* The bytes of a line to a client, with CR LF, without tags. */
#define MSG_LINE 512

/* All spans point into the line that was parsed. */
struct msg {
	struct span tags;	       /* without "@"; see wire/tags.h */
	struct span source;	       /* without ":" */
	struct span verb;	       /* as it was written */
	struct span rest;	       /* all behind the verb; see msg_word() */
	struct span param[MSG_PARAMS]; /* unused ones are empty */
	unsigned int nparam;
	bool trailing; /* the last one had a ":" before it */
};

/*
 * Parse a line, given without its CR LF. The 15th parameter takes the rest of
 * the line. Return false if the line has no verb, or holds NUL, CR or LF;
 * ignore such a line.
 */
bool msg_parse(struct span line, struct msg *m);

/*
 * Take the next parameter off *rest, however many there are. Return false if
 * none is left. *trailing, unless NULL, is set to true if the parameter had a
 * ":" before it: then it is the last one, and may hold spaces or be empty.
 */
bool msg_word(struct span *rest, struct span *word, bool *trailing);

/*
 * Return true if s can be a parameter that is not the last one: it is not
 * empty, does not begin with ":", and holds no NUL, CR, LF or space.
 */
bool msg_is_word(struct span s);

/* Return true if s holds no NUL, CR or LF. */
bool msg_is_text(struct span s);

#endif
