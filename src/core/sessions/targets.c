/*
 * The users are kept as numbers of 32 bits, made of the uid with the core's
 * secret key: nobody can find two users of one number. Each list has the latest
 * first. Users who write to a client fill a list of their own, so that
 * strangers cannot push out those to whom it has written.
 */
#include "core/sessions/targets.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/siphash.h"
#include "core/sessions/flood.h"

#define KNOWN 16 /* users of each list */
#define TARGETS_MS (INT64_C(5) * 60 * 1000)

struct known {
	uint32_t user[KNOWN]; /* the latest first; 0: none */
};

struct targets {
	struct known to, from;
	struct mono paid; /* when all strangers are paid for */
	struct mono tell; /* a refusal is logged again from then on */
};

static uint32_t
number(const struct core *c, struct uid uid)
{
	uint32_t n = (uint32_t)siphash(c->key, uid_span(&uid));

	return n == 0 ? 1 : n;
}

static struct targets *
get(struct session *s)
{
	struct session_more *more = session_get_more(s);

	if (more->targets == NULL)
		more->targets = mem_zalloc(sizeof(*more->targets));
	return more->targets;
}

/* Put the user first. If the list is full without it, the last one goes. */
static void
note(struct known *k, uint32_t user)
{
	size_t i = 0;

	while (i < KNOWN - 1 && k->user[i] != user)
		i++;
	memmove(&k->user[1], &k->user[0], i * sizeof(k->user[0]));
	k->user[0] = user;
}

static bool
has(const struct known *k, uint32_t user)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (k->user[i] == user)
			return true;
	return false;
}

static void
tell(struct step *st, struct session *s, struct targets *t)
{
	if (mono_cmp(t->tell, st->now) > 0)
		return;
	t->tell = mono_add_ms(st->now, TARGETS_MS);
	effects_logf(st->fx, LOG_TARGETS, { "uid", uid_span(&s->user->uid) },
	    { "nick", user_nick(s->user) },
	    { "host", ident_host(s->user->ident) },
	    { "class", s->conn->class->name });
}

/* Return true if a stranger may be written to now, and charge it. */
static bool
charge(const struct step *st, struct targets *t, uint32_t most)
{
	int64_t cost = TARGETS_MS / most;

	if (mono_cmp(t->paid, st->now) < 0)
		t->paid = st->now;
	if (mono_sub_ms(t->paid, st->now) > TARGETS_MS - cost)
		return false;
	t->paid = mono_add_ms(t->paid, cost);
	return true;
}

bool
targets_take(struct step *st, struct session *s, const struct user *u)
{
	uint32_t most = s->conn->class->targets, user;
	struct targets *t;

	if (most == 0 || u == s->user || flood_is_exempt(st, s))
		return true;
	t = get(s);
	user = number(st->core, u->uid);
	if (!has(&t->to, user) && !has(&t->from, user) &&
	    !charge(st, t, most)) {
		tell(st, s, t);
		return false;
	}
	note(&t->to, user);
	return true;
}

void
targets_heard(struct step *st, const struct user *u, struct uid by)
{
	struct session *s;

	if (uid_is_none(by))
		return;
	LIST_FOREACH(s, &u->sessions, user_link)
		if (s->conn != NULL && s->conn->class->targets != 0)
			note(&get(s)->from, number(st->core, by));
}

void
targets_free(struct session *s)
{
	if (s->more == NULL)
		return;
	free(s->more->targets);
	s->more->targets = NULL;
}
