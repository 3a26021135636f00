/* ask.h - the commands that a running server answers. */
#ifndef CTL_ASK_H
#define CTL_ASK_H

#include "ctl/ctl.h"

/* Ask the node, and print the answer as it arrives. */
enum ctl_exit ask_run(const struct ctl_args *);

/*
 * Give an order to the server, which answers with one line, "ok ..." or
 * "error ...". With --json, print {"ok":true,"text":"..."} on standard output
 * in both cases.
 */
enum ctl_exit ask_order(const struct ctl_args *);

#endif
