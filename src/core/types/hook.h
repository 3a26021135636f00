/*
 * hook.h - points at which rows have a say.
 *
 * A hook sees facts as const, and answers. It changes nothing but its answer,
 * and what its module remembers (core/facts/memory.h). A point without hooks
 * costs one test. doc/decisions/0040 has the points, and the servers at which
 * they are asked. To add a point: a row type here, a member of struct rows and
 * of struct tables (tables.h), a check (row_check.h), and the call where the
 * question is asked.
 */
#ifndef CORE_HOOK_H
#define CORE_HOOK_H

#include "base/span.h"
#include "base/writer.h"
#include "core/types/mode.h"
#include "core/types/request_kind.h"
#include "wire/addr.h"

struct arena;
struct chan;
struct chan_mode_row;
struct change; /* core/types/change.h */
struct class_settings;
struct facts;
struct member;
struct numeric_row;
struct option_row;
struct settings;
struct step;
struct tables;
struct user_mode_row;
struct user;

/* A message of a user to a channel, before it is said. */
struct speech {
	/* st->now is the clock, and a new text goes into st->arena */
	struct step *st;
	const struct chan *chan;
	const struct user *by;
	const struct member *member; /* of the user; NULL: not on the channel */
	/* the mode for which the user may not speak: "+m"; NULL: they may.
	 * The core puts its own first, and then rows say theirs */
	const char *silenced;
	struct span verb; /* PRIVMSG, NOTICE or TAGMSG */
	/* a hook may replace it by one that is not longer; empty for TAGMSG */
	struct span text;
};

/*
 * Each row may name a mode of its own source, a flag or one with a value: then
 * it is asked on channels that have the mode. NULL: it is always asked.
 */

/* Whether a user may speak on a channel, and with which text. */
struct speak_row {
	const struct chan_mode_row *mode;
	/* Return NULL if the user may, else the mode that forbids it: "+C" for
	 * 404. A message that passes may still be refused by a row behind this
	 * one. If x->silenced is set, a message that passes reaches few
	 * members, or nobody. In a message of several lines, each line with
	 * text is asked about. If a row empties the text of a line, and forbids
	 * it for that, the line is a blank one. */
	const char *(*speak)(struct speech *);
	/* a refusal is about the user, and not about the text: such a user is
	 * silenced, and divert rows are asked */
	bool silences;
	/* Take note that the message ends whose lines speak() was asked about:
	 * it is said, or refused for whatever reason, also without a call of
	 * speak(). NULL: there is nothing to note. */
	void (*ended)(const struct speech *, bool said);
};

/* Where a message goes of a member who is silenced, or of any user on a channel
 * that lets outsiders speak. */
struct divert_row {
	const struct chan_mode_row *mode;
	/* Return the lowest status that is shown the message, or ST_NONE: the
	 * message is refused. */
	enum status (*divert)(const struct speech *);
};

/* A user of this server who wants to join a channel that has members. */
struct joining {
	struct step *st;
	const struct chan *chan;
	const struct user *by;
	/* the numeric that refuses the user; NULL while hooks may refuse */
	const struct numeric_row *why;
};

/* Whether a user may join a channel. */
struct join_row {
	const struct chan_mode_row *mode;
	/* Return NULL if the user may, else the numeric that says why not; its
	 * argument is the name of the channel. It is asked after the modes of
	 * the core have allowed it. */
	const struct numeric_row *(*join)(const struct joining *);
};

/* Where a user goes instead who may not join a channel. */
struct forward_row {
	const struct chan_mode_row *mode;
	/* what the user is told; its arguments are the channel that was named,
	 * and the other one */
	const struct numeric_row *told;
	/* Return the name of another channel, borrowed from the facts, or an
	 * empty span. The user must be allowed to join that one, too. */
	struct span (*forward)(const struct joining *);
};

/* A module that is told of joins. */
struct joined_row {
	const struct chan_mode_row *mode;
	/* Take note that clients of this server see a user join. The user may
	 * be at any server, and may have come back after a split. */
	void (*joined)(struct step *, const struct member *);
};

/* A user of this server who wants another nick. */
struct renaming {
	struct step *st;
	const struct member *member; /* of the user, on a channel */
	struct span nick;
};

