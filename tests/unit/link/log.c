/*
 * link/log.h: invariant 1 holds through appending, processing, trims and jumps.
 */
#include "link/log.h"

#include "unit/link/check_link.h"

/* Make an entry of one message for everybody. */
static struct entry *
entry_of(const char *origin, uint64_t n)
{
	struct part part = { .id = PART_SAY };
	struct dest all = { .all = true };
	struct cause none = { 0 };

	part.u.say.verb = SPAN("PRIVMSG");
	part.u.say.by = by_server(sid_of("001"));
	part.u.say.target = SPAN("#c");
	part.u.say.text = text_of(SPAN("hello"));
	return entry_new(origin_of(origin), n, (struct stamp){ 1000 }, &all,
	    &none, &part, 1);
}

static struct mono
at(int64_t ms)
{
	return mono_add_ms((struct mono){ 0 }, ms);
}

static void
append(struct log *log, const char *origin, uint64_t n, int64_t ms)
{
	log_append(log, entry_of(origin, n), at(ms));
}

static void
process(struct log *log, size_t n)
{
	while (n-- > 0)
		log_processed(log);
}

static uint64_t
get(const struct vector *x, const char *origin)
{
	return vector_get(x, origin_of(origin));
}

START_TEST(keeps_order_of_acceptance)
{
	struct log log;

	log_init(&log);
	append(&log, "002.1", 1, 0);
	append(&log, "001.1", 1, 1);
	append(&log, "002.1", 2, 2);
	ck_assert_uint_eq(log_end(&log) - log_begin(&log), 3);
	ck_assert_uint_eq(log_at(&log, 1)->entry->n, 1);
	ck_assert_str_eq(log_at(&log, 1)->entry->o.sid.s, "001");
	ck_assert_uint_eq(get(&log.have, "002.1"), 2);
	ck_assert_uint_eq(get(&log.done, "002.1"), 0);
	ck_assert_ptr_eq(log_pending(&log), log_at(&log, 0)->entry);
	process(&log, 2);
	ck_assert_uint_eq(get(&log.done, "002.1"), 1);
	ck_assert_uint_eq(get(&log.done, "001.1"), 1);
	ck_assert_ptr_eq(log_pending(&log), log_at(&log, 2)->entry);
	process(&log, 1);
	ck_assert_ptr_null(log_pending(&log));
	log_fini(&log);
}
END_TEST

START_TEST(trims_what_is_old_and_processed)
{
	struct log log;

	log_init(&log);
	append(&log, "001.1", 1, 0);
	append(&log, "001.1", 2, 10);
	append(&log, "001.1", 3, 20);
	process(&log, 2);
	log_trim(&log, at(10), UINT64_MAX, UINT64_MAX);
	ck_assert_uint_eq(log_begin(&log), 1);
	ck_assert_uint_eq(get(&log.floor, "001.1"), 1);
	log_trim(&log, at(1000), UINT64_MAX, UINT64_MAX);
	/* The third entry is not processed yet: it stays, however old it is. */
	ck_assert_uint_eq(log_begin(&log), 2);
	ck_assert_uint_eq(log_end(&log), 3);
	ck_assert_uint_eq(get(&log.floor, "001.1"), 2);
	ck_assert_uint_eq(log_at(&log, 2)->entry->n, 3);
	log_fini(&log);
}
END_TEST

START_TEST(trims_to_its_bytes)
{
	struct log log;
	uint64_t one;

	log_init(&log);
	append(&log, "001.1", 1, 0);
	one = log.bytes;
	for (uint64_t n = 2; n <= 9; n++)
		append(&log, "001.1", n, 0);
	process(&log, 9);
	log_trim(&log, at(0), 3 * one, UINT64_MAX);
	ck_assert_uint_eq(log_end(&log) - log_begin(&log), 3);
	ck_assert_uint_le(log.bytes, 3 * one);
	ck_assert_uint_eq(get(&log.floor, "001.1"), 6);
	log_fini(&log);
}
END_TEST

/* Entries that came at once expire at once: they are freed in several steps. */
START_TEST(trims_so_many_at_most)
{
	struct log log;

	log_init(&log);
	for (uint64_t n = 1; n <= LOG_TRIM_MAX + 10; n++)
		append(&log, "001.1", n, 0);
	process(&log, LOG_TRIM_MAX + 10);
	log_trim(&log, at(1000), UINT64_MAX, UINT64_MAX);
	ck_assert_uint_eq(log_begin(&log), LOG_TRIM_MAX);
	ck_assert_uint_eq(get(&log.floor, "001.1"), LOG_TRIM_MAX);
	log_trim(&log, at(1000), UINT64_MAX, UINT64_MAX);
	ck_assert_uint_eq(log_begin(&log), LOG_TRIM_MAX + 10);
	log_fini(&log);
}
END_TEST

