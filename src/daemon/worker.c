#include "daemon/worker.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/sys/queue.h>

#include "base/mem.h"
#include "daemon/thread.h"
#include "wire/tally.h"

enum job_kind { JOB_PASSWORD, JOB_REFUSED, JOB_STORE, JOB_LOAD };

struct job {
	enum job_kind kind;
	uint64_t token;
	enum request_kind request;
	enum answer_status status;
	char *bytes; /* of a password */
	size_t nbytes;
	char dir[4096];
	uint32_t inc;
	uint64_t uid_upto;
	bool failed;
	char why[STATE_WHY_LEN];
	char *path; /* of a load */
	char *old_log;
	bool done;
	struct loaded loaded;
	TAILQ_ENTRY(job) link;
};

TAILQ_HEAD(jobs, job);

/* The passwords of an address, or of a /64 of IPv6; there is at least one. */
struct network {
	struct addr net;
	struct jobs todo;
	unsigned n;
	TAILQ_ENTRY(network) link;
};

struct worker {
	const struct worker_ops *ops;
	void *ctx;
	struct wake *wake;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct jobs todo, done; /* under lock */
	/* under lock: the next one first, and all their passwords */
	TAILQ_HEAD(, network) networks;
	unsigned nhash;
	bool stop; /* under lock */
};

static void
job_free(struct job *j)
{
	if (j->bytes != NULL)
		sodium_memzero(j->bytes, j->nbytes);
	free(j->bytes);
	free(j->path);
	free(j->old_log);
	if (j->kind == JOB_LOAD && j->done)
		loaded_fini(&j->loaded);
	free(j);
}

static void
compare(struct job *j)
{
	struct span verifier, password;

	request_password_split(span_make(j->bytes, j->nbytes), &verifier,
	    &password);
	/* a NUL ends the verifier in the bytes; an empty span has no p */
	if (password.n == 0)
		password = SPAN("");
	j->status =
	    crypto_pwhash_str_verify(verifier.p, password.p, password.n) == 0
		? ANSWER_OK
		: ANSWER_NO;
	sodium_memzero(j->bytes, j->nbytes);
}

static void
job_run(struct job *j)
{
	switch (j->kind) {
	case JOB_PASSWORD:
		compare(j);
		break;
	case JOB_REFUSED:
		break;
	case JOB_STORE:
		j->failed = !state_write(j->dir, j->inc, j->uid_upto, j->why);
		break;
	case JOB_LOAD:
		load_again(&j->loaded, j->path, j->old_log);
		break;
	}
	j->done = true;
}

/* ---- passwords that wait: under lock --------------------------------- */

static struct network *
network_get(struct worker *w, const struct addr *from)
{
	struct addr net = tally_net(from);
	struct network *s;

	TAILQ_FOREACH(s, &w->networks, link)
		if (addr_eq(&s->net, &net))
			return s;
	s = mem_zalloc(sizeof(*s));
	s->net = net;
	TAILQ_INIT(&s->todo);
	TAILQ_INSERT_TAIL(&w->networks, s, link);
	return s;
}

/* Take a job of the network out; the network goes when it has none. */
static void
network_take(struct worker *w, struct network *s, struct job *j)
{
	TAILQ_REMOVE(&s->todo, j, link);
	w->nhash--;
	if (--s->n > 0)
		return;
	TAILQ_REMOVE(&w->networks, s, link);
	free(s);
}

/* Take out the last password of the address that has most. If several have as
 * many, take the one that has just come. */
static struct job *
surplus(struct worker *w, struct network *newest)
{
	struct network *s, *most = newest;
	struct job *j;

	TAILQ_FOREACH(s, &w->networks, link)
		if (s->n > most->n)
			most = s;
	j = TAILQ_LAST(&most->todo, jobs);
	network_take(w, most, j);
	return j;
}

static struct job *
next_password(struct worker *w)
{
	struct network *s = TAILQ_FIRST(&w->networks);
	struct job *j;

	if (s == NULL)
		return NULL;
	j = TAILQ_FIRST(&s->todo);
	TAILQ_REMOVE(&w->networks, s, link);
	TAILQ_INSERT_TAIL(&w->networks, s, link);
	network_take(w, s, j);
	return j;
}

static struct job *
next_job(struct worker *w)
{
	struct job *j = TAILQ_FIRST(&w->todo);

	if (j == NULL)
		return next_password(w);
	TAILQ_REMOVE(&w->todo, j, link);
	return j;
}

/* Under lock. The loop calls back for a job that is done without the thread,
 * too: callbacks never nest. */
static void
post_done(struct worker *w, struct job *j)
{
	TAILQ_INSERT_TAIL(&w->done, j, link);
	loop_wake_post(w->wake);
}

/* ---- the thread -------------------------------------------------------- */

static void *
worker_main(void *arg)
{
	struct worker *w = arg;
	struct job *j;

	(void)pthread_mutex_lock(&w->lock);
	while (!w->stop) {
		if ((j = next_job(w)) == NULL) {
			(void)pthread_cond_wait(&w->more, &w->lock);
			continue;
		}
		(void)pthread_mutex_unlock(&w->lock);
		job_run(j);
		(void)pthread_mutex_lock(&w->lock);
		post_done(w, j);
	}
	(void)pthread_mutex_unlock(&w->lock);
	return NULL;
}

