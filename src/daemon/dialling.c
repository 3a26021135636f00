/*
 * A host may have addresses of both kinds, and servers that are down among
 * them. So both kinds are asked for at once, and the addresses take turns: each
 * dial begins with another one, so that a server that answers but is refused
 * does not stand before the others for ever.
 *
 * A service (RFC 2782) has several hosts, its targets. Their order is that of
 * net/srv.h, drawn anew for each dial, and each is looked up when the targets
 * before it have failed. A target is tried at a few of its addresses only, so
 * that the next one has its turn soon: a dial of a service takes at most
 * DNS_SRV_MAX lookups and DNS_SRV_MAX * TARGET_TRIES connections.
 *
 * The addresses of a host are kept after the dial, since its server also dials
 * us: dialling_knows(). Those of one kind stay if a server could not say which
 * ones there are now. They are forgotten when no block of `links` names the
 * host or its service any longer, or when the service has other targets. So
 * there are never more of them than hosts in blocks, and DNS_SRV_MAX for each
 * service.
 */
#include "daemon/dialling.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "daemon/endpoint.h"
#include "daemon/names.h"
#include "daemon/pump.h"
#include "net/resolver.h"
#include "net/srv.h"
#include "wire/utf8.h"

#define KINDS 2 /* of addresses: AAAA and A */
#define DIAL_ADDRS_MAX ((size_t)KINDS * DNS_ADDRS_MAX)
#define TARGET_TRIES 4 /* addresses of one target, in one dial */
#define WHY_MAX 200    /* bytes of the reason of a connection */

struct addrs {
	struct addr v[DNS_ADDRS_MAX];
	size_t n;
};

/* The addresses that a host had last. */
struct dialled_host {
	char *service; /* that the host is a target of; "": a block names it */
	char *host;
	struct addrs kind[KINDS];
	LIST_ENTRY(dialled_host) link;
};

struct dialling {
	struct banyand *banyand;
	uint64_t dial;
	bool tls;
	char *name;    /* of the server */
	char *service; /* "": the only target is a host that a block names */
	struct dns_srv target[DNS_SRV_MAX];
	size_t ntarget, at;	      /* the target that is tried */
	struct lookup *servers;	      /* under way, of the service */
	struct lookup *lookup[KINDS]; /* under way, of the target */
	enum dns_status status[KINDS];
	struct addrs kind[KINDS];
	size_t tried; /* addresses of the target */
	LIST_ENTRY(dialling) link;
};

/* ---- the addresses of hosts ---------------------------------------------- */

static void
host_free(struct dialled_host *h)
{
	LIST_REMOVE(h, link);
	free(h->service);
	free(h->host);
	free(h);
}

/* Return true if a block of `links` names the service or, if that is "", the
 * host. */
static bool
is_named(const struct settings *set, const char *service, const char *host)
{
	bool is_service = service[0] != '\0';
	struct span name = span_of(is_service ? service : host);
	const struct peer_settings *p;

	for (size_t i = 0; i < set->npeer; i++) {
		p = &set->peer[i];
		for (size_t k = 0; k < p->naddress; k++)
			if (peer_address_is_service(&p->address[k]) ==
				is_service &&
			    span_eq(p->address[k].host, name))
				return true;
	}
	return false;
}

static void
forget_unnamed(struct banyand *bd)
{
	const struct settings *set = &bd->conf->settings;
	struct dialled_host *h, *next;

	LIST_FOREACH_SAFE(h, &bd->dialled_hosts, link, next)
		if (!is_named(set, h->service, h->host))
			host_free(h);
}

static struct dialled_host *
host_get(struct banyand *bd, const char *service, const char *host)
{
	struct dialled_host *h;

	LIST_FOREACH(h, &bd->dialled_hosts, link)
		if (strcmp(h->host, host) == 0 &&
		    strcmp(h->service, service) == 0)
			return h;
	h = mem_zalloc(sizeof(*h));
	h->service = span_dup(span_of(service));
	h->host = span_dup(span_of(host));
	LIST_INSERT_HEAD(&bd->dialled_hosts, h, link);
	return h;
}

/* Keep what was found out of the target. */
static void
remember(const struct dialling *d)
{
	const char *host = d->target[d->at].target;
	struct dialled_host *h;

	forget_unnamed(d->banyand);
	if (!is_named(&d->banyand->conf->settings, d->service, host))
		return;
	h = host_get(d->banyand, d->service, host);
	for (int i = 0; i < KINDS; i++)
		if (d->status[i] != DNS_FAILED)
			h->kind[i] = d->kind[i];
}

