/*
 * Registers: one of two writes stays, whichever comes first
 * (doc/link-protocol.md, part 11; doc/decisions/0006).
 */
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "core/facts/facts.h"
#include "core/facts/reg_table.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

#define USER                                                            \
	"+USER 002AAAAAA bob bob two.test 192.0.2.2 192.0.2.2 :Bob\r\n" \
	"+CHAN #c,5.002\r\n+JOIN #c,5.002 002AAAAAA\r\n"
#define BY_7 "002AAAAAA.1,7,1,5"
#define BY_1 "002AAAAAA.1,1,2,5"

static void
apply(struct rig *r, const char *sid, unsigned n, unsigned stamp,
    const char *cause, unsigned parts, const char *lines)
{
	char text[1024];

	snprintf(text, sizeof(text), "ENTRY %s.5 %u %u * %s %u\r\n%s", sid, n,
	    stamp, cause, parts, lines);
	rig_apply(r, text);
}

/* Merge two writes, of 002 at the stamp 100 and of 003, in both orders, and
 * return the facts. */
static const char *
both_ways_at(const char *one, const char *two, unsigned stamp)
{
	static char facts[2][2048];
	struct rig r;

	for (int k = 0; k < 2; k++) {
		rig_init(&r);
		apply(&r, "002", 1, 10, "-", 3, USER);
		if (k == 0)
			apply(&r, "002", 2, 100, BY_7, 1, one);
		apply(&r, "003", 1, stamp, BY_1, 1, two);
		if (k == 1)
			apply(&r, "002", 2, 100, BY_7, 1, one);
		snprintf(facts[k], sizeof(facts[k]), "%.*s",
		    SPAN_ARG(core_canon(r.core, r.arena)));
		ck_assert_ptr_null(core_check(r.core, r.arena));
		rig_fini(&r);
	}
	ck_assert_str_eq(facts[0], facts[1]);
	return facts[0];
}

static const char *
both_ways(const char *one, const char *two)
{
	return both_ways_at(one, two, 200);
}

static void
later_wins(const char *write)
{
	char one[256], two[256], want[256];
	const char *facts;

	snprintf(one, sizeof(one), "%s:one\r\n", write);
	snprintf(two, sizeof(two), "%s:two\r\n", write);
	facts = both_ways(one, two);
	snprintf(want, sizeof(want), "@dot=003.5.1.0;stamp=200 %.*s\n",
	    (int)strcspn(two, "\r"), two);
	ck_assert_msg(strstr(facts, want) != NULL, "no %sin:\n%s", want, facts);
}

START_TEST(tenure_of_a_session_orders_nothing)
{
	later_wins("+CSET #c,5.002 topic 002AAAAAA ");
	later_wins("+CSET #c,5.002 mode/key 002AAAAAA ");
	later_wins("+SET 002AAAAAA away 002AAAAAA ");
	later_wins("+SET 002AAAAAA mode/invisible 003 ");
}
END_TEST

START_TEST(status_and_move_have_none)
{
	const char *facts =
	    both_ways("+STAT #c,5.002 002.5.1.2 op on 002AAAAAA\r\n",
		"+STAT #c,5.002 002.5.1.2 op off 002AAAAAA\r\n");

	ck_assert_ptr_nonnull(strstr(facts,
	    "@dot=003.5.1.0;stamp=200 +STAT #c,5.002 002.5.1.2 op off "));
	facts = both_ways("+MOVE #c,5.002 002.5.1.2\r\n",
	    "+MOVE #c,7.003 002.5.1.2\r\n");
	ck_assert_ptr_nonnull(strstr(facts,
	    "@dot=003.5.1.0;stamp=200 +MOVE #c,7.003 002.5.1.2\n"));
}
END_TEST

/* A write of a home that has moved wins, whatever the clocks say. */
START_TEST(tenure_said_by_the_part_counts)
{
	const char *facts =
	    both_ways("@tenure=2 +SET 002AAAAAA away 002AAAAAA :one\r\n",
		"+SET 002AAAAAA away 002AAAAAA :two\r\n");

	ck_assert_ptr_nonnull(strstr(facts,
	    "@dot=002.5.2.0;stamp=100;tenure=2 +SET 002AAAAAA away "
	    "002AAAAAA :one\n"));
	/* no register of a channel has a tenure, and only a number is one */
	facts = both_ways("@tenure=2 +CSET #c,5.002 topic 002 :one\r\n",
	    "+CSET #c,5.002 topic 002 :two\r\n");
	ck_assert_ptr_nonnull(strstr(facts, "stamp=200 +CSET "));
	facts = both_ways("@tenure=4294967296 +SET 002AAAAAA away 002 :one\r\n",
	    "@tenure=x +SET 002AAAAAA away 002 :two\r\n");
	ck_assert_ptr_nonnull(strstr(facts, "stamp=200 +SET "));
}
END_TEST

