/*
 * Owners have few registers, and most of these were written in one entry, which
 * often is the one that made the owner: +i of a user, +nt of a channel. So the
 * registers of an owner are one block, and each says only in what it differs
 * from the one before it, or the first from the base:
 *
 *	flags, name, [origin], [number and stamp of the entry], part, [by],
 *	[tenure]
 *
 * A value "1" is a flag. Other values are pointers, which stand at the
 * beginning of the block in the same order. +i takes 19 bytes of a block, where
 * a struct reg has 64 and its value 16 or more.
 *
 * A write makes a new block. Most of its bytes are copied: only the register
 * that is written, and the one behind it, are packed anew. Code that shows or
 * dumps registers sorts them by name where order matters.
 */
#include "core/facts/reg.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "core/facts/facts.h"

enum {
	SAME_ORIGIN = 1,
	SAME_ENTRY = 2, /* number and stamp, too */
	SAME_BY = 4,
	HAS_TENURE = 8,
	IS_ON = 16,
	HAS_TEXT = 32,
};

struct reg_block {
	uint32_t n;
	uint32_t nvalue;
	struct rcbuf *value[]; /* owned references; then come the bytes */
};

/* The block of an owner that has no register. */
static const struct reg_block no_registers;

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

static const struct reg_block *
block_of(const struct regs *r)
{
	return r->block == NULL ? &no_registers : r->block;
}

static const unsigned char *
bytes_of(const struct reg_block *b)
{
	return (const unsigned char *)(b->value + b->nvalue);
}

uint32_t
regs_count(const struct regs *r)
{
	return block_of(r)->n;
}

struct reg_walk
regs_walk(const struct regs *r, const struct reg_base *base)
{
	const struct reg_block *b = block_of(r);

	return (struct reg_walk){
		.at = bytes_of(b),
		.value = b->value,
		.left = b->n,
		.reg = { .write = base->write, .by = base->by },
	};
}

static void
take(struct reg_walk *w, void *to, size_t n)
{
	memcpy(to, w->at, n);
	w->at += n;
}

const struct reg *
regs_next(struct reg_walk *w)
{
	struct reg *r = &w->reg;
	struct uid by;
	uint64_t n;
	uint16_t part;
	unsigned char flags;

	if (w->left == 0)
		return NULL;
	w->left--;
	take(w, &flags, sizeof(flags));
	take(w, &r->name, sizeof(r->name));
	if (!(flags & SAME_ORIGIN))
		take(w, &r->write.dot.o, sizeof(r->write.dot.o));
	n = r->write.dot.n;
	if (!(flags & SAME_ENTRY)) {
		take(w, &n, sizeof(n));
		take(w, &r->write.stamp, sizeof(r->write.stamp));
	}
	take(w, &part, sizeof(part));
	r->write.dot = dot_make(r->write.dot.o, n, part);
	if (!(flags & SAME_BY)) {
		take(w, &by, sizeof(by));
		r->by = by_of_id(by);
	}
	r->write.tenure = 0;
	if (flags & HAS_TENURE)
		take(w, &r->write.tenure, sizeof(r->write.tenure));
	r->value = flags & HAS_TEXT ? *w->value++
		   : flags & IS_ON  ? r->name->on
				    : NULL;
	return r;
}

struct rcbuf *
regs_value(const struct regs *r, const struct reg_base *base,
    const struct name *name)
{
	struct reg_walk w = regs_walk(r, base);
	const struct reg *x;

	while ((x = regs_next(&w)) != NULL)
		if (x->name == name)
			return x->value;
	return NULL;
}

/* ---- writing ------------------------------------------------------------- */

/* A block that is made. */
struct packing {
	struct reg_block *block;
	unsigned char *at;
	uint32_t nvalue;    /* so far */
	struct write write; /* of the register before */
	struct by by;
};

static void
put(struct packing *k, const void *from, size_t n)
{
	memcpy(k->at, from, n);
	k->at += n;
}

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

	put(k, &flags, sizeof(flags));
	put(k, &r->name, sizeof(r->name));
	if (!(flags & SAME_ORIGIN))
		put(k, &r->write.dot.o, sizeof(r->write.dot.o));
	if (!(flags & SAME_ENTRY)) {
		put(k, &n, sizeof(n));
		put(k, &r->write.stamp, sizeof(r->write.stamp));
	}
	put(k, &part, sizeof(part));
	if (!(flags & SAME_BY))
		put(k, &by, sizeof(by));
	if (flags & HAS_TENURE)
		put(k, &r->write.tenure, sizeof(r->write.tenure));
	if (flags & HAS_TEXT)
		k->block->value[k->nvalue++] = r->value;
	k->write = r->write;
	k->by = r->by;
}