static void
job_tell(struct worker *w, struct job *j)
{
	switch (j->kind) {
	case JOB_PASSWORD:
	case JOB_REFUSED:
		w->ops->answered(w->ctx, j->token, j->request, j->status);
		break;
	case JOB_STORE:
		w->ops->stored(w->ctx, j->token, j->uid_upto,
		    j->failed ? j->why : NULL);
		break;
	case JOB_LOAD:
		w->ops->loaded(w->ctx, &j->loaded);
		break;
	}
}

static void
worker_woken(void *arg)
{
	struct worker *w = arg;
	struct job *j;

	for (;;) {
		(void)pthread_mutex_lock(&w->lock);
		if ((j = TAILQ_FIRST(&w->done)) != NULL)
			TAILQ_REMOVE(&w->done, j, link);
		(void)pthread_mutex_unlock(&w->lock);
		if (j == NULL)
			return;
		job_tell(w, j);
		job_free(j);
	}
}

struct worker *
worker_new(struct loop *loop, const struct worker_ops *ops, void *ctx)
{
	struct worker *w = mem_zalloc(sizeof(*w));

	w->ops = ops;
	w->ctx = ctx;
	TAILQ_INIT(&w->todo);
	TAILQ_INIT(&w->done);
	TAILQ_INIT(&w->networks);
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_cond_init(&w->more, NULL);
	if ((w->wake = loop_wake_new(loop, worker_woken, w)) == NULL) {
		free(w);
		return NULL;
	}
	if (!thread_start(&w->thread, worker_main, w)) {
		loop_wake_free(w->wake);
		free(w);
		return NULL;
	}
	return w;
}

void
worker_free(struct worker *w)
{
	struct job *j;

	if (w == NULL)
		return;
	(void)pthread_mutex_lock(&w->lock);
	w->stop = true;
	(void)pthread_cond_signal(&w->more);
	(void)pthread_mutex_unlock(&w->lock);
	(void)pthread_join(w->thread, NULL);
	loop_wake_free(w->wake);
	while ((j = next_job(w)) != NULL)
		job_free(j);
	while ((j = TAILQ_FIRST(&w->done)) != NULL) {
		TAILQ_REMOVE(&w->done, j, link);
		job_free(j);
	}
	(void)pthread_cond_destroy(&w->more);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

static void
worker_post(struct worker *w, struct job *j)
{
	(void)pthread_mutex_lock(&w->lock);
	TAILQ_INSERT_TAIL(&w->todo, j, link);
	(void)pthread_cond_signal(&w->more);
	(void)pthread_mutex_unlock(&w->lock);
}

static void
post_password(struct worker *w, const struct addr *from, struct job *j)
{
	struct network *s;

	(void)pthread_mutex_lock(&w->lock);
	s = network_get(w, from);
	TAILQ_INSERT_TAIL(&s->todo, j, link);
	s->n++;
	w->nhash++;
	if (w->nhash > WORKER_QUEUE_MAX) {
		j = surplus(w, s);
		j->status = ANSWER_REFUSED;
		post_done(w, j);
	}
	(void)pthread_cond_signal(&w->more);
	(void)pthread_mutex_unlock(&w->lock);
}

void
worker_password(struct worker *w, uint64_t token, const struct addr *from,
    struct span bytes)
{
	struct job *j = mem_zalloc(sizeof(*j));

	j->token = token;
	j->request = REQUEST_PASSWORD;
	j->bytes = span_dup(bytes);
	j->nbytes = bytes.n;
	post_password(w, from, j);
}

void
worker_refuse(struct worker *w, uint64_t token, enum request_kind kind)
{
	struct job *j = mem_zalloc(sizeof(*j));

	j->kind = JOB_REFUSED;
	j->token = token;
	j->request = kind;
	j->status = ANSWER_REFUSED;
	(void)pthread_mutex_lock(&w->lock);
	post_done(w, j);
	(void)pthread_mutex_unlock(&w->lock);
}

static void
post_store(struct worker *w, struct job *j)
{
	const struct job *k;
	unsigned n = 0;

	(void)pthread_mutex_lock(&w->lock);
	TAILQ_FOREACH(k, &w->todo, link)
		n += k->kind == JOB_STORE;
	if (n < WORKER_STORES_MAX) {
		TAILQ_INSERT_TAIL(&w->todo, j, link);
		(void)pthread_cond_signal(&w->more);
	} else {
		j->failed = true;
		(void)snprintf(j->why, sizeof(j->why),
		    "the state directory does not answer");
		post_done(w, j);
	}
	(void)pthread_mutex_unlock(&w->lock);
}

void
worker_store(struct worker *w, const struct state *s, uint64_t token,
    uint64_t uid_upto)
{
	struct job *j = mem_zalloc(sizeof(*j));

	j->kind = JOB_STORE;
	j->token = token;
	j->uid_upto = uid_upto;
	j->inc = s->inc;
	(void)memcpy(j->dir, s->dir, sizeof(j->dir));
	post_store(w, j);
}

void
worker_load(struct worker *w, const char *path, struct span old_log)
{
	struct job *j = mem_zalloc(sizeof(*j));

	j->kind = JOB_LOAD;
	j->path = span_dup(span_of(path));
	j->old_log = span_dup(old_log);
	worker_post(w, j);
}
