/*
 * The statuses of the members of a channel come to clients in slices, as
 * clients read them, if another incarnation is shown (core/postpone_lists.h).
 *
 * Server 002 has USERS users on #c who are op, and clients 1 to 3 have joined
 * them. Each client keeps the statuses that the lines tell of, and no line may
 * contradict them. Then an older incarnation comes to light, in which some are
 * voice.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/facts/founding.h"
#include "core/postpone_lists.h"
#include "core/sessions/lag.h"
#include "core/types/cost.h"
#include "lib/text.h"
#include "unit/core/check_core.h"
#include "unit/core/readers.h"

#define USERS 600 /* of server 002 */
#define SENDQ 16384
#define TURN 32768
#define VISITS (TURN / 2 / COST_VISIT + 32)
#define NICK "aNickThatIsQuiteLong"

struct scene {
	struct rig rig;
	struct readers readers;
	/* statuses of the users, as the lines tell: 'o', 'v', '-' or 0 */
	char of[READERS + 1][USERS];
	unsigned n; /* the last entry of server 002 */
};

/* ---- what a client makes of its lines ------------------------------------ */

static void
change(char *status, bool on, char letter, const char *nick)
{
	unsigned i;

	if (sscanf(nick, "z%u-", &i) != 1)
		return;
	ck_assert_uint_lt(i, USERS);
	ck_assert_msg(on == (status[i] == 0), "%c%c %s, who has %c",
	    on ? '+' : '-', letter, nick, status[i]);
	ck_assert(on || status[i] == letter);
	status[i] = on ? letter : 0;
}

static void
take_modes(char *status, char *words)
{
	char *letters = strsep(&words, " ");
	bool on = true;

	for (; *letters != '\0'; letters++)
		if (*letters == '+' || *letters == '-')
			on = *letters == '+';
		else if (strchr("ov", *letters) != NULL)
			change(status, on, *letters, strsep(&words, " "));
}

static void
take(void *ctx, unsigned i, const char *text)
{
	struct scene *x = ctx;
	char *copy = strdup(text), *at = copy, *line, *modes;

	while ((line = strsep(&at, "\n")) != NULL) {
		line[strcspn(line, "\r")] = '\0';
		if ((modes = strstr(line, " MODE #c ")) != NULL)
			take_modes(x->of[i], modes + strlen(" MODE #c "));
	}
	free(copy);
}

/* Return how many users have that status, as the client knows. */
static unsigned
count(const struct scene *x, unsigned client, char status)
{
	unsigned n = 0;

	for (unsigned i = 0; i < USERS; i++)
		n += x->of[client][i] == status;
	return n;
}

/* ---- the network --------------------------------------------------------- */

static void
foreign(struct scene *x, const char *parts)
{
	rig_apply_parts(&x->rig, "002.5", ++x->n, "-", parts);
}

static void
give(struct scene *x, const char *cinc, struct dot dot, const char *status)
{
	char text[128];

	snprintf(text, sizeof(text), "+STAT #c,%s %s.%u.%ju.%u %s on 002\r\n",
	    cinc, dot.o.sid.s, dot.o.inc, (uintmax_t)dot.n, dot.part, status);
	foreign(x, text);
}

static struct dot
dot_of(const struct scene *x, const char *nick)
{
	const struct facts *f = &x->rig.core->facts;

	return facts_find_member(facts_find_chan(f, SPAN("#c")),
	    facts_find_nick(f, span_of(nick)))
	    ->dot;
}

static void
add_user(struct scene *x, unsigned i)
{
	char text[512];

	snprintf(text, sizeof(text),
	    "+USER 002B%05u z z two.test h h :Z\r\n"
	    "+NICK 002B%05u z%u-" NICK " 1 1500\r\n"
	    "+JOIN #c,1000.002 002B%05u\r\n"
	    "+STAT #c,1000.002 002.5.%u.2 op on 002\r\n",
	    i, i, i, i, x->n + 1);
	foreign(x, text);
	if (i % 10 == 0)
		give(x, "500.002",
		    dot_make((struct origin){ { "002" }, 5 }, x->n, 2),
		    "voice");
}

/* Let an incarnation with that stamp be shown. */
static void
move(struct scene *x, unsigned stamp)
{
	char text[256];

	snprintf(text, sizeof(text),
	    "+USER 002C%05u y y two.test h h :Y\r\n"
	    "+NICK 002C%05u y%u 1 1500\r\n"
	    "+CHAN #c,%u.002\r\n"
	    "+JOIN #c,%u.002 002C%05u\r\n",
	    stamp, stamp, stamp, stamp, stamp, stamp);
	foreign(x, text);
}

