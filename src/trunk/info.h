/*
 * info.h - the trunks of a server, read-only, for banyanctl, for metrics and
 * for tests. Borrowed things are borrowed until the next step.
 */
#ifndef TRUNK_INFO_H
#define TRUNK_INFO_H

#include "base/mtime.h"
#include "base/span.h"
#include "core/types/event.h"

struct trunk_net;

struct trunk_info {
	struct span name;   /* of the gate; "" if it is not known yet */
	struct span region; /* as the gate has said */
	const char *state;  /* open, waits, up or dead */
	struct addr address;
	bool tls;
	int64_t since_ms; /* since it opened */
	int64_t rtt_ms;	  /* -1: not known */
	size_t streams, lists, unsent;
	uint64_t lines_in, lines_out, bytes_in, bytes_out;
};

/* Fill in the i-th trunk; now is the time of the awake clock. Return false if
 * there is no more. */
bool trunk_net_info(const struct trunk_net *, struct mono now, size_t i,
    struct trunk_info *);

/* Since the start. */
struct trunk_counts {
	uint64_t lines_in, lines_out, bytes_in, bytes_out;
	uint64_t lists;	  /* that were told to gates */
	uint64_t opened;  /* streams */
	uint64_t full;	  /* that were not taken, by FULL */
	uint64_t refused; /* trunks that this server closed with ERROR */
};

const struct trunk_counts *trunk_net_counts(const struct trunk_net *);
/* Return how many streams there are, and how many trunks are up. */
size_t trunk_net_streams(const struct trunk_net *);
size_t trunk_net_up(const struct trunk_net *);

#endif
