/*
 * reg.h - registers: the last writer wins (doc/link-protocol.md, part 11).
 *
 * A register is never removed while its owner lives; "off" is a value (no
 * text). Later is the greater (tenure, stamp, sid); stamps of one origin
 * strictly increase, so two writes are never equal.
 *
 * struct regs is the set of registers of one owner, packed into one block
 * (reg.c), in the order of their first write. A register comes out of it as a
 * struct reg. The owner's own write, the *base*, is not stored there, so each
 * function is given it; the caller must give the same one each time.
 */
#ifndef CORE_REG_H
#define CORE_REG_H

#include "base/rcbuf.h"
#include "core/types/ids.h"
#include "core/part/part.h"

struct blocks; /* base/blocks.h */
struct name;   /* interned; facts_intern() */

struct write { /* who wrote when; n 0: nobody yet */
	struct dot dot;
	uint32_t tenure;
	struct stamp stamp;
} IDS_PACKED;

struct reg {
	const struct name *name;
	struct rcbuf *value; /* NULL: off */
	struct write write;
	struct by by;
};

struct regs {
	unsigned char *block; /* owned; NULL: no register */
};

struct reg_base {
	struct write write;
	struct by by;
	uint64_t *visits; /* counts what writes look at; NULL: no write */
};

struct reg_item;  /* core/facts/reg_table.h */
struct reg_table; /* the same */

/* The names that a walk looks up, in place of going through all registers. */
struct reg_names {
	const struct name *const *v; /* the next one */
	uint64_t *visits;	     /* counts what the walk looks at */
};

/* A walk over the registers of an owner; private to reg.c. */
struct reg_walk {
	const unsigned char *at;       /* the next one */
	const unsigned char *value;    /* the next pointer */
	const struct reg_item *item;   /* the next one of a table, or NULL */
	const struct reg_table *table; /* names are looked up in it; or NULL */
	struct reg_names names;
	uint32_t left;
	struct reg reg; /* the last one, or the base */
};

/* Is a later than b? */
bool write_is_later(const struct write *a, const struct write *b);

/* All zero is an empty set. The memory comes from the blocks, which are the
 * same in each call. regs_fini() puts the registers of an owner that has very
 * many into `shed`, from where reg_table_free() frees them. */
void regs_fini(struct blocks *, struct regs *, struct reg_table **shed);
uint32_t regs_count(const struct regs *);

/*
 * Begin a walk, which no write may interrupt:
 *
 *	for (w = regs_walk(regs, &base); (r = regs_next(&w)) != NULL;)
 */
struct reg_walk regs_walk(const struct regs *, const struct reg_base *);
/* Begin a walk that has to return the registers with n names alone. It may
 * return others, too. So it is short for an owner that has very many. */
struct reg_walk regs_walk_names(const struct regs *, const struct reg_base *,
    struct reg_names, uint32_t n);
/* Return the next register, or NULL. It is valid until the next call; its value
 * is borrowed until the next write. */
const struct reg *regs_next(struct reg_walk *);

/* Return the value of a register, borrowed until the next write; NULL if it is
 * off or was never written. */
struct rcbuf *regs_value(const struct regs *, const struct reg_base *,
    const struct name *);

/* Merge a write, whose value is copied. Return true if the register has it now.
 */
bool regs_write(struct blocks *, struct regs *, const struct reg_base *,
    const struct reg *w, struct text value);

#endif
