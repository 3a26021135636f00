/*
 * core.h - the network's state and its commands, as a function.
 *
 * A core holds the facts of the whole network (replicated), the shown state
 * derived from them (what clients of this server have been told), and the
 * sessions attached here. It learns by the calls below; what it wants to
 * happen it appends to `struct effects` (sockets, logs) or to its outbox
 * (entries, routed questions), which the caller takes after every call.
 *
 * ONE WRITER. Commands (core/cmd/) see facts as const; they check, answer and
 * at most build one entry. core_apply and core_install alone change facts
 * (core/part/), and the lines that clients see are the difference of the
 * shown state before and after (core/show/show.c).
 *
 * A step is one call. Nothing is freed inside a step: what has gone is reaped
 * at its end. node/ drives a core, and nothing else does.
 */
#ifndef CORE_CORE_H
#define CORE_CORE_H

#include "core/types/effect.h"
#include "core/types/entry.h"
#include "core/types/event.h"
#include "core/types/ids.h"
#include "core/types/privilege.h"
#include "core/types/settings.h"
#include "core/types/vector.h"

struct ban;
struct core;
struct sink;
struct user;

/* Make a core that knows nothing: give it EV_SEED first, then EV_CONF. The
 * caller frees it. */
struct core *core_new(void);

/* Free a core; NULL is allowed. Invariant: no object of a pool is left. */
void core_free(struct core *);

/*
 * Take one event of a client, or EV_SEED, EV_CONF, EV_TICK, EV_DRAINED or
 * EV_ANSWERED. Never call it with an event of a link.
 */
void core_step(struct core *, const struct event *, struct effects *);

/* Give each change of the shown state to this sink, too (core/types/change.h).
 * Call it before a user is shown. The caller keeps the sink as long as the
 * core. */
void core_add_sink(struct core *, struct sink *);

/* ---- the outbox -------------------------------------------------------- */

enum out_kind { OUT_ENTRY, OUT_QUERY, OUT_ANSWER, OUT_DONE };

struct out {
	enum out_kind kind;
	struct entry *entry; /* OUT_ENTRY: the caller owns the reference */
	uint64_t id;	     /* OUT_QUERY, _ANSWER, _DONE */
	struct uid from;     /* OUT_QUERY */
	struct sid dst;
	struct span line; /* QUERY: command; ANSWER: a line */
	void *owned;	  /* free() after use; holds line */
};

/* Take the oldest out; return false if there is none. Entries are numbered and
 * stamped and come in order: the caller appends each to the log, and calls
 * core_apply for it when its turn comes. */
bool core_out(struct core *, struct out *);
/* Return true if core_out() would return true. */
bool core_has_out(const struct core *);

/* ---- what the log brings ----------------------------------------------- */

/*
 * Apply one entry, own or foreign, in log order. facts_known: a snapshot has
 * brought its facts already (link-protocol.md, 6); only its messages are new.
 * Return false if the turn has no room for the whole entry: the caller keeps
 * the entry, and calls this again with the same entry, in a later turn, when
 * core_is_held() is false.
 */
bool core_apply(struct core *, const struct event *ev, const struct entry *,
    bool facts_known, struct effects *);
/* Return true while an entry is applied in part. */
bool core_is_applying(const struct core *);
/* Do the same as core_apply(), but in one step, for tests. */
void core_apply_whole(struct core *, const struct event *ev,
    const struct entry *, bool facts_known, struct effects *);

/* Spend units of the turn for what was done beside the core
 * (core/types/cost.h). */
void core_spend(struct core *, size_t units);
/* Return true if the turn has units left. */
bool core_has_units(const struct core *);

/* Return true if the turn has units left for an entry. At a tick a quarter of
 * them stays for the lines that are read in this turn (doc/decisions/0015). */
bool core_may_apply(const struct core *, const struct event *ev);

/*
 * core_has_room returns false if the entry would exceed FACTS_FOREIGN_MAX, the
 * bound on facts that are never removed; or the share of its maker, if it
 * comes from its maker. core_is_full returns true once the bound is reached.
 * Then such an entry, or any snapshot, must be refused (link-protocol.md,
 * 13.2).
 */
bool core_has_room(const struct core *, const struct entry *, bool from_maker);
bool core_is_full(const struct core *);

/* Count an entry that another server has forged in the name of this one as the
 * last entry that this server made (link-protocol.md, 6.20). It is applied
 * like any other. Invariant: it has the next number, and its stamp is later
 * than core_made_last(), the stamp of the entry before. */
