/*
 * setup.h - the configuration of one server of a test network.
 *
 * Server i (from 0) is `s1.test` for i = 0, sid 001, at the address 10.0.0.1;
 * all know each other, with pins. Defaults are those of banyand.conf, except
 * for what would disturb a test that does not ask for it: no flood control,
 * no limits by address, long PING. Everything is owned by struct setup and
 * must stay until its node has had the next EV_CONF or is freed.
 */
#ifndef LIB_SETUP_H
#define LIB_SETUP_H

#include "core/types/settings.h"

#define SETUP_SERVERS 16
#define SETUP_OPERS 8
#define SETUP_MOTD 64
#define SETUP_PORT 7000 /* of links */

struct setup {
	struct settings settings;
	struct class_settings class[1];
	struct oper_settings oper[SETUP_OPERS];
	struct peer_settings peer[SETUP_SERVERS];
	struct peer_address address[SETUP_SERVERS];
	struct span motd[SETUP_MOTD];
	struct setup *copied; /* what this one was made from; owned */
};

/* Server i of n. dials(j) as bits: whom it calls. */
struct setup *setup_new(unsigned i, unsigned n, uint32_t dials);

/* A changed one for a reload; owns the old one, since texts are shared. */
struct setup *setup_copy(struct setup *);
void setup_free(struct setup *);

/*
 * Sets the option of that name: a number of struct settings or of its class
 * ("nick_len", "flood_burst"), "utf8only", "network", "motd" (adds a line),
 * "oper" ("NAME PASSWORD [MASK]"). Texts are copied and never freed by
 * setup_free of a copy alone. False if there is no such option.
 */
bool setup_set(struct setup *, const char *name, const char *value);

/* What EFF_HASH finds in tests: "$argon2id$test$" and the password. */
bool setup_match(struct span password, struct span verifier);

void setup_pin(unsigned i, unsigned char pin[32]);
struct sid setup_sid(unsigned i);
struct addr setup_addr(unsigned i);

#endif
