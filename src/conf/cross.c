#include "conf/cross.h"

#include <string.h>

#include "conf/module_option.h"
#include "conf/option.h"
#include "conf/rule.h"
#include "core/module.h"
#include "core/types/privilege.h"
#include "wire/name.h"
#include "wire/utf8.h"

#define LINE_MAX 510 /* bytes of a client's line without its end (modern-irc) */

/* ---- links ----------------------------------------------------------- */

/* Report an address that is one of this server's own. */
static void
check_own_address(struct walk *k, size_t i, const struct peer_address *a)
{
	for (size_t j = 0; j < conf_of(k->head)->nlisten; j++) {
		if (!rule_listens_at(&conf_of(k->head)->listen[j], a))
			continue;
		walk_begin_at(k, SECTION_LINKS, i, "address");
		writer_str(&k->w, ": ");
		walk_path(k, SECTION_LISTEN, j, NULL);
		writer_str(&k->w,
		    " of this server itself has this address and port");
		walk_tell(k, walk_find(k, SECTION_LINKS, i, "address"), false);
		return;
	}
}

static bool
has_address(const struct peer_settings *p, const struct peer_address *a)
{
	for (size_t i = 0; i < p->naddress; i++)
		if (p->address[i].port == a->port &&
		    span_eq(p->address[i].host, a->host) &&
		    addr_eq(&p->address[i].addr, &a->addr))
			return true;
	return false;
}

/* Report an address that an earlier block has, too. */
static void
check_same_address(struct walk *k, size_t i, const struct peer_address *a)
{
	const struct peer_settings *v = conf_of(k->head)->settings.peer;

	for (size_t j = 0; j < i; j++) {
		if (!has_address(&v[j], a))
			continue;
		walk_begin_at(k, SECTION_LINKS, i, "address");
		writer_str(&k->w, ": ");
		walk_path(k, SECTION_LINKS, j, NULL);
		writer_str(&k->w, peer_address_is_service(a)
				      ? " has this name, too, and each dial "
					"reaches only one server"
				      : " has this address and port, too, and "
					"only one server can answer there");
		walk_tell(k, walk_find(k, SECTION_LINKS, i, "address"), true);
		return;
	}
}

/* Report a pin that an earlier block has, too: a link would never come about
 * for the later one, as the key of a peer tells which block is its. */
static void
check_same_pin(struct walk *k, size_t i)
{
	const struct peer_settings *v = conf_of(k->head)->settings.peer;

	for (size_t j = 0; v[i].has_pin && j < i; j++) {
		if (!v[j].has_pin ||
		    memcmp(v[j].pin, v[i].pin, sizeof(v[i].pin)) != 0)
			continue;
		walk_begin_at(k, SECTION_LINKS, i, "pin");
		writer_str(&k->w, ": ");
		walk_path(k, SECTION_LINKS, j, NULL);
		writer_str(&k->w,
		    " has this pin, too, and each server needs a key of its "
		    "own");
		walk_tell(k, walk_find(k, SECTION_LINKS, i, "pin"), false);
		return;
	}
}

static void
check_addresses(struct walk *k, size_t i)
{
	const struct peer_settings *p = &conf_of(k->head)->settings.peer[i];

	for (size_t j = 0; j < p->naddress; j++) {
		if (!rule_address(k, SECTION_LINKS, i, &p->address[j].addr))
			return;
		if (p->plaintext && !addr_is_loopback(&p->address[j].addr)) {
			walk_complain_item(k, SECTION_LINKS, i, "address",
			    "a link without TLS can only use loopback "
			    "addresses");
			return;
		}
		if (p->address[j].port != 0 && p->address[j].host.n > 0 &&
		    p->address[j].host.p[0] == '_') {
			walk_complain_item(k, SECTION_LINKS, i, "address",
			    "a name that begins with _ has no port here, "
			    "because its SRV records in DNS have the ports");
			return;
		}
		if (p->address[j].host.n == 0)
			check_own_address(k, i, &p->address[j]);
		check_same_address(k, i, &p->address[j]);
	}
}

