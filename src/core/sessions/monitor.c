/*
 * 730 and 731 have `*` in the place of the client's nick ("The server may send
 * "*" instead of the nick"): so one line serves all who watch.
 *
 * They are in no batch: a client may fold a netsplit into one line, and a
 * netjoin, too, and would not see them.
 *
 * Another spelling of the same nick is no change. A user who exchanges nicks
 * with another one is seen to go and to come.
 */
#include "core/sessions/monitor.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "core/sessions/audience.h"
#include "core/sessions/source.h"
#include "core/types/cost.h"
#include "wire/casemap.h"

struct target {
	void *next; /* in the table */
	LIST_HEAD(, watch) watches;
	size_t n;
	char fold[];
};

struct watch {
	struct target *target;
	struct session *session;
	LIST_ENTRY(watch) target_link;
	TAILQ_ENTRY(watch) link; /* in the list of the session */
	size_t n;
	char nick[];
};

struct monitor {
	TAILQ_HEAD(, watch) watches;
	uint32_t n;
};

static struct span
key_target(const void *p, char buf[CHAINS_KEY_MAX])
{
	const struct target *t = p;

	(void)buf;
	return span_make(t->fold, t->n);
}

static bool
is_target(const void *p, struct span key)
{
	const struct target *t = p;

	return span_eq(span_make(t->fold, t->n), key);
}

static const struct chains_type by_nick = { key_target, is_target };

static struct target *
find(const struct core *c, struct span nick)
{
	char buf[CHAINS_KEY_MAX];

	if (chains_count(&c->monitored) == 0 || nick.n > sizeof(buf))
		return NULL;
	return chains_find(&c->monitored, casemap_fold(nick, buf));
}

/* ---- the lists ---------------------------------------------------------- */

static struct target *
get(struct core *c, struct span nick)
{
	struct target *t = find(c, nick);

	if (t != NULL)
		return t;
	t = mem_zalloc(sizeof(*t) + nick.n);
	t->n = casemap_fold(nick, t->fold).n;
	chains_put(&c->monitored, t);
	return t;
}

static const struct watch *
find_watch(const struct core *c, const struct session *s, struct span nick)
{
	const struct monitor *m = session_more(s)->monitor;
	const struct watch *w;

	if (m == NULL || find(c, nick) == NULL)
		return NULL;
	TAILQ_FOREACH(w, &m->watches, link)
		if (casemap_eq(watch_nick(w), nick))
			return w;
	return NULL;
}

static void
drop(struct core *c, struct watch *w)
{
	struct monitor *m = w->session->more->monitor;
	struct target *t = w->target;

	LIST_REMOVE(w, target_link);
	TAILQ_REMOVE(&m->watches, w, link);
	m->n--;
	free(w);
	if (!LIST_EMPTY(&t->watches))
		return;
	(void)chains_del(&c->monitored, span_make(t->fold, t->n));
	free(t);
}

static struct monitor *
get_monitor(struct session *s)
{
	struct session_more *more = session_get_more(s);

	if (more->monitor == NULL) {
		more->monitor = mem_zalloc(sizeof(*more->monitor));
		TAILQ_INIT(&more->monitor->watches);
	}
	return more->monitor;
}

bool
monitor_add(struct core *c, struct session *s, struct span nick)
{
	struct monitor *m;
	struct watch *w;

	if (find_watch(c, s, nick) != NULL)
		return false;
	m = get_monitor(s);
	w = mem_zalloc(sizeof(*w) + nick.n);
	w->session = s;
	w->n = nick.n;
	memcpy(w->nick, nick.p, nick.n);
	w->target = get(c, nick);
	LIST_INSERT_HEAD(&w->target->watches, w, target_link);
	TAILQ_INSERT_TAIL(&m->watches, w, link);
	m->n++;
	return true;
}

void
monitor_del(struct core *c, struct session *s, struct span nick)
{
	const struct monitor *m = session_more(s)->monitor;
	struct watch *w, *next;

	if (m == NULL || find(c, nick) == NULL)
		return;
	for (w = TAILQ_FIRST(&m->watches); w != NULL; w = next) {
		next = TAILQ_NEXT(w, link);
		if (casemap_eq(watch_nick(w), nick))
			drop(c, w);
	}
}

