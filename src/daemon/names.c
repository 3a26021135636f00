/*
 * Two questions for each client: the name of the address, then the addresses of
 * that name. Both together have dns.timeout_ms. The node may have dropped the
 * request meanwhile; it then ignores the answer, and the cache has it for the
 * next client.
 */
#include "daemon/names.h"

#include <bsd/sys/queue.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/worker.h"
#include "host/sockaddr.h"

#define QUERIES_MAX 256 /* at once: each has a descriptor */
#define FDS_SHARE 16	/* they take at most that part of all descriptors */

struct name {
	struct names *names;
	uint64_t token;
	struct addr addr;
	struct mono until;
	char text[DNS_NAME_MAX + 1]; /* that the address claims */
	LIST_ENTRY(name) link;
};

struct names {
	struct banyand *banyand;
	struct resolver *resolver;
	size_t nservers; /* that it asks */
	LIST_HEAD(, name) all;
};

/* ---- the servers --------------------------------------------------------- */

static void
servers_dead(void *ctx)
{
	const struct names *n = ctx;
	char number[20];
	struct writer w;

	writer_init(&w, number, sizeof(number));
	writer_u64(&w, n->nservers);
	logger_with(&n->banyand->log, LOG_DNS_DEAD,
	    { "servers", writer_done(&w) });
}

static void
servers_back(void *ctx)
{
	const struct names *n = ctx;

	logger_row(&n->banyand->log, LOG_DNS_BACK, NULL, 0);
}

static const struct resolver_ops ops = { servers_dead, servers_back };

static void
add_server(struct resolver_conf *rc, const struct peer_address *a)
{
	if (rc->nserver < RESOLVER_SERVERS_MAX)
		(void)sockaddr_build(&rc->server[rc->nserver++], &a->addr,
		    a->port);
}

void
names_configure(struct names *n)
{
	const struct banyand *bd = n->banyand;
	const struct conf_dns *dns = &bd->conf->dns;
	const struct conf_addresses *list =
	    dns->servers.n > 0 ? &dns->servers : &dns->system;
	struct resolver_conf rc;
	int share = bd->client_fds / FDS_SHARE;

	memset(&rc, 0, sizeof(rc));
	rc.timeout_ms = dns->timeout_ms;
	rc.queries_max =
	    share < QUERIES_MAX ? (unsigned int)share : QUERIES_MAX;
	for (size_t i = 0; i < list->n; i++)
		add_server(&rc, &list->v[i]);
	n->nservers = rc.nserver;
	resolver_set(n->resolver, &rc);
}

struct names *
names_new(struct banyand *bd)
{
	struct names *n = mem_zalloc(sizeof(*n));

	n->banyand = bd;
	LIST_INIT(&n->all);
	n->resolver = resolver_new(bd->loop, &ops, n);
	names_configure(n);
	return n;
}

static void
name_free(struct name *x)
{
	LIST_REMOVE(x, link);
	free(x);
}

void
names_free(struct names *n)
{
	if (n == NULL)
		return;
	resolver_free(n->resolver);
	while (!LIST_EMPTY(&n->all))
		name_free(LIST_FIRST(&n->all));
	free(n);
}

/* ---- a name -------------------------------------------------------------- */

static void
answer(struct name *x, enum answer_status status)
{
	struct banyand *bd = x->names->banyand;
	uint64_t token = x->token;
	char text[DNS_NAME_MAX + 1];

	memcpy(text, x->text, sizeof(text));
	name_free(x);
	banyand_answer(bd, token, REQUEST_NAME, status,
	    status == ANSWER_OK ? span_of(text) : SPAN_NONE);
}

static void
ask(struct name *x, const struct dns_question *q, lookup_told *told)
{
	const struct lookup_want want = {
		.until = x->until, .told = told, .ctx = x
	};

	(void)resolver_ask(x->names->resolver, q, &want);
}

static void
got_addresses(void *ctx, enum dns_status status, const struct dns_answer *a)
{
	struct name *x = ctx;

	for (size_t i = 0; status == DNS_FOUND && i < a->naddr; i++)
		if (memcmp(a->addr[i], x->addr.b, DNS_ADDR_LEN) == 0) {
			answer(x, ANSWER_OK);
			return;
		}
	answer(x, ANSWER_NO);
}

static void
got_name(void *ctx, enum dns_status status, const struct dns_answer *a)
{
	struct name *x = ctx;
	struct dns_question q;

	if (status != DNS_FOUND ||
	    !dns_question_set(&q, addr_is_v4(&x->addr) ? DNS_A : DNS_AAAA,
		span_of(a->name))) {
		answer(x, ANSWER_NO);
		return;
	}
	memcpy(x->text, a->name, sizeof(x->text));
	ask(x, &q, got_addresses);
}

struct resolver *
names_resolver(struct names *n)
{
	return n->resolver;
}

struct lookup *
names_look_up(struct names *n, const struct dns_question *q,
    const struct lookup_want *want)
{
	return resolver_ask(n->resolver, q, want);
}

void
names_figures(const struct names *n, struct resolver_figures *f)
{
	resolver_figures(n->resolver, f);
}

void
names_ask(struct names *n, uint64_t token, struct span bytes)
{
	struct banyand *bd = n->banyand;
	struct name *x = mem_zalloc(sizeof(*x));
	struct dns_question q;

	x->names = n;
	x->token = token;
	(void)addr_parse(bytes, &x->addr);
	x->until = mono_add_ms(loop_now(bd->loop), bd->conf->dns.timeout_ms);
	LIST_INSERT_HEAD(&n->all, x, link);
	dns_question_reverse(&q, x->addr.b);
	ask(x, &q, got_name);
}

/* ---- a list of addresses ------------------------------------------------- */

static void
got_listed(void *ctx, enum dns_status status, const struct dns_answer *a)
{
	struct name *x = ctx;
	struct banyand *bd = x->names->banyand;
	enum answer_status result =
	    status == DNS_ABSENT ? ANSWER_NO : ANSWER_REFUSED;
	char text[DNS_ADDRS_MAX * (ADDR_TEXT + 1)];
	uint64_t token = x->token;
	struct writer w;
	struct addr addr;

	writer_init(&w, text, sizeof(text));
	for (size_t i = 0; status == DNS_FOUND && i < a->naddr; i++) {
		memcpy(addr.b, a->addr[i], sizeof(addr.b));
		writer_str(&w, i > 0 ? " " : "");
		addr_build(&w, &addr);
		result = ANSWER_OK;
	}
	name_free(x);
	banyand_answer(bd, token, REQUEST_LISTED, result, writer_done(&w));
}

/* Refuse a name that DNS cannot have. */
void
names_ask_list(struct names *n, uint64_t token, struct span bytes)
{
	struct banyand *bd = n->banyand;
	struct dns_question q;
	struct name *x;

	if (!dns_question_set(&q, DNS_A, bytes)) {
		worker_refuse(bd->worker, token, REQUEST_LISTED);
		return;
	}
	x = mem_zalloc(sizeof(*x));
	x->names = n;
	x->token = token;
	x->until = mono_add_ms(loop_now(bd->loop), bd->conf->dns.timeout_ms);
	LIST_INSERT_HEAD(&n->all, x, link);
	ask(x, &q, got_listed);
}
