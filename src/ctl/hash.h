/*
 * The verifier of an operator's password, for opers.password. The password
 * comes from the terminal, twice and unseen, or else is the first line of
 * standard input; never from the arguments, which everybody on the machine
 * can read.
 */
#ifndef CTL_HASH_H
#define CTL_HASH_H

#include <stdbool.h>

/* The exit status. */
int hash(bool json);

#endif
