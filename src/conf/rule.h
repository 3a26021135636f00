/*
 * rule.h - rules of the second pass that more than one program has.
 */
#ifndef CONF_RULE_H
#define CONF_RULE_H

#include "conf/parts.h"
#include "conf/walk.h"

/* Report items of a list that have the same value for key. Values are compared
 * in the form in which the configuration is printed. */
void rule_twice(struct walk *k, unsigned int section, const char *key);

/* Report the address of an item that no connection can use. Return false
 * then. */
bool rule_address(struct walk *k, unsigned int section, size_t item,
    const struct addr *a);

/* Return true if the listener takes connections to this address. */
bool rule_listens_at(const struct conf_listen *l, const struct peer_address *a);

/* Return true if two listeners cannot be open at the same time. */
bool rule_listens_overlap(const struct conf_listen *a,
    const struct conf_listen *b);

/* Report origins of a listener that has no WebSocket, and warn of one that has
 * and lacks them: a page can let the browsers of those who look at it
 * connect. */
void rule_origins(struct walk *k, unsigned int section, size_t item,
    const struct conf_listen *l);

/* Report TLS of a listener for http, and warn of an address that others can
 * reach: the pages are for anybody who does. */
void rule_http(struct walk *k, unsigned int section, size_t item,
    const struct conf_listen *l);

/* A path that a program uses. */
struct rule_path {
	const char *option; /* in no list */
	struct span text;   /* empty: it is not set */
	bool written;	    /* by the program */
};

/*
 * Report the path number i if it is that of the configuration file, or of one
 * before it in v, and one of the two is written. Paths are compared by their
 * text, after relative paths were made absolute. So a file that is reached by
 * two names is not noticed; the names that a mistake or a copied line brings
 * are.
 */
void rule_path(struct walk *k, const struct rule_path *v, size_t i);

/* Report text about an option that is in no list, at its place; other begins
 * the text. */
void rule_complain_path(struct walk *k, const char *option, const char *other,
    const char *text);

/* Report a path of the control socket that is too long: the row of `control`
 * does not know how long a relative path becomes. instead is the option that
 * decides about the path if `control` is not given, or NULL. */
void rule_control_length(struct walk *k, struct span control,
    const char *instead);

#endif
