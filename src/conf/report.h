/*
 * What is wrong with a configuration: all of it, each problem with the place
 * where it stands, so that one run of `banyand --check` is enough.
 */
#ifndef CONF_REPORT_H
#define CONF_REPORT_H

#include "base/arena.h"
#include "base/writer.h"

#define REPORT_TEXT 1024 /* bytes of one problem; more is cut */

struct conf_problem {
	struct span file;
	unsigned int line; /* 0: nowhere in particular */
	bool warning;
	struct span text;
};

/* Owns its texts. */
struct conf_report {
	struct arena *arena;
	struct conf_problem *v;
	size_t n, cap;
	size_t errors; /* those that are no warnings */
};

void conf_report_init(struct conf_report *r);
void conf_report_fini(struct conf_report *r);

/* file and text are copied; text is cut to REPORT_TEXT. */
void conf_report_add(struct conf_report *r, bool warning, struct span file,
    unsigned int line, struct span text);

/* By file (as they were met), then line; those of one line stay in order. */
void conf_report_sort(struct conf_report *r);

/* "file:line: text", "file:line: warning: text". */
void conf_problem_build(struct writer *w, const struct conf_problem *p);

#endif
