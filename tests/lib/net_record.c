/*
 * The record has all events of all nodes, with a copy of what an event borrows.
 * A replay gives them to fresh nodes, and must come to the same hash of
 * effects: a node depends on its events alone.
 */
#include "lib/net_record.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lib/handed.h"

struct record_item {
	enum record_kind kind;
	unsigned node;
	struct event event;
	struct part_home home;
	bool all;
	struct handover handover; /* without its text */
};

struct net_record {
	struct record_item *v;
	size_t n, cap;
	struct arena *arena;
};

void
net_record(struct net *net)
{
	net->record = mem_zalloc(sizeof(*net->record));
	net->record->arena = arena_new(1 << 16);
}

static void
keep_span(struct arena *a, struct span *s)
{
	*s = arena_span_dup(a, *s);
}

static void
keep_also(struct arena *a, struct event *ev)
{
	size_t n = ev->u.line.nalso * sizeof(struct conn_id);
	struct conn_id *also;

	if (n == 0)
		return;
	also = arena_alloc(a, n);
	memcpy(also, ev->u.line.also, n);
	ev->u.line.also = also;
}

static void
keep_things(struct arena *a, struct event *ev)
{
	size_t n = ev->u.loaded.n;
	struct stored *v = arena_alloc(a, n * sizeof(*v) + 1);

	for (size_t i = 0; i < n; i++) {
		v[i] = ev->u.loaded.v[i];
		keep_span(a, &v[i].key);
		keep_span(a, &v[i].text);
	}
	ev->u.loaded.v = v;
}

void
net_record_add(struct net *net, enum record_kind kind, unsigned i,
    const struct event *ev)
{
	struct net_record *r = net->record;
	struct record_item *it;

	if (r == NULL)
		return;
	if (r->n == r->cap) {
		r->cap = r->cap == 0 ? 1024 : r->cap * 2;
		r->v = mem_array(r->v, r->cap, sizeof(*r->v));
	}
	it = &r->v[r->n++];
	memset(it, 0, sizeof(*it));
	it->kind = kind;
	it->node = i;
	if (ev == NULL)
		return;
	it->event = *ev;
	switch (ev->kind) {
	case EV_LINE:
	case EV_LINK_LINE:
	case EV_TRUNK_LINE:
		keep_span(r->arena, &it->event.u.line.line);
		keep_also(r->arena, &it->event);
		break;
	case EV_CONN_CLOSED:
	case EV_CONN_HELD:
	case EV_LINK_CLOSED:
	case EV_TRUNK_CLOSED:
		keep_span(r->arena, &it->event.u.closed.reason);
		break;
	case EV_CONTROL:
		keep_span(r->arena, &it->event.u.control.line);
		break;
	case EV_ANSWERED:
		keep_span(r->arena, &it->event.u.answered.bytes);
		break;
	case EV_LOADED:
		keep_things(r->arena, &it->event);
		break;
	case EV_DIAL_FAILED:
		keep_span(r->arena, &it->event.u.dial_failed.reason);
		break;
	case EV_SEED:
	case EV_CONF:
	case EV_TICK:
	case EV_CONN_OPEN:
	case EV_CONN_ENDED:
	case EV_CONN_EXCESS:
	case EV_DRAINED:
	case EV_LINK_OPEN:
	case EV_LINK_WRITABLE:
	case EV_TRUNK_OPEN:
	case EV_TRUNK_WRITABLE:
	case EV_HAPPENED: /* of a daemon */
	case EV_UNSTORED:
	case EV_COUNT:
		break;
	}
}

void
net_record_add_home(struct net *net, unsigned i, const struct event *ev,
    const struct part_home *home)
{
	net_record_add(net, RECORD_HOME, i, ev);
	if (net->record != NULL)
		net->record->v[net->record->n - 1].home = *home;
}

void
net_record_add_end(struct net *net, unsigned i, const struct event *ev,
    bool all)
{
	net_record_add(net, RECORD_END_BUSY, i, ev);
	if (net->record != NULL)
		net->record->v[net->record->n - 1].all = all;
}

void
net_record_add_go_on(struct net *net, unsigned i, const struct event *ev,
    const struct handover *h)
{
	net_record_add(net, RECORD_GO_ON, i, ev);
	if (net->record != NULL)
		net->record->v[net->record->n - 1].handover = *h;
}

void
net_record_free(struct net *net)
{
	if (net->record == NULL)
		return;
	arena_free(net->record->arena);
	free(net->record->v);
	free(net->record);
}

void
net_event_print(FILE *f, unsigned i, const struct event *ev)
{
	fprintf(f, "%12.6f s%u %s %u.%u", (double)ev->now.ns / 1e9, i + 1,
	    event_name(ev->kind), ev->conn.slot, ev->conn.gen);
	if (ev->kind == EV_LINE || ev->kind == EV_LINK_LINE ||
	    ev->kind == EV_TRUNK_LINE)
		fprintf(f, " %.*s", SPAN_ARG(ev->u.line.line));
	else if (ev->kind == EV_CONN_CLOSED || ev->kind == EV_CONN_HELD ||
		 ev->kind == EV_LINK_CLOSED || ev->kind == EV_TRUNK_CLOSED)
		fprintf(f, " %.*s", SPAN_ARG(ev->u.closed.reason));
	fputc('\n', f);
}

