/*
 * Rows that come and go while users are on (core/row_change.h): clients are
 * told, facts stay, and rows that stay keep their numbers.
 */
#include <stdio.h>
#include <string.h>

#include "core/cmd/cmd.h"
#include "core/facts/shown_list.h"
#include "core/sessions/listing.h"
#include "core/types/mode_value.h"
#include "lib/fleet.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define ADDED (UINT64_C(1) << CM_BUILTIN) /* the first row that is added */

/* ---- other rows ---------------------------------------------------------- */

static const struct chan_mode_row harbour_modes[] = {
	{ .letter = 'H',
	    .name = "harbour",
	    .field = "mode/harbour",
	    .type = MODE_FLAG },
};
static const struct status_row harbour_statuses[] = {
	{ .letter = 'w',
	    .prefix = '!',
	    .rank = 5,
	    .give = RANK_OP,
	    .over = RANK_OP,
	    .name = "watch",
	    .lacking = "watch" },
};
static const struct rows harbour = {
	.of = "harbour",
	.chan_mode = harbour_modes,
	.nchan_mode = N(harbour_modes),
	.status = harbour_statuses,
	.nstatus = N(harbour_statuses),
};

/* The letter and the name of a row of fleet, but not both. */
static const struct chan_mode_row pirate_modes[] = {
	{ .letter = 'C',
	    .name = "cold",
	    .field = "mode/cold",
	    .type = MODE_FLAG },
	{ .letter = 'K',
	    .name = "calm",
	    .field = "mode/calm",
	    .type = MODE_FLAG },
	{ .letter = 'd', /* a flag now */
	    .name = "draught",
	    .field = "mode/draught",
	    .type = MODE_FLAG },
};
static const struct cap_row pirate_caps[] = {
	{ .name = "banyan.test/fleet", .values = "oar" },
};
static const struct isupport_row pirate_tokens[] = {
	{ .name = "SAILS", .text = "black" },
};
static const struct rows pirates = {
	.of = "pirates",
	.chan_mode = pirate_modes,
	.nchan_mode = N(pirate_modes),
	.cap = pirate_caps,
	.ncap = N(pirate_caps),
	.isupport = pirate_tokens,
	.nisupport = N(pirate_tokens),
};

static const struct rows *const with_fleet[] = { &fleet };
static const struct rows *const with_both[] = { &fleet, &harbour };
static const struct rows *const with_harbour[] = { &harbour };
static const struct rows *const with_pirates[] = { &pirates };

/* ---- clients ------------------------------------------------------------- */

static void
hears_all(struct rig *r, unsigned client, const char *want)
{
	ck_assert_str_eq(rig_heard(r, client), want);
}

static struct settings conf[4]; /* the core reads the one before */
static unsigned nconf;

/* Read the configuration again, with these rows. */
static void
reload(struct rig *r, const struct rows *const *rows, size_t n)
{
	struct settings *set = &conf[nconf++ % N(conf)];

	*set = r->settings;
	set->rows = rows;
	set->nrows = n;
	for (unsigned i = 1; i <= 4; i++)
		(void)rig_heard(r, i);
	rig_conf(r, set);
}

/* Put alice, who is op, and bob on #c of a server with these rows. */
static void
begin(struct rig *r, const struct rows *const *rows, size_t n)
{
	rig_init_rows(r, "1AA", rows, n);
	rig_register(r, 1, "alice");
	rig_register(r, 2, "bob");
	rig_say(r, 1, "JOIN #c");
	rig_say(r, 2, "JOIN #c");
}

/* Make use of each row of fleet that a fact can have. */
static void
use_fleet(struct rig *r)
{
	rig_say(r, 1, "MODE #c +Cdgu 7 x!*@* bob");
	rig_say(r, 2, "MODE bob +B");
	rig_say(r, 2, "BERTH bob :quay 7");
}

static const struct chan *
chan(struct rig *r)
{
	return facts_find_chan(&r->core->facts, SPAN("#c"));
}

/* Return true if the facts have a line with that text. */
static bool
has_fact(struct rig *r, const char *text)
{
	struct span all = core_canon(r->core, r->arena);

	return memmem(all.p, all.n, text, strlen(text)) != NULL;
}

