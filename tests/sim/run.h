/*
 * run.h - the data of one run of a network, and what the files that run it
 * share. No file of the oracles includes it.
 */
#ifndef SIM_RUN_H
#define SIM_RUN_H

#include "core/types/ids.h"
#include "lib/net.h"
#include "plan.h"
#include "ref.h"
#include "world.h"

#define PEOPLE 256
#define MESSAGES 1024
#define CROWD_HERE 20 /* people of one server */
#define GATE_HERE 7   /* the same, if some come through gates */
#define FULL_HERE 14  /* the same, if many do */
#define LABELS 512    /* for one person */
#define MANY 64	      /* nicks and channels of a crowd */
#define SECOND INT64_C(1000000000)
#define SLOW_SENDQ 4000
#define SLOW_SENDQ_TEXT "4000"
#define GATES SETUP_GATES
#define TRUNKS 2 /* of a gate to one server */

/* The kind of a text of a message. */
enum speech_kind { SPEECH_PLAIN, SPEECH_COLOUR, SPEECH_CTCP, SPEECH_ACTION };

/* The fate of a message to a channel, as far as its sender can know it. */
enum speech_fate {
	SPEECH_OPEN, /* the sender cannot know */
	SPEECH_ALL,
	SPEECH_OPS, /* only operators of the channel hear it (+U) */
	SPEECH_REFUSED
};

#define WINDOWS 8

struct window { /* of +E, for one text on one channel (speech.c) */
	char chan[REF_NAME];
	int64_t since; /* ns */
	unsigned lines;
	unsigned texts; /* that the person had said when it began */
	bool unsure;	/* it may have ended */
};

#define FILTER_MODES 4
#define FILTER_MASKS 7

struct filter_item {	/* a user mode, or a mask of SILENCE */
	bool asked;	/* for it, and not confirmed that it is off */
	bool on;	/* as the server has confirmed */
	int64_t off_at; /* ns */
};

struct filter { /* filter.c */
	struct filter_item mode[FILTER_MODES], mask[FILTER_MASKS];
	/* others whom the person may have accepted, also by writing to them;
	 * and since when surely, in ns; 0: not surely */
	bool maybe_accepted[PEOPLE];
	int64_t accepted_at[PEOPLE];
	struct person *accepting; /* by the last ACCEPT */
	unsigned errors;	  /* before it */
};

/* The cause that keeps a message away from its receiver. */
enum filter_by {
	FILTER_NONE,
	FILTER_DEAF,
	FILTER_ACCOUNT,
	FILTER_TLS,
	FILTER_CALLERID,
	FILTER_SILENCE
};

struct tried { /* a JOIN or NICK, whose end is known (tried.c) */
	enum tried_fate { TRIED_OPEN, TRIED_DONE, TRIED_REFUSED } fate;
	char name[REF_NAME];
	enum tried_fate by_modes; /* of a NICK, what modes say */
	unsigned refused;	  /* times, before it */
	unsigned held;		  /* times, before it: the nick was held */
	unsigned sent_on;	  /* likewise, to another channel */
	/* a channel that refuses the user sends them to this one, or nowhere */
	bool is_led;
	char instead[REF_NAME];
};

struct delay { /* the nicks that users of a server have left (delay.c) */
	struct delay_user *user;
	struct delay_left *left;
	size_t nuser, capuser, nleft, capleft;
	int64_t doubt; /* ns: until then nothing is known */
};

