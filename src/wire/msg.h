/*
 * One line of IRC, or of a link, which has the same grammar:
 *
 *	["@" tags SPACE] [":" source SPACE] verb {SPACE word} [SPACE ":" text]
 *
 * msg_parse() reads it in place; nothing is copied. Lines to clients are built
 * by wire/numeric.h and core/sessions/line.h, those of links where their verb
 * is.
 */
#ifndef WIRE_MSG_H
#define WIRE_MSG_H

#include "base/span.h"

#define MSG_PARAMS 15
/* The bytes of a line to a client, with CR LF, without tags. */
#define MSG_LINE 512

/* All of it points into the line that was parsed. */
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
 * line: without its CR LF. False when there is no verb in it, or when it
 * holds NUL, CR or LF; such a line is ignored. The 15th parameter takes all
 * that is left of the line.
 */
bool msg_parse(struct span line, struct msg *m);

/*
 * Takes the next parameter off *rest, of any number of them; false when none
 * is left. *trailing (may be NULL): it had a ":" before it, so it is the last
 * and may hold spaces or be empty.
 */
bool msg_word(struct span *rest, struct span *word, bool *trailing);

/*
 * Whether s can be a parameter that is not the last: not empty, no ":" at its
 * start, no NUL, CR, LF or space in it.
 */
bool msg_is_word(struct span s);

#endif
