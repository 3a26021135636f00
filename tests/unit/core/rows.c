/*
 * Rows that are added when a server starts (doc/decisions/0024): one of each
 * kind is used by clients and told to them, travels to servers that have it and
 * to others, and is refused if it is not good or doubles another one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cmd/cmd.h"
#include "core/rows.h"
#include "core/types/mode_value.h"
#include "lib/fleet.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

static const struct rows *const added[] = { &fleet };

/* Functions of rows that are refused. */
static void
cmd_dock(struct cmd *c)
{
	(void)c;
}

static void
write_dock(struct writer *w, const struct isupport_from *from)
{
	(void)w;
	(void)from;
}

/* ---- clients ----------------------------------------------------------- */

/* Put alice, who is op, and bob on #c of a server with the rows. */
static void
begin(struct rig *r)
{
	rig_init_rows(r, "1AA", added, 1);
	rig_register(r, 1, "alice");
	rig_register(r, 2, "bob");
	rig_say(r, 1, "JOIN #c");
	rig_say(r, 2, "JOIN #c");
	(void)rig_heard(r, 1);
	(void)rig_heard(r, 2);
}

/* Say the line as alice, and expect that bob is shown the change. */
static void
both(struct rig *r, const char *line, const char *shown)
{
	rig_says(r, 1, line, shown);
	rig_hears(r, 2, shown);
}

START_TEST(flag)
{
	struct rig r;

	begin(&r);
	both(&r, "MODE #c +C", " MODE #c +C\r\n");
	rig_says(&r, 2, "MODE #c", " 324 bob #c +ntC\r\n");
	both(&r, "MODE #c -C", " MODE #c -C\r\n");
	rig_says(&r, 2, "MODE #c +C", " 482 bob #c ");
	rig_fini(&r);
}
END_TEST

START_TEST(value)
{
	struct rig r;

	begin(&r);
	rig_says(&r, 1, "MODE #c +d deep",
	    " 696 alice #c d deep :Not a draught");
	both(&r, "MODE #c +d 07", " MODE #c +d 7\r\n");
	both(&r, "MODE #c +dl 8 20", " MODE #c +ld 20 8\r\n");
	rig_says(&r, 2, "MODE #c", " 324 bob #c +ntld 20 8\r\n");
	both(&r, "MODE #c -l", " MODE #c -l\r\n");
	rig_says(&r, 2, "MODE #c", " 324 bob #c +ntd 8\r\n");
	both(&r, "MODE #c -d", " MODE #c -d\r\n");
	rig_says(&r, 2, "MODE #c", " 324 bob #c +nt\r\n");
	rig_fini(&r);
}
END_TEST

START_TEST(list)
{
	struct rig r;

	begin(&r);
	both(&r, "MODE #c +gb x!*@* y", " MODE #c +bg y!*@* x!*@*\r\n");
	rig_says(&r, 2, "MODE #c g", " 941 bob #c x!*@* alice!");
	rig_says(&r, 2, "MODE #c g", " 940 bob #c :End of piers\r\n");
	both(&r, "MODE #c -g X!*@*", " MODE #c -g x!*@*\r\n");
	rig_says(&r, 2, "MODE #c g", ":irc.test 940 bob #c :End of piers\r\n");
	rig_says(&r, 2, "MODE #c b", " 367 bob #c y!*@* ");
	rig_fini(&r);
}
END_TEST

/* pilot is above voice and below halfop, though its number is the last. */
START_TEST(status)
{
	struct rig r;

	begin(&r);
	rig_register(&r, 3, "carol");
	rig_say(&r, 3, "JOIN #c");
	both(&r, "MODE #c +uv bob bob", " MODE #c +vu bob bob\r\n");
	rig_says(&r, 3, "NAMES #c", " 353 carol = #c :@alice $bob carol\r\n");
	rig_say(&r, 3, "CAP REQ :multi-prefix");
	rig_says(&r, 3, "NAMES #c", " 353 carol = #c :@alice $+bob carol\r\n");
	rig_says(&r, 2, "MODE #c +u carol",
	    " 482 bob #c :You're not channel operator or halfop");
	rig_say(&r, 1, "MODE #c +v carol");
	(void)rig_heard(&r, 2);
	(void)rig_heard(&r, 3);
	rig_say(&r, 1, "PRIVMSG $#c :pilots");
	rig_hears(&r, 2, " PRIVMSG $#c :pilots\r\n");
	ck_assert_str_eq(rig_heard(&r, 3), "");
	rig_say(&r, 1, "PRIVMSG $+#c :all");
	rig_hears(&r, 3, " PRIVMSG +#c :all\r\n");
	rig_say(&r, 1, "MODE #c +h carol");
	rig_says(&r, 3, "MODE #c -u bob",
	    " 482 carol #c :You're not channel operator\r\n");
	rig_says(&r, 3, "KICK #c bob",
	    " 482 carol #c :You're not channel operator\r\n");
	both(&r, "MODE #c -u bob", " MODE #c -u bob\r\n");
	rig_fini(&r);
}
END_TEST

START_TEST(user_mode)
{
	struct rig r;

	begin(&r);
	rig_says(&r, 2, "MODE bob +B", ":bob!u@127.0.0.1 MODE bob +B\r\n");
	rig_says(&r, 2, "MODE bob", " 221 bob +iB\r\n");
	rig_says(&r, 2, "MODE bob -B", " MODE bob -B\r\n");
	rig_says(&r, 2, "MODE bob", " 221 bob +i\r\n");
	rig_fini(&r);
}
END_TEST

