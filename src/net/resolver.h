/*
 * A resolver: asks DNS servers, and calls back from the loop. Nothing here
 * blocks. net/dns.h has the questions and answers.
 *
 *	resolver_ask() --> cache, or a query under way, or a new query
 *	    query: UDP to a server --300 ms, or a failure--> the next server;
 *	               when all were asked, again, and twice as long is waited
 *	                           --cut answer--> TCP to the same server
 *	    at the end: told(), once; never from inside resolver_ask()
 *
 * Each query has a random id and a socket of its own, connected to the server,
 * so that the system chooses a random port and drops what comes from others
 * (RFC 5452). Lookups of the same question share one query. The number of
 * queries is bounded; a lookup beyond that fails.
 *
 * A stranger can make queries time out: the servers wait for the servers of the
 * stranger's zone. So that does not tell if our servers are dead. When nothing
 * was heard during a whole query, the resolver asks for the servers of the
 * root, which every server knows. If nothing answers that, the servers are
 * dead: the owner is told once, lookups fail at once, and the same question is
 * asked again every RESOLVER_PROBE_MS until there is an answer.
 */
#ifndef NET_RESOLVER_H
#define NET_RESOLVER_H

#include <sys/socket.h>

#include "net/dns.h"
#include "net/loop.h"

#define RESOLVER_SERVERS_MAX 8
#define RESOLVER_TRY_MS 300	/* until the next server is asked; see above */
#define RESOLVER_PROBE_MS 5000	/* while all servers are dead */
#define RESOLVER_CACHE_MAX 4096 /* answers */

struct resolver;
struct lookup;

struct resolver_conf {
	struct sockaddr_storage server[RESOLVER_SERVERS_MAX];
	size_t nserver;
	unsigned int timeout_ms;  /* of a query, all servers together */
	unsigned int queries_max; /* under way at once */
};

struct resolver_ops {
	/* No server answers, or one does again. */
	void (*dead)(void *ctx);
	void (*back)(void *ctx);
};

/*
 * A lookup has ended: DNS_FOUND, DNS_ABSENT or DNS_FAILED. The answer is
 * borrowed. The lookup is gone already; new ones may be made.
 */
typedef void lookup_told(void *ctx, enum dns_status, const struct dns_answer *);

struct lookup_want {
	bool fresh; /* use no answer of the cache, and ask dead servers */
	struct mono until;
	lookup_told *told;
	void *ctx;
};

/* Make a resolver that has no servers yet: all lookups fail. The caller frees
 * it with resolver_free(). */
struct resolver *resolver_new(struct loop *, const struct resolver_ops *,
    void *ctx);
/* End all lookups without a callback. NULL is allowed. */
void resolver_free(struct resolver *);

/* Use these servers from now on, also for queries under way, and forget all
 * answers. If nothing has changed, do nothing. The struct is copied; its
 * padding is zero. */
void resolver_set(struct resolver *, const struct resolver_conf *);

/*
 * Look up. told() is called later from the loop, at the latest when `until`,
 * a time of loop_now(), has come. The struct is copied. Return a handle to
 * cancel the lookup, never NULL; it is valid until told() is called.
 */
struct lookup *resolver_ask(struct resolver *, const struct dns_question *,
    const struct lookup_want *);

/* End the lookup without a callback. */
void lookup_cancel(struct lookup *);

struct resolver_figures {
	size_t servers;
	bool dead;		  /* no server answers */
	uint64_t lookups, cached; /* cached: of these, answered by the cache */
	uint64_t queries, failed; /* failed: of these, without an answer */
	size_t under_way, kept;	  /* queries now; answers in the cache */
};

/* Count what the resolver has done since it was made. */
void resolver_figures(const struct resolver *, struct resolver_figures *);

/* Return how many queries are under way. */
size_t resolver_queries(const struct resolver *);

#endif
