/*
 * Members whom others do not see before they act (doc/decisions/0054). Server
 * 002 has users on #c, and client 1, ann, watches.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/facts/unknown.h"
#include "core/types/cost.h"
#include "lib/modules.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

#define MANY 200
#define IN_ENTRY 30
#define TURNS 12
#define SMALL_TURN 512

struct scene {
	struct rig rig;
	unsigned n; /* the last entry of server 002 */
};

static void
foreign(struct scene *x, const char *parts)
{
	rig_apply_parts(&x->rig, "002.5", ++x->n, "-", parts);
}

static void
found(struct scene *x)
{
	foreign(x, "+READY 002 5 two.test :two\r\n"
		   "+CHAN #c,1000.002\r\n"
		   "+USER 002AAAAAA o o two.test h h :O\r\n"
		   "+NICK 002AAAAAA other 1 1500\r\n"
		   "+JOIN #c,1000.002 002AAAAAA\r\n");
	rig_overlay(&x->rig, &(struct origin){ { "002" }, 5 }, 1);
}

/* Let ann watch #c, which 002 has founded. */
static void
begin(struct scene *x)
{
	*x = (struct scene){ 0 };
	rig_init(&x->rig);
	x->rig.class.flood_burst = 0;
	found(x);
	rig_register(&x->rig, 1, "ann");
	rig_say(&x->rig, 1, "JOIN #c");
	(void)rig_heard(&x->rig, 1);
}

/* Let user zI of 002 join #c, unseen. The membership is part 2 of the entry,
 * and the part that keeps it unseen is part 3. */
static void
add_unseen(struct scene *x, unsigned i)
{
	char text[512];

	snprintf(text, sizeof(text),
	    "+USER 002B%05u z z two.test h h :Z\r\n"
	    "+NICK 002B%05u z%u 1 1500\r\n"
	    "+JOIN #c,1000.002 002B%05u\r\n"
	    "@kind=element,m1 +UNSEEN 002.5.%u.2\r\n",
	    i, i, i, i, x->n + 1);
	foreign(x, text);
}

static const struct member *
member(const struct rig *r, const char *nick)
{
	const struct facts *f = &r->core->facts;

	return facts_find_member(facts_find_chan(f, SPAN("#c")),
	    facts_find_nick(f, span_of(nick)));
}

START_TEST(a_member_is_veiled_until_seen)
{
	struct scene x;
	char text[64];

	begin(&x);
	add_unseen(&x, 1);
	ck_assert_str_eq(rig_heard(&x.rig, 1), "");
	ck_assert(member(&x.rig, "z1")->veiled);
	ck_assert_uint_eq(member(&x.rig, "z1")->chan->nveiled, 1);
	snprintf(text, sizeof(text), "@kind=removal,1 +SEEN 002.5.%u.3\r\n",
	    x.n);
	foreign(&x, text);
	ck_assert_str_eq(rig_heard(&x.rig, 1), ":z1!z@h JOIN #c\r\n");
	ck_assert(!member(&x.rig, "z1")->veiled);
	ck_assert_uint_eq(member(&x.rig, "z1")->chan->nveiled, 0);
	rig_fini(&x.rig);
}
END_TEST

/* A server of an older version gives a status without a +SEEN. */
START_TEST(a_member_with_a_status_is_seen)
{
	struct scene x;
	unsigned joined;
	char text[128];

	begin(&x);
	add_unseen(&x, 1);
	joined = x.n;
	snprintf(text, sizeof(text),
	    "+STAT #c,1000.002 002.5.%u.2 voice on 002AAAAAA\r\n", joined);
	foreign(&x, text);
	ck_assert_str_eq(rig_heard(&x.rig, 1),
	    ":z1!z@h JOIN #c\r\n:other!o@h MODE #c +v z1\r\n");
	/* nobody who has been seen is hidden again */
	snprintf(text, sizeof(text),
	    "+STAT #c,1000.002 002.5.%u.2 voice off 002AAAAAA\r\n", joined);
	foreign(&x, text);
	ck_assert_str_eq(rig_heard(&x.rig, 1), ":other!o@h MODE #c -v z1\r\n");
	snprintf(text, sizeof(text), "@kind=removal,1 +SEEN 002.5.%u.3\r\n",
	    joined);
	foreign(&x, text);
	foreign(&x, "+QUIT 002B00001 :bye\r\n");
	ck_assert_str_eq(rig_heard(&x.rig, 1), ":z1!z@h QUIT :bye\r\n");
	rig_fini(&x.rig);
}
END_TEST

/* The next act of such a member removes the fact. Else servers that come later
 * would hide the member when the status has gone. */
