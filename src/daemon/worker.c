#include "daemon/worker.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/sys/queue.h>

#include "base/mem.h"
#include "host/child.h"
#include "host/thread.h"
#include "wire/tally.h"

enum job_kind {
	JOB_PASSWORD,
	JOB_REFUSED,
	JOB_STORE,
	JOB_LOAD,
	JOB_CHECK,
	JOB_CALL
};

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
	char *path; /* of a load or a check */
	char *exe;  /* of a check, with a line of the environment */
	char *line;
	char *old_log;
	const struct module_set *old_modules;
	bool done;
	struct loaded loaded;
	void (*run)(void *), (*tell)(void *); /* of a call */
	void *arg;
	TAILQ_ENTRY(job) link;
};

TAILQ_HEAD(jobs, job);

/* The passwords of one kind that come from an address, or from a /64 of IPv6;
 * there is at least one. */
struct network {
	struct addr net;
	struct jobs todo;
	unsigned npasswords;
	TAILQ_ENTRY(network) link;
};

/* The passwords of one kind. */
struct tries {
	TAILQ_HEAD(, network) networks; /* the next one first */
	unsigned n;			/* of all networks */
};

struct worker {
	const struct worker_ops *ops;
	void *ctx;
	struct wake *wake;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct jobs todo, done; /* under lock */
	/* under lock: the kind whose password was taken last, and all
	 * passwords */
	struct tries tries[REQUEST_COUNT];
	unsigned last, npasswords;
	bool stop; /* under lock */
};

static void
job_free(struct job *job)
{
	if (job->bytes != NULL)
		sodium_memzero(job->bytes, job->nbytes);
	free(job->bytes);
	free(job->path);
	free(job->old_log);
	free(job->exe);
	free(job->line);
	if (job->kind == JOB_LOAD && job->done)
		loaded_fini(&job->loaded);
	free(job);
}

static void
compare(struct job *job)
{
	struct span verifier, password;

	request_password_split(span_make(job->bytes, job->nbytes), &verifier,
	    &password);
	/* a NUL ends the verifier in the bytes; an empty span has no p */
	if (password.n == 0)
		password = SPAN("");
	job->status =
	    crypto_pwhash_str_verify(verifier.p, password.p, password.n) == 0
		? ANSWER_OK
		: ANSWER_NO;
	sodium_memzero(job->bytes, job->nbytes);
}

static void
check(struct job *job)
{
	char *argv[] = { job->exe, (char[]){ "-f" }, job->path,
		(char[]){ "--check" }, NULL };

	job->failed =
	    !child_run(job->exe, argv, job->line, job->why, sizeof(job->why));
}

static void
job_run(struct job *job)
{
	switch (job->kind) {
	case JOB_PASSWORD:
		compare(job);
		break;
	case JOB_REFUSED:
		break;
	case JOB_STORE:
		job->failed =
		    !state_write(job->dir, job->inc, job->uid_upto, job->why);
		break;
	case JOB_LOAD:
		load_again(&job->loaded, job->path, job->old_log,
		    job->old_modules);
		break;
	case JOB_CHECK:
		check(job);
		break;
	case JOB_CALL:
		job->run(job->arg);
		break;
	}
	job->done = true;
}

/* ---- passwords that wait: under lock --------------------------------- */

static struct network *
network_get(struct tries *t, const struct addr *from)
{
	struct addr net = tally_net(TALLY_ADDRESS, from);
	struct network *network;

	TAILQ_FOREACH(network, &t->networks, link)
		if (addr_eq(&network->net, &net))
			return network;
	network = mem_zalloc(sizeof(*network));
	network->net = net;
	TAILQ_INIT(&network->todo);
	TAILQ_INSERT_TAIL(&t->networks, network, link);
	return network;
}

/* Return the network of the address. */
static struct network *
put_password(struct worker *w, const struct addr *from, struct job *job)
{
	struct tries *t = &w->tries[job->request];
	struct network *network = network_get(t, from);

	TAILQ_INSERT_TAIL(&network->todo, job, link);
	network->npasswords++;
	t->n++;
	w->npasswords++;
	return network;
}

/* Take a job of the network out; the network goes when it has none. */
static void
network_take(struct worker *w, struct network *network, struct job *job)
{
	struct tries *t = &w->tries[job->request];

	TAILQ_REMOVE(&network->todo, job, link);
	t->n--;
	w->npasswords--;
	if (--network->npasswords > 0)
		return;
	TAILQ_REMOVE(&t->networks, network, link);
	free(network);
}

