/*
 * Masks with an expiry: a server judges them when it uses them; no merge does.
 */
#include <inttypes.h>
#include <stdio.h>

#include "core/state.h"
#include "unit/node/check_node.h"
#include "unit/node/played.h"
#include "unit/node/world.h"

#define CHAN_C "#c,1700000001000.002"
#define MASK_OF_ANN "ann!*@*"

static void
entry_of_bob(struct world *w, unsigned p, unsigned n, const char *part)
{
	char line[128];

	snprintf(line, sizeof(line), "ENTRY 002.50 %u %u * - 1", n,
	    1700000 + n);
	world_say(w, p, line);
	world_say(w, p, part);
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
}

/* bob of 002 is alone on #c and has banned ann until a certain time. */
static void
ban_until(struct world *w, unsigned p, const char *expiry)
{
	char line[128];

	entry_of_bob(w, p, 1, "+READY 002 50 002.example.org :played");
	entry_of_bob(w, p, 2,
	    "+USER 002AAAAAA bob bob 002.example.org 1.2.3.4 1.2.3.4 :Bob");
	entry_of_bob(w, p, 3, "+NICK 002AAAAAA bob 1 1700000001000");
	entry_of_bob(w, p, 4, "+CHAN " CHAN_C);
	entry_of_bob(w, p, 5, "+JOIN " CHAN_C " 002AAAAAA");
	snprintf(line, sizeof(line), "+LADD %s ban 002AAAAAA %s :%s bob!b@h",
	    CHAN_C, expiry, MASK_OF_ANN);
	entry_of_bob(w, p, 6, line);
}

/* Give the status by a +STAT of the peer. */
static void
make_op(struct world *w, unsigned p, unsigned n, const char *nick)
{
	const struct facts *f = &node_core(world_node(w, 1))->facts;
	const struct user *u = facts_find_nick(f, span_of(nick));
	const struct member *m =
	    facts_find_member(facts_find_chan(f, SPAN("#c")), u);
	char line[160];

	ck_assert_ptr_nonnull(m);
	snprintf(line, sizeof(line),
	    "+STAT " CHAN_C " 001.100.%" PRIu64 ".%u op on 002",
	    (uint64_t)m->dot.n, (unsigned)m->dot.part);
	entry_of_bob(w, p, n, line);
}

START_TEST(a_mask_holds_until_its_expiry)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), ann = world_user(w, 1, "ann");

	ban_until(w, p, "1700000005000");
	world_say(w, ann, "JOIN #c");
	played_hears(w, ann, " 474 ann #c ");
	world_say(w, ann, "MODE #c b");
	played_hears(w, ann, " 367 ann #c " MASK_OF_ANN " ");
	played_beats(w, p, 5);
	world_forget(w, ann);
	world_say(w, ann, "MODE #c b");
	played_hears(w, ann, " 368 ann #c ");
	ck_assert(!world_hears(w, ann, " 367 "));
	world_say(w, ann, "JOIN #c");
	played_hears(w, ann, " JOIN #c\r\n");
	world_free(w);
}
END_TEST

/* Return a node with the user ann, whose lists have room for one mask. A ban of
 * the peer has run out. */
static struct world *
full_of_an_old_ban(unsigned *p, unsigned *ann)
{
	struct world *w = played_node();

	world_settings(w, 1)->list_max = 1;
	*p = played_sync(w);
	*ann = world_user(w, 1, "ann");
	ban_until(w, *p, "1700000005000");
	played_beats(w, *p, 5);
	return w;
}

/*
 * An expired mask is still a fact, but does not prevent a new one. The list
 * counts only valid masks.
 */
START_TEST(a_mask_that_ran_out_can_be_set_again)
{
	unsigned p, ann;
	struct world *w = full_of_an_old_ban(&p, &ann);

	world_say(w, ann, "JOIN #c");
	make_op(w, p, 7, "ann");
	world_forget(w, ann);
	world_forget(w, p);
	world_say(w, ann, "MODE #c +b " MASK_OF_ANN);
	played_hears(w, ann, " MODE #c +b " MASK_OF_ANN "\r\n");
	played_hears(w, p, " 002.50.6.0\r\n+LADD " CHAN_C " ban ");
	world_say(w, ann, "MODE #c +b x!*@*");
	played_hears(w, ann, " 478 ann #c x!*@* ");
	world_say(w, ann, "MODE #c -b " MASK_OF_ANN);
	played_hears(w, ann, " MODE #c -b " MASK_OF_ANN "\r\n");
	world_say(w, ann, "MODE #c +b x!*@*");
	played_hears(w, ann, " MODE #c +b x!*@*\r\n");
	world_free(w);
}
END_TEST

/* The removal of an expired mask does not make room. */
START_TEST(a_mask_that_ran_out_is_not_counted)
{
	unsigned p, ann;
	struct world *w = full_of_an_old_ban(&p, &ann);

	world_say(w, ann, "JOIN #c");
	make_op(w, p, 7, "ann");
	world_forget(w, ann);
	world_say(w, ann, "MODE #c +b x!*@*");
	played_hears(w, ann, " MODE #c +b x!*@*\r\n");
	world_say(w, ann, "MODE #c -b+b " MASK_OF_ANN " y!*@*");
	played_hears(w, ann, " MODE #c -b " MASK_OF_ANN "\r\n");
	played_hears(w, ann, " 478 ann #c y!*@* ");
	world_free(w);
}
END_TEST

/* Members are not told of a ban that came after its expiry. */
START_TEST(a_mask_that_comes_late_is_not_told)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), ann = world_user(w, 1, "ann");

	ban_until(w, p, "1700000005000");
	played_beats(w, p, 5);
	world_say(w, ann, "JOIN #c");
	world_forget(w, ann);
	entry_of_bob(w, p, 7,
	    "+LADD " CHAN_C " ban 002AAAAAA 1700000002000 :y!*@* bob!b@h");
	ck_assert_str_eq(world_heard(w, ann), "");
	/* If two masks look alike, the one that expires later counts. */
	entry_of_bob(w, p, 8,
	    "+LADD " CHAN_C " ban 002AAAAAA 0 :y!*@* bob!b@h");
	played_hears(w, ann, " MODE #c +b y!*@*\r\n");
	entry_of_bob(w, p, 9,
	    "+LADD " CHAN_C " ban 002AAAAAA 1700000002000 :y!*@* bob!b@h");
	world_forget(w, ann);
	world_say(w, ann, "MODE #c b");
	played_hears(w, ann, " 367 ann #c y!*@* ");
	world_free(w);
}
END_TEST

Suite *
expiry_suite(void)
{
	Suite *s = suite_create("expiry");
	TCase *t = unit_case("expiry");

	tcase_add_test(t, a_mask_holds_until_its_expiry);
	tcase_add_test(t, a_mask_that_ran_out_can_be_set_again);
	tcase_add_test(t, a_mask_that_ran_out_is_not_counted);
	tcase_add_test(t, a_mask_that_comes_late_is_not_told);
	suite_add_tcase(s, t);
	return s;
}
