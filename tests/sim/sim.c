/*
 * Random networks of nodes, one for each seed.
 *
 *	sim [-n SEEDS] [-s FIRST] [-p PLAN] [--tap]
 *	sim --trace SEED [--events]	everything that happens in it
 *	sim --shrink SEED [--events]	leaves out what a failure does not need
 *	sim --mutants [NAME...]		only in a build with -DBANYAN_MUTATE,
 *	sim --with NAME ...		likewise: the above, with a wrong rule
 *
 * Each seed runs twice, and its events run once more in fresh nodes. All
 * effects must be the same bytes.
 */
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "link/mutate.h"
#include "plan.h"
#include "world.h"

#define MUTANT_SEEDS 1500
#define HARMLESS_SEEDS 100
#define SEED_CPU_S 60	       /* for a mutant that does not end */
#define SEED_BYTES (1UL << 30) /* for a mutant that grows */
#define JOBS_MAX 16
#define REACH_SEEDS 200 /* so many seeds reach every row of reach.def */

static uint64_t seeds = 200, first;
static int plan = -1, with; /* a mutation, of --with */
static bool tap;

static int
plan_of(const char *name)
{
	int i;

	for (i = 0; plan_name(i) != NULL; i++)
		if (strcmp(plan_name(i), name) == 0)
			return i;
	fprintf(stderr, "no such plan: %s\n", name);
	exit(EXIT_FAILURE);
}

static void
aborted(int sig)
{
	char text[64];
	int n;

	n = snprintf(text, sizeof(text), "seed %ju\n", (uintmax_t)world_seed);
	if (write(STDERR_FILENO, text, (size_t)n) < 0)
		_exit(1);
	signal(sig, SIG_DFL);
	raise(sig);
}

