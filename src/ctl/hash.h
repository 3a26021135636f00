/* hash.h - a password to the verifier of an `opers` block. */
#ifndef CTL_HASH_H
#define CTL_HASH_H

#include "ctl/ctl.h"

/*
 * Asks for the password twice on a terminal, without echo; reads the first
 * line of standard input otherwise. Prints $argon2id$..., or as JSON
 * {"verifier":"$argon2id$..."}.
 */
enum ctl_exit hash_run(const struct ctl_args *);

#endif
