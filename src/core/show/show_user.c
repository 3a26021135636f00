/*
 * A user may leave channels in the same step in which the user is hidden. These
 * channels still count as shared: their members see the QUIT.
 */
#include "core/show/show_user.h"

#include "core/facts/facts_write.h"
#include "core/facts/membership.h"
#include "core/part/clean.h"
#include "core/sessions/audience.h"
#include "core/sessions/notice.h"
#include "core/sessions/reading.h"
#include "core/show/change.h"
#include "core/show/show_member.h"
#include "core/show/show_nick.h"

/* Count a user who is shown now (1), or is not any more (-1). */
static void
count_user(struct step *st, const struct user *u, int n)
{
	st->facts->nshown += (size_t)n;
	facts_server(st->facts, user_counted(u))->nusers += (uint32_t)n;
}

void
show_user_moved(struct step *st, struct user *u)
{
	struct sid to = user_home(u).sid;

	if (user_home_reg(u) == NULL || sid_cmp(user_counted(u), to) == 0)
		return;
	if (!u->shown) {
		user_home_reg(u)->counted = to;
		return;
	}
	change_moved(st, u, to);
	count_user(st, u, -1);
	show_members_moved(st, u, to);
	count_user(st, u, 1);
}

static void
emit_quit(struct step *st, const struct user *u)
{
	struct span reason = st->hint.text;

	if (reason.n == 0)
		reason = st->batch.ref.n > 0 ? span_tail(st->batch.type,
						   sizeof("netsplit ") - 1)
					     : SPAN("Quit");
	change_emit(st, &(struct change){ .kind = CHANGE_QUIT,
			    .user = u,
			    .by = by_user(u->uid),
			    .text = reason });
}

void
show_quits(struct step *st)
{
	struct member *m;
	struct user *u;

	for (size_t i = 0;
	     (u = facts_dirty_user_next(st->facts, &i)) != NULL;) {
		if (!u->shown || u->visible)
			continue;
		emit_quit(st, u);
		u->shown = false;
		count_user(st, u, -1);
		for (struct stays it = stays_of(u);
		     (m = stays_next(&it)) != NULL;)
			if (m->shown)
				show_member_end(st, m);
		show_nick_end(st->facts, u);
		facts_set_away(st->facts, u, NULL);
		facts_set_realname(st->facts, u, NULL);
		facts_set_host(st->facts, u, ident_username(u->ident),
		    ident_host(u->ident));
	}
	for (size_t i = 0;
	     (m = facts_dirty_member_next(st->facts, &i)) != NULL;)
		if (m->shown && m->gone && !m->user->shown)
			show_member_end(st, m);
}

static void
show_away(struct step *st, struct user *u)
{
	struct rcbuf *away = user_value(st->facts, u, SPAN("away"));

	if (away == user_away(u))
		return;
	facts_set_away(st->facts, u, away);
	change_emit(st,
	    &(struct change){ .kind = CHANGE_AWAY,
		.user = u,
		.by = by_user(u->uid),
		.text = away == NULL ? SPAN_NONE : rcbuf_span(away) });
}

static void
show_realname(struct step *st, struct user *u)
{
	struct rcbuf *name = user_value(st->facts, u, SPAN("realname"));

	if (name == (u->more == NULL ? NULL : u->more->realname))
		return;
	facts_set_realname(st->facts, u, name);
	change_emit(st,
	    &(struct change){ .kind = CHANGE_REALNAME,
		.user = u,
		.by = by_user(u->uid),
		.text = name == NULL ? SPAN_NONE : rcbuf_span(name) });
}

/* Show the host and the user name that the registers have. Any server may have
 * written them, so they are cleaned. Nobody is told of a user who is not shown
 * yet. */
static void
show_host(struct step *st, struct user *u)
{
	struct span host = user_value_text(st->facts, u, SPAN("host")),
		    username = user_value_text(st->facts, u, SPAN("username"));

	host = host.n == 0 || host.p[0] == ':' ? ident_host(u->ident)
					       : clean_host(st->arena, host);
	username = username.n == 0 ? ident_username(u->ident)
				   : clean_user(st->arena, username);
	if (span_eq(host, user_host(u)) && span_eq(username, user_username(u)))
		return;
	if (u->shown)
		change_emit(st, &(struct change){ .kind = CHANGE_HOST,
				    .user = u,
				    .by = by_user(u->uid),
				    .text = username,
				    .host = host });
	facts_set_host(st->facts, u, username, host);
	show_names_changed(st->facts, u);
}

/* Show a user who was hidden. */
static void
show_user(struct step *st, struct user *u)
{
	u->shown = true;
	count_user(st, u, 1);
	if (st->facts->nshown > st->core->max_global)
		st->core->max_global = st->facts->nshown;
	show_nick_begin(st->facts, u);
	change_emit(st, &(struct change){ .kind = CHANGE_COME,
			    .user = u,
			    .by = by_user(u->uid),
			    .text = user_nick(u) });
}

void
show_users(struct step *st)
{
	struct user *u;

	for (size_t i = 0;
	     (u = facts_dirty_user_next(st->facts, &i)) != NULL;) {
		if (!u->visible)
			continue;
		show_host(st, u);
		if (!u->shown)
			show_user(st, u);
		show_realname(st, u);
		show_away(st, u);
	}
}

uint64_t
show_modes_of(const struct facts *f, const struct user *u)
{
	struct reg_walk w = user_meant_regs(f, u);
	const struct reg *r;
	uint64_t set = 0;

	while ((r = regs_next(&w)) != NULL)
		if (r->value != NULL && r->name->user_mode != UM_NONE)
			set |= UINT64_C(1) << r->name->user_mode;
	return set;
}

void
show_user_modes(struct step *st)
{
	struct user *u;
	uint64_t after, changed;

	for (size_t i = 0;
	     (u = facts_dirty_user_next(st->facts, &i)) != NULL;) {
		after = u->visible ? show_modes_of(st->facts, u) : 0;
		if (after == u->modes)
			continue;
		if (u->shown)
			change_emit(st,
			    &(struct change){ .kind = CHANGE_USER_MODES,
				.user = u,
				.by = by_user(u->uid),
				.on = after & ~u->modes,
				.off = u->modes & ~after });
		st->core->ninvisible +=
		    ((after & UMB(INVISIBLE)) != 0) -
		    (size_t)((u->modes & UMB(INVISIBLE)) != 0);
		st->core->nopers += ((after & UMB(OPER)) != 0) -
				    (size_t)((u->modes & UMB(OPER)) != 0);
		if (((after ^ u->modes) & UMB(SERVER_NOTICES)) != 0)
			notice_user(st->core, u->uid,
			    (after & UMB(SERVER_NOTICES)) != 0);
		changed = after ^ u->modes;
		u->modes = after;
		if (changed & st->tables->deaf)
			audience_changed(st->core);
		if (changed & st->tables->rendered_modes)
			reading_user(st, u);
	}
}
