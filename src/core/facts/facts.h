/*
 * facts.h - everything every server knows: users, nicks, channels, members,
 * servers (doc/link-protocol.md, part 11), each object with its shown state
 * beside it.
 *
 * Facts are what entries and snapshots brought; merges (core/part/) write
 * them, through core/facts/facts_write.h. Shown state is what clients of this
 * server have been told; show.c and its parts alone write it, after each step,
 * from the facts and the overlay. Commands read both as const. Sessions hang
 * on users here, and only here.
 *
 * Everything found by name is found folded (wire/casemap.h).
 *
 * OWNERS. A user owns its claim, registers and memberships. A founding (CHAN)
 * owns the registers, lists and invitations of that incarnation. A membership
 * owns its statuses. The kind of an unknown part says who owns its facts. An
 * owned object goes with its owner, and is dropped on arrival if the owner
 * does not exist here.
 *
 * LIFE. An object whose facts are gone stays until show.c has told clients;
 * facts_reap frees it at the end of the step.
 */
#ifndef CORE_FACTS_H
#define CORE_FACTS_H

#include <bsd/sys/queue.h>

#include "base/blocks.h"
#include "base/chains.h"
#include "base/map.h"
#include "base/mtime.h"
#include "base/pool.h"
#include "base/rcbuf.h"
#include "core/facts/ident.h"
#include "core/types/ids.h"
#include "core/types/mode.h"
#include "core/types/mutate.h"
#include "core/facts/reg.h"
#include "core/facts/tree.h"
#include "wire/addr.h"

struct chan_walk; /* core/facts/walk.h */
struct cnames;	  /* core/facts/cname.c */
struct memories;  /* core/facts/memory.h */
struct session;

/* Interned text, never freed before the facts are. */
struct name {
	struct rcbuf *text;
	struct rcbuf *on; /* "1", for all registers of it that hold that */
	enum chan_mode chan_list; /* the list NAME, or CM_NONE */
	enum chan_mode chan_mode; /* of `mode/NAME`, if it is no list */
	enum user_mode user_mode;
	enum status status; /* of `NAME` */
	/* while rows change (row_names.h): clients may see another thing by
	 * the name than what is shown */
	bool renewed;
	bool meant;	 /* in facts->meant */
	uint32_t number; /* in facts->numbered */
};

/* ---- servers ----------------------------------------------------------- */

struct server {
	struct sid sid;
	struct rcbuf *name; /* of its READY; the sid before one */
	struct rcbuf *description;
	struct dot ready_dot;
	struct stamp ready_stamp;
	uint32_t ready; /* register, greater inc wins */
	struct dot forget_dot;
	struct stamp forget_stamp;
	uint32_t forget;	  /* register, greater inc wins */
	struct rcbuf *forget_had; /* of its runs, a vector; NULL: not said */
	size_t foreign;		  /* its share of facts->foreign */
	/* the overlay, as last told */
	uint32_t visible; /* incarnation shown; 0 none */
	bool reachable;
	bool limbo;	   /* the incarnation that is shown cannot be reached */
	struct mono until; /* awake: the end of the limbo */
	struct sid uplink; /* or where it was, while it is in limbo */
	unsigned hops;	   /* likewise */
	struct sid next;   /* the neighbour through which it is reached */
	unsigned behind;   /* servers that are reachable through it alone */
	uint32_t nusers;   /* users shown whose home it is */

	TAILQ_HEAD(, user) users; /* whose home it is, in any run */
	/* while its users are still to be shown or hidden (core/overlay.h) */
	bool flips;
	TAILQ_ENTRY(server) flip_link;
	struct user *flip_next;	  /* who comes next; NULL: the last is done */
	struct rcbuf *flip_batch; /* the batch that tells of it; NULL: none */
};

TAILQ_HEAD(server_queue, server);

/* ---- users ------------------------------------------------------------- */

struct nick_more; /* core/facts/claim.c */

RB_HEAD(invites, invite);

/* A name that somebody claims. */
struct nick {
	void *next;		/* in facts->nicks */
	struct user *least;	/* the visible user with the least claim */
	struct nick_more *more; /* owned; NULL: nobody else matters */
	uint16_t n;		/* bytes of text */
	bool dirty : 1;		/* in facts->dirty_nicks */
	bool claimed : 1;	/* nick_nclaims() > 0 */
	bool held : 1;		/* least is nick_holder() */
	bool seen : 1;		/* least is nick_shown_by() */
	char text[]; /* as the user spelled it who claimed it first */
};

