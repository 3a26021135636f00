/*
 * A command asks whether its user is on lists that have very many masks: they
 * are compared in slices before it runs (core/cmd/judge.h). The client is
 * answered the same as if they were short.
 */
#include <stdio.h>
#include <string.h>

#include "core/cmd/judge.h"
#include "core/types/cost.h"
#include "lib/text.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

#define CHANS 6
#define MASKS 800 /* of each channel */
#define TURN 16000
#define TURNS (CHANS * MASKS * COST_VISIT / TURN) /* that it takes, at least */
/* units that a turn may be overspent: the line, and what it does in the end */
#define OVER 8000

struct scene {
	struct rig rig;
	unsigned n; /* the last entry of server 002 */
	char all[1 << 16];
};

/* Apply an entry of server 002. */
static void
apply(struct scene *x, const char *parts)
{
	rig_apply_parts(&x->rig, "002.5", ++x->n, "-", parts);
}

/* Do the same, and run turns until all is done. */
static void
foreign(struct scene *x, const char *parts)
{
	apply(x, parts);
	while (rig_tick(&x->rig))
		;
}

static void
add(struct scene *x, unsigned chan, const char *list, const char *mask)
{
	char text[256];

	snprintf(text, sizeof(text), "+LADD #c%u,1.002 %s 002 0 :%s 002\r\n",
	    chan, list, mask);
	foreign(x, text);
}

static void
add_many(struct scene *x, unsigned chan, unsigned masks)
{
	char text[8192];
	size_t n = 0;

	for (unsigned i = 0; i < masks; i++) {
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "+LADD #c%u,1.002 ban 002 0 :m%04u!*@* 002\r\n", chan, i);
		if (i % 100 == 99 || i == masks - 1) {
			foreign(x, text);
			n = 0;
		}
	}
}

/* Server 002 has user zed on CHANS channels with that many bans, and client 1
 * is on none of them. */
static void
begin(struct scene *x, unsigned masks)
{
	char text[256];

	x->n = 0;
	rig_init(&x->rig);
	x->rig.class.flood_burst = 0;
	rig_register(&x->rig, 1, "alice");
	rig_register(&x->rig, 2, "bob");
	foreign(x, "+READY 002 5 two.test :two\r\n"
		   "+USER 002B00000 z z two.test 192.0.2.2 192.0.2.2 :Z\r\n"
		   "+NICK 002B00000 zed 1 1500\r\n");
	rig_overlay(&x->rig, &(struct origin){ { "002" }, 5 }, 1);
	for (unsigned c = 0; c < CHANS; c++) {
		snprintf(text, sizeof(text),
		    "+CHAN #c%u,1.002\r\n+JOIN #c%u,1.002 002B00000\r\n", c, c);
		foreign(x, text);
		add_many(x, c, masks);
	}
	/* banned; banned and excepted; not invited; invited by a mask */
	add(x, 1, "ban", "alice!*@*");
	add(x, 2, "ban", "alice!*@*");
	add(x, 2, "exception", "a*!*@*");
	foreign(x, "+CSET #c3,1.002 mode/invite-only 002 :1\r\n"
		   "+CSET #c4,1.002 mode/invite-only 002 :1\r\n");
	add(x, 4, "invite-exception", "ali*!*@*");
	x->rig.settings.turn_work = TURN;
	x->rig.no_ticks = true;
	rig_advance(&x->rig, 1);
	(void)rig_tick(&x->rig);
	(void)rig_heard(&x->rig, 1);
	(void)rig_heard(&x->rig, 2);
}

/* Run one turn, which may cost as much as any other. */
static bool
turn(struct scene *x)
{
	bool more = rig_tick(&x->rig);

	ck_assert_int_ge(x->rig.core->work.left, -OVER);
	return more;
}

/* Let turns pass until the client may send its next line. Return how many. */
static unsigned
wait_for(struct scene *x, unsigned client)
{
	unsigned turns = 0;

	while (x->rig.granted[client] == 0) {
		ck_assert(turn(x));
		ck_assert_uint_lt(turns++, 10000);
	}
	return turns;
}

static const char *
heard(struct scene *x, unsigned client)
{
	snprintf(x->all, sizeof(x->all), "%s", rig_heard(&x->rig, client));
	return x->all;
}

/* The text has these pieces in that order. */
static void
in_order(const char *text, const char *const *piece)
{
	const char *at = text;

	for (; *piece != NULL; piece++) {
		at = strstr(at, *piece);
		ck_assert_msg(at != NULL, "no %s, or not there, in:\n%s",
		    *piece, text);
	}
}

static const char *const answers[] = { " 474 alice #c1 ", " 473 alice #c3 ",
	" JOIN #c0\r\n", " JOIN #c2\r\n", " JOIN #c4\r\n", " JOIN #c5\r\n",
	NULL };