START_TEST(a_status_does_not_keep_the_fact)
{
	const struct rows *rows = modules_find(SPAN("delayjoin"))->rows;
	struct scene x = { 0 };
	char text[256];
	struct writer w;

	rig_init_rows(&x.rig, "1AA", &rows, 1);
	x.rig.class.flood_burst = 0;
	found(&x);
	foreign(&x, "+CSET #c,1000.002 mode/delay-join 002AAAAAA :1\r\n");
	rig_register(&x.rig, 1, "ann");
	rig_say(&x.rig, 1, "JOIN #c");
	ck_assert(member(&x.rig, "ann")->veiled);
	writer_init(&w, text, sizeof(text) - 1);
	writer_str(&w, "+STAT #c,1000.002 ");
	write_dot(&w, member(&x.rig, "ann")->dot);
	writer_str(&w, " voice on 002AAAAAA\r\n");
	text[writer_done(&w).n] = '\0';
	foreign(&x, text);
	ck_assert(!member(&x.rig, "ann")->veiled);
	ck_assert(member(&x.rig, "ann")->unseen);
	rig_says(&x.rig, 1, "PRIVMSG #c :one", "");
	ck_assert(!member(&x.rig, "ann")->unseen);
	rig_fini(&x.rig);
}
END_TEST

/* A server that lies makes two of them. */
START_TEST(each_fact_hides)
{
	struct scene x;
	unsigned joined;
	char text[128];

	begin(&x);
	add_unseen(&x, 1);
	joined = x.n;
	snprintf(text, sizeof(text), "@kind=element,m1 +UNSEEN 002.5.%u.2\r\n",
	    joined);
	foreign(&x, text);
	snprintf(text, sizeof(text), "@kind=removal,1 +SEEN 002.5.%u.3\r\n",
	    joined);
	foreign(&x, text);
	ck_assert_str_eq(rig_heard(&x.rig, 1), "");
	snprintf(text, sizeof(text), "@kind=removal,1 +SEEN 002.5.%u.0\r\n",
	    joined + 1);
	foreign(&x, text);
	ck_assert_str_eq(rig_heard(&x.rig, 1), ":z1!z@h JOIN #c\r\n");
	rig_fini(&x.rig);
}
END_TEST

/* Let server 003 say n times that a membership is unseen. Its dots are as long
 * as dots can be. */
static void
lie(struct scene *x, const struct member *m, unsigned n)
{
	char dot[64], text[256];
	struct writer w;

	writer_init(&w, dot, sizeof(dot) - 1);
	write_dot(&w, m->dot);
	dot[writer_done(&w).n] = '\0';
	for (unsigned i = 0; i < n; i++) {
		snprintf(text, sizeof(text),
		    "ENTRY 003.4294967295 %llu 3000 * - 1\r\n"
		    "@kind=element,m1 +UNSEEN %s\r\n",
		    100000000000000ULL + i, dot);
		rig_apply(&x->rig, text);
	}
}

/* A member who acts removes some of very many such facts, however long their
 * dots are. */
START_TEST(long_dots_are_removed)
{
	struct scene x;

	begin(&x);
	add_unseen(&x, 1);
	lie(&x, member(&x.rig, "ann"), 20);
	ck_assert(member(&x.rig, "ann")->unseen);
	rig_says(&x.rig, 1, "PRIVMSG #c :one", "");
	ck_assert_uint_eq(unknown_count(&x.rig.core->facts,
			      member(&x.rig, "ann"), 20),
	    4);
	rig_says(&x.rig, 1, "PRIVMSG #c :two", "");
	ck_assert(!member(&x.rig, "ann")->unseen);
	rig_fini(&x.rig);
}
END_TEST

/* A fact of another kind, or of an owner that is not there, hides nobody. */
START_TEST(other_facts_do_not_hide)
{
	struct scene x;
	char text[512];

	begin(&x);
	snprintf(text, sizeof(text),
	    "+USER 002B00001 z z two.test h h :Z\r\n"
	    "+NICK 002B00001 z1 1 1500\r\n"
	    "+JOIN #c,1000.002 002B00001\r\n"
	    "@kind=register,1,m1 +UNSEEN 002.5.%u.2\r\n"
	    "@kind=element,m1 +UNSEEN 002.5.%u.9\r\n",
	    x.n + 1, x.n + 1);
	foreign(&x, text);
	ck_assert_str_eq(rig_heard(&x.rig, 1), ":z1!z@h JOIN #c\r\n");
	rig_fini(&x.rig);
}
END_TEST

