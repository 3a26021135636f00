/*
 * reply.h - numerics and standard replies to one session.
 *
 * All arguments are spans; their number is checked against the row
 * (wire/numeric.def). Numbers become spans with num().
 */
#ifndef CORE_REPLY_H
#define CORE_REPLY_H

#include "core/state.h"
#include "wire/numeric.h"

/* Invariant: narg is what the row takes. s NULL: an answer to st->question. */
void reply_args(struct step *, struct session *, enum numeric,
    const struct span *arg, size_t narg);

#define REPLY_ARGS(...) ((const struct span[]){ __VA_ARGS__ })
#define reply(st, s, numeric, ...)                                \
	reply_args((st), (s), (numeric), REPLY_ARGS(__VA_ARGS__), \
	    sizeof(REPLY_ARGS(__VA_ARGS__)) / sizeof(struct span))
#define reply0(st, s, numeric) reply_args((st), (s), (numeric), NULL, 0)

/* FAIL command code [context] :text (IRCv3 standard-replies); a NOTICE to
 * who has not asked for those. */
void reply_fail(struct step *, struct session *, struct span command,
    struct span code, struct span context, struct span text);

/* A decimal in the step's arena. */
struct span num(struct step *, uint64_t);

/* The nick of the session as others see it, or `*`. */
struct span session_nick(const struct session *);

#endif