/* Report a link that cannot come about, because nobody can dial. */
static void
check_dials(struct walk *k, size_t i)
{
	const struct peer_settings *p = &conf_of(k->head)->settings.peer[i];
	const struct conf *c = conf_of(k->head);

	/* the first pass has reported an address that is there and wrong */
	if (p->naddress > 0 || walk_has(k, SECTION_LINKS, i, "address"))
		return;
	for (size_t j = 0; j < c->nlisten; j++)
		if (c->listen[j].purpose == CONF_FOR_LINKS &&
		    c->listen[j].tls != p->plaintext)
			return;
	walk_begin_at(k, SECTION_LINKS, i, NULL);
	writer_str(&k->w,
	    ": neither side can dial: the block has no address, and there is "
	    "no listener for links with");
	writer_str(&k->w, p->plaintext ? "out TLS" : " TLS");
	walk_tell(k, walk_find(k, SECTION_LINKS, i, "name"), true);
}

static void
check_link(struct walk *k, size_t i)
{
	const struct settings *s = &conf_of(k->head)->settings;
	const struct peer_settings *p = &s->peer[i];

	if (p->name.n == 0 && sid_is_none(p->sid))
		return; /* the first pass has reported it */
	if (p->name.n > 0 && span_eq(p->name, s->name))
		walk_complain_item(k, SECTION_LINKS, i, "name",
		    "this is the name of this server itself");
	if (!sid_is_none(p->sid) && sid_cmp(p->sid, s->sid) == 0)
		walk_complain_item(k, SECTION_LINKS, i, "sid",
		    "this is the sid of this server itself");
	if (p->plaintext && p->has_pin)
		walk_complain_item(k, SECTION_LINKS, i, "plaintext",
		    "a link without TLS has no key to compare with the pin");
	/* the first pass has reported a pin that is there and wrong */
	if (!p->plaintext && !p->has_pin &&
	    !walk_has(k, SECTION_LINKS, i, "pin"))
		walk_complain_item(k, SECTION_LINKS, i, "pin",
		    "expected 64 hex digits, which `banyanctl linkblock` "
		    "prints on the other side");
	check_same_pin(k, i);
	if (p->broker.n > 0) {
		cross_check_broker_link(k, i);
		return;
	}
	check_addresses(k, i);
	/* the first pass has reported a broker that is there and wrong */
	if (!walk_has(k, SECTION_LINKS, i, "broker"))
		check_dials(k, i);
}

/* ---- gates ------------------------------------------------------------ */

static void
check_region(struct walk *k)
{
	static const char *const keys[] = { "region", NULL };
	struct span region = conf_of(k->head)->settings.region;

	if (region.n > 0 && !name_gate_valid(region))
		walk_complain(k, walk_first_set(k, "server", keys),
		    "server.region: expected letters, digits, and - . _");
}

static bool
is_for_gates(const struct conf_listen *l)
{
	return l->purpose == CONF_FOR_GATES && l->port != 0;
}

/* Return the listener of which gates are told, or NULL: it has one address, and
 * has TLS rather than not. */
static const struct conf_listen *
told_listener(const struct conf *c)
{
	const struct conf_listen *plain = NULL;

	for (size_t i = 0; i < c->nlisten; i++) {
		const struct conf_listen *l = &c->listen[i];

		if (!is_for_gates(l) || addr_is_any(&l->address))
			continue;
		if (l->tls)
			return l;
		if (plain == NULL)
			plain = l;
	}
	return plain;
}

