/*
 * Owners have few registers, and most of these were written in one entry, which
 * often is the one that made the owner: +i of a user, +nt of a channel. So the
 * registers of an owner are one block of bytes:
 *
 *	head, values, registers
 *
 * The head has the number of registers, and that of the values that are
 * pointers: a byte each. The values come in the order of their registers. A
 * value "1" is a flag of its register and no pointer. Each register says only
 * in what it differs from the one before it, or the first from the base:
 *
 *	flags, name, [origin], [number and stamp of the entry], part, [by],
 *	[tenure]
 *
 * +i takes 11 bytes, where a struct reg has 64 and its value 16 or more.
 *
 * A write makes a new block. Most of its bytes are copied: only the register
 * that is written, and the one behind it, are packed anew. Code that shows or
 * dumps registers sorts them by name where order matters.
 *
 * A linked server may give an owner any number of registers, and write each of
 * them again and again. More than PACKED_MAX are in a table (reg_table.h); then
 * the block is a byte 255 and a pointer to it.
 */
#include "core/facts/reg.h"

#include <stdlib.h>
#include <string.h>

#include "base/blocks.h"
#include "base/invariant.h"
#include "core/facts/facts.h"
#include "core/facts/reg_table.h"

enum {
	SAME_ORIGIN = 1,
	SAME_ENTRY = 2, /* number and stamp, too */
	SAME_BY = 4,
	HAS_TENURE = 8,
	IS_ON = 16,
	HAS_TEXT = 32,
	BY_SERVER = 64, /* by the server of the origin; the home writes +i so */
};

#define PACKED_MAX 64
#define TABLE_HEAD 255u
#define TABLE_BYTES (1 + sizeof(struct reg_table *))

/*
 * The rule users know: what was set last counts. All servers compare the same
 * two writes, so all keep the same one, in whatever order they come
 * (doc/link-protocol.md, 11).
 */
bool
write_is_later(const struct write *a, const struct write *b)
{
	int c;

	/* 1. The later tenure: a home that took a session over overrules the
	 *    home before it, whatever their clocks say. */
	if (a->tenure != b->tenure)
		return a->tenure > b->tenure;

	/* 2. The later stamp. */
	if (a->stamp.ms != b->stamp.ms)
		return a->stamp.ms > b->stamp.ms;

	/* 3. Writes of the same millisecond: the greater server. */
	if ((c = sid_cmp(a->dot.o.sid, b->dot.o.sid)) != 0)
		return c > 0;

	/* 4. The later part of one server: two writes never share a dot. */
	return dot_cmp(a->dot, b->dot) > 0;
}

/* ---- reading ------------------------------------------------------------- */

static void
take(const unsigned char **at, void *to, size_t n)
{
	memcpy(to, *at, n);
	*at += n;
}

/* A block taken apart. */
struct opened {
	uint32_t n, nvalue;
	const unsigned char *value, *at; /* the first value, and register */
};

/* Return the table of the registers, or NULL if they are packed. */
static struct reg_table *
table_of(const struct regs *r)
{
	const unsigned char *at = r->block;
	struct reg_table *table;

	if (at == NULL || *at++ != TABLE_HEAD)
		return NULL;
	take(&at, &table, sizeof(table));
	return table;
}

/* Take the block apart; it must be no table. */
static struct opened
open_block(const struct regs *r)
{
	const unsigned char *at = r->block;
	struct opened o = { 0 };

	if (at == NULL)
		return o;
	o.n = *at++;
	o.nvalue = *at++;
	o.value = at;
	o.at = at + o.nvalue * sizeof(struct rcbuf *);
	return o;
}

uint32_t
regs_count(const struct regs *r)
{
	const struct reg_table *table = table_of(r);

	return table != NULL ? reg_table_count(table) : open_block(r).n;
}

struct reg_walk
regs_walk(const struct regs *r, const struct reg_base *base)
{
	const struct reg_table *table = table_of(r);
	struct opened o = { 0 };

	if (table != NULL)
		return (struct reg_walk){ .item = reg_table_first(table),
			.left = reg_table_count(table) };
	o = open_block(r);
	return (struct reg_walk){
		.at = o.at,
		.value = o.value,
		.left = o.n,
		.reg = { .write = base->write, .by = base->by },
	};
}