TAILQ_HEAD(member_list, member);

/*
 * A home that moves: the register +HOME (doc/decisions/0023). A user has it
 * from the entry of the +USER on, or never.
 */
struct home {
	struct write write; /* n 0: its +HOME comes with the next parts */
	struct origin o;    /* inc 0: none, so the user is hidden */
	struct rcbuf *gate; /* NULL: none */
	uint64_t base;
	uint32_t judged; /* a JOIN that comes from a tenure below is dropped */
	struct sid counted; /* user_counted() */
};

/* The time and the class of a claim, and its entry. */
struct nick_claim {
	struct write write; /* its entry, as of a register */
	struct stamp stamp;
	uint32_t class; /* less wins */
} IDS_PACKED;

/* By what clients see a user. */
enum shown_as {
	SHOWN_NOT, /* never */
	SHOWN_UID,
	SHOWN_CLAIM, /* the nick that the user claims */
	SHOWN_FORMER /* a nick that the user does not claim any more */
};

/* The things that few users have, or that a user has only for a moment. */
struct user_more {
	struct home *home;	      /* user_home_reg(); owned */
	struct nick_claim *claim;     /* NULL: made with the user; owned */
	struct rcbuf *spelled;	      /* the nick, if not as claimed->text */
	struct nick *former;	      /* of SHOWN_FORMER */
	struct rcbuf *former_spelled; /* the same of it */
	struct rcbuf *away;	      /* user_away() */
	struct rcbuf *realname;	      /* user_realname(); NULL: as at first */
	struct rcbuf *user_host;      /* "user@host" as shown; the same */
	struct member *left;	      /* user_left() */
	struct invites invites;	      /* core/facts/invites.h */
	uint32_t lost_at;	      /* user_lost_at() */
};

/* There are many users, so a member here must be one that nearly all have;
 * others belong in struct user_more. */
struct user {
	struct uid uid;
	bool gone : 1;	    /* facts dropped, not yet reaped */
	bool home_here : 1; /* in this run; known once visible */
	bool visible : 1;   /* shall be shown; equal at rest */
	bool shown : 1;
	bool thinned : 1; /* hidden on some channels first (core/postpone.h) */
	bool chosen : 1;  /* it is known which memberships are postponed */
	bool dirty : 1;	  /* in facts->dirty_users */
	bool many : 1;	  /* the memberships are a table */
	enum shown_as shown_as : 2;
	struct dot dot; /* the element, its +USER */
	uint32_t nmembers;
	uint64_t stamp_ms : 48;	     /* user_stamp() */
	uint64_t claim_part : 16;    /* of the claim, if more->claim is NULL */
	TAILQ_ENTRY(user) home_link; /* in the users of its home's server */
	struct ident *ident;	     /* owned */
	struct nick *claimed;	     /* the claim: NULL before +NICK */
	/* away host username realname account oper mode/NAME */
	struct regs regs;
	/* all memberships; core/facts/membership.h */
	union {
		struct member *last; /* of a ring; NULL: none */
		struct map *table;   /* if they are many; owned */
	} stay;
	LIST_HEAD(, session) sessions; /* here */
	struct user_more *more;	       /* owned; NULL: nothing of it */
	uint64_t modes;		       /* UMB(); shown */
	uint32_t nshown;	       /* memberships that are shown */
	uint32_t server;	       /* user_server_name() */
};

/* ---- channels ---------------------------------------------------------- */

struct ending; /* core/facts/endings.c */
RB_HEAD(endings, ending);

struct mask { /* an element of a list; core/facts/masks.h */
	struct dot dot;
	struct stamp stamp;
	const struct name *list; /* ban exception invite-exception */
	struct by by;
	struct stamp expiry; /* ms; 0: never */
	struct rcbuf *text;  /* mask SP setter; owned */
	struct founding *founding;
	struct ending *ending; /* owned; NULL: not in facts->endings */
	bool gone;	       /* facts dropped, not yet reaped */
	bool marked;	       /* in chan->changed */
	struct mask *changed;  /* the next one there */
	RB_ENTRY(mask) alike_link, end_link;
};