START_TEST(capability)
{
	struct rig r;
	uint64_t bit = UINT64_C(1) << CAP_BUILTIN;

	begin(&r);
	rig_says(&r, 2, "CAP LS 302", "banyan.test/fleet=sail,oar");
	rig_says(&r, 2, "CAP REQ :banyan.test/fleet",
	    " ACK :banyan.test/fleet");
	ck_assert(rig_session(&r, 2)->caps & bit);
	rig_says(&r, 2, "CAP LIST", "banyan.test/fleet");
	rig_says(&r, 2, "CAP REQ :-banyan.test/fleet",
	    " ACK :-banyan.test/fleet");
	ck_assert(!(rig_session(&r, 2)->caps & bit));
	rig_fini(&r);
}
END_TEST

START_TEST(command_and_numeric)
{
	struct rig r;

	begin(&r);
	rig_open(&r, 3);
	rig_says(&r, 3, "FLEET 7", " 451 ");
	rig_says(&r, 2, "FLEET", " 461 bob FLEET ");
	rig_says(&r, 2, "fleet 7", ":irc.test 902 bob 7 :ships\r\n");
	rig_says(&r, 2, "FLEETS 7", " 421 bob FLEETS ");
	rig_says(&r, 2, "FLEE 7", " 421 bob FLEE ");
	rig_fini(&r);
}
END_TEST

START_TEST(told_at_registration)
{
	const char *heard;
	struct rig r;

	rig_init_rows(&r, "1AA", added, 1);
	rig_open(&r, 1);
	rig_say(&r, 1, "NICK alice");
	rig_say(&r, 1, "USER u 0 * :Alice");
	heard = rig_heard(&r, 1);
	ck_assert_ptr_nonnull(strstr(heard,
	    rig_letters(&r, " CHANMODES=$Ag,$B,$Cd,$DC ")));
	ck_assert_ptr_nonnull(strstr(heard, rig_letters(&r, " MAXLIST=$Ag:")));
	ck_assert_ptr_nonnull(strstr(heard, " PREFIX=(qaohuv)~&@%$+ "));
	ck_assert_ptr_nonnull(strstr(heard, " STATUSMSG=~&@%$+ "));
	ck_assert_ptr_nonnull(strstr(heard, " ioswB "));
	ck_assert_ptr_nonnull(strstr(heard, " FLEET "));
	ck_assert_ptr_nonnull(strstr(heard, " SAILS=main,jib "));
	ck_assert_ptr_nonnull(strstr(heard, " DRAUGHTLEN=4 "));
	ck_assert_ptr_nonnull(strstr(heard, " PIERS=g:100 "));
	rig_says(&r, 1, "VERSION", " SAILS=main,jib DRAUGHTLEN=4 ");
	rig_fini(&r);
}
END_TEST

/* The value and the condition of an added token follow the settings. */
START_TEST(tokens_follow_the_settings)
{
	struct settings other;
	struct rig r;

	begin(&r);
	other = r.settings;
	other.list_max = 101;
	rig_conf(&r, &other);
	rig_hears(&r, 1,
	    rig_letters(&r,
		" 005 alice MAXLIST=$Ag:101 PIERS=g:101 DOCK=dry :are supp"));
	rig_conf(&r, &r.settings);
	rig_hears(&r, 1,
	    rig_letters(&r,
		" 005 alice MAXLIST=$Ag:100 PIERS=g:100 -DOCK :are supported"));
	rig_fini(&r);
}
END_TEST

/* ---- other servers ----------------------------------------------------- */

/* Give one server a snapshot of the other, whose server 1AA it then sees. */
static void
copy(struct rig *to, const struct rig *from)
{
	struct vector none = { 0 };
	struct server_view v[2] = { { .visible = 5, .reachable = true },
		{ .sid = to->settings.sid, .visible = 5, .reachable = true } };

	core_install_whole(to->core, &to->ev, rig_snapshot(from, to), &none,
	    &none, &to->fx);
	ck_assert(sid_parse(SPAN("1AA"), &v[0].sid));
	core_overlay(to->core, &to->ev,
	    &(struct overlay_view){ .v = v, .n = 2, .whole = true }, &to->fx);
	rig_drain(to);
	while (rig_tick(to))
		;
}

/* A list travels by its name, a register by the name of its field. Another
 * server may use the one in the place of the other; it is then kept, and shows
 * nothing. */
START_TEST(names_of_lists_and_fields)
{
	const char *kept;
	struct span cinc;
	char text[512];
	struct rig r;

	begin(&r);
	cinc = rig_cinc(&r, "#c");
	snprintf(text, sizeof(text),
	    "ENTRY 2BB.7 1 1700000000900 * - 4\r\n"
	    "+LADD #c,%.*s mode/ban 2BB 0 :*!*@a x\r\n"
	    "+LADD #c,%.*s mode/pier 2BB 0 :*!*@b x\r\n"
	    "+CSET #c,%.*s pier 2BB :1\r\n"
	    "+CSET #c,%.*s calm 2BB :1\r\n",
	    SPAN_ARG(cinc), SPAN_ARG(cinc), SPAN_ARG(cinc), SPAN_ARG(cinc));
	rig_apply(&r, text);
	ck_assert_str_eq(rig_heard(&r, 1), "");
	rig_says(&r, 1, "MODE #c b", ":irc.test 368 alice #c ");
	rig_says(&r, 1, "MODE #c g", ":irc.test 940 alice #c ");
	rig_says(&r, 1, "MODE #c", " 324 alice #c +nt\r\n");
	kept = arena_span_dup(r.arena, core_canon(r.core, r.arena)).p;
	ck_assert_ptr_nonnull(strstr(kept, " mode/ban "));
	ck_assert_ptr_nonnull(strstr(kept, " pier "));
	rig_fini(&r);
}
END_TEST