static void
has_facts_of_fleet(struct rig *r)
{
	ck_assert(has_fact(r, " mode/calm "));
	ck_assert(has_fact(r, " mode/draught "));
	ck_assert(has_fact(r, " pier "));
	ck_assert(has_fact(r, " pilot "));
	ck_assert(has_fact(r, " mode/boat "));
	ck_assert(has_fact(r, "kind=register,1,u1 +BERTH "));
}

/* ---- rows come ----------------------------------------------------------- */

START_TEST(come)
{
	struct rig r;

	begin(&r, NULL, 0);
	rig_says(&r, 1, "MODE #c +C", " 472 alice C ");
	rig_says(&r, 2, "FLEET 7", " 421 bob FLEET ");
	reload(&r, with_fleet, 1);
	hears_all(&r, 1,
	    rig_letters(&r,
		":irc.test 005 alice CHANMODES=$Ag,$B,$Cd,$DC MAXLIST=$Ag:100 "
		"PREFIX=(qaohuv)~&@%$+ STATUSMSG=~&@%$+ FLEET SAILS=main,jib "
		"DRAUGHTLEN=4 PIERS=g:100 :are supported by this server\r\n"));
	use_fleet(&r);
	rig_hears(&r, 2, " MODE #c +uCdg bob 7 x!*@*\r\n");
	rig_says(&r, 2, "MODE bob", " 221 bob +iB\r\n");
	rig_says(&r, 1, "NAMES #c", " :@alice $bob\r\n");
	rig_says(&r, 2, "FLEET 7", " 902 bob 7 :ships\r\n");
	rig_register(&r, 3, "carol");
	rig_say(&r, 3, "VERSION");
	rig_hears(&r, 3, " PREFIX=(qaohuv)~&@%$+ ");
	rig_fini(&r);
}
END_TEST

/* Facts without a row are shown when the row comes. */
START_TEST(come_to_facts)
{
	struct rig r;

	begin(&r, with_fleet, 1);
	use_fleet(&r);
	reload(&r, NULL, 0);
	reload(&r, with_fleet, 1);
	rig_hears(&r, 2, ":irc.test MODE #c +uCdg bob 7 x!*@*\r\n");
	rig_hears(&r, 2, "");
	rig_says(&r, 2, "MODE #c", " 324 bob #c +ntCd 7\r\n");
	rig_says(&r, 1, "NAMES #c", " :@alice $bob\r\n");
	rig_says(&r, 1, "MODE #c g", " 941 alice #c x!*@* alice!");
	rig_says(&r, 2, "MODE bob", " 221 bob +iB\r\n");
	rig_says(&r, 1, "BERTH bob", " 903 alice bob :quay 7\r\n");
	has_facts_of_fleet(&r);
	rig_fini(&r);
}
END_TEST

/* ---- rows go ------------------------------------------------------------- */

START_TEST(go)
{
	struct rig r;

	begin(&r, with_fleet, 1);
	use_fleet(&r);
	reload(&r, NULL, 0);
	hears_all(&r, 2,
	    rig_letters(&r,
		":irc.test MODE #c -uCdg bob x!*@*\r\n"
		":bob!u@127.0.0.1 MODE bob -B\r\n"
		":irc.test 005 bob CHANMODES=$A,$B,$C,$D MAXLIST=$A:100 "
		"PREFIX=(qaohv)~&@%+ STATUSMSG=~&@%+ -FLEET -SAILS -DRAUGHTLEN "
		"-PIERS :are supported by this server\r\n"));
	rig_says(&r, 2, "MODE #c", " 324 bob #c +nt\r\n");
	rig_says(&r, 1, "MODE #c +C", " 472 alice C ");
	rig_says(&r, 1, "MODE #c g", " 472 alice g ");
	rig_says(&r, 1, "MODE #c -u bob", " 472 alice u ");
	rig_says(&r, 1, "NAMES #c", " :@alice bob\r\n");
	rig_says(&r, 2, "MODE bob", " 221 bob +i\r\n");
	rig_says(&r, 2, "MODE bob +B", " 501 bob :Unknown mode flag B");
	rig_says(&r, 2, "PRIVMSG $#c :pilots", " 401 bob $#c ");
	rig_says(&r, 2, "FLEET 7", " 421 bob FLEET ");
	has_facts_of_fleet(&r);
	rig_register(&r, 3, "carol");
	rig_say(&r, 3, "VERSION");
	rig_hears(&r, 3, rig_letters(&r, " CHANMODES=$A,$B,$C,$D CHANNELLEN="));
	rig_fini(&r);
}
END_TEST

