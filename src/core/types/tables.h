/*
 * tables.h - the rows that a core has: commands, modes, statuses, capabilities,
 * numerics, tokens of ISUPPORT, extended bans, later verbs, verbs that can be
 * said, questions, memory of modules, and hooks, by number
 * (doc/decisions/0024). Options of modules are rows, too, but the configuration
 * reads them, and not the core.
 *
 * Built-in rows come first and have the numbers of their constants (CM_BAN,
 * ST_OP). Nothing may rely on the number of rows but the bounds, CM_NONE and
 * so on: a set of rows is a mask, and a loop over rows ends at the n of the
 * table. mode.h and cap.h have the functions that look a row up. A number may
 * be a gap, where a row was (row_keep.h): its letter is '\0', and no set has
 * it.
 */
#ifndef CORE_TABLES_H
#define CORE_TABLES_H

#include "core/types/cap.h"
#include "core/types/extban.h"
#include "core/types/hook.h"
#include "core/types/ids.h"
#include "core/types/mode.h"
#include "wire/numeric.h"

struct class_settings;
struct cmd;  /* core/cmd/cmd.h */
struct part; /* core/part/part.h */
struct session;
struct settings;
struct step; /* core/state.h */
struct tables;

#define COMMANDS_MAX 256
#define NUMERICS_MAX 512
#define TOKENS_MAX 64
#define EXTBANS_MAX 64
#define LATER_MAX 256
#define SAID_MAX 64
#define MEMORY_MAX 64
#define SOURCES_MAX 64

enum command_when {
	COMMAND_BEFORE,	 /* only before registration */
	COMMAND_ANYTIME, /* before and after it */
	COMMAND_USERS	 /* only after it */
};

/* A command of clients. */
struct command_row {
	struct span name; /* in upper case */
	void (*run)(struct cmd *);
	unsigned min; /* parameters */
	enum command_when when;
	const char *syntax; /* of the parameters; "": there are none */
	const char *help;   /* one sentence or some, for HELP */
};

/* The things that values of ISUPPORT tokens are made from. */
struct isupport_from {
	const struct settings *settings;
	const struct class_settings *class; /* of the client who is told */
	const struct tables *tables;
};

#define TOKEN_VALUE_MAX 300 /* bytes; what does not fit is left out */

/* A token of ISUPPORT. A row without text, number and write has no value. */
struct isupport_row {
	const char *name; /* in upper case */
	const char *text;
	size_t number; /* offset of a uint32_t in struct settings, or 0 */
	/* Write the value: printable ASCII without spaces. */
	void (*write)(struct writer *, const struct isupport_from *);
	/* Return true if the client is told the token; NULL: always. */
	bool (*is_told)(const struct isupport_from *);
};

/* A verb of parts that was added after the first version: other servers may not
 * know it (core/part/later.h). */
struct later_row {
	const char *name; /* in upper case, without the + */
	const char *kind; /* link-protocol.md, 11.26; the same for ever */
};

/* The text of a message. */
enum said_text {
	SAID_TEXT, /* without a text it reaches nobody */
	SAID_BARE, /* its text is left out */
	SAID_NAME, /* it must be the name of a channel */
	SAID_ANY
};

/*
 * A verb that can be said (+SAY). Every server passes the message on, and the
 * servers of the receivers deliver it. If a server does not have the row of the
 * verb, its users do not see the message. The index of the part is for the
 * msgid.
 */
struct said_row {
	struct span verb; /* in upper case */
	enum said_text text;
	/* Deliver it to the members here; NULL: it is for no channel. */
	void (*to_chan)(struct step *, const struct part *, uint32_t index);
	/* Do what the home of the user has to do; NULL: it is for no user. */
	void (*to_user)(struct step *, const struct part *, uint32_t index,
	    const struct user *);
	uint64_t cap; /* that a receiver needs, as CAPB(), or 0 */
	/* Deliver it to the users of this server; NULL: it is not for all. */
	void (*to_all)(struct step *, const struct part *, uint32_t index);
	/* it is a message of a user to a user, which hooks may refuse
	 * (struct message_row) */
	bool is_asked;
};

/* A question of another server, as the row is asked that answers it. */
struct query_in {
	struct uid from;	  /* the user who asks */
	const struct user *by;	  /* the same; NULL: not known here */
	const struct user *about; /* see of_user; else NULL */
	struct span words;	  /* behind the name, and behind that user */
};

