/*
 * cmd.h - client commands: how to add one.
 *
 * A command is a row of cmd.def and a function in core/cmd/NAME.c (or that of
 * its family). It sees facts as const, checks, answers with numerics, and adds
 * parts to the one entry that its line becomes (cmd_add_part, cmd_say_user,
 * cmd_say_chan). The show code derives what clients see when the entry is
 * applied.
 *
 * A command never changes facts, and closes a client only by client_end. It may
 * assume that nparam is at least the minimum of its row, and that the session
 * has a user unless the row says ANYTIME or BEFORE.
 */
#ifndef CORE_CMD_CMD_H
#define CORE_CMD_CMD_H

#include "core/cmd/judge.h"
#include "core/sessions/line.h"
#include "core/answers/chan_info.h"
#include "core/answers/reply.h"
#include "core/state.h"
#include "core/types/ban_kind.h"
#include "core/types/privilege.h"
#include "wire/msg.h"

/* A founding takes 5 parts, and a line names at most 170 channels. */
#define CMD_PARTS_MAX 960
/* dots of an LDEL, whose line on links is bounded */
#define CMD_DOTS_MAX 128

/* The text of a message: one line, or the lines of a batch. */
struct lines {
	struct text *v; /* one at least; hooks may put others in their place */
	/* each: it goes on with the line before; NULL: it is no batch */
	const bool *joined;
	size_t n;
};

struct cmd {
	struct step *st;
	const struct core *core;
	const struct facts *facts;
	const struct tables *tables;
	const struct settings *settings;
	struct session *s;	 /* NULL: the server itself, by cmd_order() */
	const struct user *user; /* NULL before registration, or without s */
	const struct msg *m;
	struct span name; /* of the command, in upper case */
	struct span tags; /* of the line, or of the batch that it ends */
	/* the entry under construction */
	struct part *part;
	size_t nparts, capparts;
	struct stamp stamp; /* of the entry; 0: not taken yet */
	bool has_fact;
	bool *is_remote;  /* for each part: a message for other servers */
	struct sid *dest; /* servers of its messages */
	size_t ndest;
};

typedef void cmd_fn(struct cmd *);

#define COMMAND(name, fn, min, flags, syntax, help, scenario) cmd_fn fn;
#include "core/cmd/cmd.def"
#undef COMMAND

enum {
	COMMANDS_BUILTIN = 0 /* the number of built-in rows */
#define COMMAND(name, fn, min, flags, syntax, help, scenario) +1
#include "core/cmd/cmd.def"
#undef COMMAND
};

extern const struct command_row commands_builtin[COMMANDS_BUILTIN];

/* Run a line: find the row, check what the row says, call the function, make
 * the entry. */
void cmd_run(struct step *, struct session *, const struct msg *);

/*
 * Run a command as this server, for the operator at the control socket. The
 * command may do all that privileges allow, and its numerics are written to
 * `answer`, each with CR LF behind it. Invariant: there is such a command, and
 * it can do without a session. Write to `told` what was done, as far as that
 * is known yet, each text with a line feed behind it.
 */
void cmd_order(struct step *, const struct msg *, struct writer *answer,
    struct writer *told);

/*
 * Add a part, which is zero but for its id. It may move when the next part is
 * added; what it points to must live to the end of the step. An entry has at
 * most CMD_PARTS_MAX parts: a command that may add many calls cmd_has_room
 * first.
 */
struct part *cmd_add_part(struct cmd *, enum part_id);
/* Add a part of a later verb to the entry (core/part/later.h). */
void cmd_add_later(struct cmd *, const struct later_row *, struct span words,
    struct text);
bool cmd_has_room(const struct cmd *, size_t n);
/* Let the others see a member who is about to act on the channel, or to get a
 * status there: the act comes behind this part. Do nothing if the member is
 * seen already, or is NULL. */
void cmd_reveal(struct cmd *, const struct member *);
/* Return the dot that part `index` of this entry will have. */
struct dot cmd_dot(const struct cmd *, size_t index);
/* Return the stamp that the entry will have. */
struct stamp cmd_stamp(struct cmd *);
/* Return the user of the session, or this server, as the author of a part. */
struct by cmd_by(const struct cmd *);

/* Say something to a user or a channel: it is queued for the servers of the
 * receivers, and delivered here when the command is done. */
