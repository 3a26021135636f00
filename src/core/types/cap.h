/*
 * cap.h - capabilities as rows (cap.def), and sets of them.
 */
#ifndef CORE_CAP_H
#define CORE_CAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

enum cap {
#define CAP(ID, name, values, changes, scenario) CAP_##ID,
#include "core/types/cap.def"
#undef CAP
	CAP_COUNT
};

#define CAPB(ID) (1u << CAP_##ID)

struct cap_row {
	const char *name;
	const char *values;
};

/* Take the words for one line off *rest: as many as fit into max bytes with a
 * space between them, but at least one. *rest is empty after the last line. */
struct span cap_line(struct span *rest, size_t max);

const struct cap_row *
    cap_row(enum cap);		     /* static; never call it with CAP_COUNT */
enum cap cap_find(struct span name); /* CAP_COUNT if there is no such row */

#endif
