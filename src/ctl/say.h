/* say.h - what banyanctl says that is no answer of a server. */
#ifndef CTL_SAY_H
#define CTL_SAY_H

#include <stdio.h>

#include "base/span.h"

/* "banyanctl: what" and, unless detail is NULL, ": detail", on stderr. */
void say_error(const char *what, const char *detail);

/* A string of JSON with its quotes; s is taken to be UTF-8. */
void say_json(FILE *to, struct span s);

#endif
