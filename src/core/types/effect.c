/*
 * A list of effects is filled by one step and emptied by the caller; all it
 * points to is in one arena, so that emptying it is one reset.
 */
#include "core/types/effect.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "core/types/settings.h"

#define EFFECTS_CHUNK (64 * 1024) /* bytes of arena to begin with */

void
effects_init(struct effects *fx)
{
	*fx = (struct effects){ .arena = arena_new(EFFECTS_CHUNK),
		.deadline = MONO_NEVER };
}

void
effects_fini(struct effects *fx)
{
	effects_clear(fx);
	arena_free(fx->arena);
	free(fx->v);
	*fx = (struct effects){ .deadline = MONO_NEVER };
}

#define EFFECTS_KEPT 4096 /* places that a step leaves behind */

void
effects_clear(struct effects *fx)
{
	for (size_t i = 0; i < fx->n; i++)
		if (fx->v[i].kind == EFF_SEND)
			rcbuf_unref(fx->v[i].u.send.buf);
	fx->n = 0;
	fx->deadline = MONO_NEVER;
	arena_reset(fx->arena);
	if (fx->cap <= EFFECTS_KEPT)
		return;
	free(fx->v);
	fx->v = NULL;
	fx->cap = 0;
}

static struct effect *
effects_add(struct effects *fx, enum effect_kind kind)
{
	struct effect *e;

	if (fx->n == fx->cap)
		fx->v = mem_grow(fx->v, &fx->cap, 32, sizeof(*fx->v));
	e = &fx->v[fx->n++];
	e->kind = kind;
	return e;
}

void
effects_send_shared(struct effects *fx, struct rcbuf *buf,
    const struct conn_id *to, size_t nto)
{
	struct effect *e;

	if (nto == 0) {
		rcbuf_unref(buf);
		return;
	}
	e = effects_add(fx, EFF_SEND);
	e->u.send.buf = buf;
	e->u.send.to = to;
	e->u.send.nto = nto;
}

void
effects_send(struct effects *fx, struct rcbuf *buf, const struct conn_id *to,
    size_t nto)
{
	struct conn_id *copy = NULL;

	if (nto > 0) {
		copy = arena_alloc(fx->arena, nto * sizeof(*copy));
		memcpy(copy, to, nto * sizeof(*copy));
	}
	effects_send_shared(fx, buf, copy, nto);
}

void
effects_send_more(struct effects *fx, size_t i, size_t *cap, struct span s)
{
	invariant(i < fx->n && fx->v[i].kind == EFF_SEND);
	fx->v[i].u.send.buf = rcbuf_append(fx->v[i].u.send.buf, cap, s);
}

void
effects_close(struct effects *fx, struct conn_id conn, struct span reason)
{
	struct effect *e = effects_add(fx, EFF_CLOSE);

	e->u.close.conn = conn;
	e->u.close.reason = arena_span_dup(fx->arena, reason);
}

void
effects_read(struct effects *fx, struct conn_id conn, unsigned n)
{
	struct effect *e = effects_add(fx, EFF_READ);

	e->u.read.conn = conn;
	e->u.read.n = n;
}

void
effects_hold(struct effects *fx, struct conn_id conn, bool on)
{
	struct effect *e = effects_add(fx, EFF_HOLD);

	e->u.hold.conn = conn;
	e->u.hold.on = on;
}

void
effects_queues(struct effects *fx, struct conn_id conn,
    const struct class_settings *class)
{
	struct effect *e = effects_add(fx, EFF_QUEUES);

	e->u.queues.conn = conn;
	e->u.queues.sendq = class->sendq;
	e->u.queues.recvq = class->recvq;
}

void
effects_drain(struct effects *fx, struct conn_id conn, size_t n)
{
	struct effect *e = effects_add(fx, EFF_DRAIN);

	e->u.drain.conn = conn;
	e->u.drain.n = n;
}

void
effects_ask(struct effects *fx, uint64_t token, enum request_kind kind,
    const struct addr *from, struct span bytes)
{
	struct effect *e = effects_add(fx, EFF_ASK);

	e->u.ask.token = token;
	e->u.ask.kind = kind;
	e->u.ask.from = *from;
	e->u.ask.bytes = bytes;
}

void
effects_dial(struct effects *fx, uint64_t dial, const struct peer_address *to,
    bool tls, struct span name)
{
	struct effect *e = effects_add(fx, EFF_DIAL);

	e->u.dial.dial = dial;
	e->u.dial.host = arena_span_dup(fx->arena, to->host);
	e->u.dial.addr = to->addr;
	e->u.dial.port = to->port;
	e->u.dial.broker = to->broker;
	e->u.dial.tls = tls;
	e->u.dial.name = arena_span_dup(fx->arena, name);
}

void
effects_renew(struct effects *fx, uint32_t above, struct span reason)
{
	struct effect *e = effects_add(fx, EFF_RENEW);

	e->u.renew.above = above;
	e->u.renew.reason = arena_span_dup(fx->arena, reason);
}

void
effects_stop(struct effects *fx, bool restart, struct span reason)
{
	struct effect *e = effects_add(fx, EFF_STOP);

	e->u.stop.restart = restart;
	e->u.stop.reason = arena_span_dup(fx->arena, reason);
}

void
effects_store(struct effects *fx, struct span key, struct span text)
{
	struct effect *e = effects_add(fx, EFF_STORE);

	e->u.store.key = arena_span_dup(fx->arena, key);
	e->u.store.text = text;
	e->u.store.gone = (struct stamp){ 0 };
}

void
effects_unstore(struct effects *fx, struct span key, struct stamp gone)
{
	effects_store(fx, key, SPAN_NONE);
	fx->v[fx->n - 1].u.store.gone = gone;
}

void
effects_log(struct effects *fx, enum log_row row, const struct log_field *f,
    size_t n)
{
	struct log_field *copy;
	struct effect *e;

	invariant(log_row_fits(row, f, n));
	copy = arena_alloc(fx->arena, n * sizeof(*copy) + 1);
	for (size_t i = 0; i < n; i++) {
		copy[i].key = f[i].key;
		copy[i].value = arena_span_dup(fx->arena, f[i].value);
	}
	e = effects_add(fx, EFF_LOG);
	e->u.log.row = row;
	e->u.log.field = copy;
	e->u.log.nfield = n;
}

void
effects_control(struct effects *fx, uint64_t token, struct span line, bool last)
{
	struct effect *e = effects_add(fx, EFF_CONTROL);

	e->u.control.token = token;
	e->u.control.line = arena_span_dup(fx->arena, line);
	e->u.control.last = last;
}

void
effects_deadline(struct effects *fx, struct mono t)
{
	fx->deadline = mono_min(fx->deadline, t);
}
