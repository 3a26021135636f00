/*
 * The bytes of each fact that there are many of. A network of 100 000 users
 * has 500 000 memberships, so a byte of each is half a megabyte on every
 * server. A thing that few objects need belongs into an object of its own, as
 * struct move. tests/bench/scale.py measures what a fact costs in all.
 */
#include <stddef.h>

#include "core/facts/facts.h"
#include "unit/core/check_core.h"

static const struct {
	const char *name;
	size_t is, most;
} sizes[] = {
	{ "struct member", sizeof(struct member), 80 },
	{ "struct user", sizeof(struct user), 120 },
	{ "struct user_more", sizeof(struct user_more), 88 },
	{ "struct nick", offsetof(struct nick, text), 27 },
	{ "struct chan", sizeof(struct chan), 224 },
	{ "struct founding", sizeof(struct founding), 96 },
	{ "struct status_reg", sizeof(struct status_reg), 52 },
	{ "struct dot", sizeof(struct dot), 16 },
	{ "struct cinc", sizeof(struct cinc), 12 },
};

START_TEST(facts_are_small)
{
	ck_assert_msg(sizes[_i].is <= sizes[_i].most,
	    "%s has %zu bytes, more than %zu", sizes[_i].name, sizes[_i].is,
	    sizes[_i].most);
}
END_TEST

Suite *
sizes_suite(void)
{
	Suite *s = suite_create("sizes");
	TCase *t = unit_case("sizes");

	tcase_add_loop_test(t, facts_are_small, 0,
	    sizeof(sizes) / sizeof(sizes[0]));
	suite_add_tcase(s, t);
	return s;
}
