/*
 * roll.h - the streams of a trunk, and the lists of them that the server has
 * said (gate-protocol.md, parts 5 and 6).
 *
 * A seat is one stream. Lists point to seats, so that a line for a list finds
 * its receivers without looking anything up. A seat whose stream has ended has
 * no client any more, and lives until the last list that has it is forgotten:
 * such a list passes over it.
 *
 * Nothing here sends or closes: trunk.c does that.
 */
#ifndef GATE_ROLL_H
#define GATE_ROLL_H

#include "base/chains.h"
#include "base/map.h"
#include "base/pool.h"
#include "base/span.h"

#define ROLL_LISTS_MAX 4096		   /* part 8 */
#define ROLL_WORDS_MAX (UINT32_C(1) << 20) /* of all lists together */

struct client;
struct stream; /* of net/ */

struct seat {
	void *next;	       /* for the table alone */
	struct client *client; /* NULL: the stream has ended */
	struct stream *to;     /* the client's connection; likewise */
	uint32_t s;	       /* the number of the stream */
	uint32_t refs;	       /* the open stream, and the lists that have it */
};

struct roll_list {
	uint32_t g, n;
	struct seat *seat[]; /* in the order of their numbers, none twice */
};

/* The numbers of a list that is being said. */
struct roll_numbers {
	uint32_t *v;
	uint32_t n, cap;
};

struct roll {
	uint32_t last;	       /* the number that was given last */
	struct chains streams; /* seats of open streams, by number */
	struct map lists;      /* by number */
	uint32_t words;	       /* of all lists */
	uint64_t steps;	       /* of work on lists so far: words and seats */
	struct pool pool;      /* of seats */
	struct {	       /* the list that is being said */
		uint32_t g;    /* 0: none */
		const struct roll_list *base; /* "=h"; NULL: none */
		uint32_t ended; /* streams that had when the list began */
		bool begun;	/* a word has come */
		struct roll_numbers add, del;
	} said;
};

/* The greatest number of a stream (gate-protocol.md, 1). A test builds a gate
 * with a lower one. */
#ifndef ROLL_LAST_MAX
#define ROLL_LAST_MAX UINT32_MAX
#endif

/* The rule that a line breaks: codes of ERROR (7.1). */
enum roll_fault {
	ROLL_OK,
	ROLL_STREAM, /* a stream that there never was */
	ROLL_LIST,   /* 6.2 is broken */
	ROLL_FORM,   /* a word is none of a list */
	ROLL_BOUNDS  /* more lists or words than part 8 allows */
};

/* Prepare a roll without streams. The key is copied. */
void roll_init(struct roll *, const unsigned char key[SIPHASH_KEY]);
/* Free it. Invariant: all its streams have ended. */
void roll_fini(struct roll *);
/* Free one of its lists. Return false if there was none. So a long roll can be
 * freed in pieces. */
bool roll_drop_list(struct roll *);

/* Give a client a stream with the next number (5.1). Return NULL if there is no
 * number left. */
struct seat *roll_open(struct roll *, struct client *, struct stream *to);
/* Return true if there is no number left. */
static inline bool
roll_is_used_up(const struct roll *r)
{
	return r->last >= ROLL_LAST_MAX;
}
/* The stream has ended: forget its client. The seat must not be used again. */
void roll_close(struct roll *, struct seat *);

/* Find the stream of that number. *seat is NULL if it has ended. Return false
 * if there never was such a stream. */
bool roll_find(const struct roll *, uint32_t s, struct seat **);
/* Return how many streams are open. */
size_t roll_count(const struct roll *);

/*
 * Take a line LIST: the words of list g. `more` says that it is not the last
 * line of the list. After a fault the roll is of no use but to be freed. A list
 * is made at once: this takes steps for the streams that are open, and for the
 * list that it begins from.
 */
enum roll_fault roll_say(struct roll *, uint32_t g, bool more,
    struct span words);
/* Return true if the last line of a list has not come (3.3). */
static inline bool
roll_is_saying(const struct roll *r)
{
	return r->said.g != 0;
}

/* Forget a list: UNLIST. */
enum roll_fault roll_unsay(struct roll *, uint32_t g);
/* Return the list of that number, or NULL. */
const struct roll_list *roll_list(const struct roll *, uint32_t g);

#endif
