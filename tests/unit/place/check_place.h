/* The suites of src/place, and servers for them. */
#ifndef UNIT_PLACE_CHECK_PLACE_H
#define UNIT_PLACE_CHECK_PLACE_H

#include "lib/unit.h"
#include "place/net.h"

Suite *ask_suite(void);
Suite *chans_suite(void);
Suite *choose_suite(void);
Suite *cost_suite(void);
Suite *crowd_suite(void);
Suite *day_suite(void);
Suite *memory_suite(void);
Suite *net_suite(void);
Suite *rate_suite(void);
Suite *sent_suite(void);
Suite *worlds_suite(void);

/* The number of elements of a table, for tcase_add_loop_test(). */
#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* Return the sid of server i: 0AA, 0AB … */
struct place_sid sid_of(unsigned i);

/* Return the number of the server with that sid. */
unsigned number_of(struct place_sid sid);

/* Prepare a network of n servers that are up, have nobody, and are in one
 * region. */
void net_of(struct place_net *net, unsigned n);

/* Return a moment, in ms. */
struct mono at_ms(int64_t ms);

#endif