/* Return what is wrong with server.gates_at, or NULL. */
static const char *
wrong_gates_at(const struct conf *c)
{
	const struct peer_address *at = &c->settings.gates_at.at;
	bool any = false, near = false;

	for (size_t i = 0; i < c->nlisten; i++) {
		const struct conf_listen *l = &c->listen[i];

		any |= is_for_gates(l);
		near |= is_for_gates(l) && (addr_is_any(&l->address) ||
					       addr_is_loopback(&l->address));
	}
	if (!any)
		return "server.gates_at: there is no listener for gates";
	return at->host.n == 0 && addr_is_loopback(&at->addr) && !near
		   ? "server.gates_at: no listener for gates can be reached at "
		     "a "
		     "loopback address"
		   : NULL;
}

/* Judge the place where gates find this server, or set it if the file does not.
 */
static void
check_gates_at(struct walk *k)
{
	static const char *const keys[] = { "gates_at", NULL };
	struct conf *c = conf_of(k->head);
	struct peer_address *at = &c->settings.gates_at.at;
	const struct conf_listen *told = told_listener(c);
	const char *wrong;

	if (at->port == 0) {
		if (told != NULL)
			*at = (struct peer_address){ .addr = told->address,
				.port = (uint16_t)told->port };
		return;
	}
	if ((wrong = wrong_gates_at(c)) != NULL)
		walk_complain(k, walk_first_set(k, "server", keys), wrong);
}

static void
check_gate_listener(struct walk *k, size_t i)
{
	const struct conf *c = conf_of(k->head);
	const struct gate_settings *g = &c->settings.gate[i];

	for (size_t j = 0; j < c->nlisten; j++)
		if (c->listen[j].purpose == CONF_FOR_GATES &&
		    (c->listen[j].tls ? g->has_pin : g->plaintext))
			return;
	walk_begin_at(k, SECTION_GATES, i, NULL);
	writer_str(&k->w,
	    ": the gate cannot connect, because there is no listener for gates "
	    "that it may use");
	walk_tell(k, walk_find(k, SECTION_GATES, i, "name"), true);
}

static void
check_gate(struct walk *k, size_t i)
{
	const struct settings *s = &conf_of(k->head)->settings;
	const struct gate_settings *g = &s->gate[i];

	if (g->name.n == 0)
		return; /* the first pass has reported it */
	if (!name_gate_valid(g->name))
		walk_complain_item(k, SECTION_GATES, i, "name",
		    "expected letters, digits, and - . _");
	/* the first pass has reported a pin that is there and wrong */
	if (!g->has_pin && walk_has(k, SECTION_GATES, i, "pin"))
		return;
	if (!g->has_pin && !g->plaintext) {
		walk_complain_item(k, SECTION_GATES, i, "pin",
		    "expected 64 hex digits, which the gate tells");
		return;
	}
	for (size_t j = 0; j < i; j++)
		if (g->has_pin && s->gate[j].has_pin &&
		    memcmp(g->pin, s->gate[j].pin, sizeof(g->pin)) == 0) {
			walk_complain_item(k, SECTION_GATES, i, "pin",
			    "another gate has this pin");
			return;
		}
	check_gate_listener(k, i);
}

/* ---- listeners, classes, operators ----------------------------------- */

/* Keep the place of a listener, for problems that are found later. */
static void
place_listen(struct walk *k, size_t i)
{
	struct conf_listen *l = &conf_of(k->head)->listen[i];

	l->at = walk_place_dup(k, walk_find(k, SECTION_LISTEN, i, "address"));
}

