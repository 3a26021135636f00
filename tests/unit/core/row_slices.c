/*
 * A change of rows is shown in slices (core/row_change.h, doc/decisions/0035).
 *
 * Clients 1 to 3 are on CHANS channels of server 002, each of which has all
 * that a row of fleet can give it: +C, +d, a mask of +g and a member with +u.
 * Each client keeps which of these the lines tell of, and no line may
 * contradict them. A reader reads all it was sent in each turn; a deaf client
 * reads nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sessions/lag.h"
#include "core/types/cost.h"
#include "lib/fleet.h"
#include "lib/text.h"
#include "unit/core/check_core.h"
#include "unit/core/readers.h"

#define CHANS 300
#define USERS 500 /* of server 002, with +B */
#define SENDQ 16384
#define TURN 65536
/* things that one step looks at, at most: half of a turn, and one slice */
#define VISITS (TURN / 2 / COST_VISIT + 64)

static const char letters[] = "Cdgu";

struct scene {
	struct rig rig;
	struct readers readers;
	/* letters[k] is set, as far as the client knows */
	bool set[READERS + 1][CHANS][sizeof(letters)];
	unsigned n;		 /* the last entry of server 002 */
	struct settings conf[2]; /* the core reads the one before */
	unsigned nconf;
};

static const struct rows *const with_fleet[] = { &fleet };

/* ---- what a client makes of its lines ------------------------------------ */

static void
take_line(struct scene *x, unsigned i, const char *line)
{
	const char *modes = strstr(line, " MODE #x"), *at;
	unsigned c;
	bool on = true, *set;

	if (modes == NULL || sscanf(modes, " MODE #x%u", &c) != 1)
		return;
	modes = strchr(strchr(modes, '#'), ' ') + 1;
	for (; *modes != '\0' && *modes != ' '; modes++) {
		if (*modes == '+' || *modes == '-')
			on = *modes == '+';
		else if ((at = strchr(letters, *modes)) != NULL) {
			set = &x->set[i][c][at - letters];
			ck_assert_msg(*set != on, "client %u: %s", i, line);
			*set = on;
		}
	}
}

static void
take(void *ctx, unsigned i, const char *text)
{
	char *copy = strdup(text), *at = copy, *line;

	while ((line = strsep(&at, "\n")) != NULL) {
		line[strcspn(line, "\r")] = '\0';
		take_line(ctx, i, line);
	}
	free(copy);
}

/* Return how many channels have all letters set for the client, or none. */
static unsigned
count(const struct scene *x, unsigned i, bool on)
{
	unsigned n = 0, k;

	for (unsigned c = 0; c < CHANS; c++) {
		for (k = 0; k < 4 && x->set[i][c][k] == on; k++)
			;
		n += k == 4;
	}
	return n;
}

static void
expect(const struct scene *x, bool on)
{
	ck_assert_uint_eq(x->rig.core->rows.phase, ROWS_REST);
	for (unsigned i = 1; i <= READERS; i++)
		ck_assert_uint_eq(count(x, i, on), CHANS);
	ck_assert_uint_le(x->readers.most, SENDQ / 2);
	ck_assert_uint_le(x->readers.most_visits, VISITS);
}

/* ---- the network --------------------------------------------------------- */

static void
foreign(struct scene *x, const char *parts)
{
	rig_apply_parts(&x->rig, "002.5", ++x->n, "-", parts);
	while (rig_tick(&x->rig))
		;
}

static void
make_server(struct scene *x)
{
	char text[1024];

	foreign(x, "+READY 002 5 two.test :two\r\n"
		   "+USER 002B00000 z z two.test 192.0.2.2 192.0.2.2 :Z\r\n"
		   "+NICK 002B00000 zed 1 1500\r\n");
	for (unsigned c = 0; c < CHANS; c++) {
		snprintf(text, sizeof(text),
		    "+CHAN #x%03u,1000.002\r\n"
		    "+CSET #x%03u,1000.002 mode/calm 002 :1\r\n"
		    "+CSET #x%03u,1000.002 mode/draught 002 :7\r\n"
		    "+LADD #x%03u,1000.002 pier 002 0 :a!*@* 002\r\n"
		    "+JOIN #x%03u,1000.002 002B00000\r\n"
		    "+STAT #x%03u,1000.002 002.5.%u.4 pilot on 002\r\n",
		    c, c, c, c, c, c, x->n + 1);
		foreign(x, text);
	}
	for (unsigned u = 1; u < USERS; u++) {
		snprintf(text, sizeof(text),
		    "+USER 002B%05u y y two.test 192.0.2.2 192.0.2.2 :Y\r\n"
		    "+SET 002B%05u mode/boat 002 :1\r\n",
		    u, u);
		foreign(x, text);
	}
	rig_overlay(&x->rig, &(struct origin){ { "002" }, 5 }, 1);
}

