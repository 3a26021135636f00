/*
 * change.h - the changes of the shown state as data, and the sinks that take
 * them.
 *
 * The show code (core/show/) compares what was shown with what shall be shown,
 * and makes one ordered list of changes of the difference. Each change is given
 * to all sinks before the next one is made. The order is that of
 * doc/decisions/0003, so every prefix of the list is right: whoever carries out
 * the changes up to one of them, and no further, has a picture that is
 * consistent. The lines to clients are one sink (core/show/client_lines.c).
 *
 * Where each change stands against the shown state, which a sink may read:
 *
 * PART, KICK, QUIT, NICK, HOST, RENAME
 *                            the state is still the one before the change
 * all others                 the state is already the one after it
 *
 * A QUIT ends all memberships of the user, and has no PART. A channel begins
 * with its first JOIN and ends with its last member; its modes and its topic
 * go with it, without a change.
 *
 * To add a sink, fill a struct sink and give it to core_add_sink(). A sink says
 * first whether the change has an audience there; it makes nothing of a change
 * that has none. It changes no fact and nothing that is shown.
 */
#ifndef CORE_CHANGE_H
#define CORE_CHANGE_H

#include <bsd/sys/queue.h>

#include "base/span.h"
#include "core/part/part.h"
#include "core/types/ids.h"
#include "core/types/mode.h"

struct chan;
struct step;
struct user;

enum change_kind {
	CHANGE_PART, /* user leaves chan; text: the reason */
	CHANGE_KICK, /* by makes user leave chan; text: the reason */
	CHANGE_QUIT, /* user is hidden; text: the reason */
	CHANGE_NICK, /* user is shown by another nick; text: the nick */
	CHANGE_COME, /* user is shown; text: the nick */
	CHANGE_JOIN, /* user is on chan, without a status */
	CHANGE_SEEN, /* user, whose JOIN was veiled, is seen on chan */
	CHANGE_AWAY, /* text: the reason; without bytes at p: user is back */
	/* user has another real name; text: the real name; without bytes at p:
	 * the first one again */
	CHANGE_REALNAME,
	CHANGE_HOST,	   /* user has another host, or user name; host, text */
	CHANGE_MODES,	   /* by sets modes of chan; mode, nmode */
	CHANGE_TOPIC,	   /* by sets the topic of chan; text may be empty */
	CHANGE_USER_MODES, /* user has other modes; on, off */
	/* by gives chan another name; name, text: the reason */
	CHANGE_RENAME,
	CHANGE_COUNT
};

/* Sets of kinds are masks of these bits, a uint32_t. */
#define CHANGEB(ID) (UINT32_C(1) << CHANGE_##ID)

/* One letter of a CHANGE_MODES. All `-` come before all `+`. */
struct mode_change {
	bool on;
	char letter;
	/* if true, clients see arg: the nick, the mask, or the value */
	bool has_arg;
	/* if true, clients see `*` in its place (link-protocol.md, 9.20) */
	bool hidden;
	struct span arg;
	enum chan_mode mode;	 /* CM_NONE: a status */
	enum status status;	 /* of user; ST_NONE: a mode */
	const struct user *user; /* NULL: a mode */
};

/* Everything that it points to is valid until the sink returns. */
struct change {
	enum change_kind kind;
	const struct user *user; /* NULL: of no user */
	struct chan *chan;	 /* NULL: of no channel */
	struct by by;		 /* who did it; a user does their own PART */
	/* of a JOIN, PART, KICK: the other members do not see it
	 * (doc/decisions/0054) */
	bool veiled;
	struct span text;
	struct span host; /* of a HOST; the text is then the user name */
	struct span name; /* of a RENAME: the new one */
	struct stamp when;
	/* the batch of a split or heal, "netsplit a b"; empty: none */
	struct span batch;
	const struct mode_change *mode;
	size_t nmode;
	uint64_t on, off; /* UMB() */
};

/* The owner keeps it as long as the core. */
struct sink {
	/* Return true if the change has an audience. Nothing else may be done
	 * between this call and take(). */
	bool (*has_audience)(struct sink *, struct step *,
	    const struct change *);
	/* Take a change that has an audience. */
	void (*take)(struct sink *, struct step *, const struct change *);
	/* A user who is shown gets another home; user_counted() is still the
	 * one before. NULL: the sink does not care. */
	void (*moved)(struct sink *, struct step *, const struct user *,
	    struct sid to);
	/* Something is said to all of a channel. NULL: the same. */
	void (*said)(struct sink *, struct step *, const struct chan *);
	STAILQ_ENTRY(sink) link;
};

STAILQ_HEAD(sink_list, sink);

#endif
