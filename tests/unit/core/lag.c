/*
 * A heal is shown as fast as clients read it (core/sessions/lag.h,
 * doc/decisions/0021).
 *
 * Clients 1 to 3 are on CHANS channels. Server 002 has USERS users on the same
 * channels, in older incarnations with topics; it is hidden until it is shown.
 * A reader reads all it was sent in each turn; a deaf client reads nothing. A
 * client is closed if more waits for it than its sendq holds, as by banyand.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/postpone.h"
#include "core/sessions/drain.h"
#include "core/sessions/lag.h"
#include "lib/text.h"
#include "unit/core/check_core.h"
#include "unit/core/readers.h"

#define USERS 40
#define CHANS 20
#define SENDQ 16384 /* the least that a configuration may say */

struct heal {
	struct rig rig;
	struct readers readers;
	char *got[READERS + 1]; /* all that each has read; owned */
	size_t ngot[READERS + 1];
	const char *run; /* of server 002 */
	unsigned n;	 /* its last entry */
};

/* Apply an entry of server 002. */
static void
foreign(struct heal *h, const char *cause, const char *parts)
{
	rig_apply_parts(&h->rig, h->run, ++h->n, cause, parts);
}

/* Show server 002, or hide it. */
static void
see(struct heal *h, bool shown)
{
	rig_overlay(&h->rig, &(struct origin){ { "002" }, shown ? 5 : 0 }, 1);
}

static void
make_server(struct heal *h)
{
	char text[8192];
	size_t n;

	foreign(h, "-", "+READY 002 5 two.test :two\r\n");
	n = 0;
	for (unsigned c = 0; c < CHANS; c++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "+CHAN #c%02u,1000.002\r\n"
		    "+CSET #c%02u,1000.002 topic 002 :two.test topic %u\r\n",
		    c, c, c);
	foreign(h, "-", text);
	for (unsigned u = 0; u < USERS; u++) {
		n = (size_t)snprintf(text, sizeof(text),
		    "+USER 002B%05u z z two.test 192.0.2.2 192.0.2.2 :Z\r\n"
		    "+NICK 002B%05u zed%u 1 1500\r\n",
		    u, u, u);
		for (unsigned c = 0; c < CHANS; c++)
			n += (size_t)snprintf(text + n, sizeof(text) - n,
			    "+JOIN #c%02u,1000.002 002B%05u\r\n", c, u);
		foreign(h, "-", text);
	}
}

static void
join_all(struct rig *r, unsigned client)
{
	char line[512];
	size_t n;

	n = (size_t)snprintf(line, sizeof(line), "JOIN ");
	for (unsigned c = 0; c < CHANS; c++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, "#c%02u,", c);
	rig_say(r, client, line);
	rig_heard(r, client);
	if (r->drain[client])
		rig_read(r, client);
}

/* Keep what a client has read. */
static void
take(void *ctx, unsigned i, const char *text)
{
	struct heal *h = ctx;
	size_t n = strlen(text);

	h->got[i] = mem_realloc(h->got[i], h->ngot[i] + n + 1);
	memcpy(h->got[i] + h->ngot[i], text, n + 1);
	h->ngot[i] += n;
}

static void
heal_begin(struct heal *h, uint32_t sendq)
{
	char nick[16];

	*h = (struct heal){
		.readers = { .rig = &h->rig, .take = take, .ctx = h },
		.run = "002.5"
	};
	rig_init(&h->rig);
	h->rig.class.flood_burst = 0;
	h->rig.class.channels = CHANS;
	h->rig.class.sendq = sendq;
	for (unsigned i = 1; i <= READERS; i++) {
		snprintf(nick, sizeof(nick), "ann%u", i);
		rig_register(&h->rig, i, nick);
		rig_say(&h->rig, i, "CAP REQ batch");
		join_all(&h->rig, i);
	}
	make_server(h);
	h->rig.no_ticks = true;
	for (unsigned i = 1; i <= READERS; i++) {
		rig_heard(&h->rig, i);
		if (h->rig.drain[i])
			rig_read(&h->rig, i);
	}
}

static void
heal_end(struct heal *h)
{
	for (unsigned i = 1; i <= READERS; i++)
		free(h->got[i]);
	rig_fini(&h->rig);
}

/* Begin a heal that waits for client 2, which reads nothing. */
static void
heal_waits(struct heal *h)
{
	heal_begin(h, SENDQ);
	h->readers.deaf[2] = true;
	see(h, true);
	readers_run(&h->readers);
}

