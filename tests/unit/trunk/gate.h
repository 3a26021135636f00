/*
 * gate.h - one server, and trunks whose gates are the test: lines in, lines
 * out. After each step the invariants of the trunks and of the core hold.
 */
#ifndef UNIT_TRUNK_GATE_H
#define UNIT_TRUNK_GATE_H

#include "core/types/effect.h"
#include "core/types/event.h"
#include "core/types/settings.h"
#include "node/node.h"
#include "trunk/info.h"
#include "trunk/net.h"

#define GATES 4	 /* trunks that a test may have */
#define PLAINS 4 /* clients of the server itself */

/* The bytes that came on a connection. */
struct heard {
	char *text; /* since the last gate_heard() */
	size_t n, cap;
	size_t bytes; /* that the socket has not taken */
	bool takes;   /* the socket takes all at once */
	bool closed;  /* EFF_CLOSE came */
};

struct gates {
	struct node *node;
	struct settings set;
	struct gate_settings gate[2];
	struct class_settings class;
	struct effects fx;
	struct heard trunk[GATES], plain[PLAINS];
	int64_t ms;
	bool unchecked; /* the invariants are not looked at: much is said */
	struct mono deadline;
	struct heard control; /* the answer to gates_ask() */
	char *log;	      /* names of the rows of the log, with spaces */
	size_t nlog;
};

/* Make a server that is READY. Its gates are gate1 (by its pin, and on
 * loopback) and gate2 (by its pin alone); the pins are 32 bytes of '1' and
 * '2'. */
struct gates *gates_new(void);
/* Do the same, but call this for the settings before. */
struct gates *gates_with(void (*change)(struct settings *));
void gates_free(struct gates *);

/* Open a trunk on loopback, without TLS; or with TLS, and the pin made of that
 * character, from elsewhere. */
void gate_open(struct gates *, unsigned k);
void gate_open_tls(struct gates *, unsigned k, char pin);
/* Do the first one, say GATE, and pass over the answer. */
void gate_begin(struct gates *, unsigned k);
/* Send a line, without its end. */
void gate_say(struct gates *, unsigned k, const char *line);
void gate_sayf(struct gates *, unsigned k, const char *form, ...)
    __attribute__((format(printf, 3, 4)));
/* End the connection. */
void gate_cut(struct gates *, unsigned k, bool held);
/* The socket takes nothing from now on; or it takes that much. */
void gate_stop_taking(struct gates *, unsigned k);
void gate_take(struct gates *, unsigned k, size_t bytes);

/* Return what the gate was sent since the last call; valid until the next. */
const char *gate_heard(struct gates *, unsigned k);
/* Compare it, and say both if they differ. */
void gate_hears(struct gates *, unsigned k, const char *text);
/* Compare the last line but POS with ERROR and this code, and see that the
 * connection is closed. */
void gate_is_refused(struct gates *, unsigned k, const char *code);

/* Let a stream come, register as that nick, and pass over the answers. The
 * stream has sent two lines then. */
void gate_user(struct gates *, unsigned k, unsigned s, const char *nick);
/* Send the next line of a stream. c is its number. */
void gate_cmd(struct gates *, unsigned k, unsigned s, unsigned c,
    const char *line);

/* A client of the server itself. */
void plain_user(struct gates *, unsigned i, const char *nick);
void plain_say(struct gates *, unsigned i, const char *line);
const char *plain_heard(struct gates *, unsigned i);

/* Let time pass, with ticks when the node asks for them. */
void gates_run(struct gates *, int64_t ms);
/* Take an event of another kind. */
void gates_step(struct gates *, struct event *);
/* Let another node go on with this one, as after a restart. */
void gates_hand_over(struct gates *);
/* Return what the operator at the control socket is answered. */
const char *gates_ask(struct gates *, const char *line);
/* Return true if the log has a row of that name, since the last call. */
bool gates_logged(struct gates *, const char *row);

#endif
