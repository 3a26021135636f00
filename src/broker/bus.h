/*
 * bus.h - links through one broker (doc/broker-protocol.md).
 *
 * A broker passes datagrams on to all who subscribe to a subject. It may lose,
 * double, reorder and delay them, and is trusted with nothing. A bus makes of
 * them one reliable stream of lines for each pair of members, which is a link
 * as any other for the node. Bytes that several links are sent at once are in
 * one datagram.
 *
 *	            bus_heard()                bus_next()
 *	  broker  --------------->          ------------->  events of links
 *	                             bus
 *	          <---------------          <-------------  effects of the node
 *	           bus_datagram()      bus_send(), bus_dial() ...
 *
 * The bus is pure: the time comes with each call, keys come from a seed, and
 * signatures are made and judged by functions of the caller. Nothing is called
 * back but these.
 *
 * A member has a slot, which names it and its link in all calls. A member has
 * one link at a time. Slots are small numbers, and a member keeps its slot as
 * long as it is configured.
 *
 *	bus_dial() by the server with the lesser sid, or the peer dials
 *	BUS_OPENED		the link stands; EV_LINK_OPEN
 *	BUS_LINE ...		EV_LINK_LINE
 *	BUS_TAKEN ...		EV_LINK_WRITABLE
 *	BUS_CLOSED		EV_LINK_CLOSED; not after bus_close()
 *
 * After each call that changes something, and after bus_tick(), the caller gets
 * all events by bus_next(), steps the node with them, and then gets all
 * datagrams by bus_datagram(), and the next deadline by bus_deadline().
 */
#ifndef BROKER_BUS_H
#define BROKER_BUS_H

#include "base/mtime.h"
#include "base/rcbuf.h"
#include "base/span.h"
#include "base/writer.h"

#define BUS_SID 3
#define BUS_PIN 32
#define BUS_SEED 32
#define BUS_MEMBERS 400		  /* of one bus, this server not counted */
#define BUS_DATAGRAM_MAX 32768	  /* bytes */
#define BUS_DATAGRAM_MIN 4096	  /* what a broker must take, at least */
#define BUS_SPKI_MAX 1024	  /* bytes of a key in DER */
#define BUS_SIGNATURE_MAX 1024	  /* bytes */
#define BUS_WORD_MAX 64		  /* bytes of a prefix, and of a network */
#define BUS_ALL BUS_MEMBERS	  /* in the place of a slot: all members */
#define BUS_NO_SLOT (BUS_ALL + 1) /* in the place of a slot: none */

struct bus;

/* How signatures are made and judged. The functions keep nothing. */
struct bus_signer {
	void *ctx;
	/* This server's key, a SubjectPublicKeyInfo in DER, borrowed for as
	 * long as the bus lives. */
	struct span spki;
	/* Write the signature of text, at most BUS_SIGNATURE_MAX bytes. Return
	 * its length, or 0 if there was a failure. */
	size_t (*sign)(void *ctx, struct span text, unsigned char *out);
	/* Return true if the SHA-256 of the key spki is the pin, and the
	 * signature of text is by that key. All of it but the pin comes from a
	 * stranger. */
	bool (*verify)(void *ctx, const unsigned char pin[BUS_PIN],
	    struct span spki, struct span text, struct span signature);
};

struct bus_settings {
	struct span sid;     /* of this server: BUS_SID bytes */
	uint32_t inc;	     /* of this run */
	struct span network; /* the name of the network; may be empty */
	struct span prefix;  /* of subjects, "banyan" */
	/* Secret and random; a bus of another run, or one that takes the place
	 * of this one, has another seed. It is copied. */
	const unsigned char *seed;
	struct wall wall;    /* the time now: orders buses of one inc */
	size_t datagram_max; /* bytes; 0: BUS_DATAGRAM_MAX */
	uint64_t per_key;    /* datagrams under one key; 0: 2^40 */
	struct bus_signer signer;
};

struct bus_member {
	struct span sid; /* BUS_SID bytes */
	unsigned char pin[BUS_PIN];
};

/* Make a bus without members, whose broker is not connected. The spans are
 * copied. The caller frees it with bus_free(); NULL is allowed there. Return
 * NULL if a setting does not fit, or this server's key cannot sign. */
struct bus *bus_new(const struct bus_settings *, struct mono now);
void bus_free(struct bus *);

/* Set the members, this server not among them. A member with another pin is
 * another member. The link of a member that is not named any more is
 * closed. */
void bus_members(struct bus *, const struct bus_member *, size_t n,
    struct mono now);
/* Return the slot of a member, or BUS_NO_SLOT. */
unsigned bus_slot(const struct bus *, struct span sid);
/* Return the sid and the pin of a member, which the bus owns. */
struct span bus_sid(const struct bus *, unsigned slot);
const unsigned char *bus_pin(const struct bus *, unsigned slot);