START_TEST(places_outlive_trims)
{
	struct log log;

	log_init(&log);
	for (uint64_t n = 1; n <= 1000; n++) {
		append(&log, "001.1", n, (int64_t)n);
		process(&log, 1);
		log_trim(&log, at((int64_t)n - 7), UINT64_MAX, UINT64_MAX);
		ck_assert_uint_eq(log_at(&log, n - 1)->entry->n, n);
	}
	ck_assert_uint_eq(log_end(&log), 1000);
	ck_assert_uint_eq(log_end(&log) - log_begin(&log), 8);
	ck_assert_uint_lt(log.cap, 256);
	log_fini(&log);
}
END_TEST

START_TEST(jump_drops_one_origin)
{
	struct log log;

	log_init(&log);
	append(&log, "001.1", 1, 0);
	append(&log, "002.1", 1, 0);
	append(&log, "001.1", 2, 0);
	append(&log, "002.1", 2, 0);
	process(&log, 4);
	log_jump(&log, origin_of("001.1"), 2);
	/* not above have, so nothing happens */
	ck_assert_uint_eq(log_end(&log), 4);
	log_jump(&log, origin_of("001.1"), 9);
	/* its entries stay in their places, dead */
	ck_assert_uint_eq(log_end(&log), 4);
	ck_assert(!log_has(&log, log_at(&log, 0)->entry));
	ck_assert(log_has(&log, log_at(&log, 1)->entry));
	ck_assert_uint_eq(get(&log.have, "001.1"), 9);
	ck_assert_uint_eq(get(&log.done, "001.1"), 9);
	ck_assert_uint_eq(get(&log.floor, "001.1"), 9);
	ck_assert_ptr_null(log_pending(&log));
	append(&log, "001.1", 10, 0);
	ck_assert_uint_eq(log_pending(&log)->n, 10);
	/* a trim of dead entries changes no floor */
	log_trim(&log, at(1000), UINT64_MAX, UINT64_MAX);
	ck_assert_uint_eq(log_begin(&log), 4);
	ck_assert_uint_eq(get(&log.floor, "001.1"), 9);
	ck_assert_uint_eq(get(&log.floor, "002.1"), 2);
	log_fini(&log);
}
END_TEST

/* Entries of a forgotten run are dead, processed or not. */
START_TEST(forgotten_entries_are_passed_over)
{
	struct log log;

	log_init(&log);
	for (uint64_t n = 1; n <= 3; n++)
		append(&log, "001.1", n, 0);
	append(&log, "001.2", 1, 0);
	append(&log, "002.1", 1, 0);
	process(&log, 1);
	log_forget(&log, origin_of("001.1").sid, 1);
	ck_assert_uint_eq(log_end(&log), 5);
	ck_assert_ptr_null(log_pending(&log));
	ck_assert(!log_is_drained(&log));
	ck_assert(log_pass_dead(&log));
	ck_assert(log_pass_dead(&log));
	ck_assert(!log_pass_dead(&log));
	ck_assert_ptr_eq(log_pending(&log), log_at(&log, 3)->entry);
	process(&log, 2);
	ck_assert(log_is_drained(&log));
	ck_assert(!log_pass_dead(&log));
	ck_assert_uint_eq(log.waiting, 0);
	log_trim(&log, at(1000), UINT64_MAX, UINT64_MAX);
	ck_assert_uint_eq(log.bytes, 0);
	ck_assert_uint_eq(get(&log.floor, "001.1"), 0);
	ck_assert_uint_eq(get(&log.floor, "001.2"), 1);
	log_fini(&log);
}
END_TEST

START_TEST(covered_is_the_greater)
{
	struct log log;
	struct vector v = { 0 };

	log_init(&log);
	append(&log, "001.1", 1, 0);
	process(&log, 1);
	vector_set(&log.merged, origin_of("002.1"), 5);
	ck_assert_uint_eq(log_covered(&log, origin_of("001.1")), 1);
	ck_assert_uint_eq(log_covered(&log, origin_of("002.1")), 5);
	log_covered_all(&log, &v);
	ck_assert_uint_eq(v.n, 2);
	vector_fini(&v);
	log_fini(&log);
}
END_TEST

Suite *
log_suite(void)
{
	Suite *s = suite_create("log");
	TCase *t = unit_case("log");

	tcase_add_test(t, keeps_order_of_acceptance);
	tcase_add_test(t, trims_what_is_old_and_processed);
	tcase_add_test(t, trims_to_its_bytes);
	tcase_add_test(t, trims_so_many_at_most);
	tcase_add_test(t, places_outlive_trims);
	tcase_add_test(t, jump_drops_one_origin);
	tcase_add_test(t, forgotten_entries_are_passed_over);
	tcase_add_test(t, covered_is_the_greater);
	suite_add_tcase(s, t);
	return s;
}
