/*
 * The masks of a channel come to clients in slices, as clients read them
 * (core/postpone_lists.h, doc/decisions/0021).
 *
 * Clients 1 to 3 are on #c. Server 002 has a user on it, too, in an older
 * incarnation with MASKS masks; it is hidden until it is shown. Each client
 * keeps the lists that the lines tell of, and no line may contradict them. A
 * reader reads all it was sent in each turn; a deaf client reads nothing. A
 * client is closed if more waits for it than its sendq holds, as by banyand.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/facts/masks.h"
#include "core/facts/shown_list.h"
#include "core/postpone_lists.h"
#include "core/sessions/lag.h"
#include "core/types/cost.h"
#include "lib/text.h"
#include "unit/core/check_core.h"
#include "unit/core/readers.h"

#define MASKS 1500  /* of server 002 */
#define OWN 100	    /* that the clients have set */
#define SENDQ 16384 /* the least that a configuration may say */
/* masks that one step looks at, at most: half of a turn, and what a channel
 * shows at once */
#define TURN 32768
#define VISITS (TURN / 2 / COST_VISIT + 32)
#define LONG "a.very.long.name.of.a.host.that.nobody.has.but.masks.do.example"

/* The masks that the lines to a client have told of, each with its letter. */
struct picture {
	char **v;
	size_t n, cap;
};

struct lists {
	struct rig rig;
	struct readers readers;
	struct picture of[READERS + 1];
	unsigned n; /* the last entry of server 002 */
};

/* ---- what a client makes of its lines ------------------------------------ */

static size_t
find(const struct picture *p, const char *mask)
{
	size_t i = 0;

	while (i < p->n && strcmp(p->v[i], mask) != 0)
		i++;
	return i;
}

static void
change(struct picture *p, bool on, char letter, const char *arg)
{
	char mask[256];
	size_t i;

	snprintf(mask, sizeof(mask), "%c %s", letter, arg);
	i = find(p, mask);
	ck_assert_msg((i == p->n) == on, "MODE %c%s", on ? '+' : '-', mask);
	if (!on) {
		free(p->v[i]);
		p->v[i] = p->v[--p->n];
		return;
	}
	if (p->n == p->cap)
		p->v = mem_grow(p->v, &p->cap, 64, sizeof(*p->v));
	p->v[p->n++] = strdup(mask);
}

/* Take a line of MODE, from the letters on. */
static void
take_modes(struct picture *p, char *words)
{
	char *letters = strsep(&words, " ");
	bool on = true;

	for (; *letters != '\0'; letters++)
		if (*letters == '+' || *letters == '-')
			on = *letters == '+';
		else if (strchr("beI", *letters) != NULL)
			change(p, on, *letters, strsep(&words, " "));
		else if (strchr("qaohvkl", *letters) != NULL)
			(void)strsep(&words, " ");
}

static void
take(void *ctx, unsigned i, const char *text)
{
	struct lists *x = ctx;
	char *copy = strdup(text), *at = copy, *line, *modes;

	while ((line = strsep(&at, "\n")) != NULL) {
		line[strcspn(line, "\r")] = '\0';
		if ((modes = strstr(line, " MODE #c ")) != NULL)
			take_modes(&x->of[i], modes + strlen(" MODE #c "));
	}
	free(copy);
}

/* ---- server 002 ---------------------------------------------------------- */

static void
foreign(struct lists *x, const char *parts)
{
	rig_apply_parts(&x->rig, "002.5", ++x->n, "-", parts);
}

/* Add a mask to an incarnation of #c. */
static void
add_mask(struct lists *x, const char *cinc, unsigned i)
{
	static const char *const list[] = { "ban", "exception",
		"invite-exception" };
	char text[512];

	snprintf(text, sizeof(text),
	    "+LADD #c,%s %s 002 0 :m%05u!*@" LONG " 002\r\n", cinc, list[i % 3],
	    i);
	foreign(x, text);
}

static void
add_ban(struct lists *x, const char *mask)
{
	char text[256];

	snprintf(text, sizeof(text), "+LADD #c,1000.002 ban 002 0 :%s 002\r\n",
	    mask);
	foreign(x, text);
}

/* Show server 002, or hide it. */
static void
see(struct lists *x, bool shown)
{
	rig_overlay(&x->rig, &(struct origin){ { "002" }, shown ? 5 : 0 }, 1);
}

/* ---- the test ------------------------------------------------------------ */

