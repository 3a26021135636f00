/*
 * +g and ACCEPT: a user with +g is messaged only by users whom they have
 * accepted (Solanum "um_callerid" and ACCEPT; numerics 281, 282, 456 to 458,
 * 494, 716 to 718).
 *
 * The home of the user has the list, in memory, and decides. So it is asked
 * when a message comes (core/types/hook.h, struct message_row), and tells the
 * sender by a +NOTE if they are at another server (link-protocol.md, 11.32).
 *
 * A list has users and not nicks: it ends with them, and stays when they change
 * the nick. Differs from Solanum, where a change of nick ends it.
 *
 * A user with +g who writes to somebody accepts them by that, so that they can
 * answer. If the list is full, the message is not sent.
 */
#include "core/module.h"

#include "core/cmd/cmd.h"
#include "core/facts/memory.h"
#include "core/sessions/source.h"
#include "core/types/cost.h"

#define ACCEPT_MOST 100
#define DAY 86400 /* seconds */

enum { ACCEPT_MAX, NOTIFY_S };

static const struct option_row options[] = {
	[ACCEPT_MAX] = { "accept_max", OPTION_IS_NUM, 1, ACCEPT_MOST, 20,
	    "How many users one user may accept.", NULL },
	[NOTIFY_S] = { "notify_s", OPTION_IS_NUM, 0, DAY, 60,
	    "After how many seconds a user with +g is told again that somebody "
	    "has written.",
	    NULL },
};

enum { LIST, END, FULL, EXIST, NOT, OWN_MODE, REFUSED, NOTIFIED, NOTICE };

static const struct numeric_row numerics[] = {
	[LIST] = { 281, "RPL_ACCEPTLIST", "%" },
	[END] = { 282, "RPL_ENDOFACCEPT", ":End of ACCEPT list" },
	[FULL] = { 456, "ERR_ACCEPTFULL", ":Accept list is full" },
	[EXIST] = { 457, "ERR_ACCEPTEXIST",
	    "$ :is already on your accept list" },
	[NOT] = { 458, "ERR_ACCEPTNOT", "$ :is not on your accept list" },
	[OWN_MODE] = { 494, "ERR_OWNMODE",
	    "$ :could not answer you, since you have +g and your accept list "
	    "is full" },
	[REFUSED] = { 716, "ERR_TARGUMODEG",
	    "$ :is in +g mode (server-side ignore)" },
	[NOTIFIED] = { 717, "RPL_TARGNOTIFY",
	    "$ :has been informed that you messaged them" },
	[NOTICE] = { 718, "RPL_UMODEGMSG",
	    "$ $ :is messaging you, and you have +g" },
};

/* ---- the list ----------------------------------------------------------- */

struct accepted {
	size_t n;
	struct uid uid[ACCEPT_MOST];
};

/* When the user was told last that somebody has written. */
struct told {
	struct mono at;
};

enum { ACCEPTED, TOLD };

static const struct memory_row memories[] = {
	[ACCEPTED] = { "callerid/accepted", MEMORY_USER,
	    sizeof(struct accepted), 0 },
	[TOLD] = { "callerid/told", MEMORY_USER, sizeof(struct told), 0 },
};

/* Return the place of the user in the list, or a->n. NULL is an empty list. */
static size_t
place_of(const struct accepted *a, const struct user *u)
{
	size_t i = 0;

	while (a != NULL && i < a->n && uid_cmp(a->uid[i], u->uid) != 0)
		i++;
	return i;
}

static bool
has_accepted(const struct facts *f, const struct user *u,
    const struct user *who)
{
	const struct accepted *a = memory_find_user(f, &memories[ACCEPTED], u);

	return a != NULL && place_of(a, who) < a->n;
}

static void
take_out(struct accepted *a, size_t i)
{
	for (a->n--; i < a->n; i++)
		a->uid[i] = a->uid[i + 1];
}

/* Take out the users who have gone. */
static void
prune(struct step *st, struct accepted *a)
{
	step_spend(st, a->n * COST_VISIT);
	for (size_t i = a->n; i-- > 0;)
		if (facts_find_uid(st->facts, a->uid[i]) == NULL)
			take_out(a, i);
}

/* Accept a user who is not on the list. Return false if the list is full. */
static bool
accept(struct step *st, const struct user *u, const struct user *who)
{
	uint32_t max =
	    settings_option(st->core->settings, &options[ACCEPT_MAX]);
	struct accepted *a = memory_get_user(st->facts, &memories[ACCEPTED], u);

	if (a->n >= max)
		prune(st, a);
	if (a->n >= max)
		return false;
	a->uid[a->n++] = who->uid;
	return true;
}

/* ---- ACCEPT ------------------------------------------------------------- */

#define LISTED 15 /* nicks in one line */

static void
list_all(struct cmd *c)
{
	const struct accepted *a =
	    memory_find_user(c->facts, &memories[ACCEPTED], c->user);
	const struct user *u;
	struct writer w;
	size_t n = 0;

	writer_init_arena(&w, c->st->arena, LINE_BODY_MAX);
	for (size_t i = 0; a != NULL && i < a->n; i++) {
		u = facts_find_uid(c->facts, a->uid[i]);
		if (u == NULL || !u->shown)
			continue;
		if (n++ == LISTED || w.n + user_nick(u).n > LINE_BODY_MAX / 2) {
			reply_row(c->st, c->s, &numerics[LIST],
			    writer_done(&w));
			writer_init_arena(&w, c->st->arena, LINE_BODY_MAX);
			n = 1;
		}
		writer_str(&w, w.n > 0 ? " " : "");
		writer_span(&w, user_nick(u));
	}
	if (w.n > 0)
		reply_row(c->st, c->s, &numerics[LIST], writer_done(&w));
	reply_args(c->st, c->s, &numerics[END], NULL, 0);
}

