/*
 * One question to a running banyand, over its control socket: a line goes
 * there, lines come back until it closes. Blocks; this is the operator's tool.
 */
#ifndef CTL_ASK_H
#define CTL_ASK_H

#include <stdbool.h>

/*
 * Writes the answer to standard output. The exit status: 0; 1 when the
 * answer is an error (which goes to standard error) or nobody answers.
 */
int ask(const char *path, const char *question, bool json);

#endif
