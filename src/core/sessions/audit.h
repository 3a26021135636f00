/*
 * audit.h - the lines of the log about what operators do with their privileges.
 *
 * All of them have the same fields, in this order:
 *
 *	by	the nick of the operator, or the name of a server
 *	oper	the name of the block by which the user is, or wants to be, an
 *		operator
 *	from	the address of that user
 *	what	what was to be done: the command with its object
 *	why	the reason that was given, or the reason of a refusal
 *	result	ok, refused; sent: another server does it and has a line, too
 *
 * The rows are those of core/types/log.def that say so; the manual page
 * banyand(8) lists them. To add a privileged act: a row, and a call of
 * audit_log() where it is decided.
 */
#ifndef CORE_AUDIT_H
#define CORE_AUDIT_H

#include "core/state.h"

struct audit {
	const struct user *by;
	/* of the server that acts, if `by` is NULL; empty: the operator at the
	 * control socket of this server */
	struct span name;
	struct span oper; /* empty: the register `oper` of the user */
	struct span what[2];
	struct span why;
	const char *result;
};

/* Write a line; `what` is written with a space between the two texts. */
void audit_log(struct step *, enum log_row, const struct audit *);

#endif
