/*
 * The cost of a heal: two nodes in one process, on a virtual clock, are halves
 * of a network. They have CHANNELS channels in common, each with MEMBERS
 * members in either half. All members of one half are in the younger
 * incarnation, and must move.
 *
 *	heal [CHANNELS [MEMBERS]]
 *
 * It prints the CPU time of the longest step of a node, and of the whole heal;
 * the most bytes that a step took from its arena; the peak memory of the
 * process; the entries that both servers made for the heal; and how far these
 * put the clock of their stamps ahead of their wall clocks.
 *
 * The linker's --wrap=node_step puts the measuring around each step.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "core/core.h"
#include "lib/halves.h"

#define STEP_MS 50
#define LONGEST_MS 600000 /* until all is shown; virtual */

void __real_node_step(struct node *, const struct event *, struct effects *);
void __wrap_node_step(struct node *, const struct event *, struct effects *);

static double longest;
static size_t arena_most;

static double
cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void
__wrap_node_step(struct node *node, const struct event *ev, struct effects *fx)
{
	double t = cpu();

	__real_node_step(node, ev, fx);
	t = cpu() - t;
	if (t > longest)
		longest = t;
	if (arena_taken(fx->arena) > arena_most)
		arena_most = arena_taken(fx->arena);
}

/* Return true if both servers show all users, and make no more entries. */
static bool
is_whole(const struct net *net, uint64_t made)
{
	struct core_counts n;

	for (unsigned i = 0; i < 2; i++) {
		core_counts(node_core(net->node[i].node), &n);
		if (n.users != 2 * n.users_local)
			return false;
	}
	return made == halves_made(net, 0) + halves_made(net, 1);
}

int
main(int argc, char **argv)
{
	unsigned chans = argc > 1 ? (unsigned)atoi(argv[1]) : 8000;
	unsigned members = argc > 2 ? (unsigned)atoi(argv[2]) : 3;
	struct net *net = halves_new();
	int64_t most = INT64_MIN, until;
	uint64_t before, made;
	struct rusage used;
	double t;

	halves_split(net);
	halves_fill(net, 0, chans, members);
	halves_fill(net, 1, chans, members);
	net_run(net, 10000);
	made = before = halves_made(net, 0) + halves_made(net, 1);
	longest = 0;
	arena_most = 0;
	t = cpu();
	halves_heal(net);
	until = net->now + LONGEST_MS * NS_PER_MS;
	do {
		made = halves_made(net, 0) + halves_made(net, 1);
		net_run(net, STEP_MS);
		for (unsigned i = 0; i < 2; i++)
			if (halves_ahead(net, i) > most)
				most = halves_ahead(net, i);
	} while (!net->failed && net->now < until && !is_whole(net, made));
	t = cpu() - t;
	getrusage(RUSAGE_SELF, &used);
	printf("%u channels of 2 x %u: longest step %.1f ms, CPU %.2f s, arena "
	       "%.1f MB, peak %.0f MB, %ju entries, clock %jd ms ahead%s\n",
	    chans, members, longest * 1e3, t, (double)arena_most / 1e6,
	    (double)used.ru_maxrss / 1e3, (uintmax_t)(made - before),
	    (intmax_t)(most > 0 ? most : 0),
	    net->node[0].links_down > 1 ? "; the link was lost" : "");
	if (net->failed || net->now >= until) {
		fprintf(stderr, "not whole: %s\n",
		    net->failed ? net->why : "it takes too long");
		return EXIT_FAILURE;
	}
	net_free(net);
	return EXIT_SUCCESS;
}
