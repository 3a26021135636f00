/*
 * The indices of masks and of prefixes find what a look at each item finds, and
 * what they look at does not grow with the items.
 */
#include "wire/glob_index.h"

#include <check.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/writer.h"
#include "unit/wire/check_wire.h"
#include "wire/mask.h"
#include "wire/net_index.h"

#define MASKS 400
#define TEXTS 400
#define MANY 100000

static const unsigned char seed[SIPHASH_KEY] = "glob_index";

struct item {
	struct shelf_item at;
	char text[64];
	size_t n;
	unsigned found;
};

static void
count(void *ctx, struct shelf_item *at)
{
	(void)ctx;
	((struct item *)(void *)at)->found++;
}

/* Write up to 24 of the characters; masks of few characters often match. */
static void
make(struct rng *rng, struct item *x, const char *of, unsigned kinds)
{
	x->n = rng_below(rng, 25);
	for (size_t i = 0; i < x->n; i++)
		x->text[i] = of[rng_below(rng, kinds)];
}

static struct span
text_of(const struct item *x)
{
	return span_make(x->text, x->n);
}

/* An item that matches is found, and no item twice. */
static void
ask(struct glob_index *g, struct item *v, struct span text)
{
	size_t steps = 0;

	for (unsigned i = 0; i < MASKS; i++)
		v[i].found = 0;
	glob_index_find(g, text, count, NULL, &steps);
	for (unsigned i = 0; i < MASKS; i++) {
		bool is_in = v[i].at.shelf != NULL;

		ck_assert_uint_le(v[i].found, is_in);
		ck_assert_msg(v[i].found == 1 || !is_in ||
				  !mask_glob(text_of(&v[i]), text, NULL),
		    "%.*s is not found for %.*s", SPAN_ARG(text_of(&v[i])),
		    SPAN_ARG(text));
	}
}

START_TEST(masks_that_match_are_found)
{
	struct item *v = calloc(MASKS, sizeof(*v)), text;
	struct glob_index g;
	struct rng rng;

	rng_seed(&rng, (uint64_t)_i);
	glob_index_init(&g, seed);
	for (unsigned i = 0; i < MASKS; i++) {
		make(&rng, &v[i], "aB*?\\ab", _i < 4 ? 4 : 7);
		glob_index_add(&g, &v[i].at, text_of(&v[i]));
	}
	for (unsigned i = 0; i < TEXTS; i++) {
		make(&rng, &text, "Ab*?\\", _i % 2 == 0 ? 2 : 5);
		ask(&g, v, text_of(&text));
		if (i < MASKS / 2)
			glob_index_del(&g, &v[2 * i].at);
	}
	for (unsigned i = 1; i < MASKS; i += 2)
		glob_index_del(&g, &v[i].at);
	glob_index_fini(&g);
	free(v);
}
END_TEST

/* Masks as operators set them, with the number in a place of its own. */
static const char *const forms[] = {
	"host-#.example.net",
	"*-#.example.net",
	"*.pool#.example.net",
	"10.#.*",
	"dial-#-*.example.net",
	"*evil-bot-#*",
	"*.#.com*",
	"user?#*",
};

/* Make the mask of that form, with a number in the place of #. */
static void
make_form(struct item *x, const char *form, unsigned number)
{
	struct span rest = span_of(form), head = span_cut(&rest, '#');
	struct writer w;

	writer_init(&w, x->text, sizeof(x->text));
	writer_span(&w, head);
	writer_u64(&w, number);
	writer_span(&w, rest);
	x->n = w.n;
}

