/*
 * ref.h - a reference client. It knows only the lines it was sent.
 *
 * It keeps what any client keeps: the members of its channels with nick and
 * status, modes, lists, topics. It finds lines that no client could follow: a
 * user joins who is there already, two people have the same nick, a MODE
 * changes nothing, a stranger PARTs. It keeps which of the nicks that it
 * watches are online, as MONITOR tells it. After each step ref_compare()
 * compares it with what the server shows.
 *
 * In the simulator every user has a username of its own, so a nick can be told
 * from the user who has it.
 */
#ifndef SIM_REF_H
#define SIM_REF_H

#include "core/core.h"
#include "core/types/mode.h"

#define REF_NAME 80
#define REF_MODES (CM_BUILTIN + 20) /* with those of lib/rows.h */
#define REF_LETTER(c) (UINT64_C(1) << ((c) - 'A'))

struct ref_member {
	char nick[REF_NAME];
	char user[REF_NAME];
	char host[REF_NAME];
	uint32_t status; /* STB() */
	int away;	 /* 0, 1; -1: unknown */
	int64_t since;	 /* ns, of its JOIN; 0: it was there before */
};

#define REF_OWED 16

struct ref_list {
	bool known;
	bool moved; /* it changed before its end came */
	char **mask;
	size_t n, cap;
};

struct ref_chan {
	char name[REF_NAME];
	int64_t joined;	   /* ns */
	int64_t status_at; /* ns: when its own status changed last */
	struct ref_member *member;
	size_t n, cap;
	bool named; /* all its names were told */
	bool modes_known;
	uint64_t modes;			 /* CMB() */
	char value[REF_MODES][REF_NAME]; /* "": not set */
	int64_t mode_at[REF_MODES];	 /* ns: when it was told last */
	char topic[512];
	struct ref_list list[REF_MODES];
	struct ref_joins {	     /* of a window of +j (throttle.c) */
		int64_t since, last; /* ns */
		unsigned n;
		bool sure;
	} joins;
};

#define REF_WATCHES 80

struct ref_watch { /* a nick that was told by MONITOR */
	char nick[REF_NAME];
	bool online;
};

struct ref {
	const struct tables *tables; /* the modes that it may hear of */
	char user[REF_NAME];	     /* the user name, which identifies it */
	char nick[REF_NAME];	     /* as the server told it */
	bool registered;
	bool away_notify, echo;
	struct ref_chan **chan;
	size_t nchans;
	struct ref_watch watch[REF_WATCHES];
	size_t nwatches;
	/* the ends of NAMES that its JOINs will get; of a JOIN before the last
	 * PART, too */
	struct ref_owed {
		char chan[REF_NAME];
		unsigned n;
		bool begun; /* names of the first of them have come */
	} owed[REF_OWED];
	uint64_t own_modes; /* REF_LETTER() */
	struct ref_list silenced;
	/* numerics so far: 433; 400 and above; 404 for a mode, and for +E; 447;
	 * 437; those by which a mode keeps it out of a channel; 470 */
	unsigned nick_in_use, errors, cannot_say, cannot_repeat, keeps_nick,
	    nick_held, cannot_join, sent_on;
	int phase; /* of the last line of a difference in this step */
	/* the nick of the user of the line before who changes host: the client
	 * is not told of hosts, so it sees that user quit and join again */
	char changing[REF_NAME];
	char misordered[256]; /* the first line of a lower phase */
	/* the first user that came and went, or went and came, in this step */
	char flapped[256];
	struct ref_move {
		char chan[REF_NAME], user[REF_NAME];
		bool came;
	} move[128];
	size_t nmoves;
	/* the line before was the JOIN of that nick: how it was before it */
	struct ref_before {
		char nick[REF_NAME], misordered[256];
		int phase;
		size_t nmoves;
	} before;
	/* the line before was the PART of this client: how it was before it */
	struct ref_parted {
		char chan[REF_NAME], misordered[256], flapped[256];
		int phase;
		size_t nmoves;
	} parted;
	bool renamed;	   /* the line is the JOIN of a channel's new name */
	char batch[8][32]; /* those that are open */
	bool labelled_batch[8]; /* for a label: may stay open, see below */
	bool batch_of_lines[8]; /* draft/multiline */
	bool in_lines;		/* the line that came last is in one */
	size_t nbatches;
	int64_t now; /* ns, set by the owner */
	bool bad;
	char why[512];
	/* A PRIVMSG or NOTICE was heard. The text is borrowed. */
	void (*said)(void *ctx, struct span source, struct span target,
	    struct span text);
	/* The answer to a labelled line, or the batch with it, begins. */
	void (*labelled)(void *ctx, struct span label);
	/* The client itself joined a channel. */
	void (*joined)(void *ctx, const char *chan);
	/* A user joined a channel, or the client itself did. */
	void (*came)(void *ctx, struct ref_chan *, const char *user);
	/* The nick has no invitation to the channel any more, as it is told. */
	void (*uninvited)(void *ctx, struct span chan, struct span nick);
	/* The client itself was invited. */
	void (*invited)(void *ctx, struct span source);
	void *ctx;
};

void ref_fini(struct ref *);
void ref_line(struct ref *, struct span line);
/*
 * Check the end of a step. Batches must be closed, except those of labels,
 * whose answers may go on. If the step was one act, or a snapshot, the lines
 * were in order, and no user came and went.
 */
void ref_step(struct ref *, bool one_act);
/*
 * Check that nothing is under way: all batches are closed, and all names told.
 */
void ref_rest(struct ref *);
/* Set bad if the client differs from what the server shows to its user, or was
 * told something else of a nick that it watches. */
void ref_compare(struct ref *, const struct core *);

/* Forget all masks of SILENCE: the server has lost them. */
void ref_forget_silenced(struct ref *);

/* Return true if the user, or the channel, has the mode of that letter. */
bool ref_has_own(const struct ref *, char letter);
bool ref_has_mode(const struct ref *, const struct ref_chan *, char letter);

struct ref_chan *ref_chan(const struct ref *, struct span name);
struct ref_member *ref_member(const struct ref_chan *, struct span nick);

#endif