struct invite {
	struct dot dot;
	struct stamp stamp;
	struct user *user;
	struct founding *founding;
	struct by by;
	struct stamp expiry;
	TAILQ_ENTRY(invite) link;
	RB_ENTRY(invite) user_link;
};

struct stood {		  /* members that stand in an incarnation */
	uint32_t all;	  /* those of hidden users, too */
	uint32_t visible; /* those of visible users */
	uint32_t movable; /* of these, those that founding_can_move */
};

RB_HEAD(mask_alike, mask);
RB_HEAD(mask_end, mask);

/* The elements of an incarnation; most have none. */
struct founding_lists {
	struct mask_alike masks; /* core/facts/masks.h */
	struct mask_end ends;	 /* the same */
	TAILQ_HEAD(, invite) invites;
};

struct founding_place; /* core/facts/founding.c */
struct founding_trees;

struct founding { /* +CHAN: one incarnation */
	struct dot dot;
	struct cinc cinc;
	bool gone;
	struct stamp stamp;
	struct rcbuf *name; /* as founded */
	struct chan *chan;
	struct regs regs;	      /* topic mode/NAME */
	struct founding_lists *lists; /* owned; NULL: none */
	struct founding_place *place; /* in chan->trees; or NULL: chan->only */
	struct stood n;
	bool permanent; /* mode/permanent is on: it needs no members */
	bool noted;	/* in facts->noted */
};

struct shown_lists; /* core/facts/shown_list.h */

struct shown_value { /* of a mode that is set */
	enum chan_mode mode;
	struct rcbuf *text; /* a reference */
};

/* The things of a channel that may look different, besides marked members:
 * registers, the masks in chan->changed, all masks. */
enum { CHAN_REGS = 1, CHAN_MASKS = 2, CHAN_LISTS = 4, CHAN_ANY = 7 };

/* Members that stand in an incarnation whose +CHAN is not among the facts. */
struct member_count {
	struct cinc cinc;
	struct stood n; /* all > 0 */
	RB_ENTRY(member_count) link;
};

RB_HEAD(member_count_tree, member_count); /* by cinc */

/* Members by their highest status. Statuses from number n on have none. */
struct status_counts {
	uint32_t n;
	uint32_t of[];
};

/* A server, and how many of a channel's members have it as their home. */
struct chan_server {
	struct sid sid;
	uint32_t n;		    /* > 0 */
	struct status_counts *with; /* of them; NULL: none has a status */
};

struct chan {
	struct rcbuf *fold; /* key */
	/* one of the two has all foundings; core/facts/founding.h */
	struct founding *only;	      /* NULL: none, or several */
	struct founding_trees *trees; /* NULL: at most one */
	uint32_t nfounded, nidle;     /* own foundings, and of them idle */
	uint32_t surplus_at;	      /* index in facts->surplus + 1; 0 none */
	uint32_t slice; /* core->slice, once a slice has a line for it */
	struct member_count_tree unfounded; /* stood in, without a founding */
	struct member_list members;	    /* of all incarnations */
	/* the incarnation that they joined, if they are not apart */
	struct cinc_number joined;
	uint32_t njoined; /* gone ones, too */
	uint32_t lost_at; /* place in core->losers.chan + 1; 0: none */
	uint32_t nmembers;
	uint32_t nmovable; /* of visible users, those that founding_can_move */
	struct mono empty_since; /* awake: no membership among facts; NEVER */

	/* shown */
	struct rcbuf *name;	  /* by a +CNAME, or as founded, or fold */
	struct founding *current; /* NULL: no modes */
	uint32_t nshown;
	uint32_t nmarked; /* its marked members, while it is shown */
	uint64_t modes;	  /* CMB() of flags and of modes with a value */
	struct shown_value *value; /* of modes with a value; any order */
	struct rcbuf *topic;	   /* setter SP text; NULL: none */
	struct stamp topic_stamp;
	struct shown_lists *lists; /* owned; NULL: all are empty */
	/* shown members with sessions here; others are on other servers */
	struct member **local;
	uint32_t nlocal, caplocal;
	struct chan_server *server; /* where the others are; any order */
	uint32_t nserver, capserver;

