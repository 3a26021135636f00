/*
 * The schema of banyan-gate.conf: its rows become constant tables. The rest is
 * the second pass of the check: options that depend on each other.
 */
#include "conf/gate.h"

#include <string.h>

#include "conf/rule.h"
#include "conf/table.h"
#include "wire/name.h"

enum gate_section_id {
#define SECTION(id, name, kind, help) SECTION_##id,
#define OPTION(section, key, type, min, max, dflt, flags, member, help)
#include "conf/gate.def"
#undef SECTION
#undef OPTION
};

#define LIST(type, v, n)                                                     \
	.size = sizeof(struct type), .items = offsetof(struct gate_conf, v), \
	.count = offsetof(struct gate_conf, n)

static const struct section sections[] = {
#define SECTION SECTION_ROW
#define OPTION(section, key, type, min, max, dflt, flags, member, help)
#include "conf/gate.def"
#undef SECTION
#undef OPTION
};

static const struct option options[] = {
#define SECTION(id, name, kind, help)
#define OPTION OPTION_ROW
#include "conf/gate.def"
#undef SECTION
#undef OPTION
};

bool
gate_conf_listens_tls(const struct gate_conf *c)
{
	for (size_t i = 0; i < c->nlisten; i++)
		if (c->listen[i].tls)
			return true;
	return false;
}

static bool
trunks_tls(const struct gate_conf *c)
{
	for (size_t i = 0; i < c->nserver; i++)
		if (!c->server[i].plaintext)
			return true;
	return false;
}

/* ---- listeners ------------------------------------------------------- */

static void
check_listen(struct walk *k, size_t i)
{
	struct conf_listen *v = gate_conf_of(k->head)->listen, *l = &v[i];

	l->at =
	    walk_place_dup(k, walk_find(k, SECTION_GATE_LISTEN, i, "address"));
	if (l->port == 0)
		return; /* the first pass has reported it */
	if (!rule_address(k, SECTION_GATE_LISTEN, i, &l->address))
		return;
	for (size_t j = 0; j < i; j++)
		if (rule_listens_overlap(l, &v[j])) {
			walk_complain_item(k, SECTION_GATE_LISTEN, i, "port",
			    "another listener uses this address and port");
			return;
		}
	if (l->purpose == CONF_FOR_HTTP)
		rule_http(k, SECTION_GATE_LISTEN, i, l);
	if (l->websocket && l->purpose == CONF_FOR_HTTP)
		walk_complain_item(k, SECTION_GATE_LISTEN, i, "websocket",
		    "only a listener for clients can speak WebSocket");
	else
		rule_origins(k, SECTION_GATE_LISTEN, i, l);
}

static void
check_listeners(struct walk *k)
{
	const struct gate_conf *c = gate_conf_of(k->head);
	const config_setting_t *s =
	    config_setting_get_member(k->root, "listen");

	/* the first pass has reported something else in its place */
	if (s == NULL || (config_setting_is_list(s) && c->nlisten == 0))
		walk_complain(k, s,
		    "listen is missing: expected at least one listener");
	for (size_t i = 0; i < c->nlisten; i++)
		check_listen(k, i);
}

/* ---- servers --------------------------------------------------------- */

/* Report a port that is missing, or that DNS has. */
static bool
check_port(struct walk *k, size_t i)
{
	const struct gate_server *s = &gate_conf_of(k->head)->server[i];
	bool service = s->address.host.n > 0 && s->address.host.p[0] == '_';

	if (service && s->port != 0) {
		walk_complain_item(k, SECTION_GATE_SERVERS, i, "port",
		    "a name that begins with _ has no port here, because its "
		    "SRV records in DNS have the ports");
		return false;
	}
	if (service || s->port != 0)
		return true;
	/* the first pass has reported a port that is there and wrong */
	if (!walk_has(k, SECTION_GATE_SERVERS, i, "port"))
		walk_complain_item(k, SECTION_GATE_SERVERS, i, "port",
		    "expected a whole number from 1 to 65535");
	return false;
}

