/*
 * rule.h - rules of the second pass that more than one program has.
 */
#ifndef CONF_RULE_H
#define CONF_RULE_H

#include "conf/conf.h"
#include "conf/walk.h"

/* Report items of a list that have the same value for key. Values are compared
 * in the form in which the configuration is printed. */
void rule_twice(struct walk *k, unsigned int section, const char *key);

/* Report the address of an item that no connection can use. Return false
 * then. */
bool rule_address(struct walk *k, unsigned int section, size_t item,
    const struct addr *a);

/* Return true if two listeners cannot be open at the same time. */
bool rule_listens_overlap(const struct conf_listen *a,
    const struct conf_listen *b);

#endif
