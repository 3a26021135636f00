/*
 * Channels with another name (doc/decisions/0055). Server 002 has a user on
 * each of its channels, and client 1, ann, is on some of them.
 */
#include <stdio.h>
#include <string.h>

#include "core/facts/chan_name.h"
#include "core/facts/cname.h"
#include "core/facts/founding.h"
#include "core/facts/thin.h"
#include "core/types/cost.h"
#include "lib/text.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

struct scene {
	struct rig rig;
	unsigned n; /* the last entry of server 002 */
};

static void
foreign(struct scene *x, const char *parts)
{
	rig_apply_parts(&x->rig, "002.5", ++x->n, "-", parts);
}

/* Let 002 found a channel with that cinc, and ann join it. */
static void
found(struct scene *x, const char *name, unsigned ms)
{
	char text[512];

	snprintf(text, sizeof(text),
	    "+CHAN %s,%u.002\r\n+JOIN %s,%u.002 002AAAAAA\r\n", name, ms, name,
	    ms);
	foreign(x, text);
	snprintf(text, sizeof(text), "JOIN %s", name);
	rig_say(&x->rig, 1, text);
	(void)rig_heard(&x->rig, 1);
}

/* Write a +CNAME. */
static const char *
given(const char *chan, unsigned ms, const char *rest)
{
	static char text[512];

	snprintf(text, sizeof(text),
	    "@kind=register,1,c1 +CNAME %s,%u.002 002AAAAAA %s\r\n", chan, ms,
	    rest);
	return text;
}

static void
give(struct scene *x, const char *chan, unsigned ms, const char *rest)
{
	foreign(x, given(chan, ms, rest));
}

static void
begin(struct scene *x)
{
	*x = (struct scene){ 0 };
	rig_init(&x->rig);
	x->rig.class.flood_burst = 0;
	foreign(x, "+READY 002 5 two.test :two\r\n"
		   "+USER 002AAAAAA o o two.test h h :O\r\n"
		   "+NICK 002AAAAAA other 1 1500\r\n");
	rig_overlay(&x->rig, &(struct origin){ { "002" }, 5 }, 1);
	rig_register(&x->rig, 1, "ann");
	rig_say(&x->rig, 1, "CAP REQ :draft/channel-rename");
	(void)rig_heard(&x->rig, 1);
}

static void
hears(struct scene *x, const char *want)
{
	ck_assert_str_eq(rig_heard(&x->rig, 1), want);
}

/* Check what clients find under the name: the channel of that fact name. */
static void
finds(const struct scene *x, const char *name, const char *fact)
{
	const struct chan *c =
	    chan_name_find(&x->rig.core->facts, span_of(name));

	if (fact == NULL)
		ck_assert_ptr_null(c);
	else {
		ck_assert_ptr_nonnull(c);
		ck_assert(span_eq(rcbuf_span(c->fold), span_of(fact)));
	}
}

START_TEST(the_oldest_of_two_has_the_name)
{
	struct scene x;

	begin(&x);
	found(&x, "#young", 2000);
	found(&x, "#old", 1000);
	give(&x, "#young", 2000, "#Name :why");
	hears(&x, ":other!o@h RENAME #young #Name :why\r\n");
	finds(&x, "#name", "#young");
	finds(&x, "#young", NULL);
	give(&x, "#old", 1000, "#name :because");
	hears(&x, ":irc.test RENAME #Name #young "
		  ":The name is taken by another channel\r\n"
		  ":other!o@h RENAME #old #name :because\r\n");
	finds(&x, "#name", "#old");
	finds(&x, "#young", "#young");
	/* it goes to the other one, with the reason of that */
	give(&x, "#old", 1000, "#old");
	hears(&x, ":other!o@h RENAME #name #old :\r\n"
		  ":irc.test RENAME #young #Name :why\r\n");
	rig_fini(&x.rig);
}
END_TEST