struct person {
	struct world *world;
	unsigned id; /* the username is u17 */
	struct addr addr;
	unsigned node;
	unsigned life; /* of its node when it connected */
	int64_t since; /* ns, when it connected */
	struct net_client *c;
	struct ref ref;
	bool open, dirty, labels, tls;
	bool gates;	 /* comes through a gate, if one is there */
	bool batches;	 /* it sends and reads messages of several lines */
	bool cert;	 /* it shows a certificate, by which it comes back */
	bool back;	 /* it asks for the nick of its held user */
	struct uid held; /* that user */
	int64_t held_at; /* when that was, in ns */
	int64_t back_at; /* when it came back last; 0: never */
	char caps[256];	 /* the line that asks for them */
	uint64_t heard;	 /* the message heard last, plus 1, and its line */
	unsigned line;
	bool late; /* it has heard lines of several steps at once */
	struct filter filter;
	unsigned texts; /* lines said to channels */
	struct window window[WINDOWS];
	/* what +E must do with the line that was said last */
	enum { AGAIN_UNKNOWN, AGAIN_HEARD, AGAIN_REFUSED } again;
	unsigned refused_before;
	char again_on[REF_NAME];
	struct tried join, nick;
	unsigned errors_before; /* numerics, before it was registered */
	char door[REF_NAME];	/* of the channel to join next */
	unsigned nlabels;
	uint8_t answered[LABELS];
	uint64_t last_from[PEOPLE]; /* the last message heard, plus 1 */
};

struct jump { /* a row of the log: entries whose messages are lost */
	unsigned node, life;
	struct origin o;
	uint64_t from, to;
};

struct message {
	unsigned sender;
	struct origin o; /* of its entry, whose number is in (after, upto] */
	uint64_t after, upto;
	int64_t at;
	char chan[REF_NAME]; /* empty: to a person */
	struct uid to;	     /* as the server of the sender had it then */
	bool refused;
	/* errors the sender had got before, and those by a mode of a channel */
	unsigned errors, cannot_say;
	unsigned lines; /* of its batch; 0: it is one line */
	bool blank;	/* its second line is */
	bool notice;
	bool stripped; /* of its formatting, by +S */
	bool ops;      /* only operators of the channel are to hear it */
	enum speech_kind kind;
	enum speech_fate fate;
	bool expect[PEOPLE];
	bool waits[PEOPLE]; /* their server could not be reached */
	uint8_t heard[PEOPLE];
};

/* A trunk that a gate keeps up, or dials again. */
struct gate_slot {
	bool used;
	struct net_trunk *t; /* NULL: none now */
	int64_t again;	     /* ns: it is not dialled before */
};

struct world {
	const struct world_options *opt;
	const struct plan *plan;
	struct rng rng; /* for the current act */
	struct net *net;
	struct oracle *oracle;
	unsigned n;
	/* what servers may have next to the built-in rows, and all of it */
	const struct rows *const *rows;
	size_t nrows;
	const struct tables *tables;
	bool edge[NET_NODES][NET_NODES];
	int64_t skew[NET_NODES];
	bool renews[NET_NODES]; /* asked for a new run */
	int64_t until;
	bool crashed[NET_NODES]; /* ever */
	unsigned cuts[NET_NODES][NET_NODES];
	bool parted; /* a link was refused as forgotten */
	bool older;  /* the run of a copy keeps servers apart */
	bool clocks; /* they differ, or a line may be read late */
	bool ending;
	bool probing;		  /* the network is whole and at rest */
	size_t nchans[NET_NODES]; /* channels among facts */
	unsigned autojoins[NET_NODES];
	struct delay delay[NET_NODES];
	unsigned nbrokers;
	uint32_t members[2]; /* bits: servers at each broker */
	unsigned ngates;
	bool full_gates; /* many people come by one trunk */
	struct gate_slot gate[GATES][NET_NODES][TRUNKS];
	struct person person[PEOPLE];
	unsigned npeople;
	struct message msg[MESSAGES];
	size_t nmsgs;
	struct jump *jump;
	size_t njumps, capjumps;
	size_t acts;
	uint64_t done[NET_NODES]; /* sum of all entries processed */
	uint64_t overlay[NET_NODES];
	/* since the link that is being closed was heard */
	int64_t ran_ms[NET_NODES];
	/* no entry waited after the step before, and no part of a snapshot */
	bool drained[NET_NODES];
	uint32_t tenures;	   /* given so far */
	const struct person *left; /* who quits in the end, or NULL */
	enum whowas_told {
		WAS_NOT_ASKED,
		WAS_ASKED,
		WAS_RIGHT,
		WAS_WRONG
	} told[PEOPLE]; /* of that person */
	struct world_result *result;
};

