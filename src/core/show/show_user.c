/*
 * A user may leave channels in the same step in which the user is hidden. These
 * channels still count as shared: their members see the QUIT.
 */
#include "core/show/show_user.h"

#include "core/facts/facts_write.h"
#include "core/sessions/audience.h"
#include "core/answers/reply.h"
#include "core/sessions/source.h"
#include "core/show/show_member.h"
#include "core/show/show_nick.h"

/* Channels that the user left in this very step still count as shared. */
static void
audience_add_left(struct step *st, const struct user *u)
{
	const struct member *m;

	TAILQ_FOREACH(m, &u->left, user_link)
		if (m->shown)
			audience_add_chan(st, m->chan, u);
}

/* Count a user who is shown now (1), or is not any more (-1). */
static void
count_user(struct step *st, const struct user *u, int n)
{
	st->facts->nshown += (size_t)n;
	facts_server(st->facts, u->home)->nusers += (uint32_t)n;
}

static void
send_quit(struct step *st, const struct user *u)
{
	struct line l = { 0 };
	struct writer w;

	audience_begin(st);
	audience_add_peers(st, u);
	audience_add_left(st, u);
	if (audience_is_empty(st))
		return;
	body_begin(st, &w, user_source(st, u));
	writer_str(&w, "QUIT :");
	writer_span(&w, st->hint.text.n > 0 ? st->hint.text
			: st->batch.ref.n > 0
			    ? span_tail(st->batch.type, sizeof("netsplit ") - 1)
			    : SPAN("Quit"));
	l.body = writer_done(&w);
	audience_send(st, &l);
}

void
show_quits(struct step *st)
{
	struct member *m;
	struct user *u;

	STAILQ_FOREACH(u, &st->facts->dirty_users, dirty_link) {
		if (!u->shown || u->visible)
			continue;
		send_quit(st, u);
		u->shown = false;
		count_user(st, u, -1);
		TAILQ_FOREACH(m, &u->members, user_link)
			if (m->shown)
				show_member_end(st, m);
		show_nick_end(u);
	}
	STAILQ_FOREACH(m, &st->facts->dirty_members, dirty_link)
		if (m->shown && m->gone && !m->user->shown)
			show_member_end(st, m);
}

static const struct reg *
user_reg(const struct step *st, const struct user *u, struct span field)
{
	const struct name *n = map_find(&st->facts->names, field);

	return n == NULL ? NULL : regs_find(&u->regs, n);
}

/* Every session of the user learns that the user is away, or back. */
static void
tell_own_away(struct step *st, const struct user *u)
{
	struct session *s;

	LIST_FOREACH(s, &u->sessions, user_link)
		reply0(st, s, u->away != NULL ? RPL_NOWAWAY : RPL_UNAWAY);
}

void
show_away(struct step *st, struct user *u)
{
	struct line l = { 0 };
	struct writer w;

	if (audience_is_empty(st))
		return;
	body_begin(st, &w, user_source(st, u));
	writer_str(&w, "AWAY");
	if (u->away != NULL) {
		writer_str(&w, " :");
		writer_span(&w, rcbuf_span(u->away));
	}
	l.body = writer_done(&w);
	audience_send(st, &l);
}

void
show_users(struct step *st)
{
	const struct reg *r;
	struct rcbuf *away;
	struct user *u;
	bool fresh;

	STAILQ_FOREACH(u, &st->facts->dirty_users, dirty_link) {
		if (!u->visible)
			continue;
		fresh = !u->shown;
		if (fresh) {
			u->shown = true;
			count_user(st, u, 1);
			if (st->facts->nshown > st->core->max_global)
				st->core->max_global = st->facts->nshown;
			show_nick_begin(u);
		}
		r = user_reg(st, u, SPAN("away"));
		away = r == NULL ? NULL : r->value;
		if (away == u->away)
			continue;
		rcbuf_unref(u->away);
		u->away = away == NULL ? NULL : rcbuf_ref(away);
		if (fresh)
			continue;
		tell_own_away(st, u);
		audience_begin(st);
		audience_add_peers(st, u);
		audience_keep_cap(st, CAPB(AWAY_NOTIFY));
		show_away(st, u);
	}
}

static uint32_t
modes_of(const struct user *u)
{
	uint32_t set = 0;

	for (uint32_t i = 0; i < u->regs.n; i++)
		if (u->regs.v[i].value != NULL &&
		    u->regs.v[i].name->user_mode < UM_COUNT)
			set |= 1u << u->regs.v[i].name->user_mode;
	return set;
}

static void
write_user_modes(struct writer *w, char sign, uint32_t set)
{
	if (set == 0)
		return;
	writer_char(w, sign);
	for (unsigned m = 0; m < UM_COUNT; m++)
		if (set & (1u << m))
			writer_char(w, user_mode_row(m)->letter);
}

void
show_user_modes(struct step *st)
{
	struct user *u;
	struct line l;
	struct writer w;
	uint32_t after;

	STAILQ_FOREACH(u, &st->facts->dirty_users, dirty_link) {
		after = u->visible ? modes_of(u) : 0;
		if (after == u->modes)
			continue;
		/* the welcome tells it to new users */
		if (u->shown && !LIST_EMPTY(&u->sessions) &&
		    LIST_FIRST(&u->sessions)->registration == NULL) {
			body_begin(st, &w, user_source(st, u));
			writer_str(&w, "MODE ");
			writer_span(&w, rcbuf_span(u->nick));
			writer_char(&w, ' ');
			write_user_modes(&w, '-', u->modes & ~after);
			write_user_modes(&w, '+', after & ~u->modes);
			l = (struct line){ .body = writer_done(&w) };
			audience_begin(st);
			audience_add_user(st, u);
			audience_send(st, &l);
		}
		st->core->ninvisible +=
		    ((after & UMB(INVISIBLE)) != 0) -
		    (size_t)((u->modes & UMB(INVISIBLE)) != 0);
		st->core->nopers += ((after & UMB(OPER)) != 0) -
				    (size_t)((u->modes & UMB(OPER)) != 0);
		u->modes = after;
	}
}
