/*
 * ids.h - the names of things, in types that cannot be mixed up.
 *
 * sid, uid      TS6 forms: 3 and sid + 6 characters (ts6.md, "terms")
 * origin        one run of one server: sid and incarnation; owner of one log
 * dot           one part of one entry: the identity of a set element
 * stamp         hybrid logical clock in ms; strictly increasing per origin
 * cinc          incarnation of a channel: stamp and sid of its founding
 * conn_id       a connection of this process: a slot, which is a small number
 *               that is used again after the connection is closed, and a
 *               generation, so that an id of the old connection does not name
 *               the new one; never on the wire. A stream of a trunk, which is
 *               a connection for the core, has a slot from STREAM_SLOT on
 * session_id    a client attached to a user: `uid.k`
 *
 * All are plain values, compared with the functions below; texts of them are
 * the words of the link protocol (doc/link-protocol.md, "Words").
 */
#ifndef CORE_IDS_H
#define CORE_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/writer.h"

#define SID_LEN 3
#define UID_LEN 9

struct sid {
	char s[SID_LEN + 1];
}; /* NUL-terminated; "" is none */
struct uid {
	char s[UID_LEN + 1];
}; /* NUL-terminated; "" is none */

/*
 * Dots and cincs are in every fact, and there are millions of them. So they are
 * aligned as 32-bit numbers, without padding at their ends. Do not take the
 * address of a 64-bit member.
 */
#define IDS_PACKED __attribute__((packed, aligned(4)))

struct origin {
	struct sid sid;
	uint32_t inc; /* greater is newer; 0 is none */
};

/* The greatest number of an entry, and the greatest index of a part. */
#define DOT_N_MAX ((UINT64_C(1) << 48) - 1)
#define DOT_PART_MAX ((UINT32_C(1) << 16) - 1)

struct dot {
	struct origin o;
	uint64_t n : 48;    /* number of the entry, from 1 */
	uint64_t part : 16; /* index within the entry, from 0 */
} IDS_PACKED;

/* A server that has seen the greatest stamp the clock follows must still be
 * able to make greater ones, so the clock follows less than a stamp may be. */
#define STAMP_MAX (INT64_C(1) << 47)	  /* year 6429 */
#define STAMP_SEEN_MAX (INT64_C(1) << 46) /* the clock follows to here */

struct stamp {
	int64_t ms;
};

/* The greatest difference between the clocks of linked servers
 * (link-protocol.md, 4.5). */
#define CLOCKS_APART_MS 5000

/* The uids that a durable mark reserves at once (doc/decisions/0004). */
#define UIDS_AHEAD 65536

struct cinc {
	struct stamp stamp;
	struct sid sid;
} IDS_PACKED;

/* A cinc in 8 bytes, for memberships; cinc_number(). */
struct cinc_number {
	uint64_t v;
};

struct conn_id {
	uint32_t slot;
	uint32_t gen; /* 0 is no connection */
};

/* The slots of streams (trunk/stream.h). No connection of a process has one. */
#define STREAM_SLOT (UINT32_C(1) << 31)

struct session_id {
	struct uid uid;
	uint32_t k; /* from 1; 0 is none */
};

/* The functions that are in this header are called for nearly every step, and
 * cost less than a call. */

static inline bool
sid_is_none(struct sid s)
{
	return s.s[0] == '\0';
}

static inline bool
uid_is_none(struct uid u)
{
	return u.s[0] == '\0';
}

/* Return the bytes of a sid as one number, in their order. */
static inline uint64_t
sid_number(struct sid a)
{
	return (uint64_t)(unsigned char)a.s[0] << 24 |
	       (uint64_t)(unsigned char)a.s[1] << 16 |
	       (uint64_t)(unsigned char)a.s[2] << 8 | (unsigned char)a.s[3];
}

/* Return <0, 0 or >0, in one order that is the same on every server. */
static inline int
sid_cmp(struct sid a, struct sid b)
{
	uint64_t x = sid_number(a), y = sid_number(b);

	return (x > y) - (x < y);
}

static inline int
uid_cmp(struct uid a, struct uid b)
{
	return memcmp(a.s, b.s, UID_LEN);
}

/* By sid, then by inc. */
static inline int
origin_cmp(struct origin a, struct origin b)
{
	uint64_t x = sid_number(a.sid) << 32 | a.inc;
	uint64_t y = sid_number(b.sid) << 32 | b.inc;

	return (x > y) - (x < y);
}

int dot_cmp(struct dot, struct dot);
/* Return the dot of a part. Invariants: n <= DOT_N_MAX and
 * part <= DOT_PART_MAX. */
struct dot dot_make(struct origin, uint64_t n, size_t part);
int cinc_cmp(struct cinc, struct cinc);
/* Return the cinc as a number, and the cinc of such a number. Invariant: the
 * cinc is one that cinc_parse() returns. */
struct cinc_number cinc_number(struct cinc);
struct cinc cinc_of_number(struct cinc_number);

static inline bool
conn_id_eq(struct conn_id a, struct conn_id b)
{
	return a.slot == b.slot && a.gen == b.gen;
}

static inline bool
conn_id_is_none(struct conn_id c)
{
	return c.gen == 0;
}

static inline bool
conn_id_is_stream(struct conn_id c)
{
	return c.slot >= STREAM_SLOT;
}

static inline bool
session_id_eq(struct session_id a, struct session_id b)
{
	return a.k == b.k && uid_cmp(a.uid, b.uid) == 0;
}

/* Return the text inside the argument; borrowed. */
static inline struct span
sid_span(const struct sid *s)
{
	return span_make(s->s, sid_is_none(*s) ? 0 : SID_LEN);
}

static inline struct span
uid_span(const struct uid *u)
{
	return span_make(u->s, uid_is_none(*u) ? 0 : UID_LEN);
}

/* Return the bytes of a dot without padding, as a key; borrowed. */
struct span dot_span(const struct dot *);

/* Parse one whole word. Return false and leave *out alone if the word does not
 * have that form. */
bool sid_parse(struct span, struct sid *out);
bool uid_parse(struct span, struct uid *out);
bool origin_parse(struct span, struct origin *out);
bool dot_parse(struct span, struct dot *out);
bool stamp_parse(struct span, struct stamp *out);
bool cinc_parse(struct span, struct cinc *out);
bool session_id_parse(struct span, struct session_id *out);

/* Return the uid by which a server asks another one something for the operator
 * at its control socket (link-protocol.md, 10.2). No user has it. */
struct uid uid_of_server(struct sid);
/* Return true if it is that of some server, and set *sid. */
bool uid_is_of_server(struct uid, struct sid *sid);

void write_origin(struct writer *, struct origin);
void write_dot(struct writer *, struct dot);
void write_cinc(struct writer *, struct cinc);
void write_session_id(struct writer *, struct session_id);

#endif