/* Whether a user may change nick while on a channel. */
struct nick_row {
	const struct chan_mode_row *mode;
	/* Return NULL if the user may, else the numeric that says why not; its
	 * arguments are the nick and the name of the channel. */
	const struct numeric_row *(*nick)(const struct renaming *);
};

/* A client of this server that wants a nick that nobody has. */
struct claiming {
	struct step *st;
	const struct user *by; /* NULL: it is not registered yet */
	struct addr addr;
	struct span nick;
};

/* Whether a client may take a nick. */
struct claim_row {
	/* Return NULL if the client may, else the numeric that says why not;
	 * its argument is the nick. It is asked after the core has allowed
	 * it, and not about a client that comes back to a held user, who has
	 * the nick. */
	const struct numeric_row *(*claim)(const struct claiming *);
};

/* A module that is told of changes of the shown state, at every server: a user
 * who leaves is a CHANGE_QUIT, and another nick a CHANGE_NICK. */
struct changed_row {
	uint32_t kinds; /* CHANGEB() of those that it is told of */
	/* Take note of the change, of which core/types/change.h says what is
	 * shown by then. */
	void (*changed)(struct step *, const struct change *);
};

/* How users read the text of PRIVMSG and NOTICE who have set a mode. Their
 * server asks, once for a message, and not for each of them. */
struct rendered_row {
	const struct user_mode_row *mode; /* of its own source */
	/* Return the text as it is read: in the arena, or a piece of the text,
	 * and not longer. Equal texts are read alike. */
	struct span (*rendered)(struct arena *, struct span text);
};

/* A message of a user to another user: PRIVMSG, NOTICE, TAGMSG or INVITE. A
 * split may hide the sender from the home of the receiver: such a sender is not
 * shown, but is among the facts. */
struct messaging {
	struct step *st;
	const struct user *by, *to;
	struct span verb;
	/* numerics for the sender of a message that is refused, each with the
	 * nick of the receiver as its argument; NULL: no more. The sender of a
	 * NOTICE or TAGMSG is told nothing. */
	const struct numeric_row *told[3]; /* the last one stays NULL */
};

/* Whether a user may message another one. Each of the two functions may be
 * NULL. */
struct message_row {
	/* Return NULL, or a numeric with the nick of the receiver: the message
	 * is not said then. The home of the sender asks. */
	const struct numeric_row *(*send)(const struct messaging *);
	/* Return true if the receiver is shown the message. The home of the
	 * receiver asks. */
	bool (*receive)(struct messaging *);
	/* a user mode of the same source: the functions are asked only if the
	 * sender or the receiver has it; NULL: always. A receiver who has it is
	 * not shown the message of a sender who is gone, if there is a
	 * receive() */
	const struct user_mode_row *mode;
};

/* A user who registers at this server. */
struct hosting {
	const struct settings *settings;
	struct addr addr;
	struct span host; /* a name, or the address as text */
	bool is_name;
};

/* The host under which others see a user. */
struct host_row {
	/* Write another host for the user, or nothing. The first row that
	 * writes one counts. */
	void (*host)(struct writer *, const struct hosting *);
	/* Write other hosts of the user that masks match, too, each with a
	 * space behind it: hosts that other settings would have given, for
	 * example. NULL: there are no such hosts. */
	void (*also)(struct writer *, const struct hosting *);
	/* A mode of its own source. Users have it while they are shown with a
	 * host of the row, and get that host again with it. NULL: none. */
	const struct user_mode_row *mode;
	/* Return true if users may take the mode off, and so show the host of
	 * their connection. NULL: they may not. */
	bool (*may_show)(const struct settings *);
};

/* A client that is not registered. */
struct arrival {
	struct step *st;
	const struct settings *settings;
	struct addr addr;
	const struct class_settings *class;
};

/* A user who has registered at this server. */
struct newcomer {
	struct step *st;
	const struct settings *settings;
	const struct class_settings *class;
	const struct user *user;
};

/* The channels that follow from a registration. */
struct registered_row {
	/* Write the names of channels that the user joins, each with a comma
	 * behind it. The core carries out one JOIN with those of all rows, as
	 * if the client had sent it. */
	void (*registered)(struct writer *, const struct newcomer *);
};

/* The answer to a question about a client that is not registered, and what
 * follows from it. */