START_TEST(a_join_of_channels_with_very_many_bans)
{
	struct scene x;

	begin(&x, _i == 0 ? 3 : MASKS);
	if (_i == 0)
		x.rig.core->turn = 0x10000; /* with room for 32 masks */
	rig_say(&x.rig, 1, "JOIN #c0,#c1,#c2,#c3,#c4,#c5,#c1");
	ck_assert_int_ge(x.rig.core->work.left, -OVER);
	if (_i == 0)
		ck_assert_uint_eq(wait_for(&x, 1), 0);
	else
		ck_assert_uint_ge(wait_for(&x, 1), TURNS);
	in_order(heard(&x, 1), answers);
	ck_assert_uint_eq(text_count(x.all, " JOIN #c"), 4);
	ck_assert_uint_eq(text_count(x.all, " 47"), 2);
	rig_fini(&x.rig);
}
END_TEST

/* The answer has its label, others are served meanwhile, and the next line of
 * the client comes behind. */
START_TEST(a_labelled_join_waits)
{
	struct scene x;
	unsigned turns = 0;

	begin(&x, MASKS);
	rig_says(&x.rig, 1, "CAP REQ :labeled-response batch", " ACK ");
	(void)wait_for(&x, 1);
	rig_say(&x.rig, 1, "@label=7 JOIN #c0,#c1,#c2,#c3,#c4,#c5");
	for (; x.rig.granted[1] == 0; turns++) {
		ck_assert(turn(&x));
		(void)wait_for(&x, 2);
		rig_says(&x.rig, 2, "PING x", " PONG irc.test :x\r\n");
	}
	ck_assert_uint_ge(turns, TURNS / 2);
	in_order(heard(&x, 1), answers);
	ck_assert_uint_eq(text_count(x.all, "label=7"), 1);
	ck_assert_uint_eq(text_count(x.all, " BATCH -"), 1);
	ck_assert_uint_eq(text_count(x.all, "@batch="),
	    text_count(x.all, "\r\n") - 2);
	rig_fini(&x.rig);
}
END_TEST

/* Messages to a channel with very many bans keep their order. */
START_TEST(messages_wait_for_the_bans)
{
	static const char *const order[] = { "PRIVMSG #c0 :one\r\n",
		"PRIVMSG #c0 :two\r\n", NULL };
	struct scene x;

	begin(&x, MASKS);
	rig_say(&x.rig, 2, "JOIN #c0");
	(void)wait_for(&x, 2);
	rig_say(&x.rig, 1, "PRIVMSG #c1,#c0 :one");
	ck_assert_uint_ge(wait_for(&x, 1), TURNS / CHANS);
	rig_hears(&x.rig, 1, " 404 alice #c1 :");
	rig_say(&x.rig, 1, "PRIVMSG #c0 :two");
	(void)wait_for(&x, 1);
	in_order(heard(&x, 2), order);
	/* the bans do not matter to a voice */
	foreign(&x, "+STAT #c0,1.002 002.5.2.1 voice off 002\r\n");
	rig_fini(&x.rig);
}
END_TEST

/* The end of a batch waits, and then the message is said as a whole, under the
 * label of its beginning. The batch does not run out meanwhile. */
START_TEST(a_batch_waits_for_the_bans)
{
	static const char *const order[] = { "PRIVMSG #c0 :one\r\n",
		"PRIVMSG #c0 :two\r\n", NULL };
	struct scene x;

	begin(&x, MASKS);
	rig_say(&x.rig, 2, "JOIN #c0");
	(void)wait_for(&x, 2);
	(void)heard(&x, 2);
	rig_says(&x.rig, 1,
	    "CAP REQ :batch draft/multiline labeled-response echo-message",
	    " ACK ");
	rig_say(&x.rig, 1, "@label=7 BATCH +1 draft/multiline #c0");
	rig_say(&x.rig, 1, "@batch=1 PRIVMSG #c0 :one");
	rig_say(&x.rig, 1, "@batch=1 PRIVMSG #c0 :two");
	(void)heard(&x, 1);
	rig_say(&x.rig, 1, "BATCH -1");
	rig_advance(&x.rig, 90000);
	ck_assert(turn(&x));
	ck_assert_str_eq(heard(&x, 1), "");
	ck_assert_uint_ge(wait_for(&x, 1), TURNS / CHANS / 2);
	ck_assert_uint_eq(text_count(heard(&x, 1), "label=7"), 1);
	in_order(x.all, order);
	in_order(heard(&x, 2), order);
	ck_assert_uint_eq(text_count(x.all, "PRIVMSG"), 2);
	rig_says(&x.rig, 1, "BATCH -1", " FAIL BATCH MULTILINE_INVALID ");
	rig_fini(&x.rig);
}
END_TEST

/* A NICK waits for the bans of all channels of the user, which are not in its
 * line. */