static void
check_listen(struct walk *k, size_t i)
{
	const struct conf_listen *v = conf_of(k->head)->listen, *l = &v[i];

	if (l->port == 0)
		return; /* the first pass has reported it */
	if (!rule_address(k, SECTION_LISTEN, i, &l->address))
		return;
	for (size_t j = 0; j < i; j++)
		if (rule_listens_overlap(l, &v[j])) {
			walk_complain_item(k, SECTION_LISTEN, i, "port",
			    "another listener uses this address and port");
			break;
		}
	if (!l->tls && l->purpose == CONF_FOR_LINKS &&
	    !addr_is_loopback(&l->address))
		walk_complain_item(k, SECTION_LISTEN, i, "address",
		    "a listener for links without tls can only use a loopback "
		    "address");
	if (!l->tls && l->purpose == CONF_FOR_GATES &&
	    !addr_is_loopback(&l->address))
		walk_complain_item(k, SECTION_LISTEN, i, "address",
		    "a listener for gates without tls can only use a loopback "
		    "address");
	if (l->purpose == CONF_FOR_HTTP)
		rule_http(k, SECTION_LISTEN, i, l);
	if (l->websocket && l->purpose != CONF_FOR_CLIENTS)
		walk_complain_item(k, SECTION_LISTEN, i, "websocket",
		    "only a listener for clients can speak WebSocket");
	else
		rule_origins(k, SECTION_LISTEN, i, l);
	/* a link or gate without TLS is believed because of its address */
	if (l->proxies.n > 0 &&
	    (l->purpose == CONF_FOR_LINKS || l->purpose == CONF_FOR_GATES))
		walk_complain_item(k, SECTION_LISTEN, i, "proxy",
		    "only a listener for clients can have proxies");
}

static void
check_class(struct walk *k, size_t i)
{
	const struct class_settings *v = conf_of(k->head)->settings.class;

	for (size_t j = 0; j < i; j++)
		if (v[j].prefix <= v[i].prefix &&
		    addr_in(&v[i].net, &v[j].net, v[j].prefix)) {
			walk_begin_at(k, SECTION_CLASSES, i, NULL);
			writer_str(&k->w,
			    ": no client will be in it, because ");
			walk_path(k, SECTION_CLASSES, j, NULL);
			writer_str(&k->w, " comes first and contains its net");
			walk_tell(k, walk_find(k, SECTION_CLASSES, i, "net"),
			    true);
			return;
		}
}

/*
 * A mask needs both parts: an empty one would match everybody. A host with a
 * slash is a network, because no host name and no address has one.
 */
static void
check_mask(struct walk *k, size_t i)
{
	struct span host = conf_of(k->head)->settings.oper[i].mask;
	struct span user = span_cut(&host, '@');
	unsigned int prefix;
	struct addr net;

	if (user.n == 0 && host.n == 0)
		return; /* there is no mask */
	if (user.n == 0 || host.n == 0) {
		walk_complain_item(k, SECTION_OPERS, i, "mask",
		    "expected user@host, such as \"*@192.0.2.*\" or "
		    "\"*@192.0.2.0/24\"");
		return;
	}
	if (span_find(host, '/') == host.n ||
	    addr_cidr_parse(host, &net, &prefix))
		return;
	walk_begin_at(k, SECTION_OPERS, i, "mask");
	writer_str(&k->w, ": ");
	writer_span(&k->w, host);
	writer_str(&k->w,
	    " is not a network: expected an IP address, \"/\" and at most 32 "
	    "bits (IPv6: 128)");
	walk_tell(k, walk_find(k, SECTION_OPERS, i, "mask"), false);
}

/* Report an operator with neither a password nor a pin. The first pass has
 * reported values that are there and wrong. */
static void
check_proof(struct walk *k, size_t i)
{
	const struct oper_settings *o = &conf_of(k->head)->settings.oper[i];

	if (o->name.n == 0 || o->verifier.n > 0 || o->has_pin ||
	    walk_has(k, SECTION_OPERS, i, "password") ||
	    walk_has(k, SECTION_OPERS, i, "pin"))
		return;
	walk_begin_at(k, SECTION_OPERS, i, NULL);
	writer_str(&k->w, ": expected a password, a pin, or both");
	walk_tell(k, walk_find(k, SECTION_OPERS, i, "name"), false);
}

