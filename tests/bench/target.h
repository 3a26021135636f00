/*
 * What is measured: a running banyand network, and the floor beside it.
 */
#ifndef BENCH_TARGET_H
#define BENCH_TARGET_H

#include <sys/types.h>

#include <stdbool.h>

#define TARGET_SERVERS 8

struct target {
	const char *name;
	bool is_floor;
	int n; /* servers */
	pid_t pid[TARGET_SERVERS];
	int port[TARGET_SERVERS]; /* plaintext */
	int tls[TARGET_SERVERS];  /* 0: none */
};

/* From a network.json as contrib/run.sh leaves it; ends on failure. */
void target_read(struct target *t, const char *file);

/* Starts n floors; they end with this process. */
void target_floor(struct target *t, const char *program, int n);
void target_stop(struct target *t);

/* CPU time used by all of its servers so far, user and system. */
double target_cpu_ns(const struct target *t);

/* Anonymous memory of its first server that is resident. */
double target_memory(const struct target *t);

#endif
