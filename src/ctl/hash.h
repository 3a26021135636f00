/* hash.h - makes the verifier of an `opers` block from a password. */
#ifndef CTL_HASH_H
#define CTL_HASH_H

#include "ctl/ctl.h"

/*
 * Ask for the password twice on a terminal, without echo; if standard input is
 * not a terminal, read its first line. Print $argon2id$..., or with --json
 * {"verifier":"$argon2id$..."}.
 */
enum ctl_exit hash_run(const struct ctl_args *);

#endif
