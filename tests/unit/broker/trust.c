#include <string.h>

#include "broker/form.h"
#include "unit/broker/check_broker.h"

/* Give all that was published to a server again. */
static void
give_old(struct rig *r, unsigned to)
{
	for (size_t k = 0; k < r->nold; k++)
		rig_give(r, to, span_make(r->old[k].p, r->old[k].n));
}

static struct rig *
with_old(unsigned n)
{
	struct rig *r = rig_new(n, 11);

	r->keeps = true;
	rig_dial_all(r);
	rig_run(r, 3000);
	rig_send(r, 0, 6, "once\r\n");
	rig_run(r, 1000);
	rig_expect(r, 1, 0, "once\n");
	return r;
}

START_TEST(what_comes_again_does_nothing)
{
	struct rig *r = with_old(3);

	give_old(r, 1);
	give_old(r, 2);
	rig_run(r, 1000);
	rig_expect(r, 1, 0, "");
	ck_assert_uint_eq(r->link[1][0].opened, 1);
	ck_assert(r->link[1][0].open);
	ck_assert_uint_gt(rig_dropped(r, 1, BUS_DROP_AGAIN), 0);
	rig_free(r);
}
END_TEST

START_TEST(what_a_former_run_said_does_nothing)
{
	struct rig *r = with_old(3);
	uint64_t dial = 50;

	rig_start(r, 0, 2);
	r->keeps = false;
	rig_run(r, 2000);
	for (unsigned k = 1; k < 3; k++)
		ck_assert(bus_dial(r->bus[0], rig_slot(r, 0, k), dial++,
		    (struct mono){ r->ms * NS_PER_MS }));
	rig_run(r, 2000);
	ck_assert(r->link[1][0].open);
	give_old(r, 1);
	give_old(r, 0);
	rig_run(r, 1000);
	rig_expect(r, 1, 0, "");
	ck_assert(r->link[1][0].open);
	ck_assert_uint_eq(r->link[1][0].opened, 2);
	ck_assert_uint_gt(rig_dropped(r, 1, BUS_DROP_OLD), 0);
	rig_free(r);
}
END_TEST

START_TEST(changed_bytes_do_nothing)
{
	struct rig *r = with_old(3);
	uint64_t forged;

	for (size_t k = 0; k < r->nold; k++)
		for (size_t at = 0; at < r->old[k].n; at += 1 + at / 40) {
			r->old[k].p[at] ^= 4;
			rig_give(r, 1, span_make(r->old[k].p, r->old[k].n));
			r->old[k].p[at] ^= 4;
			rig_give(r, 1, span_make(r->old[k].p, at));
		}
	rig_run(r, 1000);
	forged = rig_dropped(r, 1, BUS_DROP_FORGED);
	ck_assert_uint_gt(forged, 0);
	ck_assert_uint_gt(rig_dropped(r, 1, BUS_DROP_FORM), 0);
	rig_expect(r, 1, 0, "");
	ck_assert(r->link[1][0].open && r->link[1][2].open);
	ck_assert_uint_eq(r->link[1][0].opened, 1);
	rig_send(r, 0, 2, "alive\r\n");
	rig_run(r, 10);
	rig_expect(r, 1, 0, "alive\n");
	rig_free(r);
}
END_TEST

START_TEST(strangers_are_not_heard)
{
	struct rig *r = rig_linked(2, 12), *other = rig_new(3, 13);

	/* 003 is no member here, and 001 has another key there */
	other->keeps = true;
	rig_run(other, 1500);
	for (size_t k = 0; k < other->nold; k++)
		rig_give(r, 1, span_make(other->old[k].p, other->old[k].n));
	ck_assert_uint_gt(rig_dropped(r, 1, BUS_DROP_STRANGER), 0);
	ck_assert_uint_gt(rig_dropped(r, 1, BUS_DROP_FORGED) +
			      rig_dropped(r, 1, BUS_DROP_OLD),
	    0);
	ck_assert(r->link[1][0].open);
	rig_free(r);
	rig_free(other);
}
END_TEST

Suite *
trust_suite(void)
{
	Suite *s = suite_create("trust");
	TCase *t = unit_case("trust");

	tcase_add_test(t, what_comes_again_does_nothing);
	tcase_add_test(t, what_a_former_run_said_does_nothing);
	tcase_add_test(t, changed_bytes_do_nothing);
	tcase_add_test(t, strangers_are_not_heard);
	suite_add_tcase(s, t);
	return s;
}
