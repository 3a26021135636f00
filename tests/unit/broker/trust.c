#include <string.h>

#include "broker/form.h"
#include "broker/state.h"
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

/* A server has had a later run, and is gone for so long that its keys may be
 * older ones. All that the former run has said is not heard, all the same. */
START_TEST(a_former_run_is_not_played_again)
{
	struct rig *r = with_old(3);

	rig_start(r, 0, 2);
	r->keeps = false;
	rig_run(r, 2000);
	ck_assert(!r->link[1][0].open);
	bus_broker(r->bus[0], false, (struct mono){ r->ms * NS_PER_MS });
	rig_run(r, 40000);
	for (unsigned k = 0; k < 3; k++) {
		give_old(r, 1);
		rig_run(r, 1000);
	}
	rig_expect(r, 1, 0, "");
	ck_assert(!r->link[1][0].open);
	ck_assert(r->link[1][2].open);
	bus_broker(r->bus[0], true, (struct mono){ r->ms * NS_PER_MS });
	rig_run(r, 3000);
	ck_assert(bus_is_present(r->bus[1], rig_slot(r, 1, 0)));
	rig_free(r);
}
END_TEST

/* Seal DATA as server 001, with the group key that 003 has of it. It has one
 * line for 002, at the place that is next. */
static struct span
as_001(struct rig *r, char *buf, size_t cap)
{
	struct bus *liar = r->bus[2];
	struct pair *of = &liar->pair[rig_slot(r, 2, 0)];
	struct pair *to = &r->bus[1]->pair[rig_slot(r, 1, 0)];
	struct form_head head = { .kind = FORM_DATA, .born = of->born };
	struct form_record record = { .flags = FORM_OPEN,
		.stream = to->stream,
		.got = to->out.sent,
		.room = 1000 };
	struct writer w;
	size_t n;

	memcpy(head.sid, "001", 4);
	memcpy(record.sid, "002", 4);
	writer_init(&w, buf, cap);
	form_write_head(&w, &head);
	form_write_number(&w, of->seen.top + 1, 8);
	form_write_short(&w, 1);
	form_write_record(&w, &record);
	form_write_short(&w, 1);
	form_write_short(&w, 0);
	form_write_short(&w, to->in.next);
	form_write_short(&w, 5);
	writer_str(&w, "lie\r\n");
	form_write_number(&w, 0, FORM_MAC); /* it does not know it */
	n = w.n - FORM_DATA_HEAD;
	(void)writer_room(&w, SEAL_TAG);
	seal((unsigned char *)buf + FORM_DATA_HEAD, n,
	    span_make(buf, FORM_DATA_HEAD), of->seen.top + 1, of->group);
	return writer_done(&w);
}

START_TEST(a_member_cannot_speak_as_another)
{
	struct rig *r = rig_linked(3, 14);
	uint64_t before = rig_dropped(r, 1, BUS_DROP_FORGED);
	char buf[512];

	rig_run(r, 500);
	rig_give(r, 1, as_001(r, buf, sizeof(buf)));
	ck_assert_uint_eq(rig_dropped(r, 1, BUS_DROP_FORGED), before + 1);
	rig_expect(r, 1, 0, "");
	/* the counter that it used is not taken for a used one */
	rig_send(r, 0, 2, "truth\r\n");
	rig_run(r, 10);
	rig_expect(r, 1, 0, "truth\n");
	rig_free(r);
}
END_TEST

START_TEST(a_datagram_under_a_foreign_subject_does_nothing)
{
	struct rig *r = with_old(3);

	for (size_t k = 0; k < r->nold; k++)
		if (r->old[k].to != RIG_MAX)
			for (unsigned i = 0; i < 3; i++)
				rig_give(r, i,
				    span_make(r->old[k].p, r->old[k].n));
	rig_run(r, 500);
	for (unsigned i = 0; i < 3; i++)
		for (unsigned k = 0; k < 3; k++)
			ck_assert(i == k || r->link[i][k].opened == 1);
	ck_assert_uint_gt(rig_dropped(r, 2, BUS_DROP_STRANGER), 0);
	rig_free(r);
}
END_TEST

START_TEST(a_key_is_not_used_for_ever)
{
	struct rig *r = rig_linked(2, 15);
	uint64_t dial = 90;

	r->bus[0]->per_key = r->bus[0]->counter + 2;
	for (unsigned k = 0; k < 4; k++) {
		rig_send(r, 0, 2, "line\r\n");
		rig_run(r, 100);
	}
	ck_assert_uint_eq(r->link[0][1].closed, 1);
	ck_assert_uint_eq(r->link[1][0].closed, 1);
	r->bus[0]->per_key = 1000;
	rig_run(r, 3000);
	ck_assert(bus_dial(r->bus[0], rig_slot(r, 0, 1), dial,
	    (struct mono){ r->ms * NS_PER_MS }));
	rig_run(r, 2000);
	ck_assert(r->link[1][0].open);
	rig_free(r);
}
END_TEST

Suite *
trust_suite(void)
{
	Suite *s = suite_create("trust");
	TCase *t = unit_case("trust");

	tcase_add_test(t, what_comes_again_does_nothing);
	tcase_add_test(t, what_a_former_run_said_does_nothing);
	tcase_add_test(t, a_former_run_is_not_played_again);
	tcase_add_test(t, changed_bytes_do_nothing);
	tcase_add_test(t, strangers_are_not_heard);
	tcase_add_test(t, a_member_cannot_speak_as_another);
	tcase_add_test(t, a_datagram_under_a_foreign_subject_does_nothing);
	tcase_add_test(t, a_key_is_not_used_for_ever);
	suite_add_tcase(s, t);
	return s;
}
