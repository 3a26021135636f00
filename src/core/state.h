/*
 * state.h - struct core and the running step; for the files of core/ alone.
 */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include "base/chains.h"
#include "base/rng.h"
#include "base/work.h"
#include "core/core.h"
#include "core/facts/facts.h"
#include "core/facts/row_names.h"
#include "core/facts/walk.h"
#include "core/part/merge.h"
#include "core/sessions/session.h"
#include "core/types/change.h"
#include "core/types/tables.h"
#include "wire/admission.h"

struct out_item {
	struct out out;
	TAILQ_ENTRY(out_item) link;
};

struct request; /* core/sessions/request.h */
struct request_queue {
	TAILQ_HEAD(, request) head; /* as they expire */
	uint32_t n;
};

/* core/show/losers.h; each object knows its place (lost_at) */
struct losers {
	struct user **user;
	uint32_t nuser, capuser;
	struct chan **chan;
	uint32_t nchan, capchan;
};

/* core/settle.h */
struct settling {
	struct chan_walk rest; /* of members that did not fit the last entry */
	uint64_t visits;       /* users, channels, members looked at so far */
};

/* All sessions here of the members of a channel, except those of one user. */
struct audience_chan {
	const struct chan *chan;
	const struct user *but; /* NULL: nobody */
	bool old;		/* not of those who join in this step */
};

/* The channels that an audience is made of. */
struct audience_of {
	struct audience_chan *v;
	size_t n, cap;
	/* the user is on very many channels: those who share one; or NULL */
	const struct user *peers_of;
	uint64_t need; /* CAPB(): sessions that have one of them; 0: all */
	uint64_t lack; /* CAPB(): sessions that have none of them */
	uint64_t deaf; /* users who have one of these modes are left out */
};

/* The effects of the last line to an audience. */
struct audience_sent {
	bool valid;
	bool tagged;  /* with what decides the view that a session has of it */
	bool several; /* lines, as a batch or one by one */
	bool read;    /* as some users read them (core/sessions/reading.h) */
	uint64_t alt_cap;
	uint64_t batch;
	size_t end; /* number of effects after it */
	/* those that receivers have of it, in the step's arena */
	struct audience_view {
		unsigned view;	    /* core/sessions/line.h */
		struct conn_id *to; /* in the step's arena, too */
		size_t n;
		size_t effect, cap; /* effects_send_more() */
	} * view;
	size_t nview, capview;
	/* the place of each view among them; a view that is not there has any
	 * place */
	uint8_t place[256]; /* VIEWS */
};

/* core/sessions/audience.h */
struct audience {
	struct session **v; /* collected */
	struct conn_id *id; /* their connections, in the same order */
	size_t n, cap;
	uint64_t caps;	 /* CAPB() that any of them has */
	uint64_t common; /* CAPB() that all of them have */
	uint64_t mark;	 /* of each session in v */
	struct audience_of asked;
	bool collected; /* v holds what is asked */
	bool kept;	/* v holds what `held` says, and nothing else */
	struct audience_of held;
	struct audience_sent sent;
	uint64_t visits; /* looks at memberships so far; for tests */
};

/* core_walk_begin(): a walk over all facts in slices */
struct slow_walk {
	struct work_item item; /* queued while it is not done */
	size_t kind;	       /* of facts */
	struct fact_place at;  /* of the kind */
	void (*fn)(void *, const struct snap_item *);
	void *ctx;
};

/* core/apply.h: the entry that is applied in part */
struct applying {
	const struct entry *e; /* of the log; NULL: none */
	const struct part *part;
	size_t next;	     /* of its parts */
	bool merged;	     /* its messages are delivered, from next on */
	struct arena *arena; /* of the parts; NULL: that of the step */
};

/* core/postpone.h: users with postponed memberships */
#define POSTPONE_ABOVE 256 /* memberships shown or hidden at once */
struct postponed {
	struct uid *v; /* those from head on */
	size_t head, n, cap;
};

/* core/show/show_list.h: as far as the walk over the lists of a channel is */
struct list_walk {
	unsigned list;	    /* number of the mode */
	bool of_facts;	    /* the masks that are shown are done */
	bool again;	    /* more has changed meanwhile */
	struct rcbuf *text; /* of the last mask; a reference; NULL: none yet */
};

