/*
 * Take back one rule after the other, and run its test case of rules.c, or the
 * suite or transcript that mutants.def names. A test must fail. `make mutants`
 * runs this program. With arguments, it tries these mutations alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/mutation.h"
#include "lib/scenario.h"
#include "unit/core/check_core.h"
#include "unit/node/check_node.h"

#define scenario_suite NULL

struct mutant {
	const char *name;
	unit_suite *suite; /* NULL: the test is a transcript */
	const char *test;  /* a case of the suite; NULL: all */
};

static const struct mutant rows[] = {
#define MUTANT(name, suite, test) { name, suite##_suite, test },
#include "unit/node/mutants.def"
#undef MUTANT
};

#define SECONDS "60" /* for one test */
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

/* Run a transcript in a process of its own. Return true if it exists and
 * fails. */
static bool
scenario_fails(const char *file)
{
	const char *top = getenv("top_srcdir");
	FILE *out = fopen("/dev/null", "w");
	char path[512];
	int status = 0;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/tests/scenario/%s",
	    top != NULL ? top : "..", file);
	if (out == NULL || access(path, R_OK) != 0 || (pid = fork()) < 0)
		abort();
	if (pid == 0)
		_exit(scenario_run(path, false, out, NULL) ? 0 : 1);
	waitpid(pid, &status, 0);
	fclose(out);
	return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

/* Return true if there are tests for the rule, and one of them fails. */
static bool
fails(const struct mutant *m)
{
	SRunner *r;
	int tests, failed;

	if (m->suite == NULL)
		return scenario_fails(m->test);
	r = srunner_create(m->suite());
	srunner_run(r, NULL, m->test, CK_SILENT);
	tests = srunner_ntests_run(r);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return tests > 0 && failed > 0;
}

/* Return true if the tests fail without the mutation, too. The rows of one
 * suite come one after the other, so it runs once for all of them. */
static bool
fails_anyway(const struct mutant *m)
{
	static unit_suite *checked;

	if (m->suite == NULL || m->test != NULL)
		return fails(m);
	if (checked == m->suite)
		return false;
	checked = m->suite;
	return fails(m);
}

static bool
is_caught(size_t i)
{
	bool caught;

	if (number_of(rows[i].name) == 0 || fails_anyway(&rows[i]))
		return false;
	test_mutation = number_of(rows[i].name);
	caught = fails(&rows[i]);
	test_mutation = 0;
	return caught;
}

/* Return true if the arguments name the mutation, or no mutation. */
static bool
is_asked(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return true;
	return argc < 2;
}

int
main(int argc, char **argv)
{
	unsigned missed = 0, n = 0;

	/* as in unit_main(); a machine with other work is slow */
	if (setenv("CK_DEFAULT_TIMEOUT", SECONDS, 0) != 0)
		return EXIT_FAILURE;
	for (size_t i = 0; i < NROWS; i++) {
		bool caught;

		if (!is_asked(rows[i].name, argc, argv))
			continue;
		caught = is_caught(i);
		printf("%s %u - %s\n", caught ? "ok" : "not ok", ++n,
		    rows[i].name);
		fflush(stdout);
		missed += !caught;
	}
	printf("1..%u\n", n);
	return missed == 0 && n > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
