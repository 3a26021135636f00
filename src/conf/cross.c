#include "conf/cross.h"

#include <string.h>

static void
complain_item(struct walk *k, enum section_id section, size_t item,
    const char *key, const char *text)
{
	struct writer *w = walk_say(k);

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
			walk_path(walk_say(k), section, i, key);
			writer_str(&k->w, ": ");
			walk_path(&k->w, section, j, key);
			writer_str(&k->w, " is ");
			writer_span(&k->w, writer_done(&wa));
			writer_str(&k->w, ", too");
			walk_tell(k, walk_find(k, section, i, key), false);
			break;
		}
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
	    config_setting_get_member(
		config_setting_get_elem(config_setting_get_member(k->root,
					    "links"),
		    (unsigned int)i),
		"pin") == NULL)
		complain_item(k, SECTION_LINKS, i, "pin",
		    "expected 64 hex digits, which `banyanctl linkblock` "
		    "prints on the other side");
	for (size_t j = 0; p->plaintext && j < p->naddress; j++)
		if (!addr_is_loopback(&p->address[j].addr)) {
			complain_item(k, SECTION_LINKS, i, "address",
			    "a link without TLS can only use loopback "
			    "addresses");
			break;
		}
}

/* An IPv6 socket accepts IPv6 alone, so 0.0.0.0 and :: do not overlap. */
static bool
listens_overlap(const struct conf_listen *a, const struct conf_listen *b)
{
	const struct addr any = ADDR_NONE;
	const struct addr any4 = addr_v4((const unsigned char[4]){ 0 });
	bool same_family = addr_is_v4(&a->address) == addr_is_v4(&b->address);

	return a->port == b->port && same_family &&
	       (addr_eq(&a->address, &b->address) ||
		   addr_eq(&a->address, &any) || addr_eq(&b->address, &any) ||
		   addr_eq(&a->address, &any4) || addr_eq(&b->address, &any4));
}

static void
check_listen(struct walk *k, size_t i)
{
	const struct conf_listen *v = k->conf->listen, *l = &v[i];

	if (l->port == 0)
		return; /* the first pass has reported it */
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
}

static void
check_class(struct walk *k, size_t i)
{
	const struct class_settings *v = k->conf->settings.class;

	for (size_t j = 0; j < i; j++)
		if (v[j].prefix <= v[i].prefix &&
		    addr_in(&v[i].net, &v[j].net, v[j].prefix)) {
			walk_path(walk_say(k), SECTION_CLASSES, i, NULL);
			writer_str(&k->w,
			    ": no client will be in it, because ");
			walk_path(&k->w, SECTION_CLASSES, j, NULL);
			writer_str(&k->w, " comes first and contains its net");
			walk_tell(k, walk_find(k, SECTION_CLASSES, i, "net"),
			    true);
			return;
		}
}

static void
check_oper(struct walk *k, size_t i)
{
	struct span mask = k->conf->settings.oper[i].mask;

	if (mask.n > 0 && span_find(mask, '@') == mask.n)
		complain_item(k, SECTION_OPERS, i, "mask",
		    "expected user@host");
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

void
cross_check(struct walk *k)
{
	const struct settings *s = &k->conf->settings;
	const config_setting_t *listen =
	    config_setting_get_member(k->root, "listen");
	size_t clients = 0;

	if (listen == NULL)
		walk_complain(k, NULL,
		    "listen is missing: expected at least one listener");
	for (size_t i = 0; i < k->conf->nlisten; i++) {
		check_listen(k, i);
		clients += k->conf->listen[i].purpose == CONF_FOR_CLIENTS;
	}
	if (listen != NULL && clients == 0) {
		writer_str(walk_say(k), "listen: no listener accepts clients");
		walk_tell(k, listen, true);
	}
	check_twice(k, SECTION_LINKS, "name");
	check_twice(k, SECTION_LINKS, "sid");
	for (size_t i = 0; i < s->npeer; i++)
		check_link(k, i);
	check_twice(k, SECTION_OPERS, "name");
	for (size_t i = 0; i < s->noper; i++)
		check_oper(k, i);
	check_twice(k, SECTION_CLASSES, "name");
	for (size_t i = 0; i < s->nclass; i++)
		check_class(k, i);
	check_tls(k);
}

void
cross_check_control(struct walk *k)
{
	uint64_t max =
	    (uint64_t)option_find(SECTION_TOP, SPAN("control"))->value.max;
	const config_setting_t *place;
	struct writer *w;

	if (k->conf->control.n <= max)
		return;
	place = config_setting_get_member(k->root, "control");
	if (place == NULL)
		place = config_setting_get_member(k->root, "state");
	w = walk_say(k);
	writer_str(w, "control: the path of the socket has ");
	writer_u64(w, k->conf->control.n);
	writer_str(w, " bytes, more than ");
	writer_u64(w, max);
	walk_tell(k, place, false);
}
