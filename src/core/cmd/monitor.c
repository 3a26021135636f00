/*
 * MONITOR (ircv3 monitor). The notices about users who come and go are the
 * business of core/sessions/monitor.c.
 *
 * "For this specification, 'target' MUST be a valid nick": others are passed
 * over, as on Solanum and InspIRCd. So are targets that are in the list
 * already.
 */
#include "core/cmd/monitor.h"

#include "core/cmd/cmd.h"
#include "core/part/clean.h"
#include "core/sessions/monitor.h"
#include "core/sessions/response.h"
#include "core/sessions/source.h"
#include "core/types/cost.h"
#include "wire/name.h"

#define LIST_ROOM 280 /* bytes of targets on a line */

/* Targets that are told in lines of one numeric. */
struct targets {
	struct step *st;
	struct session *s;
	enum numeric numeric;
	struct writer w;
};

static struct targets
targets_begin(struct step *st, struct session *s, enum numeric numeric)
{
	struct targets t = { .st = st, .s = s, .numeric = numeric };

	writer_init_arena(&t.w, st->arena, 2 * LINE_BODY_MAX);
	return t;
}

static void
flush(struct targets *t)
{
	struct step *st = t->st;
	struct span list = writer_done(&t->w);

	if (list.n > 0 && t->numeric == ERR_MONLISTFULL)
		reply(st, t->s, t->numeric,
		    num(st, st->core->settings->monitor), list);
	else if (list.n > 0)
		reply(st, t->s, t->numeric, list);
	writer_init_arena(&t->w, st->arena, 2 * LINE_BODY_MAX);
}

static void
add(struct targets *t, struct span target)
{
	if (t->w.n > 0 && t->w.n + 1 + target.n > LIST_ROOM)
		flush(t);
	if (t->w.n > 0)
		writer_char(&t->w, ',');
	writer_span(&t->w, target);
}

/* Add a target to those that are online, or to the others. */
static void
add_state(struct targets *online, struct targets *offline, struct span nick)
{
	struct step *st = online->st;
	const struct user *u = facts_find_nick(st->facts, nick);

	if (u == NULL)
		add(offline, nick);
	else
		add(online, user_source(st, u));
}

static void
add_list(struct cmd *c, struct span list)
{
	struct targets online = targets_begin(c->st, c->s, RPL_MONONLINE),
		       offline = targets_begin(c->st, c->s, RPL_MONOFFLINE),
		       full = targets_begin(c->st, c->s, ERR_MONLISTFULL);
	struct span nick;

	while (list.n > 0) {
		nick = span_cut(&list, ',');
		step_spend(c->st, COST_VISIT + monitor_count(c->s));
		if (!name_nick_valid(nick, CLEAN_NICK_MAX))
			continue;
		if (monitor_count(c->s) >= c->settings->monitor)
			add(&full, nick);
		else if (monitor_add(c->st->core, c->s, nick))
			add_state(&online, &offline, nick);
	}
	flush(&online);
	flush(&offline);
	flush(&full);
}

static void
remove_list(struct cmd *c, struct span list)
{
	while (list.n > 0) {
		step_spend(c->st, COST_VISIT + monitor_count(c->s));
		monitor_del(c->st->core, c->s, span_cut(&list, ','));
	}
}

static void
list_all(struct cmd *c)
{
	struct targets all = targets_begin(c->st, c->s, RPL_MONLIST);
	const struct watch *w;

	response_collect(c->st, c->s);
	for (w = monitor_first(c->s); w != NULL; w = monitor_next(w))
		add(&all, watch_nick(w));
	flush(&all);
	reply0(c->st, c->s, RPL_ENDOFMONLIST);
}

void
monitor_tell(struct step *st, struct session *s)
{
	struct targets online = targets_begin(st, s, RPL_MONONLINE),
		       offline = targets_begin(st, s, RPL_MONOFFLINE);
	const struct watch *w;

	response_collect(st, s);
	for (w = monitor_first(s); w != NULL; w = monitor_next(w)) {
		step_spend(st, COST_VISIT);
		add_state(&online, &offline, watch_nick(w));
	}
	flush(&online);
	flush(&offline);
}

void
cmd_monitor(struct cmd *c)
{
	struct span what = cmd_arg(c, 0);

	switch (what.n == 1 ? what.p[0] : '\0') {
	case '+':
		if (cmd_need(c, 2))
			add_list(c, cmd_arg(c, 1));
		return;
	case '-':
		if (cmd_need(c, 2))
			remove_list(c, cmd_arg(c, 1));
		return;
	case 'C':
	case 'c':
		monitor_clear(c->st->core, c->s);
		return;
	case 'L':
	case 'l':
		list_all(c);
		return;
	case 'S':
	case 's':
		monitor_tell(c->st, c->s);
		return;
	default:
		reply_fail_or_notice(c->st, c->s, c->name,
		    SPAN("INVALID_PARAMS"), SPAN("Unknown modifier"));
	}
}