/* Report an address that an earlier server has, or a listener. */
static void
check_same_address(struct walk *k, size_t i)
{
	const struct gate_conf *c = gate_conf_of(k->head);
	const struct peer_address *a = &c->server[i].address, *b;

	for (size_t j = 0; j < i; j++) {
		b = &c->server[j].address;
		if (b->port != a->port || !span_eq(b->host, a->host) ||
		    !addr_eq(&b->addr, &a->addr))
			continue;
		walk_begin_at(k, SECTION_GATE_SERVERS, i, "address");
		writer_str(&k->w, ": ");
		walk_path(k, SECTION_GATE_SERVERS, j, NULL);
		writer_str(&k->w, " has this address and port, too");
		walk_tell(k, walk_find(k, SECTION_GATE_SERVERS, i, "address"),
		    false);
		return;
	}
	for (size_t j = 0; a->host.n == 0 && j < c->nlisten; j++) {
		if (!rule_listens_at(&c->listen[j], a))
			continue;
		walk_begin_at(k, SECTION_GATE_SERVERS, i, "address");
		writer_str(&k->w, ": ");
		walk_path(k, SECTION_GATE_LISTEN, j, NULL);
		writer_str(&k->w,
		    " of this gate itself has this address and port");
		walk_tell(k, walk_find(k, SECTION_GATE_SERVERS, i, "address"),
		    false);
		return;
	}
}

static void
check_pin(struct walk *k, size_t i)
{
	const struct gate_server *s = &gate_conf_of(k->head)->server[i];

	if (s->plaintext && s->pin.given)
		walk_complain_item(k, SECTION_GATE_SERVERS, i, "plaintext",
		    "a trunk without TLS has no key to compare with the pin");
	/* the first pass has reported a pin that is there and wrong */
	if (!s->plaintext && !s->pin.given &&
	    !walk_has(k, SECTION_GATE_SERVERS, i, "pin"))
		walk_complain_item(k, SECTION_GATE_SERVERS, i, "pin",
		    "expected 64 hex digits: the SHA-256 of the server's "
		    "public key");
}

/* Warn of a pin that an earlier server has, too: a server has a key of its own,
 * so both are addresses of one server, or one of the pins is wrong. */
static void
check_same_pin(struct walk *k, size_t i)
{
	const struct gate_server *v = gate_conf_of(k->head)->server;

	for (size_t j = 0; v[i].pin.given && j < i; j++) {
		if (!v[j].pin.given ||
		    memcmp(v[j].pin.v, v[i].pin.v, sizeof(v[i].pin.v)) != 0)
			continue;
		walk_begin_at(k, SECTION_GATE_SERVERS, i, "pin");
		writer_str(&k->w, ": ");
		walk_path(k, SECTION_GATE_SERVERS, j, NULL);
		writer_str(&k->w,
		    " has this pin, too: it is the same server, or one of the "
		    "pins is wrong");
		walk_tell(k, walk_find(k, SECTION_GATE_SERVERS, i, "pin"),
		    true);
		return;
	}
}

static void
check_server(struct walk *k, size_t i)
{
	struct gate_server *s = &gate_conf_of(k->head)->server[i];

	s->at =
	    walk_place_dup(k, walk_find(k, SECTION_GATE_SERVERS, i, "address"));
	if (s->address.host.n == 0 && addr_is_any(&s->address.addr))
		return; /* the first pass has reported it */
	check_pin(k, i);
	check_same_pin(k, i);
	if (!rule_address(k, SECTION_GATE_SERVERS, i, &s->address.addr))
		return;
	if (s->plaintext && !addr_is_loopback(&s->address.addr)) {
		walk_complain_item(k, SECTION_GATE_SERVERS, i, "address",
		    "a trunk without TLS can only use loopback addresses");
		return;
	}
	if (!check_port(k, i))
		return;
	s->address.port = (uint16_t)s->port;
	check_same_address(k, i);
}

static void
check_servers(struct walk *k)
{
	const struct gate_conf *c = gate_conf_of(k->head);
	const config_setting_t *s =
	    config_setting_get_member(k->root, "servers");

	if (s == NULL || (config_setting_is_list(s) && c->nserver == 0))
		walk_complain(k, s,
		    "servers is missing: expected at least one server");
	for (size_t i = 0; i < c->nserver; i++)
		check_server(k, i);
}

