/*
 * kept.h - the text by which a program hands its run over to the next program
 * of the process (doc/decisions/0045, 0063): the run, all that the node knows,
 * and the connections that stay.
 *
 *	banyand-kept 1
 *	run inc=1764000000 uids=65536 lock=12 gen=3
 *	node 00000000000000271828
 *	...			(so many bytes: node/handover.h)
 *	conn slot=0 gen=3 fd=300 address=192.0.2.1 proxied=0 skip=0
 *	    sendq=1048576 recvq=8192 unread=5 queued=9	(one line)
 *	PING :PONG :x\r\n	(so many bytes, of any kind, and LF)
 *	end
 *
 * A reader passes over words of a line that it does not know. A text that an
 * older program would read wrongly has another format (restart_check.h).
 */
#ifndef DAEMON_KEPT_H
#define DAEMON_KEPT_H

#include <stdio.h>

#include "core/types/ids.h"
#include "daemon/state.h"
#include "net/stream.h"
#include "wire/addr.h"

#define KEPT_FORMAT 1

struct kept_run {
	struct state_run state;
	uint32_t gen; /* the greatest that a number of a connection had */
};

struct kept_conn {
	struct conn_id id;
	int fd;
	struct addr addr; /* of the client, behind all proxies */
	bool proxied;
	bool skip; /* within a line over its limit (wire/frame.h) */
	struct stream_limits limits;
	struct span unread, queued; /* see struct stream_rest */
};

/* Write the parts of the text, in this order. The caller writes the text of the
 * node between the two calls for it, and looks at ferror() at the end. */
void kept_put_run(FILE *, const struct kept_run *);
long kept_begin_node(FILE *);
void kept_end_node(FILE *, long begun);
void kept_put_conn(FILE *, const struct kept_conn *);
void kept_put_end(FILE *);
/* Return how many bytes kept_put_conn() takes at most, for a connection with n
 * bytes that wait. */
size_t kept_conn_max(size_t n);

/* Take all before the connections off the text. Return false if that is not
 * there. The node's part points into the text, as do the spans below. */
bool kept_begin(struct span *text, struct kept_run *, struct span *node);

enum kept_part { KEPT_CONN, KEPT_END, KEPT_BAD };

/* Take the next part off the text. */
enum kept_part kept_next(struct span *text, struct kept_conn *);

#endif