static void
begin(struct lists *x)
{
	char line[512];

	*x = (struct lists){ .readers = {
				 .rig = &x->rig, .take = take, .ctx = x } };
	rig_init(&x->rig);
	x->rig.class.flood_burst = 0;
	x->rig.class.sendq = SENDQ;
	x->rig.settings.turn_work = TURN;
	x->rig.settings.list_max = 2 * MASKS;
	for (unsigned i = 1; i <= READERS; i++) {
		snprintf(line, sizeof(line), "ann%u", i);
		rig_register(&x->rig, i, line);
		rig_say(&x->rig, i, "JOIN #c");
	}
	for (unsigned i = 0; i < OWN; i++) {
		snprintf(line, sizeof(line), "MODE #c +b own%u!*@" LONG, i);
		rig_say(&x->rig, 1, line);
		readers_run(&x->readers);
	}
	foreign(x, "+READY 002 5 two.test :two\r\n"
		   "+USER 002B00000 z z two.test 192.0.2.2 192.0.2.2 :Z\r\n"
		   "+NICK 002B00000 zed 1 1500\r\n"
		   "+CHAN #c,1000.002\r\n"
		   "+JOIN #c,1000.002 002B00000\r\n");
	for (unsigned i = 0; i < MASKS; i++)
		add_mask(x, "1000.002", i);
	x->rig.no_ticks = true;
	readers_run(&x->readers);
	x->readers.most = x->readers.most_visits = 0;
}

/* Begin a heal that waits for client 2, which reads nothing. */
static void
masks_wait(struct lists *x)
{
	begin(x);
	x->readers.deaf[2] = true;
	see(x, true);
	readers_run(&x->readers);
	ck_assert_uint_lt(x->of[1].n, MASKS / 2);
}

static void
end(struct lists *x)
{
	for (unsigned i = 1; i <= READERS; i++) {
		for (size_t k = 0; k < x->of[i].n; k++)
			free(x->of[i].v[k]);
		free(x->of[i].v);
	}
	rig_fini(&x->rig);
}

static const struct chan *
chan(const struct lists *x)
{
	return facts_find_chan(&x->rig.core->facts, SPAN("#c"));
}

/* The picture of each client that was not closed is what the facts say. */
static void
expect_all(const struct lists *x, size_t n)
{
	static const char letter[] = "beI";
	static const enum chan_mode list[] = { CM_BAN, CM_EXCEPT, CM_INVEX };
	const struct shown_mask *m;
	struct span mask;
	char text[256];
	size_t have;

	for (unsigned i = 1; i <= READERS; i++) {
		if (x->readers.closed[i])
			continue;
		have = 0;
		for (unsigned l = 0; l < 3; l++)
			for (m = shown_first(chan(x), list[l]); m != NULL;
			     m = shown_next(m)) {
				mask = mask_of(m->text);
				snprintf(text, sizeof(text), "%c %.*s",
				    letter[l], SPAN_ARG(mask));
				ck_assert_msg(find(&x->of[i], text) <
						  x->of[i].n,
				    "client %u lacks %s", i, text);
				have++;
			}
		ck_assert_uint_eq(have, n);
		ck_assert_uint_eq(x->of[i].n, n);
	}
}

static void
expect_open(const struct lists *x)
{
	for (unsigned i = 1; i <= READERS; i++)
		ck_assert(!x->readers.closed[i]);
	ck_assert(!postpone_lists_any(x->rig.core));
	ck_assert_uint_le(x->readers.most, SENDQ / 2);
	ck_assert_uint_le(x->readers.most_visits, VISITS);
}

static void
make_op(struct lists *x, const char *nick)
{
	const struct user *u =
	    facts_find_nick(&x->rig.core->facts, span_of(nick));
	const struct member *m = facts_find_member(chan(x), u);
	char text[256];

	snprintf(text, sizeof(text),
	    "+STAT #c,1000.002 %s.%u.%ju.%u op on 002\r\n", m->dot.o.sid.s,
	    m->dot.o.inc, (uintmax_t)m->dot.n, m->dot.part);
	foreign(x, text);
	ck_assert_uint_ne(member_status(m), 0);
}

/* The other incarnation of the channel takes the place of the own one at a
 * heal. */
START_TEST(masks_of_another_incarnation)
{
	struct lists x;

	begin(&x);
	expect_all(&x, OWN);
	see(&x, true);
	readers_run(&x.readers);
	expect_all(&x, MASKS);
	expect_open(&x);
	end(&x);
}
END_TEST

/* The halves had one incarnation, and each filled its lists. The masks of the
 * other half come one entry after the other, faster than a client reads. */
START_TEST(masks_of_the_other_half)
{
	struct lists x;
	char cinc[64];
	struct span s;

	begin(&x);
	s = rig_cinc(&x.rig, "#c");
	snprintf(cinc, sizeof(cinc), "%.*s", SPAN_ARG(s));
	for (unsigned i = 0; i < MASKS; i++)
		add_mask(&x, cinc, MASKS + i);
	readers_run(&x.readers);
	expect_all(&x, OWN + MASKS);
	expect_open(&x);
	end(&x);
}
END_TEST

/* Client 2 reads nothing, so most masks wait. Client 1 changes some of them
 * meanwhile; each client sees what agrees with what it was told before. */
