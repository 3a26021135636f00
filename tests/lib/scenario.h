/*
 * scenario.h - runs one transcript against a network of nodes.
 *
 * The format is told in tests/scenario/README.md. To add a directive: a row
 * in the table of scenario.c and a line in that page.
 */
#ifndef LIB_SCENARIO_H
#define LIB_SCENARIO_H

#include <stdbool.h>
#include <stdio.h>

/*
 * True if the transcript holds; otherwise what is wrong, with file and line,
 * is on out. With record, out gets the transcript with the lines that really
 * came in place of the expected ones. trace: events and effects, or NULL.
 */
bool scenario_run(const char *path, bool record, FILE *out, FILE *trace);

#endif
