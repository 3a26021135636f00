/*
 * Memberships are compared by user and channel, never by dot: a new stay of the
 * same user takes the place of the old one without a line.
 *
 * A shown member may be veiled: only the sessions of the user have been shown
 * it (doc/decisions/0054). A member ceases to be veiled once, when the facts
 * say that the member has been seen, and is never veiled again.
 *
 * Shown members with sessions here are kept apart (chan.local); the others are
 * counted by server (chan.server). A message to the channel needs both.
 */
#include "core/show/show_member.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/facts/facts_write.h"
#include "core/facts/membership.h"
#include "core/sessions/audience.h"
#include "core/answers/chan_info.h"
#include "core/answers/reply.h"
#include "core/show/change.h"
#include "core/show/show.h"
#include "core/show/show_chan.h"

static void
local_add(struct step *st, struct member *m)
{
	struct chan *c = m->chan;

	if (c->nlocal == c->caplocal)
		c->local =
		    mem_grow32(c->local, &c->caplocal, 2, sizeof(*c->local));
	c->local[c->nlocal++] = m;
	facts_set_local_at(st->facts, m, c->nlocal);
	audience_changed(st->core);
}

static void
local_del(struct step *st, struct member *m)
{
	struct chan *c = m->chan;
	uint32_t at = member_local_at(m);

	if (at == 0)
		return;
	c->local[at - 1] = c->local[--c->nlocal];
	facts_set_local_at(st->facts, c->local[at - 1], at);
	facts_set_local_at(st->facts, m, 0);
	audience_changed(st->core);
}

static struct chan_server *
find_server(struct chan *c, struct sid sid)
{
	for (uint32_t i = 0; i < c->nserver; i++)
		if (sid_cmp(c->server[i].sid, sid) == 0)
			return &c->server[i];
	return NULL;
}

static void
more_servers(struct facts *f, struct chan *c)
{
	uint32_t cap = c->capserver == 0 ? 1 : 2 * c->capserver;

	c->server = blocks_resize(&f->blocks, c->server,
	    c->capserver * sizeof(*c->server), cap * sizeof(*c->server));
	c->capserver = cap;
}

/* Count the members on each other server, so that a message does not have to
 * look at each member (core/deliver.c): a channel has many members on few
 * servers. */
static void
remote_add(struct facts *f, struct chan *c, struct sid home)
{
	struct chan_server *s = find_server(c, home);

	if (s != NULL) {
		s->n++;
		return;
	}
	if (c->nserver == c->capserver)
		more_servers(f, c);
	c->server[c->nserver++] = (struct chan_server){ home, 1, NULL };
}

static void
remote_del(struct chan *c, struct sid home)
{
	struct chan_server *s = find_server(c, home);

	if (--s->n > 0)
		return;
	free(s->with);
	*s = c->server[--c->nserver];
}

static bool
is_remote(const struct step *st, const struct member *m)
{
	return member_local_at(m) == 0 &&
	       sid_cmp(user_counted(m->user), st->core->self.sid) != 0;
}

/* Count a shown member without status where its user is. */
static void
count(struct step *st, struct member *m)
{
	if (!LIST_EMPTY(&m->user->sessions))
		local_add(st, m);
	if (is_remote(st, m))
		remote_add(st->facts, m->chan, user_counted(m->user));
}

static void
uncount(struct step *st, struct member *m)
{
	if (is_remote(st, m))
		remote_del(m->chan, user_counted(m->user));
	local_del(st, m);
}

static void
member_show(struct step *st, struct member *m)
{
	m->shown = true;
	m->veiled = m->unseen;
	m->user->nshown++;
	m->chan->nshown++;
	m->chan->nveiled += m->veiled;
	count(st, m);
	if (!m->veiled)
		names_cache_add(st, m);
}

/* Let there be a count for the status. Rows of statuses may have come since the
 * counts were made. */
static void
counts_grow(struct status_counts **counts, enum status status)
{
	uint32_t n = *counts == NULL ? 0 : (*counts)->n;
	size_t size = sizeof(**counts) + (status + 1) * sizeof(uint32_t);

	if (status < n)
		return;
	*counts = mem_realloc(*counts, size);
	memset((*counts)->of + n, 0, (status + 1 - n) * sizeof(uint32_t));
	(*counts)->n = status + 1;
}

void
show_member_status(struct step *st, struct member *m, uint32_t status)
{
	struct chan_server *s =
	    is_remote(st, m) ? find_server(m->chan, user_counted(m->user))
			     : NULL;
	enum status highest;

	if (s != NULL && member_status(m) != 0)
		s->with->of[status_highest(st->tables, member_status(m))]--;
	if (s != NULL && status != 0) {
		highest = status_highest(st->tables, status);
		counts_grow(&s->with, highest);
		s->with->of[highest]++;
	}
	facts_set_status(st->facts, m, status);
}

