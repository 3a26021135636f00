/*
 * Extended bans (core/types/extban.h): what they are read as, what they cost,
 * and which rows are refused. tests/scenario/mode/ has what clients see of
 * them.
 */
#include <stdio.h>
#include <string.h>

#include "core/rows.h"
#include "core/sessions/extbans.h"
#include "core/types/cost.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

#define LONGEST 200 /* bytes of a mask that a client may set */
#define WRAPS 5	    /* masks within each other, and the last one */
#define LOOKUPS 100000
#define STAMPS_MS 10 /* stamps of one moment are at most so far ahead of it */

/* The most that one mask may cost. */
#define MOST \
	(WRAPS * COST_VISIT + 4 * COST_VISIT + MASK_STEPS * (LONGEST + 300))

static struct mask_test
test_of(struct rig *r, struct step *st, enum mask_use use)
{
	*st = (struct step){ .core = r->core,
		.facts = &r->core->facts,
		.tables = &r->core->tables };
	return mask_test_of(st, facts_find_nick(st->facts, SPAN("alice")), use);
}

static bool
hits(struct rig *r, const char *mask, enum mask_use use)
{
	struct step st;
	struct mask_test t = test_of(r, &st, use);

	return mask_hits(&t, span_of(mask));
}

static void
begin(struct rig *r)
{
	rig_init(r);
	rig_register(r, 1, "alice");
}

START_TEST(plain_masks)
{
	static const char *const plain[] = { "alice!*@*", "~u@h", "~!u@h",
		"$x!y@h", "*!~a:b@h", "~~u@h" };
	struct rig r;
	struct extban x;

	begin(&r);
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		ck_assert_msg(!extban_read(&r.core->tables, span_of(plain[i]),
				  &x),
		    "%s", plain[i]);
	rig_fini(&r);
}
END_TEST

START_TEST(unknown_ones_match_nobody)
{
	struct rig r;

	begin(&r);
	ck_assert(!hits(&r, "~nothing:*", MASK_FOR_JOIN));
	ck_assert(!hits(&r, "~!nothing:*", MASK_FOR_JOIN));
	ck_assert(!hits(&r, "~mute:~!nothing:*", MASK_FOR_SPEECH));
	ck_assert(!hits(&r, "~!mute:nobody!*@*", MASK_FOR_SPEECH));
	ck_assert(!hits(&r, "~!channel:#nothing", MASK_FOR_JOIN));
	ck_assert(!hits(&r, "~", MASK_FOR_JOIN));
	ck_assert(hits(&r, "~!account", MASK_FOR_JOIN));
	rig_fini(&r);
}
END_TEST

START_TEST(a_mute_counts_for_speech)
{
	struct rig r;

	begin(&r);
	ck_assert(hits(&r, "~mute:alice!*@*", MASK_FOR_SPEECH));
	ck_assert(!hits(&r, "~mute:alice!*@*", MASK_FOR_JOIN));
	ck_assert(hits(&r, "~mute:~mute:~mute:~mute:*", MASK_FOR_SPEECH));
	ck_assert(!hits(&r, "~mute:~mute:~mute:~mute:~mute:*",
	    MASK_FOR_SPEECH));
	rig_fini(&r);
}
END_TEST

/* Write an extended ban of the row that is as long as a client can set. */
static void
longest(char *text, const struct extban_row *row, const char *outer)
{
	size_t n = (size_t)sprintf(text, "%s~!%s:%s", outer, row->name,
	    row->letters[0] == 'c' ? "#" : "");

	while (n < LONGEST) {
		text[n] = n % 2 == 0 ? '*' : 'a';
		n++;
	}
	text[n] = '\0';
}

START_TEST(cost)
{
	static const char outer[] = "~mute:~mute:~mute:~mute:";
	const struct tables *t;
	struct rig r;
	struct step st;
	struct mask_test test;
	char text[LONGEST + 1];

	begin(&r);
	t = &r.core->tables;
	test = test_of(&r, &st, MASK_FOR_SPEECH);
	for (unsigned i = 0; i < LOOKUPS; i++) {
		longest(text, t->extban[i % t->nextban],
		    i % 3 == 0 ? outer : "");
		test.steps = 0;
		(void)mask_hits(&test, span_of(text));
		ck_assert_uint_ge(test.steps, COST_VISIT);
		ck_assert_uint_le(test.steps, MOST);
	}
	rig_fini(&r);
}
END_TEST

/* ---- rows ---------------------------------------------------------------- */