START_TEST(a_fact_name_wins)
{
	struct scene x;

	begin(&x);
	found(&x, "#a", 1000);
	give(&x, "#a", 1000, "#b :why");
	hears(&x, ":other!o@h RENAME #a #b :why\r\n");
	foreign(&x, "+CHAN #b,3000.002\r\n"
		    "+JOIN #b,3000.002 002AAAAAA\r\n");
	hears(&x, ":irc.test RENAME #b #a "
		  ":The name is taken by another channel\r\n");
	finds(&x, "#a", "#a");
	finds(&x, "#b", "#b");
	/* a channel keeps its fact name for itself while it has another one */
	give(&x, "#b", 3000, "#c");
	finds(&x, "#c", "#b");
	finds(&x, "#b", NULL);
	finds(&x, "#a", "#a");
	hears(&x, "");
	rig_fini(&x.rig);
}
END_TEST

/* Each finds the name of the other one given away first. */
START_TEST(two_channels_exchange_names)
{
	struct scene x;
	char text[1024];

	begin(&x);
	found(&x, "#a", 1000);
	found(&x, "#b", 2000);
	give(&x, "#a", 1000, "#x");
	give(&x, "#b", 2000, "#y");
	(void)rig_heard(&x.rig, 1);
	snprintf(text, sizeof(text), "%s", given("#a", 1000, "#y"));
	strcat(text, given("#b", 2000, "#x"));
	foreign(&x, text);
	hears(&x,
	    ":irc.test RENAME #x #a :The name is taken by another channel\r\n"
	    ":irc.test RENAME #y #b :The name is taken by another channel\r\n"
	    ":other!o@h RENAME #a #y :\r\n"
	    ":other!o@h RENAME #b #x :\r\n");
	finds(&x, "#x", "#b");
	finds(&x, "#y", "#a");
	rig_fini(&x.rig);
}
END_TEST

/* Names that no client could read count as the fact name. */
START_TEST(only_names_are_names)
{
	static const char *const odd[] = { "b", "&b", "#b,c", "#b\x01", "#\xff",
		":b" };
	struct scene x;
	char text[300];

	begin(&x);
	found(&x, "#a", 1000);
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		give(&x, "#a", 1000, "#b");
		hears(&x, ":other!o@h RENAME #a #b :\r\n");
		give(&x, "#a", 1000, odd[i]);
		hears(&x, ":irc.test RENAME #b #a :\r\n");
	}
	memset(text, 'b', sizeof(text));
	text[0] = '#';
	text[200] = '\0';
	give(&x, "#a", 1000, text);
	ck_assert_uint_gt(strlen(rig_heard(&x.rig, 1)), 200);
	text[200] = 'b';
	text[201] = '\0';
	give(&x, "#a", 1000, text);
	ck_assert_uint_gt(strlen(rig_heard(&x.rig, 1)), 200);
	finds(&x, "#a", "#a");
	rig_fini(&x.rig);
}
END_TEST

/* The later write stays, whichever comes first, and goes with its founding. */
START_TEST(a_register_of_the_incarnation)
{
	struct scene x;
	const struct facts *f;

	begin(&x);
	f = &x.rig.core->facts;
	found(&x, "#a", 1000);
	give(&x, "#nowhere", 1000, "#b");
	give(&x, "#a", 1001, "#b");
	hears(&x, "");
	ck_assert_ptr_null(cname_place(f, SPAN("#b")));
	give(&x, "#a", 1000, "#b");
	give(&x, "#a", 1000, "#c");
	ck_assert_ptr_null(cname_place(f, SPAN("#b")));
	ck_assert_ptr_nonnull(cname_place(f, SPAN("#C")));
	(void)rig_heard(&x.rig, 1);
	foreign(&x, "+UNCHAN #a,1000.002 002.5.2.0\r\n");
	rig_hears(&x.rig, 1, "RENAME #c #a :\r\n");
	ck_assert_ptr_null(cname_place(f, SPAN("#c")));
	rig_fini(&x.rig);
}
END_TEST

