/*
 * settings.h - the configuration as the core and the links see it.
 *
 * Filled by conf/ from a checked file, or by a test; never changed after it
 * was handed to a node by EV_CONF, which borrows it until the next EV_CONF.
 * Every limit is a number here; its default is the row in conf/option.def.
 */
#ifndef CORE_SETTINGS_H
#define CORE_SETTINGS_H

#include "base/span.h"
#include "core/types/ids.h"
#include "wire/addr.h"

struct class_settings {
	struct span name;
	struct addr net;	 /* who is in it: first match wins */
	unsigned prefix;	 /* bits of net, of 128 (IPv4 mapped) */
	uint32_t flood_burst;	 /* lines at once; 0: no flood control */
	uint32_t flood_rate;	 /* lines a second after that */
	uint32_t per_address;	 /* connections of one address; 0: any */
	uint32_t channels;	 /* a user may be on; 0: any */
	uint32_t nick_changes;	 /* a minute, then slower; 0: any */
	uint32_t sendq;		 /* bytes */
	uint32_t recvq;		 /* bytes of unread lines */
	uint32_t registration_s; /* to register in */
	uint32_t ping_s;	 /* silence before PING */
	uint32_t ping_close_s;	 /* and after it before the end */
};

struct oper_settings {
	struct span name;
	struct span verifier; /* $argon2id$… */
	struct span mask;     /* user@host he must match; empty: any */
};

struct peer_address {
	struct addr addr;
	uint16_t port;
};

struct peer_settings {
	struct span name; /* server name */
	struct sid sid;
	bool has_pin;
	unsigned char pin[32];		    /* SHA-256 of its SPKI */
	bool plaintext;			    /* allowed, on loopback only */
	const struct peer_address *address; /* to dial; none: it dials us */
	size_t naddress;
};

struct settings {
	struct span name; /* irc.example.org */
	struct sid sid;
	struct span network; /* ISUPPORT NETWORK */
	struct span description;
	const struct span *motd; /* lines */
	size_t nmotd;
	bool utf8only;
	uint32_t nick_len, channel_len, topic_len, kick_len, away_len, key_len,
	    user_len, host_len, real_len, modes, list_max, targets_max;
	const struct class_settings *class; /* last one matches anybody */
	size_t nclass;
	const struct oper_settings *oper;
	size_t noper;
	const struct peer_settings *peer;
	size_t npeer;
	/* the log of entries and the links */
	uint32_t keep_s;	 /* entries are kept, at least */
	uint64_t keep_bytes;	 /* and at most */
	uint32_t forget_s;	 /* then who is gone is forgotten; 0: never */
	size_t pump_bytes;	 /* unsent: pump stops; 0: as usual */
	uint32_t link_silence_s; /* before a link is closed */
	uint32_t alone_ms;	 /* wait for a link before READY */
};

/* Borrowed; the first class whose network holds the address. */
const struct class_settings *settings_class(const struct settings *,
    const struct addr *);

/* Borrowed or NULL. */
const struct oper_settings *settings_oper(const struct settings *,
    struct span name);

#endif