struct reg_walk
regs_walk_names(const struct regs *r, const struct reg_base *base,
    struct reg_names names, uint32_t n)
{
	struct reg_walk w = regs_walk(r, base);

	w.names = names;
	if (w.item != NULL) {
		w.table = table_of(r);
		w.item = NULL;
		w.left = n;
	}
	return w;
}

/* Return the next register of a table that has one of the names, or NULL. */
static const struct reg *
next_named(struct reg_walk *w)
{
	const struct reg *r = NULL;

	for (; w->left > 0 && r == NULL; w->left--)
		r = reg_table_find(w->table, *w->names.v++, w->names.visits);
	return r;
}

static void
take_by(struct reg_walk *w, unsigned char flags)
{
	struct uid by;

	if (flags & BY_SERVER) {
		w->reg.by = by_server(w->reg.write.dot.o.sid);
	} else if (!(flags & SAME_BY)) {
		take(&w->at, &by, sizeof(by));
		w->reg.by = by_of_id(by);
	}
}

static struct rcbuf *
take_value(struct reg_walk *w, unsigned char flags)
{
	struct rcbuf *value = NULL;

	if (flags & HAS_TEXT)
		take(&w->value, &value, sizeof(value));
	else if (flags & IS_ON)
		value = w->reg.name->on;
	return value;
}

const struct reg *
regs_next(struct reg_walk *w)
{
	struct reg *r = &w->reg;
	uint64_t n;
	uint16_t part;
	unsigned char flags;

	if (w->table != NULL)
		return next_named(w);
	if (w->left == 0)
		return NULL;
	w->left--;
	if (w->item != NULL) {
		*r = *reg_item_reg(w->item);
		w->item = reg_item_next(w->item);
		if (w->names.visits != NULL)
			++*w->names.visits;
		return r;
	}
	take(&w->at, &flags, sizeof(flags));
	take(&w->at, &r->name, sizeof(r->name));
	if (!(flags & SAME_ORIGIN))
		take(&w->at, &r->write.dot.o, sizeof(r->write.dot.o));
	n = r->write.dot.n;
	if (!(flags & SAME_ENTRY)) {
		take(&w->at, &n, sizeof(n));
		take(&w->at, &r->write.stamp, sizeof(r->write.stamp));
	}
	take(&w->at, &part, sizeof(part));
	r->write.dot = dot_make(r->write.dot.o, n, part);
	take_by(w, flags);
	r->write.tenure = 0;
	if (flags & HAS_TENURE)
		take(&w->at, &r->write.tenure, sizeof(r->write.tenure));
	r->value = take_value(w, flags);
	return r;
}

struct rcbuf *
regs_value(const struct regs *r, const struct reg_base *base,
    const struct name *name)
{
	const struct reg_table *table = table_of(r);
	struct reg_walk w;
	const struct reg *x;
	uint64_t visits = 0;

	if (table != NULL) {
		x = reg_table_find(table, name, &visits);
		return x == NULL ? NULL : x->value;
	}
	w = regs_walk(r, base);
	while ((x = regs_next(&w)) != NULL)
		if (x->name == name)
			return x->value;
	return NULL;
}

/* ---- writing ------------------------------------------------------------- */

/* Return how many bytes a register with these flags has. With HAS_TENURE
 * alone they are the most. */
#define BYTES_MOST                                               \
	(1 + sizeof(struct name *) + sizeof(struct origin) + 8 + \
	    sizeof(struct stamp) + 2 + sizeof(struct uid) + 4)
static size_t
bytes_with(unsigned char flags)
{
	size_t n = sizeof(flags) + sizeof(struct name *) + sizeof(uint16_t);

	if (!(flags & SAME_ORIGIN))
		n += sizeof(struct origin);
	if (!(flags & SAME_ENTRY))
		n += sizeof(uint64_t) + sizeof(struct stamp);
	if (!(flags & (SAME_BY | BY_SERVER)))
		n += sizeof(struct uid);
	if (flags & HAS_TENURE)
		n += sizeof(uint32_t);
	return n;
}

static void
put(unsigned char **at, const void *from, size_t n)
{
	if (n > 0)
		memcpy(*at, from, n);
	*at += n;
}

/* The registers that a write makes anew: itself, and the one behind it. */
struct packing {
	struct write write; /* of the register before */
	struct by by;
	unsigned char byte[2 * BYTES_MOST], *at;
	struct rcbuf *value[2];
	uint32_t nvalue;
};