static void
reload(struct scene *x, const struct rows *const *rows, size_t n)
{
	struct settings *set = &x->conf[x->nconf++ % 2];

	*set = x->rig.settings;
	set->rows = rows;
	set->nrows = n;
	x->rig.no_ticks = true;
	rig_conf(&x->rig, set);
}

static void
begin(struct scene *x)
{
	char line[512];
	size_t n;

	*x = (struct scene){ .readers = {
				 .rig = &x->rig, .take = take, .ctx = x } };
	rig_init_rows(&x->rig, "1AA", with_fleet, 1);
	x->rig.class.flood_burst = 0;
	x->rig.class.channels = 0;
	x->rig.class.sendq = SENDQ;
	make_server(x);
	for (unsigned i = 1; i <= READERS; i++) {
		snprintf(line, sizeof(line), "ann%u", i);
		rig_register(&x->rig, i, line);
		rig_say(&x->rig, i, "CAP REQ :cap-notify banyan.test/fleet");
		for (unsigned c = 0; c < CHANS; c += 20) {
			n = (size_t)snprintf(line, sizeof(line), "JOIN ");
			for (unsigned k = c; k < c + 20; k++)
				n += (size_t)snprintf(line + n,
				    sizeof(line) - n, "#x%03u,", k);
			rig_say(&x->rig, i, line);
			readers_run(&x->readers);
		}
		memset(x->set[i], true, sizeof(x->set[i]));
	}
	x->rig.settings.turn_work = TURN;
	rig_conf(&x->rig, &x->rig.settings);
	readers_run(&x->readers);
	x->readers.most = x->readers.most_visits = 0;
	x->readers.turns = 0;
}

/* Let the rows go while client 2 reads nothing, so that the change waits. */
static void
rows_wait(struct scene *x)
{
	begin(x);
	x->readers.deaf[2] = true;
	reload(x, NULL, 0);
	readers_run(&x->readers);
}

/* ---- tests --------------------------------------------------------------- */

START_TEST(rows_go_and_come_in_slices)
{
	struct scene x;

	begin(&x);
	reload(&x, NULL, 0);
	readers_run(&x.readers);
	expect(&x, false);
	ck_assert_uint_ge(x.readers.turns, 2 * (CHANS + USERS) / VISITS);
	reload(&x, with_fleet, 1);
	readers_run(&x.readers);
	expect(&x, true);
	rig_fini(&x.rig);
}
END_TEST

/* A client that reads nothing holds the change up. Meanwhile clients use what
 * they were shown, and nothing finds the rows that go. */
START_TEST(rows_that_go_are_shown_and_not_found)
{
	struct scene x;
	char line[64];
	unsigned shown = CHANS - 1;

	rows_wait(&x);
	ck_assert(core_reads_old_rows(x.rig.core));
	while (shown > 0 && !x.set[1][shown][0])
		shown--;
	ck_assert_uint_gt(shown, 0);
	ck_assert(!x.set[1][0][0]);
	snprintf(line, sizeof(line), "MODE #x%03u", shown);
	rig_says(&x.rig, 1, line, " +Cd 7\r\n");
	readers_run(&x.readers);
	rig_says(&x.rig, 1, "MODE #x000", " #x000 +\r\n");
	readers_run(&x.readers);
	snprintf(line, sizeof(line), "NAMES #x%03u", shown);
	rig_say(&x.rig, 1, line);
	while (rig_tick(&x.rig))
		;
	rig_hears(&x.rig, 1, "$zed");
	snprintf(line, sizeof(line), "MODE #x%03u +C", shown);
	rig_says(&x.rig, 1, line, " 472 ann1 C ");
	readers_run(&x.readers);
	rig_says(&x.rig, 1, "FLEET 7", " 421 ann1 FLEET ");
	readers_run(&x.readers);
	rig_says(&x.rig, 1, "CAP REQ :banyan.test/fleet", " NAK ");
	readers_run(&x.readers);
	ck_assert(core_reads_old_rows(x.rig.core));
	x.readers.deaf[2] = false;
	readers_run(&x.readers);
	ck_assert(!core_reads_old_rows(x.rig.core));
	expect(&x, false);
	rig_fini(&x.rig);
}
END_TEST

