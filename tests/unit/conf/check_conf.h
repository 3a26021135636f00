/* The suites of src/conf, and how a test reads a configuration. */
#ifndef UNIT_CONF_CHECK_CONF_H
#define UNIT_CONF_CHECK_CONF_H

#include "conf/conf.h"
#include "conf/read.h"
#include "lib/unit.h"

Suite *check_suite(void);
Suite *gate_suite(void);
Suite *module_option_suite(void);
Suite *print_suite(void);
Suite *schema_suite(void);
Suite *source_suite(void);
Suite *syntax_suite(void);

/* The number of elements of a table, for tcase_add_loop_test(). */
#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

/*
 * A configuration without an error: four lines, behind which others may stand.
 */
extern const char minimal[];

struct given {
	struct conf_report report; /* sorted */
	struct conf *conf;	   /* NULL if the text cannot be parsed */
};

/* Read text, which is the file "f". */
void given_init(struct given *g, const char *text);

/* A file and its path. */
struct given_file {
	const char *path, *text;
};

/* Return a reader of these files; an entry without a path ends them. */
struct conf_files given_reader(const struct given_file *file);

/* Read the first of several files. */
void given_init_files(struct given *g, const struct given_file *file);

void given_fini(struct given *g);

/* Compare a report, line by line; expected is NULL if it must be empty. */
void assert_report(const struct conf_report *r, const char *expected);

#endif