#define MANY 2000

/* A linked server gives one name to very many incarnations. */
START_TEST(one_name_for_very_many)
{
	struct scene x;
	char text[256];
	uint64_t visits;

	begin(&x);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text),
		    "+CHAN #c%u,%u.002\r\n+JOIN #c%u,%u.002 002AAAAAA\r\n", i,
		    5000 + i, i, 5000 + i);
		foreign(&x, text);
		snprintf(text, sizeof(text), "#c%u", i);
		give(&x, text, 5000 + i, "#name");
	}
	finds(&x, "#name", "#c0");
	visits = x.rig.core->facts.visits;
	foreign(&x, "+PART #c0,5000.002 002.5.2.1\r\n");
	finds(&x, "#name", "#c1");
	ck_assert_uint_lt(x.rig.core->facts.visits - visits, 50);
	rig_fini(&x.rig);
}
END_TEST

/* ---- the cost of renames that others cause ------------------------------- */

#define LOCALS 24 /* clients on each large channel */
#define LARGE 20  /* channels */
#define UNITS 10000

/* A turn may be overspent by this. To rename a large channel costs about half
 * as much, with the answers to those who see it as a JOIN. */
#define OVER (LOCALS * 6 * (COST_LINE + COST_SEND))

/* Write parts of that form, which has one number, one for each channel. */
static const char *
for_each(const char *form)
{
	static char text[LARGE * 200];
	size_t n = 0;

	for (unsigned i = 0; i < LARGE; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		n += (size_t)snprintf(text + n, sizeof(text) - n, form, i, i);
#pragma GCC diagnostic pop
	}
	return text;
}

/* Begin with #b0, #b1 … */
static void
begin_some(struct scene *x)
{
	begin(x);
	x->rig.class.channels = 0;
	foreign(x, for_each("+CHAN #b%u,5000.002\r\n"
			    "+JOIN #b%u,5000.002 002AAAAAA\r\n"));
}

/* Let them be large. */
static void
join_all(struct scene *x)
{
	char nick[16], line[32];

	for (unsigned i = 2; i < LOCALS + 2; i++) {
		snprintf(nick, sizeof(nick), "local%u", i);
		rig_register(&x->rig, i, nick);
		for (unsigned k = 0; k < LARGE; k++) {
			snprintf(line, sizeof(line), "JOIN #b%u", k);
			rig_say(&x->rig, i, line);
		}
	}
}

static void
name_all(struct scene *x)
{
	foreign(x, for_each("@kind=register,1,c1 +CNAME #b%u,5000.002 "
			    "002AAAAAA #n%u\r\n"));
	finds(x, "#n0", "#b0");
}

/* Let #b0, #b1 … be large, and be shown as #n0, #n1 … */
static void
begin_large(struct scene *x)
{
	begin_some(x);
	join_all(x);
	name_all(x);
	x->rig.no_ticks = true;
	for (unsigned i = 2; i < LOCALS + 2; i++)
		(void)rig_heard(&x->rig, i);
}

/* Apply the parts in turns that may cost little, and be overspent by `over`. */
static void
costs_its_turns(struct scene *x, const char *parts, int over)
{
	static char text[LARGE * 250];
	const char *why;
	struct entry *e;
	unsigned slices = 0;
	bool done;

	x->n++;
	snprintf(text, sizeof(text), "ENTRY 002.5 %u %u * - %u\r\n%s", x->n,
	    2000 + x->n, text_count(parts, "\r\n"), parts);
	e = entry_from_text(span_of(text), &why);
	ck_assert_msg(e != NULL, "%s", why);
	do {
		x->rig.core->work.left = UNITS;
		done =
		    core_apply(x->rig.core, &x->rig.ev, e, false, &x->rig.fx);
		ck_assert_int_ge(x->rig.core->work.left, -over);
		rig_drain(&x->rig);
		slices++;
	} while (!done);
	entry_unref(e);
	ck_assert_uint_ge(slices, LARGE / 6);
}