/* A claim is replaced by the later one, as a register is: by the later entry,
 * of one time by the greater server, and above all by a home that took the user
 * over. */
START_TEST(later_claim_replaces_the_former)
{
	const char *one = "+NICK 002AAAAAA one 1 50\r\n",
		   *two = "+NICK 002AAAAAA two 1 50\r\n", *facts;

	ck_assert_ptr_nonnull(strstr(both_ways(one, two),
	    "@dot=003.5.1.0;stamp=200 +NICK 002AAAAAA two 1 50\n"));
	ck_assert_ptr_nonnull(strstr(both_ways_at(one, two, 100),
	    "@dot=003.5.1.0;stamp=100 +NICK 002AAAAAA two 1 50\n"));
	facts = both_ways("@tenure=2 +NICK 002AAAAAA one 1 50\r\n", two);
	ck_assert_ptr_nonnull(strstr(facts,
	    "@dot=002.5.2.0;stamp=100;tenure=2 +NICK 002AAAAAA one 1 50\n"));
	ck_assert_ptr_null(strstr(facts, " two "));
}
END_TEST

/* ---- packed registers ---------------------------------------------------- */

#define NAMES 9

struct model { /* registers in the order of their first write */
	struct name name[NAMES];
	struct reg reg[NAMES]; /* without the value */
	char value[NAMES][8];  /* empty: off */
	unsigned n;
	struct blocks mem;
};

static struct reg *
model_find(struct model *m, const struct name *name)
{
	for (unsigned i = 0; i < m->n; i++)
		if (m->reg[i].name == name)
			return &m->reg[i];
	m->reg[m->n] = (struct reg){ .name = name };
	return &m->reg[m->n++];
}

/* Make a write that has some things in common with the base and with others. */
static struct reg
any_write(struct rng *rng, const struct model *m, const struct reg_base *base)
{
	static const struct sid sids[] = { { "002" }, { "003" } };
	struct reg r = { .name = &m->name[rng_below(rng, NAMES)],
		.write = base->write,
		.by = base->by };

	r.write.dot = dot_make((struct origin){ { "002" },
				   5 + (uint32_t)rng_below(rng, 2) },
	    10 + rng_below(rng, 3), rng_below(rng, 4));
	r.write.stamp.ms = (int64_t)(100 + rng_below(rng, 3));
	if (rng_below(rng, 3) == 0)
		r.write.tenure = 1;
	if (rng_below(rng, 2) == 0)
		r.by = by_server(sids[rng_below(rng, 2)]);
	return r;
}

static void
write_both(struct regs *set, struct model *m, const struct reg_base *base,
    struct rng *rng)
{
	static const char *const values[] = { "", "1", "x", "longer" };
	struct reg w = any_write(rng, m, base);
	const char *value = values[rng_below(rng, 4)];
	unsigned had = m->n;
	struct reg *r = model_find(m, w.name);
	bool later = m->n > had || write_is_later(&w.write, &r->write);

	ck_assert(later ==
		  regs_write(&m->mem, set, base, &w,
		      *value == '\0' ? text_off() : text_of(span_of(value))));
	if (!later)
		return;
	*r = w;
	snprintf(m->value[r - m->reg], sizeof(m->value[0]), "%s", value);
}

static void
are_equal(const struct regs *set, const struct model *m,
    const struct reg_base *base)
{
	struct reg_walk w = regs_walk(set, base);
	const struct reg *r;

	ck_assert_uint_eq(regs_count(set), m->n);
	for (unsigned i = 0; i < m->n; i++) {
		const struct reg *x = &m->reg[i];

		ck_assert_ptr_nonnull(r = regs_next(&w));
		ck_assert_ptr_eq(r->name, x->name);
		ck_assert_int_eq(dot_cmp(r->write.dot, x->write.dot), 0);
		ck_assert(r->write.stamp.ms == x->write.stamp.ms &&
			  r->write.tenure == x->write.tenure);
		ck_assert_int_eq(uid_cmp(by_id(r->by), by_id(x->by)), 0);
		ck_assert(r->value == NULL ? m->value[i][0] == '\0'
					   : span_eq(rcbuf_span(r->value),
						 span_of(m->value[i])));
	}
	ck_assert_ptr_null(regs_next(&w));
}

/* A write in the middle of others changes no other one, whatever they have in
 * common. */
