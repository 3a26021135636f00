/*
 * query.h - questions that only another server can answer (WHOIS x x).
 *
 * The asker's server sends QUERY to the user's home, which answers numerics
 * without target; the asker's server adds target and label. After
 * QUERY_MS the local answer is given instead (decisions.md, part 4).
 */
#ifndef CORE_QUERY_H
#define CORE_QUERY_H

#include "core/state.h"

#define QUERY_MS	5000

/* Another server asks. */
void	query_answer(struct step *, uint64_t id, struct uid from,
	    struct sid asker, struct span command);
/* Answers to ours. */
void	query_line(struct step *, uint64_t id, struct span line);
void	query_done(struct step *, uint64_t id);
/* No answer in time: the local one. */
void	query_expired(struct step *, struct pending *);

#endif
