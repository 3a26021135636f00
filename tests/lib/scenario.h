/*
 * scenario.h - runs one transcript against a network of nodes.
 *
 * tests/scenario/README.md describes the format. To add a directive, add a row
 * to the table in scenario.c and a line to that page.
 */
#ifndef LIB_SCENARIO_H
#define LIB_SCENARIO_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Run a transcript. Return true if it holds; otherwise write what is wrong to
 * out, with file and line. If record is true, out gets the transcript, with the
 * lines that really came in place of the expected ones. trace gets events and
 * effects, or is NULL.
 */
bool scenario_run(const char *path, bool record, FILE *out, FILE *trace);

#endif
