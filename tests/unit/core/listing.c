/*
 * The cost of long answers in a turn, counted in visits: the listings of all
 * clients share one budget and take turns. They are complete, whatever comes
 * and goes meanwhile.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/types/cost.h"
#include "lib/text.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

#define MAKER 1	 /* the client that is on all channels */
#define ASKER 2	 /* and those from here on ask */
#define LARGE 31 /* this many ask for everything */
#define CHANS 3000
#define VISITS 1000 /* the budget of a turn, in tests with a small one */

/* Unfinished work may spend half of a turn's budget, and a piece may overspend
 * by the last thing it looked at. */
#define OVER 20

/* Let the client read all it is sent, as soon as the core asks to be told. */
static void
say(struct rig *r, const char *line)
{
	rig_say(r, MAKER, line);
	rig_heard(r, MAKER);
	while (r->drain[MAKER] || r->granted[MAKER] == 0) {
		if (r->drain[MAKER])
			rig_read(r, MAKER);
		(void)rig_tick(r);
		rig_heard(r, MAKER);
	}
}

static void
channel(struct rig *r, const char *verb, unsigned n)
{
	char line[64];

	(void)snprintf(line, sizeof(line), "%s #c%05u", verb, n);
	say(r, line);
}

static void
join_many(struct rig *r, unsigned from, unsigned to)
{
	char line[512];
	size_t n;

	while (from < to) {
		n = (size_t)snprintf(line, sizeof(line), "JOIN ");
		for (unsigned i = 0; i < 40 && from < to; i++, from++)
			n += (size_t)snprintf(line + n, sizeof(line) - n,
			    "#c%05u,", from);
		say(r, line);
	}
}

/*
 * Make channels with one client on them, and n clients that may ask for them.
 */
static void
begin(struct rig *r, unsigned chans, unsigned n)
{
	char nick[16];

	rig_init(r);
	r->class.flood_burst = r->class.channels = 0;
	rig_register(r, MAKER, "maker");
	join_many(r, 0, chans);
	for (unsigned i = 0; i < n; i++) {
		(void)snprintf(nick, sizeof(nick), "asker%u", i);
		rig_register(r, ASKER + i, nick);
	}
	r->no_ticks = true;
	r->settings.turn_work = (int64_t)VISITS * COST_VISIT;
	rig_advance(r, 1);
}

/*
 * Return how many of the askers got the end of their list since the last call.
 */
static unsigned
ends(struct rig *r, unsigned n, const char *end)
{
	unsigned ended = 0;

	for (unsigned i = 0; i < n; i++)
		ended += text_count(rig_heard(r, ASKER + i), end);
	return ended;
}

static const struct {
	const char *line, *end;
} costly[] = {
	/* no line to send, so only the visits end a piece */
	{ "LIST *z", " 323 " },
	{ "LIST *z,*y,*x,*w,*v,*u,*t,*s,*r,*q", " 323 " },
	{ "LIST >1000", " 323 " },
	{ "LIST !*c*", " 323 " },
	/* all of it is sent */
	{ "LIST", " 323 " },
	/* the maker is on all of the channels */
	{ "WHOIS maker", " 318 " },
};

/*
 * A short answer with a label does not wait for a long answer that waits, as it
 * would not without a label: a change that comes then is told behind it.
 */
START_TEST(a_short_answer_with_a_label_does_not_wait)
{
	struct rig r;
	const char *out;

	begin(&r, 100, 0);
	r.class.sendq = 2048;
	rig_says(&r, MAKER, "CAP REQ :batch labeled-response", " ACK ");
	rig_say(&r, MAKER, "LIST");
	ck_assert(r.drain[MAKER]);
	ck_assert_ptr_null(strstr(rig_heard(&r, MAKER), " 323 "));
	rig_say(&r, MAKER, "@label=7 MODE #c00000");
	out = rig_heard(&r, MAKER);
	ck_assert_msg(strstr(out, "label=7") != NULL, "%s", out);
	ck_assert_msg(strstr(out, " 324 ") != NULL, "%s", out);
	rig_fini(&r);
}
END_TEST