/* Likewise for a gateway. */
static void
check_gateway(struct walk *k, size_t i)
{
	const struct gateway_settings *g =
	    &conf_of(k->head)->settings.gateway[i];

	if (g->name.n == 0 || g->verifier.n > 0 || g->has_pin ||
	    walk_has(k, SECTION_WEBIRC, i, "password") ||
	    walk_has(k, SECTION_WEBIRC, i, "pin"))
		return;
	walk_begin_at(k, SECTION_WEBIRC, i, NULL);
	writer_str(&k->w, ": expected a password, a pin, or both");
	walk_tell(k, walk_find(k, SECTION_WEBIRC, i, "name"), false);
}

/* ---- classes of operators -------------------------------------------- */

/* Report the name of a class that does not exist. No name means no class. */
static void
check_class_name(struct walk *k, unsigned int section, size_t i,
    const char *key, struct span name)
{
	if (name.n == 0 ||
	    settings_oper_class(&conf_of(k->head)->settings, name) != NULL)
		return;
	walk_begin_at(k, section, i, key);
	writer_str(&k->w, ": oper_classes has no class ");
	value_build_text(&k->w, name);
	walk_tell(k, walk_find(k, section, i, key), false);
}

/* Return true if the class inherits from itself. */
static bool
is_circular(const struct settings *s, const struct oper_class_settings *class)
{
	const struct oper_class_settings *c =
	    settings_oper_class(s, class->inherits);

	for (size_t n = 0; c != NULL && n < s->noper_class; n++) {
		if (c == class)
			return true;
		c = settings_oper_class(s, c->inherits);
	}
	return false;
}

/* Report names that are no privileges. */
static void
check_privileges(struct walk *k, size_t i)
{
	const config_setting_t *list = walk_find(k, SECTION_OPER_CLASSES, i,
				   "privileges"),
			       *item;
	const char *name;
	int n = 0;

	if (walk_has(k, SECTION_OPER_CLASSES, i, "privileges") &&
	    (config_setting_is_list(list) || config_setting_is_array(list)))
		n = config_setting_length(list);
	for (int j = 0; j < n; j++) {
		item = config_setting_get_elem(list, (unsigned)j);
		name = config_setting_get_string(item);
		if (name == NULL || privilege_find(span_of(name)) != PRIV_COUNT)
			continue;
		walk_begin_at(k, SECTION_OPER_CLASSES, i, "privileges");
		writer_str(&k->w, ": ");
		value_build_text(&k->w, utf8_cut(span_of(name), 60));
		writer_str(&k->w,
		    " is no privilege; banyand.conf(5) lists the privileges");
		walk_tell(k, item, false);
	}
}

static void
check_oper_class(struct walk *k, size_t i)
{
	const struct settings *s = &conf_of(k->head)->settings;
	const struct oper_class_settings *c = &s->oper_class[i];

	check_privileges(k, i);
	check_class_name(k, SECTION_OPER_CLASSES, i, "inherits", c->inherits);
	if (is_circular(s, c))
		walk_complain_item(k, SECTION_OPER_CLASSES, i, "inherits",
		    "the class inherits from itself");
}

/* ---- groups ---------------------------------------------------------- */

/* Report lengths with which a client's own line cannot have what is allowed. */
static void
check_limits(struct walk *k)
{
	static const char *const topic[] = { "topic_len", "channel_len", NULL };
	static const char *const kick[] = { "kick_len", "channel_len",
		"nick_len", NULL };
	const struct settings *s = &conf_of(k->head)->settings;
	struct writer *w;

	if (strlen("TOPIC  :") + s->channel_len + s->topic_len > LINE_MAX) {
		w = walk_begin(k);
		writer_str(w, "limits.topic_len: a client cannot set a topic "
			      "of ");
		writer_u64(w, s->topic_len);
		writer_str(w, " bytes in a channel with a name of ");
		writer_u64(w, s->channel_len);
		writer_str(w, " bytes, because a line has at most 510 bytes");
		walk_tell(k, walk_first_set(k, "limits", topic), true);
	}
	if (strlen("KICK   :") + s->channel_len + s->nick_len + s->kick_len >
	    LINE_MAX) {
		w = walk_begin(k);
		writer_str(w, "limits.kick_len: a client cannot give a reason "
			      "of ");
		writer_u64(w, s->kick_len);
		writer_str(w, " bytes for a kick of a nick of ");
		writer_u64(w, s->nick_len);
		writer_str(w, " bytes in a channel with a name of ");
		writer_u64(w, s->channel_len);
		writer_str(w, " bytes, because a line has at most 510 bytes");
		walk_tell(k, walk_first_set(k, "limits", kick), true);
	}
}

