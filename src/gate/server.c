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
#include "gate/figures.h"
#include "gate/names.h"
#include "gate/trunk.h"
#include "net/srv.h"

#define AGAIN_MS 1000 /* 7.3 */
#define AGAIN_MAX_MS 30000
#define STEADY_MS 10000

static void dial(struct server *);
static void review_all(struct gate *);
static struct server *find_learned(const struct gate *,
    const struct place_sid *);

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
	if (!s->learned)
		review_all(g);
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

/* ---- learned servers ----------------------------------------------------- */

static bool
is_same_place(const struct gate_server *a, const struct gate_server *b)
{
	return a->address.port == b->address.port &&
	       span_eq(a->address.host, b->address.host) &&
	       addr_eq(&a->address.addr, &b->address.addr);
}

static bool
is_same_pin(const struct conf_pin *a, const struct conf_pin *b)
{
	return a->given == b->given && memcmp(a->v, b->v, sizeof(a->v)) == 0;
}

bool
gate_server_is_same(const struct gate_server *a, const struct gate_server *b)
{
	return is_same_place(a, b) && a->plaintext == b->plaintext &&
	       is_same_pin(&a->pin, &b->pin);
}

static bool
is_up(const struct server *s)
{
	return s->trunk != NULL && s->trunk->state == TRUNK_IS_UP;
}

static void
let_learned_go(struct server *s)
{
	struct trunk *t = s->trunk;

	s->trunk = NULL;
	if (t != NULL)
		trunk_retire(t);
}

/* Return true if another server of the list has a trunk to this one, or will
 * have: it dials this place, or is in the middle of a dial with this key. */
static bool
covers(const struct server *c, const struct server *s)
{
	if (is_up(c))
		return place_sid_eq(&c->trunk->sid, &s->sid);
	if (c->learned)
		return false;
	if (is_same_place(c->conf, s->conf))
		return true;
	return s->conf->pin.given &&
	       is_same_pin(&c->conf->pin, &s->conf->pin) &&
	       mono_is_never(c->again_at);
}

/* Return true if a learned server is not to be dialled. */
static bool
is_covered(const struct server *s)
{
	const struct server *c;

	if (!s->gate->conf->learn)
		return true;
	LIST_FOREACH(c, &s->gate->servers, link)
		if (c != s && covers(c, s))
			return true;
	return false;
}

/*
 * Return true if the gate may dial by a telling. The key that the configuration
 * has for a server comes before one that is told (11.3).
 */
static bool
is_usable(const struct server *s, const struct telling *v)
{
	const struct server *c;

	if (v->conf.pin.given && s->gate->tls_trunks == NULL)
		return false;
	LIST_FOREACH(c, &s->gate->servers, link)
		if (!c->learned && place_sid_eq(&c->sid, &s->sid) &&
		    !is_same_pin(&c->conf->pin, &v->conf.pin))
			return false;
	return true;
}

/* Go to the next telling that may be used, round and round. Return false if
 * there is none. */
static bool
next_telling(struct server *s)
{
	struct telling *v = s->telling;

	do {
		v = v->next != NULL ? v->next : s->tellings;
		if (!is_usable(s, v))
			continue;
		s->telling = v;
		s->conf = &v->conf;
		return true;
	} while (v != s->telling);
	return false;
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
	const struct peer_address *a;
	char name[DNS_NAME_MAX + 1];

	if (s->learned && is_covered(s))
		return;
	if (s->learned && !next_telling(s)) {
		dial_later(s);
		return;
	}
	a = &s->conf->address;
	s->dialled = loop_now(s->gate->loop);
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

const char *
server_refuses(const struct trunk *t)
{
	const struct server *s = t->server;

	if (s == NULL || !s->learned || place_sid_eq(&s->sid, &t->sid))
		return NULL;
	return "the server is not the one that was told of";
}

/* A server has one trunk, unless it is configured twice. That of the
 * configuration comes before one that was learned (11.3). */
static void
retire_second(struct server *s)
{
	struct server *c;

	LIST_FOREACH(c, &s->gate->servers, link) {
		if (c == s || !is_up(c) ||
		    !place_sid_eq(&c->trunk->sid, &s->sid))
			continue;
		if (s->learned) {
			let_learned_go(s);
			return;
		}
		if (c->learned)
			let_learned_go(c);
	}
}

void
server_trunk_is_up(struct trunk *t)
{
	struct server *s = t->server, *same;

	if (s == NULL)
		return;
	s->was_up = true;
	s->sid = t->sid;
	retire_second(s);
	same = find_learned(s->gate, &s->sid);
	if (same != NULL)
		server_review(same);
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
		server_review(s);
		return;
	}
	if (mono_sub_ms(now, t->up_at) >= STEADY_MS)
		s->delay_ms = 0;
	dial_later(s);
	server_review(s);
}

