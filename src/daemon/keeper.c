/*
 * One job at a time is with the worker: a batch, a reading or a copy. The
 * keeper has the means and the result of the job, and the loop leaves these
 * alone while the job is under way.
 */
#include "daemon/keeper.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/mem.h"
#include "daemon/control.h"
#include "daemon/pump.h"
#include "daemon/worker.h"
#include "store/store.h"

#define BATCH_MAX 4096	  /* changes in a transaction */
#define PAGE 500	  /* things in one EV_LOADED */
#define AGAIN_MIN_MS 1000 /* after the first failure */
#define AGAIN_MAX_MS 60000

_Static_assert(STORE_WHY_LEN == STATE_WHY_LEN, "both fit a reason");

enum keeper_job { JOB_NONE, JOB_WRITE, JOB_READ, JOB_COPY };

struct backup { /* that was asked for */
	uint64_t token;
	char *path;
	STAILQ_ENTRY(backup) link;
};

struct rows { /* that were read */
	struct arena *arena;
	struct stored *v;
	size_t n, cap;
};

struct keeper {
	struct banyand *banyand;
	struct store *store;
	struct store_queue queue;
	STAILQ_HEAD(, backup) backups;
	bool wants_rows;
	bool read; /* the rows were read once, at the start */
	struct timer again;
	bool waits;	  /* for that timer */
	int64_t again_ms; /* 0: the last write did not fail */
	/* the job that is under way */
	enum keeper_job job;
	struct store_batch batch;
	struct rows rows;
	struct backup *backup;
	int64_t now_ms;
	enum store_result result;
	char why[STORE_WHY_LEN], lost[STORE_WHY_LEN];
};

/* ---- what the worker does ------------------------------------------------ */

static void
add_row(void *ctx, struct span key, struct span text, int64_t gone_ms)
{
	struct rows *r = ctx;

	if (r->n == r->cap)
		r->v = mem_grow(r->v, &r->cap, 64, sizeof(*r->v));
	r->v[r->n++] = (struct stored){ arena_span_dup(r->arena, key),
		arena_span_dup(r->arena, text), { gone_ms } };
}

static void
read_rows(struct keeper *k)
{
	k->rows = (struct rows){ .arena = arena_new(64 * 1024) };
	k->result = store_read(k->store, add_row, &k->rows, k->why);
}

/* Begin a new database in the place of the one that is lost. */
static void
begin_anew(struct keeper *k)
{
	char *dir = k->banyand->state.dir, why[STORE_WHY_LEN];
	struct store *s;

	(void)snprintf(k->lost, sizeof(k->lost), "%s", k->why);
	s = store_open(dir, k->now_ms, k->why, why);
	if (s == NULL) {
		k->result = STORE_FAILED;
		return;
	}
	if (why[0] != '\0')
		(void)snprintf(k->lost, sizeof(k->lost), "%s", why);
	store_close(k->store);
	k->store = s;
}

static void
run_job(void *arg)
{
	struct keeper *k = arg;

	switch (k->job) {
	case JOB_NONE:
		break;
	case JOB_WRITE:
		k->result = store_write(k->store, &k->batch, k->why);
		break;
	case JOB_READ:
		read_rows(k);
		break;
	case JOB_COPY:
		k->result = store_backup(k->store, k->backup->path, k->why)
				? STORE_OK
				: STORE_FAILED;
		break;
	}
	if (k->result == STORE_LOST)
		begin_anew(k);
}

/* ---- what comes of it ---------------------------------------------------- */

static void begin_job(struct keeper *);

static void
give_page(struct banyand *bd, const struct stored *v, size_t n, bool last)
{
	struct event ev = { .kind = EV_LOADED };

	ev.u.loaded.v = v;
	ev.u.loaded.n = n;
	ev.u.loaded.last = last;
	pump_event(bd, &ev);
}

static void
give_rows(struct keeper *k)
{
	struct rows r = k->rows;
	size_t n;

	k->rows = (struct rows){ .n = 0 };
	for (size_t i = 0; i < r.n; i += n) {
		n = r.n - i < PAGE ? r.n - i : PAGE;
		give_page(k->banyand, r.v + i, n, false);
	}
	give_page(k->banyand, NULL, 0, true);
	free(r.v);
	arena_free(r.arena);
}

static void
tell_backup(struct keeper *k)
{
	char text[STORE_WHY_LEN + 16];

	(void)snprintf(text, sizeof(text), "%s%s",
	    k->result == STORE_OK ? "ok copied" : "error ",
	    k->result == STORE_OK ? "" : k->why);
	control_line(k->banyand->control, k->backup->token, span_of(text),
	    true);
	free(k->backup->path);
	free(k->backup);
	k->backup = NULL;
}

static void
try_later(struct keeper *k)
{
	struct banyand *bd = k->banyand;

	if (k->again_ms == 0)
		logger_with(&bd->log, LOG_STORE_FAILED,
		    { "why", span_of(k->why) });
	k->again_ms = k->again_ms == 0 ? AGAIN_MIN_MS : 2 * k->again_ms;
	if (k->again_ms > AGAIN_MAX_MS)
		k->again_ms = AGAIN_MAX_MS;
	k->waits = true;
	loop_timer_set(bd->loop, &k->again,
	    mono_add_ms(loop_now(bd->loop), k->again_ms));
}

