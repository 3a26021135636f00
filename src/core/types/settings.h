/*
 * settings.h - the configuration as the core and the links see it.
 *
 * conf/ or a test fills it. It never changes after EV_CONF has handed it to a
 * node, which borrows it until the next EV_CONF.
 * Every limit is a number here; its default is the row in conf/option.def.
 */
#ifndef CORE_SETTINGS_H
#define CORE_SETTINGS_H

#include "base/span.h"
#include "core/types/ids.h"
#include "wire/addr.h"

struct class_settings {
	struct span name;
	struct addr net;	 /* the first class that matches counts */
	unsigned prefix;	 /* bits of net, of 128 (IPv4 mapped) */
	uint32_t flood_burst;	 /* lines at once; 0: no flood control */
	uint32_t flood_rate;	 /* lines a second after the burst */
	uint32_t per_address;	 /* connections of one address; 0: no limit */
	uint32_t per_network;	 /* of one network; 0: no limit */
	uint32_t connect_rate;	 /* a minute, of one address; 0: no limit */
	uint32_t channels;	 /* that a user may be on; 0: no limit */
	uint32_t nick_changes;	 /* a minute, then slower; 0: no limit */
	uint32_t joins;		 /* a minute, after `channels`; 0: no limit */
	uint32_t targets;	 /* strangers in 5 minutes; 0: no limit */
	uint32_t sendq;		 /* bytes */
	uint32_t recvq;		 /* bytes of unread lines */
	uint32_t registration_s; /* time to register */
	uint32_t ping_s;	 /* silence before PING */
	uint32_t ping_close_s;	 /* then silence before the end */
	struct span verifier;	 /* $argon2id$… of PASS; empty: none */
	bool sts_exempt; /* not told the policy of struct sts_settings */
};

struct oper_class_settings {
	struct span name;
	uint32_t privileges;  /* its own, PRIVB() (core/types/privilege.h) */
	struct span inherits; /* a class whose privileges it has, too; or "" */
};

struct oper_settings {
	struct span name;
	struct span verifier; /* $argon2id$…; empty: there is a pin */
	bool has_pin;
	unsigned char pin[32]; /* SHA-256 of the SPKI of the certificate */
	struct span mask;      /* user@host of the user; empty: any */
	struct span class;     /* empty: none */
	uint32_t privileges;   /* those of the class; without a class: all */
};

struct net_settings {
	struct addr addr;
	unsigned int prefix; /* bits of 128 */
};

struct net_list {
	const struct net_settings *v;
	size_t n;
};

/* A gateway that hands clients on with WEBIRC. */
struct gateway_settings {
	struct span name;
	struct net_list nets; /* from which it connects */
	struct span verifier; /* $argon2id$…; empty: there is a pin */
	bool has_pin;
	unsigned char pin[32]; /* SHA-256 of the SPKI of its certificate */
};

struct peer_address {
	struct span host; /* is looked up at each dial; empty: addr */
	struct addr addr;
	uint16_t port; /* 0: host is the name of a service (RFC 2782), and
			* DNS has the hosts and their ports */
	bool broker;   /* the link goes through the broker of that name, host */
};

static inline bool
peer_address_is_service(const struct peer_address *a)
{
	return a->host.n > 0 && a->port == 0 && !a->broker;
}

struct peer_settings {
	struct span name; /* server name */
	struct sid sid;
	bool has_pin;
	unsigned char pin[32];		    /* SHA-256 of its SPKI */
	bool plaintext;			    /* allowed, on loopback only */
	const struct peer_address *address; /* to dial */
	size_t naddress;		    /* 0: the peer dials us */
	struct span broker; /* the link goes through it; empty: there is none */
};

/* A gate whose trunks this server accepts (doc/gate-protocol.md). */
struct gate_settings {
	struct span name;
	bool has_pin;
	unsigned char pin[32]; /* SHA-256 of its SPKI */
	bool plaintext;	       /* allowed, on loopback only */
	uint32_t streams;      /* of all its trunks at once */
};

/* Where gates find this server. */
struct gates_at {
	struct peer_address at; /* port 0: it is not known */
	bool has_pin;		/* it speaks TLS there */
	unsigned char pin[32];	/* SHA-256 of the SPKI that it shows */
};

struct module;	   /* core/module.h */
struct option_row; /* core/types/tables.h */
struct rows;	   /* core/types/tables.h */

/* The value of an option of a module. */
struct option_value {
	const struct option_row *row;
	const char *of; /* the module */
	uint32_t v;
	struct span word;	 /* of OPTION_IS_WORD; empty: it is not set */
	const struct span *list; /* of OPTION_IS_LIST */
	size_t nlist;
};

/* The policy that clients come with TLS (IRCv3 sts). */
struct sts_settings {
	uint32_t port;	     /* where there is TLS; 0: no policy */
	bool proxied;	     /* a proxy takes TLS there */
	uint32_t duration_s; /* how long clients shall keep to TLS */
	bool preload;	     /* and may know it before they connect */
	struct span hosts;   /* patterns with commas; empty: all names */
};

