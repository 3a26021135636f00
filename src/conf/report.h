/*
 * A report lists every problem of a configuration with its file and line, so
 * that one run of `banyand --check` is enough.
 */
#ifndef CONF_REPORT_H
#define CONF_REPORT_H

#include "base/arena.h"
#include "base/writer.h"

#define REPORT_TEXT 1024 /* bytes of one problem; a longer text is cut */
#define REPORT_LINE (REPORT_TEXT + 4200) /* with the path of its file */

/* A place in a file, such as that of an option or of a problem. */
struct conf_place {
	struct span file;
	unsigned int line;   /* 0: the place is the whole file */
	unsigned int column; /* in characters, from 1; 0: the whole line */
};

struct conf_problem {
	struct conf_place at;
	bool warning;
	struct span text;
};

/* A report owns the texts of its problems. */
struct conf_report {
	struct arena *arena;
	struct conf_problem *v;
	size_t n, cap;
	size_t errors; /* the number of problems that are not warnings */
};

/* Make an empty report; conf_report_fini frees what it comes to own. */
void conf_report_init(struct conf_report *r);
void conf_report_fini(struct conf_report *r);

/* Add a problem. The file and the text are copied; text is cut to
 * REPORT_TEXT. */
void conf_report_add(struct conf_report *r, bool warning, struct conf_place at,
    struct span text);

/* Sort by file, in the order of each file's first problem, then by line. The
 * problems of one line keep their order. */
void conf_report_sort(struct conf_report *r);

/*
 * Write a problem: "file:line:column: text", without the numbers that are 0,
 * and with "warning: " before the text of a warning.
 */
void conf_problem_build(struct writer *w, const struct conf_problem *p);

#endif