struct finding {
	struct step *st;
	const struct settings *settings;
	struct addr addr;
	unsigned number; /* of the question, from 0 */
	/* as ask() wrote it: a reload may have changed what has the number */
	struct span question;
	enum answer_status status;
	struct span bytes; /* of the answer (request.def) */
	/* the list that has the client: operators are told; empty: no list */
	struct span list;
	/* the text with which the client is refused; empty: it is not */
	struct span refusal;
	/* a register of the user; no field: there is none */
	struct span field, value;
};

/*
 * Things that are looked up about each client before it is registered. The
 * client waits for the answers, for two seconds at most. An exception from bans
 * of addresses (EXCEPT) also lifts all findings with a list.
 */
struct lookup_row {
	const char *name;	/* that of the source, a slash, and a word */
	enum request_kind kind; /* LISTED or COUNTRY */
	/* a word of the same source: the path of the file that the answers come
	 * from, which is opened with the configuration; NULL: no file */
	const struct option_row *file;
	/* Write question number n, or nothing if this client is not asked
	 * about. Return false if there is no question of that number. */
	bool (*ask)(struct writer *, const struct arrival *, unsigned n);
	/* Say what follows from the answer. */
	void (*found)(struct finding *);
};

/* A register of users that WHOIS tells operators with see-address, at all
 * servers that have the row. */
struct whois_row {
	const char *field;
	const struct numeric_row *told; /* its arguments: nick and value */
	/* Return true if the value can be shown: another server may have
	 * written any. */
	bool (*is_shown)(struct span);
};

#define HOOKS_MAX 64	    /* at one point */
#define RENDERED_MAX 3	    /* ways to read; each is a bit of CAPS_READING */
#define LOOKUPS_MAX 16	    /* questions about one client */
#define REGISTERED_MAX 4096 /* bytes of the channels that a user joins */

/* Rows as a core asks them: `modes` of the same number has those of which the
 * channel must have one; 0: the row is always asked. */
struct hook_modes {
	uint64_t speak[HOOKS_MAX], divert[HOOKS_MAX], join[HOOKS_MAX],
	    forward[HOOKS_MAX], joined[HOOKS_MAX], nick[HOOKS_MAX],
	    message[HOOKS_MAX]; /* user modes */
};

/* The functions of a channel have its modes as their last argument. */

/* Return the mode that forbids to say this, or NULL. Afterwards the text may be
 * another one, and the user may be silenced. */
const char *speak_ask(const struct tables *, struct speech *, uint64_t modes);

/* Say that the message ends: it is said, or not. */
void speak_end(const struct tables *, const struct speech *, uint64_t modes,
    bool said);

/* Return the lowest status that is shown the message of a user who is silenced,
 * or ST_NONE. */
enum status divert_ask(const struct tables *, const struct speech *,
    uint64_t modes);

/* Return the numeric that refuses the user, or NULL. */
const struct numeric_row *join_ask(const struct tables *,
    const struct joining *, uint64_t modes);

/* Return the name of a channel to go to instead, and the row that says so in
 * *row; or an empty span. */
struct span forward_ask(const struct tables *, const struct joining *,
    const struct forward_row **row, uint64_t modes);

/* Return the numeric that refuses the nick, or NULL. */
const struct numeric_row *nick_ask(const struct tables *,
    const struct renaming *, uint64_t modes);

/* Return the numeric that refuses the nick to the client, or NULL. */
const struct numeric_row *claim_ask(const struct tables *,
    const struct claiming *);

/* Return the numeric that refuses to say the message, or NULL. modes: those of
 * the two users. */
const struct numeric_row *send_ask(const struct tables *,
    const struct messaging *, uint64_t modes);

/* Return true if the receiver is shown the message. */
bool receive_ask(const struct tables *, struct messaging *, uint64_t modes);

/* Write the host that a row gives to the user, and return the row. Return NULL,
 * and write nothing, if no row gives one. */
const struct host_row *host_ask(const struct tables *, struct writer *,
    const struct hosting *);

/* Write the channels that rows let the user join. */
void registered_ask(const struct tables *, struct writer *,
    const struct newcomer *);

/* Tell the rows of a join. */
void joined_tell(const struct tables *, struct step *, const struct member *,
    uint64_t modes);

/* Tell the rows of a change, which is of that kind. */
void changed_tell(const struct tables *, struct step *, const struct change *,
    unsigned kind);

#endif