/* Make a server with alice and bob on #c, and something of each kind. */
static void
fill(struct rig *r)
{
	begin(r);
	rig_say(r, 1, "MODE #c +Cdgu 7 x!*@* bob");
	rig_say(r, 2, "MODE bob +B");
	rig_say(r, 1, "BERTH bob :quay 7");
}

/*
 * A server without the rows keeps what it cannot show, and gives it to a server
 * that has them.
 */
START_TEST(snapshot)
{
	const struct rows *const *rows[] = { NULL, added };
	const struct user *bob;
	struct rig r[3];

	fill(&r[0]);
	for (unsigned i = 0; i < 2; i++) {
		rig_init_rows(&r[i + 1], i == 0 ? "2BB" : "3CC", rows[i], i);
		copy(&r[i + 1], &r[i]);
		rig_register(&r[i + 1], 1, "carol");
		rig_say(&r[i + 1], 1, "JOIN #c");
	}
	rig_hears(&r[1], 1, " 353 carol = #c :@alice bob carol\r\n");
	rig_says(&r[1], 1, "MODE #c", " 324 carol #c +nt\r\n");
	rig_says(&r[1], 1, "MODE #c g", " 472 carol g ");
	bob = facts_find_nick(&r[1].core->facts, SPAN("bob"));
	ck_assert_uint_eq(bob->modes, UMB(INVISIBLE));
	rig_says(&r[1], 1, "BERTH bob", " 421 carol BERTH ");

	rig_says(&r[2], 1, "NAMES #c", "$bob");
	rig_says(&r[2], 1, "MODE #c", " 324 carol #c +ntCd 7\r\n");
	rig_says(&r[2], 1, "MODE #c g", " 941 carol #c x!*@* alice!");
	bob = facts_find_nick(&r[2].core->facts, SPAN("bob"));
	ck_assert_uint_eq(bob->modes, UMB(INVISIBLE) | UINT64_C(1)
							   << UM_BUILTIN);
	rig_says(&r[2], 1, "BERTH bob", " 903 carol bob :quay 7\r\n");
	rig_says(&r[2], 1, "BERTH alice", " 903 carol alice :at sea\r\n");
	for (unsigned i = 0; i < 3; i++)
		rig_fini(&r[i]);
}
END_TEST

/* The row of a later verb is enough to make its parts, and to read them. */
START_TEST(later_verb)
{
	struct rig r;

	begin(&r);
	rig_say(&r, 1, "BERTH bob :quay 7");
	rig_say(&r, 1, "BERTH bob :quay 8");
	rig_says(&r, 2, "BERTH bob", " 903 bob bob :quay 8\r\n");
	ck_assert_uint_eq(map_count(&r.core->facts.unknown_registers), 1);
	rig_say(&r, 2, "QUIT");
	ck_assert_uint_eq(map_count(&r.core->facts.unknown_registers), 0);
	rig_fini(&r);
}
END_TEST

/* A home that moves says its tenure with a register of its user. */
START_TEST(later_verb_has_the_tenure)
{
	char *facts;
	struct rig r;

	rig_init_rows(&r, "1AA", added, 1);
	r.settings.homes_move = true;
	rig_register(&r, 1, "alice");
	rig_say(&r, 1, "BERTH alice :quay 7");
	facts = span_dup(core_canon(r.core, r.arena));
	ck_assert_ptr_nonnull(strstr(facts,
	    ";tenure=1;kind=register,1,u1 +BERTH 1AAAAAAAA :quay 7\n"));
	free(facts);
	rig_fini(&r);
}
END_TEST

/* ---- the clock --------------------------------------------------------- */

#define STAMPS_MS 10 /* stamps of one moment are at most so far ahead of it */
#define QUIET_S 60   /* so long a user of the rows below says nothing */

static const char *
speak_later(struct speech *x)
{
	return x->st->wall.ms - user_stamp(x->by).ms < QUIET_S * MS_PER_S
		   ? "+later"
		   : NULL;
}

START_TEST(a_hook_of_speech_has_the_clock)
{
	static const struct speak_row hook = { .speak = speak_later };
	static const struct rows rows = {
		.of = "dock", .speak = &hook, .nspeak = 1
	};
	const struct rows *const all[] = { &rows };
	struct rig r;

	rig_init_rows(&r, "1AA", all, 1);
	rig_register(&r, 1, "alice");
	rig_say(&r, 1, "JOIN #c");
	rig_says(&r, 1, "PRIVMSG #c :x", " 404 alice #c ");
	rig_advance(&r, QUIET_S * MS_PER_S - 1);
	rig_says(&r, 1, "PRIVMSG #c :x", " 404 alice #c ");
	rig_advance(&r, STAMPS_MS);
	(void)rig_heard(&r, 1);
	rig_say(&r, 1, "PRIVMSG #c :x");
	ck_assert_str_eq(rig_heard(&r, 1), "");
	rig_fini(&r);
}
END_TEST

/* ---- refusals ---------------------------------------------------------- */

