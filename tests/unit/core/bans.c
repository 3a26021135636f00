/*
 * Bans of the network: what is one ban, which lines are none, whom bans hit and
 * at what cost, and what a server does about them by itself.
 */
#include "core/facts/bans.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "core/types/cost.h"
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

/* ---- hits ---------------------------------------------------------------- */

#define MANY 100000

/* Masks as operators set them, with a number in a place of its own. */
static void
add_many(struct rig *r, unsigned n)
{
	static const char *const form[] = { "*@host#.example.net",
		"*@*.pool#.example.net", "user#@*", "*@10.#.0.0/24",
		"*@2001:db8:#::/48", "*@*dial#*.example.org" };
	struct ban_text b = { .kind = SPAN_INIT("kline"),
		.by = SPAN_INIT("irc.test") };
	struct span rest, head;
	struct writer w;
	struct part p;
	char mask[64];

	for (unsigned i = 0; i < n; i++) {
		rest = span_of(form[i % 6]);
		head = span_cut(&rest, '#');
		writer_init(&w, mask, sizeof(mask));
		writer_span(&w, head);
		writer_u64(&w, i % 6 == 3 || i % 6 == 4 ? i % 200 : 1000 + i);
		writer_span(&w, rest);
		b.mask = writer_done(&w);
		b.id = (struct cinc){ { i + 1 }, { "001" } };
		ban_part(&p, &b, r->arena);
		bans_add_own(&r->core->facts, p.line);
	}
}

/* Return what it costs to compare a client with that many bans. */
static size_t
cost_of(unsigned n)
{
	struct ban_query q = { .who = { .nick = SPAN("ann"),
				   .user = SPAN("ann"),
				   .host = SPAN("x.dial7.pool8.example.net"),
				   .ip = SPAN("192.0.2.1") },
		.realname = SPAN_INIT("Ann"),
		.kinds = BANB(KLINE) | BANB(DLINE) | BANB(XLINE) };
	const struct ban *hit[BAN_KINDS];
	struct rig r;
	size_t steps = 0;

	rig_init(&r);
	ck_assert(addr_parse(q.who.ip, &q.who.addr));
	add_many(&r, n);
	bans_ask(facts(&r), &q, hit, &steps);
	rig_fini(&r);
	return steps;
}

START_TEST(very_many_bans_cost_no_more_than_some)
{
	size_t some = cost_of(600), many = cost_of(MANY);

	/* the numbers of the many have one length more */
	ck_assert_msg(many <= some + 40 && many < COST_COMMAND,
	    "%zu for 600, %zu for %d", some, many, MANY);
}
END_TEST

static void
add_own(struct rig *r, const char *line)
{
	bans_add_own(&r->core->facts, span_of(line));
}

/* A user is hit by the masks that match, in whichever index they are. The ban
 * of the least id is the one that hits. */
START_TEST(the_oldest_ban_that_matches_hits)
{
	struct ban_query q = { .who = { .nick = SPAN("ann"),
				   .user = SPAN("bot7"),
				   .host = SPAN("a.example.net"),
				   .ip = SPAN("192.0.2.1") },
		.realname = SPAN_INIT("Free  Money"),
		.kinds = BANB(KLINE) | BANB(XLINE) | BANB(SHUN) };
	const struct ban *hit[BAN_KINDS];
	size_t steps = 0;
	struct rig r;

	rig_init(&r);
	ck_assert(addr_parse(q.who.ip, &q.who.addr));
	add_own(&r, "+BAN kline 9.001 0 x bot?@* :users");
	add_own(&r, "+BAN kline 8.001 0 x *@192.0.2.0/25 :net");
	add_own(&r, "+BAN kline 7.001 0 x bot*@*.example.net :host");
	add_own(&r, "+BAN kline 6.001 5 x *@* :over");
	add_own(&r, "+BAN kline 5.001 0 x b!*@* :no such form");
	add_own(&r, "+BAN kline 4.001 0 x *@*.example.org :other");
	add_own(&r, "+BAN xline 3.001 0 x free\\S\\s* :real name");
	add_own(&r, "+BAN shun 2.001 0 x *@192.0.2.1 :shun");
	q.now.ms = 5;
	bans_ask(facts(&r), &q, hit, &steps);
	ck_assert_int_eq(hit[BAN_KLINE]->id.stamp.ms, 7);
	ck_assert_int_eq(hit[BAN_XLINE]->id.stamp.ms, 3);
	ck_assert_int_eq(hit[BAN_SHUN]->id.stamp.ms, 2);
	ck_assert_ptr_null(hit[BAN_DLINE]);
	/* an exception lifts the kinds that it names */
	add_own(&r, "+BAN except 10.001 0 x *@192.0.2.1 lifts=kline,none :x");
	add_own(&r, "+BAN except 11.001 0 x bot7@* lifts=shun :y");
	bans_ask(facts(&r), &q, hit, &steps);
	ck_assert_ptr_null(hit[BAN_KLINE]);
	ck_assert_ptr_null(hit[BAN_SHUN]);
	ck_assert_ptr_nonnull(hit[BAN_XLINE]);
	ck_assert_int_eq(hit[BAN_EXCEPT]->id.stamp.ms, 10);
	rig_fini(&r);
}
END_TEST

