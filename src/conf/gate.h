/*
 * gate.h - the configuration of banyan-gate: the values of a file, checked
 * against the rows of gate.def, with every default filled in. conf_read
 * (read.h) makes it, with gate_schema.
 *
 * To add an option, add a row to gate.def and a member here. The check, the
 * printed configuration, the comparison at a reload and the manual page follow
 * from the row.
 */
#ifndef CONF_GATE_H
#define CONF_GATE_H

#include "conf/head.h"
#include "conf/parts.h"

/* A server with which the gate makes a trunk. */
struct gate_server {
	struct peer_address address; /* with its port */
	uint32_t port;		     /* as it is in the file */
	struct conf_pin pin;
	bool plaintext;	      /* on loopback only; there is no pin */
	struct conf_place at; /* of its address */
};

/*
 * A struct gate_conf owns itself and everything it points to;
 * gate_conf_free frees it. A text is empty if the file does not set it.
 */
struct gate_conf {
	struct conf_head head;
	struct span name;
	struct span region;
	struct span network; /* empty: that of the first trunk */
	uint32_t strategy;   /* enum place_strategy of place/choose.h */
	bool learn;	     /* also use servers that servers tell of */
	uint32_t forget_s;   /* learned ones */
	struct span control; /* socket */
	struct span pidfile;
	struct span user;
	struct conf_listen *listen; /* for clients or http */
	size_t nlisten;
	struct span certificate; /* files */
	struct span key;
	struct span trunk_certificate; /* the same as certificate if not set */
	struct span trunk_key;	       /* the same as key if not set */
	struct gate_server *server;
	size_t nserver;
	uint32_t clients;	  /* 0: any number */
	uint32_t per_address;	  /* connections of one address; 0: no limit */
	uint32_t connect_rate;	  /* a minute, of one address; 0: no limit */
	struct net_list gateways; /* to which the two do not apply */
	uint64_t queues_bytes;	  /* that wait for all connections together */
	uint32_t handshake_s;
	struct conf_dns dns;
	struct span log_file;	 /* empty: standard error */
	uint32_t log_format;	 /* enum conf_log_format */
	uint32_t log_level;	 /* enum log_level */
	uint32_t log_per_minute; /* events of strangers of a kind; 0: any */
};

/* The rows of gate.def. */
extern const struct schema gate_schema;

/* Return the configuration that has this head; NULL if it is NULL. */
static inline struct gate_conf *
gate_conf_of(struct conf_head *head)
{
	return (struct gate_conf *)(void *)head;
}

/* NULL is allowed. */
static inline void
gate_conf_free(struct gate_conf *conf)
{
	conf_head_free(conf != NULL ? &conf->head : NULL);
}

/* Return true if a listener uses TLS, which needs a certificate. */
bool gate_conf_listens_tls(const struct gate_conf *);

#endif
