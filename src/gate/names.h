/*
 * names.h - looks up the names of servers; net/resolver.h asks the servers of
 * DNS that the configuration names.
 */
#ifndef GATE_NAMES_H
#define GATE_NAMES_H

#include "gate/gate.h"
#include "net/resolver.h"

/* Make the resolver. names_free() frees it, with all that is looked up; NULL is
 * allowed. */
struct gate_names *names_new(struct gate *);
void names_free(struct gate_names *);

/* Ask the servers of gate->conf from now on. */
void names_configure(struct gate_names *);

/* Look a name up. told() is called from the loop; see resolver_ask(). */
struct lookup *names_ask(struct gate_names *, enum dns_type, const char *name,
    lookup_told *told, void *ctx);

#endif