	struct names_cache *names_cache; /* core/answers/chan_info.h; or NULL */
	bool dirty : 1;			 /* in facts->dirty_chans */
	/* in core->postponed_lists: the facts may have other lists, or other
	 * statuses of members */
	bool lists_postponed : 1, statuses_postponed : 1;
	bool keyless : 1; /* member.keyless, if the home moves here */
	bool renamed : 1; /* shown under another name than fold, spelled */
	uint8_t nvalue, dirty_what; /* the second: CHAN_* */
	uint32_t nveiled;	    /* shown members that are veiled */
	struct mask *changed;	    /* masks that came or went, newest first */
	struct member **marked;	    /* nmarked, in the step's arena */
};

struct status_reg { /* register of one status */
	const struct name *name;
	struct cinc_number cinc;
	struct dot dot; /* of the write; n 0: nobody yet */
	struct stamp stamp;
	struct uid by; /* by_of_id() */
	bool on;
} IDS_PACKED;

/* The incarnation of a membership, if it is not that of chan->joined. */
struct move {
	struct cinc_number joined; /* if member.apart */
	struct write write;	   /* +MOVE, a register; n 0: nobody yet */
	struct cinc cinc;	   /* of the +MOVE */
};

/* A +MOVE, statuses, and sessions here, which few memberships have. */
struct member_more {
	struct move *move; /* owned; NULL: none */
	/* shown */
	uint32_t status;   /* STB() */
	uint32_t local_at; /* index in chan->local + 1; 0 none */
	uint32_t nstat;
	struct status_reg stat[];
};

struct member {
	struct dot dot;		/* key; identity of the membership */
	uint64_t stamp_ms : 48; /* of its +JOIN; member_stamp() */
	uint64_t gone : 1;
	uint64_t shown : 1;
	uint64_t comes : 1;	/* shown first in this step */
	uint64_t dirty : 1;	/* in facts->dirty_members */
	uint64_t keyless : 1;	/* shown no value that only members may read */
	uint64_t postponed : 1; /* not shown yet (core/postpone.h) */
	uint64_t apart : 1;	/* it did not join chan->joined */
	uint64_t unseen : 1;	/* a +UNSEEN is among its facts */
	uint64_t veiled : 1; /* shown to the user alone (doc/decisions/0054) */
	void *next;	     /* in facts->members */
	struct member_more *more; /* owned; NULL for nearly all members */
	struct chan *chan;
	struct user *user;
	TAILQ_ENTRY(member) chan_link;
	struct member *user_next; /* in the ring of the user, or in left */
};

/* A membership of a user with a home that moves. */
struct homed_member {
	struct member member; /* first: a pointer to it points to both */
	struct made made;
};

/* Objects of one kind that are marked, in the order in which they were. */
struct marks {
	void **v;
	size_t n, cap;
};

/* The place of a walk over all memberships, channel by channel, for
 * facts_next_member(). */
struct member_walk {
	size_t chan;	     /* place in facts->chans */
	struct member *next; /* of the channel; NULL: it is done */
};

/* The place of a walk over the facts of one kind; all zero: the beginning. */
struct fact_place {
	size_t map; /* in the map that has them */
	struct member_walk members;
	/* within a channel, when a snapshot is cut: the founding that comes
	 * next, or NULL */
	const struct founding *founding;
	/* within a membership, when a snapshot is cut: the +UNSEEN that was
	 * given last, whether there are more, and statuses given; or NULL */
	struct member *member;
	const struct unknown *unseen;
	bool has_unseen;
	uint32_t nstat;
};

/* Void facts that are still here (core/voiding.h). */
struct voids {
	bool any;
	struct sid sid;	      /* the server of their run; none: several */
	unsigned phase;	      /* of the walk that drops them */
	struct fact_place at; /* among the facts of the phase */
	struct span why;      /* what clients are told; static, or empty */
};

/* The user and the server that were looked up last: most steps ask for the
 * same ones a dozen times. This is not part of the facts, so code that only
 * reads facts may change it. */
struct looked_up {
	struct user *user; /* NULL: unknown */
	struct server *server;
	/* registers that walks over those of row_names.h have looked at, of an
	 * owner that has very many; for tests */
	uint64_t reg_visits;
};

/* A founding that has changed while it was permanent, or a ban that has
 * changed (core/durable.h). */
struct noted {
	struct rcbuf *fold; /* a reference; NULL: a ban */
	struct cinc cinc;   /* or the id of the ban */
};