static bool
by_eq(struct by a, struct by b)
{
	return uid_cmp(a.uid, b.uid) == 0 && sid_cmp(a.sid, b.sid) == 0;
}

static unsigned char
flags_of(const struct packing *k, const struct reg *r)
{
	const struct write *a = &r->write, *b = &k->write;
	unsigned char flags = 0;

	if (origin_cmp(a->dot.o, b->dot.o) == 0)
		flags |= SAME_ORIGIN;
	if (a->dot.n == b->dot.n && a->stamp.ms == b->stamp.ms)
		flags |= SAME_ENTRY;
	if (by_eq(r->by, k->by))
		flags |= SAME_BY;
	else if (by_eq(r->by, by_server(a->dot.o.sid)))
		flags |= BY_SERVER;
	if (a->tenure != 0)
		flags |= HAS_TENURE;
	if (r->value != NULL)
		flags |= r->value == r->name->on ? IS_ON : HAS_TEXT;
	return flags;
}

/* Add a register; the reference to its value goes with it. */
static void
pack(struct packing *k, const struct reg *r)
{
	unsigned char flags = flags_of(k, r);
	struct uid by = by_id(r->by);
	uint64_t n = r->write.dot.n;
	uint16_t part = r->write.dot.part;

	put(&k->at, &flags, sizeof(flags));
	put(&k->at, &r->name, sizeof(r->name));
	if (!(flags & SAME_ORIGIN))
		put(&k->at, &r->write.dot.o, sizeof(r->write.dot.o));
	if (!(flags & SAME_ENTRY)) {
		put(&k->at, &n, sizeof(n));
		put(&k->at, &r->write.stamp, sizeof(r->write.stamp));
	}
	put(&k->at, &part, sizeof(part));
	if (!(flags & (SAME_BY | BY_SERVER)))
		put(&k->at, &by, sizeof(by));
	if (flags & HAS_TENURE)
		put(&k->at, &r->write.tenure, sizeof(r->write.tenure));
	if (flags & HAS_TEXT)
		k->value[k->nvalue++] = r->value;
	k->write = r->write;
	k->by = r->by;
}

static bool
has_pointer(const struct reg *r)
{
	return r->value != NULL && r->value != r->name->on;
}

/* Return the end of the bytes, which the walk has not reached. */
static const unsigned char *
end_of(const struct reg_walk *w)
{
	const unsigned char *at = w->at;

	for (uint32_t i = 0; i < w->left; i++)
		at += bytes_with(*at);
	return at;
}

/* The place of a register in its block, or the end of the block. */
struct place {
	bool found;
	struct reg old;		  /* the one that is there */
	struct reg_walk from, to; /* before it, and behind it */
};

/* Return the name of the next register, of which there is one. */
static const struct name *
name_at(const struct reg_walk *w)
{
	const struct name *name;

	memcpy(&name, w->at + 1, sizeof(name)); /* behind the flags */
	return name;
}

static struct place
place_of(const struct regs *r, const struct reg_base *base,
    const struct name *name)
{
	struct place p = { .to = regs_walk(r, base) };

	for (; p.to.left > 0 && name_at(&p.to) != name; ++*base->visits)
		(void)regs_next(&p.to);
	p.from = p.to;
	p.found = p.to.left > 0;
	if (p.found)
		p.old = *regs_next(&p.to);
	return p;
}

/* Return how many bytes there are from one place to another. */
static size_t
between(const unsigned char *from, const unsigned char *to)
{
	return from == to ? 0 : (size_t)(to - from);
}

/* The bytes of the block before, with the place of the write in them. */
struct pieces {
	struct opened old;
	const unsigned char *end;
	struct place *at;
};

/* Make a block of what stands before the write, what was packed, and what
 * stands behind. */