static void
begin(struct scene *x)
{
	char nick[16];

	*x = (struct scene){ .readers = {
				 .rig = &x->rig, .take = take, .ctx = x } };
	rig_init(&x->rig);
	x->rig.class.flood_burst = 0;
	x->rig.class.sendq = SENDQ;
	x->rig.settings.turn_work = TURN;
	foreign(x, "+READY 002 5 two.test :two\r\n+CHAN #c,1000.002\r\n");
	for (unsigned i = 0; i < USERS; i++)
		add_user(x, i);
	for (unsigned i = 1; i <= READERS; i++) {
		snprintf(nick, sizeof(nick), "ann%u", i);
		rig_register(&x->rig, i, nick);
		rig_say(&x->rig, i, "JOIN #c");
	}
	x->rig.no_ticks = true;
	rig_overlay(&x->rig, &(struct origin){ { "002" }, 5 }, 1);
	readers_run(&x->readers);
	for (unsigned i = 1; i <= READERS; i++)
		ck_assert_uint_eq(count(x, i, 'o'), USERS);
	give(x, "500.002", dot_of(x, "ann1"), "halfop");
	readers_run(&x->readers);
	x->readers.most = x->readers.most_visits = 0;
}

/* The clients that were not closed know what the facts say. */
static void
expect(const struct scene *x)
{
	ck_assert(!postpone_lists_any(x->rig.core));
	for (unsigned i = 1; i <= READERS; i++)
		if (!x->readers.closed[i]) {
			ck_assert_uint_eq(count(x, i, 'o'), 0);
			ck_assert_uint_eq(count(x, i, 'v'), USERS / 10);
		}
	ck_assert_uint_le(x->readers.most, SENDQ / 2);
	ck_assert_uint_le(x->readers.most_visits, VISITS);
}

START_TEST(statuses_come_as_clients_read)
{
	struct scene x;

	begin(&x);
	move(&x, 500);
	readers_run(&x.readers);
	expect(&x);
	for (unsigned i = 1; i <= READERS; i++)
		ck_assert(!x.readers.closed[i]);
	rig_fini(&x.rig);
}
END_TEST

/* Client 2 reads nothing, so most statuses wait. Clients are answered what they
 * have been told, and what a member may do is as the facts say. */
START_TEST(the_facts_decide_while_statuses_wait)
{
	struct scene x;

	begin(&x);
	x.readers.deaf[2] = true;
	move(&x, 500);
	readers_run(&x.readers);
	ck_assert_uint_gt(count(&x, 1, 'o'), USERS / 2);
	rig_says(&x.rig, 1, "WHO z599-" NICK, " H@ ");
	rig_says(&x.rig, 1, "WHO z590-" NICK, " H@ ");
	/* no halfop may kick an op */
	rig_says(&x.rig, 1, "KICK #c z599-" NICK, " KICK #c z599-" NICK " ");
	rig_says(&x.rig, 1, "MODE #c +v z590-" NICK, "");
	rig_says(&x.rig, 1, "MODE #c -v z590-" NICK, " MODE #c -o z590-" NICK);
	x.readers.deaf[2] = false;
	readers_run(&x.readers);
	rig_says(&x.rig, 1, "WHO z590-" NICK, " H :");
	rig_fini(&x.rig);
}
END_TEST

/* A third incarnation is shown, statuses change, and users go, while statuses
 * of the second one wait. */
START_TEST(a_channel_moves_while_statuses_wait)
{
	struct scene x;
	char text[64];

	begin(&x);
	x.readers.deaf[2] = true;
	move(&x, 700);
	readers_run(&x.readers);
	ck_assert_uint_gt(count(&x, 1, 'o'), USERS / 2);
	move(&x, 500);
	give(&x, "500.002", dot_of(&x, "z555-" NICK), "voice");
	readers_run(&x.readers);
	ck_assert_uint_eq(x.of[1][555], 'v');
	for (unsigned i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "+QUIT 002B%05u :bye\r\n", i);
		foreign(&x, text);
	}
	x.readers.deaf[2] = false;
	readers_run(&x.readers);
	ck_assert_uint_eq(x.of[3][555], 'v');
	for (unsigned k = 1; k <= READERS; k++) {
		x.of[k][555] = 0;
		for (unsigned i = 0; i < 100; i++)
			x.of[k][i] = i % 10 == 0 ? 'v' : 0;
	}
	expect(&x);
	rig_fini(&x.rig);
}
END_TEST

