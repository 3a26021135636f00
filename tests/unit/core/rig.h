/*
 * A core alone: the entries it makes are applied at once, as in a node without
 * links, and the lines for clients are collected as text.
 */
#ifndef UNIT_CORE_RIG_H
#define UNIT_CORE_RIG_H

#include "core/core.h"
#include "core/state.h"
#include "lib/recorder.h"

#define RIG_CLIENTS 40
#define RIG_SERVERS 2 /* next to the server */

struct rig_asked {
	uint64_t token;
	enum request_kind kind;
};

struct rig {
	struct core *core;
	struct recorder recorder; /* compared with the core after steps */
	uint64_t compared;	  /* its changes so far */
	struct effects fx;
	struct event ev; /* holds the clock */
	struct settings settings;
	struct class_settings class;
	struct arena *arena;
	char *out[RIG_CLIENTS];
	size_t nout[RIG_CLIENTS];
	bool closed[RIG_CLIENTS];
	unsigned granted[RIG_CLIENTS];
	bool drain[RIG_CLIENTS]; /* EV_DRAINED was asked for */
	struct mono deadline;	 /* of the next EV_TICK */
	/* only the ticks of rig_tick and rig_advance */
	bool no_ticks;
	struct rig_asked asked; /* the last EFF_ASK */
	/* what the steps cost; a test sets them to 0 */
	size_t arena_most;	    /* bytes of one step */
	size_t queued;		    /* buffers, counted for each client */
	unsigned logged[LOG_COUNT]; /* lines of each row */
	char letters[512];	    /* of rig_letters() */
};

void rig_init(struct rig *);
/* The same for a server with that sid and these rows added. */
void rig_init_rows(struct rig *, const char *sid,
    const struct rows *const *rows, size_t n);
void rig_fini(struct rig *);
void rig_open(struct rig *, unsigned client);
void rig_close(struct rig *, unsigned client);
/* Let the client send no more, while lines of it lie unread. */
void rig_end(struct rig *, unsigned client);
/* Tell the core that more lines of the client lie unread than recvq allows. */
void rig_excess(struct rig *, unsigned client);
/* Send a line of a client. Fail the test if the client may not send one now. */
void rig_say(struct rig *, unsigned client, const char *line);
void rig_register(struct rig *, unsigned client, const char *nick);
/*
 * Return the text that the client was sent since the last call. It is valid as
 * long as the rig.
 */
const char *rig_heard(struct rig *, unsigned client);
/*
 * Return the text with the letters of the built-in channel modes in the place
 * of $A, $B, $C and $D, which are the types of CHANMODES (modern-irc). So a new
 * mode does not break tests of rows that are added to them. The text is valid
 * until the next call.
 */
const char *rig_letters(struct rig *, const char *form);
/* Fail the test unless that text is in what rig_heard() returns. */
void rig_hears(struct rig *, unsigned client, const char *want);
/* Forget what the client was sent, send its line, and do rig_hears(). */
void rig_says(struct rig *, unsigned client, const char *line,
    const char *want);
/* Let the client read everything, if the core asked to be told. */
void rig_read(struct rig *, unsigned client);
void rig_advance(struct rig *, int64_t ms);
/*
 * Run one turn if the core asked for one at once; otherwise return false.
 * Without no_ticks, as many turns as necessary follow each step.
 */
bool rig_tick(struct rig *);
/* Give the core other settings, which the caller keeps. */
void rig_conf(struct rig *, const struct settings *);
/* Answer what was asked for; once is not checked here. */
void rig_answer(struct rig *, struct rig_asked, enum answer_status);
void rig_answer_with(struct rig *, struct rig_asked, enum answer_status,
    struct span bytes);
/* Apply an entry of another server. The text has its ENTRY and all parts. */
void rig_apply(struct rig *, const char *text);
/* Apply the n-th entry of a run, as 002.5, with that cause and these parts. */
void rig_apply_parts(struct rig *, const char *run, unsigned n,
    const char *cause, const char *parts);
/*
 * Let the map have this server and those n servers next to it, each of which is
 * visible as that run, or hidden if the run is 0. The network is whole if all
 * are visible.
 */
void rig_overlay(struct rig *, const struct origin *, size_t n);
/*
 * Return a snapshot of one server, as its lines are read by another one, for
 * core_install_whole(), which frees it.
 */
struct snap_facts *rig_snapshot(const struct rig *from, const struct rig *to);
/*
 * Return the incarnation of a channel as entries have it. The text is valid as
 * long as the rig.
 */
struct span rig_cinc(struct rig *, const char *chan);
/* Carry out effects, and apply own entries until there are no more. */
void rig_drain(struct rig *);
struct session *rig_session(struct rig *, unsigned client);

#endif
