/*
 * The check has two passes. The first pass compares the tree with the rows and
 * has no code for a particular option: it reports unknown names, wrong types,
 * values out of range and missing options. It gives each option its default
 * before it reads the setting. The second pass checks options that depend on
 * each other, in the structs that the first pass filled. An option that the
 * first pass refused has an empty field, and the second pass skips empty
 * fields, so that each mistake is reported once.
 *
 * An item of a list keeps its index even if it is wrong: item i of the array is
 * element i of the setting. The second pass uses this to find the line of an
 * item.
 */
#include "conf/conf.h"

#include <string.h>

#include "conf/schema.h"
#include "conf/source.h"
#include "core/types/effect.h"

struct walk {
	struct conf *conf;
	struct conf_report *report;
	const config_setting_t *root;
	const struct source *source;
	char text[REPORT_TEXT];
	struct writer w; /* into text */
};

/* ---- the report ---------------------------------------------------------- */

static struct writer *
say(struct walk *k)
{
	writer_init(&k->w, k->text, sizeof(k->text));
	return &k->w;
}

/* Return the place of a setting; that of the root, or of no setting, is the
 * whole first file. */
static struct conf_place
place_of(const struct walk *k, const config_setting_t *s)
{
	if (s == NULL || s == k->root)
		return (struct conf_place){ .file = k->conf->file };
	return source_place(k->source, config_setting_source_line(s));
}

static void
tell(struct walk *k, const config_setting_t *place, bool warning)
{
	conf_report_add(k->report, warning, place_of(k, place),
	    writer_done(&k->w));
}

static void
complain(struct walk *k, const config_setting_t *place, const char *text)
{
	writer_str(say(k), text);
	tell(k, place, false);
}

/* Write the path of an option: "links[2].pin", "server.name", "state". */
static void
path_build(struct writer *w, enum section_id section, size_t item,
    const char *key)
{
	const struct section *s = section_get(section);

	writer_str(w, s->name);
	if (s->size > 0) {
		writer_char(w, '[');
		writer_u64(w, item + 1);
		writer_char(w, ']');
	}
	if (key != NULL && *s->name != '\0')
		writer_char(w, '.');
	if (key != NULL)
		writer_str(w, key);
}

/* ---- the first pass ----------------------------------------------------- */

static void
unknown(struct walk *k, enum section_id section, const config_setting_t *s)
{
	struct span key = span_of(config_setting_name(s));
	const char *guess = option_guess(section, key);
	struct writer *w = say(k);

	writer_str(w, "unknown option ");
	value_build_text(w, key);
	if (guess != NULL) {
		writer_str(w, ", did you mean \"");
		writer_str(w, guess);
		writer_str(w, "\"?");
		tell(k, s, false);
		return;
	}
	for (int i = 0; i < SECTION_COUNT; i++) {
		if (option_find((enum section_id)i, key) == NULL)
			continue;
		if (i == SECTION_TOP) {
			writer_str(w,
			    ": it belongs at the top of the file, outside all "
			    "groups");
		} else {
			writer_str(w, ": it belongs in ");
			writer_str(w, section_get((enum section_id)i)->name);
		}
		break;
	}
	tell(k, s, false);
}

static void
load_option(struct walk *k, const struct option *o, size_t item,
    const config_setting_t *group, void *obj)
{
	const config_setting_t *s = NULL;
	struct value_place where;
	struct conf_place at;
	struct writer *w;

	value_default(o->type, &o->value, k->conf->arena, obj);
	if (group != NULL)
		s = config_setting_get_member(group, o->key);
	if (s == NULL && (o->flags & OPTION_REQUIRED) == 0)
		return;
	at = place_of(k, s);
	where = (struct value_place){ s, at.file };
	if (s != NULL && section_get(o->section)->size == 0) {
		at.file = arena_span_dup(k->conf->arena, at.file);
		k->conf->place[option_index(o)] = at;
	}
	if (s != NULL &&
	    value_load(o->type, &o->value, &where, k->conf->arena, obj))
		return;
	w = say(k);
	path_build(w, o->section, item, o->key);
	writer_str(w, s == NULL ? " is missing: expected " : ": expected ");
	value_expect(w, o->type, &o->value);
	if (s != NULL) {
		writer_str(w, ", not ");
		value_describe(w, s);
	}
	tell(k, s != NULL ? s : group, false);
}

