/*
 * cost.h - what work costs, in the units of base/work.h: one step of comparing
 * two texts, some 3 ns.
 *
 * Everything that one line of a client, or one tick, may do often is counted:
 * the things that are looked at, the steps of comparing masks, the lines and
 * bytes of answers. The numbers must be about right: measure
 * (tests/bench/turns.py) before you change one.
 */
#ifndef CORE_COST_H
#define CORE_COST_H

enum {
	COST_COMMAND = 512,  /* a line of a client, before it is looked at */
	COST_VISIT = 32,     /* a user, a channel, a member that is looked at */
	COST_MEMBERSHIP = 2, /* one of a user's channels that is passed over */
	COST_LINE = 128,     /* a line to a client, beside its bytes */
	COST_SEND = 16, /* a line that others are sent too, for each of them */
	COST_MORE = 1,	/* a line behind one that the same receivers get */
	COST_ENTRY = 256,     /* an entry, beside its parts and bytes */
	COST_PART = 128,      /* a part of an entry */
	COST_SNAP_FACT = 128, /* a fact of a snapshot is checked and kept */
	COST_FREE = 4096,     /* 64 KiB of memory are given back */
	COST_THIN = 8192,     /* what facts_thin_user() and the others drop */
	COST_TIMER = 128,     /* a connection whose time has come */
};

#define LIST_CONDS 10 /* names and conditions of a LIST; TARGMAX says so */

/* The units of a turn: some 4 ms. A setting of 0 means this. */
#define TURN_WORK (INT64_C(1) << 20)

#endif
