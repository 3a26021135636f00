/*
 * ws.h - IRC over WebSocket (IRCv3, "WebSocket support"; RFC 6455), as the
 * carrier of a stream over TCP or TLS. The owner of the stream sends and takes
 * lines with CR LF, as of any other stream; here each line becomes a message,
 * and each message a line.
 *
 *	request --answer 101--> frames --close frame--> end
 *	       --another answer--> end
 *
 * A client that asks for text.ircv3.net, or for no protocol, is sent text
 * messages, and one that asks for binary.ircv3.net binary ones. Messages of
 * both kinds are taken from all.
 *
 *	the client sends                  what becomes of it
 *	a message of a line               the line; CR LF at its end is dropped
 *	CR or LF within a message         a line with a CR in it: no message of
 *	                                  IRC
 *	more than WS_MESSAGE_MAX bytes    1009
 *	text that is not UTF-8            1007
 *	a frame that is not masked, has a
 *	reserved bit, an unknown opcode,
 *	a wrong length, a wrong place     1002
 *	too many control frames or
 *	fragments                         1008
 *	ping                              pong; of several at once, the last one
 *	close                             close with the same code, after all
 *	                                  that is queued
 *
 * The numbers are codes of the close frame that ends the connection; the stream
 * then ends with STREAM_WEBSOCKET. If the owner ends it, the code is 1000, or
 * 1001 after stream_goes().
 */
#ifndef NET_WS_H
#define NET_WS_H

#include "net/transport.h"

/* bytes: the longest line with tags that a client may send, and its CR LF */
#define WS_MESSAGE_MAX 4608
#define WS_FRAGMENTS_MAX 64 /* of one message */

/* All connections of a loop share this: buffers, and the frames that were made
 * last. */
struct ws;

struct ws *ws_new(void);
/* Free it, after all layers; NULL is allowed. */
void ws_free(struct ws *);

/*
 * Make the layer of a connection over a carrier, whose layer (NULL for TCP)
 * it owns from now on. conf is copied. The layer is freed with
 * transport_ws.free.
 */
void *ws_layer_new(struct ws *, const struct transport_ops *io, void *inner,
    const struct ws_conf *conf);

#endif