static bool
is_done(const struct heal *h)
{
	return TAILQ_EMPTY(&h->rig.core->flips) && !postpone_any(h->rig.core);
}

static void
expect_all(const struct heal *h, unsigned i)
{
	ck_assert(!h->readers.closed[i]);
	ck_assert_uint_eq(text_count(h->got[i], " JOIN #c"), USERS * CHANS);
	ck_assert_uint_eq(text_count(h->got[i], " TOPIC #c"), CHANS);
	ck_assert_uint_eq(text_count(h->got[i], " BATCH +"),
	    text_count(h->got[i], " BATCH -"));
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Return the lines without their tags and those of batches, sorted: a user may
 * be shown on some channels later. Free the result. */
static char *
lines_of(const char *got)
{
	char *copy = strdup(got), *all = mem_zalloc(strlen(got) + 1), *line,
	     *at = copy;
	char *other[2 * USERS * CHANS];
	size_t n = 0;

	while ((line = strsep(&at, "\n")) != NULL) {
		if (*line == '@')
			line = strchr(line, ' ') + 1;
		if (*line != '\0' && strstr(line, " BATCH ") == NULL)
			other[n++] = line;
	}
	qsort(other, n, sizeof(*other), by_text);
	for (size_t i = 0; i < n; i++)
		strcat(strcat(all, other[i]), "\n");
	free(copy);
	return all;
}

START_TEST(a_reader_gets_all_and_is_not_closed)
{
	struct heal small, large;
	char *a, *b;

	heal_begin(&small, SENDQ);
	see(&small, true);
	readers_run(&small.readers);
	ck_assert(is_done(&small));
	heal_begin(&large, 1 << 30);
	see(&large, true);
	readers_run(&large.readers);
	for (unsigned i = 1; i <= READERS; i++) {
		expect_all(&small, i);
		ck_assert_uint_gt(small.ngot[i], 2 * SENDQ);
		a = lines_of(small.got[i]);
		b = lines_of(large.got[i]);
		ck_assert_str_eq(a, b);
		free(a);
		free(b);
	}
	/* what had been given before, and one slice */
	ck_assert_uint_le(small.readers.most, SENDQ / 2);
	heal_end(&small);
	heal_end(&large);
}
END_TEST

START_TEST(a_split_is_given_as_clients_read)
{
	struct heal h;

	heal_begin(&h, SENDQ);
	see(&h, true);
	readers_run(&h.readers);
	h.readers.most = 0;
	h.rig.class.sendq = 4096; /* so that the QUITs are many times that */
	see(&h, false);
	readers_run(&h.readers);
	ck_assert(is_done(&h));
	for (unsigned i = 1; i <= READERS; i++) {
		ck_assert(!h.readers.closed[i]);
		ck_assert_uint_eq(text_count(h.got[i], " QUIT :"), USERS);
	}
	ck_assert_uint_le(h.readers.most, 4096 / 2);
	heal_end(&h);
}
END_TEST

/* The heal waits for client 2, then goes on without it. */
START_TEST(a_client_that_reads_nothing_is_closed)
{
	struct heal h;

	heal_waits(&h);
	readers_pass(&h.readers, LAG_MS - 1);
	ck_assert(!is_done(&h));
	ck_assert(!h.readers.closed[2]);
	ck_assert_uint_eq(h.rig.core->lagging.n, 1);
	ck_assert_uint_le(h.rig.nout[2], SENDQ / 2);
	readers_pass(&h.readers, 1);
	ck_assert(is_done(&h));
	ck_assert(h.readers.closed[2]);
	expect_all(&h, 1);
	expect_all(&h, 3);
	ck_assert_uint_le(h.readers.most, SENDQ / 2);
	heal_end(&h);
}
END_TEST

/* A client that reads whenever it is nearly overdue holds the others up for
 * LAG_TOTAL_MS, and from then on for LAG_LEAST_MS at a time. */
START_TEST(waiting_has_an_end)
{
	struct heal h;
	int64_t waited = 0, overdue = 0;

	heal_begin(&h, SENDQ);
	see(&h, true);
	h.readers.deaf[2] = true;
	readers_run(&h.readers);
	for (; waited < LAG_TOTAL_MS; waited += LAG_MS - 1) {
		ck_assert(!is_done(&h));
		ck_assert_uint_eq(h.rig.core->lagging.n, 1);
		readers_pass(&h.readers, LAG_MS - 1);
		readers_take(&h.readers, 2);
		readers_run(&h.readers);
	}
	/* now it reads half as much in the same time */
	while (!is_done(&h)) {
		ck_assert_uint_eq(h.rig.core->lagging.n, 1);
		readers_pass(&h.readers, LAG_LEAST_MS - 1);
		ck_assert_uint_eq(h.rig.core->lagging.n, 1);
		readers_pass(&h.readers, 1);
		overdue += LAG_LEAST_MS;
		if (!h.readers.closed[2])
			readers_take(&h.readers, 2);
		readers_run(&h.readers);
	}
	ck_assert_int_le(overdue, USERS * LAG_LEAST_MS);
	expect_all(&h, 1);
	expect_all(&h, 3);
	heal_end(&h);
}
END_TEST

START_TEST(a_client_that_goes_holds_nobody_up)
{
	struct heal h;

	heal_begin(&h, SENDQ);
	h.readers.deaf[2] = true;
	h.readers.deaf[3] = true;
	see(&h, true);
	readers_run(&h.readers);
	ck_assert_uint_eq(h.rig.core->lagging.n, 2);
	h.readers.closed[2] = true;
	rig_close(&h.rig, 2);
	readers_run(&h.readers);
	ck_assert(!is_done(&h));
	rig_say(&h.rig, 3, "QUIT");
	h.readers.closed[3] = true;
	readers_run(&h.readers);
	ck_assert(is_done(&h));
	expect_all(&h, 1);
	rig_close(&h.rig, 3);
	heal_end(&h);
}
END_TEST

/* The network splits again while the heal waits: users who were shown are
 * hidden, and nothing else is told. */
START_TEST(a_split_while_a_heal_waits)
{
	struct heal h;
	unsigned shown;

	heal_waits(&h);
	shown = text_count(h.got[1], " JOIN #c00");
	ck_assert_uint_lt(shown, USERS);
	ck_assert_uint_gt(shown, 0);
	see(&h, false);
	readers_run(&h.readers);
	ck_assert_uint_eq(text_count(h.got[1], " QUIT :"), 0);
	h.readers.deaf[2] = false;
	readers_run(&h.readers);
	ck_assert(is_done(&h));
	for (unsigned i = 1; i <= READERS; i++) {
		ck_assert_uint_eq(text_count(h.got[i], " JOIN #c00"), shown);
		ck_assert_uint_eq(text_count(h.got[i], " QUIT :"), shown);
	}
	heal_end(&h);
}
END_TEST

/* A map that goes to and fro does not prolong the waiting. */
START_TEST(a_map_that_changes_does_not_prolong_it)
{
	struct heal h;

	heal_waits(&h);
	for (int64_t ms = 0; ms < LAG_MS; ms += 100) {
		ck_assert_uint_eq(h.rig.core->lagging.n, 1);
		see(&h, ms % 200 != 0);
		readers_pass(&h.readers, 100);
	}
	ck_assert(is_done(&h));
	expect_all(&h, 1);
	heal_end(&h);
}
END_TEST

/* A hidden user who acts is shown at once; what that brings counts, too. */
START_TEST(who_acts_is_shown_while_a_heal_waits)
{
	struct heal h;
	char cause[64], text[128];
	size_t waited;

	heal_waits(&h);
	waited = h.rig.nout[2];
	snprintf(text, sizeof(text), ":zed%u!z@192.0.2.2 JOIN #c00\r\n",
	    USERS - 1);
	ck_assert_ptr_null(strstr(h.got[1], text));
	snprintf(cause, sizeof(cause), "002B%05u.1,1,1,2000", USERS - 1);
	foreign(&h, cause, "+SAY PRIVMSG 002 #c00 * :hello\r\n");
	ck_assert_uint_gt(h.rig.nout[2], waited);
	ck_assert_uint_gt(rig_session(&h.rig, 2)->owed, waited);
	readers_run(&h.readers);
	ck_assert_ptr_nonnull(strstr(h.got[1], text));
	ck_assert(!is_done(&h));
	h.readers.deaf[2] = false;
	readers_run(&h.readers);
	for (unsigned i = 1; i <= READERS; i++)
		expect_all(&h, i);
	heal_end(&h);
}
END_TEST

/* An answer that waits for the same client, and a heal that does. */
START_TEST(a_long_answer_goes_on_in_a_heal)
{
	struct heal h;

	heal_waits(&h);
	rig_say(&h.rig, 2, "WHO #c00");
	rig_say(&h.rig, 2, "NAMES #c01");
	h.readers.deaf[2] = false;
	readers_run(&h.readers);
	ck_assert(is_done(&h));
	ck_assert_uint_eq(text_count(h.got[2], " 315 ann2 #c00 "), 1);
	ck_assert_uint_eq(text_count(h.got[2], " 366 ann2 #c01 "), 1);
	for (unsigned i = 1; i <= READERS; i++)
		expect_all(&h, i);
	heal_end(&h);
}
END_TEST

/* Server 002 begins a new run before slices have hidden its users. Its READY
 * makes them void; they are hidden as clients read, and a client that reads
 * nothing holds that up for LAG_LEAST_MS. */
START_TEST(void_users_go_as_clients_read)
{
	struct heal h;

	heal_begin(&h, SENDQ);
	see(&h, true);
	readers_run(&h.readers);
	ck_assert(is_done(&h));
	h.rig.class.sendq = 8192;
	h.readers.most = 0;
	h.readers.deaf[2] = true;
	h.run = "002.6";
	h.n = 0;
	foreign(&h, "-", "+READY 002 6 two.test :two\r\n");
	readers_run(&h.readers);
	ck_assert(core_is_voiding(h.rig.core));
	readers_pass(&h.readers, LAG_LEAST_MS - 1);
	ck_assert(core_is_voiding(h.rig.core));
	readers_pass(&h.readers, 1);
	ck_assert(!core_is_voiding(h.rig.core));
	ck_assert_uint_eq(text_count(h.got[1], " QUIT :irc.test two.test"),
	    USERS);
	ck_assert_uint_eq(text_count(h.got[3], " QUIT :irc.test two.test"),
	    USERS);
	ck_assert_uint_le(h.readers.most, 8192 / 2);
	heal_end(&h);
}
END_TEST

/* A client that lags is asked for by an effect, so the array of effects may
 * move while effects are counted. */
START_TEST(counting_may_move_the_effects)
{
	struct rcbuf *buf = rcbuf_alloc(64 * 1024);
	struct conn_id to[READERS];
	struct step st;
	struct rig r;

	memset(buf->p, 'x', buf->n);
	rig_init(&r);
	for (unsigned i = 0; i < READERS; i++) {
		rig_open(&r, i + 1);
		to[i] = rig_session(&r, i + 1)->conn->id;
	}
	step_begin(&st, r.core, &r.ev, &r.fx);
	do
		effects_send(&r.fx, rcbuf_ref(buf), to, READERS);
	while (r.fx.n < 4096 || r.fx.n < r.fx.cap);
	lag_count(&st, 0);
	ck_assert_uint_eq(r.fx.n, 4096 + READERS);
	for (unsigned i = 0; i < READERS; i++) {
		ck_assert_int_eq(r.fx.v[4096 + i].kind, EFF_DRAIN);
		ck_assert_uint_eq(rig_session(&r, i + 1)->owed, 4096U * buf->n);
	}
	effects_clear(&r.fx);
	rcbuf_unref(buf);
	rig_fini(&r);
}
END_TEST

/* No slice brings one session more than a piece, and one user. */
START_TEST(a_slice_is_small)
{
	struct heal h;
	const char *at, *end;
	size_t most = 0, n;

	heal_begin(&h, SENDQ);
	h.rig.settings.turn_work = 1 << 30;
	see(&h, true);
	readers_run(&h.readers);
	at = h.got[1];
	while ((at = strstr(at, " BATCH +")) != NULL) {
		end = strstr(at, " BATCH -");
		ck_assert_ptr_nonnull(end);
		n = (size_t)(end - at);
		most = n > most ? n : most;
		at = end;
	}
	ck_assert_uint_gt(most, 0);
	ck_assert_uint_le(most, SENDQ / 4 + 128 * CHANS);
	heal_end(&h);
}
END_TEST

#define LOTS 200 /* channels that a client and one user share */
#define SMALL_TURN 64

/* The clients are on LOTS channels with a user of server 002, who is hidden. */
static void
crossing_begin(struct heal *h, unsigned lots)
{
	char line[64], text[8192];
	size_t n = 0;

	heal_begin(h, SENDQ);
	h->rig.no_ticks = false;
	h->rig.class.channels = lots + CHANS;
	for (unsigned c = 0; c < lots; c++) {
		snprintf(line, sizeof(line), "JOIN #x%03u", c);
		for (unsigned i = 1; i <= READERS; i++) {
			rig_say(&h->rig, i, line);
			readers_take(&h->readers, i);
		}
		if (c % 20 == 0)
			n = (size_t)snprintf(text, sizeof(text),
			    "+USER 002C00000 z z two.test h h :Z\r\n"
			    "+NICK 002C00000 yan 1 1500\r\n");
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "+CHAN #x%03u,1000.002\r\n"
		    "+CSET #x%03u,1000.002 topic 002 :two.test the topic of "
		    "channel %u, which has some length\r\n"
		    "+JOIN #x%03u,1000.002 002C00000\r\n",
		    c, c, c, c);
		if (c % 20 == 19)
			foreign(h, "-", text);
	}
	h->rig.no_ticks = true;
	h->readers.most = 0;
	for (unsigned i = 1; i <= READERS; i++) {
		readers_take(&h->readers, i);
		h->ngot[i] = 0;
	}
}