/* Load all options of a group. The group is NULL if the file has none. */
static void
load_group(struct walk *k, enum section_id section, size_t item,
    const config_setting_t *group, void *obj)
{
	const struct option *o;
	int n;

	for (size_t i = 0; (o = option_next(section, &i)) != NULL;)
		load_option(k, o, item, group, obj);
	n = group != NULL ? config_setting_length(group) : 0;
	for (int i = 0; i < n; i++) {
		const config_setting_t *s =
		    config_setting_get_elem(group, (unsigned int)i);
		struct span key = span_of(config_setting_name(s));

		if (option_find(section, key) == NULL &&
		    (section != SECTION_TOP ||
			section_find(key) == SECTION_COUNT))
			unknown(k, section, s);
	}
}

static void
not_a(struct walk *k, enum section_id section, size_t item,
    const config_setting_t *s, const char *expected)
{
	struct writer *w = say(k);

	if (item > 0) {
		path_build(w, section, item - 1, NULL);
	} else {
		writer_str(w, section_get(section)->name);
	}
	writer_str(w, ": expected ");
	writer_str(w, expected);
	writer_str(w, ", not ");
	value_describe(w, s);
	tell(k, s, false);
}

/* Return true unless the last class matches every address, as settings.h
 * requires. */
static bool
wants_last_class(const struct class_settings *v, size_t n)
{
	return n == 0 || v[n - 1].prefix != 0;
}

static void
load_list(struct walk *k, enum section_id section, const config_setting_t *s)
{
	const struct section *sec = section_get(section);
	char *conf = (char *)k->conf, *v;
	size_t n = 0;

	if (s != NULL && config_setting_is_list(s))
		n = (size_t)config_setting_length(s);
	else if (s != NULL)
		not_a(k, section, 0, s, "a list of groups, ( { ... }, ... )");
	v = arena_zalloc(k->conf->arena, (n + 1) * sec->size);
	for (size_t i = 0; i < n; i++) {
		const config_setting_t *item =
		    config_setting_get_elem(s, (unsigned int)i);

		if (config_setting_is_group(item))
			load_group(k, section, i, item, v + i * sec->size);
		else
			not_a(k, section, i + 1, item, "a group, { ... }");
	}
	memcpy(conf + sec->items, &v, sizeof(v));
	memcpy(conf + sec->count, &n, sizeof(n));
}

static void
load_section(struct walk *k, enum section_id section)
{
	const struct section *sec = section_get(section);
	const config_setting_t *s = k->root;

	if (section != SECTION_TOP && s != NULL)
		s = config_setting_get_member(s, sec->name);
	if (sec->size > 0) {
		load_list(k, section, s);
		return;
	}
	if (s != NULL && !config_setting_is_group(s)) {
		not_a(k, section, 0, s, "a group, { ... }");
		s = NULL;
	}
	load_group(k, section, 0, s, k->conf);
}

static void
add_last_class(struct conf *conf)
{
	struct class_settings *v;
	const struct option *o;
	size_t n = conf->settings.nclass;

	/* load_list allocated room for one more class */
	memcpy(&v, &conf->settings.class, sizeof(v));
	if (!wants_last_class(v, n))
		return;
	for (size_t i = 0; (o = option_next(SECTION_CLASSES, &i)) != NULL;)
		value_default(o->type, &o->value, conf->arena, &v[n]);
	v[n].name = SPAN("default");
	conf->settings.nclass = n + 1;
}

/* ---- the second pass ---------------------------------------------------- */

/* Return the setting of an option of an item, or the item itself if it does
 * not set the option. */
static const config_setting_t *
place(struct walk *k, enum section_id section, size_t item, const char *key)
{
	const config_setting_t *s =
	    config_setting_get_member(k->root, section_get(section)->name);
	const config_setting_t *option;

	if (s == NULL || !config_setting_is_list(s))
		return s;
	s = config_setting_get_elem(s, (unsigned int)item);
	if (s == NULL || !config_setting_is_group(s))
		return s;
	option = config_setting_get_member(s, key);
	return option != NULL ? option : s;
}

