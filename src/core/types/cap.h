/*
 * cap.h - capabilities as rows (cap.def), and sets of them.
 */
#ifndef CORE_CAP_H
#define CORE_CAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/writer.h"

struct class_settings; /* core/types/settings.h */
struct settings;       /* core/types/settings.h */
struct tables;	       /* core/types/tables.h */

enum cap {
#define CAP(ID, name, write, tell, changes, scenario) CAP_##ID,
#include "core/types/cap.def"
#undef CAP
	CAP_BUILTIN,  /* the number of built-in rows */
	CAP_NONE = 61 /* no row; and the bound of rows */
};

/* Sets of capabilities are masks of these bits. */
#define CAPB(ID) (UINT64_C(1) << CAP_##ID)

/* Bits of the set of a session that are no capabilities: its user reads
 * messages as a row says (struct rendered_row, core/types/hook.h). */
#define CAPS_READING (UINT64_MAX << CAP_NONE)

/* The things that the value of a capability is made from: the settings, and the
 * client who is told. */
struct cap_from {
	const struct settings *settings;
	const struct class_settings *class;
	bool tls;
	bool web;   /* it speaks WebSocket */
	bool named; /* it has asked for a name of settings_has_name() */
};

struct cap_row {
	const char *name;
	const char *values; /* behind `=` in CAP LS 302; "": none */
	/* Write the values that follow from the settings. Return false, and
	 * write nothing, if these offer no client the capability. NULL: it has
	 * the values above. */
	bool (*write)(struct writer *, const struct settings *);
	/* Write the value of a capability that only tells something. It is told
	 * to clients that say 302, and cannot be requested. If nothing is
	 * written, the client is not told. NULL: an ordinary capability. */
	void (*tell)(struct writer *, const struct cap_from *);
};

#define CAP_VALUES_MAX 120 /* bytes of the values */

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

/* Append the values of a capability. Return false if it is not offered. */
bool cap_values(const struct cap_row *, const struct settings *,
    struct writer *);
/* Return the capabilities that clients are offered: those of all rows that are
 * not leaving, unless the settings offer them to nobody. */
uint64_t caps_offered(const struct tables *, const struct settings *);
/* Return those that have other values with other settings, or are offered with
 * one of the two alone. */
uint64_t caps_changed(const struct tables *, const struct settings *before,
    const struct settings *now);

#endif