/* One user comes back who is on so many common channels that one step would
 * bring more than the sendq holds: the user is shown on some of them at once,
 * and on the others as the clients read. */
START_TEST(a_user_on_very_many_channels_comes_in_slices)
{
	struct heal h;

	crossing_begin(&h, LOTS);
	see(&h, true);
	readers_run(&h.readers);
	ck_assert(is_done(&h));
	for (unsigned i = 1; i <= READERS; i++) {
		ck_assert(!h.readers.closed[i]);
		ck_assert_uint_eq(text_count(h.got[i], "yan!z@h JOIN #x"),
		    LOTS);
		ck_assert_uint_eq(text_count(h.got[i], " TOPIC #x"), LOTS);
	}
	ck_assert_uint_lt(h.readers.most, SENDQ);
	/* the user goes with one line */
	for (unsigned i = 1; i <= READERS; i++)
		h.ngot[i] = 0;
	see(&h, false);
	readers_run(&h.readers);
	for (unsigned i = 1; i <= READERS; i++)
		ck_assert_uint_eq(text_count(h.got[i], "yan!z@h QUIT"), 1);
	heal_end(&h);
}
END_TEST

/* A client does not read, so most memberships are postponed. The user speaks on
 * a channel, and quits. */
START_TEST(a_user_with_postponed_memberships_acts)
{
	struct heal h;
	const char *said, *joined;

	crossing_begin(&h, LOTS);
	h.readers.deaf[2] = true;
	see(&h, true);
	readers_run(&h.readers);
	ck_assert(postpone_any(h.rig.core));
	foreign(&h, "002C00000.1,1,1,1000",
	    "+SAY PRIVMSG 002C00000 #x190 * :hi\r\n");
	readers_run(&h.readers);
	said = strstr(h.got[1], "PRIVMSG #x190 :hi");
	joined = strstr(h.got[1], "yan!z@h JOIN #x190");
	ck_assert_ptr_nonnull(said);
	ck_assert_ptr_nonnull(joined);
	ck_assert(joined < said);
	ck_assert_uint_lt(text_count(h.got[1], "yan!z@h JOIN #x"), LOTS);
	foreign(&h, "-", "+QUIT 002C00000 :bye\r\n");
	readers_run(&h.readers);
	ck_assert_uint_eq(text_count(h.got[1], "yan!z@h QUIT :bye"), 1);
	ck_assert_uint_lt(text_count(h.got[1], "yan!z@h JOIN #x"), LOTS);
	readers_pass(&h.readers, LAG_MS);
	ck_assert(is_done(&h));
	heal_end(&h);
}
END_TEST