/* How a question of this server has ended. */
struct query_end {
	struct uid uid;	  /* of the user that it names, if it names one */
	bool answered;	  /* by a line at least */
	bool late;	  /* its time was over before the end of the answer */
	bool cut;	  /* there was no room for all of the answer */
	struct span what; /* as query_ask() was given it */
};

#define QUERIES_MAX 64

/*
 * A question that only another server can answer (core/answers/query.h): its
 * name, and words of which the two functions know the meaning. All questions
 * wait equally long (REQUEST_QUESTION). A server without the row answers with
 * the end alone, so a row that has nothing to say says so in a line.
 */
struct query_row {
	struct span name; /* in upper case */
	/* The first word behind the name is the uid of a user. The home of the
	 * user answers, and other servers with the end alone. */
	bool of_user;
	/* bytes of an answer, with 64 for each line: more are not listened to;
	 * 0: as many as may wait for a client */
	size_t most;
	/* Answer, with replies to no session. Another server wrote the words.
	 */
	void (*answer)(struct step *, const struct query_in *);
	/* Finish the reply to the client, when the answer is whole, was cut, or
	 * did not come in time. */
	void (*end)(struct step *, struct session *, const struct query_end *);
};

/* The kinds of things that modules remember something of. */
enum memory_of { MEMORY_USER, MEMORY_CHAN, MEMORY_SERVER, MEMORY_NICK };

#define MEMORY_SIZE_MAX 4096   /* bytes */
#define MEMORY_NICKS_MAX 65536 /* of one row */

/* Bytes in which a module remembers something of a user, of a channel, of the
 * server as a whole, or of a nick that nobody needs to have
 * (core/facts/memory.h). */
struct memory_row {
	/* that of the source, a slash, and a word: "knock/user". A row of
	 * another version of the source has the memory if name, kind and size
	 * are the same: so a memory with another meaning needs another name */
	const char *name;
	enum memory_of of;
	size_t size;   /* bytes */
	uint32_t most; /* nicks that are remembered at once; 0 for others */
};

/* The type of an option: a number from min to max, true and false, a word of
 * min to max bytes (printable ASCII without space, quote and backslash), or a
 * list of min to max texts (the same, but with spaces). */
enum option_type {
	OPTION_IS_NUM,
	OPTION_IS_BOOL,
	OPTION_IS_WORD,
	OPTION_IS_LIST
};

/* An option of a module: it stands in the group of the configuration that has
 * the name of the module. Read it with settings_option(), settings_word() or
 * settings_list(), of settings.h. */
struct option_row {
	const char *key;
	enum option_type type;
	uint32_t min, max; /* of a number, or of the bytes of a word */
	uint32_t dflt;	   /* true is 1; 0 for a word or a list: it is empty */
	const char *help;  /* one sentence or some */
	/* Return NULL, or what is expected in the place of this word, or of
	 * this text of a list. NULL: any will do. */
	const char *(*check)(struct span);
};

/* The rows of one source, such as the core. They live as long as the tables
 * that have them. */
struct rows {
	const char *of; /* the name of the source, for reasons */
	const struct command_row *command;
	size_t ncommand;
	const struct chan_mode_row *chan_mode;
	size_t nchan_mode;
	const struct status_row *status;
	size_t nstatus;
	const struct user_mode_row *user_mode;
	size_t nuser_mode;
	const struct cap_row *cap;
	size_t ncap;
	const struct numeric_row *numeric;
	size_t nnumeric;
	const struct isupport_row *isupport;
	size_t nisupport;
	const struct extban_row *extban;
	size_t nextban;
	const struct later_row *later;
	size_t nlater;
	const struct said_row *said;
	size_t nsaid;
	const struct memory_row *memory;
	size_t nmemory;
	const struct query_row *query;
	size_t nquery;
	const struct option_row *option;
	size_t noption;
	const struct speak_row *speak;
	size_t nspeak;
	const struct divert_row *divert;
	size_t ndivert;
	const struct join_row *join;
	size_t njoin;
	const struct forward_row *forward;
	size_t nforward;
	const struct joined_row *joined;
	size_t njoined;
	const struct nick_row *nick;
	size_t nnick;
	const struct claim_row *claim;
	size_t nclaim;
	const struct changed_row *changed;
	size_t nchanged;
	const struct registered_row *registered;
	size_t nregistered;
	const struct rendered_row *rendered;
	size_t nrendered;
	const struct message_row *message;
	size_t nmessage;
	const struct host_row *host;
	size_t nhost;
	const struct lookup_row *lookup;
	size_t nlookup;
	const struct whois_row *whois;
	size_t nwhois;
};

