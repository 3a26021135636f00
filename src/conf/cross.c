#include "conf/cross.h"

#include <string.h>

#include "conf/module_option.h"
#include "core/module.h"
#include "core/types/privilege.h"
#include "wire/utf8.h"

#define LINE_MAX 510 /* bytes of a client's line without its end (modern-irc) */

static void
complain_item(struct walk *k, enum section_id section, size_t item,
    const char *key, const char *text)
{
	struct writer *w = walk_begin(k);

	walk_path(w, section, item, key);
	writer_str(w, ": ");
	writer_str(w, text);
	walk_tell(k, walk_find(k, section, item, key), false);
}

/* Report items of a list that have the same value for key. Values are compared
 * in the form in which the configuration is printed. */
static void
check_twice(struct walk *k, enum section_id section, const char *key)
{
	const struct section *sec = section_get(section);
	const struct option *o = option_find(section, span_of(key));
	const char *conf = (const char *)k->conf, *v;
	char a[128], b[128];
	struct writer wa, wb;
	size_t n;

	memcpy(&v, conf + sec->items, sizeof(v));
	memcpy(&n, conf + sec->count, sizeof(n));
	for (size_t i = 1; i < n; i++)
		for (size_t j = 0; j < i; j++) {
			writer_init(&wa, a, sizeof(a));
			writer_init(&wb, b, sizeof(b));
			if (!value_build(&wa, o->type, &o->value,
				v + i * sec->size) ||
			    !value_build(&wb, o->type, &o->value,
				v + j * sec->size) ||
			    !span_eq(writer_done(&wa), writer_done(&wb)))
				continue;
			walk_path(walk_begin(k), section, i, key);
			writer_str(&k->w, ": ");
			walk_path(&k->w, section, j, key);
			writer_str(&k->w, " is ");
			writer_span(&k->w, writer_done(&wa));
			writer_str(&k->w, ", too");
			walk_tell(k, walk_find(k, section, i, key), false);
			break;
		}
}

/* ---- addresses ------------------------------------------------------- */

static bool
is_link_local(const struct addr *a)
{
	return a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80;
}

static bool
is_for_many(const struct addr *a)
{
	static const unsigned char all[4] = { 255, 255, 255, 255 };
	struct addr broadcast = addr_v4(all);

	return a->b[0] == 0xff || addr_eq(a, &broadcast) ||
	       (addr_is_v4(a) && (a->b[12] & 0xf0) == 0xe0);
}

/* Report an address of one item that no connection can use. */
static bool
check_address(struct walk *k, enum section_id section, size_t item,
    const struct addr *a)
{
	struct writer *w = walk_begin(k);

	if (!is_link_local(a) && !is_for_many(a))
		return true;
	walk_path(w, section, item, "address");
	writer_str(w, ": ");
	addr_build(w, a);
	writer_str(w, is_link_local(a)
			  ? " is a link-local address, which needs a network "
			    "interface that cannot be set here"
			  : " is a multicast or broadcast address");
	walk_tell(k, walk_find(k, section, item, "address"), false);
	return false;
}

/* ---- links ----------------------------------------------------------- */

/* The listener takes connections to this address. */
static bool
listens_at(const struct conf_listen *l, const struct peer_address *a)
{
	/* an IPv6 socket accepts IPv6 alone */
	if (l->port != a->port ||
	    addr_is_v4(&l->address) != addr_is_v4(&a->addr))
		return false;
	return addr_eq(&l->address, &a->addr) ||
	       (addr_is_any(&l->address) && addr_is_loopback(&a->addr));
}