void
monitor_clear(struct core *c, struct session *s)
{
	struct monitor *m = session_more(s)->monitor;
	struct watch *w;

	if (m == NULL)
		return;
	while ((w = TAILQ_FIRST(&m->watches)) != NULL)
		drop(c, w);
	free(m);
	s->more->monitor = NULL;
}

void
monitor_move(struct session *from, struct session *to)
{
	struct monitor *m = session_more(from)->monitor;
	struct watch *w;

	if (m == NULL)
		return;
	TAILQ_FOREACH(w, &m->watches, link)
		w->session = to;
}

uint32_t
monitor_count(const struct session *s)
{
	const struct monitor *m = session_more(s)->monitor;

	return m == NULL ? 0 : m->n;
}

const struct watch *
monitor_first(const struct session *s)
{
	const struct monitor *m = session_more(s)->monitor;

	return m == NULL ? NULL : TAILQ_FIRST(&m->watches);
}

const struct watch *
monitor_next(const struct watch *w)
{
	return TAILQ_NEXT(w, link);
}

struct span
watch_nick(const struct watch *w)
{
	return span_make(w->nick, w->n);
}

/* ---- the sink ----------------------------------------------------------- */

void
monitor_add_audience(struct step *st, const struct user *u, uint64_t cap)
{
	const struct target *t = find(st->core, user_nick(u));
	const struct watch *w;

	if (t == NULL)
		return;
	LIST_FOREACH(w, &t->watches, target_link)
		if ((w->session->caps & CAPB(EXTENDED_MONITOR)) != 0 &&
		    (w->session->caps & cap) != 0)
			audience_add(st, w->session);
}

/* Begin the line to all who watch the target. */
static void
begin(struct step *st, const struct target *t, struct writer *w,
    const char *numeric)
{
	const struct watch *x;

	audience_begin(st);
	LIST_FOREACH(x, &t->watches, target_link) {
		step_spend(st, COST_VISIT);
		audience_add(st, x->session);
	}
	body_begin(st, w, st->core->settings->name);
	writer_str(w, numeric);
	writer_str(w, " * :");
}

static void
send(struct step *st, const struct writer *w)
{
	struct span batch = st->batch.ref;

	st->batch.ref = SPAN_NONE;
	audience_send(st,
	    &(struct line){ .body = writer_done(w), .apart = true });
	st->batch.ref = batch;
}

static void
tell_gone(struct step *st, struct span nick)
{
	const struct target *t = find(st->core, nick);
	struct writer w;

	if (t == NULL)
		return;
	begin(st, t, &w, "731");
	writer_span(&w, nick);
	send(st, &w);
}

static void
tell_come(struct step *st, const struct user *u, struct span nick)
{
	const struct target *t = find(st->core, nick);
	struct writer w;

	if (t == NULL)
		return;
	begin(st, t, &w, "730");
	writer_span(&w, nick);
	writer_char(&w, '!');
	writer_span(&w, user_username(u));
	writer_char(&w, '@');
	writer_span(&w, user_host(u));
	send(st, &w);
}

static bool
has_audience(struct sink *sink, struct step *st, const struct change *ch)
{
	(void)sink;
	if (chains_count(&st->core->monitored) == 0)
		return false;
	if (ch->kind == CHANGE_NICK)
		return !core_mutated(st->facts, MONITOR_NICK) &&
		       !casemap_eq(user_nick(ch->user), ch->text);
	return ch->kind == CHANGE_QUIT || ch->kind == CHANGE_COME;
}

static void
take(struct sink *sink, struct step *st, const struct change *ch)
{
	(void)sink;
	if (ch->kind != CHANGE_COME)
		tell_gone(st, user_nick(ch->user));
	if (ch->kind != CHANGE_QUIT)
		tell_come(st, ch->user, ch->text);
}

void
monitor_init(struct core *c)
{
	c->monitor_sink =
	    (struct sink){ .has_audience = has_audience, .take = take };
	core_add_sink(c, &c->monitor_sink);
}

void
monitor_seed(struct core *c)
{
	chains_init(&c->monitored, &by_nick, offsetof(struct target, next),
	    c->key);
}

void
monitor_fini(struct core *c)
{
	invariant(chains_count(&c->monitored) == 0);
	chains_fini(&c->monitored);
}