/* ---- what a server does by itself ---------------------------------------- */

/* A ban that comes ends clients in slices, and all of them. */
START_TEST(a_sweep_goes_in_slices)
{
	unsigned turns = 0, closed = 0;
	struct rig r;
	char nick[8];

	rig_init(&r);
	for (unsigned i = 0; i < RIG_CLIENTS; i++) {
		snprintf(nick, sizeof(nick), "n%u", i);
		rig_register(&r, i, nick);
	}
	r.settings.turn_work = 4096;
	r.no_ticks = true;
	rig_apply_parts(&r, "002.5", 1, "-",
	    BAN "kline 7.002 0 x *@127.* :all\r\n");
	while (rig_tick(&r))
		turns++;
	for (unsigned i = 0; i < RIG_CLIENTS; i++)
		closed += r.closed[i];
	ck_assert_uint_eq(closed, RIG_CLIENTS);
	ck_assert_uint_ge(turns, 5);
	ck_assert_uint_eq(r.logged[LOG_BANNED], RIG_CLIENTS);
	rig_fini(&r);
}
END_TEST

/* New slots, here those of streams, do not take the place of old ones that are
 * not looked at yet. */
START_TEST(a_sweep_goes_round_while_slots_come)
{
	struct event ev = { .kind = EV_CONN_OPEN, .conn = { STREAM_SLOT, 1 } };
	unsigned closed = 0;
	struct rig r;
	char nick[8];

	rig_init(&r);
	for (unsigned i = 0; i < RIG_CLIENTS; i++) {
		snprintf(nick, sizeof(nick), "n%u", i);
		rig_register(&r, i, nick);
	}
	r.settings.turn_work = 64;
	r.no_ticks = true;
	/* this sweep stands somewhere behind the first client ... */
	rig_apply_parts(&r, "002.5", 1, "-",
	    BAN "kline 7.002 0 x *@192.0.2.1 :nobody\r\n");
	while (r.core->sweep.next < RIG_CLIENTS / 2)
		ck_assert(rig_tick(&r));
	/* ... where the next one begins */
	rig_apply_parts(&r, "002.5", 2, "-",
	    BAN "kline 8.002 0 x *@127.* :all\r\n");
	ck_assert(addr_parse(SPAN("192.0.2.9"), &ev.u.open.addr));
	core_step(r.core, &ev, &r.fx);
	effects_clear(&r.fx);
	while (rig_tick(&r))
		;
	for (unsigned i = 0; i < RIG_CLIENTS; i++)
		closed += r.closed[i];
	ck_assert_uint_eq(closed, RIG_CLIENTS);
	rig_fini(&r);
}
END_TEST

/* A ban that has been over for ten minutes is removed by the server of its id,
 * and by no other server. */
START_TEST(the_server_of_the_id_removes_a_ban)
{
	struct rig r;

	rig_init(&r);
	rig_apply_parts(&r, "002.5", 1, "-",
	    BAN "kline 7.1AA 1 x *@a :ours\r\n" BAN
		"kline 8.002 1 x *@a :theirs\r\n" BAN
		"kline 9.1AA 0 x *@a :for good\r\n");
	are_ids(&r, "7.1AAx1 8.002x1 9.1AAx1 ");
	rig_advance(&r, 11 * 60 * 1000);
	are_ids(&r, "8.002x1 9.1AAx1 ");
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
	t = unit_case("hits");
	tcase_add_test(t, very_many_bans_cost_no_more_than_some);
	tcase_add_test(t, the_oldest_ban_that_matches_hits);
	suite_add_tcase(s, t);
	t = unit_case("by itself");
	tcase_add_test(t, a_sweep_goes_in_slices);
	tcase_add_test(t, a_sweep_goes_round_while_slots_come);
	tcase_add_test(t, the_server_of_the_id_removes_a_ban);
	suite_add_tcase(s, t);
	return s;
}
