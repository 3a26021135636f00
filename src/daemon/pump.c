#include "daemon/pump.h"

#include <string.h>

#include <sodium.h>

#include "base/invariant.h"
#include "daemon/figures.h"
#include "daemon/brokers.h"
#include "daemon/control.h"
#include "daemon/countries.h"
#include "daemon/dialling.h"
#include "daemon/endpoint.h"
#include "daemon/names.h"
#include "daemon/keeper.h"
#include "daemon/rehash.h"
#include "daemon/reload.h"
#include "daemon/renew.h"
#include "daemon/worker.h"

static void
carry_send(struct banyand *bd, const struct effect *e)
{
	struct endpoint *ep;

	for (size_t i = 0; i < e->u.send.nto; i++) {
		ep = endpoint_find(bd, e->u.send.to[i]);
		if (ep == NULL)
			continue;
		if (ep->stream != NULL)
			stream_send(ep->stream, e->u.send.buf);
		else if (ep->via != NULL)
			broker_send(ep, e->u.send.buf);
	}
}

static void
store_uids(struct banyand *bd, uint64_t token, struct span bytes)
{
	uint64_t upto;

	invariant(span_u64(bytes, &upto));
	bd->uids_asked = upto;
	worker_store(bd->worker, &bd->state, token, upto);
}

static void
carry_ask(struct banyand *bd, const struct effect *e)
{
	uint64_t token = bd->token_base + e->u.ask.token;
	struct span bytes = e->u.ask.bytes;

	if (token > bd->token_last)
		bd->token_last = token;
	switch (e->u.ask.kind) {
	case REQUEST_OPER:
	case REQUEST_PASS:
	case REQUEST_WEBIRC:
		worker_password(bd->worker, token, e->u.ask.kind,
		    &e->u.ask.from, bytes);
		break;
	case REQUEST_NAME:
		names_ask(bd->names, token, bytes);
		break;
	case REQUEST_LISTED:
		names_ask_list(bd->names, token, bytes);
		break;
	case REQUEST_UIDS:
		store_uids(bd, token, bytes);
		break;
	case REQUEST_REHASH:
		rehash_ask(bd, token);
		break;
	case REQUEST_COUNTRY:
		countries_ask(bd, token, bytes);
		break;
	case REQUEST_FIGURES:
		figures_ask(bd, token, bytes);
		break;
	case REQUEST_QUESTION: /* not ours to answer */
	case REQUEST_COUNT:
		worker_refuse(bd->worker, token, e->u.ask.kind);
		break;
	}
	sodium_memzero((void *)(uintptr_t)bytes.p, bytes.n);
}

static void
carry(struct banyand *bd, const struct effect *e)
{
	struct endpoint *ep;

	switch (e->kind) {
	case EFF_SEND:
		carry_send(bd, e);
		break;
	case EFF_CLOSE:
		if ((ep = endpoint_find(bd, e->u.close.conn)) != NULL)
			endpoint_close(ep, e->u.close.reason);
		break;
	case EFF_READ:
		if ((ep = endpoint_find(bd, e->u.read.conn)) != NULL)
			endpoint_grant(ep, e->u.read.n);
		break;
	case EFF_HOLD:
		if ((ep = endpoint_find(bd, e->u.hold.conn)) != NULL)
			endpoint_hold(ep, e->u.hold.on);
		break;
	case EFF_QUEUES:
		if ((ep = endpoint_find(bd, e->u.queues.conn)) != NULL)
			endpoint_bound(ep, e->u.queues.sendq,
			    e->u.queues.recvq);
		break;
	case EFF_DRAIN:
		if ((ep = endpoint_find(bd, e->u.drain.conn)) != NULL)
			endpoint_drain(ep, e->u.drain.n);
		break;
	case EFF_ASK:
		carry_ask(bd, e);
		break;
	case EFF_DIAL:
		if (e->u.dial.broker)
			brokers_dial(bd->brokers, e);
		else if (e->u.dial.host.n > 0)
			dialling_begin(bd, e);
		else
			endpoint_dial(bd, e->u.dial.dial, e->u.dial.addr,
			    e->u.dial.port, e->u.dial.tls, e->u.dial.name);
		break;
	case EFF_STORE:
		keeper_put(bd->keeper, e);
		break;
	case EFF_RENEW:
		renew_ask(bd, e->u.renew.above, e->u.renew.reason);
		break;
	case EFF_STOP:
		banyand_stop_soon(bd, e->u.stop.restart, e->u.stop.reason);
		break;
	case EFF_LOG:
		logger_effect(&bd->log, e);
		break;
	case EFF_CONTROL:
		control_line(bd->control, e->u.control.token, e->u.control.line,
		    e->u.control.last);
		break;
	case EFF_COUNT:
		break;
	}
}

/* Carry out all effects. An earlier deadline stays until its tick; an extra
 * tick is harmless. */
static void
carry_all(struct banyand *bd)
{
	for (size_t i = 0; i < bd->fx.n; i++)
		carry(bd, &bd->fx.v[i]);
	if (mono_cmp(bd->fx.deadline, bd->deadline) < 0) {
		bd->deadline = bd->fx.deadline;
		loop_timer_set(bd->loop, &bd->tick, bd->deadline);
	}
	effects_clear(&bd->fx);
}

static void
settle(struct banyand *bd)
{
	reload_settle(bd);
	endpoint_tell_drained(bd);
	endpoint_tell_closed(bd);
}

void
pump_time(const struct banyand *bd, struct event *ev)
{
	ev->now = loop_now(bd->loop);
	ev->wall = loop_wall(bd->loop);
}

void
pump_carry(struct banyand *bd)
{
	invariant(!bd->stepping);
	bd->stepping = true;
	carry_all(bd);
	bd->stepping = false;
	settle(bd);
}

void
pump_event(struct banyand *bd, struct event *ev)
{
	invariant(!bd->stepping);
	if (bd->stay.given)
		return; /* another program goes on with the node */
	bd->stepping = true;
	pump_time(bd, ev);
	node_step(bd->node, ev, &bd->fx);
	if (ev->kind == EV_TICK)
		bd->deadline = MONO_NEVER;
	carry_all(bd);
	bd->stepping = false;
	settle(bd);
}
