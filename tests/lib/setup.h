/*
 * setup.h - the configuration of one server of a test network.
 *
 * Server i (from 0) has the sid 001 and the name `s1.test` for i = 0, and the
 * address 10.0.0.1. All servers know each other, with pins. The defaults are
 * those of banyand.conf, except where these would disturb a test that does not
 * ask for them: there is no flood control, no limit by address, no grace time,
 * and a long PING. struct setup owns everything. It must live until its node
 * has had the next EV_CONF or is freed.
 */
#ifndef LIB_SETUP_H
#define LIB_SETUP_H

#include "core/types/settings.h"

#define SETUP_SERVERS 16
#define SETUP_OPERS 8
#define SETUP_GATES 2
#define SETUP_MOTD 64
#define SETUP_MODULES 60
#define SETUP_OPTIONS 64 /* of modules, that are set */
#define SETUP_LIST 16	 /* texts of one of them */
#define SETUP_PORT 7000	 /* of the link listeners */

struct setup {
	struct settings settings;
	struct class_settings class[2]; /* the last is for everybody */
	struct oper_settings oper[SETUP_OPERS];
	struct gate_settings gate[SETUP_GATES];
	struct gateway_settings gateway[1];
	struct net_settings gateway_net[1];
	struct peer_settings peer[SETUP_SERVERS];
	struct peer_address address[SETUP_SERVERS];
	struct span motd[SETUP_MOTD];
	const struct rows *rows[SETUP_MODULES];
	const struct module *module[SETUP_MODULES];
	struct option_value option[SETUP_OPTIONS];
	struct setup *copied; /* the setup it was copied from; owned */
};

/*
 * Make the setup of server i of n. dials has a bit for each server that it
 * dials. The caller frees it with setup_free, or gives it to a net.
 */
struct setup *setup_new(unsigned i, unsigned n, uint32_t dials);

/*
 * Make a copy, to be changed for a reload. The copy owns the old one, since
 * they share texts.
 */
struct setup *setup_copy(struct setup *);
void setup_free(struct setup *);

/*
 * Set the option of that name: a number of struct settings or of its class
 * ("nick_len", "flood_burst"), "utf8only", "founder", "network", "motd" (adds
 * a line),
 * "oper" ("NAME PASSWORD [MASK]"; with all privileges), "privileges" ("NAME
 * [PRIVILEGE...]": the privileges of an operator from then on), "no_oper"
 * ("NAME"), "dialled" ("PEER HOST [PORT]": the server dials the peer by that
 * name; SRV records without a port), "pin" ("NAME LETTER [and]": a certificate
 * in the place of, or beside, the password), "modules" (all names, or none),
 * "MODULE.KEY" (an option of a module whose rows the server has), "class" ("NET
 * OPTION VALUE": an option of the class for that network; other networks keep
 * theirs).
 * Texts are copied; setup_free of a copy alone never frees them. Return false
 * if there is no such option, or if the value is wrong.
 */
bool setup_set(struct setup *, const char *name, const char *value);

/*
 * Return true if the password fits. In tests a verifier is "$argon2id$test$"
 * and the password.
 */
bool setup_match(struct span password, struct span verifier);

void setup_pin(unsigned i, unsigned char pin[32]);
struct sid setup_sid(unsigned i);
struct addr setup_addr(unsigned i);

/* Let gate i, from 0, have that many streams. Its name is gate1 for i = 0. All
 * gates before it must have been set. */
void setup_gate(struct setup *, unsigned i, uint32_t streams);
/* Let server i say that it takes gates, at setup_addr() and SETUP_GATES_PORT.
 */
#define SETUP_GATES_PORT 7001
void setup_gates_at(struct setup *, unsigned i);
void setup_gate_pin(unsigned i, unsigned char pin[32]);
struct addr setup_gate_addr(unsigned i);

#endif