struct facts {
	struct looked_up *last;
	struct memories *memories;   /* owned; of modules, and no facts */
	struct bans *bans;	     /* owned; core/facts/bans.h */
	struct cnames *cnames;	     /* owned; core/facts/cname.h */
	struct entrances *entrances; /* owned; core/facts/entrances.h */
	const struct tables *tables; /* of the field names; borrowed */
	struct map field_names, servers, users, chans;
	const struct name **numbered; /* the field names by their number */
	uint32_t nnumbered, capnumbered;
	/* the names whose registers this server shows, or has shown */
	const struct name **meant;
	uint32_t nmeant, capmeant;
	struct chains nicks, members; /* by fold; by dot */
	struct map masks, invites;    /* by dot */
	struct endings endings;	      /* core/facts/endings.h */
	/* of verbs that this server does not know; core/facts/unknown.h */
	struct map unknown_elements, unknown_registers, unknown_owners;
	struct blocks blocks; /* things of different lengths */
	struct pool name_pool, server_pool, user_pool, chan_pool, founding_pool,
	    member_count_pool, mask_pool, invite_pool, member_pool,
	    homed_member_pool, move_pool, unknown_pool, unknown_owner_pool;
	/* since the last show: who may look different */
	struct marks dirty_nicks, dirty_users, dirty_chans, dirty_members;
	struct marks dead_foundings; /* their channels are dirty */
	struct noted *noted;	     /* what the store is to be told of */
	size_t nnoted, capnoted;
	/* registers of dropped owners that had very many (core/shed.h) */
	struct reg_table *shed;
	struct sid self; /* of this server: its foundings are own ones */
	/* channels with an idle founding that is not needed (founding.h) */
	struct chan **surplus;
	uint32_t nsurplus;
	size_t capsurplus;
	LIST_HEAD(, chan_walk) walks; /* that a step left unfinished */
	struct voids voids;
	size_t nshown;	       /* users shown */
	uint64_t forget_count; /* counts changes of any FORGET */
	/* counts changes of the nick of users on very many channels */
	uint64_t renames;
	size_t nshown_chans;
	size_t unknown_mortals; /* elements that go with their run */
	size_t foreign; /* bytes of names, and of registers without owner */
	/* things that merges and the show code looked at one by one, in lists
	 * whose length other servers choose; for tests */
	uint64_t visits;
	uint64_t reg_visits; /* registers that writes have looked at */
#ifdef BANYAN_MUTATE
	int mutation;
#endif
};

/* seed: of the hash tables; no order of anything depends on it. */
void facts_init(struct facts *, const unsigned char seed[16],
    const struct tables *);
/* Frees all; false if a pool was not empty after. */
bool facts_fini(struct facts *);

/* All that is found is borrowed until the end of the step; or NULL. */
struct server *facts_find_server(const struct facts *, struct sid);
struct server *facts_find_server_name(const struct facts *, struct span);
struct user *facts_find_uid(const struct facts *, struct uid);
struct chan *facts_find_chan(const struct facts *, struct span name);
struct member *facts_find_dot(const struct facts *, struct dot);
/*
 * Write the next membership of a walk to *m, or NULL if the next channel has
 * none. Return false at the end. The struct of a new walk is all zero. A walk
 * may last over many steps. Meanwhile only the code that walks may drop
 * memberships, and only the membership that it was given last.
 */
bool facts_next_member(const struct facts *, struct member_walk *,
    struct member **m);
/*
 * Return the next object that may look different, *i from 0, in the order in
 * which they were marked; or NULL. An object that is marked meanwhile is
 * returned at the end.
 */
struct nick *facts_dirty_nick_next(const struct facts *, size_t *i);
struct user *facts_dirty_user_next(const struct facts *, size_t *i);
struct chan *facts_dirty_chan_next(const struct facts *, size_t *i);
struct member *facts_dirty_member_next(const struct facts *, size_t *i);
struct member *facts_find_member(const struct chan *, const struct user *);
/* Shown ones only: by nick, or by uid if that is what is shown. */
struct user *facts_find_nick(const struct facts *, struct span nick);
/* Is any claim on it by a user that is shown? */
bool facts_nick_in_use(const struct facts *, struct span nick);

/*
 * Nothing removes names of fields and unknown registers without an owner, so
 * there is a bound to them, and to what one server adds to them (core_is_full,
 * core_has_room). Beyond it, a part must not be accepted any more that adds to
 * them: facts_has_room returns false.
 */
