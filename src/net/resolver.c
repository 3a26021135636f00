/*
 * A query tries the servers in turn, beginning with the server that answered
 * last. A message that is not the answer to the question is ignored: anybody
 * could have sent it. So is an error of a socket, but for the turn: the next
 * server is asked at once.
 *
 * No callback is called from inside resolver_ask(): a query begins, and an
 * answer of the cache is told, when a timer fires in the same or the next turn.
 *
 * Rejected: one socket for all queries. A liar would then have to guess the id
 * only.
 */
#include "net/resolver.h"

#include <sys/random.h>

#include <bsd/sys/queue.h>

#include <netinet/in.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/map.h"
#include "base/mem.h"
#include "net/dns_cache.h"

#define TRIES_MAX 6	  /* of one query */
#define TCP_MS 1000	  /* for a try by TCP */
#define DATAGRAMS 16	  /* read in one call */
#define DATAGRAM_MAX 4096 /* bytes; more than a query allows */
#define LENGTH_BYTES 2	  /* before each message by TCP (RFC 1035, 4.2.2) */

#define OF_MEMBER(p, type, member) \
	((type *)(void *)((char *)(p)-offsetof(type, member)))

struct lookup {
	struct resolver *resolver;
	struct query *query; /* NULL: the answer is known */
	struct lookup_want want;
	struct timer timer;
	enum dns_status status; /* if there is no query */
	struct dns_answer *answer;
	LIST_ENTRY(lookup) link; /* of the query, or of the resolver */
};

LIST_HEAD(lookups, lookup);

struct query {
	struct resolver *resolver;
	struct dns_question question;
	char key[DNS_KEY_MAX];
	size_t nkey;
	struct lookups lookups;
	struct watch watch;
	struct timer timer; /* of a try */
	struct mono until;
	uint64_t heard_before; /* resolver->heard when it began */
	uint16_t id;
	bool probe, tcp;
	unsigned char tries, refusals;
	size_t server; /* that is asked */
	unsigned char out[LENGTH_BYTES + DNS_QUERY_MAX];
	size_t nout, sent;
	unsigned char *in; /* TCP: the length and the message; else NULL */
	size_t nin;
	TAILQ_ENTRY(query) link;
};

struct resolver {
	struct loop *loop;
	const struct resolver_ops *ops;
	void *ctx;
	struct resolver_conf conf;
	struct dns_cache *cache;
	struct map map; /* of queries, by question; not the probe */
	TAILQ_HEAD(, query) queries;
	size_t nqueries;
	struct lookups known; /* that wait to be told an answer */
	size_t first;	      /* the server that is asked first */
	uint64_t heard;	      /* answers of any server */
	struct query *probe;  /* under way, or NULL */
	bool dead;
	struct timer probe_timer;
	uint64_t lookups, cached, begun, failed; /* resolver_figures() */
};

static void query_next(struct query *);

/* ---- a query's end ------------------------------------------------------- */

static struct span
key_of(const void *item)
{
	const struct query *q = item;

	return span_make(q->key, q->nkey);
}

static void
hang_up(struct query *q)
{
	loop_close(q->resolver->loop, &q->watch);
	free(q->in);
	q->in = NULL;
	q->nin = q->sent = 0;
	q->tcp = false;
}

/* Take the query out of the resolver; its lookups stay with it. */
static void
query_remove(struct query *q)
{
	struct resolver *r = q->resolver;

	hang_up(q);
	loop_timer_clear(r->loop, &q->timer);
	TAILQ_REMOVE(&r->queries, q, link);
	r->nqueries--;
	if (q->probe)
		r->probe = NULL;
	else
		map_del(&r->map, key_of(q));
}

static void
lookup_free(struct lookup *l)
{
	loop_timer_clear(l->resolver->loop, &l->timer);
	LIST_REMOVE(l, link);
	free(l->answer);
	free(l);
}

static void
lookup_tell(struct lookup *l, enum dns_status status,
    const struct dns_answer *answer)
{
	const struct lookup_want want = l->want;

	lookup_free(l);
	want.told(want.ctx, status, answer);
}

static void probe_begin(struct resolver *);

