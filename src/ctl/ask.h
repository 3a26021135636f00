/* ask.h - commands that a running server answers. */
#ifndef CTL_ASK_H
#define CTL_ASK_H

#include "ctl/ctl.h"

/* A question to the node: prints the answer as it comes. */
enum ctl_exit ask_run(const struct ctl_args *);

/*
 * An order to the daemon, answered in one line "ok ..." or "error ...". As
 * JSON: {"ok":true,"text":"..."}, on standard output in both cases.
 */
enum ctl_exit ask_order(const struct ctl_args *);

#endif
