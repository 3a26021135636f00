/*
 * A server is dialled by its address, by the name of its host, or by the name
 * of a service (RFC 2782), whose targets are hosts. A name is looked up anew
 * for each dial. Its addresses are tried one after another, of both kinds and
 * of all targets; each dial begins with another one, so that an address that
 * answers but is refused does not stand before the others for ever. When none
 * is left, the next dial waits (gate-protocol.md, 7.3).
 *
 * A trunk that was up for STEADY_MS was a good one: the next dial comes soon.
 */
#include "gate/server.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "gate/names.h"
#include "gate/trunk.h"
#include "net/srv.h"

#define AGAIN_MS 1000 /* 7.3 */
#define AGAIN_MAX_MS 30000
#define STEADY_MS 10000
#define KINDS 2 /* of addresses: AAAA and A */
#define ADDRS_MAX ((size_t)KINDS * DNS_ADDRS_MAX)

struct server {
	struct gate *gate;
	const struct gate_server *conf; /* of gate->conf */
	struct trunk *trunk;		/* NULL: none */
	struct timer again;
	struct mono again_at; /* MONO_NEVER: the timer is not set */
	int64_t delay_ms;     /* the last one */
	bool was_up;	      /* the trunk of this dial was */
	/* the dial under way */
	struct dns_srv target[DNS_SRV_MAX];
	size_t ntarget, at;
	struct lookup *servers, *lookup[KINDS];
	bool failed;		     /* a lookup of the target has */
	struct addr addr[ADDRS_MAX]; /* of the target */
	size_t naddr, tried;
	uint64_t first; /* the address to begin with, modulo naddr */
	LIST_ENTRY(server) link;
};

static void dial(struct server *);

struct gate *
server_gate(const struct server *s)
{
	return s->gate;
}

const struct gate_server *
server_conf(const struct server *s)
{
	return s->conf;
}

/* ---- when to dial -------------------------------------------------------- */

static void
dial_later(struct server *s)
{
	struct gate *g = s->gate;
	int64_t ms;

	if (g->stopping)
		return;
	ms = s->delay_ms == 0 ? AGAIN_MS : s->delay_ms * 2;
	s->delay_ms = ms < AGAIN_MAX_MS ? ms : AGAIN_MAX_MS;
	ms = s->delay_ms +
	     (int64_t)rng_below(&g->rng, (uint64_t)s->delay_ms / 2);
	s->again_at = mono_add_ms(loop_now(g->loop), ms);
	loop_timer_set(g->loop, &s->again, s->again_at);
}

static void
is_time(struct timer *t)
{
	struct server *s =
	    (struct server *)(void *)((char *)t -
				      offsetof(struct server, again));

	s->again_at = MONO_NEVER;
	dial(s);
}

/* ---- addresses ----------------------------------------------------------- */

static void
log_failed(const struct server *s, const char *why, struct span name)
{
	char text[DNS_NAME_MAX + 64];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	writer_str(&w, why);
	writer_span(&w, name);
	logger_with(&s->gate->log, LOG_GATE_TRUNK_FAILED,
	    { "server", SPAN("") }, { "address", SPAN("") },
	    { "code", SPAN("") }, { "by", SPAN("dns") },
	    { "reason", writer_done(&w) });
}

static void look_up_target(struct server *);

/* Try the next address, or the next target, or wait. */
static void
try_next(struct server *s)
{
	const struct addr *a;

	if (s->tried < s->naddr) {
		a = &s->addr[(s->first + s->tried++) % s->naddr];
		trunk_dial(s, a, s->target[s->at].port);
	} else if (s->at + 1 < s->ntarget) {
		s->at++;
		look_up_target(s);
	} else
		dial_later(s);
}