START_TEST(lists_change_while_masks_wait)
{
	struct lists x;
	char line[512];

	masks_wait(&x);
	make_op(&x, "ann1");
	rig_say(&x.rig, 1, "MODE #c +be n!*@* n!*@*");
	readers_run(&x.readers);
	rig_say(&x.rig, 1, "MODE #c -e n!*@*");
	for (unsigned i = 0; i < MASKS; i += 100) {
		snprintf(line, sizeof(line),
		    "+LDEL #c,1000.002 002 002.5.%u.0\r\n", i + 2);
		foreign(&x, line);
		add_mask(&x, "1000.002", MASKS + i);
	}
	readers_run(&x.readers);
	ck_assert_uint_lt(find(&x.of[1], "b n!*@*"), x.of[1].n);
	ck_assert_uint_lt(x.of[1].n, MASKS / 2);
	x.readers.deaf[2] = false;
	readers_run(&x.readers);
	expect_all(&x, MASKS + 1);
	expect_open(&x);
	end(&x);
}
END_TEST

/* Return how many masks an answer to MODE has that the client was told of. */
static unsigned
answered(struct lists *x, unsigned i, char letter, const char *numeric)
{
	const char *at, *answer;
	char line[32], mask[256];
	unsigned n = 0;

	snprintf(line, sizeof(line), "MODE #c %c", letter);
	rig_say(&x->rig, i, line);
	x->rig.no_ticks = false;
	while (rig_tick(&x->rig) || x->rig.drain[i])
		if (x->rig.drain[i])
			rig_read(&x->rig, i);
	x->rig.no_ticks = true;
	answer = at = rig_heard(&x->rig, i);
	for (; (at = strstr(at, numeric)) != NULL; n++) {
		at = strchr(strchr(at + strlen(numeric), ' ') + 1, ' ') + 1;
		snprintf(mask, sizeof(mask), "%c %.*s", letter,
		    (int)strcspn(at, " "), at);
		ck_assert_msg(find(&x->of[i], mask) < x->of[i].n, "%s in:\n%s",
		    mask, answer);
	}
	return n;
}

/* While masks wait, clients are answered what they have been told. Whether a
 * user is banned, and whether a list is full, is judged by all masks. */
START_TEST(masks_that_wait_count)
{
	struct lists x;

	masks_wait(&x);
	ck_assert_uint_eq(answered(&x, 1, 'b', " 367 ") +
			      answered(&x, 1, 'e', " 348 ") +
			      answered(&x, 1, 'I', " 346 "),
	    x.of[1].n);
	x.rig.no_ticks = false;
	rig_register(&x.rig, 4, "m01497");
	rig_says(&x.rig, 4, "JOIN #c", " JOIN #c");
	rig_says(&x.rig, 4, "PART #c", " PART #c");
	add_ban(&x, "m01497!*@*");
	rig_says(&x.rig, 4, "JOIN #c", " 474 m01497 #c ");
	x.rig.no_ticks = true;
	make_op(&x, "ann1");
	x.rig.settings.list_max = MASKS;
	rig_says(&x.rig, 1, "MODE #c +b x!*@*", " 478 ann1 #c x!*@* ");
	end(&x);
}
END_TEST

/* Nobody is left on the channel: the memory of its lists is given back in
 * slices. */
START_TEST(lists_that_end_are_freed_in_slices)
{
	struct lists x;
	unsigned turns = 0;

	begin(&x);
	see(&x, true);
	readers_run(&x.readers);
	expect_all(&x, MASKS);
	foreign(&x, "+QUIT 002B00000 :bye\r\n");
	for (unsigned i = 1; i <= READERS; i++)
		rig_say(&x.rig, i, "PART #c");
	ck_assert_uint_eq(shown_count_all(chan(&x)), 0);
	for (; x.rig.core->shed != NULL; turns++)
		ck_assert(rig_tick(&x.rig));
	ck_assert_uint_ge(turns, MASKS / VISITS);
	end(&x);
}
END_TEST

/* A client that reads nothing holds the others up for a while only. */
START_TEST(a_deaf_client_is_not_waited_for)
{
	struct lists x;

	masks_wait(&x);
	readers_pass(&x.readers, LAG_MS);
	ck_assert(x.readers.closed[2]);
	expect_all(&x, MASKS);
	ck_assert_uint_le(x.readers.most, SENDQ / 2);
	end(&x);
}
END_TEST

/* The server goes while its masks wait. The clients have been moved into its
 * incarnation, so the masks come nevertheless. */
START_TEST(a_split_while_masks_wait)
{
	struct lists x;

	masks_wait(&x);
	see(&x, false);
	readers_run(&x.readers);
	ck_assert_uint_lt(x.of[1].n, MASKS / 2);
	x.readers.deaf[2] = false;
	readers_run(&x.readers);
	expect_all(&x, MASKS);
	expect_open(&x);
	end(&x);
}
END_TEST

Suite *
postpone_lists_suite(void)
{
	Suite *s = suite_create("postpone_lists");
	TCase *t = unit_case("all");

	tcase_add_test(t, masks_of_another_incarnation);
	tcase_add_test(t, masks_of_the_other_half);
	tcase_add_test(t, lists_change_while_masks_wait);
	tcase_add_test(t, masks_that_wait_count);
	tcase_add_test(t, lists_that_end_are_freed_in_slices);
	tcase_add_test(t, a_deaf_client_is_not_waited_for);
	tcase_add_test(t, a_split_while_masks_wait);
	suite_add_tcase(s, t);
	return s;
}