static bool
has_target(const struct dialling *d, const char *host)
{
	for (size_t i = 0; i < d->ntarget; i++)
		if (strcmp(d->target[i].target, host) == 0)
			return true;
	return false;
}

/* Forget the hosts that are targets of the service no longer. */
static void
forget_targets(const struct dialling *d)
{
	struct dialled_host *h, *next;

	LIST_FOREACH_SAFE(h, &d->banyand->dialled_hosts, link, next)
		if (strcmp(h->service, d->service) == 0 &&
		    !has_target(d, h->host))
			host_free(h);
}

static bool
has_addr(const struct addrs *l, const struct addr *a)
{
	for (size_t i = 0; i < l->n; i++)
		if (addr_eq(&l->v[i], a))
			return true;
	return false;
}

bool
dialling_knows(const struct banyand *bd, const struct addr *a)
{
	const struct settings *set = &bd->conf->settings;
	const struct dialled_host *h;

	LIST_FOREACH(h, &bd->dialled_hosts, link) {
		if (!is_named(set, h->service, h->host))
			continue;
		for (int i = 0; i < KINDS; i++)
			if (has_addr(&h->kind[i], a))
				return true;
	}
	return false;
}

void
dialling_forget(struct banyand *bd)
{
	while (!LIST_EMPTY(&bd->dialled_hosts))
		host_free(LIST_FIRST(&bd->dialled_hosts));
}

/* ---- dials --------------------------------------------------------------- */

static void
dialling_free(struct dialling *d)
{
	if (d->servers != NULL)
		lookup_cancel(d->servers);
	for (int i = 0; i < KINDS; i++)
		if (d->lookup[i] != NULL)
			lookup_cancel(d->lookup[i]);
	LIST_REMOVE(d, link);
	free(d->service);
	free(d->name);
	free(d);
}

static struct dialling *
find(struct banyand *bd, uint64_t dial)
{
	struct dialling *d;

	LIST_FOREACH(d, &bd->diallings, link)
		if (d->dial == dial)
			return d;
	return NULL;
}

/* End the dial. The reason is no text that the dial owns. */
static void
tell_failed(struct dialling *d, struct span why)
{
	struct event ev = { .kind = EV_DIAL_FAILED };
	struct banyand *bd = d->banyand;

	ev.u.dial_failed.dial = d->dial;
	ev.u.dial_failed.reason = why;
	dialling_free(d);
	pump_event(bd, &ev);
}

static void
tell_no_answer(struct dialling *d, const char *what, const char *name)
{
	char why[DNS_NAME_MAX + 64];
	struct writer w;

	writer_init(&w, why, sizeof(why));
	writer_str(&w, what);
	writer_str(&w, name);
	tell_failed(d, writer_done(&w));
}

static size_t
count_addrs(const struct dialling *d)
{
	return d->kind[0].n + d->kind[1].n;
}

/* Return how many addresses of the target are tried. */
static size_t
tries(const struct dialling *d)
{
	size_t n = count_addrs(d);

	return d->service[0] != '\0' && n > TARGET_TRIES ? TARGET_TRIES : n;
}

/* Dial the next address of the target. */
static void
try_next(struct dialling *d)
{
	size_t i = (size_t)((d->dial + d->tried++) % count_addrs(d));
	const struct addr *a = i < d->kind[0].n
				   ? &d->kind[0].v[i]
				   : &d->kind[1].v[i - d->kind[0].n];

	endpoint_dial(d->banyand, d->dial, *a, d->target[d->at].port, d->tls,
	    span_of(d->name));
}

static void look_up_target(struct dialling *);

/* No address of the target is left. Return true if there is another target. */
static bool
try_next_target(struct dialling *d)
{
	if (d->at + 1 >= d->ntarget)
		return false;
	d->at++;
	look_up_target(d);
	return true;
}