/* core/postpone_lists.h: channels whose statuses or lists come in slices */
struct postponed_lists {
	struct rcbuf **v; /* their folded names, from head on; references */
	size_t head, n, cap;
	struct list_walk walk;	  /* of the first channel */
	struct chan_walk members; /* the same; kept while in_chan */
	bool in_chan;
};

/* Connections, by slot. */
struct conn_table {
	struct conn **v; /* NULL: none */
	uint32_t n;
};

/* core/banned.h */
struct ban_sweep {
	struct work_item item; /* queued while clients are to be looked at */
	uint32_t next;	       /* slot of the next connection */
	uint32_t left;	       /* slots to look at */
	uint32_t slots;	       /* core_slots() when left was set */
	struct hold *hold;     /* the next held session; NULL: none is left */
	struct mono look_at;   /* awake: the next look at bans that end */
	struct stamp ended;    /* the end of the last ban that was looked at */
	struct cinc ended_id;
	struct stamp removed; /* the same, of the bans that are to be removed */
	struct cinc removed_id;
};

struct hold;

/* core/sessions/hold.h */
struct holds {
	TAILQ_HEAD(hold_queue, hold) queue; /* by their end */
	TAILQ_HEAD(, hold) taken;	    /* by the entry they wait for */
	size_t n, bytes;
};

/* core/row_change.h: rows that come and go */
enum row_phase {
	ROWS_REST,
	ROWS_HIDE, /* clients are told that rows go (tables.leaving) */
	ROWS_SHOW  /* clients are told of rows that have come */
};
struct row_walk {
	struct work_item item; /* queued in the phases, unless it waits */
	enum row_phase phase;
	struct renewed names;	 /* of the rows */
	struct row_set changing; /* what may be shown otherwise than it shall */
	uint64_t cancelled; /* capabilities that clients have lost meanwhile */
	/* the walk over all that may have such a name */
	bool walked;		  /* it is at its end */
	unsigned kind;		  /* of things */
	uint32_t slot;		  /* of the next connection */
	size_t at;		  /* of the next thing */
	struct chan_walk members; /* of the channel; kept while in_chan */
	bool in_chan;
};

/* core/sessions/notice.h */
struct notices {
	struct uid *v; /* users of all servers with the mode */
	size_t n, cap;
	/* since this stretch of time began: by mask, and events of strangers
	 * by themselves */
	uint32_t told[LOGM_COUNT], told_of[LOG_COUNT];
	uint32_t more[LOG_COUNT]; /* of each event, not told */
	struct mono until;	  /* of this stretch; NEVER: none */
};

struct reload_pair; /* core/reload.c */

struct reload {			  /* core/reload.h */
	struct work_item item;	  /* queued while clients are to be told */
	struct reload_pair *pair; /* lines to be told, by conn.news - 1 */
	size_t n, cap;
	uint32_t next; /* slot of the next connection */
	uint64_t caps; /* that have come; or have other values */
	uint64_t gone; /* that the settings offer no more */
};

/* core/sessions/lag.h */
struct lagging {
	TAILQ_HEAD(, lag) awaited; /* as they began to lag */
	size_t n;		   /* of them */
	int64_t left_ms;	   /* slices may still wait so long in all */
	struct mono end; /* awake: when left_ms is over, if any session lags */
};

/* core/restore.h: what the store has kept */
struct restore {
	struct work_item item; /* queued while it looks at things */
	struct map things;     /* by key */
	struct vector known;   /* what the network had when this server came */
	bool loaded;	       /* the store has no more */
	struct mono from;      /* awake: it looks from then on; NEVER */
	bool looks;
	size_t at; /* of its iteration */
};

struct install; /* core/install.h */
TAILQ_HEAD(install_queue, install);

/* Numerics that all clients are sent alike, but for the nick in them
 * (core/answers/reply.h). */
struct recording {
	struct rcbuf *lines; /* without a nick; NULL: not made */
};

struct was; /* core/answers/whowas.c */

/* core/answers/whowas.h: nicks that are not shown any more */
struct whowas {
	TAILQ_HEAD(was_ring, was) ring; /* the newest first; owned */
	struct chains newest;		/* entry of each nick, by the nick */
	size_t n, bytes;
	uint64_t next; /* number of the next entry */
	struct sink sink;
	struct work_item item; /* queued while there are too many */
};