/* Return what it costs to ask for a text with n masks. */
static size_t
cost_of(unsigned form, unsigned n)
{
	struct item *v = calloc(n, sizeof(*v));
	struct glob_index g;
	size_t steps = 0;

	glob_index_init(&g, seed);
	for (unsigned i = 0; i < n; i++) {
		make_form(&v[i], forms[form], i + 10000);
		glob_index_add(&g, &v[i].at, text_of(&v[i]));
	}
	glob_index_find(&g, SPAN("cpe-12345-evil-bot-x.pool7.example.net"),
	    count, NULL, &steps);
	for (unsigned i = 0; i < n; i++)
		glob_index_del(&g, &v[i].at);
	glob_index_fini(&g);
	free(v);
	return steps;
}

START_TEST(very_many_masks_cost_no_more_than_ten)
{
	size_t few = cost_of((unsigned)_i, 10);
	size_t many = cost_of((unsigned)_i, MANY);

	/* the numbers of the many have other lengths, too */
	ck_assert_msg(many <= few + 80, "%s: %zu for ten, %zu for %d",
	    forms[_i], few, many, MANY);
}
END_TEST

static struct addr
random_addr(struct rng *rng, bool v4)
{
	struct addr a = { { 0 } };

	for (unsigned i = 0; i < 16; i++)
		a.b[i] = (unsigned char)(rng_below(rng, 4) << 6);
	return v4 ? addr_v4(a.b) : a;
}

START_TEST(prefixes_of_an_address_are_found)
{
	struct item *v = calloc(MASKS, sizeof(*v));
	struct addr net[MASKS], a;
	unsigned prefix[MASKS];
	struct net_index x;
	struct rng rng;
	size_t steps = 0;

	rng_seed(&rng, 1);
	net_index_init(&x, seed);
	for (unsigned i = 0; i < MASKS; i++) {
		net[i] = random_addr(&rng, i % 2 == 0);
		prefix[i] = i % 2 == 0 ? 96 + rng_below(&rng, 33)
				       : rng_below(&rng, 129);
		net_index_add(&x, &v[i].at, &net[i], prefix[i]);
	}
	for (unsigned k = 0; k < TEXTS; k++) {
		a = random_addr(&rng, k % 2 == 0);
		net_index_find(&x, &a, count, NULL, &steps);
		for (unsigned i = 0; i < MASKS; i++) {
			bool in = addr_in(&a, &net[i], prefix[i]) &&
				  (i % 2 == 0) == addr_is_v4(&a);

			ck_assert_uint_eq(v[i].found, in);
			v[i].found = 0;
		}
	}
	for (unsigned i = 0; i < MASKS; i++)
		net_index_del(&x, &v[i].at);
	net_index_fini(&x);
	free(v);
}
END_TEST

START_TEST(very_many_prefixes_cost_no_more_than_their_lengths)
{
	struct item *v = calloc(MANY, sizeof(*v));
	struct net_index x;
	struct addr a;
	size_t steps = 0;

	net_index_init(&x, seed);
	for (unsigned i = 0; i < MANY; i++) {
		unsigned char b[4] = { 10, (unsigned char)(i >> 16),
			(unsigned char)(i >> 8), (unsigned char)i };

		a = addr_v4(b);
		net_index_add(&x, &v[i].at, &a, 128);
	}
	net_index_find(&x, &a, count, NULL, &steps);
	ck_assert_uint_eq(v[MANY - 1].found, 1);
	ck_assert_uint_eq(steps, NET_STEPS + 1);
	for (unsigned i = 0; i < MANY; i++)
		net_index_del(&x, &v[i].at);
	net_index_fini(&x);
	free(v);
}
END_TEST

Suite *
glob_index_suite(void)
{
	Suite *s = suite_create("wire/glob_index");
	TCase *t = unit_case("index");

	tcase_add_loop_test(t, masks_that_match_are_found, 0, 8);
	tcase_add_loop_test(t, very_many_masks_cost_no_more_than_ten, 0,
	    sizeof(forms) / sizeof(forms[0]));
	tcase_add_test(t, prefixes_of_an_address_are_found);
	tcase_add_test(t, very_many_prefixes_cost_no_more_than_their_lengths);
	suite_add_tcase(s, t);
	return s;
}
