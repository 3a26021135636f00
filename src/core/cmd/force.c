/*
 * SAJOIN, SAPART, SANICK and OJOIN, for operators: a user joins or leaves
 * channels or takes a nick without being asked, or an operator joins a channel
 * that does not let them in. InspIRCd has the first three, Solanum and
 * InspIRCd have OJOIN.
 *
 * SAJOIN, SAPART and SANICK are messages to the user's home (core/force.c).
 * OJOIN is the operator's own JOIN, so the operator's server makes it. The
 * server gives the status, as to the founder of a channel.
 */
#include "core/cmd/cmd.h"
#include "core/facts/chan_name.h"
#include "core/sessions/audit.h"
#include "core/sessions/source.h"
#include "wire/name.h"
#include "wire/utf8.h"

/* Return true if the user can be made to join; else send why not. */
static bool
can_join(struct cmd *c, const struct user *u, struct span name)
{
	const struct chan *ch;

	if (!name_is_channel(name) ||
	    !name_channel_valid(name, c->settings->channel_len)) {
		reply(c->st, c->s,
		    name_is_channel(name) ? ERR_BADCHANMASK : ERR_NOSUCHCHANNEL,
		    name);
		return false;
	}
	ch = chan_name_lead(c->facts, name);
	if (ch != NULL && facts_find_member(ch, u) != NULL) {
		reply(c->st, c->s, ERR_USERONCHANNEL, user_nick(u), name);
		return false;
	}
	return true;
}

static bool
can_part(struct cmd *c, const struct user *u, struct span name)
{
	const struct chan *ch = cmd_find_chan(c, name);

	return ch != NULL && cmd_find_member(c, ch, u) != NULL;
}

/* Return the text of the message: the channel, and the reason behind it. */
static struct text
force_text(struct cmd *c, struct span name, struct span reason)
{
	struct writer w;

	if (reason.n == 0)
		return text_of(name);
	writer_init_arena(&w, c->st->arena, LINE_BODY_MAX);
	writer_span(&w, name);
	writer_char(&w, ' ');
	writer_span(&w, utf8_cut(reason, c->settings->kick_len));
	return text_of(writer_done(&w));
}

/* The home answers. If it is another server, it tells operators who are users,
 * but not the operator at the control socket. */
static void
log_force(struct cmd *c, const struct user *u)
{
	if (c->s == NULL && !core_is_home(c->core, u))
		cmd_told(c, user_nick(u), "the server of the user is asked");
	cmd_told_waits(c, u);
	audit_log(c->st, LOG_OVERRIDE,
	    &(struct audit){ .by = c->user,
		.what = { c->name, user_source(c->st, u) },
		.why = force_text(c, cmd_arg(c, 1), cmd_arg(c, 2)).s,
		.result = core_is_home(c->core, u) ? "ok" : "sent" });
}

/* Return the name by which the home of the user finds the channel. */
static struct span
home_name(const struct cmd *c, struct span name)
{
	const struct chan *ch = chan_name_lead(c->facts, name);

	return ch != NULL && ch->renamed ? chan_name_fact(ch) : name;
}

/* Say it to the home of the user for each channel of which that can be done. */
static void
force(struct cmd *c,
    bool (*can)(struct cmd *, const struct user *, struct span),
    struct span reason)
{
	const struct user *u = cmd_find_user(c, cmd_arg(c, 0));
	struct span list = cmd_arg(c, 1), rest = list, name;

	while (u != NULL && rest.n > 0) {
		name = span_cut(&rest, ',');
		if (name.n > 0 && !cmd_is_repeated(list, name) &&
		    can(c, u, name))
			cmd_say_user(c, c->name, u,
			    force_text(c, home_name(c, name), reason));
	}
	if (c->nparts > 0)
		log_force(c, u);
}

void
cmd_sajoin(struct cmd *c)
{
	if (cmd_may(c, PRIV_SAJOIN))
		force(c, can_join, SPAN_NONE);
}

void
cmd_sapart(struct cmd *c)
{
	if (cmd_may(c, PRIV_SAJOIN))
		force(c, can_part, cmd_arg(c, 2));
}

/* Return true if nobody else has the nick; else send 433. */
static bool
is_free(struct cmd *c, const struct user *u, struct span nick)
{
	const struct user *holder = facts_find_nick(c->facts, nick);

	if (holder == u ||
	    (holder == NULL && !facts_nick_in_use(c->facts, nick)))
		return true;
	reply(c->st, c->s, ERR_NICKNAMEINUSE, nick);
	return false;
}

void
cmd_sanick(struct cmd *c)
{
	const struct user *u;
	struct span nick = cmd_arg(c, 1);

	if (!cmd_may(c, PRIV_SANICK) ||
	    (u = cmd_find_user(c, cmd_arg(c, 0))) == NULL)
		return;
	if (!name_nick_valid(nick, c->settings->nick_len)) {
		reply(c->st, c->s, ERR_ERRONEUSNICKNAME, nick);
		return;
	}
	if (!is_free(c, u, nick))
		return;
	cmd_say_user(c, c->name, u, text_of(nick));
	log_force(c, u);
}

/* Give the caller op by the membership with that dot. */
static void
give_op(struct cmd *c, const struct chan *ch, struct dot dot)
{
	struct part *p = cmd_add_part(c, PART_STAT);

	p->u.stat = (struct part_stat){ .ch = cmd_ch(ch),
		.dot = dot,
		.name = span_of(status_row(c->tables, ST_OP)->name),
		.on = true,
		.by = by_server(c->core->self.sid) };
}

void
cmd_ojoin(struct cmd *c)
{
	const struct chan *ch;
	const struct member *m;

	if (!cmd_may(c, PRIV_OJOIN) ||
	    (ch = cmd_find_chan(c, cmd_arg(c, 0))) == NULL)
		return;
	if (!cmd_has_incarnation(c, ch))
		return;
	m = facts_find_member(ch, c->user);
	if (m != NULL && (member_rights(m) >> ST_OP & 1) != 0) {
		cmd_told(c, rcbuf_span(ch->name), "you are op there already");
		return;
	}
	if (m == NULL)
		cmd_add_part(c, PART_JOIN)->u.join =
		    (struct part_join){ cmd_ch(ch), c->user->uid };
	cmd_reveal(c, m);
	give_op(c, ch, m != NULL ? m->dot : cmd_dot(c, 0));
	audit_log(c->st, LOG_OVERRIDE,
	    &(struct audit){ .by = c->user,
		.what = { c->name, rcbuf_span(ch->name) },
		.result = "ok" });
}
