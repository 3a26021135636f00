/* Messages of another server to users here (core/deliver.def). */
#include <stdio.h>
#include <string.h>

#include "core/state.h"
#include "unit/node/check_node.h"
#include "unit/node/played.h"
#include "unit/node/world.h"

/* Let the played peer make its next entry, with one part. */
static void
entry(struct world *w, unsigned p, unsigned n, const char *part)
{
	char line[128];

	snprintf(line, sizeof(line), "ENTRY 002.50 %u %u * - 1", n,
	    1700000 + n);
	world_say(w, p, line);
	world_say(w, p, part);
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
}

/* A message whose verb has no row reaches nobody, and the link stays. */
START_TEST(a_verb_without_a_row_is_shown_to_nobody)
{
	static const char *const unknown[] = { "ERROR", "FOO", "001", "JOIN" };
	struct world *w = played_node();
	unsigned ann = world_user(w, 1, "ann"), p, n = 1;
	const struct user *u;
	char part[128];

	world_say(w, ann, "JOIN #c");
	u = facts_find_nick(&node_core(world_node(w, 1))->facts, SPAN("ann"));
	ck_assert_ptr_nonnull(u);
	p = played_sync(w);
	entry(w, p, n++, "+READY 002 50 002.example.org :played");
	entry(w, p, n++,
	    "+USER 002AAAAAA bob bob 002.example.org 1.2.3.4 1.2.3.4 :Bob");
	entry(w, p, n++, "+NICK 002AAAAAA bob 1 1700000001000");
	world_forget(w, ann);
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		snprintf(part, sizeof(part), "+SAY %s 002AAAAAA #c * :text",
		    unknown[i]);
		entry(w, p, n++, part);
		snprintf(part, sizeof(part), "+SAY %s 002AAAAAA %s * :text",
		    unknown[i], u->uid.s);
		entry(w, p, n++, part);
	}
	entry(w, p, n++, "+SAY KILL 002AAAAAA #c * :text");
	ck_assert_str_eq(world_heard(w, ann), "");
	snprintf(part, sizeof(part), "+SAY NOTICE 002AAAAAA %s * :text",
	    u->uid.s);
	entry(w, p, n++, part);
	ck_assert_str_eq(world_heard(w, ann),
	    ":bob!bob@1.2.3.4 NOTICE ann :text\r\n");
	world_free(w);
}
END_TEST

Suite *
deliver_suite(void)
{
	Suite *s = suite_create("deliver");
	TCase *t = unit_case("deliver");

	tcase_add_test(t, a_verb_without_a_row_is_shown_to_nobody);
	suite_add_tcase(s, t);
	return s;
}