/* The welcome says nothing of a gap. */
START_TEST(gap_has_no_letter)
{
	const char *heard;
	struct rig r;

	rig_init_rows(&r, "1AA", with_both, 2);
	reload(&r, with_harbour, 1);
	rig_open(&r, 1);
	rig_say(&r, 1, "CAP LS 302");
	rig_say(&r, 1, "NICK alice");
	rig_say(&r, 1, "USER u 0 * :Alice");
	rig_say(&r, 1, "CAP END");
	heard = rig_heard(&r, 1);
	ck_assert_ptr_nonnull(strstr(heard,
	    rig_letters(&r, " iosw $A$B$C$DHqaohvw $A$B$Cqaohvw")));
	ck_assert_ptr_nonnull(strstr(heard, " PREFIX=(qaohvw)~&@%+! "));
	ck_assert_ptr_nonnull(strstr(heard,
	    rig_letters(&r, " CHANMODES=$A,$B,$C,$DH ")));
	ck_assert_ptr_nonnull(strstr(heard, " userhost-in-names\r\n"));
	rig_fini(&r);
}
END_TEST

/* A fact that changes while its row is gone is shown as it is then. */
START_TEST(facts_change_meanwhile)
{
	struct span cinc;
	char text[512];
	struct rig r;

	begin(&r, with_fleet, 1);
	use_fleet(&r);
	reload(&r, NULL, 0);
	cinc = rig_cinc(&r, "#c");
	snprintf(text, sizeof(text),
	    "ENTRY 2BB.7 1 1700000000900 * - 2\r\n"
	    "+CSET #c,%.*s mode/calm 2BB\r\n"
	    "+CSET #c,%.*s mode/draught 2BB :9\r\n",
	    SPAN_ARG(cinc), SPAN_ARG(cinc));
	(void)rig_heard(&r, 2);
	rig_apply(&r, text);
	hears_all(&r, 2, "");
	rig_say(&r, 2, "PART #c");
	rig_say(&r, 2, "JOIN #c");
	reload(&r, with_fleet, 1);
	rig_hears(&r, 2, ":irc.test MODE #c +dg 9 x!*@*\r\n");
	rig_fini(&r);
}
END_TEST

/* ---- numbers ------------------------------------------------------------- */

/* A row that stays is not shown anew, and has its number. */
START_TEST(others_stay)
{
	struct rig r;
	uint64_t bit = ADDED << fleet.nchan_mode;

	begin(&r, with_both, 2);
	use_fleet(&r);
	rig_say(&r, 1, "MODE #c +Hw bob");
	ck_assert_uint_ne(chan(&r)->modes & bit, 0);
	reload(&r, with_harbour, 1);
	rig_hears(&r, 2, ":irc.test MODE #c -uCdg bob x!*@*\r\n");
	ck_assert_uint_eq(chan(&r)->modes, CMB(NO_EXTERNAL) | CMB(TOPIC) | bit);
	rig_says(&r, 2, "MODE #c", " 324 bob #c +ntH\r\n");
	rig_says(&r, 1, "NAMES #c", " :@alice !bob\r\n");
	reload(&r, with_both, 2);
	rig_hears(&r, 2, ":irc.test MODE #c +uCdg bob 7 x!*@*\r\n");
	rig_says(&r, 1, "NAMES #c", " :@alice $bob\r\n");
	rig_fini(&r);
}
END_TEST

