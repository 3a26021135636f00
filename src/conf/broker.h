/*
 * broker.h - brokers through which links go: the URL of one, and all that the
 * links of a configuration name.
 */
#ifndef CONF_BROKER_H
#define CONF_BROKER_H

#include "base/arena.h"
#include "conf/report.h"
#include "wire/addr.h"

struct conf;

#define CONF_BROKER_LINKS 400 /* of one broker */

enum conf_broker_kind { CONF_NATS, CONF_REDIS };

/* "nats://192.0.2.1:4222", taken apart. */
struct conf_broker_url {
	enum conf_broker_kind kind;
	bool tls;
	struct span host; /* a name or an address, without brackets */
	struct addr addr; /* of host; ADDR_NONE: it is a name */
	uint16_t port;
};

struct conf_broker {
	struct span url; /* in the form of broker_url_build() */
	struct span user, password_file, ca; /* empty: not set */
	struct conf_place at; /* of its url, or of the first link's */
};

/* Take a URL apart. Return false if it is not one of a broker. host is borrowed
 * from the text. */
bool broker_url_read(struct span text, struct conf_broker_url *out);
/* Write the one form of it: in small letters, with its port. */
void broker_url_build(struct writer *, const struct conf_broker_url *);

/* Fill in used and nused of the configuration: the brokers that its links name,
 * each once, with what `brokers` says of them. */
void conf_find_brokers(struct conf *);

#endif
