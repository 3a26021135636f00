/*
 * world.h - one random network from a seed: servers, links, people, and what
 * happens to them; then all is healed, and everything must be whole.
 *
 * A plan (world.c) says what happens how often. Acts are numbered and each
 * draws from a generator of its own, so that one can be left out and the
 * others stay what they were: that is how a failure is shrunk.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "oracle.h"

struct world_options {
	uint64_t seed;
	int plan;	      /* -1: by the seed */
	int mutation;	      /* of all nodes; 0: none */
	bool lossy;	      /* entries get lost: none of invariant 4 */
	bool quick;	      /* no oracles: only the effects */
	bool replay;	      /* the events once more into fresh nodes */
	const bool *left_out; /* by number of act, or NULL */
	size_t nleft_out;
	FILE *trace;	   /* acts and lines, or NULL */
	bool trace_events; /* and events and effects of nodes */
};

struct world_result {
	bool failed;
	char why[8192];
	uint64_t hash; /* of all effects */
	const char *plan;
	size_t acts, entries, messages, steps, lines;
	uint64_t snapshots, wants, jumped, duplicates;
	uint64_t reached[REACH_COUNT];
};

void world_run(const struct world_options *, struct world_result *);

/* The seed under way, for a handler of SIGABRT. */
extern uint64_t world_seed;

/* NULL beyond the last. */
const char *world_plan_name(int);

#endif
