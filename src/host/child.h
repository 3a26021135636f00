/*
 * child.h - runs a program and takes what it prints, on the worker's thread.
 */
#ifndef HOST_CHILD_H
#define HOST_CHILD_H

#include <stdbool.h>
#include <stddef.h>

#define CHILD_MS 20000 /* a program that runs longer is killed */

/* Run the program with our environment and one more line of it. Return true if
 * it ends with 0. Write what it printed, in one line with ';' between, or why
 * it could not run, to why. */
bool child_run(const char *exe, char *const *argv, char *line, char *why,
    size_t room);

#endif