/* Check that clients were told of all renames, once. */
static void
all_are_renamed(struct scene *x, const char *to)
{
	for (unsigned i = 2; i < LOCALS + 2; i++)
		ck_assert_uint_eq(text_count(rig_heard(&x->rig, i), to), LARGE);
}

/* Channels come whose fact names are the names of large ones, and end. */
START_TEST(very_many_lose_their_names)
{
	struct scene x;
	char text[LARGE * 64];
	size_t n = 0;

	begin_large(&x);
	costs_its_turns(&x,
	    for_each("+CHAN #n%u,9000.002\r\n"
		     "+JOIN #n%u,9000.002 002AAAAAA\r\n"),
	    OVER);
	all_are_renamed(&x, " JOIN #b");
	finds(&x, "#b0", "#b0");
	for (unsigned i = 0; i < LARGE; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "+PART #n%u,9000.002 002.5.%u.%u\r\n", i, x.n, 2 * i + 1);
	costs_its_turns(&x, text, OVER);
	all_are_renamed(&x, " JOIN #n");
	finds(&x, "#n0", "#b0");
	rig_fini(&x.rig);
}
END_TEST

/* One user quits with whom all of these end. The last piece is larger. */
START_TEST(very_many_names_are_returned_by_one)
{
	struct scene x;

	begin_large(&x);
	foreign(&x, "+USER 002BBBBBB p p two.test h h :P\r\n"
		    "+NICK 002BBBBBB pat 1 1500\r\n");
	foreign(&x, for_each("+CHAN #n%u,9000.002\r\n"
			     "+JOIN #n%u,9000.002 002BBBBBB\r\n"));
	all_are_renamed(&x, " JOIN #b");
	costs_its_turns(&x, "+QUIT 002BBBBBB :bye\r\n",
	    THIN_MAX * 2 * (COST_LINE + COST_SEND));
	all_are_renamed(&x, " JOIN #n");
	finds(&x, "#n0", "#b0");
	rig_fini(&x.rig);
}
END_TEST

/* Older channels are given the names of large ones, and other names. */
START_TEST(very_many_names_are_given)
{
	struct scene x;

	begin_large(&x);
	foreign(&x, for_each("+CHAN #s%u,1000.002\r\n"
			     "+JOIN #s%u,1000.002 002AAAAAA\r\n"));
	costs_its_turns(&x,
	    for_each("@kind=register,1,c1 +CNAME #s%u,1000.002 "
		     "002AAAAAA #n%u\r\n"),
	    OVER);
	all_are_renamed(&x, " JOIN #b");
	finds(&x, "#n0", "#s0");
	costs_its_turns(&x,
	    for_each("@kind=register,1,c1 +CNAME #s%u,1000.002 "
		     "002AAAAAA #t%u\r\n"),
	    OVER);
	all_are_renamed(&x, " JOIN #n");
	finds(&x, "#n0", "#b0");
	rig_fini(&x.rig);
}
END_TEST

/* Another incarnation is shown, which has been given the name of a large
 * channel. */
START_TEST(very_many_incarnations_have_names)
{
	struct scene x;

	begin_large(&x);
	foreign(&x, "+USER 002BBBBBB p p two.test h h :P\r\n"
		    "+NICK 002BBBBBB pat 1 1500\r\n");
	foreign(&x, for_each("+CHAN #s%u,2000.002\r\n"
			     "+JOIN #s%u,2000.002 002AAAAAA\r\n"));
	foreign(&x, for_each("+CHAN #s%u,1000.002\r\n"
			     "@kind=register,1,c1 +CNAME #s%u,1000.002 "
			     "002AAAAAA #N\r\n"));
	foreign(&x, for_each("@kind=register,1,c1 +CNAME #s%u,1000.002 "
			     "002AAAAAA #n%u\r\n"));
	finds(&x, "#n0", "#b0");
	costs_its_turns(&x, for_each("+JOIN #s%u,1000.002 002BBBBBB\r\n"),
	    OVER);
	all_are_renamed(&x, " JOIN #b");
	finds(&x, "#n0", "#s0");
	rig_fini(&x.rig);
}
END_TEST

