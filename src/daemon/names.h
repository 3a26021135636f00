/*
 * names.h - looks up names for the node: the names of clients by their address
 * (REQUEST_NAME), and what lists of addresses say of them (REQUEST_LISTED).
 * net/resolver.h asks the servers.
 *
 * A name counts only if it leads back to the address: anybody may give an
 * address of their own any name.
 */
#ifndef DAEMON_NAMES_H
#define DAEMON_NAMES_H

#include "daemon/banyand.h"
#include "net/resolver.h"

struct names;

/* Make the resolver of a server, with its configuration. names_free() frees it,
 * with all that is looked up; NULL is allowed. */
struct names *names_new(struct banyand *);
void names_free(struct names *);

/* Ask the servers of the configuration from now on. */
void names_configure(struct names *);

/* Return the resolver, for those who look many things up; it lives as long as
 * the names. */
struct resolver *names_resolver(struct names *);

/* Look something else up; see resolver_ask(). */
struct lookup *names_look_up(struct names *, const struct dns_question *,
    const struct lookup_want *);

/* Count what was looked up; see resolver_figures(). */
void names_figures(const struct names *, struct resolver_figures *);

/* Answer REQUEST_NAME, whose bytes are an address, from the loop. */
void names_ask(struct names *, uint64_t token, struct span bytes);

/* Answer REQUEST_LISTED, whose bytes are a name in DNS, from the loop. */
void names_ask_list(struct names *, uint64_t token, struct span bytes);

#endif
