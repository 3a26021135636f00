/*
 * orders.h - merges a set of entries in every order in which they may come, and
 * half of them by snapshots. All servers that have the same entries must have
 * the same facts (link-protocol.md, 15.5).
 */
#ifndef UNIT_NODE_ORDERS_H
#define UNIT_NODE_ORDERS_H

#include <stddef.h>
#include <stdint.h>

#define ORDERS_MAX 10 /* entries of a set */

/* An entry. Entries of one origin are in their order. */
struct order_entry {
	const char *origin; /* 002.5 */
	unsigned stamp;
	const char *cause;
	uint32_t after;	   /* bits of entries that its maker had, besides own */
	const char *parts; /* + lines, each with CRLF */
};

struct entry;
struct facts;
struct taker;

/* Make the i-th entry of a set; the caller owns a reference. */
struct entry *orders_entry(const struct order_entry *, size_t i);

/* Make a core that only takes entries; the caller frees it. */
struct taker *taker_new(void);
void taker_free(struct taker *);
void taker_apply(struct taker *, const struct entry *);
const struct facts *taker_facts(const struct taker *);

/* Fail the test if an order gives other facts than another order. Return the
 * facts that all entries give, which the caller frees. */
char *orders_check(const struct order_entry *, size_t n);

#endif