struct core {
	struct tables tables;
	const struct settings *settings;
	struct rng rng;
	unsigned char key[16]; /* of all hash tables */
	struct origin self;
	uint64_t last_n;	 /* of own entries made */
	struct stamp last_stamp; /* of the last of them */
	uint64_t applied_n;	 /* of own entries applied */
	struct stamp hlc;
	struct wall started;
	bool ready;
	bool takes;		 /* a hand-over is taken (core/handover.h) */
	bool took;		 /* it was made by one */
	bool looks;		 /* at operators first, in the next step */
	bool outside;		 /* kept off the network (core/outside.h) */
	bool whole;		 /* the overlay's word */
	struct mono whole_since; /* awake */
	struct stamp parted;	 /* the clock when it ceased to be whole */
	uint64_t unchan_n;	 /* the last own entry with an UNCHAN */
	uint64_t adopted_n;	 /* the last own entry that another made */

	struct facts facts;
	struct applying applying;

	struct conn_table conns, streams;	/* conn_id_is_stream() */
	size_t nconn;				/* in both */
	struct admission addresses;		/* connections */
	TAILQ_HEAD(, registration) registering; /* complete, or entry made */
	struct map asked; /* registrations with an entry, by its nick */
	struct pool conn_pool, session_pool, out_pool, request_pool;
	TAILQ_HEAD(, out_item) outbox;
	struct request_queue requests[REQUEST_COUNT];
	struct map request_tokens;
	struct request_list own_requests; /* of no session */
	uint64_t next_token;
	uint64_t mark;	     /* of audiences */
	struct conn **timer; /* heap by due; core/sessions/timer.h */
	uint32_t ntimer, captimer;
	struct work work; /* what a turn may cost, and what is not done */
	int64_t turn;	  /* the units that this turn began with */
	bool turn_grants; /* a line of a client was granted in this turn */
	struct work_item overlay_item; /* queued while there are flips */
	struct server_queue flips;     /* core/overlay.h */
	uint64_t overlay_serial; /* another one when other runs are visible */
	struct postponed postponed;
	struct work_item postpone_item; /* queued while postpone_any() */
	struct postponed_lists postponed_lists;
	struct work_item lists_item; /* queued while lists are postponed */
	struct shown_lists *shed; /* of channels that are not shown any more */
	struct work_item shed_item; /* queued while shed_run() has to free */
	struct lagging lagging;
	uint32_t slice; /* counts slices; never 0 */
	struct reload reload;
	struct row_walk rows;
	struct work_item void_item;    /* queued while voids are dropped */
	struct slow_walk walk;	       /* core/snapshot.h */
	struct install_queue installs; /* core/install.h */
	struct snap_facts *dropped;    /* to be freed (core/snap_facts.h) */
	struct work_item drop_item;    /* queued while there are any */
	struct work_item install_item; /* queued while there are installs */
	struct mono cleanup_at; /* awake: next look for emptied channels */
	bool cleanup_looks;	/* a look is under way (core/chan_cleanup.h) */
	size_t cleanup_next;	/* of its iteration */
	struct work_item cleanup_item;
	struct work_item durable_item; /* queued while the store is told */
	struct restore restore;

	struct ban_sweep sweep;	  /* core/banned.h */
	bool draining;		  /* no clients come any more */
	bool entrance_stale;	  /* core/entrance.h: something has changed */
	uint64_t entrance_serial; /* of the facts, when it looked last */
	struct holds holds;

	struct losers losers;
	struct notices notices;
	struct settling settling;
	struct sink_list sinks; /* of changes */
	struct sink client_lines;
	struct sink change_hooks;
	struct whowas whowas;
	struct chains monitored; /* core/sessions/monitor.h; by nick */
	struct sink monitor_sink;

	uint64_t uid_next, uid_upto;
	bool uid_asked, uid_told; /* for a mark; that there is none left */
	struct mono uid_again;	  /* awake: ask for the mark again */
	struct audience audience;
	struct recording greeting, isupport, motd;
	const struct class_settings *isupport_class; /* of the recording */
	uint64_t nlines, nmessages, nopened;
	struct map usage; /* core/answers/usage.h */
	size_t nlocal, nunregistered, nopers, ninvisible, max_local, max_global,
	    max_conns;
};

/* An open batch to those who can see one (netsplit, netjoin). */
struct step_batch {
	struct span ref;	/* empty: none */
	struct span type;	/* "netsplit a b" */
	uint64_t mark;		/* of sessions that have its start */
	struct conn_id *opened; /* which have been sent its start */
	size_t n, cap;
};

/* Whether the user of a command is on one list of an incarnation
 * (core/cmd/judge.h). */
