/*
 * SAJOIN, SAPART, SANICK, REMOVE, CHGHOST and CHGIDENT are messages to the home
 * of the user, and the home makes the entry, as for KILL (doc/decisions/0005,
 * 0045, 0052, 0058). The server of who says so has checked that they may do
 * that. The home asks neither the modes of the channel nor its bans, and does
 * nothing if nothing would change.
 */
#include "core/force.h"

#include "core/facts/bans.h"
#include "core/facts/chan_name.h"
#include "core/facts/membership.h"
#include "core/facts/unseen.h"
#include "core/found.h"
#include "core/note.h"
#include "core/part/clean.h"
#include "core/part/later.h"
#include "core/sessions/audience.h"
#include "core/sessions/audit.h"
#include "core/sessions/source.h"
#include "core/types/mode.h"
#include "wire/casemap.h"
#include "wire/name.h"
#include "wire/utf8.h"

#define JOIN_PARTS (FOUND_PARTS_MAX + 3) /* and CNAME, JOIN, STAT */

/* Tell the log of this server, if it does not have the line of the operator's
 * server. */
static void
log_act(struct step *st, const struct part_say *p, const struct user *u,
    struct span why)
{
	const struct user *by = by_find(st, &p->by);

	if (sid_cmp(by == NULL ? p->by.sid : user_home(by).sid,
		st->core->self.sid) != 0)
		audit_log(st, LOG_OVERRIDE,
		    &(struct audit){ .by = by,
			.name = by_source(st, &p->by),
			.what = { p->verb, user_source(st, u) },
			.why = why,
			.result = "ok" });
}

/* Tell who gave the order how it ended: "SAJOIN nick #channel: done". */
static void
answer(struct step *st, const struct part_say *p, const struct user *u,
    struct span name, const char *end)
{
	struct writer w;

	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	writer_span(&w, p->verb);
	writer_char(&w, ' ');
	writer_span(&w, user_nick(u));
	writer_char(&w, ' ');
	writer_span(&w, name);
	writer_str(&w, ": ");
	writer_str(&w, end);
	note_author(st, &p->by, writer_done(&w));
}

/* Return the text of the order. If its first word is the fact name of a channel
 * that users know by another name, that name stands in its place. */
static struct span
text_shown(struct step *st, const struct part_say *p, struct span name)
{
	struct span rest = p->text.s;
	struct writer w;

	if (casemap_eq(span_cut(&rest, ' '), name))
		return p->text.s;
	writer_init_arena(&w, st->arena, LINE_RENDER_MAX);
	writer_span(&w, name);
	writer_str(&w, rest.n > 0 ? " " : "");
	writer_span(&w, rest);
	return writer_done(&w);
}

/* Tell the user who acts for them, the operator, and the log. */
static void
tell(struct step *st, const struct part_say *p, const struct user *u,
    const char *what, struct span name)
{
	struct line l = { 0 };
	struct writer w;

	log_act(st, p, u, text_shown(st, p, name));
	body_begin(st, &w, server_name(st->core, st->o.sid));
	writer_str(&w, "NOTICE ");
	writer_span(&w, user_nick(u));
	writer_str(&w, " :An operator has made you ");
	writer_str(&w, what);
	writer_char(&w, ' ');
	writer_span(&w, name);
	l.body = writer_done(&w);
	audience_begin(st);
	audience_add_user(st, u);
	audience_send(st, &l);
	answer(st, p, u, name, "done");
}

static void
make_entry(struct step *st, struct stamp stamp, const struct part *p, size_t n)
{
	core_make(st, stamp, p, n, &(struct dest){ .all = true }, NULL);
}

/* Return the tags of a JOIN that is no command of the user. Without them a user
 * whose home moves would be taken to have joined before the last move
 * (link-protocol.md, 11.24). */
static struct span
join_tags(struct step *st, const struct user *u)
{
	if (user_tenure(u) == 0)
		return SPAN_NONE;
	return made_tag((struct made){ .tenure = user_tenure(u) }, st->arena);
}

/* Give the incarnation that is founded the name by which its hidden members
 * know it. */
static void
give_name(struct step *st, struct part *p, const struct ch *ch,
    struct span name)
{
	*p = (struct part){ .id = PART_UNKNOWN };
	later_part(p, &later_builtin[LATER_CNAME],
	    cname_words(st->arena, ch, by_server(st->core->self.sid), name),
	    text_off(), st->arena);
}

