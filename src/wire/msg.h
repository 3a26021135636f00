/*
 * One line of IRC, or of a link, which has the same grammar:
 *
 *	["@" tags SPACE] [":" source SPACE] verb {SPACE word} [SPACE ":" text]
 *
 * msg_parse() reads it in place; nothing is copied. The msg_put functions
 * build one, in that order, and end it with msg_put_end().
 */
#ifndef WIRE_MSG_H
#define WIRE_MSG_H

#include "base/span.h"
#include "base/writer.h"

#define MSG_PARAMS 15
#define MSG_LINE                                            \
	512 /* bytes of a line to a client, CR LF included, \
	     * tags not */

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
 * start, no NUL, CR, LF or space in it. And whether it can be the last.
 */
bool msg_is_word(struct span s);
bool msg_is_text(struct span s);

/*
 * These make w fail (see base/writer.h) rather than write what would be read
 * as something else.
 */
void msg_put_tags(struct writer *w, struct span tags); /* none: nothing */
void msg_put_source(struct writer *w, struct span source);
void msg_put_verb(struct writer *w, struct span verb);
void msg_put_word(struct writer *w, struct span word);
void msg_put_u64(struct writer *w, uint64_t v);
void msg_put_i64(struct writer *w, int64_t v);
void msg_put_text(struct writer *w, struct span text);
void msg_put_end(struct writer *w);

/* Words that are separated by single spaces in one span; none: nothing. */
void msg_put_words(struct writer *w, struct span words);

/*
 * The text cut, between characters, to what fits into w before msg_put_end().
 */
void msg_put_text_cut(struct writer *w, struct span text);

#endif