/* Show server 003, which has no users, or hide it; server 002 stays. */
static void
see_another(struct heal *h, bool shown)
{
	const struct origin near[] = { { { "002" }, 5 },
		{ { "003" }, shown ? 5 : 0 } };

	rig_overlay(&h->rig, near, 2);
}

/* The map changes again and again while postponed memberships wait for client
 * 2, which reads whenever it is nearly late. That does not prolong the waiting,
 * and each membership is shown once. */
START_TEST(postponed_memberships_wait_once)
{
	struct heal h;
	int64_t waited = 0;

	crossing_begin(&h, LOTS);
	h.rig.class.sendq = SENDQ / 4; /* so that there are many slices */
	h.readers.deaf[2] = true;
	see(&h, true);
	readers_run(&h.readers);
	while (!TAILQ_EMPTY(&h.rig.core->flips)) {
		readers_take(&h.readers, 2);
		readers_run(&h.readers);
	}
	for (bool on = true; waited < LAG_TOTAL_MS; on = !on) {
		ck_assert(postpone_any(h.rig.core));
		ck_assert_uint_eq(h.rig.core->lagging.n, 1);
		see_another(&h, on);
		readers_pass(&h.readers, LAG_MS - 1);
		readers_take(&h.readers, 2);
		readers_run(&h.readers);
		waited += LAG_MS - 1;
	}
	ck_assert(is_done(&h));
	for (unsigned i = 1; i <= READERS; i += 2) {
		ck_assert_uint_eq(text_count(h.got[i], "yan!z@h JOIN #x"),
		    LOTS);
		ck_assert_uint_eq(text_count(h.got[i], " TOPIC #x"), LOTS);
	}
	heal_end(&h);
}
END_TEST