void
show_member_end(struct step *st, struct member *m)
{
	m->shown = false;
	show_member_status(st, m, 0);
	uncount(st, m);
	m->user->nshown--;
	m->chan->nshown--;
	m->chan->nveiled -= m->veiled;
	m->veiled = false;
	if (!chan_is_shown(m->chan))
		show_chan_end(st, m->chan);
	else if (m->chan->nshown == 0)
		facts_dirty_chan(st->facts, m->chan, CHAN_ANY);
	if (!core_mutated(st->facts, NAMES_KEPT))
		names_cache_drop(m->chan);
}

static void
recount(struct step *st, struct member *m, struct sid from, struct sid to)
{
	uint32_t status = member_status(m);
	struct home *h = user_home_reg(m->user);
	bool was_here = member_local_at(m) != 0;

	if (!m->shown)
		return;
	h->counted = from;
	show_member_status(st, m, 0);
	uncount(st, m);
	h->counted = to;
	count(st, m);
	if (!was_here && member_local_at(m) != 0)
		m->keyless = m->chan->keyless;
	show_member_status(st, m, status);
}

void
show_members_moved(struct step *st, struct user *u, struct sid to)
{
	struct sid from = user_counted(u);
	struct member *m;

	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;)
		recount(st, m, from, to);
	for (m = user_left(u); m != NULL; m = m->user_next)
		recount(st, m, from, to);
	user_home_reg(u)->counted = to;
}

void
show_members_attach(struct step *st, struct user *u)
{
	struct member *m;

	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;)
		if (m->shown && member_local_at(m) == 0)
			local_add(st, m);
}

/* Let a new stay of the same user in the channel take the place of the old one.
 * If the old one was seen and the new one is not, the user has left. */
static bool
stay_goes_on(struct step *st, struct member *old)
{
	struct member *m;

	if (!old->user->visible ||
	    (m = facts_find_member(old->chan, old->user)) == NULL || m->shown ||
	    (m->unseen && !old->veiled))
		return false;
	m->shown = true;
	m->veiled = old->veiled;
	old->veiled = false;
	facts_set_status(st->facts, m, member_status(old));
	if (member_local_at(old) != 0) {
		facts_set_local_at(st->facts, m, member_local_at(old));
		m->chan->local[member_local_at(m) - 1] = m;
	}
	facts_set_local_at(st->facts, old, 0);
	old->shown = false;
	names_cache_drop(old->chan);
	facts_dirty_member(st->facts, m);
	return true;
}

static void
emit_leave(struct step *st, const struct member *m)
{
	struct change ch = { .kind = CHANGE_PART,
		.user = m->user,
		.chan = m->chan,
		.by = by_user(m->user->uid),
		.text = st->hint.text,
		.veiled = m->veiled };

	if (st->hint.kick) {
		ch.kind = CHANGE_KICK;
		ch.by = st->hint.by;
	}
	change_emit(st, &ch);
}

void
show_parts(struct step *st)
{
	struct member *m;

	for (size_t i = 0;
	     (m = facts_dirty_member_next(st->facts, &i)) != NULL;) {
		if (!m->shown || !(m->gone || m->postponed) ||
		    !m->user->visible || stay_goes_on(st, m))
			continue;
		emit_leave(st, m);
		show_member_end(st, m);
	}
}

static void
emit_join(struct step *st, const struct member *m, enum change_kind kind)
{
	change_emit(st, &(struct change){ .kind = kind,
			    .user = m->user,
			    .chan = m->chan,
			    .by = by_user(m->user->uid),
			    .veiled = m->veiled });
}

void
show_member_seen(struct step *st, struct member *m)
{
	m->veiled = false;
	m->chan->nveiled--;
	names_cache_add(st, m);
	emit_join(st, m, CHANGE_SEEN);
}

static void
show_join(struct step *st, struct member *m)
{
	if (!chan_is_shown(m->chan))
		show_chan_begin(st, m->chan);
	member_show(st, m);
	m->comes = true;
	emit_join(st, m, CHANGE_JOIN);
	if (!st->core->takes)
		joined_tell(st->tables, st, m, m->chan->modes);
}

void
show_joins(struct step *st)
{
	struct member *m;

	for (size_t i = 0;
	     (m = facts_dirty_member_next(st->facts, &i)) != NULL;) {
		if (m->gone || !member_is_visible(m))
			continue;
		if (!m->shown)
			show_join(st, m);
		else if (m->veiled && !m->unseen)
			show_member_seen(st, m);
	}
}

void
show_own_joins(struct step *st)
{
	struct member *m;
	struct session *s;

	for (size_t i = 0;
	     (m = facts_dirty_member_next(st->facts, &i)) != NULL;) {
		if (!m->comes)
			continue;
		m->comes = false;
		if (member_local_at(m) != 0)
			audience_changed(st->core);
		if (!m->shown)
			continue;
		LIST_FOREACH(s, &m->user->sessions, user_link)
			reply_joined(st, s, m->chan);
	}
}