static void
remove_one(struct cmd *c, const struct user *u)
{
	struct accepted *a =
	    memory_find_user(c->facts, &memories[ACCEPTED], c->user);
	size_t i = place_of(a, u);

	if (a == NULL || i == a->n)
		reply_row(c->st, c->s, &numerics[NOT], user_nick(u));
	else
		take_out(a, i);
}

/* Return false if the list is full. */
static bool
add_one(struct cmd *c, const struct user *u)
{
	if (has_accepted(c->facts, c->user, u))
		reply_row(c->st, c->s, &numerics[EXIST], user_nick(u));
	else if (!accept(c->st, c->user, u)) {
		reply_args(c->st, c->s, &numerics[FULL], NULL, 0);
		return false;
	}
	return true;
}

/* Removals come first, so that a full list has room for those who are added
 * (as on Solanum). */
static void
change(struct cmd *c, struct span list, bool add)
{
	const struct user *u;
	struct span name;
	bool removes;

	while (list.n > 0) {
		name = span_cut(&list, ',');
		removes = name.n > 0 && name.p[0] == '-';
		if (name.n == 0 || removes == add)
			continue;
		u = cmd_find_user(c, span_tail(name, removes));
		if (u == NULL)
			continue;
		if (!add)
			remove_one(c, u);
		else if (!add_one(c, u))
			return;
	}
}

static void
cmd_accept(struct cmd *c)
{
	struct span list = cmd_arg(c, 0);

	if (span_eq(list, SPAN("*"))) {
		list_all(c);
		return;
	}
	change(c, list, false);
	change(c, list, true);
}

static const struct command_row command = {
	.name = SPAN_INIT("ACCEPT"),
	.run = cmd_accept,
	.min = 1,
	.when = COMMAND_USERS,
	.syntax = "*|[-]nick{,[-]nick}",
	.help = "Accepts users, so that they can message you while you have "
		"+g; with -, no longer. With *, lists them.",
};

/* ---- messages ----------------------------------------------------------- */

static const struct user_mode_row mode = {
	.letter = 'g',
	.name = "callerid",
	.field = "mode/callerid",
	.what = "only accepted users may message you",
};

static bool
has_mode(const struct step *st, const struct user *u)
{
	enum user_mode m = user_mode_of_letter(st->tables, mode.letter);

	return m != UM_NONE && (u->modes >> m & 1) != 0;
}

/* No automatic answer to a NOTICE (modern-irc, "NOTICE message") nor to a
 * TAGMSG, which users do not write. */
static bool
is_silent(const struct messaging *x)
{
	return span_eq(x->verb, SPAN("NOTICE")) ||
	       span_eq(x->verb, SPAN("TAGMSG"));
}

static const struct numeric_row *
send(const struct messaging *x)
{
	if (is_silent(x) || x->by == x->to || !has_mode(x->st, x->by) ||
	    has_accepted(x->st->facts, x->by, x->to) ||
	    accept(x->st, x->by, x->to))
		return NULL;
	return &numerics[OWN_MODE];
}

/* Tell the receiver that somebody has written, unless that was done a short
 * while ago. Return true if it is done now. */
static bool
notify(const struct messaging *x)
{
	int64_t wait =
	    settings_option(x->st->core->settings, &options[NOTIFY_S]);
	struct span source = user_source(x->st, x->by), nick;
	struct told *told =
	    memory_find_user(x->st->facts, &memories[TOLD], x->to);
	struct session *s;

	if (told != NULL && mono_sub_ms(x->st->now, told->at) < wait * MS_PER_S)
		return false;
	told = memory_get_user(x->st->facts, &memories[TOLD], x->to);
	told->at = x->st->now;
	nick = span_cut(&source, '!');
	LIST_FOREACH(s, &x->to->sessions, user_link)
		reply_row(x->st, s, &numerics[NOTICE], nick, source);
	return true;
}

static bool
receive(struct messaging *x)
{
	if (x->by == x->to || !has_mode(x->st, x->to) ||
	    has_accepted(x->st->facts, x->to, x->by))
		return true;
	if (is_silent(x))
		return false;
	x->told[0] = &numerics[REFUSED];
	if (!span_eq(x->verb, SPAN("INVITE")) && notify(x))
		x->told[1] = &numerics[NOTIFIED];
	return false;
}

static const struct message_row hook = {
	.send = send, .receive = receive, .mode = &mode
};

/* ---- the module --------------------------------------------------------- */

static void
write_accept(struct writer *w, const struct isupport_from *from)
{
	writer_u64(w, settings_option(from->settings, &options[ACCEPT_MAX]));
}

static const struct isupport_row tokens[] = {
	{ .name = "ACCEPT", .write = write_accept },
	{ .name = "CALLERID", .text = "g" },
};

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const struct rows rows = {
	.of = "callerid",
	.command = &command,
	.ncommand = 1,
	.user_mode = &mode,
	.nuser_mode = 1,
	.numeric = numerics,
	.nnumeric = N(numerics),
	.isupport = tokens,
	.nisupport = N(tokens),
	.memory = memories,
	.nmemory = N(memories),
	.option = options,
	.noption = N(options),
	.message = &hook,
	.nmessage = 1,
};

MODULE(callerid) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "callerid",
	.version = "1",
	.purpose = "user mode +g and ACCEPT: only accepted users may message",
	.rows = &rows,
};
