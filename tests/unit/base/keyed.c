#include "base/keyed.h"

#include <string.h>

#include "unit/base/check_base.h"

static struct span
hex(char text[2 * KEYED_HASH], const unsigned char hash[KEYED_HASH])
{
	for (size_t i = 0; i < KEYED_HASH; i++) {
		text[2 * i] = "0123456789abcdef"[hash[i] >> 4];
		text[2 * i + 1] = "0123456789abcdef"[hash[i] & 15];
	}
	return span_make(text, 2 * KEYED_HASH);
}

/* The values are those of blake2b() of Python's hashlib, with a digest of 32
 * bytes. */
START_TEST(values_of_another_implementation)
{
	char text[2 * KEYED_HASH];
	unsigned char hash[KEYED_HASH];

	keyed_hash(hash, SPAN("0123456789abcdef"), SPAN_NONE);
	ck_assert(span_eq(hex(text, hash),
	    SPAN("bb15a8d39254ae1e047af5048db790eb55be8a642259b42e9a45f098079c6"
		 "ef0")));
	keyed_hash(hash, SPAN("0123456789abcdef"), SPAN("192.0.2.1"));
	ck_assert(span_eq(hex(text, hash),
	    SPAN("d9132445858d194909c6fff7a5977ca282164fd526730ab9c2c5ee25b38f3"
		 "6d4")));
	keyed_hash(hash,
	    SPAN("0123456789abcdef0123456789abcdef0123456789abcdef0123456789"
		 "abcdef"),
	    SPAN("192.0.2.1"));
	ck_assert(span_eq(hex(text, hash),
	    SPAN("94a0d319377def55051c7543357df5f1829d13855f15ce6506f176f0b3cd3"
		 "e86")));
}
END_TEST

Suite *
keyed_suite(void)
{
	Suite *s = suite_create("base/keyed");
	TCase *t = unit_case("keyed");

	tcase_add_test(t, values_of_another_implementation);
	suite_add_tcase(s, t);
	return s;
}