/* ---- certificates ---------------------------------------------------- */

/* Return the setting of an option of a group, or else the group. */
static const config_setting_t *
place_of(const struct walk *k, const char *group, const char *key)
{
	const char *const keys[] = { key, NULL };

	return walk_first_set(k, group, keys);
}

/* Return true if the group does not set the option. The first pass has reported
 * a value that is there and wrong. */
static bool
lacks(const struct walk *k, const char *group, const char *key)
{
	const config_setting_t *s = config_setting_get_member(k->root, group);

	return s == NULL || !config_setting_is_group(s) ||
	       config_setting_get_member(s, key) == NULL;
}

static void
check_tls(struct walk *k)
{
	const struct gate_conf *c = gate_conf_of(k->head);
	bool needed = gate_conf_listens_tls(c);

	if (needed && c->certificate.n == 0 && lacks(k, "tls", "certificate"))
		walk_complain(k, place_of(k, "tls", "key"),
		    "tls.certificate is missing: a listener uses TLS");
	if ((needed || c->certificate.n > 0) && c->key.n == 0 &&
	    lacks(k, "tls", "key"))
		walk_complain(k, place_of(k, "tls", "certificate"),
		    "tls.key is missing: expected the private key of "
		    "tls.certificate");
}

/* Fill in the files of trunks, and report those that are missing. */
static void
check_trunk(struct walk *k)
{
	struct gate_conf *c = gate_conf_of(k->head);
	bool certificate = c->trunk_certificate.n > 0, key = c->trunk_key.n > 0;

	if (certificate != key &&
	    lacks(k, "trunk", certificate ? "key" : "certificate"))
		walk_complain(k,
		    place_of(k, "trunk", certificate ? "certificate" : "key"),
		    "trunk: set both certificate and key, or neither");
	if (certificate || key)
		return;
	c->trunk_certificate = c->certificate;
	c->trunk_key = c->key;
	if (trunks_tls(c) && c->certificate.n == 0 &&
	    lacks(k, "trunk", "certificate") &&
	    lacks(k, "tls", "certificate") && !gate_conf_listens_tls(c))
		walk_complain(k, place_of(k, "trunk", "key"),
		    "trunk.certificate is missing: a trunk uses TLS, and tls "
		    "has no certificate either");
}

/* ---- paths ----------------------------------------------------------- */

static void
check_paths(struct walk *k)
{
	const struct gate_conf *c = gate_conf_of(k->head);
	const struct rule_path v[] = {
		{ "control", c->control, true },
		{ "tls.certificate", c->certificate, false },
		{ "tls.key", c->key, false },
		{ "trunk.certificate", c->trunk_certificate, false },
		{ "trunk.key", c->trunk_key, false },
		{ "pidfile", c->pidfile, true },
		{ "log.file", c->log_file, true },
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		rule_path(k, v, i);
	rule_control_length(k, c->control, NULL);
}

/* Servers refuse a trunk of which GATE says another name (1.2). */
static void
check_name(struct walk *k, const char *key, const char *why, struct span name)
{
	if (name.n > 0 && !name_gate_valid(name))
		walk_complain(k, config_setting_get_member(k->root, key), why);
}

static void
check_names(struct walk *k)
{
	const struct gate_conf *c = gate_conf_of(k->head);

	check_name(k, "name", "name: expected letters, digits, and - . _",
	    c->name);
	check_name(k, "region", "region: expected letters, digits, and - . _",
	    c->region);
}

static void
finish(struct walk *k)
{
	check_names(k);
	check_listeners(k);
	check_servers(k);
	check_tls(k);
	check_trunk(k);
	check_paths(k);
}

const struct schema gate_schema = {
	.section = sections,
	.nsection = sizeof(sections) / sizeof(sections[0]),
	.option = options,
	.noption = sizeof(options) / sizeof(options[0]),
	.size = sizeof(struct gate_conf),
	.no_group = ": it is no group of the gate",
	.finish = finish,
};