#define FACTS_FOREIGN_MAX ((size_t)16 * 1024 * 1024)
#define FACTS_FOREIGN_SHARE (FACTS_FOREIGN_MAX / 4)
bool facts_has_room(const struct facts *, const struct part *);

/* Is it not over yet? 0 never is. For commands and what clients are shown: no
 * merge reads a clock. */
bool expiry_holds(struct stamp expiry, struct wall now);

/* Return the home of a user as a register, or NULL if it never moves. */
static inline struct home *
user_home_reg(const struct user *u)
{
	return u->more == NULL ? NULL : u->more->home;
}

/*
 * Return the user's home, as the run of a server. The user is shown and own as
 * this run is, and the run alone writes what is the user's own
 * (link-protocol.md, 9). It is the run that made the +USER, or what the latest
 * +HOME says. If inc is 0 the user has no home now, and sid is the server that
 * wrote that. Every question about the home of a user asks here.
 */
static inline struct origin
user_home(const struct user *u)
{
	const struct home *h = user_home_reg(u);

	return h != NULL ? h->o : u->dot.o;
}

/* Return the server of user_home(). */
struct server *user_server(const struct facts *, const struct user *);

/* Return the tenure of the user's home; 0 if it never moves. */
static inline uint32_t
user_tenure(const struct user *u)
{
	const struct home *h = user_home_reg(u);

	return h != NULL ? h->write.tenure : 0;
}

/* Return the server that a shown user is counted at: that of user_home(), when
 * the show code looked last. */
static inline struct sid
user_counted(const struct user *u)
{
	const struct home *h = user_home_reg(u);

	return h != NULL ? h->counted : u->dot.o.sid;
}

/* Return the name of the server that the user came in at. */
static inline const struct name *
user_server_name(const struct facts *f, const struct user *u)
{
	return f->numbered[u->server];
}

/* Return the stamp of the +USER. */
static inline struct stamp
user_stamp(const struct user *u)
{
	return (struct stamp){ (int64_t)u->stamp_ms };
}

/* Return the nick that the user claims, as spelled, and what the claim was made
 * with. The user must claim a nick. The text is borrowed until the claim goes.
 */
static inline struct span
user_claim_nick(const struct user *u)
{
	return u->more != NULL && u->more->spelled != NULL
		   ? rcbuf_span(u->more->spelled)
		   : span_make(u->claimed->text, u->claimed->n);
}

struct nick_claim user_claim(const struct user *);

/* Return what clients see as the nick, borrowed until that changes. If clients
 * have never seen the user, its p is NULL. */
struct span user_nick(const struct user *);

/* Return the nick of SHOWN_CLAIM and SHOWN_FORMER, else NULL. */
static inline struct nick *
user_shown_nick(const struct user *u)
{
	return u->shown_as == SHOWN_CLAIM    ? u->claimed
	       : u->shown_as == SHOWN_FORMER ? u->more->former
					     : NULL;
}

/* Return the away message that clients see, or NULL if the user is here. */
static inline struct rcbuf *
user_away(const struct user *u)
{
	return u->more == NULL ? NULL : u->more->away;
}

/* Return the real name that clients see: that of the +USER, unless the user has
 * changed it. */
static inline struct span
user_realname(const struct user *u)
{
	return u->more == NULL || u->more->realname == NULL
		   ? ident_realname(u->ident)
		   : rcbuf_span(u->more->realname);
}

/* Return the host and the user name that clients see: those of the +USER,
 * unless they have been changed (doc/decisions/0052). */
static inline struct span
user_host(const struct user *u)
{
	struct span s;

	if (u->more == NULL || u->more->user_host == NULL)
		return ident_host(u->ident);
	s = rcbuf_span(u->more->user_host);
	return span_tail(s, span_find(s, '@') + 1);
}

static inline struct span
user_username(const struct user *u)
{
	struct span s;

	if (u->more == NULL || u->more->user_host == NULL)
		return ident_username(u->ident);
	s = rcbuf_span(u->more->user_host);
	return span_head(s, span_find(s, '@'));
}

/* Return true if the host is the address: whoever sees the user sees it. */
static inline bool
user_shows_ip(const struct user *u)
{
	return ident_is_ip(u->ident, user_host(u));
}

/* Return the place in core->losers.user, plus 1; or 0 if the user is not there.
 */
static inline uint32_t
user_lost_at(const struct user *u)
{
	return u->more == NULL ? 0 : u->more->lost_at;
}

