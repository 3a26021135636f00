#include "gate/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "host/sockaddr.h"

#define QUERIES_MAX 64 /* at once; each has a descriptor */

struct gate_names {
	struct gate *gate;
	struct resolver *resolver;
};

static const struct conf_addresses *
servers_of(const struct gate_names *n)
{
	const struct conf_dns *dns = &n->gate->conf->dns;

	return dns->servers.n > 0 ? &dns->servers : &dns->system;
}

static void
dead(void *ctx)
{
	const struct gate_names *n = ctx;
	char number[20];
	struct writer w;

	writer_init(&w, number, sizeof(number));
	writer_u64(&w, servers_of(n)->n);
	logger_with(&n->gate->log, LOG_DNS_DEAD,
	    { "servers", writer_done(&w) });
}

static void
back(void *ctx)
{
	const struct gate_names *n = ctx;

	logger_row(&n->gate->log, LOG_DNS_BACK, NULL, 0);
}

static const struct resolver_ops ops = { dead, back };

void
names_configure(struct gate_names *n)
{
	const struct conf_addresses *list = servers_of(n);
	struct resolver_conf rc;

	memset(&rc, 0, sizeof(rc));
	rc.timeout_ms = n->gate->conf->dns.timeout_ms;
	rc.queries_max = QUERIES_MAX;
	for (size_t i = 0; i < list->n && i < RESOLVER_SERVERS_MAX; i++)
		(void)sockaddr_build(&rc.server[rc.nserver++], &list->v[i].addr,
		    list->v[i].port);
	resolver_set(n->resolver, &rc);
}

struct gate_names *
names_new(struct gate *g)
{
	struct gate_names *n = mem_zalloc(sizeof(*n));

	n->gate = g;
	n->resolver = resolver_new(g->loop, &ops, n);
	names_configure(n);
	return n;
}

void
names_free(struct gate_names *n)
{
	if (n == NULL)
		return;
	resolver_free(n->resolver);
	free(n);
}

struct lookup *
names_ask(struct gate_names *n, enum dns_type type, const char *name,
    lookup_told *told, void *ctx)
{
	const struct gate *g = n->gate;
	const struct lookup_want want = {
		.fresh = true,
		.until =
		    mono_add_ms(loop_now(g->loop), g->conf->dns.timeout_ms),
		.told = told,
		.ctx = ctx,
	};
	struct dns_question q;

	/* the configuration, or net/dns.h, has checked the name */
	invariant(dns_question_set(&q, type, span_of(name)));
	return resolver_ask(n->resolver, &q, &want);
}
