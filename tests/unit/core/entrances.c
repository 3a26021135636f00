/*
 * Where servers take gates: which element of a run counts, which lines are
 * none, and when this server makes its own.
 */
#include "core/facts/entrances.h"

#include <check.h>
#include <string.h>

#include "unit/core/check_core.h"
#include "unit/core/rig.h"

#define TRUNK "@kind=element,run +TRUNK "
#define A5 "a5a5a5a5a5a5a5a5"
#define PIN "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct facts *
facts(const struct rig *r)
{
	return &r->core->facts;
}

/* Return the runs that have one, with the host and port that count. */
static const char *
all(struct rig *r)
{
	const struct entrance *e = entrances_first(facts(r));
	struct entrance_text text;
	struct writer w;

	writer_init_arena(&w, r->arena, 4096);
	for (; e != NULL; e = entrances_next(e)) {
		if (entrances_of(facts(r), entrance_run(e)) != e)
			continue;
		entrance_read(e, &text);
		write_origin(&w, entrance_run(e));
		writer_char(&w, '=');
		writer_span(&w, text.host);
		writer_char(&w, ':');
		writer_u64(&w, text.port);
		writer_char(&w, ' ');
	}
	writer_char(&w, '\0');
	return writer_done(&w).p;
}

START_TEST(the_greatest_dot_of_a_run_counts)
{
	uint64_t serial;
	struct rig r;

	rig_init(&r);
	rig_apply_parts(&r, "002.5", 1, "-",
	    TRUNK "a.example 1 eu 100 - " PIN "\r\n");
	serial = entrances_serial(facts(&r));
	rig_apply_parts(&r, "003.5", 1, "-",
	    TRUNK "192.0.2.3 7001 * 1000 draining -\r\n");
	ck_assert_uint_ne(entrances_serial(facts(&r)), serial);
	ck_assert_str_eq(all(&r), "003.5=192.0.2.3:7001 002.5=a.example:1 ");
	rig_apply_parts(&r, "002.5", 2, "-",
	    TRUNK "b.example 2 eu 100 - -\r\n" TRUNK
		  "c.example 3 eu 100 - -\r\n");
	ck_assert_str_eq(all(&r), "003.5=192.0.2.3:7001 002.5=c.example:3 ");
	serial = entrances_serial(facts(&r));
	rig_apply_parts(&r, "002.5", 3, "-",
	    "@kind=removal,1 +UNTRUNK 002.5.1.0 002.5.2.1\r\n");
	ck_assert_uint_ne(entrances_serial(facts(&r)), serial);
	ck_assert_str_eq(all(&r), "003.5=192.0.2.3:7001 002.5=b.example:2 ");
	rig_fini(&r);
}
END_TEST

START_TEST(it_goes_with_its_run)
{
	struct rig r;

	rig_init(&r);
	rig_apply_parts(&r, "002.5", 1, "-",
	    TRUNK "a.example 1 eu 100 - -\r\n");
	rig_apply_parts(&r, "003.5", 1, "-",
	    TRUNK "c.example 1 eu 100 - -\r\n");
	rig_apply_parts(&r, "002.6", 1, "-", "+READY 002 6 two.example\r\n");
	ck_assert_str_eq(all(&r), "003.5=c.example:1 ");
	rig_apply_parts(&r, "002.6", 2, "-", "+FORGET 003 5\r\n");
	ck_assert_str_eq(all(&r), "");
	rig_fini(&r);
}
END_TEST

/* All servers keep such lines, as those do that do not know the verb. */
static const char *const wrong[] = {
	TRUNK "a.example 1 eu 100 -\r\n",
	TRUNK "a.example 0 eu 100 - -\r\n",
	TRUNK "a.example 65536 eu 100 - -\r\n",
	TRUNK "a.example 01 eu 100 - -\r\n",
	TRUNK "a.example 1 e+u 100 - -\r\n",
	TRUNK "a.example 1 eu 0 - -\r\n",
	TRUNK "a.example 1 eu 1001 - -\r\n",
	TRUNK "a.example 1 eu 100 - 12\r\n",
	TRUNK "a.example 1 eu 100 - " PIN "0\r\n",
	TRUNK "a..example 1 eu 100 - -\r\n",
	TRUNK "a\xff.example 1 eu 100 - -\r\n",
	TRUNK "0.0.0.0 1 eu 100 - -\r\n",
	TRUNK "0:: 1 eu 100 - -\r\n",
	"@kind=element +TRUNK a.example 1 eu 100 - -\r\n",
	"@kind=element,run +TRUNKS a.example 1 eu 100 - -\r\n",
};