static void
got_addresses(struct server *s, int kind, enum dns_status status,
    const struct dns_answer *a)
{
	s->lookup[kind] = NULL;
	s->failed = s->failed || status == DNS_FAILED;
	for (size_t i = 0; status == DNS_FOUND && i < a->naddr; i++)
		memcpy(s->addr[s->naddr++].b, a->addr[i], DNS_ADDR_LEN);
	if (s->lookup[0] != NULL || s->lookup[1] != NULL)
		return;
	if (s->naddr == 0)
		log_failed(s, s->failed ? "cannot look up " : "no address of ",
		    span_of(s->target[s->at].target));
	try_next(s);
}

static void
got_v6(void *ctx, enum dns_status status, const struct dns_answer *a)
{
	got_addresses(ctx, 0, status, a);
}

static void
got_v4(void *ctx, enum dns_status status, const struct dns_answer *a)
{
	got_addresses(ctx, 1, status, a);
}

static void
look_up_target(struct server *s)
{
	const char *host = s->target[s->at].target;

	s->naddr = s->tried = 0;
	s->failed = false;
	s->lookup[0] = names_ask(s->gate->names, DNS_AAAA, host, got_v6, s);
	s->lookup[1] = names_ask(s->gate->names, DNS_A, host, got_v4, s);
}

static void
got_servers(void *ctx, enum dns_status status, const struct dns_answer *a)
{
	struct server *s = ctx;

	s->servers = NULL;
	s->ntarget = 0;
	if (status == DNS_FOUND) {
		memcpy(s->target, a->srv, sizeof(s->target));
		s->ntarget = srv_order(s->target, a->nsrv, &s->gate->rng);
	}
	if (s->ntarget > 0) {
		look_up_target(s);
		return;
	}
	log_failed(s,
	    status == DNS_FAILED   ? "cannot look up "
	    : status == DNS_ABSENT ? "no SRV record of "
				   : "DNS says that there is no service ",
	    s->conf->address.host);
	dial_later(s);
}

static void
copy_host(char to[DNS_NAME_MAX + 1], struct span host)
{
	host = span_head(host, DNS_NAME_MAX);
	memcpy(to, host.p, host.n);
	to[host.n] = '\0';
}

static void
dial(struct server *s)
{
	const struct peer_address *a = &s->conf->address;
	char name[DNS_NAME_MAX + 1];

	s->ntarget = 1;
	s->at = s->naddr = s->tried = 0;
	s->was_up = false;
	s->first++;
	s->target[0].port = a->port;
	if (peer_address_is_service(a)) {
		copy_host(name, a->host);
		s->servers =
		    names_ask(s->gate->names, DNS_SRV, name, got_servers, s);
	} else if (a->host.n > 0) {
		copy_host(s->target[0].target, a->host);
		look_up_target(s);
	} else {
		s->addr[s->naddr++] = a->addr;
		try_next(s);
	}
}

/* ---- from the trunk ------------------------------------------------------ */

void
server_trunk_begins(struct server *s, struct trunk *t)
{
	s->trunk = t;
}

void
server_trunk_is_up(struct trunk *t)
{
	if (t->server != NULL)
		t->server->was_up = true;
}

void
server_trunk_is_used_up(struct trunk *t)
{
	struct server *s = t->server;

	t->server = NULL;
	s->trunk = NULL;
	dial(s);
}

/* If it is not configured, a network is known by the servers of trunks that are
 * up. */
static void
forget_network(struct gate *g)
{
	const struct trunk *t;

	LIST_FOREACH(t, &g->trunks, link)
		if (t->state == TRUNK_IS_UP)
			return;
	gate_set_network(g, g->conf->network);
}

void
server_trunk_ended(struct trunk *t)
{
	struct server *s = t->server;
	struct mono now = loop_now(t->gate->loop);

	forget_network(t->gate);
	t->server = NULL;
	if (s == NULL)
		return;
	s->trunk = NULL;
	if (!s->was_up) {
		try_next(s);
		return;
	}
	if (mono_sub_ms(now, t->up_at) >= STEADY_MS)
		s->delay_ms = 0;
	dial_later(s);
}

/* ---- configuration ------------------------------------------------------- */

