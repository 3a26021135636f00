/*
 * A name may have addresses of both kinds, and servers that are down among
 * them. So both kinds are asked for at once, and the addresses take turns: each
 * dial begins with another one, so that a server that answers but is refused
 * does not stand before the others for ever.
 *
 * The addresses of a host are kept after the dial, since its server also dials
 * us: dialling_knows(). Those of one kind stay if a server could not say which
 * ones there are now. They are forgotten when no block of `links` names the
 * host any longer, so there are never more of them than hosts in blocks.
 */
#include "daemon/dialling.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "daemon/endpoint.h"
#include "daemon/names.h"
#include "daemon/pump.h"
#include "net/resolver.h"

#define KINDS 2 /* of addresses: AAAA and A */

struct addrs {
	struct addr v[DNS_ADDRS_MAX];
	size_t n;
};

/* The addresses that a host had last. */
struct dialled_host {
	char *host;
	struct addrs kind[KINDS];
	LIST_ENTRY(dialled_host) link;
};

struct dialling {
	struct banyand *banyand;
	uint64_t dial;
	uint16_t port;
	bool tls;
	char *host, *name;
	struct lookup *lookup[KINDS]; /* under way */
	enum dns_status status[KINDS];
	struct addrs kind[KINDS];
	size_t tried; /* addresses */
	LIST_ENTRY(dialling) link;
};

/* ---- the addresses of hosts ---------------------------------------------- */

static void
host_free(struct dialled_host *h)
{
	LIST_REMOVE(h, link);
	free(h->host);
	free(h);
}

/* Return true if a block of `links` names the host. */
static bool
is_named(const struct settings *set, const char *host)
{
	const struct peer_settings *p;

	for (size_t i = 0; i < set->npeer; i++) {
		p = &set->peer[i];
		for (size_t k = 0; k < p->naddress; k++)
			if (span_eq(p->address[k].host, span_of(host)))
				return true;
	}
	return false;
}

static void
forget_unnamed(struct banyand *bd)
{
	struct dialled_host *h, *next;

	LIST_FOREACH_SAFE(h, &bd->dialled_hosts, link, next)
		if (!is_named(&bd->conf->settings, h->host))
			host_free(h);
}

static struct dialled_host *
host_get(struct banyand *bd, const char *host)
{
	struct dialled_host *h;

	LIST_FOREACH(h, &bd->dialled_hosts, link)
		if (strcmp(h->host, host) == 0)
			return h;
	h = mem_zalloc(sizeof(*h));
	h->host = span_dup(span_of(host));
	LIST_INSERT_HEAD(&bd->dialled_hosts, h, link);
	return h;
}

/* Keep what was found out. */
static void
remember(const struct dialling *d)
{
	struct dialled_host *h;

	forget_unnamed(d->banyand);
	if (!is_named(&d->banyand->conf->settings, d->host))
		return;
	h = host_get(d->banyand, d->host);
	for (int i = 0; i < KINDS; i++)
		if (d->status[i] != DNS_FAILED)
			h->kind[i] = d->kind[i];
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
	const struct dialled_host *h;

	LIST_FOREACH(h, &bd->dialled_hosts, link) {
		if (!is_named(&bd->conf->settings, h->host))
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
	for (int i = 0; i < KINDS; i++)
		if (d->lookup[i] != NULL)
			lookup_cancel(d->lookup[i]);
	LIST_REMOVE(d, link);
	free(d->host);
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

static void
tell_failed(struct dialling *d)
{
	struct event ev = { .kind = EV_DIAL_FAILED };
	struct banyand *bd = d->banyand;
	char why[DNS_NAME_MAX + 64];
	struct writer w;

	writer_init(&w, why, sizeof(why));
	writer_str(&w, d->status[0] == DNS_FAILED || d->status[1] == DNS_FAILED
			   ? "cannot look up "
			   : "no address of ");
	writer_str(&w, d->host);
	ev.u.dial_failed.dial = d->dial;
	ev.u.dial_failed.reason = writer_done(&w);
	dialling_free(d);
	pump_event(bd, &ev);
}

static size_t
count_addrs(const struct dialling *d)
{
	return d->kind[0].n + d->kind[1].n;
}

/* Dial the next address. */
static void
try_next(struct dialling *d)
{
	size_t i = (size_t)((d->dial + d->tried++) % count_addrs(d));
	const struct addr *a = i < d->kind[0].n
				   ? &d->kind[0].v[i]
				   : &d->kind[1].v[i - d->kind[0].n];

	endpoint_dial(d->banyand, d->dial, *a, d->port, d->tls,
	    span_of(d->name));
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
	else
		tell_failed(d);
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
ask(struct dialling *d, enum dns_type type, lookup_told *told)
{
	const struct banyand *bd = d->banyand;
	const struct lookup_want want = {
		.fresh = true,
		.until =
		    mono_add_ms(loop_now(bd->loop), bd->conf->dns_timeout_ms),
		.told = told,
		.ctx = d,
	};
	struct dns_question q;

	/* the configuration has checked the name */
	invariant(dns_question_set(&q, type, span_of(d->host)));
	return names_look_up(bd->names, &q, &want);
}

void
dialling_begin(struct banyand *bd, const struct effect *e)
{
	struct dialling *d = mem_zalloc(sizeof(*d));

	d->banyand = bd;
	d->dial = e->u.dial.dial;
	d->port = e->u.dial.port;
	d->tls = e->u.dial.tls;
	d->host = span_dup(e->u.dial.host);
	d->name = span_dup(e->u.dial.name);
	LIST_INSERT_HEAD(&bd->diallings, d, link);
	d->lookup[0] = ask(d, DNS_AAAA, got_v6);
	d->lookup[1] = ask(d, DNS_A, got_v4);
}

bool
dialling_goes_on(struct banyand *bd, uint64_t dial)
{
	struct dialling *d = find(bd, dial);

	if (d == NULL)
		return false;
	if (d->tried == count_addrs(d)) {
		dialling_free(d);
		return false;
	}
	try_next(d);
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