/* A letter goes from one row to another, and a name to another letter. */
START_TEST(letters_and_names_move)
{
	struct rig r;

	begin(&r, with_fleet, 1);
	use_fleet(&r);
	reload(&r, with_pirates, 1);
	rig_hears(&r, 2,
	    ":irc.test MODE #c -uCdg bob x!*@*\r\n"
	    ":bob!u@127.0.0.1 MODE bob -B\r\n"
	    ":irc.test MODE #c +Kd\r\n");
	rig_says(&r, 2, "MODE #c", " 324 bob #c +ntKd\r\n");
	rig_say(&r, 1, "MODE #c +C");
	rig_say(&r, 1, "MODE #c -K");
	reload(&r, with_fleet, 1);
	rig_hears(&r, 2,
	    ":irc.test MODE #c -Cd\r\n"
	    ":irc.test MODE #c +udg bob 7 x!*@*\r\n");
	rig_fini(&r);
}
END_TEST

static bool
is_no_draught(struct span s)
{
	(void)s;
	return false;
}

/* Read the configuration with rows of fleet that differ a little from those
 * before. */
static void
reload_like_fleet(struct rig *r, const struct rows *rows)
{
	const struct rows *const added[] = { rows };

	reload(r, added, 1);
}

/* A row that looks different to clients is another row: the old one goes, and
 * the new one comes. */
START_TEST(a_status_that_looks_different)
{
	struct status_row status = fleet.status[0];
	struct rows rank = fleet, prefix;
	struct status_row other;
	struct rig r;

	begin(&r, with_fleet, 1);
	use_fleet(&r);
	status.rank++;
	rank.status = &status;
	reload_like_fleet(&r, &rank);
	rig_hears(&r, 2,
	    ":irc.test MODE #c -u bob\r\n"
	    ":irc.test MODE #c +u bob\r\n");
	prefix = rank;
	other = status;
	other.prefix = '!';
	prefix.status = &other;
	reload_like_fleet(&r, &prefix);
	rig_hears(&r, 2,
	    ":irc.test MODE #c -u bob\r\n"
	    ":irc.test MODE #c +u bob\r\n");
	rig_says(&r, 1, "NAMES #c", " :@alice !bob\r\n");
	reload(&r, with_fleet, 1);
	rig_fini(&r);
}
END_TEST

START_TEST(a_user_mode_of_another_letter)
{
	struct user_mode_row mode = fleet.user_mode[0];
	struct rows like = fleet;
	struct rig r;

	begin(&r, with_fleet, 1);
	use_fleet(&r);
	mode.letter = 'Y';
	like.user_mode = &mode;
	reload_like_fleet(&r, &like);
	rig_hears(&r, 2,
	    ":bob!u@127.0.0.1 MODE bob -B\r\n"
	    ":bob!u@127.0.0.1 MODE bob +Y\r\n");
	reload(&r, with_fleet, 1);
	rig_fini(&r);
}
END_TEST

/* Rows of fleet with another type of value of +d. */
struct other_value {
	struct mode_value value;
	struct chan_mode_row mode[3];
	struct rows rows;
};

static void
make_other_value(struct other_value *o)
{
	ck_assert_uint_eq(fleet.nchan_mode, N(o->mode));
	memcpy(o->mode, fleet.chan_mode, sizeof(o->mode));
	o->value = *fleet.chan_mode[1].value;
	o->mode[1].value = &o->value;
	o->rows = fleet;
	o->rows.chan_mode = o->mode;
}

/* Clients see whether `-` takes a parameter. */
START_TEST(a_value_that_is_unset_by_a_parameter)
{
	struct other_value o;
	struct rig r;

	begin(&r, with_fleet, 1);
	use_fleet(&r);
	make_other_value(&o);
	o.value.arg_to_unset = true;
	reload_like_fleet(&r, &o.rows);
	rig_hears(&r, 2,
	    ":irc.test MODE #c -d\r\n"
	    ":irc.test MODE #c +d 7\r\n");
	rig_says(&r, 1, "MODE #c -d 7", " MODE #c -d 7\r\n");
	reload(&r, with_fleet, 1);
	rig_fini(&r);
}
END_TEST