/* Numbers of rows of each kind. */
struct row_set {
	uint64_t chan_modes, user_modes, caps;
	uint32_t statuses;
};

struct tables {
	/* Rows that a reload removes, while clients are still shown what has
	 * them: no letter, name or prefix finds them (core/row_change.h). */
	struct row_set leaving;
	const struct rows *source[SOURCES_MAX];
	unsigned nsource;
	unsigned ncommand, nchan_mode, nstatus, nuser_mode, ncap, nnumeric;
	unsigned nisupport, nextban, nlater, nsaid, nmemory;
	unsigned nspeak, ndivert, njoin, nforward, njoined, nnick, nmessage;
	unsigned nhost, nlookup, nwhois, nclaim, nchanged;
	unsigned nregistered, nrendered, nquery;
	const struct command_row *command[COMMANDS_MAX];
	const struct chan_mode_row *chan_mode[CM_NONE];
	const struct status_row *status[ST_NONE];
	/* numbers of statuses, the highest first; a gap is not among them */
	uint8_t by_rank[ST_NONE];
	unsigned nranked;
	uint64_t veiling; /* channel modes that veil who joins */
	const struct user_mode_row *user_mode[UM_NONE];
	uint64_t marked; /* those with a mark */
	uint64_t deaf;	 /* those of deaf users */
	const struct cap_row *cap[CAP_NONE];
	const struct numeric_row *numeric[NUMERICS_MAX];
	const struct isupport_row *isupport[TOKENS_MAX];
	const struct extban_row *extban[EXTBANS_MAX];
	const struct later_row *later[LATER_MAX];
	const struct said_row *said[SAID_MAX];
	const struct memory_row *memory[MEMORY_MAX]; /* NULL: a gap */
	const struct query_row *query[QUERIES_MAX];
	/* hooks, in the order of the sources */
	const struct speak_row *speak[HOOKS_MAX];
	const struct divert_row *divert[HOOKS_MAX];
	const struct join_row *join[HOOKS_MAX];
	const struct forward_row *forward[HOOKS_MAX];
	const struct joined_row *joined[HOOKS_MAX];
	const struct nick_row *nick[HOOKS_MAX];
	const struct claim_row *claim[HOOKS_MAX];
	const struct changed_row *changed[HOOKS_MAX];
	const struct registered_row *registered[HOOKS_MAX];
	uint32_t changes; /* CHANGEB() of those that any row is told of */
	const struct rendered_row *rendered[RENDERED_MAX];
	uint64_t rendered_mode[RENDERED_MAX]; /* that the row is for */
	uint64_t rendered_modes;	      /* all of them */
	const struct message_row *message[HOOKS_MAX];
	const struct host_row *host[HOOKS_MAX];
	const struct lookup_row *lookup[HOOKS_MAX];
	const struct whois_row *whois[HOOKS_MAX];
	struct hook_modes hook_modes;
	/* by a hash of the name; the number of a command + 1, or 0 */
	uint16_t command_slot[2 * COMMANDS_MAX];
};

/*
 * Append the rows to the tables. Tables that are all zero have no rows. Return
 * false, and write the reason to why, if a row is not good, doubles another
 * row, or finds no room (row_check.h); the tables are then of no use any more.
 * With NULL for why, the rows are trusted.
 */
bool tables_add(struct tables *, const struct rows *, struct writer *why);

/* Remove the commands that `next` does not have, or has from other code. Give
 * each other command the row that it has in `next`. */
void tables_keep_commands(struct tables *, const struct tables *next);
/* Fill in the members that depend on the numbers of rows: the modes of hooks,
 * those that veil who joins, and the user modes with a mark or of deaf users.
 */
void tables_number(struct tables *);

/* Return the row of a command, or NULL. Case does not count. */
const struct command_row *command_find(const struct tables *, struct span verb);

/* Return the row of a verb that can be said, or NULL. */
const struct said_row *said_find(const struct tables *, struct span verb);

/* Return the row of a question, or NULL. */
const struct query_row *query_find(const struct tables *, struct span name);

#endif
