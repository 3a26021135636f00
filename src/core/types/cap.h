/*
 * cap.h - capabilities as rows (cap.def), and sets of them.
 */
#ifndef CORE_CAP_H
#define CORE_CAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct tables; /* core/types/tables.h */

enum cap {
#define CAP(ID, name, values, changes, scenario) CAP_##ID,
#include "core/types/cap.def"
#undef CAP
	CAP_BUILTIN,  /* the number of built-in rows */
	CAP_NONE = 64 /* no row; and the bound of rows */
};

/* Sets of capabilities are masks of these bits. */
#define CAPB(ID) (UINT64_C(1) << CAP_##ID)

struct cap_row {
	const char *name;
	const char *values;
};

/* Take the words for one line off *rest: as many as fit into max bytes with a
 * space between them, but at least one. *rest is empty after the last line. */
struct span cap_line(struct span *rest, size_t max);

extern const struct cap_row caps_builtin[CAP_BUILTIN];

/* Return the row, which lives as long as the tables; never call it with
 * CAP_NONE. */
const struct cap_row *cap_row(const struct tables *, enum cap);
/* Return true if no row has the number any more (core/types/row_keep.h). */
bool cap_is_gap(const struct cap_row *);
/* Return CAP_NONE if no row has the name. */
enum cap cap_find(const struct tables *, struct span name);

#endif
