/*
 * takeover.h - goes on with the run that an earlier program of this process has
 * left (daemon/stay.h is the other half): its node, and its connections of
 * clients.
 *
 *	old	takeover_give()		says where the text is (daemon/kept.h)
 *	new	takeover_new()		before anything is opened
 *		takeover_state()	the run must be that of the state
 *		takeover_node()		the node and the connections
 *
 * If any of this fails, the log says why, the clients are told to come back,
 * and the server begins a new run.
 */
#ifndef DAEMON_TAKEOVER_H
#define DAEMON_TAKEOVER_H

#include "daemon/banyand.h"

/* Tell the next program of this process that the text is in that descriptor.
 * Return false, and set errno, if that fails. */
bool takeover_give(int fd);

/* Return what is left of an earlier program, which the caller frees, or NULL.
 * Connections that nobody has taken are told, and closed, when it is freed. */
struct takeover *takeover_new(void);
void takeover_free(struct takeover *);

/* Open the state to go on with the run. Return false if a new run must begin.
 */
bool takeover_state(struct banyand *);
/* Let the new node of the server go on, and take the connections over. Return
 * false if a new run must begin, with another new node. */
bool takeover_node(struct banyand *);

#endif
