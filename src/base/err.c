/*
 * Names and texts come from the rows of err.def, so none can be missing.
 */
#include "base/err.h"

struct span
err_name(enum err e)
{
	switch (e) {
	case E_OK:
		return SPAN("E_OK");
#define ERR(name, value, text) \
	case name:             \
		return SPAN(#name);
#include "base/err.def"
#undef ERR
	}
	return SPAN("E_?");
}

struct span
err_text(enum err e)
{
	switch (e) {
	case E_OK:
		return SPAN("no error");
#define ERR(name, value, text) \
	case name:             \
		return SPAN(text);
#include "base/err.def"
#undef ERR
	}
	return SPAN("unknown error");
}