static enum extban_answer
match(struct mask_test *t, struct span value)
{
	(void)t;
	(void)value;
	return EXTBAN_YES;
}

static struct span
inner(struct span value)
{
	return value;
}

static const struct extban_row good = {
	.name = "ship",
	.letters = "yY",
	.match = match,
	.what = "sailors",
};

static void
refused(const struct extban_row *row, const char *reason)
{
	static struct tables t;
	struct rows more = { .of = "test", .extban = row, .nextban = 1 };
	const struct rows *added[] = { &more };
	char buf[256];
	struct writer why;

	writer_init(&why, buf, sizeof(buf) - 1);
	ck_assert(!core_tables(&t, added, 1, &why));
	buf[why.n] = '\0';
	ck_assert_str_eq(buf, reason);
}

#define REFUSED(change, reason)             \
	do {                                \
		struct extban_row x = good; \
		x.change;                   \
		refused(&x, reason);        \
	} while (0)

START_TEST(rows_that_are_refused)
{
	REFUSED(name = "Ship",
	    "extended ban Ship of test: its name is not valid");
	REFUSED(name = "s", "extended ban s of test: its name is not valid");
	REFUSED(also = "s1",
	    "extended ban ship of test: its name is not valid");
	REFUSED(letters = "", "extended ban ship of test: it has no letter");
	REFUSED(letters = "1", "extended ban ship of test: it has no letter");
	REFUSED(letters = "yz",
	    "extended ban ship of test: its letter is that of extended ban "
	    "fingerprint of core");
	REFUSED(also = "quiet",
	    "extended ban ship of test: its name is that of extended ban mute "
	    "of core");
	REFUSED(match = NULL,
	    "extended ban ship of test: it must match or wrap a mask");
	REFUSED(inner = inner,
	    "extended ban ship of test: it must match or wrap a mask");
	REFUSED(what = NULL, "extended ban ship of test: it has no help");
	refused(&(struct extban_row){ .name = "ship",
		    .letters = "y",
		    .value = EXTBAN_MUST,
		    .inner = inner,
		    .what = "" },
	    "extended ban ship of test: its mask can never count");
}
END_TEST

START_TEST(a_row_that_is_added)
{
	struct rows more = { .of = "test", .extban = &good, .nextban = 1 };
	const struct rows *added[] = { &more };
	struct rig r;

	rig_init_rows(&r, "1AA", added, 1);
	rig_register(&r, 1, "alice");
	ck_assert(hits(&r, "~ship", MASK_FOR_JOIN));
	ck_assert(hits(&r, "$Y", MASK_FOR_JOIN));
	ck_assert(!hits(&r, "$~y", MASK_FOR_JOIN));
	rig_says(&r, 1, "VERSION", " EXTBAN=~,SYacjmoqrstyz ");
	rig_fini(&r);
}
END_TEST

static enum extban_answer
match_new(struct mask_test *t, struct span value)
{
	(void)value;
	return t->wall.ms - user_stamp(t->user).ms < MS_PER_S ? EXTBAN_YES
							      : EXTBAN_NO;
}

START_TEST(a_row_has_the_clock)
{
	static const struct extban_row row = { .name = "ship",
		.letters = "y",
		.match = match_new,
		.what = "users who have just come" };
	struct rows more = { .of = "test", .extban = &row, .nextban = 1 };
	const struct rows *added[] = { &more };
	struct rig r;

	rig_init_rows(&r, "1AA", added, 1);
	rig_register(&r, 1, "alice");
	rig_say(&r, 1, "JOIN #c");
	rig_say(&r, 1, "MODE #c +b ~ship");
	rig_register(&r, 2, "bob");
	rig_says(&r, 2, "JOIN #c", " 474 bob #c ");
	rig_advance(&r, 999);
	rig_says(&r, 2, "JOIN #c", " 474 bob #c ");
	rig_advance(&r, STAMPS_MS);
	rig_says(&r, 2, "JOIN #c", " 366 bob #c ");
	rig_fini(&r);
}
END_TEST

Suite *
extban_suite(void)
{
	Suite *s = suite_create("extban");
	TCase *t = unit_case("all");

	tcase_add_test(t, plain_masks);
	tcase_add_test(t, unknown_ones_match_nobody);
	tcase_add_test(t, a_mute_counts_for_speech);
	tcase_add_test(t, cost);
	tcase_add_test(t, rows_that_are_refused);
	tcase_add_test(t, a_row_that_is_added);
	tcase_add_test(t, a_row_has_the_clock);
	suite_add_tcase(s, t);
	return s;
}