/* A probe has ended. The servers are dead if they were silent all the time. */
static void
judge(struct resolver *r, bool heard)
{
	bool dead = r->dead;

	r->dead = !heard;
	if (r->dead)
		loop_timer_set(r->loop, &r->probe_timer,
		    mono_add_ms(loop_now(r->loop), RESOLVER_PROBE_MS));
	if (r->dead && !dead)
		r->ops->dead(r->ctx);
	else if (!r->dead && dead)
		r->ops->back(r->ctx);
}

/* End the query; `said` means that the status comes from a server. */
static void
query_end(struct query *q, enum dns_status status,
    const struct dns_answer *answer, bool said)
{
	static const struct dns_answer none;
	struct resolver *r = q->resolver;
	bool heard = r->heard != q->heard_before, probe = q->probe;
	struct lookup *l;

	query_remove(q);
	r->failed += status == DNS_FAILED;
	if (said && !probe)
		dns_cache_put(r->cache, &q->question, status, answer,
		    loop_now(r->loop));
	while ((l = LIST_FIRST(&q->lookups)) != NULL)
		lookup_tell(l, status, status == DNS_FAILED ? &none : answer);
	free(q);
	if (probe)
		judge(r, heard);
	else if (!heard && r->probe == NULL && !r->dead)
		probe_begin(r);
}

/* ---- the sockets of a query ---------------------------------------------- */

/* The server could not say, or cannot be reached. */
static void
query_refused(struct query *q, bool said)
{
	if (++q->refusals >= q->resolver->conf.nserver)
		query_end(q, DNS_FAILED, NULL, said);
	else
		query_next(q);
}

