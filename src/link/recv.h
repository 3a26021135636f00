/*
 * recv.h - lines that come on a link: hand each to the file of its verb.
 */
#ifndef LINK_RECV_H
#define LINK_RECV_H

#include "base/span.h"
#include "link/verb.h"

struct link;
struct link_step;

/* Handle EV_LINK_LINE: let the file of the verb under msg/ handle the line, or
 * refuse the link. */
void recv_line(const struct link_step *, struct link *);

/* Handle a line, without its CR LF, that came in a PACK: a "+" line or an ENTRY
 * of a snapshot. Return NULL, or what is wrong with it. */
const char *recv_packed(const struct link_step *, struct link *,
    struct span line);

/*
 * Read a line of a vector that says what the peer has. Return true when the
 * last line has come; l->words is then the vector, and it has no more of this
 * server than there is. Else return false. *why is then NULL if more lines must
 * come or the link was refused, or what is wrong with the line.
 */
bool recv_vector(const struct link_step *, struct link *, enum verb,
    struct span rest, const char **why);

/* Let ph have what l->words says, too. Return false if the link is refused for
 * it. */
bool recv_more(const struct link_step *, struct link *);

#endif
