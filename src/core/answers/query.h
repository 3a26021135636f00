/*
 * query.h - questions that only another server can answer: WHOIS x x, and MOTD,
 * VERSION and others of a server.
 *
 * The asker's server sends QUERY to the other, which answers numerics without
 * target; the asker's server adds target and label. If the request expires
 * (core/sessions/request.h), the local answer is given instead
 * (doc/decisions/0005): to WHOIS from the facts, to the others that there is no
 * such server.
 *
 * To add a question: a row in query.def, its two functions in query.c, a line
 * in the table of doc/link-protocol.md, part 10, and a command that asks. A
 * module has a struct query_row of its own (core/types/tables.h). Its row may
 * go while the answer is awaited: the client is then told 263.
 */
#ifndef CORE_QUERY_H
#define CORE_QUERY_H

#include "core/sessions/audit.h"
#include "core/sessions/request.h"
#include "core/types/privilege.h"
#include "core/types/tables.h"

struct control_question;

enum query_kind {
#define QUERY(ID, name, of_user, answer, end, scenario) QUERY_##ID,
#include "core/answers/query.def"
#undef QUERY
	QUERY_BUILTIN /* the number of built-in rows */
};

extern const struct query_row queries_builtin[QUERY_BUILTIN];

/* Ask another server for a session here. question: the words, the first being
 * the name of the row; what: the parameter that the end of the answer names. */
void query_ask(struct step *, struct session *, struct sid to,
    const struct query_row *, struct span question, struct span what);

/* Ask a server, which may be this one, for the operator at the control socket
 * (core_ask() of core/core.h). Return NULL, or why it is not asked. */
const char *query_ask_control(struct step *, const struct control_question *);

/* Return true if the asker may do that: a user who has the privilege, or the
 * operator at the control socket of the server that asks. */
bool query_may(const struct step *, struct uid from, enum privilege);
/* Return the beginning of a line of the log about the question of the step: who
 * asks. */
struct audit query_audit(struct step *, struct uid from);
/* Take the uid of a user off the words. Return the user if this server can
 * answer for it, else NULL. */
const struct user *query_user(const struct step *, struct span *words);
/* Return the text that ends an answer early. */
struct span query_more(const struct step *);

/* Another server asks. */
void query_answer(struct step *, uint64_t id, struct uid from, struct sid asker,
    struct span command);
/* Answers to ours. */
void query_line(struct step *, uint64_t id, struct span line);
void query_done(struct step *, uint64_t id);

#endif