static struct server *
server_new(struct gate *g, const struct gate_server *conf)
{
	struct server *s = mem_zalloc(sizeof(*s));

	s->gate = g;
	s->conf = conf;
	s->again.fire = is_time;
	s->again_at = MONO_NEVER;
	s->first = rng_u64(&g->rng) >> 1;
	LIST_INSERT_HEAD(&g->servers, s, link);
	return s;
}

static void
stop_dial(struct server *s)
{
	loop_timer_clear(s->gate->loop, &s->again);
	s->again_at = MONO_NEVER;
	if (s->servers != NULL)
		lookup_cancel(s->servers);
	s->servers = NULL;
	for (int i = 0; i < KINDS; i++) {
		if (s->lookup[i] != NULL)
			lookup_cancel(s->lookup[i]);
		s->lookup[i] = NULL;
	}
}

static void
server_free(struct server *s)
{
	stop_dial(s);
	LIST_REMOVE(s, link);
	free(s);
}

static bool
is_same_place(const struct gate_server *a, const struct gate_server *b)
{
	return a->address.port == b->address.port &&
	       span_eq(a->address.host, b->address.host) &&
	       addr_eq(&a->address.addr, &b->address.addr);
}

static bool
is_same(const struct gate_server *a, const struct gate_server *b)
{
	return is_same_place(a, b) && a->plaintext == b->plaintext &&
	       a->pin.given == b->pin.given &&
	       memcmp(a->pin.v, b->pin.v, sizeof(a->pin.v)) == 0;
}

/* Find what the new configuration says of the server; NULL: nothing. */
static const struct gate_server *
find_conf(const struct server *s, bool *taken)
{
	const struct gate_conf *conf = s->gate->conf;

	for (size_t i = 0; i < conf->nserver; i++)
		if (!taken[i] && is_same(s->conf, &conf->server[i])) {
			taken[i] = true;
			return &conf->server[i];
		}
	return NULL;
}

/* End the trunk of a server that the configuration does not have any more, now
 * or with its last client. If the place has another pin, the old key is not
 * trusted, and clients do not stay with it. */
static void
let_go(struct server *s, const struct gate_server *old)
{
	const struct gate_conf *conf = s->gate->conf;

	if (s->trunk == NULL)
		return;
	for (size_t i = 0; i < conf->nserver; i++)
		if (is_same_place(old, &conf->server[i])) {
			trunk_revoke(s->trunk);
			return;
		}
	trunk_retire(s->trunk);
}

void
servers_commit(struct gate *g)
{
	bool *taken = mem_zalloc(g->conf->nserver + 1);
	const struct gate_server *old;
	struct server *s, *next;

	LIST_FOREACH_SAFE(s, &g->servers, link, next) {
		old = s->conf;
		s->conf = find_conf(s, taken);
		if (s->conf != NULL)
			continue;
		let_go(s, old);
		server_free(s);
	}
	for (size_t i = 0; i < g->conf->nserver; i++)
		if (!taken[i])
			dial(server_new(g, &g->conf->server[i]));
	free(taken);
}

void
servers_stop(struct gate *g)
{
	struct server *s;

	LIST_FOREACH(s, &g->servers, link)
		stop_dial(s);
}

void
servers_fini(struct gate *g)
{
	while (!LIST_EMPTY(&g->servers))
		server_free(LIST_FIRST(&g->servers));
}

bool
server_info(const struct gate *g, size_t i, struct server_info *info)
{
	const struct server *s = LIST_FIRST(&g->servers);

	while (s != NULL && i-- > 0)
		s = LIST_NEXT(s, link);
	if (s == NULL)
		return false;
	*info = (struct server_info){ .host = s->conf->address.host,
		.addr =
		    s->trunk != NULL ? s->trunk->addr : s->conf->address.addr,
		.port = s->conf->address.port,
		.trunk = s->trunk,
		.again_ms = -1 };
	if (!mono_is_never(s->again_at))
		info->again_ms = mono_sub_ms(s->again_at, loop_now(g->loop));
	return true;
}
