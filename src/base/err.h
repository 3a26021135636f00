/*
 * The world failed, and the caller decides: 0 or one of err.def's rows.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/span.h"

enum err {
	E_OK = 0,
#define ERR(name, value, text) name = value,
#include "base/err.def"
#undef ERR
};

/* "E_SYNTAX", and its text in words. */
struct span err_name(enum err e);
struct span err_text(enum err e);

#endif