/* Return the first invitation of the user, or NULL; invite_next() has the
 * others. */
struct invite *user_first_invite(const struct user *);

/* Return the first membership of the user that has gone in this step, or NULL;
 * the user_next of each has the others. */
static inline struct member *
user_left(const struct user *u)
{
	return u->more == NULL ? NULL : u->more->left;
}

/* Return a walk over the registers of a user, or of a founding, for
 * regs_next(). */
struct reg_walk user_regs(const struct user *);
struct reg_walk founding_regs(const struct founding *);

/* Do the same, but pass over registers that this server does not show, if
 * there are very many. */
struct reg_walk user_meant_regs(const struct facts *, const struct user *);
struct reg_walk founding_meant_regs(const struct facts *,
    const struct founding *);

/* Return the value of the register with that name, borrowed until the next
 * write; NULL if it is off or was never written. */
struct rcbuf *user_value(const struct facts *, const struct user *,
    struct span field);
/* Return the same as text; empty if there is none. */
struct span user_value_text(const struct facts *, const struct user *,
    struct span field);

/* Void: below READY, or at or below FORGET (link-protocol.md, 11). */
bool facts_is_void(const struct facts *, struct origin);
/* Return true if an element that belongs to the user is void: its origin is,
 * and the user has no home that moves (link-protocol.md, 11.6). */
bool facts_is_void_of(const struct facts *, const struct user *, struct origin);

/* Return the run that parts of that server say with the uid of the user: that
 * of the +USER, or 0 if the server has made it (link-protocol.md, 11.51). */
uint32_t user_run_said(const struct user *, struct sid by);

/* Return the status of a SAY of that server to the user (11.52). */
struct span user_say_status(const struct user *, struct sid by);

/* Return true if an entry of that origin, with that stamp, means another user
 * by the uid, to whom another run had given it (link-protocol.md, 11.34). The
 * last parameter is the run that the entry names (11.51), or 0. */
bool facts_means_another(const struct facts *, const struct user *,
    struct origin, struct stamp, uint32_t inc);
/* Return the user that the entry means by the uid. Return NULL if the user is
 * not among the facts. */
struct user *facts_find_meant(const struct facts *, struct uid, struct origin,
    struct stamp, uint32_t inc);

/* Return true if the membership is to be shown: that of a visible user, and
 * not postponed. */
static inline bool
member_is_visible(const struct member *m)
{
	return m->user->visible && !m->postponed;
}

/* Return the command that made a membership; all 0 if its user has no home
 * that moves. */
struct made member_made(const struct member *);

/* Return the incarnation that a membership stands in, which is that of its
 * MOVE if it has one; and the incarnation that the user joined. */
struct cinc member_cinc(const struct member *);
struct cinc member_joined(const struct member *);

/* Return the stamp of the +JOIN. */
struct stamp member_stamp(const struct member *);

/* Return true if the channel is shown: it has shown members, or it is
 * permanent. */
static inline bool
chan_is_shown(const struct chan *c)
{
	return c->nshown > 0 || (c->modes & CMB(PERMANENT)) != 0;
}

/* Return the statuses that are shown of a membership, as STB(). */
static inline uint32_t
member_status(const struct member *m)
{
	return m->more == NULL ? 0 : m->more->status;
}

/* Return the statuses that the facts say a membership has in that incarnation,
 * as STB(). In NULL it has none. */
uint32_t member_status_in(const struct member *, const struct founding *);

/* Return the statuses by which a member acts, as STB(). The facts decide while
 * the statuses of the channel are postponed, and clients have not been told
 * yet. */
static inline uint32_t
member_rights(const struct member *m)
{
	return m->chan->statuses_postponed
		   ? member_status_in(m, m->chan->current)
		   : member_status(m);
}

/* Return the index of the member in chan->local, plus 1; or 0 if the member is
 * not there. */
static inline uint32_t
member_local_at(const struct member *m)
{
	return m->more == NULL ? 0 : m->more->local_at;
}

/* Return the MOVE of a membership, or NULL. */
const struct move *member_move(const struct member *);

/* Return the status registers of a membership, and set *n to how many there
 * are. */
const struct status_reg *member_stats(const struct member *, uint32_t *n);

/* Return the shown value of a MODE_VALUE row, or NULL; borrowed. */
struct rcbuf *chan_value(const struct chan *, enum chan_mode);

#endif