/* ---- life ---------------------------------------------------------------- */

static struct server *
server_new(struct gate *g, const struct gate_server *conf)
{
	struct server *s = mem_zalloc(sizeof(*s));

	s->gate = g;
	s->conf = conf;
	s->again.fire = is_time;
	s->again_at = s->dialled = MONO_NEVER;
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
	for (int i = 0; i < SERVER_KINDS; i++) {
		if (s->lookup[i] != NULL)
			lookup_cancel(s->lookup[i]);
		s->lookup[i] = NULL;
	}
}

static void
server_free(struct server *s)
{
	struct telling *v;

	stop_dial(s);
	loop_timer_clear(s->gate->loop, &s->forget);
	while ((v = s->tellings) != NULL) {
		s->tellings = v->next;
		free(v);
	}
	LIST_REMOVE(s, link);
	free(s);
}

/* ---- from the lists of trunks -------------------------------------------- */

static struct server *
find_learned(const struct gate *g, const struct place_sid *sid)
{
	struct server *s;

	LIST_FOREACH(s, &g->servers, link)
		if (s->learned && place_sid_eq(&s->sid, sid))
			return s;
	return NULL;
}

static void
log_learned(const struct server *s, enum log_row row)
{
	logger_with(&s->gate->log, row,
	    { "server", span_of(s->telling != NULL ? s->telling->name : "") },
	    { "sid", span_of(s->sid.s) });
}

/* No list has named the server for a time. */
static void
forget(struct timer *timer)
{
	struct server *s =
	    (struct server *)(void *)((char *)timer -
				      offsetof(struct server, forget));

	log_learned(s, LOG_GATE_SERVER_FORGOTTEN);
	let_learned_go(s);
	server_free(s);
}

struct server *
server_get(struct gate *g, const struct place_sid *sid)
{
	struct server *s = find_learned(g, sid);
	size_t n = 0;

	if (s != NULL)
		return s;
	LIST_FOREACH(s, &g->servers, link)
		n++;
	if (n >= PLACE_SERVERS_MAX)
		return NULL;
	s = server_new(g, NULL);
	s->learned = true;
	s->sid = *sid;
	s->forget.fire = forget;
	return s;
}

/* Dial a learned server that may be dialled now. Dials do not come faster by
 * anything that servers tell (7.3), so that none can point gates at somebody.
 */
static void
dial_soon(struct server *s)
{
	struct gate *g = s->gate;

	if (mono_is_never(s->dialled) ||
	    mono_sub_ms(loop_now(g->loop), s->dialled) >= AGAIN_MS) {
		dial(s);
		return;
	}
	s->again_at = mono_add_ms(s->dialled, AGAIN_MS);
	loop_timer_set(g->loop, &s->again, s->again_at);
}

void
server_is_told(struct server *s)
{
	if (s->telling == NULL) {
		s->telling = s->tellings;
		s->conf = &s->telling->conf;
		log_learned(s, LOG_GATE_SERVER_LEARNED);
	}
	s->delay_ms = 0;
	if (s->trunk == NULL)
		stop_dial(s);
}

void
server_leaves_telling(struct server *s, const struct telling *v)
{
	if (s->telling != v)
		return;
	s->telling = s->tellings;
	s->conf = &s->telling->conf;
	stop_dial(s);
	s->ntarget = s->at = s->naddr = s->tried = 0;
}

static bool
is_idle(const struct server *s)
{
	return s->trunk == NULL && mono_is_never(s->again_at) &&
	       s->servers == NULL && s->lookup[0] == NULL &&
	       s->lookup[1] == NULL;
}