/* If only functions differ, the row stays, and values are looked at again. */
START_TEST(a_value_that_is_read_otherwise)
{
	struct other_value o;
	struct rig r;

	begin(&r, with_fleet, 1);
	use_fleet(&r);
	make_other_value(&o);
	o.value.is_shown = is_no_draught;
	reload_like_fleet(&r, &o.rows);
	rig_hears(&r, 2, ":irc.test MODE #c -d\r\n");
	rig_says(&r, 2, "MODE #c", " 324 bob #c +ntC\r\n");
	reload(&r, with_fleet, 1);
	rig_hears(&r, 2, ":irc.test MODE #c +d 7\r\n");
	rig_fini(&r);
}
END_TEST

/* Gaps are used again, so numbers do not grow with each reload. */
START_TEST(gaps_are_used_again)
{
	struct tables first;
	struct rig r;

	begin(&r, with_both, 2);
	first = r.core->tables;
	for (unsigned i = 0; i < 100; i++) {
		reload(&r, with_harbour, 1);
		reload(&r, i % 2 == 0 ? with_pirates : with_fleet, 1);
		reload(&r, with_both, 2);
		ck_assert_uint_eq(r.core->tables.nchan_mode, first.nchan_mode);
		ck_assert_uint_eq(r.core->tables.nstatus, first.nstatus);
		ck_assert_uint_eq(r.core->tables.nuser_mode, first.nuser_mode);
		ck_assert_uint_eq(r.core->tables.ncap, first.ncap);
	}
	rig_fini(&r);
}
END_TEST

/* The masks of two lists stay apart, whichever of them has a row. */
START_TEST(lists)
{
	struct rig r;

	begin(&r, with_fleet, 1);
	rig_say(&r, 1, "MODE #c +gb a!*@* a!*@*");
	rig_say(&r, 1, "MODE #c +gb b!*@* c!*@*");
	reload(&r, with_harbour, 1);
	rig_hears(&r, 2, ":irc.test MODE #c -gg a!*@* b!*@*\r\n");
	rig_says(&r, 1, "MODE #c -b a!*@*", " MODE #c -b a!*@*\r\n");
	rig_says(&r, 2, "MODE #c b", " 367 bob #c c!*@* ");
	reload(&r, with_both, 2);
	rig_hears(&r, 2, ":irc.test MODE #c +gg a!*@* b!*@*\r\n");
	rig_says(&r, 1, "MODE #c -g a!*@*", " MODE #c -g a!*@*\r\n");
	rig_says(&r, 2, "MODE #c g", " 941 bob #c b!*@* ");
	rig_fini(&r);
}
END_TEST

/* Masks are found in an order by their list, also among those of a list that
 * never had a row. */
START_TEST(many_masks)
{
	struct span cinc;
	char text[256];
	struct rig r;

	begin(&r, with_fleet, 1);
	cinc = rig_cinc(&r, "#c");
	for (unsigned i = 0; i < 20; i++) {
		snprintf(text, sizeof(text),
		    "ENTRY 2BB.7 %u %lld * - 2\r\n"
		    "+LADD #c,%.*s %s 2BB 0 :m%02u!*@* x\r\n"
		    "+LADD #c,%.*s wharf 2BB 0 :m%02u!*@* x\r\n",
		    i + 1, 1700000000900LL + i, SPAN_ARG(cinc),
		    i % 3 == 0 ? "ban" : "pier", i, SPAN_ARG(cinc), 19 - i);
		rig_apply(&r, text);
	}
	for (unsigned n = 0; n < 2; n++) {
		reload(&r, n == 0 ? NULL : with_fleet, n);
		for (unsigned i = 0; i < 20; i++) {
			snprintf(text, sizeof(text), "m%02u!*@*", i);
			ck_assert_msg((shown_find(chan(&r), CM_BUILTIN + 2,
					   span_of(text)) != NULL) ==
					  (n == 1 && i % 3 != 0),
			    "%s", text);
		}
	}
	for (unsigned i = 1; i < 20; i += i % 3) {
		snprintf(text, sizeof(text), "MODE #c -g m%02u!*@*", i);
		rig_says(&r, 1, text, " MODE #c -g m");
	}
	rig_fini(&r);
}
END_TEST