static unsigned char *
build(struct blocks *mem, const struct pieces *x, const struct packing *k,
    uint32_t n, size_t *size)
{
	const struct reg_walk *from = &x->at->from, *to = &x->at->to;
	size_t head = between(x->old.value, from->value);
	size_t tail = between(to->value, x->old.at);
	size_t packed = k->nvalue * sizeof(k->value[0]);
	unsigned char *block, *at;
	unsigned char first[2] = { (unsigned char)n,
		(unsigned char)((head + tail + packed) / sizeof(k->value[0])) };

	*size = sizeof(first) + head + packed + tail +
		between(x->old.at, from->at) + (size_t)(k->at - k->byte) +
		between(to->at, x->end);
	at = block = blocks_take(mem, *size);
	put(&at, first, sizeof(first));
	put(&at, x->old.value, head);
	put(&at, k->value, packed);
	put(&at, to->value, tail);
	put(&at, x->old.at, between(x->old.at, from->at));
	put(&at, k->byte, (size_t)(k->at - k->byte));
	put(&at, to->at, between(to->at, x->end));
	return block;
}

/* Put the register into its place. Only this register and the next one are made
 * anew. */
static void
replace(struct blocks *mem, struct regs *set, const struct reg *r,
    struct place *p)
{
	struct packing k = { .write = p->from.reg.write, .by = p->from.reg.by };
	struct pieces x = { .old = open_block(set), .at = p };
	unsigned char *block;
	const struct reg *next;
	size_t size;

	x.end = end_of(&p->to);
	k.at = k.byte;
	pack(&k, r);
	/* the register after the old one may have been short because it was
	 * like the old one, and may be longer behind r */
	if ((next = regs_next(&p->to)) != NULL)
		pack(&k, next);
	block = build(mem, &x, &k, x.old.n + !p->found, &size);
	if (p->found && has_pointer(&p->old))
		rcbuf_unref(p->old.value);
	blocks_give(mem, set->block, between(set->block, x.end));
	set->block = block;
}

static struct rcbuf *
value_of(const struct name *name, struct text value)
{
	if (!value.present)
		return NULL;
	return span_eq(value.s, rcbuf_span(name->on)) ? name->on
						      : rcbuf_new(value.s);
}

/* Move the packed registers to a table. */
static struct reg_table *
spread(struct blocks *mem, struct regs *set, const struct reg_base *base)
{
	struct reg_table *table = reg_table_new();
	struct reg_walk w = regs_walk(set, base);
	unsigned char *block = blocks_take(mem, TABLE_BYTES), *at = block;
	unsigned char head = TABLE_HEAD;
	const struct reg *r;

	while ((r = regs_next(&w)) != NULL)
		reg_table_add(table, r);
	put(&at, &head, sizeof(head));
	put(&at, &table, sizeof(table));
	blocks_give(mem, set->block, between(set->block, w.at));
	set->block = block;
	return table;
}

static bool
table_write(struct reg_table *table, const struct reg_base *base,
    const struct reg *w, struct text value)
{
	struct reg *old = reg_table_find(table, w->name, base->visits);
	struct reg r = *w;

	if (old != NULL && !write_is_later(&w->write, &old->write))
		return false;
	r.value = value_of(w->name, value);
	if (old == NULL) {
		reg_table_add(table, &r);
		return true;
	}
	if (has_pointer(old))
		rcbuf_unref(old->value);
	*old = r;
	return true;
}

bool
regs_write(struct blocks *mem, struct regs *set, const struct reg_base *base,
    const struct reg *w, struct text value)
{
	struct reg_table *table = table_of(set);
	struct reg r = *w;
	struct place p;

	if (table != NULL)
		return table_write(table, base, w, value);
	p = place_of(set, base, w->name);
	if (!p.found && regs_count(set) == PACKED_MAX)
		return table_write(spread(mem, set, base), base, w, value);
	if (p.found && !write_is_later(&w->write, &p.old.write))
		return false;
	r.value = value_of(w->name, value);
	replace(mem, set, &r, &p);
	return true;
}

void
regs_fini(struct blocks *mem, struct regs *r, struct reg_table **shed)
{
	struct reg_table *table = table_of(r);
	struct opened o = { 0 };
	struct reg_walk w = { 0 };
	struct rcbuf *value;

	if (table != NULL) {
		reg_table_shed(table, shed);
		blocks_give(mem, r->block, TABLE_BYTES);
		r->block = NULL;
		return;
	}
	o = open_block(r);
	w = (struct reg_walk){ .at = o.at, .left = o.n };
	while (o.value != o.at) {
		take(&o.value, &value, sizeof(value));
		rcbuf_unref(value);
	}
	blocks_give(mem, r->block, between(r->block, end_of(&w)));
	r->block = NULL;
}