/* Seconds in which servers that are linked again send what was kept. */
#define GRACE_MORE 10

static void
check_grace(struct walk *k)
{
	static const char *const keys[] = { "grace_s", "keep_s", NULL };
	const struct settings *s = &conf_of(k->head)->settings;
	struct writer *w;

	if (s->grace_s == 0 || s->keep_s > s->grace_s + GRACE_MORE)
		return;
	w = walk_begin(k);
	writer_str(w, "sync.grace_s: users of a server that is back after ");
	writer_u64(w, s->grace_s);
	writer_str(w, " s may miss what was said to them, since it is kept for "
		      "keep_s = ");
	writer_u64(w, s->keep_s);
	writer_str(w, " s only");
	walk_tell(k, walk_first_set(k, "sync", keys), true);
}

static void
check_sync(struct walk *k)
{
	static const char *const keys[] = { "silence_s", "keep_s", NULL };
	const struct settings *s = &conf_of(k->head)->settings;

	if (s->link_silence_s < s->keep_s)
		return;
	writer_str(walk_begin(k),
	    "sync.silence_s: a link that breaks is noticed when keep_s has "
	    "passed already, so that the servers may need a snapshot each "
	    "time");
	walk_tell(k, walk_first_set(k, "sync", keys), true);
}

static const config_setting_t *
tls_place(struct walk *k, const char *key)
{
	const config_setting_t *s = config_setting_get_member(k->root, "tls");

	if (s == NULL || !config_setting_is_group(s) || key == NULL)
		return s;
	return config_setting_get_member(s, key);
}

static void
check_tls(struct walk *k)
{
	struct conf *c = conf_of(k->head);

	/* the first pass has reported a value that is there and wrong */
	if (conf_needs_tls(c) && c->certificate.n == 0 &&
	    tls_place(k, "certificate") == NULL)
		walk_complain(k, tls_place(k, NULL),
		    "tls.certificate is missing: a listener or a link uses "
		    "TLS");
	if ((conf_needs_tls(c) || c->certificate.n > 0) && c->key.n == 0 &&
	    tls_place(k, "key") == NULL)
		walk_complain(k, tls_place(k, NULL),
		    "tls.key is missing: expected the private key of "
		    "tls.certificate");
	if ((c->link_certificate.n == 0) != (c->link_key.n == 0))
		walk_complain(k, tls_place(k, NULL),
		    "tls: set both link_certificate and link_key, or "
		    "neither");
}

static bool
has_tls_listener(const struct conf *c, uint32_t port)
{
	const struct conf_listen *l = c->listen;

	for (size_t i = 0; i < c->nlisten; i++)
		if (l[i].port == port && l[i].tls && !l[i].websocket &&
		    l[i].purpose == CONF_FOR_CLIENTS && l[i].proxies.n == 0)
			return true;
	return false;
}

static void
check_sts(struct walk *k)
{
	static const char *const keys[] = { "port", NULL };
	const struct sts_settings *s = &conf_of(k->head)->settings.sts;
	const config_setting_t *group =
	    config_setting_get_member(k->root, "sts");

	if (group == NULL || !config_setting_is_group(group))
		return;
	if (s->port == 0) {
		/* a value that is there and wrong was reported before */
		if (walk_first_set(k, "sts", keys) == group)
			walk_complain(k, group,
			    "sts.port is missing: without a port there is no "
			    "policy");
		return;
	}
	if (!s->proxied && !has_tls_listener(conf_of(k->head), s->port))
		walk_complain(k, walk_first_set(k, "sts", keys),
		    "sts.port: no listener for clients with tls has this port; "
		    "set sts.proxied if a proxy takes TLS there");
	if (s->preload && s->duration_s == 0)
		walk_complain(k, group,
		    "sts.preload: a policy for lists needs a duration_s");
}