/* Let turns go by, in which clients read, and check that each brings little.
 * Return how many there were. */
static unsigned
take_turns(struct scene *x)
{
	unsigned turns = 0;

	do {
		ck_assert_uint_le(x->rig.queued, 8 * LOCALS);
		x->rig.queued = 0;
		turns++;
		for (unsigned i = 1; i < LOCALS + 2; i++)
			if (x->rig.drain[i])
				rig_read(&x->rig, i);
	} while (rig_tick(&x->rig));
	return turns;
}

/* A server goes, whose users have the names of large channels, and comes. */
START_TEST(very_many_names_of_a_server)
{
	struct scene x;

	begin_large(&x);
	rig_apply_parts(&x.rig, "003.5", 1, "-",
	    "+READY 003 5 three.test :three\r\n");
	for (unsigned i = 0; i < LARGE; i++) {
		char text[256];

		snprintf(text, sizeof(text),
		    "+USER 003AAAA%02u q q three.test h h :Q\r\n"
		    "+NICK 003AAAA%02u q%u 1 1500\r\n"
		    "+CHAN #n%u,9000.003\r\n"
		    "+JOIN #n%u,9000.003 003AAAA%02u\r\n",
		    i, i, i, i, i, i);
		rig_apply_parts(&x.rig, "003.5", i + 2, "-", text);
	}
	finds(&x, "#n0", "#b0");
	x.rig.settings.turn_work = UNITS;
	for (unsigned comes = 1; comes < 2; comes--) {
		rig_advance(&x.rig, 1);
		(void)rig_tick(&x.rig);
		x.rig.queued = 0;
		rig_overlay(&x.rig,
		    (struct origin[]){
			{ { "002" }, 5 }, { { "003" }, comes * 5 } },
		    2);
		ck_assert_uint_ge(take_turns(&x), 3);
		finds(&x, "#n0", comes ? "#n0" : "#b0");
	}
	rig_fini(&x.rig);
}
END_TEST

/* A snapshot brings the names of large channels. */
START_TEST(very_many_names_of_a_snapshot)
{
	struct vector none = { 0 };
	struct scene x, y;

	begin_some(&x);
	join_all(&x);
	begin_some(&y);
	name_all(&y);
	x.rig.no_ticks = true;
	x.rig.settings.turn_work = 4 * UNITS;
	rig_advance(&x.rig, 1);
	(void)rig_tick(&x.rig);
	for (unsigned i = 2; i < LOCALS + 2; i++)
		(void)rig_heard(&x.rig, i);
	x.rig.queued = 0;
	core_install(x.rig.core, &x.rig.ev, rig_snapshot(&y.rig, &x.rig), &none,
	    &none, &x.rig.fx);
	core_install_go(x.rig.core, &x.rig.ev, &x.rig.fx);
	rig_drain(&x.rig);
	ck_assert_uint_ge(take_turns(&x), LARGE / 6);
	ck_assert(!core_is_installing(x.rig.core));
	all_are_renamed(&x, " JOIN #n");
	finds(&x, "#n0", "#b0");
	rig_fini(&y.rig);
	rig_fini(&x.rig);
}
END_TEST

/* ---- lines --------------------------------------------------------------- */

/* The names of a RENAME need 510 bytes behind the user who gives the name. With
 * one more byte the server tells it. */
