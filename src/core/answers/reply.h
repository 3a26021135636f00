/*
 * reply.h - numerics and standard replies to one session.
 *
 * All arguments are spans, as many as the row of the numeric names
 * (wire/numeric.def). num() makes a span of a number.
 */
#ifndef CORE_REPLY_H
#define CORE_REPLY_H

#include "core/state.h"
#include "wire/numeric.h"

/* Send a numeric; narg must be what its row takes. If s is NULL, it answers
 * st->question. */
void reply_args(struct step *, struct session *, const struct numeric_row *,
    const struct span *arg, size_t narg);

#define REPLY_ARGS(...) ((const struct span[]){ __VA_ARGS__ })
/* Send the numeric of a row with its arguments. */
#define reply_row(st, s, row, ...)                            \
	reply_args((st), (s), (row), REPLY_ARGS(__VA_ARGS__), \
	    sizeof(REPLY_ARGS(__VA_ARGS__)) / sizeof(struct span))
/* Do the same for a numeric that is built in. */
#define reply(st, s, numeric, ...) \
	reply_row((st), (s), numeric_row(numeric), __VA_ARGS__)
#define reply0(st, s, numeric) \
	reply_args((st), (s), numeric_row(numeric), NULL, 0)

/*
 * Send the numerics that send() sends. They are made once and kept in the
 * recording, which the core owns, until recording_drop(). So they may depend
 * only on the settings, and on things at whose change the caller drops the
 * recording. send() may send nothing but numerics of this header. If the
 * session is NULL, nothing is kept.
 */
void reply_recorded(struct step *, struct session *, struct recording *,
    void (*send)(struct step *, struct session *));
void recording_drop(struct recording *);

/* Send FAIL command code :text (IRCv3 standard-replies). The code must be one
 * that another specification has, so that any client may be sent it. */
void reply_fail(struct step *, struct session *, struct span command,
    struct span code, struct span text);
/* A code, and the words that it is about. */
struct fail {
	struct span code;
	struct span about[2];
};
/* Send FAIL command code about :text, likewise. */
void reply_fail_about(struct step *, struct session *, struct span command,
    const struct fail *, struct span text);
/* Send such a FAIL with a code of our own, or a NOTICE if the client has not
 * asked for standard-replies. */
void reply_fail_or_notice(struct step *, struct session *, struct span command,
    struct span code, struct span text);

/* Send a NOTICE of this server. */
void reply_notice(struct step *, struct session *, struct span text);
/* Answer st->question with a NOTICE (link-protocol.md, 10.8). */
void reply_question(struct step *, struct span text);
/* Answer that the command is refused, and why. */
void reply_refusal(struct step *, struct span command, struct span text);

/* Return a decimal in the step's arena. */
struct span num(struct step *, uint64_t);

/* Return the nick of the session as others see it, or `*`. */
struct span session_nick(const struct session *);

#endif
