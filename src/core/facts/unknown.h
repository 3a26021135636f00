/*
 * unknown.h - the facts of verbs that this server does not know. The kind of
 * each part says how its facts are kept (core/part/kind.h;
 * doc/link-protocol.md, 11.2 and 11.26 to 11.30).
 *
 * An owner does not know what belongs to it: a table finds that by the address
 * of the owner, so that users, foundings and members without such facts are no
 * larger.
 */
#ifndef CORE_UNKNOWN_H
#define CORE_UNKNOWN_H

#include "core/facts/facts.h"
#include "core/types/tables.h"

struct unknown;
struct unknown_owner;

struct unknown_tie { /* of a fact to one of its owners */
	struct unknown *fact;
	struct unknown_owner *owner; /* NULL: no such owner */
	LIST_ENTRY(unknown_tie) link;
};

struct unknown { /* a register or an element */
	struct write write;
	struct rcbuf *text; /* its kind, a space, the line without its tags */
	uint16_t nkind;	    /* bytes of the kind */
	uint16_t nkey;	    /* bytes of text that are the key of a register */
	bool is_element;
	bool mortal;	/* goes if its run becomes void */
	bool is_unseen; /* it keeps a membership unseen */
	struct unknown_tie tie[KIND_OWNERS_MAX];
};

/* Prepare the tables and pools. */
void unknown_init(struct facts *, const unsigned char seed[16]);
/* Free all unknown facts. Return how many objects were left. */
size_t unknown_fini(struct facts *);

/* Change the facts as the kind of an unknown part says. */
void unknown_merge(struct facts *, const struct part *, const struct write *,
    const struct meant *);
/* Return false if the part would add to what nothing removes. */
bool unknown_has_room(const struct facts *, const struct part *);

/* Get one fact after the other, *at from 0; return NULL after the last. */
struct unknown *unknown_next_element(const struct facts *, size_t *at);
struct unknown *unknown_next_register(const struct facts *, size_t *at);
/* Rebuild the part that made the fact. It borrows the text of the fact. */
void unknown_part(const struct unknown *, struct part *);

/* Return the runs that a snapshot says with the fact. */
struct meant unknown_meant(const struct unknown *);

/*
 * Return a fact of that verb, and of the kind of its row, that belongs to the
 * owner (a user, a founding or a membership): the first one, or the one after
 * `last`; NULL after the last. Servers do not agree on the order of these.
 */
const struct unknown *unknown_of(const struct facts *, const void *owner,
    const struct later_row *, const struct unknown *last);
/* Do the same for registers of any verb. */
const struct unknown *unknown_register_of(const struct facts *,
    const void *owner, const struct unknown *last);
/* Return an element that keeps the membership unseen (doc/decisions/0054): the
 * first one, or the one after `last`; NULL after the last. unknown_of() does
 * not give these. */
const struct unknown *unknown_unseen(const struct facts *,
    const struct member *, const struct unknown *last);
/* Return the membership that the element with that dot keeps unseen, or NULL.
 */
const struct member *unknown_hidden_by(const struct facts *, struct dot);
/* Return the register of that verb with that key, which has one space between
 * its words; or NULL. */
const struct unknown *unknown_register(const struct facts *,
    const struct later_row *, struct span key);
/* Return the register that the part writes, or NULL. */
const struct unknown *unknown_written(const struct facts *,
    const struct part *);
/* Return the line of a fact from its + on, for kind_word(); borrowed. */
struct span unknown_line(const struct unknown *);
/* Return the text of that line, which may be absent; borrowed. Clean it before
 * a client is shown it (core/part/clean.h). */
struct text unknown_text(const struct unknown *);

/* Drop an element or a register, and free it. */
void unknown_drop(struct facts *, struct unknown *);
/* Return how many ties the owner has to unknown facts, at most `most`. A fact
 * may have two ties to one owner. */
size_t unknown_count(const struct facts *, const void *owner, size_t most);
/* If the owner has more than n unknown facts, drop n of them and return
 * true. */
bool unknown_thin(struct facts *, const void *owner, size_t n);
/* Drop all unknown facts of an owner that goes. */
void unknown_owner_goes(struct facts *, const void *owner);

#endif