/* ---- world.c ---- */

/* Draw a number below n for the current act. */
unsigned world_below(struct world *, unsigned n);
/* Draw, and return true that often of 100 times. */
bool world_chance(struct world *, unsigned percent);
/* Write a line of the trace, if there is one. */
void world_note(struct world *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- draw.c ---- */

void draw_network(struct world *);

/* ---- hooks.c ---- */

void hooks_set(struct world *);

/* ---- names.c ---- */

void names_init(void);
const char *names_nick(struct world *);
const char *names_chan(struct world *);

/* ---- person.c ---- */

/* Say a line, with a label if the person uses labels. */
void person_say(struct person *, const char *line);
void person_sayf(struct person *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
bool person_is_open(const struct person *);
/*
 * Return true if a person may act. People of a frozen server are left alone:
 * everything they say would be heard in one moment, and a client that joins and
 * is told the members later would hear strangers leave. People who read nothing
 * do not know to whom they would speak.
 */
bool person_can_act(const struct world *, const struct person *);
/* Return one of those who can act, or NULL. */
struct person *person_some(struct world *);
void person_connect(struct world *);
/* Let a restart end the connection of the person, whose user is held. Mostly
 * the person comes back. */
void person_hold(struct world *, struct person *);
/* The connection has ended, and the user is held. Mostly the person comes
 * back. */
void person_is_held(struct world *, struct person *);
/* Check as whom a person has come back, and with what. */
void person_is_back(struct person *, const struct core *);
/* Wait until nobody is held any more. */
void person_wait_for_holds(struct world *);
/* Return true if lines for the person wait, since they or their gate read
 * nothing. */
bool person_is_behind(const struct person *);
size_t person_sendq(const struct world *, const struct person *);
/* Let the person read again, first the lines that were kept. */
void person_read_on(void *world, int64_t id);
/*
 * Return true if an answer comes in pieces, or in the slices of an entry: the
 * client knows only half of it then.
 */
bool person_waits(const struct person *, const struct core *);

/* Return true if the server handles the next line at once: no other waits. */
bool person_acts_at_once(const struct person *);
/* Return true if the line that the person sent last waits until masks are
 * compared (core/cmd/judge.h). */
bool person_waits_for_masks(const struct world *, const struct person *);

/* ---- lists.c ---- */

enum lists_hit { HIT_NO, HIT_YES, HIT_UNKNOWN };

/* Return whether a ban of the channel keeps the user from speaking, or out. */
enum lists_hit lists_ban(const struct person *, const struct ref_chan *,
    bool speaks);
/* Return whether the user needs no invitation. */
enum lists_hit lists_invex(const struct person *, const struct ref_chan *);

/* ---- speech.c ---- */

/* Return what becomes of a message to a channel that is said now. */
enum speech_fate speech_fate(const struct person *, const struct ref_chan *,
    bool notice, enum speech_kind);
/* Return true if a member with these statuses is an operator. */
bool speech_is_op(const struct person *, uint32_t status);
/* Return true if the person is an operator of the channel, as they know. */
bool speech_hears_ops(const struct person *, struct span chan);
/* Let the person say the same text some times, and check what +E does with
 * it. */
void speech_again(struct world *, struct person *, const struct ref_chan *);

/* ---- filter.c ---- */

/* Let the person change what keeps messages away. */
void filter_act(struct world *, struct person *);
/* The person writes to the other one, and may so accept them. */
void filter_wrote(struct person *, const struct person *other);
/* The person invites the user who has the nick, and may so accept them. */
void filter_invites(struct world *, struct person *, const char *nick);
/* Take note of what the line that was heard last has confirmed. */
void filter_heard(struct person *);
/* Fail if the person must not hear a message of that user, whom the source
 * names; or a message to a channel. from may be NULL. */
void filter_check_private(struct person *, const struct person *from,
    struct span source);
void filter_check_chan(const struct person *, const struct person *from);
/* Return what may have kept the message away from the person. */
enum filter_by filter_excuse(const struct person *, const struct person *from,
    const struct message *);

/* ---- tried.c ---- */

/* Let the person join the channel, or change the nick, and check whether it
 * must be refused. */
void tried_join(struct world *, struct person *, const char *chan);
void tried_nick(struct world *, struct person *, const char *nick);

/* ---- hidden.c ---- */

/* Return what the hidden members of a channel say to a JOIN without a key. */
enum tried_fate hidden_fate(const struct world *, const struct person *,
    const char *chan);

/* ---- door.c ---- */

/* Return what becomes of a JOIN without a key that is said now. */
enum tried_fate door_fate(const struct world *, const struct person *,
    const char *chan);
/*
 * Return true, and the channel to which a channel that refuses the user sends
 * them, or an empty text if they are sent nowhere. Return false if it is not
 * known.
 */
bool door_instead(const struct world *, const struct person *, const char *chan,
    char to[REF_NAME]);

/* Return true if +j of the channel keeps users out now. */
bool door_is_throttled(const struct world *, const struct person *,
    const char *chan);

/* Return true if the channel has had a mode for longer than this moment that
 * lets in nobody like this client, who gives no key. */
bool door_is_shut(const struct world *, const struct person *,
    const char *chan);

/* ---- autojoin.c ---- */

/* Draw the channels that users of that server join, and return them as the
 * value of the option; empty: none. */
const char *autojoin_draw(struct world *, unsigned server);
/* The person is registered now: check which channels the person joins. */
void autojoin_registered(struct world *, struct person *);

/* ---- delay.c ---- */

/* Let a server hold nicks that were left. */
void delay_draw(struct setup *);
/* A server has started, and remembers nothing. */
void delay_started(struct world *, unsigned node);
/* Note who is shown after a step, in which one entry was processed or more. */
void delay_step(struct world *, unsigned node, bool one_entry);
/* Return what becomes of a NICK that the person says now. */
enum tried_fate delay_fate(struct world *, const struct person *,
    const char *nick);
/* Check that the nick was free with which the person has registered now. */
void delay_registered(struct world *, const struct person *);
void delay_fini(struct world *);

/* ---- throttle.c ---- */

/* The person hears that a user has joined. */
void throttle_came(const struct person *, struct ref_chan *, const char *user);
/* Return what +j says to a JOIN, as that client on the channel knows it. */
enum tried_fate throttle_fate(const struct person *, const struct ref_chan *);

/* ---- message.c ---- */

/* Return the person whom nick!user@host names, or NULL. */
struct person *message_by(struct world *, struct span source);
/* A PRIVMSG or NOTICE was heard: see ref.h. */
void message_heard(void *person, struct span source, struct span target,
    struct span text);
void message_to_chan(struct world *, struct person *, const struct ref_chan *);
void message_to_nick(struct world *, struct person *, const char *nick);
/* Keep a row of the log about entries that a node jumped over. */
void message_jumped(struct world *, unsigned node, struct span text);
/* Let everybody say something: in a whole network everybody hears it. */
void message_probe(struct world *);
/* Check at the end who has heard which message. */
void message_check(struct world *);

/* ---- acts.c, acts_oper.c, acts_net.c ---- */

void acts_of_person(struct world *, enum act);
/* Let an operator give somebody another host, or the first one. */
void acts_host(struct world *, struct person *);
/* Let an operator make a channel permanent, or end that. */
void acts_permanent(struct world *, struct person *);
/* Let an operator move somebody by force, or change a channel. */
void acts_force(struct world *, struct person *);
/*
 * Let an operator of server x forget another server, most often one that is
 * down.
 */
void acts_forget(struct world *, unsigned x);
/* Let an operator of server x set or remove a ban, which hits some users. */
void acts_ban(struct world *, unsigned x, bool set);
void acts_of_network(struct world *, enum act);

/* ---- gates.c ---- */

/* Draw how many gates there are, and let server a know them. */
void gates_draw(struct world *);
void gates_set(const struct world *, unsigned a, struct setup *);
/* Let gates dial from now on, for ever. */
void gates_begin(struct world *);
/* Return a trunk by which a client comes to the node, or NULL. */
struct net_trunk *gates_choose(struct world *, unsigned node);
void gates_act(struct world *);
/* End the trunk, or all trunks of a node, as a server that starts again does.
 * Its users are held. */
void gates_hold(struct world *, struct net_trunk *);
void gates_end(struct world *, unsigned node);
/* Check what must hold behind each step of the node. */
void gates_step(struct world *, unsigned node);
/* Return true if something waits on a trunk. */
bool gates_wait(const struct world *);
void gates_read_on(struct world *);
/* Check trunks when nothing is under way. */
void gates_rest(struct world *);
void gates_count(struct world *);

/* ---- brokers.c ----------------------------------------------------------- */

/* Choose which servers link through brokers, and make their edges. Then make
 * the brokers, let a setup reach the others by them, and count in the end. */
void brokers_draw(struct world *);
void brokers_make(struct world *);
void brokers_set(const struct world *, unsigned a, struct setup *);
void brokers_count(struct world *);

/* ---- server.c ---- */

void server_start(struct world *, unsigned);
/* Start a server that is down. */
void server_start_again(void *world, int64_t);
void server_crash(struct world *, unsigned);
/* The daemon makes the new inc durable first, which takes some time. */
void server_renews(void *world, unsigned node, uint32_t above);
/* Let a server start again in place, as soon as it can; it ends clients that
 * keep it from that. */
void server_goes_on(void *world, int64_t);
/* The folder of a server is copied to another machine, and both run. The copy
 * is the last node. */
void server_start_copy(void *world, int64_t);
void server_stop_copy(void *world, int64_t);
/* Let a server read its configuration again, with these rows or without. A
 * server that is down has them when it starts. */
void server_set_rows(struct world *, unsigned, size_t nrows);
/* Cut the link of a pair, in a way that is drawn. */
void server_cut(struct world *, unsigned a, unsigned b);
/* Block no pair any more. */
void server_heal_all(struct world *);

/* ---- crowd.c ---- */

/* Heal a crowd. Some people with a small sendq read nothing of it, until the
 * end. */
void crowd_heal(void *world, int64_t);
/* Split a crowd in two halves, in which the same channels are founded. */
void crowd_split(void *world, int64_t);

/* ---- rest.c ---- */

/*
 * Return what is missing, or NULL if links stand where they can and nowhere
 * else.
 */
const char *rest_missing(const struct world *);
void rest_come(struct world *);
/* Let each part come to rest by itself. */
void rest_in_parts(struct world *);
void rest_heal(struct world *);
/*
 * Wait for a moment in which nothing is under way: a home may write at any
 * time.
 */
void rest_wait_quiet(struct world *);
/* Give all servers the same rows, so that they must show the same. */
void rest_even_rows(struct world *);

/* ---- ending.c, restart.c ---- */

/* Check that nothing is left of channels without members in the end. */
void ending_left(struct world *);
/* Check that a server which never crashed loses nothing in short outages. */
void ending_jumps(struct world *);
/*
 * Check invariant 6: no link that stayed up lost anything, so no server asks.
 */
void ending_wants(struct world *);
/* Check that everybody is shown, and nobody else. */
void ending_people(struct world *);
/* Compare once more, as a client that was told nothing was not compared. */
void ending_watches(struct world *);
/* Let somebody quit. Then people of all servers are told by WHOWAS who it
 * was. */
void ending_whowas(struct world *);
/* Check that each label was answered. */
void ending_labels(struct world *);
/* End all servers at one moment and start them again. Fail unless all that was
 * made for good is there again, on each of them. */
void restart_check(struct world *);

#endif