static bool
make_socket(struct query *q, int type, unsigned int want)
{
	struct resolver *r = q->resolver;
	const struct sockaddr_storage *to = &r->conf.server[q->server];
	socklen_t len = to->ss_family == AF_INET ? sizeof(struct sockaddr_in)
						 : sizeof(struct sockaddr_in6);
	int fd = socket(to->ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return false;
	if ((connect(fd, (const void *)to, len) == 0 || errno == EINPROGRESS) &&
	    loop_watch(r->loop, &q->watch, fd, want))
		return true;
	close(fd);
	return false;
}

/* Write the query anew, with another id: each try is a question of its own. */
static bool
write_query(struct query *q)
{
	if (getrandom(&q->id, sizeof(q->id), GRND_NONBLOCK) !=
	    (ssize_t)sizeof(q->id))
		return false;
	q->nout = dns_query_build(&q->question, q->id, q->out + LENGTH_BYTES);
	q->out[0] = (unsigned char)(q->nout >> 8);
	q->out[1] = (unsigned char)(q->nout & 0xff);
	return true;
}

static void
wait_for(struct query *q, int64_t ms)
{
	struct loop *l = q->resolver->loop;

	loop_timer_set(l, &q->timer,
	    mono_min(mono_add_ms(loop_now(l), ms), q->until));
}

static bool
ask_udp(struct query *q)
{
	return write_query(q) && make_socket(q, SOCK_DGRAM, LOOP_READ) &&
	       send(q->watch.fd, q->out + LENGTH_BYTES, q->nout,
		   MSG_NOSIGNAL) == (ssize_t)q->nout;
}

/* Ask the next server. */
static void
query_next(struct query *q)
{
	struct resolver *r = q->resolver;
	unsigned round;

	hang_up(q);
	while (r->conf.nserver > 0 && q->tries < TRIES_MAX &&
	       mono_cmp(loop_now(r->loop), q->until) < 0) {
		round = q->tries / (unsigned)r->conf.nserver;
		q->server = (r->first + q->tries++) % r->conf.nserver;
		if (ask_udp(q)) {
			wait_for(q, RESOLVER_TRY_MS << round);
			return;
		}
		hang_up(q);
	}
	query_end(q, DNS_FAILED, NULL, false);
}

static void
query_late(struct timer *t)
{
	query_next(OF_MEMBER(t, struct query, timer));
}

static void
ask_tcp(struct query *q)
{
	hang_up(q);
	q->tcp = true;
	if (!write_query(q) || !make_socket(q, SOCK_STREAM, LOOP_WRITE)) {
		query_refused(q, false);
		return;
	}
	q->in = mem_alloc(LENGTH_BYTES + DNS_TCP_MAX);
	wait_for(q, TCP_MS);
}

/* ---- answers ------------------------------------------------------------- */

/* Take a message. Return false if the query waits for another one. */
static bool
take(struct query *q, struct span bytes)
{
	struct resolver *r = q->resolver;
	struct dns_answer answer;
	enum dns_status status =
	    dns_answer_parse(bytes, q->id, &q->question, &answer);

	if (status == DNS_FOREIGN)
		return false;
	r->heard++;
	if (status == DNS_TRUNCATED && !q->tcp) {
		ask_tcp(q);
	} else if (status == DNS_TRUNCATED || status == DNS_FAILED) {
		query_refused(q, true);
	} else {
		r->first = q->server;
		query_end(q, status, &answer, true);
	}
	return true;
}

static void
read_udp(struct query *q)
{
	char buf[DATAGRAM_MAX];
	ssize_t n;

	for (int i = 0; i < DATAGRAMS; i++) {
		n = recv(q->watch.fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) { /* nobody listens there */
			query_refused(q, false);
			return;
		}
		if (take(q, span_make(buf, (size_t)n)))
			return;
	}
}

static void
write_tcp(struct query *q)
{
	size_t n = LENGTH_BYTES + q->nout - q->sent;
	ssize_t put =
	    send(q->watch.fd, q->out + q->sent, n, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (put < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (put < 0) {
		query_refused(q, false);
		return;
	}
	q->sent += (size_t)put;
	if ((size_t)put == n)
		loop_want(q->resolver->loop, &q->watch, LOOP_READ);
}

static void
read_tcp(struct query *q)
{
	size_t want = LENGTH_BYTES;
	ssize_t n;

	if (q->nin >= LENGTH_BYTES)
		want += (size_t)(q->in[0] << 8 | q->in[1]);
	n = recv(q->watch.fd, q->in + q->nin, want - q->nin, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		query_refused(q, false);
		return;
	}
	q->nin += (size_t)n;
	if (q->nin < LENGTH_BYTES)
		return;
	want = LENGTH_BYTES + (size_t)(q->in[0] << 8 | q->in[1]);
	if (want > LENGTH_BYTES + DNS_TCP_MAX ||
	    (q->nin == want &&
		!take(q, span_make(q->in + LENGTH_BYTES, want - LENGTH_BYTES))))
		query_refused(q, false);
}

static void
query_ready(struct watch *w, unsigned int events)
{
	struct query *q = OF_MEMBER(w, struct query, watch);

	if (!q->tcp)
		read_udp(q);
	else if ((events & LOOP_WRITE) != 0 && q->sent < LENGTH_BYTES + q->nout)
		write_tcp(q);
	else
		read_tcp(q);
}

/* ---- asking -------------------------------------------------------------- */

static struct query *
query_begin(struct resolver *r, const struct dns_question *question)
{
	struct query *q = mem_zalloc(sizeof(*q));

	q->resolver = r;
	q->question = *question;
	q->nkey = dns_question_key(question, q->key).n;
	LIST_INIT(&q->lookups);
	q->watch.fd = -1;
	q->watch.ready = query_ready;
	q->timer.fire = query_late;
	q->until = mono_add_ms(loop_now(r->loop), r->conf.timeout_ms);
	q->heard_before = r->heard;
	r->begun++;
	TAILQ_INSERT_TAIL(&r->queries, q, link);
	r->nqueries++;
	loop_timer_set(r->loop, &q->timer, loop_now(r->loop));
	return q;
}

static void
probe_begin(struct resolver *r)
{
	static const struct dns_question root = { DNS_NS, "." };

	if (r->conf.nserver == 0)
		return;
	r->probe = query_begin(r, &root);
	r->probe->probe = true;
}

static void
probe_again(struct timer *t)
{
	struct resolver *r = OF_MEMBER(t, struct resolver, probe_timer);

	if (r->probe == NULL)
		probe_begin(r);
}

static void
lookup_due(struct timer *t)
{
	struct lookup *l = OF_MEMBER(t, struct lookup, timer);
	static const struct dns_answer none;
	struct dns_answer answer = none;
	enum dns_status status = DNS_FAILED;

	if (l->query == NULL) {
		status = l->status;
		if (l->answer != NULL)
			answer = *l->answer;
	}
	lookup_tell(l, status, &answer);
}

/* Have the answer at hand if the cache has it, or if no query may be made. */
static bool
is_known(struct lookup *l, const struct dns_question *question)
{
	struct resolver *r = l->resolver;
	struct dns_answer answer;

	if (!l->want.fresh && dns_cache_get(r->cache, question,
				  loop_now(r->loop), &l->status, &answer)) {
		l->answer = mem_alloc(sizeof(answer));
		*l->answer = answer;
		r->cached++;
		return true;
	}
	l->status = DNS_FAILED;
	return (r->dead && !l->want.fresh) || r->conf.nserver == 0;
}

/* Return the query that asks this already, or a new one, or NULL if there are
 * too many. */
static struct query *
query_get(struct resolver *r, const struct dns_question *question)
{
	char key[DNS_KEY_MAX];
	struct query *q = map_find(&r->map, dns_question_key(question, key));

	if (q != NULL || r->nqueries >= r->conf.queries_max)
		return q;
	q = query_begin(r, question);
	map_put(&r->map, q);
	return q;
}

struct lookup *
resolver_ask(struct resolver *r, const struct dns_question *question,
    const struct lookup_want *want)
{
	struct lookup *l = mem_zalloc(sizeof(*l));

	r->lookups++;
	l->resolver = r;
	l->want = *want;
	l->timer.fire = lookup_due;
	if (!is_known(l, question))
		l->query = query_get(r, question);
	if (l->query != NULL) {
		LIST_INSERT_HEAD(&l->query->lookups, l, link);
		loop_timer_set(r->loop, &l->timer, want->until);
	} else {
		LIST_INSERT_HEAD(&r->known, l, link);
		loop_timer_set(r->loop, &l->timer, loop_now(r->loop));
	}
	return l;
}

void
lookup_cancel(struct lookup *l)
{
	lookup_free(l);
}

void
resolver_figures(const struct resolver *r, struct resolver_figures *f)
{
	*f = (struct resolver_figures){ .servers = r->conf.nserver,
		.dead = r->dead,
		.lookups = r->lookups,
		.cached = r->cached,
		.queries = r->begun,
		.failed = r->failed,
		.under_way = r->nqueries,
		.kept = dns_cache_count(r->cache) };
}

size_t
resolver_queries(const struct resolver *r)
{
	return r->nqueries;
}

/* ---- life ---------------------------------------------------------------- */

struct resolver *
resolver_new(struct loop *loop, const struct resolver_ops *ops, void *ctx)
{
	struct resolver *r = mem_zalloc(sizeof(*r));
	unsigned char key[SIPHASH_KEY];

	if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key))
		abort();
	r->loop = loop;
	r->ops = ops;
	r->ctx = ctx;
	r->cache = dns_cache_new(RESOLVER_CACHE_MAX, key);
	map_init(&r->map, key_of, key);
	TAILQ_INIT(&r->queries);
	LIST_INIT(&r->known);
	r->probe_timer.fire = probe_again;
	return r;
}

void
resolver_set(struct resolver *r, const struct resolver_conf *conf)
{
	struct query *q;

	if (memcmp(&r->conf, conf, sizeof(*conf)) == 0)
		return;
	r->conf = *conf;
	r->first = 0;
	if (r->dead)
		loop_timer_set(r->loop, &r->probe_timer, loop_now(r->loop));
	dns_cache_clear(r->cache);
	TAILQ_FOREACH(q, &r->queries, link) {
		hang_up(q);
		q->tries = q->refusals = 0;
		loop_timer_set(r->loop, &q->timer, loop_now(r->loop));
	}
}

void
resolver_free(struct resolver *r)
{
	struct query *q;

	if (r == NULL)
		return;
	while ((q = TAILQ_FIRST(&r->queries)) != NULL) {
		query_remove(q);
		while (!LIST_EMPTY(&q->lookups))
			lookup_free(LIST_FIRST(&q->lookups));
		free(q);
	}
	while (!LIST_EMPTY(&r->known))
		lookup_free(LIST_FIRST(&r->known));
	loop_timer_clear(r->loop, &r->probe_timer);
	map_fini(&r->map);
	dns_cache_free(r->cache);
	free(r);
}
