/* The servers that are measured: a running banyand network, and the floor. */
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
	pid_t gate; /* clients of the first server come by it; 0: none */
};

/*
 * Read a network.json that contrib/run.sh has written. End the process on
 * failure.
 */
void target_read(struct target *t, const char *file);
/* Do the same, but let clients of the first server come by the first gate. The
 * CPU time of the gate counts, too. */
void target_read_gate(struct target *t, const char *file);

/* Start n floors; they end with this process. */
void target_floor(struct target *t, const char *program, int n);
void target_stop(struct target *t);

/* Return the CPU time, user and system, that all of its servers and its gate
 * have used so far. */
double target_cpu_ns(const struct target *t);

/* Return the resident anonymous memory of its first server. */
double target_memory(const struct target *t);

#endif
