#include "broker/form.h"

#include "unit/broker/check_broker.h"

START_TEST(short_numbers_have_one_form)
{
	static const uint64_t numbers[] = { 0, 1, 127, 128, 300, 16383, 16384,
		UINT32_MAX, (UINT64_C(1) << 62) + 5 };
	char text[16];
	struct writer w;
	struct span rest;
	uint64_t n;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		writer_init(&w, text, sizeof(text));
		form_write_short(&w, numbers[i]);
		for (size_t cut = 0; cut < w.n; cut++) {
			rest = span_make(text, cut);
			ck_assert(!form_short(&rest, &n));
		}
		rest = writer_done(&w);
		ck_assert(form_short(&rest, &n));
		ck_assert_uint_eq(n, numbers[i]);
		ck_assert_uint_eq(rest.n, 0);
	}
	rest = span_make("\x80\x00", 2);
	ck_assert(!form_short(&rest, &n));
	rest = SPAN("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
	ck_assert(!form_short(&rest, &n));
}
END_TEST

static struct span
data_of(struct writer *w, const char *sid)
{
	struct form_record r = { .flags = FORM_OPEN | FORM_HOLE | FORM_FIN,
		.stream = 3,
		.got = 1000,
		.room = 200,
		.miss = 7,
		.end = 12 };

	memcpy(r.sid, sid, sizeof(r.sid));
	form_write_short(w, 1);
	form_write_record(w, &r);
	form_write_short(w, 1); /* one place: receiver 0 at 500 */
	form_write_short(w, 0);
	form_write_short(w, 500);
	form_write_short(w, 2);
	writer_str(w, "hi");
	form_write_number(w, UINT64_C(0x1122334455667788), FORM_MAC);
	return writer_done(w);
}

START_TEST(a_datagram_is_read_as_it_was_written)
{
	char text[256];
	struct writer w;
	struct form_data d;
	struct form_record r;
	struct form_part part;
	struct span all, rest;
	uint64_t index, place;

	writer_init(&w, text, sizeof(text));
	all = data_of(&w, "0AB");
	ck_assert(form_data_parse(all, &d));
	ck_assert_uint_eq(d.nreceivers, 1);
	ck_assert_uint_eq(d.signed_.n, all.n - FORM_MAC);
	rest = d.records;
	ck_assert(form_record_parse(&rest, &r));
	ck_assert_str_eq(r.sid, "0AB");
	ck_assert_uint_eq(r.stream, 3);
	ck_assert_uint_eq(r.got, 1000);
	ck_assert_uint_eq(r.room, 200);
	ck_assert_uint_eq(r.miss, 7);
	ck_assert_uint_eq(r.end, 12);
	rest = d.parts;
	ck_assert(form_part_parse(&rest, 1, &part));
	ck_assert(span_eq(part.bytes, SPAN("hi")));
	ck_assert(form_place_parse(&part.places, &index, &place));
	ck_assert_uint_eq(index, 0);
	ck_assert_uint_eq(place, 500);
	ck_assert_uint_eq(rest.n, 0);
	/* cut behind the record, the rest could be its mac */
	for (size_t cut = 0; cut < all.n; cut++)
		ck_assert(!form_data_parse(span_head(all, cut), &d) ||
			  d.parts.n == 0);
}
END_TEST

START_TEST(lies_about_lengths_are_found)
{
	char text[256];
	struct writer w;
	struct form_data d;

	writer_init(&w, text, sizeof(text));
	form_write_short(&w, 0);
	ck_assert(!form_data_parse(writer_done(&w), &d));
	writer_init(&w, text, sizeof(text));
	form_write_short(&w, BUS_MEMBERS + 1);
	writer_span(&w, SPAN("more bytes"));
	ck_assert(!form_data_parse(writer_done(&w), &d));
	writer_init(&w, text, sizeof(text));
	(void)data_of(&w, "0AB");
	/* the index of a receiver that is not there */
	text[w.n - FORM_MAC - 6] = 1;
	ck_assert(!form_data_parse(writer_done(&w), &d));
}
END_TEST

Suite *
form_suite(void)
{
	Suite *s = suite_create("form");
	TCase *t = unit_case("form");

	tcase_add_test(t, short_numbers_have_one_form);
	tcase_add_test(t, a_datagram_is_read_as_it_was_written);
	tcase_add_test(t, lies_about_lengths_are_found);
	suite_add_tcase(s, t);
	return s;
}
