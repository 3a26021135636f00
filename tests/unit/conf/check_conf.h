/* The suites of src/conf, and how a test is given a configuration. */
#ifndef UNIT_CONF_CHECK_CONF_H
#define UNIT_CONF_CHECK_CONF_H

#include "conf/conf.h"
#include "lib/unit.h"

Suite *check_suite(void);
Suite *print_suite(void);
Suite *schema_suite(void);

/* Number of elements of a table, for tcase_add_loop_test(). */
#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* Without an error; four lines, which others may follow. */
extern const char minimal[];

struct given {
	config_t tree;
	struct conf_report report; /* sorted */
	struct conf *conf;
};

/* text must be good to libconfig. */
void given_init(struct given *g, const char *text);
void given_fini(struct given *g);

#endif
