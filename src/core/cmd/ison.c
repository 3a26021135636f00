/*
 * ISON (RFC 1459, 5.8), USERHOST (modern-irc, "USERHOST message") and USERIP
 * (Solanum, ircu): short questions about nicks. The answer leaves out nicks
 * that nobody has.
 */
#include "core/cmd/cmd.h"
#include "core/sessions/access.h"
#include "core/sessions/sight.h"
#include "core/sessions/source.h"

#define USERHOST_MAX 5 /* modern-irc, "USERHOST message" */

/* The nicks come as words, in one text, or both. The answer is one line; nicks
 * that do not fit on it are left out (RFC 1459, 5.8). */
void
cmd_ison(struct cmd *c)
{
	size_t room = numeric_room(numeric_row(RPL_ISON), c->settings->name,
	    session_nick(c->s), REPLY_ARGS(SPAN_NONE), 1);
	const struct user *u;
	struct span list, nick;
	struct writer w;

	writer_init_arena(&w, c->st->arena, room);
	for (unsigned i = 0; i < c->m->nparam; i++) {
		list = c->m->param[i];
		while ((nick = span_word(&list)).n > 0) {
			if ((u = facts_find_nick(c->facts, nick)) == NULL ||
			    w.n + 1 + user_nick(u).n > room)
				continue;
			if (w.n > 0)
				writer_char(&w, ' ');
			writer_span(&w, user_nick(u));
		}
	}
	reply(c->st, c->s, RPL_ISON, writer_done(&w));
}

/* Write nick["*"]"="("+"/"-")user@host. Differs from modern-irc, RPL_USERHOST,
 * whose grammar has the host alone: its example has the user, too, and clients
 * look for the `@`. */
static struct span
entry_of(struct cmd *c, const struct user *u, struct span host)
{
	struct writer w;

	writer_init_arena(&w, c->st->arena, LINE_BODY_MAX);
	writer_span(&w, user_nick(u));
	if (u->modes & UMB(OPER))
		writer_char(&w, '*');
	writer_char(&w, '=');
	writer_char(&w, user_away(u) == NULL ? '+' : '-');
	writer_span(&w, user_username(u));
	writer_char(&w, '@');
	writer_span(&w, host);
	return writer_done(&w);
}

/* Answer with what host() tells of each user. */
static void
answer(struct cmd *c, enum numeric numeric,
    struct span (*host)(struct cmd *, const struct user *))
{
	size_t room = numeric_room(numeric_row(numeric), c->settings->name,
	    session_nick(c->s), REPLY_ARGS(SPAN_NONE), 1);
	const struct user *u;
	struct span entry;
	struct writer w;

	writer_init_arena(&w, c->st->arena, LINE_BODY_MAX);
	for (unsigned i = 0; i < c->m->nparam && i < USERHOST_MAX; i++) {
		u = facts_find_nick(c->facts, c->m->param[i]);
		if (u == NULL)
			continue;
		entry = entry_of(c, u, host(c, u));
		if (w.n > 0 && w.n + 1 + entry.n > room) {
			reply(c->st, c->s, numeric, writer_done(&w));
			writer_init_arena(&w, c->st->arena, LINE_BODY_MAX);
		}
		if (w.n > 0)
			writer_char(&w, ' ');
		writer_span(&w, entry);
	}
	reply(c->st, c->s, numeric, writer_done(&w));
}

static struct span
host_of(struct cmd *c, const struct user *u)
{
	(void)c;
	return user_host(u);
}

/* An address that is not shown as the host is for the user and for operators
 * with the privilege, as in WHOIS; others are told what Solanum tells. */
static struct span
ip_of(struct cmd *c, const struct user *u)
{
	struct sight x = { .by = c->user, .used = true };
	struct span ip = user_address(c->st, u);

	if (u == c->user || user_shows_ip(u))
		return ip;
	if ((privileges_of(c->facts, c->user) & PRIVB(SEE_ADDRESS)) == 0)
		return SPAN("255.255.255.255");
	sight_record(c->st, &x, c->name, user_nick(u));
	return ip;
}

void
cmd_userhost(struct cmd *c)
{
	answer(c, RPL_USERHOST, host_of);
}

void
cmd_userip(struct cmd *c)
{
	answer(c, RPL_USERIP, ip_of);
}
