/*
 * A name may have addresses of both kinds, and servers that are down among
 * them. So both kinds are asked for at once, and the addresses take turns: each
 * dial begins with another one, so that a server that answers but is refused
 * does not stand before the others for ever.
 *
 * The addresses of a host are kept after the dial, since its server also dials
 * us: dialling_knows(). They are forgotten when no block of `links` names the
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

#define DIAL_ADDRS_MAX ((size_t)2 * DNS_ADDRS_MAX)

/* The addresses that a host had last. */
struct dialled_host {
	char *host;
	struct addr addr[DIAL_ADDRS_MAX];
	size_t n;
	LIST_ENTRY(dialled_host) link;
};

struct dialling {
	struct banyand *banyand;
	uint64_t dial;
	uint16_t port;
	bool tls;
	char *host, *name;
	struct lookup *lookup[2]; /* under way, of AAAA and A */
	bool failed;		  /* a server could not say */
	struct addr addr[DIAL_ADDRS_MAX];
	size_t n, tried;
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

/* Keep the addresses that were found. */
static void
remember(const struct dialling *d)
{
	struct dialled_host *h;

	forget_unnamed(d->banyand);
	if (!is_named(&d->banyand->conf->settings, d->host))
		return;
	h = host_get(d->banyand, d->host);
	memcpy(h->addr, d->addr, sizeof(h->addr));
	h->n = d->n;
}

bool
dialling_knows(const struct banyand *bd, const struct addr *a)
{
	const struct dialled_host *h;

	LIST_FOREACH(h, &bd->dialled_hosts, link) {
		if (!is_named(&bd->conf->settings, h->host))
			continue;
		for (size_t i = 0; i < h->n; i++)
			if (addr_eq(&h->addr[i], a))
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
	for (int i = 0; i < 2; i++)
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
	writer_str(&w, d->failed ? "cannot look up " : "no address of ");
	writer_str(&w, d->host);
	ev.u.dial_failed.dial = d->dial;
	ev.u.dial_failed.reason = writer_done(&w);
	dialling_free(d);
	pump_event(bd, &ev);
}

/* Dial the next address. */
static void
try_next(struct dialling *d)
{
	size_t i = (size_t)((d->dial + d->tried++) % d->n);

	endpoint_dial(d->banyand, d->dial, d->addr[i], d->port, d->tls,
	    span_of(d->name));
}

/* The answers are taken in the order in which they come. */
static void
got_addresses(struct dialling *d, enum dns_status status,
    const struct dns_answer *a)
{
	d->failed |= status == DNS_FAILED;
	for (size_t i = 0; status == DNS_FOUND && i < a->naddr; i++)
		memcpy(d->addr[d->n++].b, a->addr[i], DNS_ADDR_LEN);
	if (d->lookup[0] != NULL || d->lookup[1] != NULL)
		return;
	if (d->n == 0) {
		tell_failed(d);
		return;
	}
	remember(d);
	try_next(d);
}

static void
got_v6(void *ctx, enum dns_status status, const struct dns_answer *a)
{
	struct dialling *d = ctx;

	d->lookup[0] = NULL;
	got_addresses(d, status, a);
}

static void
got_v4(void *ctx, enum dns_status status, const struct dns_answer *a)
{
	struct dialling *d = ctx;

	d->lookup[1] = NULL;
	got_addresses(d, status, a);
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
	if (d->tried == d->n) {
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