/* Somebody sets another mode of a channel that still shows the rows. Clients
 * are told of both, each by the one who did it. */
START_TEST(a_change_meanwhile)
{
	struct scene x;
	char text[256];
	unsigned shown = CHANS - 1;

	rows_wait(&x);
	while (!x.set[1][shown][0])
		shown--;
	snprintf(text, sizeof(text),
	    "ENTRY 002.5 %u 9000 * - 1\r\n"
	    "+CSET #x%03u,1000.002 mode/moderated 002B00000 :1\r\n",
	    ++x.n, shown);
	rig_apply(&x.rig, text);
	snprintf(text, sizeof(text), ":irc.test MODE #x%03u -Cd", shown);
	ck_assert_ptr_nonnull(strstr(x.rig.out[1], text));
	snprintf(text, sizeof(text), ":zed!z@192.0.2.2 MODE #x%03u +m\r\n",
	    shown);
	ck_assert_ptr_nonnull(strstr(x.rig.out[1], text));
	x.readers.deaf[2] = false;
	readers_run(&x.readers);
	expect(&x, false);
	rig_fini(&x.rig);
}
END_TEST

/* Another reload brings the rows back before all of them are hidden, and takes
 * them away before all of them are shown. */
START_TEST(reloads_meanwhile)
{
	struct scene x;
	unsigned n;

	rows_wait(&x);
	n = count(&x, 1, false);
	ck_assert_uint_gt(n, 0);
	ck_assert_uint_lt(n, CHANS);
	reload(&x, with_fleet, 1);
	readers_run(&x.readers);
	x.readers.deaf[2] = false;
	readers_run(&x.readers);
	expect(&x, true);
	rig_says(&x.rig, 1, "FLEET 7", " 902 ann1 7 :ships");
	rig_fini(&x.rig);

	begin(&x);
	reload(&x, NULL, 0);
	readers_run(&x.readers);
	expect(&x, false);
	x.readers.deaf[2] = true;
	reload(&x, with_fleet, 1);
	readers_run(&x.readers);
	n = count(&x, 1, true);
	ck_assert_uint_gt(n, 0);
	ck_assert_uint_lt(n, CHANS);
	reload(&x, NULL, 0);
	readers_run(&x.readers);
	x.readers.deaf[2] = false;
	readers_run(&x.readers);
	expect(&x, false);
	rig_fini(&x.rig);
}
END_TEST

/* A client that reads nothing holds the others up for a while only. */
START_TEST(a_deaf_client_is_not_waited_for)
{
	struct scene x;

	rows_wait(&x);
	ck_assert_uint_lt(count(&x, 1, false), CHANS);
	readers_pass(&x.readers, LAG_MS);
	ck_assert_uint_eq(count(&x, 1, false), CHANS);
	ck_assert_uint_eq(count(&x, 3, false), CHANS);
	ck_assert_uint_le(x.readers.most, SENDQ / 2);
	rig_fini(&x.rig);
}
END_TEST

Suite *
row_slices_suite(void)
{
	Suite *s = suite_create("row_slices");
	TCase *t = unit_case("all");

	tcase_add_test(t, rows_go_and_come_in_slices);
	tcase_add_test(t, rows_that_go_are_shown_and_not_found);
	tcase_add_test(t, a_change_meanwhile);
	tcase_add_test(t, reloads_meanwhile);
	tcase_add_test(t, a_deaf_client_is_not_waited_for);
	suite_add_tcase(s, t);
	return s;
}
