/*
 * sight.h - what an operator is shown that others are not, and the line of the
 * log about it.
 *
 *	struct sight x = sight_of(st, asker);
 *	... if (sight_lets(&x, others_may_see)) show ...
 *	sight_record(st, &x, SPAN("WHO"), what);
 *
 * An answer in pieces calls sight_begin() and sight_end() in each piece. It
 * leaves one line, which is written with the first piece that shows something
 * hidden, since the asker may be gone before the end.
 */
#ifndef CORE_SIGHT_H
#define CORE_SIGHT_H

#include "core/sessions/listing.h"

struct sight {
	const struct user *by;
	bool hidden;   /* the asker sees users and channels that are hidden */
	bool used;     /* something was shown that others may not see */
	bool recorded; /* there is a line about it */
};

/* Return what the asker, a user of any server, may see. Before registration it
 * is NULL. */
struct sight sight_of(const struct step *, const struct user *asker);

/* Return true if the asker may see it. `others_may` says whether the asker
 * could see it without being an operator. */
bool sight_lets(struct sight *, bool others_may);

/* Write the line, if something hidden was shown and there is no line yet. */
void sight_record(struct step *, struct sight *, struct span command,
    struct span what);

/* Do what sight_of() and sight_record() do, for one piece of an answer to the
 * session. The listing keeps from piece to piece whether there is a line. */
struct sight sight_begin(const struct step *, const struct session *,
    const struct listing *);
void sight_end(struct step *, struct sight *, struct listing *,
    struct span command, struct span what);

#endif