START_TEST(others_stay_as_they_are)
{
	uint64_t visits = 0;
	struct reg_base base = {
		{ dot_make((struct origin){ { "002" }, 5 }, 10, 0), 0,
		    { 100 } },
		by_user((struct uid){ "002AAAAAA" }), &visits
	};

	for (uint64_t seed = 0; seed < 100; seed++) {
		struct model m = { 0 };
		struct regs set = { 0 };
		struct reg_table *shed = NULL;
		struct rng rng;

		rng_seed(&rng, seed);
		blocks_init(&m.mem);
		for (unsigned i = 0; i < NAMES; i++) {
			char text = (char)('a' + (int)i);

			m.name[i].text = rcbuf_new(span_make(&text, 1));
			m.name[i].on = rcbuf_new(SPAN("1"));
		}
		for (unsigned i = 0; i < 60; i++) {
			write_both(&set, &m, &base, &rng);
			are_equal(&set, &m, &base);
		}
		regs_fini(&m.mem, &set, &shed);
		ck_assert_ptr_null(shed);
		ck_assert_uint_eq(blocks_fini(&m.mem), 0);
		for (unsigned i = 0; i < NAMES; i++) {
			rcbuf_unref(m.name[i].text);
			rcbuf_unref(m.name[i].on);
		}
	}
}
END_TEST

/* ---- very many registers of one owner -------------------------------- */

#define REGISTERS 20000
#define LOOKS_MAX 40 /* at registers, for each write */

/* Return the text of the n-th write of that round, which may be off or on. */
static struct text
many_value(char *buf, size_t size, unsigned round, unsigned n)
{
	if ((n + round) % 5 == 0)
		return text_off();
	if ((n + round) % 5 == 1)
		return text_of(SPAN("1"));
	snprintf(buf, size, "%u-%u", round, n);
	return text_of(span_of(buf));
}

static bool
has_value(const struct reg *r, struct text v)
{
	return v.present
		   ? r->value != NULL && span_eq(rcbuf_span(r->value), v.s)
		   : r->value == NULL;
}

/* A write looks at a few registers, however many there are; the walk has the
 * order of the first writes, and each register the value of its last one. */
START_TEST(very_many_registers_are_found_quickly)
{
	static struct name name[REGISTERS];
	struct rcbuf *on = rcbuf_new(SPAN("1"));
	uint64_t visits = 0;
	struct reg_base base = { .visits = &visits };
	struct blocks mem;
	struct regs set = { 0 };
	struct reg_table *shed = NULL;
	struct reg_walk w;
	const struct reg *x;
	char buf[32];

	blocks_init(&mem);
	for (unsigned round = 0; round < 3; round++)
		for (unsigned i = 0; i < REGISTERS; i++) {
			struct reg r = { .name = &name[i] };

			name[i].on = on;
			/* the third round is too late */
			r.write.stamp.ms = round == 2 ? 1 : round + 1;
			ck_assert(regs_write(&mem, &set, &base, &r,
				      many_value(buf, sizeof(buf), round, i)) ==
				  (round < 2));
		}
	ck_assert_uint_le(visits, 3ull * REGISTERS * LOOKS_MAX);
	ck_assert_uint_eq(regs_count(&set), REGISTERS);
	w = regs_walk(&set, &base);
	for (unsigned i = 0; i < REGISTERS; i++) {
		ck_assert_ptr_nonnull(x = regs_next(&w));
		ck_assert_ptr_eq(x->name, &name[i]);
		ck_assert(has_value(x, many_value(buf, sizeof(buf), 1, i)));
		ck_assert_ptr_eq(regs_value(&set, &base, &name[i]), x->value);
	}
	ck_assert_ptr_null(regs_next(&w));
	regs_fini(&mem, &set, &shed);
	ck_assert_uint_eq(blocks_fini(&mem), 0);
	ck_assert_uint_eq(reg_table_free(&shed, 7), 7);
	ck_assert_uint_eq(reg_table_count(shed), REGISTERS - 7);
	ck_assert_uint_eq(reg_table_free(&shed, SIZE_MAX), REGISTERS - 7);
	ck_assert_ptr_null(shed);
	rcbuf_unref(on);
}
END_TEST

Suite *
register_suite(void)
{
	Suite *s = suite_create("register");
	TCase *t = unit_case("register");

	tcase_add_test(t, tenure_of_a_session_orders_nothing);
	tcase_add_test(t, status_and_move_have_none);
	tcase_add_test(t, tenure_said_by_the_part_counts);
	tcase_add_test(t, later_claim_replaces_the_former);
	tcase_add_test(t, others_stay_as_they_are);
	tcase_add_test(t, very_many_registers_are_found_quickly);
	suite_add_tcase(s, t);
	return s;
}
