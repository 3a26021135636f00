/*
 * The check has two passes. The first pass, in this file, compares the tree
 * with the rows and has no code for a particular option: it reports unknown
 * names, wrong types, values out of range and missing options. It gives each
 * option its default before it reads the setting. The second pass, in cross.c,
 * checks options that depend on each other, in the structs that the first pass
 * filled. An option that the first pass refused has an empty field, and the
 * second pass skips empty fields, so that each mistake is reported once.
 *
 * An item of a list keeps its index even if it is wrong: item i of the array is
 * element i of the setting. The second pass uses this to find the line of an
 * item.
 */
#include <string.h>

#include "conf/cross.h"
#include "conf/module_option.h"
#include "conf/schema.h"
#include "conf/walk.h"

static void
unknown(struct walk *k, enum section_id section, const config_setting_t *s)
{
	struct span key = span_of(config_setting_name(s));
	const char *guess = option_guess(section, key);
	struct writer *w = walk_begin(k);

	writer_str(w, "unknown option ");
	value_build_text(w, key);
	if (guess != NULL) {
		writer_str(w, ", did you mean \"");
		writer_str(w, guess);
		writer_str(w, "\"?");
		walk_tell(k, s, false);
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
		walk_tell(k, s, false);
		return;
	}
	if (section == SECTION_TOP && config_setting_is_group(s))
		writer_str(w, ": it is no group of the server, and modules "
			      "names no such module");
	walk_tell(k, s, false);
}

static void
load_option(struct walk *k, const struct option *o, size_t item,
    const config_setting_t *group, void *obj)
{
	const config_setting_t *s = NULL;
	struct value_place where;
	struct writer *w;

	value_default(o->type, &o->value, k->conf->arena, obj);
	if (group != NULL)
		s = config_setting_get_member(group, o->key);
	if (s == NULL && (o->flags & OPTION_REQUIRED) == 0)
		return;
	where = (struct value_place){ s, walk_place(k, s).file };
	if (s != NULL && section_get(o->section)->size == 0)
		k->conf->place[option_index(o)] = walk_place_dup(k, s);
	if (s != NULL &&
	    value_load(o->type, &o->value, &where, k->conf->arena, obj))
		return;
	w = walk_begin(k);
	walk_path(w, o->section, item, o->key);
	writer_str(w, s == NULL ? " is missing: expected " : ": expected ");
	value_expect(w, o->type, &o->value);
	if (s != NULL) {
		writer_str(w, ", not ");
		(value_is_secret(span_of(o->key)) ? value_describe_length
						  : value_describe)(w, s);
	}
	walk_tell(k, s != NULL ? s : group, false);
}

static bool
is_top_group(const struct conf *conf, struct span name)
{
	return section_find(name) != SECTION_COUNT ||
	       module_option_is_group(conf, name);
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
		    (section != SECTION_TOP || !is_top_group(k->conf, key)))
			unknown(k, section, s);
	}
}

static void
not_a(struct walk *k, enum section_id section, size_t item,
    const config_setting_t *s, const char *expected)
{
	struct writer *w = walk_begin(k);

	if (item > 0) {
		walk_path(w, section, item - 1, NULL);
	} else {
		writer_str(w, section_get(section)->name);
	}
	writer_str(w, ": expected ");
	writer_str(w, expected);
	writer_str(w, ", not ");
	value_describe_length(w, s);
	walk_tell(k, s, false);
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

static void
add_privileges(struct settings *s)
{
	struct oper_settings *v;

	memcpy(&v, &s->oper, sizeof(v));
	for (size_t i = 0; i < s->noper; i++)
		v[i].privileges = settings_privileges(s, v[i].class);
}

static void
derive(struct conf *c)
{
	struct writer w;

	add_last_class(c);
	add_privileges(&c->settings);
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
	cross_check(&k);
	derive(conf);
	cross_check_paths(&k);
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
