/* ask.h - the commands that a running server answers. */
#ifndef CTL_ASK_H
#define CTL_ASK_H

#include "ctl/ctl.h"

/* Ask the node, and print the answer as it arrives. */
enum ctl_exit ask_run(const struct ctl_args *);

/* Do the same with an answer that comes in pages: ask for one after the other.
 */
enum ctl_exit ask_pages(const struct ctl_args *);

/* Print events as they happen, until the server ends or cuts the connection
 * off. */
enum ctl_exit ask_tail(const struct ctl_args *);

/*
 * Let the server at the control socket ask the server of --server, or itself,
 * and print what it answers. With --json, print an object for each line:
 * {"numeric":"...","text":"..."}.
 */
enum ctl_exit ask_server(const struct ctl_args *);

/*
 * Give an order to the server, which answers with any number of lines "problem
 * ...", and a last line "ok ..." or "error ...". Print the last line on
 * standard output if it is ok, and every other line on standard error. With
 * --json, print one object on standard output in any case:
 * {"ok":true,"text":"...","problems":["..."]}.
 */
enum ctl_exit ask_order(const struct ctl_args *);

#endif