struct verdict {
	struct dot dot; /* of the founding; all 0: there is none */
	enum chan_mode list;
	bool of_facts; /* or of what is shown */
	uint32_t n;    /* masks of the shown list */
	bool match;
};

struct verdicts {
	struct verdict *v;
	size_t n, cap;
};

/* One call of the core: what it happens in, and where its effects go. */
struct step {
	struct core *core;
	const struct tables *tables; /* &core->tables */
	struct facts *facts;	     /* &core->facts */
	struct effects *fx;
	struct arena *arena; /* fx->arena */
	struct mono now;
	struct mono awake; /* judges what others do not do, base/awake.h */
	int64_t paused_ns;
	struct wall wall;
	/* of the entry being applied */
	struct stamp stamp; /* see step_time() */
	struct cause cause;
	struct origin o;
	uint64_t n;
	struct hint hint;
	struct step_batch batch;
	struct span
	    netsplit; /* "netsplit a b": the batch of its QUITs to come */
	struct span netjoin; /* "netjoin a b": the batch of its JOINs to come */
	struct span inner;   /* a batch for one session, or empty */
	/* numerics are written here and not sent, unless it is NULL */
	struct writer *record;
	/* what the operator at the control socket is told, each text with a
	 * line feed; NULL: nobody there has given an order */
	struct writer *told;
	/* lines to this session leave in one buffer (lines_begin) */
	struct session *gathers;
	struct writer gathered;
	/* whose lines belong to the response to its command, if it collects
	 * one; lines to others, or of other steps, do not (line_send) */
	struct session *answering;
	const struct command_row *row; /* of the command that runs, or NULL */
	/* what was found out before it runs; NULL: nothing */
	const struct verdicts *verdicts;
	/* what the listing that runs has sent, and may
	 * (core/sessions/listing.h) */
	size_t bytes, bytes_max;
	/* numerics to no session are answers to this question of a server */
	uint64_t question;
	struct sid asker;
	bool done_later; /* its answer does not end in this step */
	/* parts of the message that is delivered, if it has several lines
	 * (link-protocol.md, 11.44); 0: it is one line */
	size_t nlines;
};

/* Begin a step. Until it applies an entry, its lines have the present time and
 * this server as their source. */
void step_begin(struct step *, struct core *, const struct event *,
    struct effects *);

/* Return the time that the lines of this step show: when the entry was made, or
 * now (link-protocol.md, 6.15). */
struct wall step_time(const struct step *);

/* Return the stamp that the next entry of this server may have
 * (link-protocol.md, 1). The clock does not move before that entry is made. */
struct stamp core_stamp(const struct core *, struct wall);

/* Borrowed, or NULL. A session from the moment that it waits to register. */
struct conn *core_find_conn(const struct core *, struct conn_id);
/* The first from slot *i on, which becomes the one after; or NULL. */
struct conn *core_next_conn(const struct core *, uint32_t *i);
/* Get what stands in slot *i, a connection or NULL; *i becomes the next slot.
 * Return false after the last one. */
bool core_next_slot(const struct core *, uint32_t *i, struct conn **);
/* Return how many slots there are, free ones included. */
uint32_t core_slots(const struct core *);
struct session *core_find_session(const struct core *, struct session_id);

/* Its slot is free. */
void core_add_conn(struct core *, struct conn *);
void core_del_conn(struct core *, const struct conn *);

/* Own entry of these parts, to all servers or dest; its number. The stamp is
 * of core_stamp, asked before the parts were made, or 0: asked now. */
uint64_t core_make(struct step *, struct stamp, const struct part *,
    size_t nparts, const struct dest *, const struct cause *);

/* Something was done that costs so much (core/types/cost.h): it is spent from
 * what this turn may cost. */
void step_spend(struct step *, size_t cost);

/* Return true if the network is whole and all facts are in. */
static inline bool
core_is_whole(const struct core *c)
{
	return c->whole && !core_is_partial(c);
}

/* Return true if this run is the user's home. It alone makes what a home makes
 * by itself (doc/decisions/0023). */
static inline bool
core_is_home(const struct core *c, const struct user *u)
{
	return origin_cmp(user_home(u), c->self) == 0;
}

/* Return the command that the session has sent last. */
struct cause core_session_cause(const struct session *);

/* Append to the outbox, which takes over what out owns. */
void core_out_put(struct core *, const struct out *);

#endif