static bool
has_pointer(const struct reg *r)
{
	return r->value != NULL && r->value != r->name->on;
}

/* Return how many bytes a register with these flags has. With HAS_TENURE
 * alone they are the most. */
static size_t
bytes_with(unsigned char flags)
{
	size_t n = sizeof(flags) + sizeof(struct name *) + sizeof(uint16_t);

	if (!(flags & SAME_ORIGIN))
		n += sizeof(struct origin);
	if (!(flags & SAME_ENTRY))
		n += sizeof(uint64_t) + sizeof(struct stamp);
	if (!(flags & SAME_BY))
		n += sizeof(struct uid);
	if (flags & HAS_TENURE)
		n += sizeof(uint32_t);
	return n;
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

/* Begin a block of n registers, nvalue of which have a pointer, with room for
 * that many bytes. */
static struct packing
packing_begin(const struct reg_base *base, uint32_t n, uint32_t nvalue,
    size_t room)
{
	struct packing k = { .write = base->write, .by = base->by };

	k.block = mem_alloc(sizeof(*k.block) +
			    nvalue * sizeof(k.block->value[0]) + room);
	k.block->n = n;
	k.block->nvalue = nvalue;
	k.at = (unsigned char *)(k.block->value + nvalue);
	return k;
}

static struct reg_block *
packing_end(const struct packing *k)
{
	invariant(k->nvalue == k->block->nvalue);
	return mem_realloc(k->block,
	    (size_t)(k->at - (unsigned char *)k->block));
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

	while (p.to.left > 0 && name_at(&p.to) != name)
		(void)regs_next(&p.to);
	p.from = p.to;
	p.found = p.to.left > 0;
	if (p.found)
		p.old = *regs_next(&p.to);
	return p;
}

/* Copy the bytes and the values of a part of the block before. */
static void
copy(struct packing *k, const unsigned char *at, const unsigned char *end,
    struct rcbuf *const *value, size_t nvalue)
{
	put(k, at, (size_t)(end - at));
	memcpy(k->block->value + k->nvalue, value, nvalue * sizeof(*value));
	k->nvalue += (uint32_t)nvalue;
}

/*
 * Put the register into its place. Only this register and the next one are made
 * anew: a linked server may give an owner very many, and write each of them
 * again and again.
 */
static void
replace(struct regs *set, const struct reg_base *base, const struct reg *r,
    struct place *p)
{
	const struct reg_block *b = block_of(set);
	const unsigned char *begin = bytes_of(b), *end = end_of(&p->to);
	bool unref = p->found && has_pointer(&p->old);
	const struct reg *next;
	struct packing k;

	/* the register after the old one may have been short because it was
	 * like the old one, and may be longer behind r */
	k = packing_begin(base, b->n + !p->found,
	    b->nvalue + has_pointer(r) - unref,
	    (size_t)(end - begin) + 2 * bytes_with(HAS_TENURE));
	copy(&k, begin, p->from.at, b->value,
	    (size_t)(p->from.value - b->value));
	k.write = p->from.reg.write;
	k.by = p->from.reg.by;
	pack(&k, r);
	if ((next = regs_next(&p->to)) != NULL)
		pack(&k, next);
	copy(&k, p->to.at, end, p->to.value,
	    (size_t)(b->value + b->nvalue - p->to.value));
	if (unref)
		rcbuf_unref(p->old.value);
	free(set->block);
	set->block = packing_end(&k);
}

static struct rcbuf *
value_of(const struct name *name, struct text value)
{
	if (!value.present)
		return NULL;
	return span_eq(value.s, rcbuf_span(name->on)) ? name->on
						      : rcbuf_new(value.s);
}

bool
regs_write(struct regs *set, const struct reg_base *base, const struct reg *w,
    struct text value)
{
	struct place p = place_of(set, base, w->name);
	struct reg r = *w;

	if (p.found && !write_is_later(&w->write, &p.old.write))
		return false;
	r.value = value_of(w->name, value);
	replace(set, base, &r, &p);
	return true;
}

void
regs_fini(struct regs *r)
{
	const struct reg_block *b = block_of(r);

	for (uint32_t i = 0; i < b->nvalue; i++)
		rcbuf_unref(b->value[i]);
	free(r->block);
	r->block = NULL;
}