START_TEST(all_clients_together_have_one_budget)
{
	unsigned turns = 0, ended = 0, all = LARGE * CHANS;
	struct rig r;

	begin(&r, CHANS, LARGE);
	for (unsigned i = 0; i < LARGE; i++)
		rig_say(&r, ASKER + i, costly[_i].line);
	while (ended < LARGE) {
		ended += ends(&r, LARGE, costly[_i].end);
		for (unsigned i = 0; i < LARGE; i++)
			if (r.drain[ASKER + i])
				rig_read(&r, ASKER + i);
		if (ended == LARGE)
			break;
		/* Unfinished work asks for another call at once. */
		ck_assert(rig_tick(&r));
		ck_assert_int_ge(r.core->work.left,
		    (VISITS / 2 - OVER) * COST_VISIT);
		turns++;
	}
	ck_assert_uint_le(all / (turns + 1), VISITS);
	ck_assert(!rig_tick(&r));
	rig_fini(&r);
}
END_TEST

/* Return how many turns the line takes, in which little may be spent. */
static unsigned
turns_of(const char *line)
{
	unsigned turns = 0;
	struct rig r;

	begin(&r, 40, LARGE);
	r.settings.turn_work = 640;
	rig_advance(&r, 1);
	rig_say(&r, ASKER, line);
	while (rig_tick(&r))
		turns++;
	ck_assert_uint_eq(text_count(rig_heard(&r, ASKER), " :End of "), 1);
	rig_fini(&r);
	return turns;
}

/* As many things are looked at, but more of each is compared. */
START_TEST(compared_bytes_are_counted)
{
	ck_assert_uint_ge(2 * turns_of("WHO *?*?*?*?*?*?*z*"),
	    3 * turns_of("WHO z"));
	ck_assert_uint_ge(2 * turns_of("LIST *0*0*0*z*,*0*0*0*y*,*0*0*0*x*,"
				       "*0*0*0*w*,*0*0*0*v*,*0*0*0*u*,*0*0*0*t*"
				       ","
				       "*0*0*0*s*,*0*0*0*r*,*0*0*0*q*"),
	    3 * turns_of("LIST z"));
}
END_TEST

/*
 * A small list has its turn after one piece of each other, not after their end.
 */
START_TEST(a_small_one_is_not_starved)
{
	unsigned turns = 0, small = ASKER + LARGE;
	struct rig r;

	begin(&r, CHANS, LARGE + 1);
	for (unsigned i = 0; i < LARGE; i++)
		rig_say(&r, ASKER + i, "LIST *z");
	rig_say(&r, small, "LIST #c00001");
	while (r.nout[small] == 0 || text_count(r.out[small], " 323 ") == 0) {
		ck_assert(rig_tick(&r));
		turns++;
	}
	ck_assert_uint_eq(text_count(rig_heard(&r, small), " 322 "), 1);
	ck_assert_uint_eq(ends(&r, LARGE, " 323 "), 0);
	/* A turn has about seven pieces for them; LARGE come before it. */
	ck_assert_uint_le(turns, LARGE / 7 + 1);
	rig_fini(&r);
}
END_TEST

/* Other commands are answered even while each turn is used up. */
START_TEST(others_are_answered_meanwhile)
{
	unsigned other = ASKER + LARGE, turns = 0;
	struct rig r;

	begin(&r, CHANS, LARGE + 1);
	for (unsigned i = 0; i < LARGE; i++)
		rig_say(&r, ASKER + i, "LIST *z");
	rig_heard(&r, other);
	for (; turns < 50; turns++) {
		rig_say(&r, other, "PING x");
		ck_assert_str_eq(rig_heard(&r, other),
		    ":irc.test PONG irc.test :x\r\n");
		ck_assert_uint_eq(ends(&r, LARGE, " 323 "), 0);
		ck_assert(rig_tick(&r));
	}
	rig_fini(&r);
}
END_TEST