void cmd_say_user(struct cmd *, struct span verb, const struct user *,
    struct text);
void cmd_say_chan(struct cmd *, struct span verb, const struct chan *,
    enum status min, struct text);

/* Tell the operator how the command ended, by a NOTICE: "NAME what: end". */
void cmd_told(struct cmd *, struct span what, const char *end);
/* Tell the operator if the home of the user cannot be reached now, so that what
 * it is asked for waits. */
void cmd_told_waits(struct cmd *, const struct user *);

/* Add the lines behind the first one to the message that was said last, of
 * which the first one is the text (link-protocol.md, 11.44). */
void cmd_say_more(struct cmd *, const struct lines *);

/* Return NULL if the caller may say that to the user, or the numeric that
 * refuses it; its argument is the nick of the user. */
const struct numeric_row *cmd_may_say(const struct cmd *, struct span verb,
    const struct user *);

/* Return true if the caller may write to the user. Otherwise the caller has
 * written to too many strangers (core/sessions/targets.h): send 707, unless
 * quiet is set. */
bool cmd_may_address(struct cmd *, const struct user *, bool quiet);

/* Say something to all users of the servers whose names match `$$mask`. Return
 * false, and say nothing, if no visible server has such a name. */
bool cmd_say_servers(struct cmd *, struct span verb, struct span target,
    struct text);

/* Return parameter i, or an empty span if the line has fewer. */
struct span cmd_arg(const struct cmd *, unsigned i);

/* Return true if the first n parameters exist and are not empty; else send 461.
 */
bool cmd_need(struct cmd *, unsigned n);

/* Find a user, a channel or a membership that clients are shown. Return NULL
 * after sending 401, 403 or 441. */
const struct user *cmd_find_user(struct cmd *, struct span nick);
const struct chan *cmd_find_chan(struct cmd *, struct span name);
const struct member *cmd_find_member(struct cmd *, const struct chan *,
    const struct user *);
/* Find a channel that the session may know of (may_see_chan()). Return NULL
 * after sending 403, which does not tell whether there is a secret one. */
const struct chan *cmd_find_seen(struct cmd *, struct span name);
/* Return true if an incarnation of the channel is shown, which parts can name.
 * Else send 263: members of this server are about to move to one
 * (link-protocol.md, 9.10). */
bool cmd_has_incarnation(struct cmd *, const struct chan *);
/* Return the name and incarnation of a channel for a part. Invariant: a command
 * that can be about a channel with members has called cmd_has_incarnation(). */
struct ch cmd_ch(const struct chan *);
/* Find a visible server by its name, by a mask that its name matches, or by the
 * nick of a user on it. Return NULL, without a reply, if there is none. */
const struct server *cmd_find_server(const struct cmd *, struct span target);
/* Do the same, but send 402 if there is no such server. */
const struct server *cmd_need_server(struct cmd *, struct span target);
/* Return the shown membership of the caller, or NULL without a reply. */
const struct member *cmd_member(const struct cmd *, const struct chan *);
/* The rank of a member is status_rank(c->tables, member_rights(m)). */

/* Send 482, which says that the caller has not that rank or a higher one. */
void cmd_refuse(struct cmd *, const struct chan *, unsigned missing);
/* Return true if the caller has that rank there or a higher one; else send 442
 * or 482. With RANK_NONE, any member will do. */
bool cmd_need_rank(struct cmd *, const struct chan *, unsigned rank);
bool cmd_is_oper(const struct cmd *);
/* Return true if the caller is an operator with that privilege, or this server;
 * else send 481 or 723. */
bool cmd_may(struct cmd *, enum privilege);

/* Return true if a ban of that kind, RESV_NICK or RESV_CHANNEL, keeps the
 * caller from the name. */
bool cmd_is_reserved(struct cmd *, enum ban_kind, struct span name);

/* Return the first item of a list that is not empty. */
struct span cmd_first(struct span list);
/* Return true if an equal item stands before this one in the list. */
bool cmd_is_repeated(struct span list, struct span item);

/* Return true if a mask of that list matches the user for that use and has not
 * expired. The command has called judge_lists() before, for the same use. */
bool chan_list_matches(struct cmd *, const struct chan *, enum chan_mode list,
    const struct user *, enum mask_use);

#endif
