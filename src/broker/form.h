/*
 * form.h - the bytes of a datagram (doc/broker-protocol.md, part 3). It reads
 * and writes, and judges nothing but the form.
 *
 * A number is either of a fixed length, the lowest byte first, or *short*:
 * seven bits a byte, the lowest first, and the highest bit of a byte says that
 * another one follows.
 */
#ifndef BROKER_FORM_H
#define BROKER_FORM_H

#include "base/span.h"
#include "base/writer.h"
#include "broker/bus.h"
#include "broker/seal.h"

#define FORM_MAC 8 /* bytes */

enum form_kind {
	FORM_HI = 'H',	 /* who the sender is, in clear and signed */
	FORM_KEY = 'K',	 /* the sender's key, for one receiver */
	FORM_DATA = 'D', /* what links are sent */
};

/* The beginning of each datagram. */
struct form_head {
	enum form_kind kind;
	char sid[BUS_SID + 1]; /* of the sender */
	uint64_t born;	       /* of the sender's keys */
};

/* Flags of KEY: the sender has the receiver's key, and knows that the
 * receiver has its own, so that no answer is needed. */
#define FORM_HAS 1u
#define FORM_SURE 2u

#define FORM_HEAD (3 + 1 + BUS_SID + 8)	 /* bytes */
#define FORM_KEY_TEXT (SEAL_KEY + 1 + 8) /* what is sealed: key, flags, round */
/* Bytes in front of the seal. */
#define FORM_KEY_HEAD (FORM_HEAD + BUS_SID + 8 + 8)
#define FORM_DATA_HEAD (FORM_HEAD + 8)

void form_write_head(struct writer *, const struct form_head *);
/* Read the head, and leave *rest behind it. Return false if it is none. */
bool form_head_parse(struct span *rest, struct form_head *);

void form_write_number(struct writer *, uint64_t, size_t bytes);
void form_write_short(struct writer *, uint64_t);
/* Read a number from the front of *rest. Return false if there is none, or the
 * number is not written in the shortest way. */
bool form_number(struct span *rest, size_t bytes, uint64_t *);
bool form_short(struct span *rest, uint64_t *);
/* Cut n bytes off the front. Return false if there are not so many. */
bool form_bytes(struct span *rest, size_t n, struct span *);

struct form_hi {
	uint32_t inc;
	unsigned char key[SEAL_KEY];
	struct span spki, signature; /* borrowed */
};

/* Read what follows the head of HI. */
bool form_hi_parse(struct span, struct form_hi *);
void form_write_hi(struct writer *, const struct form_hi *);

/* A record of DATA tells one receiver of the link between the two. */
struct form_record {
	char sid[BUS_SID + 1];
	unsigned flags;
	uint32_t stream; /* the number of the link; 0: there was none */
	uint64_t got;	 /* how much of the receiver's bytes has come */
	uint64_t room;	 /* how much more may come */
	uint64_t miss;	 /* FORM_HOLE: bytes that are missing behind got */
	uint64_t end;	 /* FORM_FIN: how many bytes there are in all */
};

#define FORM_OPEN 1u /* the sender has this link */
#define FORM_FIN 2u  /* the sender has ended it */
#define FORM_HOLE 4u /* bytes behind got are missing */
#define FORM_GONE 8u /* the sender has this link no more */
#define FORM_ASK 16u /* the sender waits for a record of the receiver */

void form_write_record(struct writer *, const struct form_record *);
bool form_record_parse(struct span *rest, struct form_record *);

/* The greatest length of a record with its mac, and of the place of a part in
 * one stream. */
#define FORM_RECORD_MAX (BUS_SID + 1 + 5 + 4 * 10 + FORM_MAC)
#define FORM_PLACE_MAX (2 + 10)
#define FORM_PART_MAX (3 + 3) /* besides places and bytes */

/* DATA whose seal is open. The spans are borrowed. */
struct form_data {
	size_t nreceivers;
	struct span records; /* one behind the other */
	struct span parts;
	struct span signed_; /* what macs are of, without the head */
	struct span macs;    /* one for each receiver */
};

/* Bytes, with their places in the streams of some receivers. */
struct form_part {
	size_t nplaces;
	struct span places; /* index of a receiver, and the place */
	struct span bytes;
};

/* Read all of it, so that what follows cannot fail. */
bool form_data_parse(struct span, struct form_data *);
/* Read the next part, and leave *rest behind it. Return false at the end. */
bool form_part_parse(struct span *rest, size_t nreceivers, struct form_part *);
/* Read the next place. Return false at the end. */
bool form_place_parse(struct span *rest, uint64_t *index, uint64_t *place);

#endif