START_TEST(both_names_fit_into_a_line)
{
	char text[700], a[201], b[201], want[1100];
	struct scene x;

	for (unsigned over = 0; over < 3; over++) {
		begin(&x);
		x.rig.settings.channel_len = 200;
		snprintf(text, sizeof(text),
		    "+USER 002BBBBBB p %s two.test h %s :P\r\n"
		    "+NICK 002BBBBBB %s 1 1500\r\n",
		    "uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu",
		    "hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh"
		    "hhhhh",
		    "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnn");
		foreign(&x, text);
		memset(a, 'a', sizeof(a));
		memset(b, 'b', sizeof(b));
		a[0] = b[0] = '#';
		a[200] = b[170 + over] = '\0';
		found(&x, a, 1000);
		snprintf(text, sizeof(text), ":%s!%s@%s RENAME ",
		    "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnn",
		    "uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu",
		    "hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh"
		    "hhhhh");
		snprintf(want, sizeof(want), "%s%s %s :%s\r\n",
		    over < 2 ? text : ":irc.test RENAME ", a, b,
		    over == 0	? "w"
		    : over == 1 ? ""
				: "why");
		snprintf(text, sizeof(text),
		    "@kind=register,1,c1 +CNAME %s,1000.002 002BBBBBB %s "
		    ":why\r\n",
		    a, b);
		foreign(&x, text);
		hears(&x, want);
		rig_fini(&x.rig);
	}
}
END_TEST

/* A client that reads nothing has one more answer waiting, not one for each
 * rename; and it is told all members when it reads. */
START_TEST(one_answer_for_many_renames)
{
	struct scene x;
	char text[64];
	const char *out;

	begin(&x);
	x.rig.class.sendq = 4096;
	rig_register(&x.rig, 2, "ben");
	found(&x, "#a", 1000);
	rig_say(&x.rig, 2, "JOIN #a");
	while (!x.rig.drain[2])
		rig_say(&x.rig, 2, "NAMES #a");
	(void)rig_heard(&x.rig, 2);
	for (unsigned i = 0; i < 20; i++) {
		snprintf(text, sizeof(text), "#b%u", i);
		give(&x, "#a", 1000, text);
		if (i == 9)
			foreign(&x, "+USER 002BBBBBB p p two.test h h :P\r\n"
				    "+NICK 002BBBBBB pat 1 1500\r\n"
				    "+JOIN #a,1000.002 002BBBBBB\r\n");
	}
	while (x.rig.drain[2])
		rig_read(&x.rig, 2);
	out = rig_heard(&x.rig, 2);
	ck_assert_uint_eq(text_count(out, ":ben!u@127.0.0.1 JOIN #"), 20);
	ck_assert_uint_eq(text_count(out, " 366 "), 1);
	ck_assert_ptr_nonnull(strstr(out, " = #b19 :other ann ben pat\r\n"));
	rig_fini(&x.rig);
}
END_TEST

Suite *
cname_suite(void)
{
	Suite *s = suite_create("cname");
	TCase *t = unit_case("all");

	tcase_add_test(t, the_oldest_of_two_has_the_name);
	tcase_add_test(t, a_fact_name_wins);
	tcase_add_test(t, two_channels_exchange_names);
	tcase_add_test(t, only_names_are_names);
	tcase_add_test(t, a_register_of_the_incarnation);
	tcase_add_test(t, one_name_for_very_many);
	tcase_add_test(t, very_many_lose_their_names);
	tcase_add_test(t, very_many_names_are_returned_by_one);
	tcase_add_test(t, very_many_names_are_given);
	tcase_add_test(t, very_many_incarnations_have_names);
	tcase_add_test(t, very_many_names_of_a_server);
	tcase_add_test(t, very_many_names_of_a_snapshot);
	tcase_add_test(t, both_names_fit_into_a_line);
	tcase_add_test(t, one_answer_for_many_renames);
	suite_add_tcase(s, t);
	return s;
}