static void
got_addresses(struct dialling *d, int kind, enum dns_status status,
    const struct dns_answer *a)
{
	struct addrs *l = &d->kind[kind];

	d->lookup[kind] = NULL;
	d->status[kind] = status;
	for (size_t i = 0; status == DNS_FOUND && i < a->naddr; i++)
		memcpy(l->v[l->n++].b, a->addr[i], DNS_ADDR_LEN);
	if (d->lookup[0] != NULL || d->lookup[1] != NULL)
		return;
	remember(d);
	if (count_addrs(d) > 0)
		try_next(d);
	else if (!try_next_target(d))
		tell_no_answer(d,
		    d->status[0] == DNS_FAILED || d->status[1] == DNS_FAILED
			? "cannot look up "
			: "no address of ",
		    d->target[d->at].target);
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

static struct lookup *
ask(struct dialling *d, enum dns_type type, const char *name, lookup_told *told)
{
	const struct banyand *bd = d->banyand;
	const struct lookup_want want = {
		.fresh = true,
		.until =
		    mono_add_ms(loop_now(bd->loop), bd->conf->dns.timeout_ms),
		.told = told,
		.ctx = d,
	};
	struct dns_question q;

	/* the configuration, or net/dns.h, has checked the name */
	invariant(dns_question_set(&q, type, span_of(name)));
	return names_look_up(bd->names, &q, &want);
}

static void
look_up_target(struct dialling *d)
{
	const char *host = d->target[d->at].target;

	d->kind[0].n = d->kind[1].n = d->tried = 0;
	d->lookup[0] = ask(d, DNS_AAAA, host, got_v6);
	d->lookup[1] = ask(d, DNS_A, host, got_v4);
}

static void
order_targets(struct dialling *d, const struct dns_answer *a)
{
	unsigned char seed[RNG_SEED];
	struct rng rng;

	randombytes_buf(seed, sizeof(seed));
	rng_seed_bytes(&rng, seed);
	memcpy(d->target, a->srv, sizeof(d->target));
	d->ntarget = srv_order(d->target, a->nsrv, &rng);
}

static void
got_servers(void *ctx, enum dns_status status, const struct dns_answer *a)
{
	struct dialling *d = ctx;

	d->servers = NULL;
	if (status == DNS_FOUND)
		order_targets(d, a);
	if (status != DNS_FAILED)
		forget_targets(d);
	if (d->ntarget > 0) {
		look_up_target(d);
		return;
	}
	tell_no_answer(d,
	    status == DNS_FAILED   ? "cannot look up "
	    : status == DNS_ABSENT ? "no SRV record of "
				   : "DNS says that there is no service ",
	    d->service);
}

void
dialling_begin(struct banyand *bd, const struct effect *e)
{
	struct dialling *d = mem_zalloc(sizeof(*d));
	bool is_service = e->u.dial.port == 0;

	d->banyand = bd;
	d->dial = e->u.dial.dial;
	d->tls = e->u.dial.tls;
	d->name = span_dup(e->u.dial.name);
	d->service = span_dup(is_service ? e->u.dial.host : SPAN(""));
	LIST_INSERT_HEAD(&bd->diallings, d, link);
	if (is_service) {
		d->servers = ask(d, DNS_SRV, d->service, got_servers);
		return;
	}
	d->ntarget = 1;
	d->target[0].port = e->u.dial.port;
	memcpy(d->target[0].target, e->u.dial.host.p, e->u.dial.host.n);
	look_up_target(d);
}

bool
dialling_failed(struct banyand *bd, uint64_t dial, struct span why)
{
	struct dialling *d = find(bd, dial);
	char text[DNS_NAME_MAX + WHY_MAX + 32];
	struct writer w;

	if (d == NULL)
		return false;
	if (d->tried < tries(d)) {
		try_next(d);
		return true;
	}
	if (try_next_target(d))
		return true;
	writer_init(&w, text, sizeof(text));
	if (d->service[0] != '\0') {
		writer_str(&w, d->target[d->at].target);
		writer_str(&w, ", port ");
		writer_u64(&w, d->target[d->at].port);
		writer_str(&w, ": ");
	}
	writer_span(&w, utf8_cut(why, WHY_MAX));
	tell_failed(d, writer_done(&w));
	return true;
}

void
dialling_end(struct banyand *bd, uint64_t dial)
{
	struct dialling *d = find(bd, dial);

	if (d != NULL)
		dialling_free(d);
}

void
dialling_fini(struct banyand *bd)
{
	while (!LIST_EMPTY(&bd->diallings))
		dialling_free(LIST_FIRST(&bd->diallings));
}
