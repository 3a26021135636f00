#include "daemon/pump.h"

#include <string.h>

#include <sodium.h>

#include "base/invariant.h"
#include "daemon/control.h"
#include "daemon/session.h"
#include "daemon/worker.h"

static void
carry_send(struct server *sv, const struct effect *e)
{
	struct session *s;

	for (size_t i = 0; i < e->u.send.nto; i++) {
		s = session_find(sv, e->u.send.to[i]);
		if (s != NULL && s->stream != NULL)
			stream_send(s->stream, e->u.send.buf);
	}
}

static void
carry_hash(struct server *sv, const struct effect *e)
{
	worker_hash(sv->worker, e->u.hash.token, e->u.hash.password,
	    e->u.hash.verifier);
	sodium_memzero((void *)(uintptr_t)e->u.hash.password.p,
	    e->u.hash.password.n);
}

static void
carry(struct server *sv, const struct effect *e)
{
	struct session *s;

	switch (e->kind) {
	case EFF_SEND:
		carry_send(sv, e);
		break;
	case EFF_CLOSE:
		if ((s = session_find(sv, e->u.close.conn)) != NULL)
			session_close(s, e->u.close.reason);
		break;
	case EFF_READ:
		if ((s = session_find(sv, e->u.read.conn)) != NULL)
			session_grant(s, e->u.read.n);
		break;
	case EFF_DRAIN:
		if ((s = session_find(sv, e->u.drain.conn)) != NULL)
			session_drain(s, e->u.drain.n);
		break;
	case EFF_HASH:
		carry_hash(sv, e);
		break;
	case EFF_DIAL:
		session_dial(sv, e->u.dial.dial, e->u.dial.addr, e->u.dial.port,
		    e->u.dial.tls, e->u.dial.name);
		break;
	case EFF_STORE_UIDS:
		worker_store(sv->worker, &sv->state, e->u.store_uids.uid_upto);
		break;
	case EFF_LOG:
		logger_row(&sv->log, e->u.log.row, e->u.log.field,
		    e->u.log.nfield);
		break;
	case EFF_CONTROL:
		control_line(sv->control, e->u.control.token, e->u.control.line,
		    e->u.control.last);
		break;
	case EFF_COUNT:
		break;
	}
}

static void
step(struct server *sv, struct event *ev)
{
	invariant(!sv->stepping);
	sv->stepping = true;
	ev->now = loop_now(sv->loop);
	ev->wall = loop_wall(sv->loop);
	node_step(sv->node, ev, &sv->fx);
	for (size_t i = 0; i < sv->fx.n; i++)
		carry(sv, &sv->fx.v[i]);
	/* an earlier deadline stays until its tick; an extra tick is harmless
	 */
	if (ev->kind == EV_TICK)
		sv->deadline = MONO_NEVER;
	if (mono_cmp(sv->fx.deadline, sv->deadline) < 0) {
		sv->deadline = sv->fx.deadline;
		loop_timer_set(sv->loop, &sv->tick, sv->deadline);
	}
	effects_clear(&sv->fx);
	sv->stepping = false;
}

void
pump_event(struct server *sv, struct event *ev)
{
	step(sv, ev);
	session_tell_drained(sv);
	session_tell_closed(sv);
}