/* Members on other servers are counted by their status (deliver.c). There is
 * room for the counts of statuses that come. */
START_TEST(statuses_of_remote_members)
{
	struct rig r;

	begin(&r, NULL, 0);
	rig_apply(&r,
	    "ENTRY 2BB.7 1 1001 * - 5\r\n"
	    "+READY 2BB 7 b.test :b\r\n"
	    "+USER 2BBAAAAAA ann ann b.test 192.0.2.1 192.0.2.1 :Ann\r\n"
	    "+NICK 2BBAAAAAA ann 1 1000\r\n"
	    "+CHAN #d,1.2BB\r\n"
	    "+JOIN #d,1.2BB 2BBAAAAAA\r\n");
	rig_apply(&r, "ENTRY 2BB.7 2 1002 * - 2\r\n"
		      "+STAT #d,1.2BB 2BB.7.1.4 voice on 2BB\r\n"
		      "+STAT #d,1.2BB 2BB.7.1.4 watch on 2BB\r\n");
	rig_overlay(&r, &(struct origin){ { "2BB" }, 7 }, 1);
	rig_say(&r, 2, "JOIN #d");
	rig_says(&r, 2, "NAMES #d", " :+ann bob\r\n");
	reload(&r, with_both, 2);
	rig_hears(&r, 2, ":irc.test MODE #d +w ann\r\n");
	rig_apply(&r, "ENTRY 2BB.7 3 1003 * - 1\r\n"
		      "+STAT #d,1.2BB 2BB.7.1.4 voice off 2BB\r\n");
	rig_says(&r, 2, "NAMES #d", " :!ann bob\r\n");
	reload(&r, with_fleet, 1);
	rig_hears(&r, 2, ":irc.test MODE #d -w ann\r\n");
	reload(&r, with_harbour, 1);
	rig_hears(&r, 2, ":irc.test MODE #d +w ann\r\n");
	rig_fini(&r);
}
END_TEST

/* ---- capabilities -------------------------------------------------------- */

START_TEST(caps)
{
	struct rig r;

	begin(&r, NULL, 0);
	rig_register(&r, 3, "carol");
	rig_open(&r, 4);
	rig_say(&r, 1, "CAP LS 302");
	rig_say(&r, 2, "CAP REQ :cap-notify");
	rig_say(&r, 4, "CAP LS 302");
	reload(&r, with_fleet, 1);
	rig_hears(&r, 1,
	    ":irc.test CAP alice NEW :banyan.test/fleet=sail,oar\r\n");
	hears_all(&r, 4, ":irc.test CAP * NEW :banyan.test/fleet=sail,oar\r\n");
	rig_hears(&r, 2, ":irc.test CAP bob NEW :banyan.test/fleet\r\n");
	ck_assert_ptr_null(strstr(rig_heard(&r, 3), "CAP"));
	rig_say(&r, 1, "CAP REQ :banyan.test/fleet");
	rig_say(&r, 3, "CAP REQ :banyan.test/fleet");
	rig_say(&r, 4, "CAP REQ :banyan.test/fleet");
	ck_assert_uint_ne(rig_session(&r, 1)->caps >> CAP_BUILTIN & 1, 0);

	reload(&r, with_pirates, 1);
	rig_hears(&r, 1, ":irc.test CAP alice NEW :banyan.test/fleet=oar\r\n");
	ck_assert_uint_ne(rig_session(&r, 1)->caps >> CAP_BUILTIN & 1, 0);

	reload(&r, NULL, 0);
	rig_hears(&r, 1, ":irc.test CAP alice DEL :banyan.test/fleet\r\n");
	rig_hears(&r, 2, ":irc.test CAP bob DEL :banyan.test/fleet\r\n");
	ck_assert_ptr_null(strstr(rig_heard(&r, 3), "CAP"));
	hears_all(&r, 4, ":irc.test CAP * DEL :banyan.test/fleet\r\n");
	for (unsigned i = 1; i <= 4; i++)
		ck_assert_uint_eq(rig_session(&r, i)->caps >> CAP_BUILTIN & 1,
		    0);
	rig_says(&r, 1, "CAP REQ :banyan.test/fleet", " NAK ");
	rig_says(&r, 1, "CAP LS 302", "userhost-in-names\r\n");
	rig_fini(&r);
}
END_TEST