void core_adopt(struct core *, const struct entry *);
struct stamp core_made_last(const struct core *);

/*
 * Make entries that say again what two entries of one number touch: the one
 * that this run made, and another one (link-protocol.md, 6.23). Both stay the
 * caller's. Invariants: all own entries are processed, and the clock has seen
 * both stamps.
 */
void core_restate(struct core *, const struct event *ev,
    const struct entry *own, const struct entry *other, struct effects *);

/* Make an entry that changes nothing, to use up a number. */
void core_fill(struct core *, const struct event *ev, struct effects *);

/* Advance the clock past the stamp of an entry that was accepted, even if it
 * is not applied yet (link-protocol.md, 1). */
void core_observe(struct core *, struct stamp);
/* Return the greatest stamp made or observed. */
struct stamp core_clock(const struct core *);
/* Return true if a user of this run claims a nick since a stamp in (from, to],
 * or a channel was founded by this server at such a stamp. */
bool core_has_early(const struct core *, struct stamp from, struct stamp to);

/* One line of a snapshot. */
struct snap_item {
	struct part part;
	struct dot dot;
	struct stamp stamp;
	uint32_t tenure;  /* of +SET and +NICK */
	struct made made; /* of +JOIN, if the user's home moves */
	bool has_made;
	struct meant meant; /* the runs of the users that it names */
};

/* Write the line of a fact in a snapshot, "@dot=…;stamp=… +VERB …", without
 * its end. */
void snap_item_build(struct writer *, const struct snap_item *);

/* Call fn for each fact, owners first; the item lives for the call. */
void core_walk(const struct core *,
    void (*fn)(void *ctx, const struct snap_item *), void *ctx);

/*
 * The same in slices, in this turn and those to come; one walk at a time. ctx
 * lives until core_walk_is_done(), or until core_walk_end() ends the walk
 * before.
 */
void core_walk_begin(struct core *,
    void (*fn)(void *ctx, const struct snap_item *), void *ctx);
bool core_walk_is_done(const struct core *);
void core_walk_end(struct core *);

/* Return true while no entry may change the facts: call no core_apply(). A
 * walk in slices is under way, or a snapshot is taken in, or what is void is
 * dropped. */
bool core_is_held(const struct core *);
/* Return true while the facts are those of no vector: a snapshot is taken in,
 * or what a READY or FORGET has made void is dropped, or an entry is applied,
 * in slices. */
bool core_is_partial(const struct core *);
/* Return true while what a READY or FORGET has made void is dropped. */
bool core_is_voiding(const struct core *);

struct snap_facts; /* core/snap_facts.h */

/*
 * Take in a snapshot in slices, in the turns to come (link-protocol.md, 8.7):
 * drop the elements that v covers and the facts lack, add the elements that
 * cov, which is max(done, merged) now, does not cover, merge the registers,
 * and drop what is void or has no owner. The facts are in the order that
 * core_walk gave, and move to the core. core_is_held() is true until all is
 * in. FORGETs are merged at once, and nothing else before core_install_go().
 */
void core_install(struct core *, const struct event *ev, struct snap_facts *,
    const struct vector *v, const struct vector *cov, struct effects *);
void core_install_go(struct core *, const struct event *ev, struct effects *);

enum install_loss {
	INSTALL_LOSES_NOTHING,
	INSTALL_LOSES,
	INSTALL_MAY_LOSE, /* not all users were looked at */
};

/*
 * Return whether the snapshot lacks what no entry beyond cov has removed
 * (link-protocol.md, 8.19): a user of a run of which v has no more than cov,
 * or a READY. ready has the runs of its READYs. Look at some users, from *at
 * on, which is 0 at first. The facts must not change between these calls.
 */
enum install_loss core_install_loses(struct core *, const struct snap_facts *,
    const struct vector *v, const struct vector *cov,
    const struct vector *ready, size_t *at);
/* Return true until all snapshots are in; and how many bytes they take. */
bool core_is_installing(const struct core *);
size_t core_install_bytes(const struct core *);
/* Take in at once what is left of all snapshots, and drop at once what is
 * void. For tests. */
void core_install_finish(struct core *, const struct event *ev,
    struct effects *);
/* Do the same as core_install() in one step, for tests. */
void core_install_whole(struct core *, const struct event *ev,
    struct snap_facts *, const struct vector *v, const struct vector *cov,
    struct effects *);

/* ---- what the map brings ----------------------------------------------- */

