/*
 * reg.h - registers: the last writer wins (doc/link-protocol.md, part 11).
 *
 * A register is never removed while its owner lives; "off" is a value (no
 * text). Later is the greater (tenure, stamp, sid); stamps of one origin
 * strictly increase, so two writes are never equal.
 *
 * struct regs is the set of registers of one owner, by name.
 */
#ifndef CORE_REG_H
#define CORE_REG_H

#include "base/rcbuf.h"
#include "core/types/ids.h"
#include "core/part/part.h"

struct name; /* interned; facts_intern() */

struct write { /* who wrote when; n 0: nobody yet */
	struct dot dot;
	uint32_t tenure;
	struct stamp stamp;
} IDS_PACKED;

struct reg {
	const struct name *name;
	struct rcbuf *value; /* owned reference; NULL: off */
	struct write write;
	struct by by;
} IDS_PACKED;

struct regs {
	struct reg *v;
	uint32_t n, cap;
};

/* Is a later than b? */
bool write_is_later(const struct write *a, const struct write *b);

/* All zero is an empty set. */
void regs_fini(struct regs *);
/* Borrowed until the next write; NULL: never written, which is off. */
const struct reg *regs_find(const struct regs *, const struct name *);
/* Merges; true if the value is now this one. value is copied. */
bool regs_write(struct regs *, const struct name *, const struct write *,
    struct by, struct text value);

#endif