/* The status of a user who founds a channel. */
enum founder { FOUNDER_OP, FOUNDER_ADMIN, FOUNDER_OWNER };

struct settings {
	struct span name; /* irc.example.org */
	struct sid sid;
	struct span network; /* ISUPPORT NETWORK */
	struct span description;
	struct span region; /* where the server is; empty: not said */
	/* whom to ask about the server, for ADMIN; each may be empty */
	struct span admin_location, admin_organisation, admin_email;
	const struct span *motd; /* lines */
	size_t nmotd;
	bool utf8only;
	struct span tag_deny; /* CLIENTTAGDENY; empty: all tags may be sent */
	struct sts_settings sts;
	bool dns_enabled; /* names of clients are looked up */
	bool dns_private; /* those of private addresses, too */
	bool dns_notices; /* clients are told */
	uint32_t founder; /* enum founder */
	bool remote_die;  /* operators of other servers may stop this one */
	/* how long a user is held whose connection a restart has ended; 0: not
	 * at all (core/held.h) */
	uint32_t hold_s;
	uint32_t nick_len, channel_len, topic_len, kick_len, away_len, key_len,
	    user_len, host_len, real_len, modes, list_max, targets_max;
	uint32_t monitor; /* nicks that a client may watch */
	/* lines of one message (draft/multiline), 0: one; and its bytes */
	uint32_t multiline_lines, multiline_bytes;
	uint32_t whowas;       /* nicks that are remembered, at most; 0: none */
	uint64_t whowas_bytes; /* the memory that they take, at most */
	uint32_t ban_max;      /* bans, when one more is refused; 0: any */
	uint32_t ban_share;    /* percent of users that a ban may hit; 0: any */
	const struct class_settings *class; /* the last matches everybody */
	size_t nclass;
	const struct oper_class_settings *oper_class;
	size_t noper_class;
	const struct oper_settings *oper;
	size_t noper;
	const struct gateway_settings *gateway;
	size_t ngateway;
	const struct peer_settings *peer;
	size_t npeer;
	const struct gate_settings *gate;
	size_t ngate;
	struct gates_at gates_at;
	uint32_t weight; /* how many people this server takes, of others' 100 */
	/* rows that are added to the built-in ones, and that core_tables() has
	 * taken (core/rows.h); those of settings before are read until
	 * core_reads_old_rows() returns false */
	const struct rows *const *rows;
	size_t nrows;
	/* the modules that the rows come from, to list them */
	const struct module *const *module;
	size_t nmodule;
	/* the options of these modules; settings_option() */
	const struct option_value *option;
	size_t noption;
	/* the log of entries and the links */
	uint32_t keep_s;     /* how long entries are kept, at least */
	uint64_t keep_bytes; /* how many bytes, at most */
	uint32_t
	    forget_s; /* until a server that is gone is forgotten; 0: never */
	/* bytes of memory that snapshots which come may take; 0: the default */
	uint64_t snapshot_bytes;
	size_t pump_bytes; /* unsent bytes that stop the pump; 0: the default */
	/* unprocessed bytes above which links are held; 0: as usual */
	uint64_t backlog_bytes;
	uint32_t link_silence_s; /* before a link is closed */
	/* how long a server that cannot be reached stays visible; 0: not */
	uint32_t grace_s;
	uint32_t alone_ms; /* wait for a link before READY */
	/* users have a home that moves, as those of a gate will
	 * (link-protocol.md, 11.24); only tests set it */
	bool homes_move;
	/* what a turn may cost (core/types/cost.h); 0: as usual */
	int64_t turn_work;
};

/* Return the first class whose network holds the address; borrowed. */
const struct class_settings *settings_class(const struct settings *,
    const struct addr *);

/* Return true if a gateway may connect from the address (`webirc`). */
bool settings_is_gateway(const struct settings *, const struct addr *);

/* Return true if a block of `links` has the address. The addresses of its hosts
 * do not count: daemon/dialling.h knows them. */
bool settings_is_peer(const struct settings *, const struct addr *);

/* Return true if the policy of TLS holds for the host name by which a client
 * came. It holds for no empty name. */
bool settings_has_name(const struct settings *, struct span name);

/* Return true if one of the networks has the address. */
bool net_list_has(const struct net_list *, const struct addr *);

/* Return the row of that name, borrowed, or NULL. */
const struct oper_settings *settings_oper(const struct settings *,
    struct span name);

/* Return the class of operators of that name, borrowed, or NULL. An empty name
 * is that of no class. */
const struct oper_class_settings *settings_oper_class(const struct settings *,
    struct span name);

/* Return the privileges of an operator with that class: those of the class, and
 * of all classes from which it inherits. Without a class, all privileges. */
uint32_t settings_privileges(const struct settings *, struct span class);

/* Return the value of an option of a module: the default of the row, if the
 * settings have none. */
uint32_t settings_option(const struct settings *, const struct option_row *);
/* Return the value of a word, borrowed; empty if it is not set. */
struct span settings_word(const struct settings *, const struct option_row *);
/* Return the texts of a list, borrowed, and their number in *n. */
const struct span *settings_list(const struct settings *,
    const struct option_row *, size_t *n);

#endif