/* Let user z1 join again, without a PART; the later stay counts. */
static void
again(struct scene *x, bool unseen)
{
	char text[128];

	snprintf(text, sizeof(text),
	    "+JOIN #c,1000.002 002B00001\r\n"
	    "@kind=element,m1 +UNSEEN 002.5.%u.0\r\n",
	    x->n + 1);
	if (!unseen)
		*strstr(text, "@kind=") = '\0';
	foreign(x, text);
}

START_TEST(another_stay_takes_the_place)
{
	struct scene x;

	begin(&x);
	add_unseen(&x, 1);
	again(&x, true);
	ck_assert_str_eq(rig_heard(&x.rig, 1), "");
	again(&x, false);
	ck_assert_str_eq(rig_heard(&x.rig, 1), ":z1!z@h JOIN #c\r\n");
	again(&x, false);
	ck_assert_str_eq(rig_heard(&x.rig, 1), "");
	again(&x, true);
	ck_assert_str_eq(rig_heard(&x.rig, 1), ":z1!z@h PART #c :\r\n");
	ck_assert(member(&x.rig, "z1")->veiled);
	rig_fini(&x.rig);
}
END_TEST

/* Write the parts of an entry in which IN_ENTRY users join, unseen. */
static char *
many_joins(unsigned n)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (unsigned i = 0; i < IN_ENTRY; i++)
		fprintf(out,
		    "+USER 002B%05u z z two.test h h :Z\r\n"
		    "+NICK 002B%05u z%u 1 1500\r\n"
		    "+JOIN #c,1000.002 002B%05u\r\n"
		    "@kind=element,m1 +UNSEEN 002.5.%u.%u\r\n",
		    i, i, i, i, n, 4 * i + 2);
	fclose(out);
	return text;
}

/* A slice does not end between a membership and what keeps it unseen. */
START_TEST(an_entry_in_slices_shows_nobody)
{
	struct scene x;
	char *text;

	begin(&x);
	text = many_joins(x.n + 1);
	x.rig.settings.turn_work = SMALL_TURN + (unsigned)_i * COST_PART / 2;
	rig_advance(&x.rig, 1000);
	foreign(&x, text);
	free(text);
	ck_assert_str_eq(rig_heard(&x.rig, 1), "");
	ck_assert_uint_eq(member(&x.rig, "z1")->chan->nveiled, IN_ENTRY);
	rig_fini(&x.rig);
}
END_TEST

/* The same holds for a snapshot. */
START_TEST(a_snapshot_in_slices_shows_nobody)
{
	struct vector none = { 0 };
	struct scene x, y;

	begin(&x);
	begin(&y);
	for (unsigned i = 0; i < MANY; i++)
		add_unseen(&y, i);
	x.rig.settings.turn_work = SMALL_TURN;
	core_install(x.rig.core, &x.rig.ev, rig_snapshot(&y.rig, &x.rig), &none,
	    &none, &x.rig.fx);
	core_install_go(x.rig.core, &x.rig.ev, &x.rig.fx);
	rig_drain(&x.rig);
	rig_advance(&x.rig, 10);
	ck_assert(!core_is_installing(x.rig.core));
	ck_assert_ptr_null(strstr(rig_heard(&x.rig, 1), "JOIN"));
	ck_assert_uint_eq(member(&x.rig, "z1")->chan->nveiled, MANY);
	rig_fini(&y.rig);
	rig_fini(&x.rig);
}
END_TEST

/* Return how often the text is in what ann is told by NAMES. */
static unsigned
times(struct scene *x, const char *nick)
{
	const char *at;
	unsigned n = 0;

	(void)rig_heard(&x->rig, 1);
	rig_say(&x->rig, 1, "NAMES #c");
	for (at = rig_heard(&x->rig, 1); (at = strstr(at, nick)) != NULL; n++)
		at++;
	return n;
}

/* The text of the names of a large channel is kept (core/answers/chan_info.h).
 */
START_TEST(kept_names_have_members_who_are_seen)
{
	struct scene x;
	char text[256];

	begin(&x);
	for (unsigned i = 100; i < 150; i++) {
		add_unseen(&x, i);
		if (i == 149)
			break;
		snprintf(text, sizeof(text),
		    "@kind=removal,1 +SEEN 002.5.%u.3\r\n", x.n);
		foreign(&x, text);
	}
	ck_assert_uint_eq(times(&x, " z148"), 1);
	ck_assert_uint_eq(times(&x, " z149"), 0);
	snprintf(text, sizeof(text), "@kind=removal,1 +SEEN 002.5.%u.3\r\n",
	    x.n);
	foreign(&x, text);
	ck_assert_uint_eq(times(&x, " z149"), 1);
	add_unseen(&x, 150);
	ck_assert_uint_eq(times(&x, " z150"), 0);
	foreign(&x, "+QUIT 002B00150 :bye\r\n+QUIT 002B00149 :bye\r\n");
	ck_assert_uint_eq(times(&x, " z1"), 49);
	rig_fini(&x.rig);
}
END_TEST