/* One line each, again and again: what it answers counts, and the line itself.
 * */
static const char *const loud[] = { "VERSION", "PING x", "PRIVMSG maker :x",
	"NOTICE nobody :x" };

/* If this turn is used up, a line is granted in the next one. */
START_TEST(lines_wait_for_a_turn_that_is_spent)
{
	unsigned lines = 0;
	struct rig r;

	begin(&r, 1, 1);
	while (r.granted[ASKER] > 0) {
		rig_say(&r, ASKER, loud[_i]);
		ck_assert_uint_le(lines++, VISITS * COST_VISIT / COST_COMMAND);
	}
	ck_assert_uint_gt(lines, 5);
	/* the client cannot help it that its lines lie unread */
	rig_excess(&r, ASKER);
	ck_assert(!r.closed[ASKER]);
	rig_say(&r, MAKER, "PING x"); /* that line was granted before */
	ck_assert_uint_eq(r.granted[MAKER], 0);
	ck_assert(rig_tick(&r));
	ck_assert_uint_eq(r.granted[ASKER], 1);
	ck_assert_uint_eq(r.granted[MAKER], 1);
	rig_fini(&r);
}
END_TEST

/* The timers of all connections are due at the same time. */
START_TEST(timers_take_turns)
{
	unsigned pinged = 0, turns = 0, n;
	struct rig r;

	begin(&r, 1, LARGE);
	/* Lines heard so far do not count. */
	(void)ends(&r, LARGE, "PING");
	r.settings.turn_work = 4000;
	r.ev.now = mono_add_ms(r.ev.now, 120000);
	r.deadline = r.ev.now;
	while (pinged < LARGE) {
		ck_assert(rig_tick(&r));
		n = ends(&r, LARGE, "PING :irc.test\r\n");
		ck_assert_uint_le(n, 1 + 4000 / 4 / COST_TIMER);
		pinged += n;
		turns++;
	}
	ck_assert_uint_eq(pinged, LARGE);
	ck_assert_uint_ge(turns, LARGE / (1 + 4000 / 4 / COST_TIMER));
	rig_fini(&r);
}
END_TEST

/* All clients fall silent at the same time. */
START_TEST(silent_clients_leave_in_turn)
{
	unsigned closed = 0, before;
	struct rig r;

	begin(&r, 1, LARGE);
	for (unsigned i = 0; i < LARGE; i++)
		rig_say(&r, ASKER + i, "JOIN #a,#b,#c,#d,#e");
	r.no_ticks = false;
	rig_advance(&r, 120000);
	r.no_ticks = true;
	/*
	 * Timers have a quarter of the budget, some of which goes for the ERROR
	 * that a client is sent. The lines that others see are not counted
	 * here: they belong to an entry, and entries have their own share.
	 */
	r.settings.turn_work = 8 * COST_TIMER * 4;
	r.ev.now = mono_add_ms(r.ev.now, 60000);
	r.deadline = r.ev.now;
	while (closed < LARGE) {
		ck_assert(rig_tick(&r));
		before = closed;
		closed = 0;
		for (unsigned i = 0; i < LARGE; i++)
			closed += r.closed[ASKER + i];
		ck_assert_uint_le(closed - before, 8);
	}
	rig_fini(&r);
}
END_TEST

/*
 * ISUPPORT SAFELIST: a channel that exists from beginning to end is listed
 * once, though the table of channels is rebuilt again and again meanwhile.
 */
