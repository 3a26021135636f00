/* print.h - prints errors of banyanctl itself, and texts in JSON. */
#ifndef CTL_PRINT_H
#define CTL_PRINT_H

#include <stdio.h>

#include "base/span.h"

/* Print "banyanctl: what" on standard error, followed by ": detail" unless
 * detail is NULL. */
void print_error(const char *what, const char *detail);

/* Print s, which must be UTF-8, as a JSON string with its quotes. */
void print_json(FILE *to, struct span s);

#endif
