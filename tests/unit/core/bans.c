/*
 * Bans of the network among the facts: what is one ban, and which lines are
 * none.
 */
#include "core/facts/bans.h"

#include <check.h>
#include <string.h>

#include "unit/core/check_core.h"
#include "unit/core/rig.h"

#define BAN "@kind=element +BAN "

static const struct facts *
facts(struct rig *r)
{
	return &r->core->facts;
}

/* Return the ids of all bans, with the number of their elements. */
static const char *
ids(struct rig *r)
{
	const struct ban *b = bans_first(facts(r));
	const struct ban *copy;
	struct writer w;
	uint64_t n;

	writer_init_arena(&w, r->arena, 4096);
	for (; b != NULL; b = bans_next(facts(r), b)) {
		n = 1;
		for (copy = b; (copy = ban_copy(copy)) != NULL; n++)
			;
		write_cinc(&w, b->id);
		writer_char(&w, 'x');
		writer_u64(&w, n);
		writer_char(&w, ' ');
	}
	writer_char(&w, '\0');
	return writer_done(&w).p;
}

static void
are_ids(struct rig *r, const char *want)
{
	ck_assert_str_eq(ids(r), want);
}

START_TEST(a_line_says_what_the_ban_is)
{
	struct ban_text b;
	const struct ban *ban;
	struct rig r;

	rig_init(&r);
	rig_apply_parts(&r, "002.5", 1, "-",
	    BAN "except 7.002 9000 ann!a@h *@192.0.2.0/24 new=x "
		"lifts=kline,shun :our own|the office\r\n");
	ban = bans_find(facts(&r), (struct cinc){ { 7 }, { "002" } });
	ck_assert_ptr_nonnull(ban);
	ck_assert_int_eq(ban->kind, BAN_EXCEPT);
	ck_assert(ban_holds(ban, (struct wall){ 8999 }));
	ck_assert(!ban_holds(ban, (struct wall){ 9000 }));
	ban_read(ban, &b);
	ck_assert(span_eq(b.by, SPAN("ann!a@h")));
	ck_assert(span_eq(b.mask, SPAN("*@192.0.2.0/24")));
	ck_assert(span_eq(b.lifts, SPAN("kline,shun")));
	ck_assert(span_eq(b.reason, SPAN("our own")));
	ck_assert(span_eq(b.private, SPAN("the office")));
	rig_fini(&r);
}
END_TEST

/* Two servers that have kept a ban make it again with its id. */
START_TEST(elements_with_one_id_are_one_ban)
{
	struct ban_text b;
	struct rig r;

	rig_init(&r);
	rig_apply_parts(&r, "002.5", 1, "-",
	    BAN "kline 7.002 0 x *@a :first\r\n" BAN
		"kline 6.003 0 x *@b :other\r\n");
	rig_apply_parts(&r, "003.5", 1, "-",
	    BAN "kline 7.002 0 x *@a :second\r\n");
	are_ids(&r, "6.003x1 7.002x2 ");
	/* the least dot says what the ban is */
	ban_read(bans_find(facts(&r), (struct cinc){ { 7 }, { "002" } }), &b);
	ck_assert(span_eq(b.reason, SPAN("first")));
	rig_apply_parts(&r, "002.5", 2, "-",
	    "@kind=removal,2 +UNBAN 002 002.5.1.0\r\n");
	are_ids(&r, "6.003x1 7.002x1 ");
	ban_read(bans_find(facts(&r), (struct cinc){ { 7 }, { "002" } }), &b);
	ck_assert(span_eq(b.reason, SPAN("second")));
	rig_apply_parts(&r, "002.5", 3, "-",
	    "@kind=removal,2 +UNBAN 002 002.5.1.1 003.5.1.0\r\n");
	are_ids(&r, "");
	rig_fini(&r);
}
END_TEST

/* All servers keep such lines, as those do that do not know the verb. */
START_TEST(other_lines_are_no_bans)
{
	static const char *const line[] = {
		BAN "kline 7.002 0 x\r\n",		/* no mask */
		BAN "kline 7 0 x *@a :no server\r\n",	/* no id */
		BAN "kline 7.002 soon x *@a :when\r\n", /* no expiry */
		BAN "kline 7.002 0 x \xff@a :mask\r\n",
		BAN "kline 7.002 0 \xff *@a :maker\r\n",
		"@kind=element,run +BAN kline 7.002 0 x *@a :kind\r\n",
		"@kind=element +BANE kline 7.002 0 x *@a :verb\r\n",
	};
	struct rig r;
	size_t at = 0;

	rig_init(&r);
	for (unsigned i = 0; i < sizeof(line) / sizeof(line[0]); i++) {
		rig_apply_parts(&r, "002.5", i + 1, "-", line[i]);
		are_ids(&r, "");
		ck_assert_ptr_nonnull(unknown_next_element(facts(&r), &at));
	}
	/* the ban of a kind without a row is a ban that hits nobody */
	rig_apply_parts(&r, "003.5", 1, "-",
	    BAN "gline 8.003 0 x *@a :later\r\n");
	are_ids(&r, "8.003x1 ");
	ck_assert_int_eq(bans_first(facts(&r))->kind, BAN_KINDS);
	rig_fini(&r);
}
END_TEST

/* The part that is made of the fields is read as the same fields. */
START_TEST(a_part_is_read_as_it_was_made)
{
	struct ban_text made = { .kind = SPAN_INIT("xline"),
		.id = { { 1700 }, { "001" } },
		.expiry = { 5 },
		.by = SPAN_INIT("irc.test"),
		.mask = SPAN_INIT("*free\\smoney*"),
		.reason = SPAN_INIT("spam"),
		.private = SPAN_INIT("seen on #x | again") },
			read;
	struct part p;
	struct rig r;

	rig_init(&r);
	ban_part(&p, &made, r.arena);
	ck_assert(span_eq(p.line,
	    SPAN("+BAN xline 1700.001 5 irc.test *free\\smoney* "
		 ":spam|seen on #x | again")));
	ck_assert(ban_parse(p.line, &read));
	ck_assert(span_eq(read.private, made.private));
	ck_assert(span_eq(read.reason, made.reason));
	ck_assert(span_eq(read.mask, made.mask));
	ck_assert_int_eq(cinc_cmp(read.id, made.id), 0);
	rig_fini(&r);
}
END_TEST

Suite *
bans_suite(void)
{
	Suite *s = suite_create("bans");
	TCase *t = unit_case("facts");

	tcase_add_test(t, a_line_says_what_the_ban_is);
	tcase_add_test(t, elements_with_one_id_are_one_ban);
	tcase_add_test(t, other_lines_are_no_bans);
	tcase_add_test(t, a_part_is_read_as_it_was_made);
	suite_add_tcase(s, t);
	return s;
}