START_TEST(what_stays_is_told_once)
{
	unsigned char told[4 * CHANS] = { 0 };
	unsigned next = CHANS, gone = 1, turns = 0, n;
	const char *text;
	struct rig r;

	begin(&r, CHANS, 1);
	rig_say(&r, ASKER, "LIST");
	for (;; turns++) {
		/* Every other one of the first goes, and as many come. */
		for (int i = 0; i < 10 && gone < CHANS; i++, gone += 2)
			channel(&r, "PART", gone);
		join_many(&r, next, next + 40);
		next += 40;
		if (r.drain[ASKER])
			rig_read(&r, ASKER);
		if (!rig_tick(&r))
			break;
	}
	ck_assert_uint_gt(turns, 5);
	ck_assert_uint_lt(next, 4 * CHANS);
	text = rig_heard(&r, ASKER);
	ck_assert_uint_eq(text_count(text, " 321 "), 1);
	ck_assert_uint_eq(text_count(text, " 323 "), 1);
	while ((text = strstr(text, " 322 asker0 #c")) != NULL) {
		text += strlen(" 322 asker0 #c");
		n = (unsigned)atoi(text);
		ck_assert_uint_lt(n, next);
		told[n]++;
	}
	for (unsigned i = 0; i < next; i++) {
		ck_assert_uint_le(told[i], 1);
		if (i < CHANS && (i % 2 == 0 || i >= gone))
			ck_assert_uint_eq(told[i], 1);
	}
	rig_fini(&r);
}
END_TEST

/* Keep what the asker was sent, behind what is kept, and let it read. */
static size_t
keep(struct rig *r, char *all, size_t n, size_t room)
{
	const char *text = rig_heard(r, ASKER);
	size_t more = strlen(text);

	ck_assert_uint_lt(n + more, room);
	memcpy(all + n, text, more + 1);
	if (r->drain[ASKER])
		rig_read(r, ASKER);
	return n + more;
}

/* The lines about a user on very many channels keep their order. A channel that
 * the user stays on is told once, though others come and go meanwhile. */
START_TEST(a_user_on_very_many_channels_is_told_in_pieces)
{
	static char all[64 * CHANS];
	unsigned next = CHANS, gone = 1, turns = 0, n;
	const char *text = all, *head, *rest;
	unsigned char told[2 * CHANS] = { 0 };
	struct rig r;
	size_t used = 0;

	begin(&r, CHANS, 1);
	say(&r, "MODE maker -i");
	r.settings.turn_work = 8000;
	rig_say(&r, ASKER, "WHOIS maker");
	for (;; turns++) {
		channel(&r, "PART", gone);
		channel(&r, "JOIN", next++);
		gone += 2;
		used = keep(&r, all, used, sizeof(all));
		if (!rig_tick(&r))
			break;
	}
	used = keep(&r, all, used, sizeof(all));
	ck_assert_uint_gt(turns, 5);
	ck_assert_uint_eq(text_count(all, " 311 asker0 maker "), 1);
	ck_assert_uint_eq(text_count(all, " 312 asker0 maker "), 1);
	head = strstr(all, " 319 ");
	rest = strstr(all, " 312 ");
	ck_assert(strstr(all, " 311 ") < head);
	ck_assert_ptr_null(strstr(rest, " 319 "));
	ck_assert_str_eq(strstr(rest, ":irc.test 318 "),
	    ":irc.test 318 asker0 maker :End of WHOIS list\r\n");
	while ((text = strstr(text, "@#c")) != NULL) {
		text += strlen("@#c");
		n = (unsigned)atoi(text);
		ck_assert_uint_lt(n, next);
		told[n]++;
	}
	for (unsigned i = 0; i < next; i++) {
		ck_assert_uint_le(told[i], 1);
		if (i < CHANS && (i % 2 == 0 || i >= gone))
			ck_assert_uint_eq(told[i], 1);
	}
	rig_fini(&r);
}
END_TEST

/* The user goes in the middle of the answer, which ends then. */
START_TEST(a_user_who_goes_is_told_no_more)
{
	static char all[64 * CHANS];
	struct rig r;
	size_t used = 0;

	begin(&r, CHANS, 1);
	r.settings.turn_work = 64000;
	rig_say(&r, ASKER, "WHOIS maker");
	rig_close(&r, MAKER);
	do
		used = keep(&r, all, used, sizeof(all));
	while (rig_tick(&r));
	(void)keep(&r, all, used, sizeof(all));
	ck_assert_uint_eq(text_count(all, " 311 "), 1);
	ck_assert_uint_eq(text_count(all, " 312 "), 0);
	ck_assert_uint_eq(text_count(all, " 318 "), 1);
	rig_fini(&r);
}
END_TEST