/* Return true if the mutation loses entries, to test their repair. */
static bool
is_lossy(int mutation)
{
#ifdef BANYAN_MUTATE
	static const char *const names[] = { "lost-entry", "digest-changed",
		"want-max", "no-want", "gaps" };
	const char *name = mutation > 0 ? mutation_name(mutation) : NULL;
	size_t i;

	for (i = 0; name != NULL && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
#else
	(void)mutation;
#endif
	return false;
}

/* Run a seed. Return true if nothing is wrong with it. */
static bool
run_seed(uint64_t seed, int which, int mutation, struct world_result *r)
{
	struct world_options opt = {
		.seed = seed, .plan = which, .mutation = mutation
	};
	struct world_result again;

	opt.replay = mutation == 0;
	opt.lossy = is_lossy(mutation);
	world_run(&opt, r);
	if (r->failed || mutation != 0)
		return !r->failed;
	opt.replay = false;
	opt.quick = true;
	world_run(&opt, &again);
	if (again.hash == r->hash)
		return true;
	r->failed = true;
	snprintf(r->why, sizeof(r->why), "a second run had other effects");
	return false;
}

static void
print_failure(uint64_t seed, const struct world_result *r)
{
	const char *p, *end;

	for (p = r->why; *p != '\0'; p = *end == '\0' ? end : end + 1) {
		end = strchrnul(p, '\n');
		printf("%s%s%.*s\n", tap ? "# " : "", p == r->why ? "" : "  ",
		    (int)(end - p), p);
	}
	printf("%strace: tests/sim/sim --trace %ju\n", tap ? "# " : "",
	    (uintmax_t)seed);
}

struct reach_row {
	const char *id;
	uint64_t seeds;
	const char *what, *plan, *acts;
};

static const struct reach_row reach_row[] = {
#define REACH(ID, seeds, what, plan, acts) { #ID, seeds, what, plan, acts },
#include "reach.def"
#undef REACH
};

/* Explain a row whose count is 0, and say where to look. */
static void
explain_missed(const struct reach_row *row)
{
	printf("# REACH(%s) of tests/sim/reach.def is 0 after %ju seeds, so "
	       "the "
	       "oracles have checked nothing there.\n",
	    row->id, (uintmax_t)seeds);
	printf("# Plan %s reaches it most, by %s. Count it there:\n"
	       "#\ttests/sim/sim -n 200 -p %s\n",
	    row->plan, row->acts, row->plan);
	printf("# If that says 0, too, the situation is gone, or it is counted "
	       "wrongly:\n"
	       "#\tgrep -n REACH_%s tests/sim/*.c\n",
	    row->id);
	printf("# If not, it is drawn too seldom: raise the weights of these "
	       "acts, in that plan or in `usual`,\n"
	       "# in tests/sim/plan.c. If it can never happen any more, "
	       "delete "
	       "the row.\n");
}

/* Print how often each row was reached. Return how many rows were missed. */
static unsigned
print_reached(const uint64_t *reached, bool whole)
{
	const struct reach_row *row;
	unsigned missed = 0;
	size_t i;
	bool bad;

	for (i = 0; i < REACH_COUNT; i++) {
		row = &reach_row[i];
		bad = whole && reached[i] == 0 && seeds >= row->seeds;
		missed += bad;
		if (tap)
			printf("%sok %zu - reached %ju times: %s\n",
			    bad ? "not " : "", (size_t)seeds + i + 1,
			    (uintmax_t)reached[i], row->what);
		else
			printf("%8ju %s\n", (uintmax_t)reached[i], row->what);
		if (bad)
			explain_missed(row);
	}
	return missed;
}

static int
run_seeds(void)
{
	struct world_result r;
	uint64_t seed, sum[5] = { 0 }, reached[REACH_COUNT] = { 0 };
	bool whole = plan < 0 && seeds >= REACH_SEEDS;
	unsigned bad = 0;
	size_t i;

	for (i = 0; i < REACH_COUNT; i++)
		plan_of(reach_row[i].plan); /* it exists */
	if (tap)
		printf("1..%ju\n",
		    (uintmax_t)seeds + (whole ? REACH_COUNT : 0));
	for (seed = first; seed < first + seeds; seed++) {
		if (!run_seed(seed, plan, with, &r)) {
			bad++;
			printf("%s%ju%s (%s)\n", tap ? "not ok " : "seed ",
			    (uintmax_t)(tap ? seed - first + 1 : seed),
			    tap ? " - seed" : "", r.plan);
			print_failure(seed, &r);
		} else if (tap)
			printf("ok %ju - seed %ju (%s)\n",
			    (uintmax_t)(seed - first + 1), (uintmax_t)seed,
			    r.plan);
		fflush(stdout);
		sum[0] += r.entries;
		sum[1] += r.messages;
		sum[2] += r.snapshots;
		sum[3] += r.wants;
		sum[4] += r.jumped;
		for (i = 0; i < REACH_COUNT; i++)
			reached[i] += r.reached[i];
	}
	if (whole || !tap)
		bad += print_reached(reached, whole);
	printf("%s%ju seeds, %u bad; %ju entries, %ju messages, %ju "
	       "snapshots, %ju WANT, %ju jumped\n",
	    tap ? "# " : "", (uintmax_t)seeds, bad, (uintmax_t)sum[0],
	    (uintmax_t)sum[1], (uintmax_t)sum[2], (uintmax_t)sum[3],
	    (uintmax_t)sum[4]);
	return bad == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
trace(uint64_t seed, bool events)
{
	struct world_options opt = { .seed = seed,
		.plan = plan,
		.mutation = with,
		.lossy = is_lossy(with),
		.trace = stdout,
		.trace_events = events };
	struct world_result r;

	setvbuf(stdout, NULL, _IOLBF, 0);
	world_run(&opt, &r);
	printf("%s\n", r.failed ? r.why : "nothing is wrong");
	return r.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/*
 * Return true if two failures are of the same kind: their words without digits
 * are the same.
 */
static bool
same_kind(const char *a, const char *b)
{
	for (;; a++, b++) {
		a += strspn(a, "0123456789");
		b += strspn(b, "0123456789");
		if (*a != *b)
			return false;
		if (*a == '\0' || *a == ':' || *a == '\n')
			return true;
	}
}

static int
shrink(uint64_t seed, bool events)
{
	struct world_options opt = { .seed = seed,
		.plan = plan,
		.mutation = with,
		.lossy = is_lossy(with) };
	struct world_result r, t;
	size_t step, at, left, i;
	bool *out, *try;

	world_run(&opt, &r);
	if (!r.failed) {
		printf("nothing is wrong\n");
		return EXIT_SUCCESS;
	}
	out = mem_zalloc(r.acts);
	try = mem_zalloc(r.acts);
	opt.nleft_out = r.acts;
	for (step = r.acts / 2; step > 0; step /= 2)
		for (at = r.acts; at > 0; at -= at < step ? at : step) {
			memcpy(try, out, r.acts);
			for (i = at < step ? 0 : at - step; i < at; i++)
				try[i] = true;
			opt.left_out = try;
			world_run(&opt, &t);
			if (t.failed && same_kind(t.why, r.why))
				memcpy(out, try, r.acts);
		}
	for (i = left = 0; i < r.acts; i++)
		left += !out[i];
	opt.left_out = out;
	opt.trace = stdout;
	opt.trace_events = events;
	world_run(&opt, &t);
	printf("%s\n%zu of %zu acts left\n", t.why, left, r.acts);
	free(out);
	free(try);
	return EXIT_FAILURE;
}

#ifdef BANYAN_MUTATE
/*
 * Limit the processor time and not the time by the clock: a loaded machine must
 * not look like a wrong rule.
 */
static void
set_limits(void)
{
	const struct rlimit cpu = { SEED_CPU_S, SEED_CPU_S };
	const struct rlimit bytes = { SEED_BYTES, SEED_BYTES };

	setrlimit(RLIMIT_CPU, &cpu);
	setrlimit(RLIMIT_AS, &bytes);
}

/* Run a seed in a process of its own: a mutant may also end by an invariant. */
static bool
is_caught(int mutation, int which, uint64_t seed, char *why, size_t max)
{
	struct world_result r;
	int fd[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe(fd) != 0 || (pid = fork()) < 0)
		abort();
	if (pid == 0) {
		set_limits();
		dup2(fd[1], STDERR_FILENO);
		close(fd[0]);
		if (run_seed(seed, which, mutation, &r))
			_exit(0);
		r.why[strcspn(r.why, "\n")] = '\0';
		if (write(fd[1], r.why, strlen(r.why)) < 0)
			_exit(2);
		_exit(1);
	}
	close(fd[1]);
	n = read(fd[0], why, max - 1);
	why[n > 0 ? n : 0] = '\0';
	why[strcspn(why, "\n")] = '\0';
	close(fd[0]);
	waitpid(pid, &status, 0);
	return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

static bool
is_named(const char *name, char **names)
{
	if (*names == NULL)
		return true;
	for (; *names != NULL; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

/* Return true if a unit test catches this mutation. */
static bool
is_of_units(const char *name)
{
	static const char *const rows[] = {
#define MUTANT(name, suite, test) name,
#include "unit/node/mutants.def"
#undef MUTANT
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(name, rows[i]) == 0)
			return true;
	return false;
}

struct shows {
	const char *mutation, *plan;
};

/*
 * Return the plan in which a wrong rule shows, if it hardly shows in others;
 * else the plan of the command line.
 */
static int
plan_for(const char *name)
{
	static const struct shows rows[] = {
		{ "forget-last", "forgets" },
		{ "nick-no-wait", "tight" },
		{ "status-arrival", "tight" },
	};

	for (size_t i = 0; plan < 0 && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(name, rows[i].mutation) == 0)
			return plan_of(rows[i].plan);
	return plan;
}

/*
 * Return true if the protocol repairs this mutation: a run with it proves the
 * repair.
 */
static bool
is_harmless(const char *name)
{
	return strcmp(name, "lost-entry") == 0;
}

/*
 * Run mutant m, the n-th that is run. Return false if it is not caught, or if
 * it is harmless and caught. Print which.
 */
static bool
try_mutant(int m, int n)
{
	const char *name = mutation_name(m);
	bool harmless = is_harmless(name), caught;
	uint64_t seed, end = first + (harmless ? HARMLESS_SEEDS : seeds);
	char why[512];

	for (seed = first; seed < end; seed++)
		if (is_caught(m, plan_for(name), seed, why, sizeof(why)))
			break;
	caught = seed < end;
	if (caught)
		printf("%s %d - %s: seed %ju: %s\n", harmless ? "not ok" : "ok",
		    n, name, (uintmax_t)seed,
		    why[0] != '\0' ? why : "it does not end, or grows");
	else
		printf("%s %d - %s: nothing is wrong in %ju seeds\n",
		    harmless ? "ok" : "not ok", n, name,
		    (uintmax_t)(end - first));
	fflush(stdout);
	return caught != harmless;
}

static bool
await_job(void)
{
	int status;

	if (wait(&status) < 0)
		abort();
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/*
 * Run each mutant in a process of its own, as many at once as there are
 * processors.
 */
static int
mutants(char **names)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned jobs = cpus < 1 ? 1 : cpus > JOBS_MAX ? JOBS_MAX : cpus;
	unsigned running = 0, missed = 0;
	pid_t pid;
	int m, n = 0;

	for (m = 1; mutation_name(m) != NULL; m++) {
		if (!is_named(mutation_name(m), names) ||
		    (*names == NULL && is_of_units(mutation_name(m))))
			continue;
		n++;
		if (running == jobs) {
			missed += !await_job();
			running--;
		}
		fflush(stdout);
		if ((pid = fork()) < 0)
			abort();
		if (pid == 0)
			_exit(try_mutant(m, n) ? 0 : 1);
		running++;
	}
	while (running-- > 0)
		missed += !await_job();
	printf("1..%d\n", n);
	return missed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
#endif

enum {
	OPT_TRACE = 256,
	OPT_EVENTS,
	OPT_SHRINK,
	OPT_MUTANTS,
	OPT_TAP,
	OPT_WITH
};

static const struct option options[] = {
	{ "trace", required_argument, NULL, OPT_TRACE },
	{ "events", no_argument, NULL, OPT_EVENTS },
	{ "shrink", required_argument, NULL, OPT_SHRINK },
	{ "mutants", no_argument, NULL, OPT_MUTANTS },
	{ "with", required_argument, NULL, OPT_WITH },
	{ "tap", no_argument, NULL, OPT_TAP },
	{ NULL, 0, NULL, 0 },
};

static int
usage(void)
{
	fprintf(stderr, "sim [-n SEEDS] [-s FIRST] [-p PLAN] [--tap] "
			"[--trace SEED [--events]] [--shrink SEED] "
			"[--mutants [NAME...]]\n");
	return EXIT_FAILURE;
}

static int
mutation_of(const char *name)
{
#ifdef BANYAN_MUTATE
	int m;

	for (m = 1; mutation_name(m) != NULL; m++)
		if (strcmp(mutation_name(m), name) == 0)
			return m;
#endif
	fprintf(stderr, "no such mutation: %s\n", name);
	exit(EXIT_FAILURE);
}

int
main(int argc, char **argv)
{
	uint64_t one = 0;
	bool events = false, counted = false;
	int opt, what = 0;

	signal(SIGABRT, aborted);
	while ((opt = getopt_long(argc, argv, "n:s:p:", options, NULL)) != -1)
		switch (opt) {
		case 'n':
			seeds = strtoull(optarg, NULL, 10);
			counted = true;
			break;
		case 's':
			first = strtoull(optarg, NULL, 10);
			break;
		case 'p':
			plan = plan_of(optarg);
			break;
		case OPT_TRACE:
		case OPT_SHRINK:
			one = strtoull(optarg, NULL, 10);
			what = opt;
			break;
		case OPT_EVENTS:
			events = true;
			break;
		case OPT_MUTANTS:
			what = opt;
			break;
		case OPT_WITH:
			with = mutation_of(optarg);
			break;
		case OPT_TAP:
			tap = true;
			break;
		default:
			return usage();
		}
	if (what == OPT_TRACE)
		return trace(one, events);
	if (what == OPT_SHRINK)
		return shrink(one, events);
	if (what == OPT_MUTANTS) {
#ifdef BANYAN_MUTATE
		if (!counted)
			seeds = MUTANT_SEEDS;
		return mutants(argv + optind);
#else
		fprintf(stderr, "this build has no mutations\n");
		return EXIT_FAILURE;
#endif
	}
	(void)counted;
	return run_seeds();
}
