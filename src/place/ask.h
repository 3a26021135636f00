/*
 * ask.h - the words of the question that a gate asks a server about somebody
 * who comes, and of the answer. The verbs, and what names a question, are those
 * of the trunk.
 *
 *	question	account nick address	each one a word; * means none
 *	answer		rate home rest sid=cost …
 *
 * Numbers are decimal, without leading zeros. A rate is in quarters of a line
 * an hour, and a cost is what place/rate.h says. home is *, or a sid, or +sid
 * if the connection will join the user there. rest is the cost of servers that
 * are not named. The servers are in ascending order of their sids.
 */
#ifndef PLACE_ASK_H
#define PLACE_ASK_H

#include "base/writer.h"
#include "place/cost.h"
#include "place/memory.h"

/* The longest answer, in bytes. */
#define PLACE_ANSWER_BYTES (64 + PLACE_SERVERS_MAX * 24)

/* No cost is greater; that of the most channels and peers is less. */
#define PLACE_COST_MAX (INT64_C(1) << 60)

/*
 * Write the words of a question. A name that cannot be a word (it is empty, has
 * a space or a control character, or begins with ':' or is "*") is left out.
 */
void place_question_build(struct writer *, const struct place_who *);
/* Read the words. Return false if they are not a question. The names are
 * borrowed from the text. */
bool place_question_parse(struct span words, struct place_who *);

/* Write the words of an answer. */
void place_answer_build(struct writer *, const struct place_answer *);
/* Read the words. Return false if they are not an answer; *answer is of no use
 * then. */
bool place_answer_parse(struct span words, struct place_answer *);

#endif
