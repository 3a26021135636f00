/*
 * ref.h - a reference client: knows only the lines it was sent.
 *
 * It keeps what any client keeps (who is on its channels under which nick,
 * with which status; modes, lists, topics) and finds what no client could
 * follow: somebody joins who is there, a nick that is two people, a MODE
 * that changes nothing, a PART of a stranger. After each step ref_compare()
 * holds it against what the server shows.
 *
 * Every user of the simulator has a username of its own, so a nick can be
 * told from who bears it.
 */
#ifndef SIM_REF_H
#define SIM_REF_H

#include "core/core.h"
#include "core/types/mode.h"

#define REF_NAME 80

struct ref_member {
	char nick[REF_NAME];
	char user[REF_NAME];
	uint32_t status; /* STB() */
	int away;	 /* 0, 1; -1 unknown */
};

struct ref_list {
	bool known;
	char **mask;
	size_t n, cap;
};

struct ref_chan {
	char name[REF_NAME];
	int64_t joined; /* ns */
	struct ref_member *member;
	size_t n, cap;
	bool named; /* its names are all told */
	bool modes_known;
	uint32_t modes;			 /* CMB() */
	char value[CM_VALUES][REF_NAME]; /* "": not set */
	bool topic_known;
	char topic[512];
	struct ref_list list[CM_LISTS];
};

struct ref {
	char user[REF_NAME]; /* who it is */
	char nick[REF_NAME]; /* as told */
	bool registered;
	bool away_notify, echo;
	struct ref_chan **chan;
	size_t nchans;
	unsigned nick_in_use; /* 433 so far */
	unsigned errors;      /* numerics 400 and above so far */
	int rank; /* of the last line of a difference in this step */
	char misordered[256]; /* the first line whose rank is lower */
	char flapped[256]; /* who came and went, or went and came, in this step
			    */
	struct ref_move {
		char chan[REF_NAME], user[REF_NAME];
		bool came;
	} move[128];
	size_t nmoves;
	char batch[8][32];	/* open ones */
	bool labelled_batch[8]; /* of a label: may stay open, see below */
	size_t nbatches;
	int64_t now; /* ns, set by the owner */
	bool bad;
	char why[512];
	/* Heard: PRIVMSG or NOTICE; text borrowed. */
	void (*said)(void *ctx, struct span source, struct span target,
	    struct span text);
	/* The answer to a labelled line, or the batch of it, begins. */
	void (*labelled)(void *ctx, struct span label);
	/* A channel was joined by oneself. */
	void (*joined)(void *ctx, const char *chan);
	void *ctx;
};

void ref_fini(struct ref *);
void ref_line(struct ref *, struct span line);
/*
 * After a step: batches must be shut, but those of labels, whose answers may
 * go on; if it was one act, or a snapshot, lines are in order and nobody came
 * and went.
 */
void ref_step(struct ref *, bool one_act);
/* Nothing is under way: all batches are shut, all names are told. */
void ref_rest(struct ref *);
/* Sets bad if this is not what the server shows to its user. */
void ref_compare(struct ref *, const struct core *);

struct ref_chan *ref_chan(const struct ref *, struct span name);
struct ref_member *ref_member(const struct ref_chan *, struct span nick);

#endif
