/*
 * entry.h - what one command did: the unit of the log
 * (doc/link-protocol.md, part 6).
 *
 * Immutable, reference-counted, and kept as the bytes that go over a link:
 * the ENTRY line and its "+" lines. Own entries are encoded once; when they are
 * processed, they are decoded by the same function as foreign ones, so the two
 * cannot differ.
 *
 *   ENTRY o n stamp D cause parts CRLF, then that many "+" lines
 */
#ifndef CORE_ENTRY_H
#define CORE_ENTRY_H

#include "base/arena.h"
#include "base/mtime.h"
#include "base/rcbuf.h"
#include "core/types/ids.h"
#include "core/part/part.h"

#define ENTRY_LINE_MAX 16384 /* bytes of one line with its end */
#define ENTRY_PARTS_MAX 1024

/* The command and the session that caused an entry; k is 0 if the server made
 * the entry by itself. */
struct cause {
	struct session_id sess;
	uint32_t tenure;
	uint64_t c; /* number of the command */
	int64_t t0; /* wall ms when its line was read */
};

/* The servers a message goes to; all for an entry with a fact in it. */
struct dest {
	bool all;
	const struct sid *v; /* ascending */
	size_t n;
};

/* The log holds several entries of most users, so the struct is packed. */
struct entry {
	struct origin o;
	uint64_t n;
	struct stamp stamp;
	struct rcbuf *text; /* whole, as sent */
	unsigned refs;
	unsigned nparts : 15;
	unsigned ready : 1;	 /* a part is the READY of this origin */
	unsigned head : 15;	 /* bytes of the ENTRY line with end */
	unsigned has_forget : 1; /* a part is a FORGET */
};

/*
 * Encode an entry. The caller owns one reference; nothing of the arguments is
 * kept. Invariants: from 1 to ENTRY_PARTS_MAX parts, each a line of at most
 * ENTRY_LINE_MAX, and no fact unless dest is all.
 */
struct entry *entry_new(struct origin, uint64_t n, struct stamp,
    const struct dest *, const struct cause *, const struct part *,
    size_t nparts);

/* Decode the rest of an ENTRY line after its verb into *e, all but text and
 * refs. Return NULL, or what is wrong, which is static. The caller compares
 * nparts with ENTRY_PARTS_MAX. */
const char *entry_head_decode(struct span rest, struct entry *e);

/*
 * Make an entry of an ENTRY line and the "+" lines behind it, each with CRLF.
 * The caller owns one reference. Return NULL, and say in *why what is wrong, if
 * any line is malformed: an entry that exists has only well-formed parts.
 */
struct entry *entry_from_text(struct span text, const char **why);

struct entry *entry_ref(struct entry *);
void entry_unref(struct entry *); /* NULL is allowed */

/* Decode the parts in order into the arena; they borrow the entry's text. */
struct part *entry_parts(const struct entry *, struct arena *);

/* Return true if the text of the entry, read as that of a peer, gives the same
 * entry. Tests ask this of own entries, which are not read when they are made.
 */
bool entry_is_sound(const struct entry *);

struct cause entry_cause(const struct entry *);

/* Return true if the entry is for the server s. */
bool entry_is_for(const struct entry *, struct sid s);
struct span entry_dest(const struct entry *); /* the word D; borrowed */
size_t entry_size(const struct entry *);      /* bytes of memory */

#endif