/* To pass over the memberships that are shown already takes more than the turn
 * has for a slice. */
START_TEST(a_user_on_very_many_channels_comes_in_small_turns)
{
	struct heal h;
	unsigned ticks = 0;

	crossing_begin(&h, LOTS);
	h.rig.no_ticks = true;
	h.rig.settings.turn_work = SMALL_TURN;
	see(&h, true);
	while (!is_done(&h)) {
		readers_read(&h.readers);
		(void)rig_tick(&h.rig);
		ck_assert_uint_le(++ticks, 8 * (LOTS + USERS * CHANS));
	}
	heal_end(&h);
}
END_TEST

#define VERY_MANY 700 /* channels, more than are hidden in one step */

/* Return how many channels client 1 saw the user join, and not leave. */
static unsigned
count_seen(const struct heal *h)
{
	return text_count(h->got[1], "yan!z@h JOIN #x") -
	       text_count(h->got[1], "yan!z@h PART #x");
}

/* Such a user goes in slices, too: first from most channels, then from the
 * network. No step hides many memberships, or brings a client much. */
START_TEST(a_user_on_very_many_channels_goes_in_slices)
{
	struct heal h;
	const struct user *u;
	const char *quit;
	unsigned before;

	crossing_begin(&h, VERY_MANY);
	see(&h, true);
	readers_run(&h.readers);
	ck_assert_uint_eq(count_seen(&h), VERY_MANY);
	h.readers.most = 0;
	see(&h, false);
	u = facts_find_uid(&h.rig.core->facts, (struct uid){ "002C00000" });
	before = u->nshown;
	for (readers_read(&h.readers); rig_tick(&h.rig);
	     readers_read(&h.readers)) {
		ck_assert_uint_le(before - u->nshown, 2 * POSTPONE_ABOVE);
		before = u->nshown;
	}
	ck_assert(is_done(&h));
	ck_assert_uint_eq(before, 0);
	ck_assert_uint_le(count_seen(&h), POSTPONE_ABOVE);
	ck_assert_uint_eq(text_count(h.got[1], "yan!z@h QUIT"), 1);
	quit = strstr(h.got[1], "yan!z@h QUIT :irc.test two.test");
	ck_assert_ptr_nonnull(quit);
	ck_assert_ptr_nonnull(strstr(h.got[1],
	    " PART #x001 :irc.test two.test"));
	ck_assert_ptr_null(strstr(quit, "yan!z@h PART"));
	ck_assert_uint_lt(h.readers.most, SENDQ);
	heal_end(&h);
}
END_TEST