/* Return the passwords of the kind that has most: of several, `newest`. */
static struct tries *
tries_most(struct worker *w, enum request_kind newest)
{
	struct tries *most = &w->tries[newest];

	for (unsigned i = 0; i < REQUEST_COUNT; i++)
		if (w->tries[i].n > most->n)
			most = &w->tries[i];
	return most;
}

/*
 * Take out the last password of the address that has most, among those of the
 * kind that has most. If several have as many, take the one that has just come,
 * of the newest network, or that of the address whose turn is last.
 */
static struct job *
take_surplus(struct worker *w, const struct network *newest,
    enum request_kind kind)
{
	struct tries *t = tries_most(w, kind);
	struct network *network, *most = NULL;
	struct job *job;

	TAILQ_FOREACH(network, &t->networks, link)
		if (most == NULL || network->npasswords > most->npasswords ||
		    (network->npasswords == most->npasswords && most != newest))
			most = network;
	job = TAILQ_LAST(&most->todo, jobs);
	network_take(w, most, job);
	return job;
}

/* Return the next kind that has passwords, or NULL. */
static struct tries *
tries_next(struct worker *w)
{
	for (unsigned i = 0; i < REQUEST_COUNT; i++) {
		w->last = (w->last + 1) % REQUEST_COUNT;
		if (w->tries[w->last].n > 0)
			return &w->tries[w->last];
	}
	return NULL;
}

static struct job *
next_password(struct worker *w)
{
	struct tries *t = tries_next(w);
	struct network *network;
	struct job *job;

	if (t == NULL)
		return NULL;
	network = TAILQ_FIRST(&t->networks);
	job = TAILQ_FIRST(&network->todo);
	TAILQ_REMOVE(&t->networks, network, link);
	TAILQ_INSERT_TAIL(&t->networks, network, link);
	network_take(w, network, job);
	return job;
}

static struct job *
next_job(struct worker *w)
{
	struct job *job = TAILQ_FIRST(&w->todo);

	if (job == NULL)
		return next_password(w);
	TAILQ_REMOVE(&w->todo, job, link);
	return job;
}

/* Under lock. The loop calls back for a job that is done without the thread,
 * too: callbacks never nest. */
static void
post_done(struct worker *w, struct job *job)
{
	TAILQ_INSERT_TAIL(&w->done, job, link);
	loop_wake_post(w->wake);
}

/* ---- the thread -------------------------------------------------------- */

static void *
worker_main(void *arg)
{
	struct worker *w = arg;
	struct job *job;

	(void)pthread_mutex_lock(&w->lock);
	while (!w->stop) {
		if ((job = next_job(w)) == NULL) {
			(void)pthread_cond_wait(&w->more, &w->lock);
			continue;
		}
		(void)pthread_mutex_unlock(&w->lock);
		job_run(job);
		(void)pthread_mutex_lock(&w->lock);
		post_done(w, job);
	}
	(void)pthread_mutex_unlock(&w->lock);
	return NULL;
}

static void
job_tell(struct worker *w, struct job *job)
{
	switch (job->kind) {
	case JOB_PASSWORD:
	case JOB_REFUSED:
		w->ops->answered(w->ctx, job->token, job->request, job->status);
		break;
	case JOB_STORE:
		w->ops->stored(w->ctx, job->token, job->uid_upto,
		    job->failed ? job->why : NULL);
		break;
	case JOB_LOAD:
		w->ops->loaded(w->ctx, &job->loaded);
		break;
	case JOB_CHECK:
		w->ops->checked(w->ctx, !job->failed, job->why);
		break;
	case JOB_CALL:
		job->tell(job->arg);
		break;
	}
}