static void
complain_item(struct walk *k, enum section_id section, size_t item,
    const char *key, const char *text)
{
	struct writer *w = say(k);

	path_build(w, section, item, key);
	writer_str(w, ": ");
	writer_str(w, text);
	tell(k, place(k, section, item, key), false);
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
			path_build(say(k), section, i, key);
			writer_str(&k->w, ": ");
			path_build(&k->w, section, j, key);
			writer_str(&k->w, " is ");
			writer_span(&k->w, writer_done(&wa));
			writer_str(&k->w, ", too");
			tell(k, place(k, section, i, key), false);
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
			path_build(say(k), SECTION_CLASSES, i, NULL);
			writer_str(&k->w,
			    ": no client will be in it, because ");
			path_build(&k->w, SECTION_CLASSES, j, NULL);
			writer_str(&k->w, " comes first and contains its net");
			tell(k, place(k, SECTION_CLASSES, i, "net"), true);
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
		complain(k, tls_place(k, NULL),
		    "tls.certificate is missing: a listener or a link uses "
		    "TLS");
	if ((conf_needs_tls(c) || c->certificate.n > 0) && c->key.n == 0 &&
	    tls_place(k, "key") == NULL)
		complain(k, tls_place(k, NULL),
		    "tls.key is missing: expected the private key of "
		    "tls.certificate");
	if ((c->link_certificate.n == 0) != (c->link_key.n == 0))
		complain(k, tls_place(k, NULL),
		    "tls: set both link_certificate and link_key, or "
		    "neither");
}

static void
check_all(struct walk *k)
{
	const struct settings *s = &k->conf->settings;
	const config_setting_t *listen =
	    config_setting_get_member(k->root, "listen");
	size_t clients = 0;

	if (listen == NULL)
		complain(k, NULL,
		    "listen is missing: expected at least one listener");
	for (size_t i = 0; i < k->conf->nlisten; i++) {
		check_listen(k, i);
		clients += k->conf->listen[i].purpose == CONF_FOR_CLIENTS;
	}
	if (listen != NULL && clients == 0) {
		writer_str(say(k), "listen: no listener accepts clients");
		tell(k, listen, true);
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

static void
derive(struct conf *c)
{
	struct writer w;

	add_last_class(c);
	if (c->link_certificate.n == 0 && c->link_key.n == 0) {
		c->link_certificate = c->certificate;
		c->link_key = c->key;
	}
	if (c->control.n == 0 && c->state.n > 0) {
		writer_init_arena(&w, c->arena, c->state.n + 16);
		writer_span(&w, c->state);
		writer_str(&w, "/control");
		c->control = arena_span_dup(c->arena, writer_done(&w));
	}
}

/*
 * Check the length of the socket's path, because the address of a socket is
 * short. The row alone cannot do so: a relative path, or the default in
 * `state`, only gets its length from the folder.
 */
static void
check_control(struct walk *k)
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
	w = say(k);
	writer_str(w, "control: the path of the socket has ");
	writer_u64(w, k->conf->control.n);
	writer_str(w, " bytes, more than ");
	writer_u64(w, max);
	tell(k, place, false);
}

struct conf *
conf_check(const config_t *tree, const struct source *source,
    struct conf_report *report)
{
	struct arena *arena = arena_new(8192);
	struct conf *conf = arena_zalloc(arena, sizeof(*conf));
	struct walk k = { .conf = conf,
		.report = report,
		.root = config_root_setting(tree),
		.source = source };

	conf->arena = arena;
	conf->file = arena_span_dup(arena, source->run[0].at.file);
	conf->place = arena_zalloc(arena, OPTION_COUNT * sizeof(*conf->place));
	for (int i = 0; i < SECTION_COUNT; i++)
		load_section(&k, (enum section_id)i);
	check_all(&k);
	derive(conf);
	check_control(&k);
	return conf;
}

void
conf_free(struct conf *conf)
{
	if (conf != NULL)
		arena_free(conf->arena);
}

struct conf_place
conf_place_of(const struct conf *conf, const char *option)
{
	struct span key = span_of(option), section = span_cut(&key, '.');
	enum section_id id = SECTION_TOP;
	struct conf_place place;

	if (key.n > 0)
		id = section_find(section);
	else
		key = section;
	place = conf->place[option_index(option_find(id, key))];
	if (place.line == 0)
		place.file = conf->file;
	return place;
}

bool
conf_needs_tls(const struct conf *conf)
{
	for (size_t i = 0; i < conf->nlisten; i++)
		if (conf->listen[i].tls)
			return true;
	for (size_t i = 0; i < conf->settings.npeer; i++)
		if (conf->settings.peer[i].name.n > 0 &&
		    !conf->settings.peer[i].plaintext)
			return true;
	return false;
}