/* ---- modules --------------------------------------------------------- */

/* Return NULL if the name may be used, else what is wrong with it. */
static const char *
module_is_wrong(const struct conf_module *v, size_t i)
{
	if (!module_name_valid(v[i].name))
		return " is no name of a module: expected 1 to 32 characters "
		       "of a-z, 0-9, - and _";
	for (size_t j = 0; j < i; j++)
		if (span_eq(v[j].name, v[i].name))
			return " is named twice";
	return NULL;
}

/* Remember where the name stands: the daemon loads the module, and may have to
 * report it. */
static void
check_module(struct walk *k, const config_setting_t *item, size_t i)
{
	struct conf_module *v = conf_of(k->head)->module;
	const char *wrong = module_is_wrong(v, i);

	v[i].at = walk_place_dup(k, item);
	if (wrong == NULL) {
		module_option_keep(k, i);
		return;
	}
	v[i].refused = true;
	writer_str(walk_begin(k), "modules: ");
	value_build_text(&k->w, utf8_cut(v[i].name, 2 * MODULE_NAME_MAX));
	writer_str(&k->w, wrong);
	walk_tell(k, item, false);
}

static void
check_modules(struct walk *k)
{
	const config_setting_t *s =
	    config_setting_get_member(k->root, "modules");

	for (size_t i = 0; i < conf_of(k->head)->nmodule; i++)
		check_module(k, config_setting_get_elem(s, (unsigned)i), i);
}

static bool
brings_clients(const struct conf_listen *l)
{
	return l->purpose == CONF_FOR_CLIENTS || l->purpose == CONF_FOR_GATES;
}

void
cross_check(struct walk *k)
{
	const struct settings *s = &conf_of(k->head)->settings;
	const config_setting_t *listen =
	    config_setting_get_member(k->root, "listen");
	size_t clients = 0;

	check_modules(k);
	if (listen == NULL)
		walk_complain(k, NULL,
		    "listen is missing: expected at least one listener");
	for (size_t i = 0; i < conf_of(k->head)->nlisten; i++) {
		place_listen(k, i);
		check_listen(k, i);
		clients += brings_clients(&conf_of(k->head)->listen[i]);
	}
	if (listen != NULL && clients == 0) {
		writer_str(walk_begin(k),
		    "listen: no listener accepts clients");
		walk_tell(k, listen, true);
	}
	rule_twice(k, SECTION_LINKS, "name");
	rule_twice(k, SECTION_LINKS, "sid");
	for (size_t i = 0; i < s->npeer; i++)
		check_link(k, i);
	cross_check_brokers(k);
	check_region(k);
	check_gates_at(k);
	rule_twice(k, SECTION_GATES, "name");
	for (size_t i = 0; i < s->ngate; i++)
		check_gate(k, i);
	rule_twice(k, SECTION_WEBIRC, "name");
	for (size_t i = 0; i < s->ngateway; i++)
		check_gateway(k, i);
	rule_twice(k, SECTION_OPERS, "name");
	for (size_t i = 0; i < s->noper; i++) {
		check_proof(k, i);
		check_mask(k, i);
		check_class_name(k, SECTION_OPERS, i, "class",
		    s->oper[i].class);
	}
	rule_twice(k, SECTION_OPER_CLASSES, "name");
	for (size_t i = 0; i < s->noper_class; i++)
		check_oper_class(k, i);
	rule_twice(k, SECTION_CLASSES, "name");
	for (size_t i = 0; i < s->nclass; i++)
		check_class(k, i);
	check_tls(k);
	check_sts(k);
	check_limits(k);
	check_sync(k);
	check_grace(k);
}
