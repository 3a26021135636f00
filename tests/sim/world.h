/*
 * world.h - one random network from a seed: servers, links, people, and what
 * happens to them. At the end all is healed, and the network must be whole.
 *
 * A plan (plan.c) says how often each act happens. Acts are numbered, and each
 * act draws from a generator of its own. So one act can be left out while the
 * others stay the same; that is how a failure is shrunk.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "oracle.h"

struct world_options {
	uint64_t seed;
	int plan;     /* -1: by the seed */
	int mutation; /* in all nodes; 0: none */
	/* entries get lost, so invariant 4 is not checked */
	bool lossy;
	bool quick;	      /* no oracles, only the effects */
	bool replay;	      /* run the events once more in fresh nodes */
	const bool *left_out; /* by number of the act, or NULL */
	size_t nleft_out;
	FILE *trace;	   /* acts and lines, or NULL */
	bool trace_events; /* also events and effects of nodes */
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

/* The seed that runs, for a handler of SIGABRT. */
extern uint64_t world_seed;

#endif