/* Found a channel that nobody is shown on, as JOIN does. A user who founds it
 * under members that have lost their founding is not their op. */
static void
found_and_join(struct step *st, const struct user *u, const struct chan_goal *g)
{
	struct core *c = st->core;
	struct found f = { .chan = g->ch,
		.name = chan_goal_fact(g),
		.stamp = core_stamp(c, st->wall),
		.modes = true };
	bool op = f.chan == NULL || f.chan->nshown == 0;
	struct part p[JOIN_PARTS];
	size_t n;

	found_make(st, &f);
	for (n = 0; n < f.n; n++)
		p[n] = f.part[n];
	if (g->given != NULL)
		give_name(st, &p[n++], &f.ch, g->name);
	p[n] = (struct part){ .id = PART_JOIN, .tags = join_tags(st, u) };
	p[n++].u.join = (struct part_join){ f.ch, u->uid };
	if (op) {
		p[n] = (struct part){ .id = PART_STAT };
		p[n].u.stat = (struct part_stat){ .ch = f.ch,
			.dot = dot_make(c->self, c->last_n + 1, n - 1),
			.name = span_of(status_row(st->tables, found_status(st))
					    ->name),
			.on = true,
			.by = by_server(c->self.sid) };
		n++;
	}
	make_entry(st, f.stamp, p, n);
}

void
force_join(struct step *st, const struct part *part, uint32_t index,
    const struct user *u)
{
	struct span name = part->u.say.text.s, shown;
	struct chan_goal goal = chan_name_goal(st->facts, name);
	const struct chan *ch = goal.ch;
	struct part p[2] = { { .id = PART_JOIN } };
	size_t n = 1;

	(void)index;
	if (!core_is_home(st->core, u))
		return;
	shown = goal.is_other ? rcbuf_span(ch->name) : name;
	if (ch != NULL && facts_find_member(ch, u) != NULL) {
		answer(st, &part->u.say, u, shown,
		    "the user is on the channel already");
		return;
	}
	tell(st, &part->u.say, u, "join", shown);
	if (ch == NULL || ch->nshown == 0 || ch->current == NULL) {
		found_and_join(st, u, &goal);
		return;
	}
	p[0].tags = join_tags(st, u);
	p[0].u.join.ch = (struct ch){ chan_name_fact(ch), ch->current->cinc };
	p[0].u.join.uid = u->uid;
	if ((ch->modes & st->tables->veiling) != 0)
		unseen_part(&p[n++],
		    dot_make(st->core->self, st->core->last_n + 1, 0),
		    st->arena);
	make_entry(st, (struct stamp){ 0 }, p, n);
}

/* The reason is not the user's own: others see that (as on UnrealIRCd). */
static struct text
part_reason(struct step *st, struct span reason)
{
	struct writer w;

	if (reason.n == 0)
		return text_off();
	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	writer_str(&w, "SAPart: ");
	writer_span(&w, utf8_cut(reason, st->core->settings->kick_len));
	return text_of(writer_done(&w));
}

/* Read an order by which the user leaves a channel: set the reason, and return
 * the membership; or NULL if the user is not one of this server, or after an
 * answer. */
static const struct member *
read_leave(struct step *st, const struct part_say *p, const struct user *u,
    struct span *reason)
{
	struct span name;
	const struct chan *ch;
	const struct member *m;

	*reason = p->text.s;
	name = span_cut(reason, ' ');
	if (!core_is_home(st->core, u))
		return NULL;
	ch = facts_find_chan(st->facts, name);
	m = ch != NULL ? facts_find_member(ch, u) : NULL;
	if (m == NULL)
		answer(st, p, u,
		    ch != NULL && ch->renamed ? rcbuf_span(ch->name) : name,
		    "the user is not on the channel");
	return m;
}

static void
make_leave(struct step *st, const struct member *m, struct text reason)
{
	struct part p = { .id = PART_PART };

	p.u.part =
	    (struct part_part){ { chan_name_fact(m->chan), member_cinc(m) },
		    m->dot, reason };
	make_entry(st, (struct stamp){ 0 }, &p, 1);
}

void
force_part(struct step *st, const struct part *part, uint32_t index,
    const struct user *u)
{
	struct span reason;
	const struct member *m = read_leave(st, &part->u.say, u, &reason);

	(void)index;
	if (m == NULL)
		return;
	tell(st, &part->u.say, u, "leave", rcbuf_span(m->chan->name));
	make_leave(st, m, part_reason(st, reason));
}