/* Rows that are the same ones are not told again. */
START_TEST(nothing_changes)
{
	static const struct rows *const again[] = { &fleet };
	struct rig r;

	begin(&r, with_fleet, 1);
	use_fleet(&r);
	rig_say(&r, 1, "CAP LS 302");
	reload(&r, again, 1);
	hears_all(&r, 1, "");
	hears_all(&r, 2, "");
	rig_fini(&r);
}
END_TEST

/* ---- long answers -------------------------------------------------------- */

static bool
voyage_piece(struct step *st, struct session *s, struct listing *l)
{
	while (listing_has_room(st)) {
		reply_fail_or_notice(st, s, SPAN("VOYAGE"), SPAN("SAILING"),
		    SPAN("There is more sea"));
		l->at++;
	}
	return l->at > 100000;
}

static void
cmd_voyage(struct cmd *c)
{
	struct listing l = { .piece = voyage_piece };

	listing_start(c->st, c->s, &l);
}

static const struct command_row voyage_commands[] = {
	{ SPAN_INIT("VOYAGE"), cmd_voyage, 0, COMMAND_USERS, "", NULL },
};
static const struct rows voyage = {
	.of = "voyage",
	.command = voyage_commands,
	.ncommand = N(voyage_commands),
};

/* A long answer ends with its command, and the client goes on. */
START_TEST(long_answer_ends)
{
	static const struct rows *const added[] = { &voyage };
	struct rig r;

	begin(&r, added, 1);
	rig_say(&r, 2, "VOYAGE");
	ck_assert(r.drain[2]);
	ck_assert_ptr_nonnull(rig_session(&r, 2)->listing);
	reload(&r, with_fleet, 1);
	ck_assert_ptr_null(rig_session(&r, 2)->listing);
	rig_read(&r, 2);
	(void)rig_heard(&r, 2);
	rig_says(&r, 2, "PING x", " PONG ");
	ck_assert_ptr_null(strstr(rig_heard(&r, 2), "sea"));
	rig_fini(&r);
}
END_TEST

/* The long answers of other commands go on, and reach their ends. */
START_TEST(other_answers_go_on)
{
	static const struct rows *const added[] = { &voyage };
	struct rig r;

	begin(&r, added, 1);
	rig_say(&r, 2, "VOYAGE");
	rig_say(&r, 2, "LIST");
	ck_assert_ptr_nonnull(rig_session(&r, 2)->listing->next);
	reload(&r, with_fleet, 1);
	(void)rig_heard(&r, 2);
	rig_read(&r, 2);
	rig_hears(&r, 2, " 323 bob :");
	ck_assert_ptr_null(rig_session(&r, 2)->listing);
	rig_says(&r, 2, "PING x", " PONG ");
	rig_fini(&r);
}
END_TEST

/* A long answer goes on if other rows have its command, too. The rows before
 * are gone by then. */
START_TEST(long_answer_goes_on)
{
	struct command_row row = voyage_commands[0], same = row;
	struct rows before = voyage, after = voyage;
	const struct rows *const added[] = { &before };
	const struct rows *const others[] = { &after, &fleet };
	struct rig r;

	before.command = &row;
	after.command = &same;
	begin(&r, added, 1);
	rig_say(&r, 2, "VOYAGE");
	reload(&r, others, 2);
	ck_assert_ptr_nonnull(rig_session(&r, 2)->listing);
	before = (struct rows){ 0 };
	row = (struct command_row){ 0 };
	reload(&r, others, 1);
	ck_assert_ptr_nonnull(rig_session(&r, 2)->listing);
	rig_fini(&r);
}
END_TEST

static void
cmd_other(struct cmd *c)
{
	(void)c;
}

