/*
 * cmd.h - client commands: how to add one.
 *
 * A command is a row of cmd.def and a function in core/cmd/NAME.c (or that of
 * its family). It sees facts as const, checks, answers with numerics, and at
 * most adds parts to the one entry its line becomes (cmd_part, cmd_say). What
 * clients see of that is derived when the entry is applied.
 *
 * A command never changes facts, never closes a client but by client_end, and
 * may assume: nparam >= the row's minimum, and a user unless the row says
 * ANYTIME or BEFORE.
 */
#ifndef CORE_CMD_CMD_H
#define CORE_CMD_CMD_H

#include "core/sessions/line.h"
#include "core/answers/names.h"
#include "core/answers/reply.h"
#include "core/state.h"
#include "wire/msg.h"

/* A founded channel is 5, and a line names at most 170: JOIN #a,#b… */
#define CMD_PARTS_MAX 960
/* Of an LDEL: its line on links has an end. */
#define CMD_DOTS_MAX 128

struct cmd {
	struct step *st;
	const struct core *core;
	const struct facts *facts;
	const struct settings *settings;
	struct session *s;
	const struct user *user; /* NULL before registration */
	const struct msg *m;
	struct span name; /* of the command, upper case */
	/* the entry under construction */
	struct part *part;
	size_t nparts, capparts;
	struct stamp stamp; /* of the entry; 0: none taken */
	bool has_fact;
	bool *is_remote;  /* per part: a message for others */
	struct sid *dest; /* of its messages */
	size_t ndest;
};

typedef void cmd_fn(struct cmd *);

#define COMMAND(name, fn, min, flags, scenario) cmd_fn fn;
#include "core/cmd/cmd.def"
#undef COMMAND

/* The name of the command of that verb, as in its row; empty: none. */
struct span cmd_name(struct span verb);

/* Runs the line: finds the row, checks what the row says, calls, makes the
 * entry. */
void cmd_run(struct step *, struct session *, const struct msg *);

/*
 * One more part, zeroed but for its id; it may move when the next is made, and
 * what it points to lives to the end of the step. Who may add many asks for
 * room before: a line has at most CMD_PARTS_MAX.
 */
struct part *cmd_part(struct cmd *, enum part_id);
bool cmd_has_room(const struct cmd *, size_t n);
/* The dot that part `index` of this entry will have. */
struct dot cmd_dot(const struct cmd *, size_t index);
/* The stamp the entry will have. */
struct stamp cmd_stamp(struct cmd *);
/* The caller, who has a user, as author. */
struct by cmd_by(const struct cmd *);

/* A message to a user or a channel: queued for its servers, and delivered
 * here when the command is done. */
void cmd_say_user(struct cmd *, struct span verb, const struct user *,
    struct text);
void cmd_say_chan(struct cmd *, struct span verb, const struct chan *,
    enum status min, struct text);

/* The parameter, or empty. */
struct span cmd_arg(const struct cmd *, unsigned i);

/* 461 and false if the first n parameters are not all there and not empty. */
bool cmd_need(struct cmd *, unsigned n);

/* Shown, or NULL after 401 / 403 / 441. */
const struct user *cmd_find_user(struct cmd *, struct span nick);
const struct chan *cmd_find_chan(struct cmd *, struct span name);
const struct member *cmd_find_member(struct cmd *, const struct chan *,
    const struct user *);
/* What parts call it; only if ch->current. */
struct ch cmd_ch(const struct chan *);
/* Visible: by its name, a mask of one, or the nick of who is on it; NULL if
 * there is none (no reply). */
const struct server *cmd_find_server(const struct cmd *, struct span target);
/* The caller's shown membership, or NULL (no reply). */
const struct member *cmd_member(const struct cmd *, const struct chan *);
/* Has the caller that rank there (or higher)? Else 482 and false. */
bool cmd_need_rank(struct cmd *, const struct chan *, enum status);
bool cmd_is_oper(const struct cmd *);

/* The first item of a list that is not empty. */
struct span cmd_first(struct span list);
/* Is it in the list, between commas, already before where it stands? */
bool cmd_is_repeated(struct span list, struct span item);

/* The caller's into that channel, if it holds; or NULL. */
const struct invite *cmd_find_invite(const struct cmd *, const struct chan *);

/* Does a list of the channel hold a mask that matches the user, and is not
 * over? */
bool chan_list_matches(struct cmd *, const struct chan *, enum chan_mode list,
    const struct user *);

#endif