/* Expect that the rows are refused beside those of fleet, for that reason. */
static void
refused(const struct rows *r, const char *want)
{
	const struct rows *const all[] = { &fleet, r };
	struct tables t;
	char buf[256];
	struct writer why;

	writer_init(&why, buf, sizeof(buf));
	ck_assert_msg(!core_tables(&t, all, 2, &why), "taken: %s", want);
	ck_assert_msg(span_eq(writer_done(&why), span_of(want)),
	    "refused: %.*s; not: %s", SPAN_ARG(writer_done(&why)), want);
}

#define REFUSED(kind, want, ...)                                       \
	refused(&(const struct rows){ .of = "dock",                    \
		    .kind = &(const struct kind##_row){ __VA_ARGS__ }, \
		    .n##kind = 1 },                                    \
	    "" want)

#define FLAG(l, n, f) \
	.letter = (l), .name = (n), .field = (f), .type = MODE_FLAG

START_TEST(refuse_chan_mode)
{
	REFUSED(chan_mode,
	    "channel mode moor of dock: its letter is that of channel mode ban "
	    "of core",
	    FLAG('b', "moor", "mode/moor"));
	REFUSED(chan_mode,
	    "channel mode moor of dock: its letter is that of channel mode "
	    "calm of fleet",
	    FLAG('C', "moor", "mode/moor"));
	REFUSED(chan_mode,
	    "channel mode moor of dock: its letter is that of status pilot of "
	    "fleet",
	    FLAG('u', "moor", "mode/moor"));
	REFUSED(chan_mode,
	    "channel mode calm of dock: its name is that of channel mode calm "
	    "of fleet",
	    FLAG('M', "calm", "mode/calm"));
	REFUSED(chan_mode,
	    "channel mode op of dock: its name is that of status op of core",
	    FLAG('M', "op", "mode/op"));
	REFUSED(chan_mode, "channel mode moor of dock: its letter is not valid",
	    FLAG('1', "moor", "mode/moor"));
	REFUSED(chan_mode,
	    "channel mode Moor of dock: its name or its field is not valid",
	    FLAG('M', "Moor", "mode/Moor"));
	REFUSED(chan_mode,
	    "channel mode moor of dock: its name or its field is not valid",
	    FLAG('M', "moor", "mode/mooring"));
	REFUSED(chan_mode, "channel mode moor of dock: a value needs a type",
	    .letter = 'M', .name = "moor", .field = "mode/moor",
	    .type = MODE_VALUE);
	REFUSED(chan_mode, "channel mode moor of dock: a list needs numerics",
	    .letter = 'M', .name = "moor", .field = "mode/moor",
	    .type = MODE_LIST);
}
END_TEST

#define STATUS_ROW(l, p, r, n)                                          \
	.letter = (l), .prefix = (p), .rank = (r), .give = RANK_HALFOP, \
	.over = RANK_OP, .name = (n), .lacking = (n)

START_TEST(refuse_status)
{
	REFUSED(status,
	    "status mate of dock: its letter is that of status op of core",
	    STATUS_ROW('o', '!', 12, "mate"));
	REFUSED(status,
	    "status mate of dock: its letter is that of channel mode calm of "
	    "fleet",
	    STATUS_ROW('C', '!', 12, "mate"));
	REFUSED(status,
	    "status pilot of dock: its name is that of status pilot of fleet",
	    STATUS_ROW('M', '!', 12, "pilot"));
	REFUSED(status,
	    "status mate of dock: its prefix is that of status pilot of fleet",
	    STATUS_ROW('M', '$', 12, "mate"));
	REFUSED(status,
	    "status mate of dock: its rank is that of status pilot of fleet",
	    STATUS_ROW('M', '!', 15, "mate"));
	REFUSED(status,
	    "status mate of dock: its letter or its prefix is not valid",
	    STATUS_ROW('M', '#', 12, "mate"));
	REFUSED(status,
	    "status mate of dock: its letter or its prefix is not valid",
	    STATUS_ROW('M', 'x', 12, "mate"));
	REFUSED(status, "status  of dock: its name is not valid",
	    STATUS_ROW('M', '!', 12, ""));
	REFUSED(status, "status mate of dock: it has no rank",
	    STATUS_ROW('M', '!', 0, "mate"));
	REFUSED(status,
	    "status mate of dock: nobody has the rank to give or take it",
	    .letter = 'M', .prefix = '!', .rank = 12, .give = 51,
	    .over = RANK_OP, .name = "mate", .lacking = "mate");
	REFUSED(status, "status mate of dock: anybody could give or take it",
	    .letter = 'M', .prefix = '!', .rank = 12, .over = RANK_OP,
	    .name = "mate", .lacking = "mate");
	REFUSED(status, "status mate of dock: it has no words for 482",
	    .letter = 'M', .prefix = '!', .rank = 12, .give = RANK_OP,
	    .over = RANK_OP, .name = "mate");
}
END_TEST

#define MAST .letter = 'M', .name = "mast", .field = "mode/mast"

START_TEST(refuse_user_mode)
{
	static const struct numeric_row one = { 990, "RPL_MAST", "$ :is one" };
	static const struct numeric_row none = { 991, "RPL_NONE", ":no" };

	REFUSED(user_mode,
	    "user mode mast of dock: its letter is that of user mode oper of "
	    "core",
	    .letter = 'o', .name = "mast", .field = "mode/mast");
	REFUSED(user_mode,
	    "user mode boat of dock: its name is that of user mode boat of "
	    "fleet",
	    .letter = 'M', .name = "boat", .field = "mode/boat");
	REFUSED(user_mode,
	    "user mode mast of dock: the flag of its mark is not valid", MAST,
	    .mark = &(const struct user_mark){ '*', &one, "mast" });
	REFUSED(user_mode,
	    "user mode mast of dock: the numeric of its mark has other "
	    "arguments than a nick",
	    MAST, .mark = &(const struct user_mark){ 'M', &none, "mast" });
	REFUSED(user_mode,
	    "user mode mast of dock: the tag of its mark is not valid", MAST,
	    .mark = &(const struct user_mark){ 'M', &one, "" });
	REFUSED(user_mode, "user mode mast of dock: its letter is not valid",
	    .letter = '+', .name = "mast", .field = "mode/mast");
	REFUSED(user_mode,
	    "user mode mast of dock: its name or its field is not valid",
	    .letter = 'M', .name = "mast", .field = "mast");
}
END_TEST

START_TEST(refuse_cap)
{
	REFUSED(cap,
	    "capability batch of dock: its name is that of capability batch of "
	    "core",
	    .name = "batch", .values = "");
	REFUSED(cap,
	    "capability a=b of dock: its name or its values are not valid",
	    .name = "a=b", .values = "");
	REFUSED(cap,
	    "capability a of dock: its name or its values are not valid",
	    .name = "a", .values = "b c");
}
END_TEST

START_TEST(refuse_command)
{
	REFUSED(command,
	    "command JOIN of dock: its name is that of command JOIN of core",
	    SPAN_INIT("JOIN"), cmd_dock, 0, COMMAND_USERS, "", NULL);
	REFUSED(command,
	    "command FLEET of dock: its name is that of command FLEET of fleet",
	    SPAN_INIT("FLEET"), cmd_dock, 0, COMMAND_USERS, "", NULL);
	REFUSED(command,
	    "command dock of dock: its name is not a word in upper case",
	    SPAN_INIT("dock"), cmd_dock, 0, COMMAND_USERS, "", NULL);
	REFUSED(command, "command DOCK of dock: it has no function",
	    SPAN_INIT("DOCK"), NULL, 0, COMMAND_USERS, "", NULL);
}
END_TEST

static const char *
speak_dock(struct speech *x)
{
	(void)x;
	return NULL;
}

static enum status
divert_dock(const struct speech *x)
{
	(void)x;
	return ST_NONE;
}

static const struct numeric_row *
join_dock(const struct joining *x)
{
	(void)x;
	return NULL;
}

static struct span
forward_dock(const struct joining *x)
{
	(void)x;
	return SPAN_NONE;
}

static bool
ask_dock(struct writer *w, const struct arrival *x, unsigned n)
{
	(void)w;
	(void)x;
	return n > 0;
}

static void
found_dock(struct finding *x)
{
	(void)x;
}

static bool
shown_dock(struct span s)
{
	return s.n > 0;
}

static void
joined_dock(struct step *st, const struct member *m)
{
	(void)st;
	(void)m;
}

static void
changed_dock(struct step *st, const struct change *ch)
{
	(void)st;
	(void)ch;
}

static struct span
rendered_dock(struct arena *a, struct span text)
{
	(void)a;
	return text;
}

static const struct numeric_row *
send_dock(const struct messaging *x)
{
	(void)x;
	return NULL;
}

START_TEST(refuse_hook)
{
	static const struct mode_list moorings = {
		&numerics_builtin[RPL_BANLIST],
		&numerics_builtin[RPL_ENDOFBANLIST], false
	};
	static const struct chan_mode_row mast = { .letter = 'M',
		.name = "mast",
		.field = "mode/mast",
		.type = MODE_LIST,
		.list = &moorings };
	static const struct option_row path = { "path", OPTION_IS_WORD, 1, 9, 0,
		"A path.", NULL };
	static const struct lookup_row twice[] = {
		{ "dock/x", REQUEST_LISTED, NULL, ask_dock, found_dock },
		{ "dock/x", REQUEST_LISTED, NULL, ask_dock, found_dock },
	};
	static const struct speak_row hook = { .mode = &mast,
		.speak = speak_dock };

	REFUSED(speak, "hook speak of dock: it has no function", NULL, NULL,
	    false, NULL);
	REFUSED(divert, "hook divert of dock: it has no function", NULL, NULL);
	REFUSED(join, "hook join of dock: it has no function", NULL, NULL);
	REFUSED(lookup, "hook lookup of dock: it has no function", "dock/x",
	    REQUEST_LISTED, NULL, ask_dock, NULL);
	REFUSED(lookup, "lookup quay/x of dock: its name is not valid",
	    "quay/x", REQUEST_LISTED, NULL, ask_dock, found_dock);
	REFUSED(lookup,
	    "lookup dock/x of dock: nobody answers questions of its kind",
	    "dock/x", REQUEST_UIDS, NULL, ask_dock, found_dock);
	REFUSED(lookup,
	    "lookup dock/x of dock: its file is not a word among the options "
	    "of its source",
	    "dock/x", REQUEST_COUNTRY, &path, ask_dock, found_dock);
	REFUSED(whois, "hook whois of dock: it has no function", "x",
	    &numerics_builtin[ERR_NOSUCHCHANNEL], NULL);
	REFUSED(whois, "hook whois of dock: it has no field", "",
	    &numerics_builtin[ERR_NOSUCHCHANNEL], shown_dock);
	REFUSED(whois,
	    "hook whois of dock: its numeric has other arguments than a nick "
	    "and a value",
	    "x", &numerics_builtin[ERR_NOSUCHCHANNEL], shown_dock);
	refused(&(const struct rows){ .of = "dock",
		    .lookup = twice,
		    .nlookup = 2 },
	    "lookup dock/x of dock: there is another one of its name");
	REFUSED(nick, "hook nick of dock: it has no function", NULL, NULL);
	REFUSED(claim, "hook claim of dock: it has no function", NULL);
	REFUSED(registered, "hook registered of dock: it has no function",
	    NULL);
	REFUSED(rendered,
	    "hook rendered of dock: its mode is not of the same source", NULL,
	    rendered_dock);
	REFUSED(rendered,
	    "hook rendered of dock: its mode is not of the same source",
	    &fleet.user_mode[0], rendered_dock);
	REFUSED(changed, "hook changed of dock: it has no function",
	    CHANGEB(QUIT), NULL);
	REFUSED(changed,
	    "hook changed of dock: it is of no known kind of change", 0,
	    changed_dock);
	REFUSED(changed,
	    "hook changed of dock: it is of no known kind of change",
	    UINT32_C(1) << CHANGE_COUNT, changed_dock);
	REFUSED(message, "hook message of dock: it has no function", NULL, NULL,
	    NULL);
	REFUSED(message,
	    "hook message of dock: its mode is not of the same source",
	    send_dock, NULL, &fleet.user_mode[0]);
	REFUSED(joined, "hook joined of dock: it has no function", NULL, NULL);
	REFUSED(forward, "hook forward of dock: it has no function", NULL, NULL,
	    NULL);
	REFUSED(speak, "hook speak of dock: its mode is not of the same source",
	    &fleet.chan_mode[0], speak_dock, false, NULL);
	REFUSED(divert,
	    "hook divert of dock: its mode is not of the same source",
	    &fleet.chan_mode[0], divert_dock);
	REFUSED(join, "hook join of dock: its mode is not of the same source",
	    &fleet.chan_mode[0], join_dock);
	REFUSED(joined,
	    "hook joined of dock: its mode is not of the same source",
	    &fleet.chan_mode[0], joined_dock);
	REFUSED(forward,
	    "hook forward of dock: its numeric has other arguments than two "
	    "channels",
	    NULL, NULL, forward_dock);
	REFUSED(forward,
	    "hook forward of dock: its numeric has other arguments than two "
	    "channels",
	    NULL, &numerics_builtin[ERR_NOSUCHCHANNEL], forward_dock);
	refused(&(const struct rows){ .of = "dock",
		    .chan_mode = &mast,
		    .nchan_mode = 1,
		    .speak = &hook,
		    .nspeak = 1 },
	    "hook speak of dock: its mode is a list");
}
END_TEST

START_TEST(refuse_numeric)
{
	REFUSED(numeric,
	    "numeric RPL_DOCK of dock: its number is that of numeric "
	    "RPL_WELCOME of core",
	    1, "RPL_DOCK", ":$");
	REFUSED(numeric,
	    "numeric RPL_FLEET of dock: its name is that of numeric RPL_FLEET "
	    "of fleet",
	    903, "RPL_FLEET", ":$");
	REFUSED(numeric,
	    "numeric RPL_DOCK of dock: its name, number or form is not valid",
	    1000, "RPL_DOCK", ":$");
}
END_TEST

START_TEST(refuse_isupport)
{
	REFUSED(isupport,
	    "token CHANMODES of dock: its name is that of token CHANMODES of "
	    "core",
	    .name = "CHANMODES");
	REFUSED(isupport,
	    "token SAILS of dock: its name is that of token SAILS of fleet",
	    .name = "SAILS");
	REFUSED(isupport, "token dock of dock: its name is not valid",
	    .name = "dock");
	REFUSED(isupport, "token  of dock: its name is not valid", .name = "");
	REFUSED(isupport, "token DOCK of dock: its value is not valid",
	    .name = "DOCK", .text = "wet dry");
	REFUSED(isupport, "token DOCK of dock: its value is not valid",
	    .name = "DOCK", .text = "wet", .write = write_dock);
}
END_TEST

START_TEST(refuse_verb)
{
	REFUSED(later,
	    "verb BERTH of dock: its name is that of verb BERTH of fleet",
	    "BERTH", "element");
	REFUSED(later,
	    "verb SAY of dock: every server knows a verb of its name", "SAY",
	    "element");
	REFUSED(later,
	    "verb dock of dock: its name is not a word in upper case", "dock",
	    "element");
	REFUSED(later, "verb DOCK of dock: its kind is not valid", "DOCK",
	    "register");
}
END_TEST

static void
say_dock(struct step *st, const struct part *part, uint32_t index)
{
	(void)st;
	(void)part;
	(void)index;
}

START_TEST(refuse_message)
{
	REFUSED(said,
	    "message INVITE of dock: its verb is that of message INVITE of "
	    "core",
	    .verb = SPAN("INVITE"), .to_chan = say_dock);
	REFUSED(said,
	    "message dock of dock: its verb is not a word in upper case",
	    .verb = SPAN("dock"), .to_chan = say_dock);
	REFUSED(said, "message DOCK of dock: it has no function",
	    .verb = SPAN("DOCK"));
}
END_TEST

static void
answer_dock(struct step *st, const struct query_in *q)
{
	(void)st;
	(void)q;
}

static void
end_dock(struct step *st, struct session *s, const struct query_end *q)
{
	(void)st;
	(void)s;
	(void)q;
}

START_TEST(refuse_query)
{
	REFUSED(query,
	    "question WHOIS of dock: its name is that of question WHOIS of "
	    "core",
	    SPAN("WHOIS"), true, 0, answer_dock, end_dock);
	REFUSED(query,
	    "question dock of dock: its name is not a word in upper case",
	    SPAN("dock"), true, 0, answer_dock, end_dock);
	REFUSED(query, "question HAVE of dock: the links of servers answer it",
	    SPAN("HAVE"), true, 0, answer_dock, end_dock);
	REFUSED(query, "question DOCK of dock: it has no function",
	    SPAN("DOCK"), true, 0, answer_dock, NULL);
	REFUSED(query, "question DOCK of dock: it has no function",
	    SPAN("DOCK"), true, 0, NULL, end_dock);
}
END_TEST

START_TEST(refuse_memory)
{
	static const struct memory_row both[] = {
		{ "dock/ship", MEMORY_USER, 8, 0 },
		{ "dock/ship", MEMORY_CHAN, 8, 0 },
	};

	REFUSED(memory, "memory ship of dock: its name is not valid", "ship",
	    MEMORY_USER, 8, 0);
	REFUSED(memory, "memory dock/ of dock: its name is not valid", "dock/",
	    MEMORY_USER, 8, 0);
	REFUSED(memory, "memory docks/x of dock: its name is not valid",
	    "docks/x", MEMORY_USER, 8, 0);
	REFUSED(memory,
	    "memory dock/ship of dock: it is of no known kind of "
	    "thing",
	    "dock/ship", (enum memory_of)4, 8, 0);
	REFUSED(memory,
	    "memory dock/ship of dock: it has no byte, or more than 4096",
	    "dock/ship", MEMORY_USER, 0, 0);
	REFUSED(memory,
	    "memory dock/ship of dock: it has no byte, or more than 4096",
	    "dock/ship", MEMORY_USER, 4097, 0);
	REFUSED(memory,
	    "memory dock/ship of dock: it has a wrong number of nicks",
	    "dock/ship", MEMORY_NICK, 8, 0);
	REFUSED(memory,
	    "memory dock/ship of dock: it has a wrong number of nicks",
	    "dock/ship", MEMORY_NICK, 8, MEMORY_NICKS_MAX + 1);
	REFUSED(memory,
	    "memory dock/ship of dock: it has a wrong number of nicks",
	    "dock/ship", MEMORY_USER, 8, 1);
	refused(&(const struct rows){ .of = "dock",
		    .memory = both,
		    .nmemory = 2 },
	    "memory dock/ship of dock: its name is that of memory dock/ship of "
	    "dock");
}
END_TEST

START_TEST(refuse_option)
{
	static const struct option_row both[] = {
		{ "ropes", OPTION_IS_NUM, 2, 9, 5, "How many.", NULL },
		{ "ropes", OPTION_IS_BOOL, 0, 0, 0, "Whether.", NULL },
	};

	REFUSED(option, "option Ropes of dock: its key is not valid", "Ropes",
	    OPTION_IS_NUM, 2, 9, 5, "How many.", NULL);
	REFUSED(option, "option ropes of dock: it has no known type", "ropes",
	    (enum option_type)4, 2, 9, 5, "How many.", NULL);
	REFUSED(option, "option masts of dock: a word or a list has no default",
	    "masts", OPTION_IS_LIST, 0, 9, 1, "Masts.", NULL);
	REFUSED(option, "option mast of dock: a word may not be empty", "mast",
	    OPTION_IS_WORD, 0, 9, 0, "A mast.", NULL);
	REFUSED(option, "option ropes of dock: its default is out of its range",
	    "ropes", OPTION_IS_NUM, 2, 9, 1, "How many.", NULL);
	REFUSED(option, "option ropes of dock: its default is out of its range",
	    "ropes", OPTION_IS_NUM, 2, 9, 10, "How many.", NULL);
	REFUSED(option, "option wet of dock: its default is out of its range",
	    "wet", OPTION_IS_BOOL, 0, 9, 2, "Whether.", NULL);
	REFUSED(option, "option ropes of dock: it has no help", "ropes",
	    OPTION_IS_NUM, 2, 9, 5, NULL, NULL);
	refused(&(const struct rows){ .of = "dock",
		    .option = both,
		    .noption = 2 },
	    "option ropes of dock: there is another one of its key");
}
END_TEST

/* A core trusts them, and does not check them each time. */
START_TEST(built_in_rows_are_good)
{
	struct tables t = { 0 };
	char buf[256];
	struct writer why;

	writer_init(&why, buf, sizeof(buf));
	ck_assert_msg(tables_add(&t, &core_rows, &why), "refused: %.*s",
	    SPAN_ARG(writer_done(&why)));
}
END_TEST

/* Expect that the last of so many rows is one too many. */
static void
one_too_many(const struct rows *r, const char *want)
{
	struct tables t = { 0 };
	char buf[256];
	struct writer why;

	writer_init(&why, buf, sizeof(buf));
	ck_assert(!tables_add(&t, r, &why));
	ck_assert_msg(span_eq(writer_done(&why), span_of(want)),
	    "refused: %.*s", SPAN_ARG(writer_done(&why)));
}

START_TEST(refuse_too_many)
{
	static struct command_row command[COMMANDS_MAX + 1];
	static struct cap_row cap[CAP_NONE + 1];
	static struct numeric_row numeric[NUMERICS_MAX + 1];
	static struct isupport_row token[TOKENS_MAX + 1];
	static struct later_row verb[LATER_MAX + 1];
	static char name[NUMERICS_MAX + 1][8];

	for (unsigned i = 0; i <= NUMERICS_MAX; i++) {
		snprintf(name[i], sizeof(name[i]), "N%c%c%c",
		    'A' + (char)(i / 676), 'A' + (char)(i / 26 % 26),
		    'A' + (char)(i % 26));
		numeric[i] = (struct numeric_row){ i + 1, name[i], "$" };
	}
	for (unsigned i = 0; i <= COMMANDS_MAX; i++)
		command[i] = (struct command_row){ span_of(name[i]), cmd_dock,
			0, COMMAND_USERS, "", NULL };
	for (unsigned i = 0; i <= CAP_NONE; i++)
		cap[i] = (struct cap_row){ .name = name[i], .values = "" };
	for (unsigned i = 0; i <= LATER_MAX; i++)
		verb[i] = (struct later_row){ name[i], "element" };
	for (unsigned i = 0; i <= TOKENS_MAX; i++)
		token[i] = (struct isupport_row){ .name = name[i] };
	one_too_many(&(struct rows){ .of = "dock",
			 .isupport = token,
			 .nisupport = TOKENS_MAX + 1 },
	    "token NACM of dock: there are 64 tokens already");
	one_too_many(&(struct rows){ .of = "dock",
			 .command = command,
			 .ncommand = COMMANDS_MAX + 1 },
	    "command NAJW of dock: there are 256 commands already");
	one_too_many(&(struct rows){ .of = "dock",
			 .later = verb,
			 .nlater = LATER_MAX + 1 },
	    "verb NAJW of dock: there are 256 verbs already");
	one_too_many(&(struct rows){ .of = "dock",
			 .cap = cap,
			 .ncap = CAP_NONE + 1 },
	    "capability NACJ of dock: there are 61 capabilities already");
	one_too_many(&(struct rows){ .of = "dock",
			 .numeric = numeric,
			 .nnumeric = NUMERICS_MAX + 1 },
	    "numeric NATS of dock: there are 512 numerics already");
}
END_TEST

/* All commands are found when the table is full, whatever their case. */
START_TEST(many_commands)
{
	static struct command_row command[COMMANDS_MAX];
	static char name[COMMANDS_MAX][8];
	struct tables t = { 0 };
	char buf[256], lower[8];
	struct writer why;

	for (unsigned i = 0; i < COMMANDS_MAX; i++) {
		snprintf(name[i], sizeof(name[i]), "X%c%c",
		    'A' + (char)(i / 26), 'A' + (char)(i % 26));
		command[i] = (struct command_row){ span_of(name[i]), cmd_dock,
			0, COMMAND_USERS, "", NULL };
	}
	writer_init(&why, buf, sizeof(buf));
	ck_assert(tables_add(&t,
	    &(struct rows){
		.of = "dock", .command = command, .ncommand = COMMANDS_MAX },
	    &why));
	for (unsigned i = 0; i < COMMANDS_MAX; i++) {
		snprintf(lower, sizeof(lower), "x%c%c", 'a' + (char)(i / 26),
		    'a' + (char)(i % 26));
		ck_assert_ptr_eq(command_find(&t, span_of(name[i])),
		    &command[i]);
		ck_assert_ptr_eq(command_find(&t, span_of(lower)), &command[i]);
	}
	ck_assert_ptr_null(command_find(&t, SPAN("XAAA")));
	ck_assert_ptr_null(command_find(&t, SPAN("")));
}
END_TEST

Suite *
rows_suite(void)
{
	Suite *s = suite_create("rows");
	TCase *t = unit_case("all");

	tcase_add_test(t, flag);
	tcase_add_test(t, value);
	tcase_add_test(t, list);
	tcase_add_test(t, status);
	tcase_add_test(t, user_mode);
	tcase_add_test(t, capability);
	tcase_add_test(t, command_and_numeric);
	tcase_add_test(t, told_at_registration);
	tcase_add_test(t, tokens_follow_the_settings);
	tcase_add_test(t, names_of_lists_and_fields);
	tcase_add_test(t, snapshot);
	tcase_add_test(t, later_verb);
	tcase_add_test(t, later_verb_has_the_tenure);
	tcase_add_test(t, built_in_rows_are_good);
	tcase_add_test(t, refuse_chan_mode);
	tcase_add_test(t, refuse_status);
	tcase_add_test(t, refuse_user_mode);
	tcase_add_test(t, refuse_cap);
	tcase_add_test(t, refuse_command);
	tcase_add_test(t, refuse_hook);
	tcase_add_test(t, refuse_numeric);
	tcase_add_test(t, refuse_isupport);
	tcase_add_test(t, refuse_verb);
	tcase_add_test(t, refuse_message);
	tcase_add_test(t, refuse_query);
	tcase_add_test(t, refuse_memory);
	tcase_add_test(t, refuse_option);
	tcase_add_test(t, a_hook_of_speech_has_the_clock);
	tcase_add_test(t, refuse_too_many);
	tcase_add_test(t, many_commands);
	suite_add_tcase(s, t);
	return s;
}