struct server_view {
	struct sid sid;
	uint32_t visible; /* incarnation shown; 0: none */
	bool reachable;
	struct sid uplink; /* next server towards us */
	unsigned hops;	   /* 0: this server */
	struct sid next;   /* the neighbour through which it is reached */
	/* how many other servers are reachable through it alone */
	unsigned behind;
	/* what is visible cannot be reached, and is hidden at that time */
	bool limbo;
	struct mono until; /* awake */
};

struct overlay_view {
	const struct server_view *v; /* every sid of the map */
	size_t n;
	/* every sid of the map is reachable and visible, and every origin is
	 * void or visible */
	bool whole;
};

/* Apply one change of reachability; clients see one batch netsplit of those
 * who go, and one batch netjoin of those who come. */
void core_overlay(struct core *, const struct event *ev,
    const struct overlay_view *, struct effects *);

/* Tell clients that this server is kept off the network, because another one
 * runs under its sid; or that it is on the network again. */
void core_outside(struct core *, const struct event *ev, bool outside,
    struct effects *);

/* Return the incarnation of the READY of sid, as merged so far, or 0. Runs
 * with a lower incarnation are void. */
uint32_t core_ready_inc(const struct core *, struct sid);
bool core_is_void(const struct core *, struct origin);

/* The FORGET of sid, as merged so far: nothing comes of runs up to inc. */
struct forgotten {
	struct sid sid;
	uint32_t inc; /* 0: none */
	struct dot dot;
	struct span had; /* a vector: the entries that these runs had */
	bool has_had;	 /* the FORGET says it */
};
struct forgotten core_forgotten(const struct core *, struct sid);
/* Get one FORGET after the other, *i from 0; return false after the last. */
bool core_forgotten_next(const struct core *, size_t *i, struct forgotten *);
uint64_t
core_forget_count(const struct core *); /* counts the changes of any FORGET */
/* Make a FORGET; the caller has checked that it may
 * (link/forgetting/forget.c). */
void core_make_forget(struct core *, const struct event *ev, struct sid,
    uint32_t inc, struct span had, struct effects *);

/* Return true if a ban refuses clients with that address; it counts as hit. */
bool core_refuses(const struct core *, const struct addr *, struct wall now);

/* A jupe that names a server (doc/decisions/0048). */
struct core_jupe {
	const struct ban *ban; /* opaque */
	struct span reason;    /* another server wrote it */
	bool cuts; /* also if other servers have no way but that server */
};
/* Return true if a jupe in force names the server by its name or its sid, and
 * set *jupe, which is borrowed until the facts change. */
bool core_is_juped(const struct core *, struct span name, struct sid,
    struct wall now, struct core_jupe *jupe);
/* Count a link that was refused. */
void core_jupe_count(const struct core_jupe *);

/* Set a ban, or remove bans, for the operator at the control socket. kind is
 * the name of a kind, or `resv`; the text is that of core/ban_order.h. Return
 * NULL, or why it was not done. */
const char *core_ban(struct core *, const struct event *ev, struct span kind,
    struct span text, struct effects *);
const char *core_unban(struct core *, const struct event *ev, struct span kind,
    struct span text, struct effects *);

/* Tell operators of the events that effects from number `from` on write to the
 * log. */
void core_tell_events(struct core *, const struct event *ev, size_t from,
    struct effects *);

/* Kill the user with that nick, here or elsewhere, as this server, for the
 * operator at the control socket. Return false if no shown user has the nick.
 */
bool core_kill(struct core *, const struct event *ev, struct span nick,
    struct span reason, struct effects *);

/* The answer to an order; the caller sets both writers up. */
struct order_answer {
	struct writer numerics; /* each with CR LF behind it */
	struct writer told;	/* what was done, each with a line feed */
};
/* Run a line of IRC as this server, for the operator at the control socket.
 * Invariant: cmd_order() of core/cmd/cmd.h can run that command. */
void core_order(struct core *, const struct event *ev, struct span line,
    struct order_answer *, struct effects *);

/* A question of the operator at the control socket (link-protocol.md, part 10).
 */
struct control_question {
	uint64_t token;
	struct span server; /* its name or a mask; or *: this server, or
			     * that of the user who is asked about */
	struct span line;   /* the command, such as "STATS u" */
	bool json;
};
/*
 * Ask it. Each line of the answer is an EFF_CONTROL: `answer TEXT`, or an
 * object with `numeric` and `text`; the last one is empty, or begins with
 * `error `. Return NULL, or why it is not asked: then there is no EFF_CONTROL.
 */
