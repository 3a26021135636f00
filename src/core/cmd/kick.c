/*
 * KICK (modern-irc, "KICK message"): one channel and many users, or as many
 * channels as users. Nobody kicks a user of a higher rank. Owners and operators
 * may kick their equals; protected users may not ("Protected Prefix"), and
 * halfops kick only users of a lower rank. REMOVE asks for the same ranks.
 */
#include "core/cmd/cmd.h"
#include "core/facts/chan_name.h"
#include "core/sessions/audit.h"
#include "core/sessions/source.h"
#include "wire/utf8.h"

/* Return the least rank that may kick the member. */
static unsigned
kick_rank(const struct cmd *c, const struct member *m)
{
	enum status s = status_highest(c->tables, member_rights(m));

	return s == ST_NONE ? RANK_HALFOP : status_row(c->tables, s)->over;
}

/*
 * Return true if the caller may kick the member; else send 482. The caller is a
 * halfop or more (find_chan). The rule users know: nobody kicks upwards. The
 * first step that applies decides.
 */
static bool
may_kick(struct cmd *c, const struct chan *ch, const struct member *m)
{
	const struct member *by;
	unsigned rank = kick_rank(c, m);

	/* 1. The operator at the control socket may. */
	if (c->s == NULL)
		return true;

	/* 2. Users may kick themselves. */
	by = cmd_member(c, ch);
	if (by == m)
		return true;

	/* 3. The caller has the rank that kick_rank asks for the member's. */
	if (status_rank(c->tables, member_rights(by)) >= rank)
		return true;

	/* 4. Nobody else may. */
	cmd_refuse(c, ch, rank);
	return false;
}

/* Return the channel if the caller may kick there at all; else NULL, after a
 * numeric. */
static const struct chan *
find_chan(struct cmd *c, struct span name)
{
	const struct chan *ch = cmd_find_chan(c, name);

	if (ch == NULL || c->s == NULL)
		return ch;
	return cmd_need_rank(c, ch, RANK_HALFOP) ? ch : NULL;
}

static bool
is_kicked(const struct cmd *c, const struct member *m)
{
	for (size_t i = 0; i < c->nparts; i++)
		if (dot_cmp(c->part[i].u.kick.dot, m->dot) == 0)
			return true;
	return false;
}

static void
kick(struct cmd *c, const struct chan *ch, struct span nick, struct span text)
{
	const struct user *u = cmd_find_user(c, nick);
	const struct member *m;
	struct part *p;

	if (u == NULL)
		return;
	if ((m = cmd_find_member(c, ch, u)) == NULL || is_kicked(c, m))
		return;
	if (!may_kick(c, ch, m))
		return;
	p = cmd_add_part(c, PART_KICK);
	p->u.kick = (struct part_kick){ { chan_name_fact(ch), member_cinc(m) },
		m->dot, cmd_by(c), text_of(text) };
}

/* Return the text of REMOVE: a name of the channel, and the reason. */
static struct text
remove_text(struct cmd *c, struct span name)
{
	struct span reason = utf8_cut(cmd_arg(c, 2), c->settings->kick_len);
	struct writer w;

	writer_init_arena(&w, c->st->arena, LINE_BODY_MAX);
	writer_span(&w, name);
	if (reason.n > 0)
		writer_char(&w, ' ');
	writer_span(&w, reason);
	return text_of(writer_done(&w));
}

/* Removals by the operator at the control socket are in the log. Those by
 * operators of channels are not: they are the business of the channel. */
static void
log_removal(struct cmd *c, const struct user *u, const struct chan *ch)
{
	if (!core_is_home(c->core, u))
		cmd_told(c, user_nick(u), "the server of the user is asked");
	audit_log(c->st, LOG_OVERRIDE,
	    &(struct audit){ .what = { c->name, user_source(c->st, u) },
		.why = remove_text(c, rcbuf_span(ch->name)).s,
		.result = core_is_home(c->core, u) ? "ok" : "sent" });
}

/*
 * REMOVE is that of Solanum: whoever may kick a user may make the user leave,
 * so that clients which join again after a KICK do not. The user's home makes
 * the PART (core/force.c), as it alone ends memberships by PART. It takes one
 * user: the entries of local users would come before that of the line.
 */
void
cmd_remove(struct cmd *c)
{
	const struct chan *ch = find_chan(c, cmd_arg(c, 0));
	const struct user *u;
	const struct member *m;

	if (ch == NULL || (u = cmd_find_user(c, cmd_arg(c, 1))) == NULL ||
	    (m = cmd_find_member(c, ch, u)) == NULL || !may_kick(c, ch, m))
		return;
	cmd_say_user(c, c->name, u, remove_text(c, chan_name_fact(ch)));
	cmd_told_waits(c, u);
	if (c->s == NULL)
		log_removal(c, u, ch);
}

static size_t
count(struct span list)
{
	size_t n = 0;

	while (list.n > 0)
		n += span_cut(&list, ',').n > 0;
	return n;
}

/* Return the next item that is not empty. */
static struct span
next(struct span *list)
{
	struct span s = SPAN_NONE;

	while (list->n > 0 && s.n == 0)
		s = span_cut(list, ',');
	return s;
}

void
cmd_kick(struct cmd *c)
{
	struct span chans = cmd_arg(c, 0), users = cmd_arg(c, 1), nick,
		    text = utf8_cut(cmd_arg(c, 2), c->settings->kick_len);
	size_t nchans = count(chans), nusers = count(users), max;
	const struct chan *ch = NULL;

	if (nchans == 0 || nusers == 0 || (nchans != 1 && nchans != nusers)) {
		reply(c->st, c->s, ERR_NEEDMOREPARAMS, c->name);
		return;
	}
	if (text.n == 0)
		text = user_nick(c->user);
	if (nchans == 1 && (ch = find_chan(c, next(&chans))) == NULL)
		return;
	/* "silently drop targets if the number of targets exceeds the limit" */
	max = c->settings->targets_max;
	for (size_t i = 0; i < nusers && i < max && cmd_has_room(c, 1); i++) {
		nick = next(&users);
		if (nchans > 1)
			ch = find_chan(c, next(&chans));
		if (ch != NULL)
			kick(c, ch, nick, text);
	}
}