/* A write or a reading is over. */
static void
settle(struct keeper *k, enum keeper_job job)
{
	struct event ev = { .kind = EV_UNSTORED };
	struct banyand *bd = k->banyand;

	if (k->result == STORE_FAILED) {
		store_batch_back(&k->queue, &k->batch);
		try_later(k);
		return;
	}
	if (k->again_ms != 0)
		logger_row(&bd->log, LOG_STORE_WORKS, NULL, 0);
	k->again_ms = 0;
	if (k->result == STORE_OK) {
		store_batch_done(&k->batch);
		k->wants_rows = k->wants_rows && job != JOB_READ;
		if (job == JOB_READ)
			give_rows(k);
		return;
	}
	store_batch_back(&k->queue, &k->batch);
	logger_with(&bd->log, LOG_STORE_LOST, { "why", span_of(k->lost) });
	pump_event(bd, &ev);
}

static void
free_rows(struct keeper *k)
{
	free(k->rows.v);
	arena_free(k->rows.arena);
	k->rows = (struct rows){ .n = 0 };
}

static void
job_done(void *arg)
{
	struct keeper *k = arg;
	enum keeper_job job = k->job;

	k->job = JOB_NONE;
	if (job == JOB_COPY)
		tell_backup(k);
	else
		settle(k, job);
	free_rows(k);
	begin_job(k);
}

/* Give the worker the next job, if there is one and none is under way. */
static void
begin_job(struct keeper *k)
{
	struct banyand *bd = k->banyand;

	if (k->job != JOB_NONE || bd->worker == NULL)
		return;
	if (!STAILQ_EMPTY(&k->backups)) {
		k->job = JOB_COPY;
		k->backup = STAILQ_FIRST(&k->backups);
		STAILQ_REMOVE_HEAD(&k->backups, link);
	} else if (!k->waits && store_queue_count(&k->queue) > 0) {
		k->job = JOB_WRITE;
		k->batch = store_queue_take(&k->queue, BATCH_MAX);
	} else if (!k->waits && k->wants_rows) {
		k->job = JOB_READ;
	} else {
		return;
	}
	k->now_ms = loop_wall(bd->loop).ms;
	k->result = STORE_OK;
	worker_call(bd->worker, run_job, job_done, k);
}

static void
again(struct timer *t)
{
	struct keeper *k =
	    (struct keeper *)(void *)((char *)t -
				      offsetof(struct keeper, again));

	k->waits = false;
	begin_job(k);
}

/* ---- life ---------------------------------------------------------------- */

struct keeper *
keeper_new(struct banyand *bd, char why[STATE_WHY_LEN])
{
	struct keeper *k = mem_zalloc(sizeof(*k));
	unsigned char key[16];

	if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key))
		abort();
	k->banyand = bd;
	k->again.fire = again;
	STAILQ_INIT(&k->backups);
	store_queue_init(&k->queue, key);
	k->store =
	    store_open(bd->state.dir, loop_wall(bd->loop).ms, why, k->lost);
	if (k->store == NULL) {
		keeper_free(k);
		return NULL;
	}
	if (k->lost[0] != '\0')
		logger_with(&bd->log, LOG_STORE_LOST,
		    { "why", span_of(k->lost) });
	return k;
}

/* Write what still waits, in one try: the server ends. */
static void
write_rest(struct keeper *k)
{
	store_batch_back(&k->queue, &k->batch);
	if (k->store == NULL || store_queue_count(&k->queue) == 0)
		return;
	k->batch = store_queue_take(&k->queue, SIZE_MAX);
	if (store_write(k->store, &k->batch, k->why) != STORE_OK)
		logger_with(&k->banyand->log, LOG_STORE_FAILED,
		    { "why", span_of(k->why) });
	store_batch_done(&k->batch);
}

void
keeper_free(struct keeper *k)
{
	struct backup *b;

	if (k == NULL)
		return;
	write_rest(k);
	loop_timer_clear(k->banyand->loop, &k->again);
	while ((b = STAILQ_FIRST(&k->backups)) != NULL) {
		STAILQ_REMOVE_HEAD(&k->backups, link);
		free(b->path);
		free(b);
	}
	if (k->backup != NULL)
		free(k->backup->path);
	free(k->backup);
	free_rows(k);
	store_queue_fini(&k->queue);
	store_close(k->store);
	free(k);
}

void
keeper_load(struct keeper *k)
{
	if (k->read) {
		k->wants_rows = true;
		begin_job(k);
		return;
	}
	k->read = true;
	k->result = STORE_OK;
	read_rows(k);
	settle(k, JOB_READ);
	free_rows(k);
}

void
keeper_put(struct keeper *k, const struct effect *e)
{
	store_queue_put(&k->queue, e->u.store.key, e->u.store.text,
	    e->u.store.gone.ms);
	begin_job(k);
}

void
keeper_backup(struct keeper *k, uint64_t token, struct span path)
{
	struct backup *b = mem_zalloc(sizeof(*b));

	b->token = token;
	b->path = span_dup(path);
	STAILQ_INSERT_TAIL(&k->backups, b, link);
	begin_job(k);
}