/* ---- the broker ---------------------------------------------------------- */

/* Write the subject for a slot, or for BUS_ALL: "banyan.001", "banyan.all". A
 * server subscribes to that of BUS_ALL and to that of itself (bus_own()). */
void bus_subject(const struct bus *, unsigned slot, struct writer *);
void bus_own(const struct bus *, struct writer *);

/* Note that the broker is connected and both subscriptions stand, or that the
 * connection is lost. Nothing is sent while it is lost; links stay, and end by
 * their own silence if that takes long. */
void bus_broker(struct bus *, bool up, struct mono now);

/* Take a datagram that came under one of the two subjects. */
void bus_heard(struct bus *, struct span datagram, struct mono now);

/* A datagram to publish. The bytes live until the next call. */
struct bus_datagram {
	unsigned slot; /* whose subject; or BUS_ALL */
	struct span bytes;
};

/* Return the next datagram in *out, or false if there is none. The caller may
 * stop asking while its broker takes nothing. */
bool bus_datagram(struct bus *, struct mono now, struct bus_datagram *out);

/* ---- links --------------------------------------------------------------- */

/* Open a link to the member, as soon as both have each other's keys. Only the
 * server with the lesser sid may. Return false, and do nothing, if this server
 * may not, or the slot has no member. BUS_OPENED or BUS_DIAL_FAILED answers
 * with the same number. An earlier dial of the member that was not answered is
 * dropped without an answer. */
bool bus_dial(struct bus *, unsigned slot, uint64_t dial, struct mono now);
/* Return true if this server is the one that dials that sid. */
bool bus_dials(const struct bus *, struct span sid);

/* Append whole lines to what a link is sent. The bus takes a reference of its
 * own. Buffers with equal bytes that several links are sent between two calls
 * of bus_datagram() leave once. */
void bus_send(struct bus *, unsigned slot, struct rcbuf *);
/* Send what is queued, then end the link. There are no more events of it. */
void bus_close(struct bus *, unsigned slot, struct mono now);
/* Hand out no more lines of the link, or go on. */
void bus_hold(struct bus *, unsigned slot, bool on);

enum bus_event_kind {
	BUS_OPENED,
	BUS_LINE,
	BUS_TAKEN,
	BUS_CLOSED,
	BUS_DIAL_FAILED
};

struct bus_event {
	enum bus_event_kind kind;
	unsigned slot;
	bool dialled;  /* BUS_OPENED: by this server */
	uint64_t dial; /* BUS_OPENED if dialled, BUS_DIAL_FAILED */
	/* BUS_LINE: the line without its end, as wire/frame.h has it */
	struct span line;
	bool too_long, bad;
	/* BUS_LINE: the members with an open link here that the same datagrams
	 * were for as well, as slots */
	const uint16_t *also;
	size_t nalso;
	size_t taken;	    /* BUS_TAKEN: bytes that were published */
	const char *reason; /* BUS_CLOSED, BUS_DIAL_FAILED; static */
};

/* Return the next event in *ev, or false if there is none. Everything that it
 * points to lives until the next call. */
bool bus_next(struct bus *, struct bus_event *ev);

/* Do what is due. */
void bus_tick(struct bus *, struct mono now);
/* Return when bus_tick() is to be called. Call this last, when there are no
 * events and no datagrams any more. */
struct mono bus_deadline(const struct bus *);

/* ---- for operators ------------------------------------------------------- */

/* Datagrams that were dropped, by the reason. */
enum bus_drop {
	BUS_DROP_FORM,	   /* cut, or not in the form */
	BUS_DROP_STRANGER, /* of no member, or for somebody else */
	BUS_DROP_OLD,	   /* of a run or of keys that are over */
	BUS_DROP_FORGED,   /* the signature or the seal is wrong */
	BUS_DROP_AGAIN,	   /* it was seen before */
	BUS_DROP_EARLY,	   /* its key is not known yet */
	BUS_DROP_COUNT
};

struct bus_counts {
	uint64_t sent, sent_bytes; /* datagrams */
	uint64_t heard, heard_bytes;
	uint64_t dropped[BUS_DROP_COUNT];
	uint64_t bytes;	      /* of links, as published, each once */
	uint64_t link_bytes;  /* the same, once for each link */
	uint64_t again_bytes; /* of links, that were published again */
	uint64_t opened, closed;
};

const struct bus_counts *bus_counts(const struct bus *);
/* Return the name of a reason ("forged"), which is static. */
const char *bus_drop_name(enum bus_drop);
/* Return true if the member and this server have each other's keys. */
bool bus_is_present(const struct bus *, unsigned slot);

/* Return NULL, or the invariant that does not hold, which is static. */
const char *bus_check(const struct bus *);

#endif
