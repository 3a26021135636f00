/* core/types/vector.h, compared with a plain array. */
#include <string.h>

#include "base/rng.h"
#include "core/types/vector.h"
#include "unit/core/check_core.h"

#define ORIGINS 60

static struct origin
origin_at(unsigned i)
{
	struct origin o = { { "0AA" }, 1 + i % 3 };

	o.sid.s[1] = (char)('A' + i / 3);
	return o;
}

static void
same(const struct vector *x, const uint64_t *plain)
{
	unsigned n = 0;

	for (unsigned i = 0; i < ORIGINS; i++) {
		ck_assert_uint_eq(vector_get(x, origin_at(i)), plain[i]);
		n += plain[i] > 0;
	}
	ck_assert_uint_eq(x->n, n);
	for (size_t i = 1; i < x->n; i++)
		ck_assert_int_lt(origin_cmp(x->v[i - 1].o, x->v[i].o), 0);
}

START_TEST(raise_is_the_greater_of_each)
{
	struct rng rng = { 0 };

	rng_seed(&rng, 7);
	for (int round = 0; round < 400; round++) {
		uint64_t a[ORIGINS] = { 0 }, b[ORIGINS] = { 0 };
		uint64_t density = 1 + rng_below(&rng, 8);
		struct vector x, y, z;

		vector_init(&x);
		vector_init(&y);
		vector_init(&z);
		for (unsigned i = 0; i < ORIGINS; i++) {
			if (rng_below(&rng, density) == 0)
				a[i] = 1 + rng_below(&rng, 5);
			if (rng_below(&rng, 1 + round % 4) == 0)
				b[i] = 1 + rng_below(&rng, 5);
			if (a[i] > 0)
				vector_set(&x, origin_at(i), a[i]);
			if (b[ORIGINS - 1 - i] > 0)
				b[ORIGINS - 1 - i]++;
		}
		for (unsigned i = ORIGINS; i-- > 0;)
			if (b[i] > 0)
				vector_raise(&y, origin_at(i), b[i]);
		same(&x, a);
		same(&y, b);
		vector_copy(&z, &x);
		ck_assert(vector_eq(&z, &x));
		vector_raise_all(&x, &y);
		ck_assert(vector_le(&y, &x));
		ck_assert(vector_le(&z, &x));
		for (unsigned i = 0; i < ORIGINS; i++)
			a[i] = a[i] > b[i] ? a[i] : b[i];
		same(&x, a);
		vector_raise_all(&x, &x);
		same(&x, a);
		vector_fini(&x);
		vector_fini(&y);
		vector_fini(&z);
	}
}
END_TEST

Suite *
vector_suite(void)
{
	Suite *s = suite_create("vector");
	TCase *t = unit_case("vector");

	tcase_add_test(t, raise_is_the_greater_of_each);
	suite_add_tcase(s, t);
	return s;
}