/* The PART is not the user's own wish: others see that (as on Solanum). */
static struct text
remove_reason(struct step *st, const struct part_say *p, struct span reason)
{
	const struct user *by = by_find(st, &p->by);
	struct writer w;

	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	writer_str(&w, "requested by ");
	writer_span(&w, by != NULL ? user_nick(by) : by_source(st, &p->by));
	if (reason.n > 0) {
		writer_str(&w, " (");
		writer_span(&w, utf8_cut(reason, st->core->settings->kick_len));
		writer_char(&w, ')');
	}
	return text_of(writer_done(&w));
}

/* Return true if an answer must say that the user was removed. An operator of
 * the channel sees the PART, but not that of a member who is not seen yet
 * (doc/decisions/0054). */
static bool
tells_removal(const struct step *st, const struct part_say *p,
    const struct member *m)
{
	return m->unseen || by_find(st, &p->by) == NULL;
}

void
force_remove(struct step *st, const struct part *part, uint32_t index,
    const struct user *u)
{
	struct span reason;
	const struct member *m = read_leave(st, &part->u.say, u, &reason);

	(void)index;
	if (m == NULL)
		return;
	if (tells_removal(st, &part->u.say, m))
		answer(st, &part->u.say, u, rcbuf_span(m->chan->name), "done");
	make_leave(st, m, remove_reason(st, &part->u.say, reason));
}

/* Return NULL if the user may have the nick and does not have it, or why no
 * nick is given. */
static const char *
nick_refusal(const struct step *st, const struct user *u, struct span nick)
{
	const struct user *holder = facts_find_nick(st->facts, nick);

	if (!name_nick_valid(nick, st->core->settings->nick_len))
		return "the server of the user does not allow that nick";
	if (span_eq(user_nick(u), nick))
		return "the user has that nick already";
	if (holder == u ||
	    (holder == NULL && !facts_nick_in_use(st->facts, nick)))
		return NULL;
	return "the nick is in use";
}

void
force_nick(struct step *st, const struct part *part, uint32_t index,
    const struct user *u)
{
	struct span nick = part->u.say.text.s;
	struct part p = { .id = PART_NICK };
	const char *no;

	(void)index;
	if (!core_is_home(st->core, u))
		return;
	if ((no = nick_refusal(st, u, nick)) != NULL) {
		answer(st, &part->u.say, u, nick, no);
		return;
	}
	tell(st, &part->u.say, u, "take the nick", nick);
	p.u.nick = (struct part_nick){ .uid = u->uid,
		.nick = nick,
		.class = 1,
		.stamp = core_stamp(st->core, st->wall) };
	make_entry(st, p.u.nick.stamp, &p, 1);
}

/* Write a register of the user; the first value is the register off. The user
 * is told as all who see it are. */
static void
set_word(struct step *st, const struct part_say *say, const struct user *u,
    struct span field, struct span value, bool is_first)
{
	struct part p = { .id = PART_SET };

	log_act(st, say, u, say->text.s);
	answer(st, say, u, value, "done");
	p.u.set = (struct part_set){ u->uid, field, say->by,
		is_first ? text_off() : text_of(value) };
	make_entry(st, (struct stamp){ 0 }, &p, 1);
	/* a ban may hit the user now */
	bans_stir(st->facts);
}

void
force_host(struct step *st, const struct part *part, uint32_t index,
    const struct user *u)
{
	struct span host = clean_host(st->arena,
	    span_head(part->u.say.text.s, st->core->settings->host_len));

	(void)index;
	if (!core_is_home(st->core, u))
		return;
	if (span_eq(host, user_host(u)))
		answer(st, &part->u.say, u, host,
		    "the user has that host already");
	else
		set_word(st, &part->u.say, u, SPAN("host"), host,
		    span_eq(host, ident_host(u->ident)));
}

void
force_username(struct step *st, const struct part *part, uint32_t index,
    const struct user *u)
{
	struct span name = clean_user(st->arena,
	    span_head(part->u.say.text.s, st->core->settings->user_len));

	(void)index;
	if (!core_is_home(st->core, u))
		return;
	if (span_eq(name, user_username(u)))
		answer(st, &part->u.say, u, name,
		    "the user has that user name already");
	else
		set_word(st, &part->u.say, u, SPAN("username"), name,
		    span_eq(name, ident_username(u->ident)));
}