START_TEST(a_nick_waits_for_the_bans)
{
	struct scene x;

	begin(&x, MASKS);
	rig_say(&x.rig, 1, "JOIN #c0,#c2,#c4,#c5");
	(void)wait_for(&x, 1);
	rig_say(&x.rig, 1, "NICK alicia");
	ck_assert_uint_ge(wait_for(&x, 1), TURNS * 4 / CHANS);
	rig_hears(&x.rig, 1, " NICK :alicia\r\n");
	add(&x, 5, "ban", "ali*!*@*");
	(void)heard(&x, 1);
	rig_say(&x.rig, 1, "NICK alix");
	ck_assert_uint_ge(wait_for(&x, 1), TURNS / CHANS);
	rig_hears(&x.rig, 1, " 435 alicia alix #c5 :");
	/* another spelling asks for no list */
	rig_say(&x.rig, 1, "NICK Alicia");
	ck_assert_uint_eq(wait_for(&x, 1), 0);
	rig_hears(&x.rig, 1, " NICK :Alicia\r\n");
	rig_fini(&x.rig);
}
END_TEST

/* Let client 1 ask to join two channels, and let as many turns pass as the bans
 * of one channel take at least. The client still waits. */
static void
compare_one(struct scene *x)
{
	rig_say(&x->rig, 1, "JOIN #c0,#c5");
	for (unsigned i = 0; i < TURNS / CHANS; i++)
		ck_assert(turn(x));
	ck_assert_uint_eq(x->rig.granted[1], 0);
}

/* A ban that comes behind the place of the comparison counts. */
START_TEST(a_ban_that_comes_meanwhile_counts)
{
	struct scene x;

	begin(&x, MASKS);
	compare_one(&x);
	apply(&x, "+LADD #c0,1.002 ban 002 0 :*!*@127.0.0.1 002\r\n");
	(void)wait_for(&x, 1);
	rig_hears(&x.rig, 1, " 474 alice #c0 ");
	rig_fini(&x.rig);
}
END_TEST

/* The same for the bans of an incarnation that is shown meanwhile. */
START_TEST(an_incarnation_that_comes_meanwhile_counts)
{
	struct scene x;

	begin(&x, MASKS);
	apply(&x, "+USER 002C00000 y y two.test h h :Y\r\n"
		  "+CHAN #c0,0.002\r\n"
		  "+LADD #c0,0.002 ban 002 0 :alice!*@* 002\r\n");
	compare_one(&x);
	apply(&x, "+JOIN #c0,0.002 002C00000\r\n");
	(void)wait_for(&x, 1);
	rig_hears(&x.rig, 1, " 474 alice #c0 ");
	rig_fini(&x.rig);
}
END_TEST

/* A linked server changes a list again and again. The client does not wait for
 * ever. */
START_TEST(a_list_that_never_rests)
{
	struct scene x;
	unsigned turns = 0;
	char text[128];

	begin(&x, MASKS);
	rig_say(&x.rig, 1, "JOIN #c0");
	for (; x.rig.granted[1] == 0; turns++) {
		ck_assert(turn(&x));
		snprintf(text, sizeof(text),
		    "+LADD #c0,1.002 ban 002 0 :x%u!*@* 002\r\n", turns);
		apply(&x, text);
		ck_assert_uint_lt(turns, 40 * TURNS);
	}
	rig_hears(&x.rig, 1, " JOIN #c0\r\n");
	rig_fini(&x.rig);
}
END_TEST

START_TEST(the_client_goes_meanwhile)
{
	struct scene x;

	begin(&x, MASKS);
	rig_say(&x.rig, 1, "JOIN #c0,#c1");
	rig_say(&x.rig, 2, "JOIN #c0,#c1");
	ck_assert(turn(&x));
	rig_close(&x.rig, 1);
	ck_assert(turn(&x));
	foreign(&x, "+SAY KILL 002 002B00000 * :bye\r\n");
	(void)wait_for(&x, 2);
	rig_hears(&x.rig, 2, " JOIN #c1\r\n");
	rig_fini(&x.rig);
}
END_TEST

Suite *
judge_suite(void)
{
	Suite *s = suite_create("judge");
	TCase *t = unit_case("all");

	tcase_add_loop_test(t, a_join_of_channels_with_very_many_bans, 0, 2);
	tcase_add_test(t, a_labelled_join_waits);
	tcase_add_test(t, messages_wait_for_the_bans);
	tcase_add_test(t, a_batch_waits_for_the_bans);
	tcase_add_test(t, a_nick_waits_for_the_bans);
	tcase_add_test(t, a_ban_that_comes_meanwhile_counts);
	tcase_add_test(t, an_incarnation_that_comes_meanwhile_counts);
	tcase_add_test(t, a_list_that_never_rests);
	tcase_add_test(t, the_client_goes_meanwhile);
	suite_add_tcase(s, t);
	return s;
}