/* The server comes back while most memberships are hidden: they are shown
 * again. The user speaks, and sets a mode, meanwhile. */
START_TEST(a_user_who_goes_in_slices_comes_back)
{
	struct heal h;

	crossing_begin(&h, VERY_MANY);
	see(&h, true);
	readers_run(&h.readers);
	h.readers.deaf[2] = true;
	see(&h, false);
	readers_run(&h.readers);
	while (count_seen(&h) == VERY_MANY) {
		readers_take(&h.readers, 2);
		readers_run(&h.readers);
	}
	ck_assert(!is_done(&h));
	ck_assert_uint_eq(text_count(h.got[1], "yan!z@h QUIT"), 0);
	foreign(&h, "002C00000.1,1,1,1000",
	    "+SAY PRIVMSG 002C00000 #x000 * :hi\r\n");
	foreign(&h, "002C00000.1,2,1,1000",
	    "+SET 002C00000 away 002C00000 :gone\r\n");
	readers_run(&h.readers);
	ck_assert_uint_eq(text_count(h.got[1], "yan!z@h QUIT"), 0);
	see(&h, true);
	readers_run(&h.readers);
	h.readers.deaf[2] = false;
	readers_run(&h.readers);
	ck_assert(is_done(&h));
	ck_assert_uint_eq(text_count(h.got[1], "yan!z@h QUIT"), 0);
	ck_assert_uint_eq(count_seen(&h), VERY_MANY);
	heal_end(&h);
}
END_TEST