void
net_record_print(const struct net *net, FILE *f, size_t last)
{
	const struct net_record *r = net->record;
	size_t k;

	if (r == NULL)
		return;
	for (k = r->n > last ? r->n - last : 0; k < r->n; k++)
		if (r->v[k].kind == RECORD_STEP)
			net_event_print(f, r->v[k].node, &r->v[k].event);
		else
			fprintf(f, "%12s s%u %s\n", "", r->v[k].node + 1,
			    r->v[k].kind == RECORD_START ? "start" : "stop");
}

/* ---- the hash of effects ---- */

static void
hash_u64(uint64_t *h, uint64_t v)
{
	*h = (*h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	*h ^= *h >> 29;
}

static void
hash_span(uint64_t *h, struct span s)
{
	uint64_t v;

	hash_u64(h, s.n);
	for (; s.n > 0; s = span_tail(s, 8)) {
		v = 0;
		memcpy(&v, s.p, s.n < 8 ? s.n : 8);
		hash_u64(h, v);
	}
}

static void
hash_conn(uint64_t *h, struct conn_id id)
{
	hash_u64(h, (uint64_t)id.slot << 32 | id.gen);
}

static void
hash_effect(uint64_t *h, const struct effect *e)
{
	size_t k;

	hash_u64(h, e->kind);
	switch (e->kind) {
	case EFF_SEND:
		hash_span(h, rcbuf_span(e->u.send.buf));
		for (k = 0; k < e->u.send.nto; k++)
			hash_conn(h, e->u.send.to[k]);
		break;
	case EFF_CLOSE:
		hash_conn(h, e->u.close.conn);
		hash_span(h, e->u.close.reason);
		break;
	case EFF_READ:
		hash_conn(h, e->u.read.conn);
		hash_u64(h, e->u.read.n);
		break;
	case EFF_HOLD:
		hash_conn(h, e->u.hold.conn);
		hash_u64(h, e->u.hold.on);
		break;
	case EFF_QUEUES:
		hash_conn(h, e->u.queues.conn);
		hash_u64(h, e->u.queues.sendq);
		hash_u64(h, e->u.queues.recvq);
		break;
	case EFF_DRAIN:
		hash_conn(h, e->u.drain.conn);
		hash_u64(h, e->u.drain.n);
		break;
	case EFF_ASK:
		hash_u64(h, e->u.ask.token);
		hash_u64(h, e->u.ask.kind);
		hash_span(h, span_make(e->u.ask.from.b, 16));
		hash_span(h, e->u.ask.bytes);
		break;
	case EFF_DIAL:
		hash_u64(h, e->u.dial.dial);
		hash_span(h, span_make(e->u.dial.addr.b, 16));
		hash_u64(h, e->u.dial.port);
		hash_span(h, e->u.dial.name);
		break;
	case EFF_STORE:
		hash_span(h, e->u.store.key);
		hash_span(h, e->u.store.text);
		hash_u64(h, (uint64_t)e->u.store.gone.ms);
		break;
	case EFF_RENEW:
		hash_u64(h, e->u.renew.above);
		hash_span(h, e->u.renew.reason);
		break;
	case EFF_STOP:
		hash_u64(h, e->u.stop.restart);
		hash_span(h, e->u.stop.reason);
		break;
	case EFF_LOG:
		hash_u64(h, e->u.log.row);
		for (k = 0; k < e->u.log.nfield; k++)
			hash_span(h, e->u.log.field[k].value);
		break;
	case EFF_CONTROL:
		hash_u64(h, e->u.control.token);
		hash_span(h, e->u.control.line);
		break;
	case EFF_COUNT:
		break;
	}
}

void
net_hash_effects(uint64_t *h, unsigned i, const struct effects *fx)
{
	size_t k;

	hash_u64(h, i);
	hash_u64(h, (uint64_t)fx->deadline.ns);
	for (k = 0; k < fx->n; k++)
		hash_effect(h, &fx->v[k]);
}

/* ---- again ---- */

/* Return a node that goes on with this one, which is freed. */
static struct node *
go_on(struct node *node, const struct record_item *it, struct effects *fx)
{
	struct handover_fault fault;
	struct handover h = it->handover;
	struct handed text = handed_of(node, &it->event);

	node_free(node);
	h.text = handed_text(&text);
	node = node_new();
	(void)handover_take(node, &h, fx, &fault);
	handed_free(&text);
	return node;
}

bool
net_replay(const struct net *net)
{
	const struct net_record *r = net->record;
	struct node *node[NET_NODES] = { NULL };
	struct effects fx;
	const struct record_item *it;
	uint64_t hash;
	size_t k;

	hash = 0;
	effects_init(&fx);
	for (k = 0; k < r->n; k++) {
		it = &r->v[k];
		switch (it->kind) {
		case RECORD_START:
			node[it->node] = node_new();
			break;
		case RECORD_STOP:
			node_free(node[it->node]);
			node[it->node] = NULL;
			break;
		case RECORD_STEP:
			node_step(node[it->node], &it->event, &fx);
			net_hash_effects(&hash, it->node, &fx);
			effects_clear(&fx);
			break;
		case RECORD_HOME:
			node_make_home(node[it->node], &it->event, &it->home,
			    &fx);
			break;
		case RECORD_END_BUSY:
			(void)handover_end_busy(node[it->node], &it->event,
			    it->all, SPAN("Please come back"), &fx);
			break;
		case RECORD_GO_ON:
			node[it->node] = go_on(node[it->node], it, &fx);
			net_hash_effects(&hash, it->node, &fx);
			effects_clear(&fx);
			break;
		}
	}
	for (k = 0; k < NET_NODES; k++)
		if (node[k] != NULL)
			node_free(node[k]);
	effects_fini(&fx);
	return hash == net->hash;
}