void
server_review(struct server *s)
{
	struct gate *g = s->gate;
	int64_t ms = (int64_t)g->conf->forget_s * 1000;

	if (!s->learned || s->conf == NULL || g->stopping)
		return;
	if (s->trunk == NULL && is_covered(s))
		stop_dial(s);
	else if (is_idle(s))
		dial_soon(s);
	if (s->namers > 0 || is_up(s))
		loop_timer_clear(g->loop, &s->forget);
	else if (s->forget.place == 0)
		loop_timer_set(g->loop, &s->forget,
		    mono_add_ms(loop_now(g->loop), ms));
}

static void
review_all(struct gate *g)
{
	struct server *s;

	LIST_FOREACH(s, &g->servers, link)
		server_review(s);
}

/* ---- configuration ------------------------------------------------------- */

/* Find what the new configuration says of the server; NULL: nothing. */
static const struct gate_server *
find_conf(const struct server *s, bool *taken)
{
	const struct gate_conf *conf = s->gate->conf;

	for (size_t i = 0; i < conf->nserver; i++)
		if (!taken[i] &&
		    gate_server_is_same(s->conf, &conf->server[i])) {
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

/* Dial a server that the configuration did not have. If the place had another
 * key, it is the same server with a new one, and the old key is not used even
 * if others tell it (11.3). */
static void
begin(struct gate *g, const struct gate_server *conf)
{
	struct server *s = server_new(g, conf), *old;

	LIST_FOREACH(old, &g->servers, link)
		if (old != s && old->leaves && is_same_place(old->conf, conf))
			s->sid = old->sid;
	dial(s);
}

/* Take over the option `learn`. */
static void
commit_learned(struct gate *g)
{
	struct server *s;

	LIST_FOREACH(s, &g->servers, link)
		if (s->learned && !g->conf->learn)
			let_learned_go(s);
	review_all(g);
}

void
servers_commit(struct gate *g)
{
	bool *taken = mem_zalloc(g->conf->nserver + 1);
	const struct gate_server *conf;
	struct server *s, *next;

	LIST_FOREACH(s, &g->servers, link) {
		if (s->learned)
			continue;
		conf = find_conf(s, taken);
		s->leaves = conf == NULL;
		s->conf = conf != NULL ? conf : s->conf;
	}
	for (size_t i = 0; i < g->conf->nserver; i++)
		if (!taken[i])
			begin(g, &g->conf->server[i]);
	LIST_FOREACH_SAFE(s, &g->servers, link, next)
		if (s->leaves) {
			let_go(s, s->conf);
			server_free(s);
		}
	commit_learned(g);
	free(taken);
}

void
servers_stop(struct gate *g)
{
	struct server *s;

	LIST_FOREACH(s, &g->servers, link) {
		stop_dial(s);
		loop_timer_clear(g->loop, &s->forget);
	}
}

void
servers_fini(struct gate *g)
{
	while (!LIST_EMPTY(&g->servers))
		server_free(LIST_FIRST(&g->servers));
}

/* A server that is not dialled, because another one of the list stands for it,
 * is shown by that one. */
static bool
is_shown(const struct server *s)
{
	return !is_idle(s) || figures_trunk(s->gate, s->sid) == NULL;
}

bool
server_info(const struct gate *g, size_t i, struct server_info *info)
{
	const struct server *s;

	LIST_FOREACH(s, &g->servers, link)
		if (is_shown(s) && i-- == 0)
			break;
	if (s == NULL)
		return false;
	*info = (struct server_info){ .host = s->conf->address.host,
		.addr =
		    s->trunk != NULL ? s->trunk->addr : s->conf->address.addr,
		.port = s->conf->address.port,
		.trunk = s->trunk,
		.again_ms = -1 };
	info->sid = span_of(s->sid.s);
	info->learned = s->learned;
	info->namers = s->namers;
	info->idle = is_idle(s);
	if (s->telling != NULL)
		info->name = span_of(s->telling->name);
	if (!mono_is_never(s->again_at))
		info->again_ms = mono_sub_ms(s->again_at, loop_now(g->loop));
	return true;
}
