/*
 * countries.h - the databases in which modules look up countries (lookup rows
 * with a file, core/types/hook.h), and the answers to REQUEST_COUNTRY.
 *
 * The databases belong to a configuration: they are opened when it is read, by
 * the worker, and a file that cannot be read is a mistake in it. So a reload
 * with a database that is damaged changes nothing, and one that was replaced is
 * in use after a reload.
 */
#ifndef DAEMON_COUNTRIES_H
#define DAEMON_COUNTRIES_H

#include <bsd/sys/queue.h>

#include "conf/conf.h"
#include "net/loop.h"

struct banyand;
struct countries;
struct country_answer;

/* Answers that are given in the next turn of the loop. All zero: none. */
struct country_answers {
	struct country_answer *first, *last;
	struct timer timer;
};

/* Open the databases that the options of modules name. Report those that cannot
 * be opened. Return NULL if no module has one. The caller frees the result. */
struct countries *countries_load(const struct conf *, struct conf_report *);
/* Free the databases. NULL is allowed. */
void countries_free(struct countries *);

/* Answer REQUEST_COUNTRY, from the loop. */
void countries_ask(struct banyand *, uint64_t token, struct span bytes);
/* Free the databases and the answers of a server that ends. */
void countries_drop(struct banyand *);

#endif