START_TEST(other_lines_are_none)
{
	struct rig r;
	size_t at = 0;

	rig_init(&r);
	rig_apply_parts(&r, "002.5", 1, "-", wrong[_i]);
	ck_assert_str_eq(all(&r), "");
	ck_assert_ptr_nonnull(unknown_next_element(facts(&r), &at));
	/* what is not known yet is passed over */
	rig_apply_parts(&r, "002.5", 2, "-",
	    TRUNK "0::1 1 * 1 new,draining,x - later :text\r\n");
	ck_assert_str_eq(all(&r), "002.5=0::1:1 ");
	rig_fini(&r);
}
END_TEST

/* ---- what this server says ----------------------------------------------- */

static const struct gate_settings gate = { .name = SPAN_INIT("gate1") };

static bool
says(struct rig *r, const char *want)
{
	const struct entrance *e = entrances_of(facts(r), r->core->self);

	return e == NULL ? want[0] == '\0'
			 : span_eq(unknown_line(e->fact), span_of(want));
}

static struct settings
with_gates(const struct rig *r)
{
	struct settings set = r->settings;

	set.gate = &gate;
	set.ngate = 1;
	set.weight = 100;
	set.gates_at.at.host = SPAN("irc1.example.org");
	set.gates_at.at.port = 7001;
	return set;
}

START_TEST(a_server_says_where_it_takes_gates)
{
	struct settings set[4];
	uint64_t made;
	struct rig r;

	rig_init(&r);
	rig_advance(&r, 10);
	ck_assert(says(&r, ""));
	set[0] = with_gates(&r);
	rig_conf(&r, &set[0]);
	rig_advance(&r, 10);
	ck_assert(says(&r, "+TRUNK irc1.example.org 7001 * 100 - -"));
	/* nothing has changed */
	made = r.core->last_n;
	rig_conf(&r, &set[0]);
	rig_advance(&r, 10000);
	ck_assert_uint_eq(r.core->last_n, made);
	set[1] = set[0];
	set[1].weight = 250;
	set[1].region = SPAN("eu");
	set[1].gates_at.at.host = SPAN_NONE;
	ck_assert(addr_parse(SPAN("::1"), &set[1].gates_at.at.addr));
	set[1].gates_at.has_pin = true;
	memset(set[1].gates_at.pin, 0xa5, sizeof(set[1].gates_at.pin));
	rig_conf(&r, &set[1]);
	rig_advance(&r, 10);
	ck_assert(says(&r, "+TRUNK 0::1 7001 eu 250 - " A5 A5 A5 A5));
	/* one entry, which also removed the one before */
	ck_assert_uint_eq(r.core->last_n, made + 1);
	ck_assert_ptr_null(entrances_next(entrances_first(facts(&r))));
	set[2] = set[1];
	set[2].ngate = 0;
	rig_conf(&r, &set[2]);
	rig_advance(&r, 10);
	ck_assert(says(&r, ""));
	rig_fini(&r);
}
END_TEST

/* Another server can remove it, and a fork can lose it. */
START_TEST(what_is_removed_is_said_again)
{
	struct settings set;
	struct writer w;
	struct rig r;

	rig_init(&r);
	set = with_gates(&r);
	rig_conf(&r, &set);
	rig_advance(&r, 10);
	writer_init_arena(&w, r.arena, 200);
	writer_str(&w, "@kind=removal,1 +UNTRUNK ");
	write_dot(&w, entrance_dot(entrances_first(facts(&r))));
	writer_str(&w, "\r\n");
	writer_char(&w, '\0');
	rig_apply_parts(&r, "002.5", 1, "-", writer_done(&w).p);
	rig_advance(&r, 10);
	ck_assert(says(&r, "+TRUNK irc1.example.org 7001 * 100 - -"));
	rig_fini(&r);
}
END_TEST

Suite *
entrances_suite(void)
{
	Suite *s = suite_create("entrances");
	TCase *tc = unit_case("entrances");

	tcase_add_test(tc, the_greatest_dot_of_a_run_counts);
	tcase_add_test(tc, it_goes_with_its_run);
	tcase_add_loop_test(tc, other_lines_are_none, 0,
	    sizeof(wrong) / sizeof(wrong[0]));
	tcase_add_test(tc, a_server_says_where_it_takes_gates);
	tcase_add_test(tc, what_is_removed_is_said_again);
	suite_add_tcase(s, tc);
	return s;
}