static void
worker_woken(void *arg)
{
	struct worker *w = arg;
	struct job *job;

	for (;;) {
		(void)pthread_mutex_lock(&w->lock);
		if ((job = TAILQ_FIRST(&w->done)) != NULL)
			TAILQ_REMOVE(&w->done, job, link);
		(void)pthread_mutex_unlock(&w->lock);
		if (job == NULL)
			return;
		job_tell(w, job);
		job_free(job);
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
	for (unsigned i = 0; i < REQUEST_COUNT; i++)
		TAILQ_INIT(&w->tries[i].networks);
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
	struct job *job;

	if (w == NULL)
		return;
	(void)pthread_mutex_lock(&w->lock);
	w->stop = true;
	(void)pthread_cond_signal(&w->more);
	(void)pthread_mutex_unlock(&w->lock);
	(void)pthread_join(w->thread, NULL);
	loop_wake_free(w->wake);
	while ((job = next_job(w)) != NULL)
		job_free(job);
	while ((job = TAILQ_FIRST(&w->done)) != NULL) {
		TAILQ_REMOVE(&w->done, job, link);
		job_free(job);
	}
	(void)pthread_cond_destroy(&w->more);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

static void
worker_post(struct worker *w, struct job *job)
{
	(void)pthread_mutex_lock(&w->lock);
	TAILQ_INSERT_TAIL(&w->todo, job, link);
	(void)pthread_cond_signal(&w->more);
	(void)pthread_mutex_unlock(&w->lock);
}

static void
post_password(struct worker *w, const struct addr *from, struct job *job)
{
	struct network *network;

	(void)pthread_mutex_lock(&w->lock);
	network = put_password(w, from, job);
	if (w->npasswords > WORKER_QUEUE_MAX) {
		job = take_surplus(w, network, job->request);
		job->status = ANSWER_REFUSED;
		post_done(w, job);
	}
	(void)pthread_cond_signal(&w->more);
	(void)pthread_mutex_unlock(&w->lock);
}

void
worker_password(struct worker *w, uint64_t token, enum request_kind kind,
    const struct addr *from, struct span bytes)
{
	struct job *job = mem_zalloc(sizeof(*job));

	job->token = token;
	job->request = kind;
	job->bytes = span_dup(bytes);
	job->nbytes = bytes.n;
	post_password(w, from, job);
}

void
worker_refuse(struct worker *w, uint64_t token, enum request_kind kind)
{
	struct job *job = mem_zalloc(sizeof(*job));

	job->kind = JOB_REFUSED;
	job->token = token;
	job->request = kind;
	job->status = ANSWER_REFUSED;
	(void)pthread_mutex_lock(&w->lock);
	post_done(w, job);
	(void)pthread_mutex_unlock(&w->lock);
}

static void
post_store(struct worker *w, struct job *job)
{
	const struct job *queued;
	unsigned nstores = 0;

	(void)pthread_mutex_lock(&w->lock);
	TAILQ_FOREACH(queued, &w->todo, link)
		nstores += queued->kind == JOB_STORE;
	if (nstores < WORKER_STORES_MAX) {
		TAILQ_INSERT_TAIL(&w->todo, job, link);
		(void)pthread_cond_signal(&w->more);
	} else {
		job->failed = true;
		(void)snprintf(job->why, sizeof(job->why),
		    "the state directory does not answer");
		post_done(w, job);
	}
	(void)pthread_mutex_unlock(&w->lock);
}

void
worker_store(struct worker *w, const struct state *s, uint64_t token,
    uint64_t uid_upto)
{
	struct job *job = mem_zalloc(sizeof(*job));

	job->kind = JOB_STORE;
	job->token = token;
	job->uid_upto = uid_upto;
	job->inc = s->inc;
	(void)memcpy(job->dir, s->dir, sizeof(job->dir));
	post_store(w, job);
}

void
worker_load(struct worker *w, const char *path, struct span old_log,
    const struct module_set *old)
{
	struct job *job = mem_zalloc(sizeof(*job));

	job->kind = JOB_LOAD;
	job->path = span_dup(span_of(path));
	job->old_log = span_dup(old_log);
	job->old_modules = old;
	worker_post(w, job);
}

void
worker_check(struct worker *w, const char *exe, const char *path, char *line)
{
	struct job *job = mem_zalloc(sizeof(*job));

	job->kind = JOB_CHECK;
	job->exe = span_dup(span_of(exe));
	job->line = line;
	job->path = span_dup(span_of(path));
	worker_post(w, job);
}

void
worker_call(struct worker *w, void (*run)(void *), void (*done)(void *),
    void *arg)
{
	struct job *job = mem_zalloc(sizeof(*job));

	job->kind = JOB_CALL;
	job->run = run;
	job->tell = done;
	job->arg = arg;
	worker_post(w, job);
}
