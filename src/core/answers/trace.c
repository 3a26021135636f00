/*
 * "The destination server is REQUIRED to report all servers, services and
 * operators which are connected to it; if the command was issued by an
 * operator, the server MAY also report all users" (RFC 2812, 3.4.8). Users see
 * themselves, too, as on Solanum. Operators need the privilege `stats` to see
 * all.
 *
 * The answer goes through three phases: connections, servers, classes. Classes
 * are counted in the first one. If a reload changes them meanwhile, the counts
 * are those of their places.
 *
 * Differs from RFC 2812: the class of a server is always `server`, as links
 * have no classes here; and no address is told of a connection that has not
 * registered, since that needs another privilege.
 */
#include "core/answers/trace.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/answers/query.h"
#include "core/answers/reply.h"
#include "core/sessions/access.h"
#include "core/sessions/line.h"
#include "core/types/cost.h"
#include "core/types/version.h"

/* Bytes of an answer to a user of another server. */
#define REMOTE_MAX ((size_t)64 * 1024)

enum phase { PHASE_CONNS, PHASE_SERVERS, PHASE_CLASSES };

/* listing.asked; listing.n is the phase, and listing.at the place in it. */
struct trace_asked {
	struct uid from, of; /* of: none if all are traced */
	struct sid asker;    /* the server that asks */
	size_t nclass;
	uint32_t count[]; /* of connections, by class */
};

/* One piece of an answer. */
struct trace {
	struct step *st;
	struct session *s; /* NULL: the question of the step is answered */
	struct listing *l;
	struct trace_asked *asked;
	bool all; /* the asker may see all */
};

static struct trace_asked *
asked_new(const struct step *st, struct uid from, struct uid of)
{
	size_t n = st->core->settings->nclass;
	struct trace_asked *a = mem_zalloc(sizeof(*a) + n * sizeof(uint32_t));

	a->from = from;
	a->asker = st->core->self.sid;
	a->of = of;
	a->nclass = n;
	return a;
}

/* ---- connections --------------------------------------------------------- */

static void
send_user(struct trace *t, const struct conn *x, const struct user *u)
{
	bool oper = (u->modes & UMB(OPER)) != 0;

	if (!uid_is_none(t->asked->of)) {
		if (uid_cmp(u->uid, t->asked->of) != 0)
			return;
	} else if (!t->all && !oper && uid_cmp(u->uid, t->asked->from) != 0)
		return;
	reply(t->st, t->s, oper ? RPL_TRACEOPERATOR : RPL_TRACEUSER,
	    x->class->name, user_nick(u));
}

static void
count(struct trace *t, const struct conn *x)
{
	const struct settings *set = t->st->core->settings;
	size_t i = (size_t)(x->class - set->class);

	if (x->class >= set->class && i < t->asked->nclass)
		t->asked->count[i]++;
}

static void
send_conn(struct trace *t, const struct conn *x)
{
	const struct user *u = x->session->user;

	count(t, x);
	if (u != NULL && u->shown)
		send_user(t, x, u);
	else if (t->all && uid_is_none(t->asked->of))
		reply(t->st, t->s, RPL_TRACEUNKNOWN, x->class->name);
}

/* ---- servers and classes ------------------------------------------------- */

/* Count the servers that are reached through a neighbour, with itself, and
 * their users. */
static void
count_behind(const struct step *st, const struct server *near, size_t *servers,
    size_t *users)
{
	const struct server *s;

	*servers = *users = 0;
	for (size_t i = 0; (s = map_next(&st->facts->servers, &i)) != NULL;)
		if (s->visible != 0 && !s->limbo &&
		    sid_cmp(s->next, near->sid) == 0) {
			++*servers;
			*users += s->nusers;
		}
}

/* Return the number with a letter behind it: 2S. */
static struct span
counted(struct step *st, size_t n, char unit)
{
	struct writer w;

	writer_init_arena(&w, st->arena, 32);
	writer_u64(&w, n);
	writer_char(&w, unit);
	return writer_done(&w);
}

static void
send_server(struct trace *t, const struct server *s)
{
	struct step *st = t->st;
	size_t servers, users;
	struct writer by;

	if (s->visible == 0 || s->limbo || s->hops != 1)
		return;
	count_behind(st, s, &servers, &users);
	step_spend(st, map_count(&st->facts->servers) * COST_VISIT);
	writer_init_arena(&by, st->arena, LINE_BODY_MAX);
	writer_str(&by, "*!*@");
	writer_span(&by, st->core->settings->name);
	reply(st, t->s, RPL_TRACESERVER, counted(st, servers, 'S'),
	    counted(st, users, 'C'), rcbuf_span(s->name), writer_done(&by));
}

static void
send_class(struct trace *t, size_t i)
{
	const struct settings *set = t->st->core->settings;

	if (i < set->nclass && t->asked->count[i] > 0)
		reply(t->st, t->s, RPL_TRACECLASS, set->class[i].name,
		    num(t->st, t->asked->count[i]));
}

/* ---- the whole ----------------------------------------------------------- */

/* Tell of the next thing of the phase. Return false if there is no more. */
static bool
next(struct trace *t)
{
	const struct conn *x;
	const struct server *s;
	uint32_t slot;

	switch ((enum phase)t->l->n) {
	case PHASE_CONNS:
		slot = (uint32_t)t->l->at;
		if ((x = core_next_conn(t->st->core, &slot)) == NULL)
			return false;
		t->l->at = slot;
		if (!x->closing)
			send_conn(t, x);
		return true;
	case PHASE_SERVERS:
		if ((s = map_next(&t->st->facts->servers, &t->l->at)) == NULL)
			return false;
		send_server(t, s);
		return true;
	case PHASE_CLASSES:
		if (!t->all || t->l->at >= t->asked->nclass)
			return false;
		send_class(t, t->l->at++);
		return true;
	}
	return false;
}

static void
send_end(struct step *st, struct session *s)
{
	reply(st, s, RPL_TRACEEND, st->core->settings->name,
	    SPAN(BANYAN_VERSION));
}

static bool
piece(struct step *st, struct session *s, struct listing *l)
{
	struct trace t = { st, s, l, l->asked, false };
	bool of_one = !uid_is_none(t.asked->of), first = true;

	t.all = access_asker_may(st->facts, t.asked->asker, t.asked->from,
	    PRIV_STATS);
	while (l->n <= (of_one ? PHASE_CONNS : PHASE_CLASSES)) {
		if (!listing_has_room(st) && !first)
			return false;
		first = false;
		if (!next(&t)) {
			l->n++;
			l->at = 0;
		}
	}
	send_end(st, s);
	return true;
}

void
reply_trace(struct step *st, struct session *s, const struct user *of)
{
	struct uid none = { "" };

	listing_start(st, s,
	    &(struct listing){ .piece = piece,
		.asked =
		    asked_new(st, s->user->uid, of == NULL ? none : of->uid) });
}

void
trace_answer(struct step *st, struct uid from, struct span uid)
{
	struct uid of = { "" };
	struct trace_asked *asked;
	struct listing l = { 0 };

	if (uid.n > 0 && !uid_parse(uid, &of))
		return;
	asked = asked_new(st, from, of);
	asked->asker = st->asker;
	l.asked = asked;
	st->bytes = 0;
	st->bytes_max = REMOTE_MAX;
	if (!piece(st, NULL, &l)) {
		reply_question(st, query_more(st));
		send_end(st, NULL);
	}
	free(asked);
}