/* A client that reads nothing holds the others up for a while only. */
START_TEST(a_deaf_client_is_not_waited_for)
{
	struct scene x;

	begin(&x);
	x.readers.deaf[2] = true;
	move(&x, 500);
	readers_run(&x.readers);
	ck_assert(postpone_lists_any(x.rig.core));
	readers_pass(&x.readers, LAG_MS);
	ck_assert(x.readers.closed[2]);
	expect(&x);
	rig_fini(&x.rig);
}
END_TEST

/* All members go while statuses wait, and the channel with them. */
START_TEST(a_channel_ends_while_statuses_wait)
{
	struct scene x;
	char text[64];

	begin(&x);
	x.readers.deaf[2] = true;
	move(&x, 500);
	readers_run(&x.readers);
	ck_assert(postpone_lists_any(x.rig.core));
	x.rig.class.sendq = 1 << 20;
	for (unsigned i = 0; i < USERS; i++) {
		snprintf(text, sizeof(text), "+QUIT 002B%05u :bye\r\n", i);
		foreign(&x, text);
	}
	foreign(&x, "+QUIT 002C00500 :bye\r\n");
	for (unsigned i = 1; i <= READERS; i++)
		rig_say(&x.rig, i, "PART #c");
	foreign(&x, "+UNCHAN #c,1000.002 002.5.1.1\r\n");
	readers_run(&x.readers);
	rig_says(&x.rig, 3, "JOIN #c", " 353 ann3 = #c :@ann3");
	x.rig.no_ticks = false;
	rig_advance(&x.rig, LAG_MS);
	ck_assert(!postpone_lists_any(x.rig.core));
	rig_fini(&x.rig);
}
END_TEST

/* Remove all incarnations of #c. */
static void
end_chan(struct scene *x)
{
	const struct facts *f = &x->rig.core->facts;
	const struct founding *g;
	const struct chan *c;
	char text[128];

	while ((c = facts_find_chan(f, SPAN("#c"))) != NULL) {
		g = founding_first(c);
		snprintf(text, sizeof(text),
		    "+UNCHAN #c,%jd.%s %s.%u.%ju.%u\r\n",
		    (intmax_t)g->cinc.stamp.ms, g->cinc.sid.s, g->dot.o.sid.s,
		    g->dot.o.inc, (uintmax_t)g->dot.n, g->dot.part);
		foreign(x, text);
	}
}

/* The same, and a channel of that name has statuses to show before anybody
 * looks. */
START_TEST(another_channel_has_the_name_while_statuses_wait)
{
	struct scene x;
	char text[256];

	begin(&x);
	x.readers.deaf[2] = true;
	move(&x, 500);
	readers_run(&x.readers);
	ck_assert(x.rig.core->postponed_lists.in_chan);
	x.rig.class.sendq = 1 << 20;
	for (unsigned i = 0; i < USERS; i++) {
		snprintf(text, sizeof(text), "+QUIT 002B%05u :bye\r\n", i);
		foreign(&x, text);
	}
	foreign(&x, "+QUIT 002C00500 :bye\r\n");
	for (unsigned i = 1; i <= READERS; i++)
		rig_say(&x.rig, i, "PART #c");
	end_chan(&x);
	ck_assert_ptr_null(facts_find_chan(&x.rig.core->facts, SPAN("#c")));
	readers_run(&x.readers);
	for (unsigned i = 1; i <= READERS; i += 2)
		rig_say(&x.rig, i, "JOIN #c");
	memset(x.of[1], 0, USERS);
	memset(x.of[3], 0, USERS);
	foreign(&x, "+CHAN #c,1000.002\r\n");
	for (unsigned i = 0; i < USERS; i++)
		add_user(&x, i);
	move(&x, 400);
	ck_assert(x.rig.core->postponed_lists.in_chan);
	x.readers.deaf[2] = false;
	readers_run(&x.readers);
	ck_assert_uint_eq(count(&x, 1, 'o'), 0);
	rig_fini(&x.rig);
}
END_TEST

Suite *
postpone_statuses_suite(void)
{
	Suite *s = suite_create("postpone_statuses");
	TCase *t = unit_case("all");

	tcase_add_test(t, statuses_come_as_clients_read);
	tcase_add_test(t, the_facts_decide_while_statuses_wait);
	tcase_add_test(t, a_channel_moves_while_statuses_wait);
	tcase_add_test(t, a_deaf_client_is_not_waited_for);
	tcase_add_test(t, a_channel_ends_while_statuses_wait);
	tcase_add_test(t, another_channel_has_the_name_while_statuses_wait);
	suite_add_tcase(s, t);
	return s;
}
