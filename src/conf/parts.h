/*
 * parts.h - parts that the configurations of several programs have.
 */
#ifndef CONF_PARTS_H
#define CONF_PARTS_H

#include "base/arena.h"
#include "conf/report.h"
#include "core/types/settings.h"

/* The words of log.format and of listen.for, in the order of type.def. */
enum conf_log_format { CONF_LOG_TEXT, CONF_LOG_JSON };
enum conf_purpose {
	CONF_FOR_CLIENTS,
	CONF_FOR_HTTP,
	CONF_FOR_LINKS, /* those from here on only at servers */
	CONF_FOR_GATES
};

#define CONF_DNS_SERVERS_MAX 8

/* A list of addresses, which belongs to the configuration. */
struct conf_addresses {
	const struct peer_address *v;
	size_t n;
};

/* The SHA-256 of the public key (SubjectPublicKeyInfo) of a peer. */
struct conf_pin {
	bool given;
	unsigned char v[32];
};

struct conf_dns {
	struct conf_addresses servers; /* n is 0: those of the system */
	struct conf_addresses system;
	uint32_t timeout_ms;
};

struct conf_listen {
	struct addr address;
	uint32_t port;
	bool tls;
	uint32_t purpose;	 /* enum conf_purpose */
	struct net_list proxies; /* empty: clients connect by themselves */
	bool websocket;
	struct span origins;  /* struct ws_conf; empty: any */
	struct conf_place at; /* of its address */
};

/*
 * Read the name servers of the system from the text of resolv.conf, into copies
 * in the arena. If it names no server: the server of this machine.
 */
void conf_set_resolv(struct conf_dns *dns, struct arena *arena,
    struct span text);

#endif