/* The name alone does not make it the same command. */
START_TEST(long_answer_ends_with_its_code)
{
	static const struct rows *const added[] = { &voyage };
	struct command_row row = voyage_commands[0];
	struct rows other = voyage;
	const struct rows *const others[] = { &other };
	struct rig r;

	row.run = cmd_other;
	other.command = &row;
	begin(&r, added, 1);
	rig_say(&r, 2, "VOYAGE");
	reload(&r, others, 1);
	ck_assert_ptr_null(rig_session(&r, 2)->listing);
	reload(&r, added, 1);
	rig_fini(&r);
}
END_TEST

/* ---- readers ------------------------------------------------------------- */

static struct span
read_all(struct arena *a, struct span text)
{
	(void)a;
	return text;
}

static const struct user_mode_row glasses[] = {
	{ .letter = 'X', .name = "x-ray", .field = "mode/x-ray" },
	{ .letter = 'Y', .name = "yellow", .field = "mode/yellow" },
};
static const struct rendered_row readers[] = {
	{ &glasses[0], read_all },
	{ &glasses[1], read_all },
};
static const struct rows x_ray = { .of = "x",
	.user_mode = &glasses[0],
	.nuser_mode = 1,
	.rendered = &readers[0],
	.nrendered = 1 };
static const struct rows yellow = { .of = "y",
	.user_mode = &glasses[1],
	.nuser_mode = 1,
	.rendered = &readers[1],
	.nrendered = 1 };
static const struct rows *const with_x_and_y[] = { &x_ray, &yellow };
static const struct rows *const with_y[] = { &yellow };

static uint64_t
reading(struct rig *r, unsigned client)
{
	return rig_session(r, client)->caps >> CAP_NONE;
}

/* A row of readers has another number when one before it goes. */
START_TEST(readers_have_their_row)
{
	struct rig r;

	begin(&r, with_x_and_y, 2);
	rig_says(&r, 1, "MODE alice +Y", "+Y");
	rig_says(&r, 2, "MODE bob +XY", "+XY");
	ck_assert_uint_eq(reading(&r, 1), 2);
	ck_assert_uint_eq(reading(&r, 2), 3);
	reload(&r, with_y, 1);
	ck_assert_uint_eq(reading(&r, 1), 1);
	ck_assert_uint_eq(reading(&r, 2), 1);
	rig_says(&r, 2, "CAP REQ :server-time", "ACK");
	ck_assert_uint_eq(reading(&r, 2), 1);
	rig_says(&r, 2, "MODE bob -Y", "-Y");
	ck_assert_uint_eq(reading(&r, 2), 0);
	reload(&r, with_x_and_y, 2);
	ck_assert_uint_eq(reading(&r, 1), 2);
	ck_assert_uint_eq(reading(&r, 2), 1);
	reload(&r, NULL, 0);
	ck_assert_uint_eq(reading(&r, 1), 0);
	rig_fini(&r);
}
END_TEST

Suite *
row_change_suite(void)
{
	Suite *s = suite_create("row_change");
	TCase *t = unit_case("all");

	tcase_add_test(t, come);
	tcase_add_test(t, come_to_facts);
	tcase_add_test(t, go);
	tcase_add_test(t, gap_has_no_letter);
	tcase_add_test(t, facts_change_meanwhile);
	tcase_add_test(t, others_stay);
	tcase_add_test(t, letters_and_names_move);
	tcase_add_test(t, a_status_that_looks_different);
	tcase_add_test(t, a_user_mode_of_another_letter);
	tcase_add_test(t, a_value_that_is_unset_by_a_parameter);
	tcase_add_test(t, a_value_that_is_read_otherwise);
	tcase_add_test(t, gaps_are_used_again);
	tcase_add_test(t, lists);
	tcase_add_test(t, many_masks);
	tcase_add_test(t, statuses_of_remote_members);
	tcase_add_test(t, caps);
	tcase_add_test(t, nothing_changes);
	tcase_add_test(t, long_answer_ends);
	tcase_add_test(t, other_answers_go_on);
	tcase_add_test(t, long_answer_goes_on);
	tcase_add_test(t, long_answer_ends_with_its_code);
	tcase_add_test(t, readers_have_their_row);
	suite_add_tcase(s, t);
	return s;
}
