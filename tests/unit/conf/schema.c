#include "conf/option.h"

#include "conf/conf.h"
#include "conf/gate.h"
#include "conf/schema.h"
#include "unit/conf/check_conf.h"

static const struct {
	enum section_id section;
	const char *key;
	const char *guess;
} guesses[] = {
	{ SECTION_LIMITS, "nick_le", "nick_len" },
	{ SECTION_LIMITS, "nick_lenn", "nick_len" },
	{ SECTION_LIMITS, "nixk_len", "nick_len" },
	{ SECTION_LIMITS, "inck_len", "nick_len" },
	{ SECTION_LIMITS, "nic_leen", "nick_len" },
	{ SECTION_LIMITS, "ni_leeen", NULL },
	{ SECTION_LIMITS, "", NULL },
	{ SECTION_LISTEN, "fro", "for" },
	{ SECTION_LISTEN, "fxy", NULL },
	{ SECTION_TOP, "linkz", "links" },
	{ SECTION_SERVER, "linkz", NULL },
	{ SECTION_TOP, "an_option_longer_than_any_that_there_is", NULL },
};

START_TEST(guess)
{
	const char *got = option_guess(&banyand_schema, guesses[_i].section,
	    span_of(guesses[_i].key));

	if (guesses[_i].guess == NULL)
		ck_assert_ptr_null(got);
	else
		ck_assert_str_eq(got, guesses[_i].guess);
}
END_TEST

/* Each default is valid for its own row, and each row has a description. */
START_TEST(rows_are_complete)
{
	static const struct schema *const schemas[] = { &banyand_schema,
		&gate_schema };
	const struct schema *schema = schemas[_i];
	struct arena *a = arena_new(1024);
	size_t rows = 0;
	const struct option *o;
	union {
		struct conf banyand;
		struct gate_conf gate;
	} conf = { .banyand = { .nlisten = 0 } };
	union {
		struct conf_listen listen;
		struct peer_settings peer;
		struct oper_settings oper;
		struct oper_class_settings oper_class;
		struct class_settings class;
		struct gate_server server;
	} item;

	for (unsigned int s = 0; s < schema->nsection; s++) {
		bool list = schema->section[s].size > 0;

		ck_assert_str_ne(schema->section[s].help, "");
		for (size_t i = 0; (o = option_next(schema, s, &i)) != NULL;) {
			rows++;
			ck_assert_str_ne(o->help, "");
			ck_assert_msg((o->flags & OPTION_REQUIRED) == 0 ||
					  o->value.dflt == NULL,
			    "%s", o->key);
			ck_assert_ptr_eq(option_find(schema, s,
					     span_of(o->key)),
			    o);
			value_default(o->type, &o->value, a,
			    list ? (void *)&item : (void *)&conf);
		}
	}
	ck_assert_uint_gt(rows, 25);
	arena_free(a);
}
END_TEST

Suite *
schema_suite(void)
{
	Suite *s = suite_create("conf/schema");
	TCase *t = unit_case("schema");

	tcase_add_loop_test(t, guess, 0, ROWS(guesses));
	tcase_add_loop_test(t, rows_are_complete, 0, 2);
	suite_add_tcase(s, t);
	return s;
}
