#include "daemon/worker.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/sys/queue.h>

#include "base/mem.h"
#include "daemon/thread.h"

enum job_kind { JOB_HASH, JOB_STORE, JOB_LOAD };

struct job {
	enum job_kind kind;
	uint64_t token; /* uid_upto of a store */
	char *password;
	size_t npassword;
	char *verifier;
	char dir[4096];
	uint32_t inc;
	bool match; /* the answer to a hash */
	bool busy;
	bool failed;
	char why[STATE_WHY_LEN];
	char *path; /* of a load */
	char *old_log;
	bool done;
	struct loaded loaded;
	TAILQ_ENTRY(job) link;
};

TAILQ_HEAD(jobs, job);

struct worker {
	const struct worker_ops *ops;
	void *ctx;
	struct wake *wake;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct jobs todo, done; /* under lock */
	unsigned nhash;		/* under lock: in todo */
	bool stop;		/* under lock */
};

static void
job_free(struct job *j)
{
	if (j->password != NULL)
		sodium_memzero(j->password, j->npassword);
	free(j->password);
	free(j->verifier);
	free(j->path);
	free(j->old_log);
	if (j->kind == JOB_LOAD && j->done)
		loaded_fini(&j->loaded);
	free(j);
}

static void
job_run(struct job *j)
{
	switch (j->kind) {
	case JOB_HASH:
		j->match = crypto_pwhash_str_verify(j->verifier, j->password,
			       j->npassword) == 0;
		sodium_memzero(j->password, j->npassword);
		break;
	case JOB_STORE:
		j->failed = !state_write(j->dir, j->inc, j->token, j->why);
		break;
	case JOB_LOAD:
		load_again(&j->loaded, j->path, j->old_log);
		break;
	}
	j->done = true;
}

static void *
worker_main(void *arg)
{
	struct worker *w = arg;
	struct job *j;

	(void)pthread_mutex_lock(&w->lock);
	for (;;) {
		while ((j = TAILQ_FIRST(&w->todo)) == NULL && !w->stop)
			(void)pthread_cond_wait(&w->more, &w->lock);
		if (j == NULL)
			break;
		TAILQ_REMOVE(&w->todo, j, link);
		(void)pthread_mutex_unlock(&w->lock);
		job_run(j);
		(void)pthread_mutex_lock(&w->lock);
		if (j->kind == JOB_HASH)
			w->nhash--;
		TAILQ_INSERT_TAIL(&w->done, j, link);
		loop_wake_post(w->wake);
	}
	(void)pthread_mutex_unlock(&w->lock);
	return NULL;
}

static void
job_tell(struct worker *w, struct job *j)
{
	switch (j->kind) {
	case JOB_HASH:
		w->ops->hashed(w->ctx, j->token, j->match, j->busy);
		break;
	case JOB_STORE:
		w->ops->stored(w->ctx, j->token, j->failed ? j->why : NULL);
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
	while ((j = TAILQ_FIRST(&w->todo)) != NULL ||
	       (j = TAILQ_FIRST(&w->done)) != NULL) {
		TAILQ_REMOVE(TAILQ_FIRST(&w->todo) == j ? &w->todo : &w->done,
		    j, link);
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
	if (j->kind == JOB_HASH && w->nhash >= WORKER_QUEUE_MAX) {
		/* the loop calls back here too: callbacks never nest */
		j->busy = true;
		TAILQ_INSERT_TAIL(&w->done, j, link);
		loop_wake_post(w->wake);
	} else {
		if (j->kind == JOB_HASH)
			w->nhash++;
		TAILQ_INSERT_TAIL(&w->todo, j, link);
		(void)pthread_cond_signal(&w->more);
	}
	(void)pthread_mutex_unlock(&w->lock);
}

void
worker_hash(struct worker *w, uint64_t token, struct span password,
    struct span verifier)
{
	struct job *j = mem_zalloc(sizeof(*j));

	j->token = token;
	j->password = span_dup(password);
	j->npassword = password.n;
	j->verifier = span_dup(verifier);
	worker_post(w, j);
}

void
worker_store(struct worker *w, const struct state *s, uint64_t uid_upto)
{
	struct job *j = mem_zalloc(sizeof(*j));

	j->kind = JOB_STORE;
	j->token = uid_upto;
	j->inc = s->inc;
	(void)memcpy(j->dir, s->dir, sizeof(j->dir));
	worker_post(w, j);
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
