/*
 * recv.h - a line of a link on its way to the file of its verb.
 */
#ifndef LINK_RECV_H
#define LINK_RECV_H

struct link;
struct link_step;

/* EV_LINK_LINE: handled by its file under msg/, or the link is refused. */
void recv_line(const struct link_step *, struct link *);

#endif
