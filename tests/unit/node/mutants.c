/*
 * Take back one rule after the other, and run its test case of rules.c. Each
 * must fail. `make mutants` runs this program.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "link/mutate.h"
#include "unit/node/check_node.h"
#include "unit/node/world.h"

static const char *const rows[] = {
#define UNIT_MUTANT(name) name,
#include "unit/node/mutants.def"
#undef UNIT_MUTANT
};

#define NROWS (sizeof(rows) / sizeof(rows[0]))

/* Return the number of a mutation, or 0 if no mutation has that name. */
static int
number_of(const char *name)
{
	for (int m = 1; mutation_name(m) != NULL; m++)
		if (strcmp(mutation_name(m), name) == 0)
			return m;
	return 0;
}

/* Return true if the test case of a rule fails while the rule is taken back,
 * and only then. */
static bool
is_caught(const char *name)
{
	SRunner *r = srunner_create(rules_suite());
	int tests, before, after;

	srunner_run(r, NULL, name, CK_SILENT);
	tests = srunner_ntests_run(r);
	before = srunner_ntests_failed(r);
	srunner_free(r);

	world_mutation = number_of(name);
	r = srunner_create(rules_suite());
	srunner_run(r, NULL, name, CK_SILENT);
	after = srunner_ntests_failed(r);
	srunner_free(r);
	return world_mutation != 0 && tests > 0 && before == 0 && after > 0;
}

int
main(void)
{
	unsigned missed = 0;

	for (size_t i = 0; i < NROWS; i++) {
		bool caught = is_caught(rows[i]);

		printf("%s %zu - %s\n", caught ? "ok" : "not ok", i + 1,
		    rows[i]);
		fflush(stdout);
		missed += !caught;
		world_mutation = 0;
	}
	printf("1..%zu\n", NROWS);
	return missed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
