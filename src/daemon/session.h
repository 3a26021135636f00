/*
 * session.h - a connection of the node, of a client or a link: a stream, its
 * lines, and the number of lines that the node has granted. The node names it
 *by slot and generation.
 *
 *	dialling ─┐
 *	          ├─→ open ─→ closing (node asked for it, or the stream ended)
 *	accepted ─┘
 */
#ifndef DAEMON_SESSION_H
#define DAEMON_SESSION_H

#include "daemon/server.h"
#include "wire/frame.h"

struct session {
	struct server *server;
	struct stream *stream; /* NULL when it has ended */
	struct conn_id id;
	bool link;    /* else a client */
	bool open;    /* the node knows the session */
	bool busy;    /* in consume, which must not free the session */
	bool sniffed; /* the first bytes were checked: foreign.h */
	bool tls;
	bool loopback;
	bool counted;  /* in server->opening */
	bool closing;  /* an entry on server->closing has the session */
	uint64_t dial; /* the number of its EFF_DIAL; 0: accepted */
	struct addr addr;
	uint16_t port;	  /* of the listener */
	bool drains;	  /* on server->drained */
	unsigned granted; /* the number of lines that a client may send */
	uint32_t drain;	  /* tell the node when fewer bytes wait; 0: do not */
	struct frame frame;
	SLIST_ENTRY(session) drained_link;
};

/* Prepare the sessions of a server; session_drop_all frees them. */
void session_init(struct server *);

/* Make a session of a new connection on a port. The session owns fd and closes
 * it if the connection is refused. */
void session_accept(struct port *, int fd, const struct sockaddr_storage *);
/* Carry out EFF_DIAL. An event tells the node the result, after this returns.
 */
void session_dial(struct server *, uint64_t dial, struct addr, uint16_t port,
    bool tls, struct span name);

/* Return the session, borrowed, or NULL if it has ended. */
struct session *session_find(struct server *, struct conn_id);
/* Allow n more lines. Lines that were read already go to the node in this turn
 * or the next. */
void session_grant(struct session *, unsigned n);
/* Tell the node once at most n bytes wait to be sent. */
void session_drain(struct session *, size_t n);
/* Tell the node of each session that has reached its session_drain. */
void session_tell_drained(struct server *);
/* Flush and end the stream; the node is told after the step. */
void session_close(struct session *, struct span reason);
/* Tell the node of every session that was closed. */
void session_tell_closed(struct server *);
/* Drop every session at the end of the server, without telling the node. */
void session_drop_all(struct server *);
/* Send ERROR to every client, then flush and end all streams. */
void session_end_clients(struct server *, struct span reason);

#endif