/* A client may leave in the middle: its place in the queue goes with it. */
START_TEST(a_listing_goes_with_its_client)
{
	struct rig r;

	begin(&r, CHANS, 3);
	for (unsigned i = 0; i < 3; i++) {
		rig_say(&r, ASKER + i, "LIST *z");
		rig_say(&r, ASKER + i, "LIST *y");
	}
	rig_close(&r, ASKER + 1);
	(void)rig_tick(&r);
	rig_close(&r, ASKER);
	while (rig_tick(&r))
		;
	ck_assert_uint_eq(ends(&r, 3, " 323 "), 2);
	rig_say(&r, ASKER + 2, "LIST *z");
	rig_fini(&r);
}
END_TEST

/* A user joins as many channels as fit a line, each with a topic as long as
 * allowed. Nothing more waits for the client than half of the least sendq. */
START_TEST(topics_of_a_large_join_wait)
{
	enum { TOPICS = 80, TOPIC = 390, LEAST = 16384 };
	static char all[TOPICS * 1024];
	struct rig r;
	char line[512], topic[TOPIC + 1];
	size_t n = 0, used = 0;

	begin(&r, TOPICS, 1);
	r.no_ticks = false;
	r.settings.turn_work = 0;
	memset(topic, 't', TOPIC);
	topic[TOPIC] = '\0';
	for (unsigned i = 0; i < TOPICS; i++) {
		(void)snprintf(line, sizeof(line), "TOPIC #c%05u :%s", i,
		    topic);
		say(&r, line);
	}
	r.class.sendq = LEAST;
	for (unsigned i = 0; i < TOPICS; i += 40) {
		n = (size_t)snprintf(line, sizeof(line), "JOIN ");
		for (unsigned k = i; k < i + 40; k++)
			n += (size_t)snprintf(line + n, sizeof(line) - n,
			    "#c%05u,", k);
		rig_say(&r, ASKER, line);
		for (;;) {
			ck_assert_uint_le(r.nout[ASKER], LEAST / 2);
			used += r.nout[ASKER];
			ck_assert_uint_lt(used, sizeof(all));
			strcat(all, rig_heard(&r, ASKER));
			if (!r.drain[ASKER])
				break;
			rig_read(&r, ASKER);
		}
	}
	ck_assert_uint_eq(text_count(all, " 332 "), TOPICS);
	ck_assert_uint_eq(text_count(all, " 366 "), TOPICS);
	ck_assert_ptr_nonnull(strstr(all, " 332 asker0 #c00079 :tt"));
	rig_fini(&r);
}
END_TEST

Suite *
listing_suite(void)
{
	Suite *s = suite_create("listing");
	TCase *t = unit_case("all");

	tcase_add_loop_test(t, all_clients_together_have_one_budget, 0,
	    sizeof(costly) / sizeof(costly[0]));
	tcase_add_test(t, compared_bytes_are_counted);
	tcase_add_test(t, a_small_one_is_not_starved);
	tcase_add_test(t, others_are_answered_meanwhile);
	tcase_add_loop_test(t, lines_wait_for_a_turn_that_is_spent, 0,
	    sizeof(loud) / sizeof(loud[0]));
	tcase_add_test(t, timers_take_turns);
	tcase_add_test(t, silent_clients_leave_in_turn);
	tcase_add_test(t, what_stays_is_told_once);
	tcase_add_test(t, a_user_on_very_many_channels_is_told_in_pieces);
	tcase_add_test(t, a_user_who_goes_is_told_no_more);
	tcase_add_test(t, a_listing_goes_with_its_client);
	tcase_add_test(t, a_short_answer_with_a_label_does_not_wait);
	tcase_add_test(t, topics_of_a_large_join_wait);
	suite_add_tcase(s, t);
	return s;
}
