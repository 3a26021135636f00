/*
 * state.h - the whole state of a bus; private to broker/.
 *
 * The states of a link:
 *
 *	         bus_dial()             a record of the peer
 *	  NONE -------------> OPENING ------------------------> OPEN
 *	    |                                                    |
 *	    +--- a record of the dialler with a new number ----->|
 *	                                                         |
 *	              bus_close()                                |
 *	  CLOSING <----------------------------------------------+
 *	    |   all bytes are acknowledged, or the time is over  |
 *	    v                                                    |
 *	  NONE <--- FIN and all bytes, GONE, a newer link, ------+
 *	            new keys of the peer
 */
#ifndef BROKER_STATE_H
#define BROKER_STATE_H

#include "broker/bus.h"
#include "broker/form.h"
#include "broker/inbox.h"
#include "broker/outq.h"
#include "broker/seal.h"

#define SIDS (10 * 36 * 36)
#define WINDOW ((uint64_t)INBOX_MAX) /* bytes published and not got */
#define QUEUE_MAX ((uint64_t)16 * 1024 * 1024)
#define SEEN 2048 /* counters behind the greatest one that are known */

/* Times in ms. */
#define HI_MS 1000	 /* while a member is not present */
#define HI_IDLE_MS 10000 /* else */
#define HI_SOON_MS 100
#define KEY_MS 1000
#define KEY_SOON_MS 200
#define REPORT_MS 50   /* what has come is reported so much later */
#define HOLE_MS 20     /* what is missing */
#define OPENING_MS 500 /* the same is said again until it is answered */
#define AGAIN_MS 300   /* the first time after which bytes are sent again */
#define AGAIN_MAX_MS 2000
#define NACK_MS 100	/* not more often because of a hole */
#define LINGER_MS 3000	/* for the rest of a link that is closed */
#define EXPIRY_MS 30000 /* the keys of a member that says nothing */
#define VERIFY_MS 100	/* between two signatures of one member, at least */

enum stream_state { STREAM_NONE, STREAM_OPENING, STREAM_OPEN, STREAM_CLOSING };

/* The counters of a key that were used. */
struct seen {
	uint64_t top; /* the greatest one; 0: none */
	uint64_t bits[SEEN / 64];
};

struct pair {
	bool used; /* the slot has a member */
	char sid[BUS_SID + 1];
	unsigned char pin[BUS_PIN];

	/* keys: the peer has shown its public key, told its own key, and has
	 * this server's */
	bool known, theirs, ours;
	bool expired; /* a public key that is older may come */
	uint32_t inc;
	uint64_t born;
	unsigned char public[SEAL_KEY];
	struct seal_pair keys;
	unsigned char group[SEAL_KEY];
	/* the receiver of a mac says for which round it is: each time that it
	 * takes a public key, it says a greater one */
	uint64_t round_in, round_out;
	struct seen seen;
	struct mono heard; /* the last thing that it said */
	struct mono key_at, key_sent, verified;

	/* the link */
	enum stream_state state;
	uint32_t stream;
	bool dialled;
	uint64_t dial; /* 0: none waits */
	struct outq out;
	struct inbox in;
	bool hold;
	bool fin; /* the peer has sent all, up to in_end */
	uint64_t in_end;
	struct mono report_at;
	uint64_t reported; /* in.next, as it was told last */
	struct mono again_at, again_sent;
	int64_t again_ms;
	uint64_t again_from, again_to; /* to be sent again */
	struct mono linger;

	/* events to tell */
	bool tell_open, open; /* the caller knows the link */
	const char *closed;   /* NULL: not to be told */
	uint64_t failed;      /* a dial */
	size_t taken;
	bool queued; /* it is in bus.ready */

	bool chosen;	/* for the datagram that is made ... */
	uint16_t index; /* ... as this receiver */
};

struct bus {
	char sid[BUS_SID + 1];
	uint32_t inc;
	uint64_t born;
	char network[BUS_WORD_MAX + 1], prefix[BUS_WORD_MAX + 1];
	unsigned char seed[BUS_SEED];
	unsigned char secret[SEAL_KEY], group[SEAL_KEY];
	unsigned char public[SEAL_KEY];
	uint64_t counter;     /* of DATA under this key */
	uint64_t key_counter; /* of KEY, never used twice */
	uint64_t rounds;      /* the last one that was said */
	uint64_t per_key;
	size_t datagram_max;
	struct bus_signer signer;
	unsigned char signature[BUS_SIGNATURE_MAX];
	size_t nsignature;

	struct pair *pair; /* BUS_MEMBERS of them */
	unsigned npair;	   /* slots in use are below it */
	uint16_t slot_of[SIDS];
	struct mono now;
	bool up;
	struct mono hi_at;

	uint16_t ready[BUS_MEMBERS]; /* slots with events; a ring */
	unsigned first, nready;
	uint16_t also[BUS_MEMBERS];
	char buf[BUS_DATAGRAM_MAX];	/* the datagram that is made */
	char parts[BUS_DATAGRAM_MAX];	/* its parts */
	char scratch[BUS_DATAGRAM_MAX]; /* the datagram that has come */
	struct bus_counts counts;
};

/* ---- bus.c ---- */

/* Note that the pair has an event. */
void bus_stir(struct bus *, struct pair *);
/* End the link of a pair that the caller knows. The reason is static. */
void bus_end(struct bus *, struct pair *, const char *reason);
/* Open a link. */
void bus_begin(struct bus *, struct pair *, uint32_t stream, bool dialled);
/* Begin the dial that waits, or go on with it, if the peer is present and no
 * link is in the way. */
void bus_begin_dial(struct bus *, struct pair *);
/* Make new keys: all pairs begin anew. Return false if this server's key cannot
 * sign. */
bool bus_renew(struct bus *);
/* Write the text that HI is signed for. */
struct span bus_signed(const struct bus *, const struct form_head *,
    const struct form_hi *, struct writer *);
void bus_report(struct pair *, struct mono);

static inline bool
pair_is_ready(const struct pair *p)
{
	return p->used && p->known && p->theirs && p->ours;
}

/* Return the mac of the hash of a datagram, for a round. */
uint64_t bus_mac(const unsigned char key[SIPHASH_KEY],
    const unsigned char hash[SEAL_KEY], uint64_t round);
/* Return true if the counter is new, and note it. */
bool seen_add(struct seen *, uint64_t counter);

#endif