/* The home of such a user moves away, and back, by two entries. */
START_TEST(a_user_on_very_many_channels_moves)
{
	struct heal h;
	char text[8192];
	const struct user *u;
	unsigned before;
	size_t n = 0;

	crossing_begin(&h, VERY_MANY);
	see(&h, true);
	readers_run(&h.readers);
	foreign(&h, "-",
	    "+USER 002D00000 x x two.test h h :X\r\n"
	    "+NICK 002D00000 xen 1 1500\r\n"
	    "+HOME 002D00000 1 002.5 * 0\r\n");
	for (unsigned c = 0; c < VERY_MANY; c++) {
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "+JOIN #x%03u,1000.002 002D00000\r\n", c);
		if (c % 50 == 49) {
			foreign(&h, "002D00000.1,1,1,1", text);
			n = 0;
			readers_run(&h.readers);
		}
	}
	u = facts_find_uid(&h.rig.core->facts, (struct uid){ "002D00000" });
	ck_assert_uint_eq(u->nshown, VERY_MANY);
	for (unsigned tenure = 2; tenure < 6; tenure++) {
		h.readers.most = h.readers.most_visits = h.ngot[1] = 0;
		snprintf(text, sizeof(text), "+HOME 002D00000 %u %s * 9\r\n",
		    tenure, tenure % 2 == 0 ? "-" : "002.5");
		before = u->nshown;
		foreign(&h, "-", text);
		readers_run(&h.readers);
		ck_assert(is_done(&h));
		ck_assert_uint_eq(u->nshown, VERY_MANY - before);
		ck_assert_uint_eq(text_count(h.got[1], "xen!x@h QUIT"),
		    tenure % 2 == 0);
		ck_assert_uint_lt(h.readers.most, SENDQ);
		ck_assert_uint_le(h.readers.most_visits, 2 * POSTPONE_ABOVE);
	}
	for (unsigned i = 1; i <= READERS; i++)
		ck_assert(!h.readers.closed[i]);
	heal_end(&h);
}
END_TEST

Suite *
lag_suite(void)
{
	Suite *s = suite_create("lag");
	TCase *t = unit_case("lag");

	tcase_add_test(t, a_reader_gets_all_and_is_not_closed);
	tcase_add_test(t, a_split_is_given_as_clients_read);
	tcase_add_test(t, a_client_that_reads_nothing_is_closed);
	tcase_add_test(t, waiting_has_an_end);
	tcase_add_test(t, a_client_that_goes_holds_nobody_up);
	tcase_add_test(t, a_split_while_a_heal_waits);
	tcase_add_test(t, a_map_that_changes_does_not_prolong_it);
	tcase_add_test(t, who_acts_is_shown_while_a_heal_waits);
	tcase_add_test(t, a_long_answer_goes_on_in_a_heal);
	tcase_add_test(t, counting_may_move_the_effects);
	tcase_add_test(t, a_slice_is_small);
	tcase_add_test(t, void_users_go_as_clients_read);
	tcase_add_test(t, a_user_on_very_many_channels_comes_in_slices);
	tcase_add_test(t, a_user_on_very_many_channels_comes_in_small_turns);
	tcase_add_test(t, postponed_memberships_wait_once);
	tcase_add_test(t, a_user_on_very_many_channels_goes_in_slices);
	tcase_add_test(t, a_user_on_very_many_channels_moves);
	tcase_add_test(t, a_user_who_goes_in_slices_comes_back);
	tcase_add_test(t, a_user_with_postponed_memberships_acts);
	suite_add_tcase(s, t);
	return s;
}