const char *core_ask(struct core *, const struct event *ev,
    const struct control_question *, struct effects *);

/* Return true if the asker of a question may do that: a user with the
 * privilege, or the operator at the control socket of the server asker. */
bool core_asker_may(const struct core *, struct sid asker, struct uid from,
    enum privilege);
/* Return the name of a server, borrowed until the end of the step, or "*" if it
 * is not known. */
struct span core_server_name(const struct core *, struct sid);

/* An act of an operator on links, for the log (core/sessions/audit.h). */
struct core_act {
	struct uid by; /* none: the operator at the control socket */
	struct span what, why;
	const char *result;
};
void core_audit(struct core *, const struct event *ev, const struct core_act *,
    struct effects *);

/* Make a HOME. The caller has checked that it may. Only tests call this yet
 * (doc/decisions/0023). */
void core_make_home(struct core *, const struct event *ev,
    const struct part_home *, struct effects *);

/* Make READY and open for clients: this server has caught up, or is alone.
 * Call it once. The entry comes out of the outbox. */
void core_make_ready(struct core *, const struct event *ev, struct effects *);
bool core_is_ready(const struct core *);
/* Tell the core which entries the network had when this server made READY. A
 * thing that they made and that is missing was removed: it is not made again
 * from the store (doc/decisions/0044). */
void core_know(struct core *, const struct event *ev, const struct vector *,
    struct effects *);
/* Return the origin of this server; it has no sid before the first EV_CONF. */
struct origin core_self(const struct core *);
/* Return true while rows of earlier settings are still read, which must live
 * so long: a reload has removed them, and not all clients have been told. */
bool core_reads_old_rows(const struct core *);
/* Return the settings, borrowed until the next EV_CONF; NULL before the first.
 * */
const struct settings *core_settings(const struct core *);

/* ---- questions between servers ----------------------------------------- */

/*
 * core_query: the server asker numbered it id, for its user from; command: the
 * words after the verb. Its answer goes to the outbox, OUT_DONE last.
 * core_answer, core_done: of an OUT_QUERY of ours, by its id; one that is not
 * under way any more is passed over.
 */
void core_query(struct core *, const struct event *ev, uint64_t id,
    struct uid from, struct sid asker, struct span command, struct effects *);
void core_answer(struct core *, const struct event *ev, uint64_t id,
    struct span line, struct effects *);
void core_done(struct core *, const struct event *ev, uint64_t id,
    struct effects *);

/* ---- for tests, the simulator and `banyanctl status` ------------------- */

/* Return the facts as text in the arena, one sorted line each: two texts are
 * equal if and only if the facts are. */
struct span core_canon(const struct core *, struct arena *);
/* Return the shown state likewise: channels, members, modes, nicks. */
struct span core_canon_shown(const struct core *, struct arena *);
/* The number of facts and a sum over them: equal if the facts are, on any
 * server and in any run, and else different, except by chance. It walks over
 * all facts.
 */
struct core_digest {
	uint64_t facts;
	uint64_t sum;
};
void core_digest(const struct core *, struct core_digest *);
/* Return NULL, or the numbered rule of core/check.c that does not hold, in the
 * arena. */
const char *core_check(const struct core *, struct arena *);

struct core_counts {
	size_t users, users_local, channels, sessions, conns, opers, max_local,
	    max_global, invisible, unregistered, servers;
	uint64_t lines;	   /* of clients, since the start */
	uint64_t messages; /* for users here, likewise */
	uint64_t opened;   /* connections of clients, likewise */
};
void core_counts(const struct core *, struct core_counts *);

/* Return how many users have this server as their home, with the connections
 * that have not registered. */
size_t core_load_users(const struct core *);
/* Let no clients come any more, or let them come again. */
void core_set_draining(struct core *, const struct event *ev, bool on,
    struct effects *);
bool core_is_draining(const struct core *);
/* Return how many users that are shown have that server as their home. */
size_t core_users_of(const struct core *, struct sid);
/* Return the account of a user, borrowed; empty if there is none. */
struct span core_account(const struct core *, const struct user *);

/* Return true if the core has the connection, and how many of its connections
 * are streams of trunks (trunk/check.c). */
bool core_has_conn(const struct core *, struct conn_id);
size_t core_streams(const struct core *);

/* Return the i-th pool of objects, borrowed; NULL if there is no more. */
const struct pool *core_pool(const struct core *, size_t i);

#endif
