/*
 * control.h - the commands of the control socket that a node answers itself. To
 * add a command, add a row to control.c.
 *
 * A request is a line `COMMAND [ARGUMENT] [json]`, or `kill NICK REASON`. The
 * answer is lines of text or, with `json`, one JSON object per line. The last
 * EFF_CONTROL of a token has `last` set; if it is empty, it adds no line. Times
 * are in ms, sizes in bytes. A long answer comes in pages of CONTROL_PAGE: if a
 * line `more AT` ends a page, ask the same with that argument for the next one.
 *
 *	status	one object: name sid inc ready clock_ms users users_local
 *		channels opers sessions servers links trunks streams log_entries
 *		log_bytes jumped snapshots_in snapshots_out
 *	links	one for each link, then each configured peer without one: name
 *		sid state address since_ms rtt_ms sent queued behind dialled
 *		tls why; rtt_ms -1: unknown; address "" where there is none
 *	gates	one for each trunk: name region state address since_ms rtt_ms
 *		streams lists queued sent received tls; name "" before the gate
 *		has said it
 *	servers	one for each server of the map: sid inc visible reachable
 *		[limbo_ms] hops uplink reached by forget (no, yes,
 *		others-missing) [forget_ms]
 *	facts	one: sid facts digest entries origins
 *	modules	one for each module: name version adds purpose
 *	users [AT]	one for each user: nick uid user host address server
 *		oper modes channels away realname
 *	channels [AT]	one for each channel: name users modes founded_ms topic
 *	kill NICK REASON	an order: one line, `ok ...` or `error ...`
 *	ask SERVER [json] LINE	a question of a server (core_ask() in
 *		core/core.h); the answer comes later
 *	forget SID	an order: one line, `ok ...` or `error ...`, never JSON
 *
 * An answer in text has the same keys and values as one in JSON.
 */
#ifndef NODE_CONTROL_H
#define NODE_CONTROL_H

#include "core/core.h"
#include "link/net.h"

#define CONTROL_PAGE 500 /* users or channels that one request looks at */

struct trunk_net;

/* Answer an EV_CONTROL. */
void control_answer(struct core *, struct link_net *, const struct trunk_net *,
    const struct event *, struct effects *);

#endif