/* Report an address that is one of this server's own. */
static void
check_own_address(struct walk *k, size_t i, const struct peer_address *a)
{
	for (size_t j = 0; j < k->conf->nlisten; j++) {
		if (!listens_at(&k->conf->listen[j], a))
			continue;
		walk_path(walk_begin(k), SECTION_LINKS, i, "address");
		writer_str(&k->w, ": ");
		walk_path(&k->w, SECTION_LISTEN, j, NULL);
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
	const struct peer_settings *v = k->conf->settings.peer;

	for (size_t j = 0; j < i; j++) {
		if (!has_address(&v[j], a))
			continue;
		walk_path(walk_begin(k), SECTION_LINKS, i, "address");
		writer_str(&k->w, ": ");
		walk_path(&k->w, SECTION_LINKS, j, NULL);
		writer_str(&k->w, peer_address_is_service(a)
				      ? " has this name, too, and each dial "
					"reaches only one server"
				      : " has this address and port, too, and "
					"only one server can answer there");
		walk_tell(k, walk_find(k, SECTION_LINKS, i, "address"), true);
		return;
	}
}

static void
check_addresses(struct walk *k, size_t i)
{
	const struct peer_settings *p = &k->conf->settings.peer[i];

	for (size_t j = 0; j < p->naddress; j++) {
		if (!check_address(k, SECTION_LINKS, i, &p->address[j].addr))
			return;
		if (p->plaintext && !addr_is_loopback(&p->address[j].addr)) {
			complain_item(k, SECTION_LINKS, i, "address",
			    "a link without TLS can only use loopback "
			    "addresses");
			return;
		}
		if (p->address[j].port != 0 && p->address[j].host.n > 0 &&
		    p->address[j].host.p[0] == '_') {
			complain_item(k, SECTION_LINKS, i, "address",
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
	const struct peer_settings *p = &k->conf->settings.peer[i];
	const struct conf *c = k->conf;

	/* the first pass has reported an address that is there and wrong */
	if (p->naddress > 0 || walk_has(k, SECTION_LINKS, i, "address"))
		return;
	for (size_t j = 0; j < c->nlisten; j++)
		if (c->listen[j].purpose == CONF_FOR_LINKS &&
		    c->listen[j].tls != p->plaintext)
			return;
	walk_path(walk_begin(k), SECTION_LINKS, i, NULL);
	writer_str(&k->w,
	    ": neither side can dial: the block has no address, and there is "
	    "no listener for links with");
	writer_str(&k->w, p->plaintext ? "out TLS" : " TLS");
	walk_tell(k, walk_find(k, SECTION_LINKS, i, "name"), true);
}

static void
check_link(struct walk *k, size_t i)
{
	const struct settings *s = &k->conf->settings;
	const struct peer_settings *p = &s->peer[i];

	if (p->name.n == 0 && sid_is_none(p->sid))
		return; /* the first pass has reported it */
	if (p->name.n > 0 && span_eq(p->name, s->name))
		complain_item(k, SECTION_LINKS, i, "name",
		    "this is the name of this server itself");
	if (!sid_is_none(p->sid) && sid_cmp(p->sid, s->sid) == 0)
		complain_item(k, SECTION_LINKS, i, "sid",
		    "this is the sid of this server itself");
	if (p->plaintext && p->has_pin)
		complain_item(k, SECTION_LINKS, i, "plaintext",
		    "a link without TLS has no key to compare with the pin");
	/* the first pass has reported a pin that is there and wrong */
	if (!p->plaintext && !p->has_pin &&
	    !walk_has(k, SECTION_LINKS, i, "pin"))
		complain_item(k, SECTION_LINKS, i, "pin",
		    "expected 64 hex digits, which `banyanctl linkblock` "
		    "prints on the other side");
	check_addresses(k, i);
	check_dials(k, i);
}

/* ---- listeners, classes, operators ----------------------------------- */

static bool
listens_overlap(const struct conf_listen *a, const struct conf_listen *b)
{
	return a->port == b->port &&
	       addr_is_v4(&a->address) == addr_is_v4(&b->address) &&
	       (addr_eq(&a->address, &b->address) || addr_is_any(&a->address) ||
		   addr_is_any(&b->address));
}

/* Keep the place of a listener, for problems that are found later. */
static void
place_listen(struct walk *k, size_t i)
{
	struct conf_listen *l = &k->conf->listen[i];

	l->at = walk_place_dup(k, walk_find(k, SECTION_LISTEN, i, "address"));
}

/* The pages of a listener for http are for anybody who reaches it. */
static void
check_http(struct walk *k, size_t i)
{
	const struct conf_listen *l = &k->conf->listen[i];

	if (l->tls)
		complain_item(k, SECTION_LISTEN, i, "tls",
		    "a listener for http has no TLS; put a proxy in front of "
		    "it");
	if (addr_is_loopback(&l->address))
		return;
	walk_path(walk_begin(k), SECTION_LISTEN, i, "address");
	writer_str(&k->w,
	    ": everybody who can reach this address can read the figures of "
	    "the server");
	walk_tell(k, walk_find(k, SECTION_LISTEN, i, "address"), true);
}

static void
check_listen(struct walk *k, size_t i)
{
	const struct conf_listen *v = k->conf->listen, *l = &v[i];

	if (l->port == 0)
		return; /* the first pass has reported it */
	if (!check_address(k, SECTION_LISTEN, i, &l->address))
		return;
	for (size_t j = 0; j < i; j++)
		if (listens_overlap(l, &v[j])) {
			complain_item(k, SECTION_LISTEN, i, "port",
			    "another listener uses this address and port");
			break;
		}
	if (!l->tls && l->purpose == CONF_FOR_LINKS &&
	    !addr_is_loopback(&l->address))
		complain_item(k, SECTION_LISTEN, i, "address",
		    "a listener for links without tls can only use a loopback "
		    "address");
	if (l->purpose == CONF_FOR_HTTP)
		check_http(k, i);
	/* a link without TLS is believed because of its address */
	if (l->proxies.n > 0 && l->purpose == CONF_FOR_LINKS)
		complain_item(k, SECTION_LISTEN, i, "proxy",
		    "only a listener for clients can have proxies");
}

static void
check_class(struct walk *k, size_t i)
{
	const struct class_settings *v = k->conf->settings.class;

	for (size_t j = 0; j < i; j++)
		if (v[j].prefix <= v[i].prefix &&
		    addr_in(&v[i].net, &v[j].net, v[j].prefix)) {
			walk_path(walk_begin(k), SECTION_CLASSES, i, NULL);
			writer_str(&k->w,
			    ": no client will be in it, because ");
			walk_path(&k->w, SECTION_CLASSES, j, NULL);
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
	struct span host = k->conf->settings.oper[i].mask;
	struct span user = span_cut(&host, '@');
	unsigned int prefix;
	struct addr net;

	if (user.n == 0 && host.n == 0)
		return; /* there is no mask */
	if (user.n == 0 || host.n == 0) {
		complain_item(k, SECTION_OPERS, i, "mask",
		    "expected user@host, such as \"*@192.0.2.*\" or "
		    "\"*@192.0.2.0/24\"");
		return;
	}
	if (span_find(host, '/') == host.n ||
	    addr_cidr_parse(host, &net, &prefix))
		return;
	walk_path(walk_begin(k), SECTION_OPERS, i, "mask");
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
	const struct oper_settings *o = &k->conf->settings.oper[i];

	if (o->name.n == 0 || o->verifier.n > 0 || o->has_pin ||
	    walk_has(k, SECTION_OPERS, i, "password") ||
	    walk_has(k, SECTION_OPERS, i, "pin"))
		return;
	walk_path(walk_begin(k), SECTION_OPERS, i, NULL);
	writer_str(&k->w, ": expected a password, a pin, or both");
	walk_tell(k, walk_find(k, SECTION_OPERS, i, "name"), false);
}

/* Likewise for a gateway. */
static void
check_gateway(struct walk *k, size_t i)
{
	const struct gateway_settings *g = &k->conf->settings.gateway[i];

	if (g->name.n == 0 || g->verifier.n > 0 || g->has_pin ||
	    walk_has(k, SECTION_WEBIRC, i, "password") ||
	    walk_has(k, SECTION_WEBIRC, i, "pin"))
		return;
	walk_path(walk_begin(k), SECTION_WEBIRC, i, NULL);
	writer_str(&k->w, ": expected a password, a pin, or both");
	walk_tell(k, walk_find(k, SECTION_WEBIRC, i, "name"), false);
}

/* ---- classes of operators -------------------------------------------- */

/* Report the name of a class that does not exist. No name means no class. */
static void
check_class_name(struct walk *k, enum section_id section, size_t i,
    const char *key, struct span name)
{
	if (name.n == 0 ||
	    settings_oper_class(&k->conf->settings, name) != NULL)
		return;
	walk_path(walk_begin(k), section, i, key);
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
		walk_path(walk_begin(k), SECTION_OPER_CLASSES, i, "privileges");
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
	const struct settings *s = &k->conf->settings;
	const struct oper_class_settings *c = &s->oper_class[i];

	check_privileges(k, i);
	check_class_name(k, SECTION_OPER_CLASSES, i, "inherits", c->inherits);
	if (is_circular(s, c))
		complain_item(k, SECTION_OPER_CLASSES, i, "inherits",
		    "the class inherits from itself");
}

/* ---- groups ---------------------------------------------------------- */

/* Return the setting of the first option of a group that is set, or the group,
 * or NULL. NULL ends the keys. */
static const config_setting_t *
first_set(const struct walk *k, const char *group, const char *const *keys)
{
	const config_setting_t *s = config_setting_get_member(k->root, group);
	const config_setting_t *option;

	if (s == NULL || !config_setting_is_group(s))
		return s;
	for (; *keys != NULL; keys++) {
		option = config_setting_get_member(s, *keys);
		if (option != NULL)
			return option;
	}
	return s;
}

/* Report lengths with which a client's own line cannot have what is allowed. */
static void
check_limits(struct walk *k)
{
	static const char *const topic[] = { "topic_len", "channel_len", NULL };
	static const char *const kick[] = { "kick_len", "channel_len",
		"nick_len", NULL };
	const struct settings *s = &k->conf->settings;
	struct writer *w;

	if (strlen("TOPIC  :") + s->channel_len + s->topic_len > LINE_MAX) {
		w = walk_begin(k);
		writer_str(w, "limits.topic_len: a client cannot set a topic "
			      "of ");
		writer_u64(w, s->topic_len);
		writer_str(w, " bytes in a channel with a name of ");
		writer_u64(w, s->channel_len);
		writer_str(w, " bytes, because a line has at most 510 bytes");
		walk_tell(k, first_set(k, "limits", topic), true);
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
		walk_tell(k, first_set(k, "limits", kick), true);
	}
}

/* Seconds in which servers that are linked again send what was kept. */
#define GRACE_MORE 10

static void
check_grace(struct walk *k)
{
	static const char *const keys[] = { "grace_s", "keep_s", NULL };
	const struct settings *s = &k->conf->settings;
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
	walk_tell(k, first_set(k, "sync", keys), true);
}

static void
check_sync(struct walk *k)
{
	static const char *const keys[] = { "silence_s", "keep_s", NULL };
	const struct settings *s = &k->conf->settings;

	if (s->link_silence_s < s->keep_s)
		return;
	writer_str(walk_begin(k),
	    "sync.silence_s: a link that breaks is noticed when keep_s has "
	    "passed already, so that the servers may need a snapshot each "
	    "time");
	walk_tell(k, first_set(k, "sync", keys), true);
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
	struct conf *c = k->conf;

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
		if (l[i].port == port && l[i].tls &&
		    l[i].purpose == CONF_FOR_CLIENTS && l[i].proxies.n == 0)
			return true;
	return false;
}

static void
check_sts(struct walk *k)
{
	static const char *const keys[] = { "port", NULL };
	const struct sts_settings *s = &k->conf->settings.sts;
	const config_setting_t *group =
	    config_setting_get_member(k->root, "sts");

	if (group == NULL || !config_setting_is_group(group))
		return;
	if (s->port == 0) {
		/* a value that is there and wrong was reported before */
		if (first_set(k, "sts", keys) == group)
			walk_complain(k, group,
			    "sts.port is missing: without a port there is no "
			    "policy");
		return;
	}
	if (!s->proxied && !has_tls_listener(k->conf, s->port))
		walk_complain(k, first_set(k, "sts", keys),
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
	struct conf_module *v = k->conf->module;
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

	for (size_t i = 0; i < k->conf->nmodule; i++)
		check_module(k, config_setting_get_elem(s, (unsigned)i), i);
}

void
cross_check(struct walk *k)
{
	const struct settings *s = &k->conf->settings;
	const config_setting_t *listen =
	    config_setting_get_member(k->root, "listen");
	size_t clients = 0;

	check_modules(k);
	if (listen == NULL)
		walk_complain(k, NULL,
		    "listen is missing: expected at least one listener");
	for (size_t i = 0; i < k->conf->nlisten; i++) {
		place_listen(k, i);
		check_listen(k, i);
		clients += k->conf->listen[i].purpose == CONF_FOR_CLIENTS;
	}
	if (listen != NULL && clients == 0) {
		writer_str(walk_begin(k),
		    "listen: no listener accepts clients");
		walk_tell(k, listen, true);
	}
	check_twice(k, SECTION_LINKS, "name");
	check_twice(k, SECTION_LINKS, "sid");
	for (size_t i = 0; i < s->npeer; i++)
		check_link(k, i);
	check_twice(k, SECTION_WEBIRC, "name");
	for (size_t i = 0; i < s->ngateway; i++)
		check_gateway(k, i);
	check_twice(k, SECTION_OPERS, "name");
	for (size_t i = 0; i < s->noper; i++) {
		check_proof(k, i);
		check_mask(k, i);
		check_class_name(k, SECTION_OPERS, i, "class",
		    s->oper[i].class);
	}
	check_twice(k, SECTION_OPER_CLASSES, "name");
	for (size_t i = 0; i < s->noper_class; i++)
		check_oper_class(k, i);
	check_twice(k, SECTION_CLASSES, "name");
	for (size_t i = 0; i < s->nclass; i++)
		check_class(k, i);
	check_tls(k);
	check_sts(k);
	check_limits(k);
	check_sync(k);
	check_grace(k);
}