static void
count(void *ctx, const struct snap_item *i)
{
	unsigned *n = ctx;

	*n += i->part.id == PART_UNKNOWN;
}

START_TEST(a_snapshot_says_each_fact_once)
{
	struct scene x;
	unsigned n = 0;

	begin(&x);
	add_unseen(&x, 1);
	add_unseen(&x, 2);
	core_walk(x.rig.core, count, &n);
	ck_assert_uint_eq(n, 2);
	rig_fini(&x.rig);
}
END_TEST

/* A message costs one look at the channel, if nobody there is veiled, and makes
 * no fact; the first one of a veiled member makes one. */
START_TEST(a_message_makes_one_fact)
{
	const struct rows *rows = modules_find(SPAN("delayjoin"))->rows;
	struct rig r;
	size_t before;

	rig_init_rows(&r, "1AA", &rows, 1);
	r.class.flood_burst = 0;
	rig_register(&r, 1, "ann");
	rig_register(&r, 2, "bob");
	rig_say(&r, 1, "JOIN #c");
	rig_say(&r, 1, "MODE #c +D");
	rig_say(&r, 2, "JOIN #c");
	ck_assert(member(&r, "bob")->veiled);
	before = map_count(&r.core->facts.unknown_elements);
	ck_assert_uint_eq(before, 1);
	rig_says(&r, 2, "PRIVMSG #c :one", "");
	ck_assert(!member(&r, "bob")->unseen);
	ck_assert_uint_eq(map_count(&r.core->facts.unknown_elements), 0);
	ck_assert_uint_eq(map_count(&r.core->facts.unknown_owners), 0);
	rig_say(&r, 2, "PRIVMSG #c :two");
	rig_hears(&r, 1,
	    ":bob!u@127.0.0.1 JOIN #c\r\n"
	    ":bob!u@127.0.0.1 PRIVMSG #c :one\r\n"
	    ":bob!u@127.0.0.1 PRIVMSG #c :two\r\n");
	rig_fini(&r);
}
END_TEST

static void
count_item(void *ctx, const struct snap_item *item)
{
	(void)item;
	++*(size_t *)ctx;
}

/* Server 002 keeps one membership unseen by very many facts. A snapshot is cut
 * in slices all the same. */
START_TEST(very_many_facts_of_one_member_are_cut_in_slices)
{
	struct scene x;
	size_t facts = 0, before = 0;
	unsigned joined;
	char text[64];

	begin(&x);
	add_unseen(&x, 1);
	joined = x.n;
	snprintf(text, sizeof(text), "@kind=element,m1 +UNSEEN 002.5.%u.2\r\n",
	    joined);
	for (unsigned i = 0; i < MANY; i++)
		foreign(&x, text);
	x.rig.no_ticks = true;
	x.rig.settings.turn_work = SMALL_TURN;
	core_walk_begin(x.rig.core, count_item, &facts);
	rig_advance(&x.rig, 1);
	while (!core_walk_is_done(x.rig.core)) {
		(void)rig_tick(&x.rig);
		ck_assert_uint_le(facts - before, MANY / 2);
		before = facts;
	}
	ck_assert_uint_gt(facts, MANY);
	rig_fini(&x.rig);
}
END_TEST

Suite *
unseen_suite(void)
{
	Suite *s = suite_create("unseen");
	TCase *t = unit_case("unseen");

	tcase_add_test(t, a_member_is_veiled_until_seen);
	tcase_add_test(t, a_member_with_a_status_is_seen);
	tcase_add_test(t, a_status_does_not_keep_the_fact);
	tcase_add_test(t, each_fact_hides);
	tcase_add_test(t, long_dots_are_removed);
	tcase_add_test(t, other_facts_do_not_hide);
	tcase_add_test(t, another_stay_takes_the_place);
	tcase_add_loop_test(t, an_entry_in_slices_shows_nobody, 0, TURNS);
	tcase_add_test(t, a_snapshot_in_slices_shows_nobody);
	tcase_add_test(t, kept_names_have_members_who_are_seen);
	tcase_add_test(t, a_snapshot_says_each_fact_once);
	tcase_add_test(t, very_many_facts_of_one_member_are_cut_in_slices);
	tcase_add_test(t, a_message_makes_one_fact);
	suite_add_tcase(s, t);
	return s;
}
