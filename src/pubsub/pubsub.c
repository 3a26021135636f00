/*
 * Connections are made anew here, in one way for all kinds, and not by the
 * libraries: these would keep messages for a later connection, where nobody
 * waits for them any more, and look names up while they hold their locks.
 */
#include "pubsub/kind.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "wire/utf8.h"

#define PAUSE_MS 100
#define PAUSE_MAX_MS 5000
#define STABLE_MS 10000	    /* up for so long: the pauses begin short again */
#define THREADS_END_MS 3000 /* to end */

/* ---- all connections ---------------------------------------------------- */

struct pubsubs *
pubsubs_new(struct loop *l, struct streams *ss, struct resolver *r)
{
	struct pubsubs *all = mem_zalloc(sizeof(*all));

	all->loop = l;
	all->streams = ss;
	all->resolver = r;
	invariant(pthread_mutex_init(&all->lock, NULL) == 0);
	invariant(pthread_cond_init(&all->ended, NULL) == 0);
	return all;
}

static void
wait_for_threads(struct pubsubs *all)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += THREADS_END_MS / 1000;
	while (all->nthreads > 0)
		if (pthread_cond_timedwait(&all->ended, &all->lock, &until) ==
		    ETIMEDOUT)
			return;
}

void
pubsubs_free(struct pubsubs *all)
{
	bool left;

	if (all == NULL)
		return;
	(void)pthread_mutex_lock(&all->lock);
	wait_for_threads(all);
	left = all->nthreads > 0;
	all->gone = true;
	(void)pthread_mutex_unlock(&all->lock);
	if (left)
		return; /* the process ends; the thread is in a library */
	(void)pthread_mutex_destroy(&all->lock);
	(void)pthread_cond_destroy(&all->ended);
	free(all);
}

/* ---- one connection ----------------------------------------------------- */

static const struct broker_kind *
kind_of(enum pubsub_kind kind)
{
	return kind == PUBSUB_NATS ? &broker_nats : &broker_redis;
}

const char *
pubsub_lacks(enum pubsub_kind kind)
{
	return kind_of(kind)->lacks;
}

static char *
dup_text(const char *s)
{
	return s != NULL ? span_dup(span_of(s)) : NULL;
}

void
pubsub_conf_dup(struct pubsub_conf *to, const struct pubsub_conf *from)
{
	*to = *from;
	to->host = dup_text(from->host);
	to->user = dup_text(from->user);
	to->password = dup_text(from->password);
	to->ca = dup_text(from->ca);
	to->name = dup_text(from->name);
	for (size_t i = 0; i < PUBSUB_SUBJECTS; i++)
		to->subject[i] = dup_text(from->subject[i]);
}

static void
text_free(const char *s)
{
	free((void *)(uintptr_t)s);
}

void
pubsub_conf_free(struct pubsub_conf *c)
{
	if (c->password != NULL)
		explicit_bzero((void *)(uintptr_t)c->password,
		    strlen(c->password));
	text_free(c->host);
	text_free(c->user);
	text_free(c->password);
	text_free(c->ca);
	text_free(c->name);
	for (size_t i = 0; i < PUBSUB_SUBJECTS; i++)
		text_free(c->subject[i]);
}

static void retry(struct timer *);

struct pubsub *
pubsub_new(struct pubsubs *all, const struct pubsub_conf *conf,
    const struct pubsub_ops *ops, void *ctx)
{
	struct pubsub *ps = mem_zalloc(sizeof(*ps));

	ps->all = all;
	ps->kind = kind_of(conf->kind);
	invariant(ps->kind->lacks == NULL);
	pubsub_conf_dup(&ps->conf, conf);
	ps->ops = ops;
	ps->ctx = ctx;
	ps->retry.fire = retry;
	loop_timer_set(all->loop, &ps->retry, loop_now(all->loop));
	return ps;
}

void
pubsub_free(struct pubsub *ps)
{
	if (ps == NULL)
		return;
	if (ps->conn != NULL)
		ps->kind->end(ps->conn);
	loop_timer_clear(ps->all->loop, &ps->retry);
	pubsub_conf_free(&ps->conf);
	free(ps);
}

void
pubsub_configure(struct pubsub *ps, const struct pubsub_conf *conf)
{
	pubsub_conf_free(&ps->conf);
	pubsub_conf_dup(&ps->conf, conf);
}

static bool
publish(struct pubsub *ps, struct span subject, struct span bytes)
{
	size_t waits = ps->kind->unsent(ps->conn);

	return bytes.n <= ps->n.max && subject.n <= PUBSUB_SUBJECT_MAX &&
	       waits + bytes.n <= ps->conf.unsent_max &&
	       ps->kind->publish(ps->conn, subject, bytes);
}

bool
pubsub_publish(struct pubsub *ps, struct span subject, struct span bytes)
{
	if (!ps->n.up)
		return false;
	if (!publish(ps, subject, bytes)) {
		ps->n.out_dropped++;
		return false;
	}
	ps->n.out++;
	ps->n.out_bytes += bytes.n;
	return true;
}

void
pubsub_figures(const struct pubsub *ps, struct pubsub_figures *n)
{
	*n = ps->n;
	n->unsent = ps->conn != NULL ? ps->kind->unsent(ps->conn) : 0;
	n->why = ps->why;
}

/* ---- from the kind ------------------------------------------------------ */

void
kind_up(struct pubsub *ps, size_t max)
{
	ps->n.up = true;
	ps->n.max = max < PUBSUB_MESSAGE_MAX ? max : PUBSUB_MESSAGE_MAX;
	ps->n.ups++;
	ps->up_at = loop_now(ps->all->loop);
	ps->ops->up(ps->ctx, ps->n.max);
}

void
kind_got(struct pubsub *ps, struct span subject, struct span bytes)
{
	ps->n.in++;
	ps->n.in_bytes += bytes.n;
	ps->ops->got(ps->ctx, subject, bytes);
}

static unsigned
pause_ms(struct pubsub *ps)
{
	unsigned ms = PAUSE_MAX_MS;

	if (ps->n.up &&
	    mono_sub_ms(loop_now(ps->all->loop), ps->up_at) >= STABLE_MS)
		ps->pauses = 0;
	if (ps->pauses < 6)
		ms = (unsigned)PAUSE_MS << ps->pauses;
	ps->pauses++;
	return ms < PAUSE_MAX_MS ? ms : PAUSE_MAX_MS;
}

/* Try again after a pause. */
static void
is_down(struct pubsub *ps)
{
	struct mono at = mono_add_ms(loop_now(ps->all->loop), pause_ms(ps));

	loop_timer_set(ps->all->loop, &ps->retry, at);
	ps->n.up = false;
	ps->n.max = 0;
	ps->ops->down(ps->ctx, span_of(ps->why));
}

static void
keep_why(struct pubsub *ps, struct span why)
{
	struct span s = utf8_cut(why, PUBSUB_WHY_LEN - 1);

	memcpy(ps->why, s.p, s.n);
	ps->why[s.n] = '\0';
	utf8_mend(ps->why, s.n, '?');
}

void
kind_failed(struct pubsub *ps, struct span why)
{
	keep_why(ps, why);
	ps->kind->end(ps->conn);
	ps->conn = NULL;
	is_down(ps);
}

static void
retry(struct timer *t)
{
	struct pubsub *ps =
	    (struct pubsub *)(void *)((char *)t -
				      offsetof(struct pubsub, retry));

	ps->conn = ps->kind->begin(ps);
	if (ps->conn != NULL)
		return;
	keep_why(ps, SPAN("the system refuses a thread or a descriptor"));
	is_down(ps);
}
