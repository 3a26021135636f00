/*
 * The check has two passes. The first pass, in this file, compares the tree
 * with the rows of a schema and has no code for a particular option: it reports
 * unknown names, wrong types, values out of range and missing options. It gives
 * each option its default before it reads the setting. The second pass, the
 * finish() of the schema, checks options that depend on each other, in the
 * structs that the first pass filled. An option that the first pass refused has
 * an empty field, and the second pass skips empty fields, so that each mistake
 * is reported once.
 *
 * An item of a list keeps its index even if it is wrong: item i of the array is
 * element i of the setting. The second pass uses this to find the line of an
 * item.
 */
#include "conf/head.h"

#include <string.h>

#include "conf/schema.h"
#include "conf/walk.h"

static void
unknown(struct walk *k, unsigned int section, const config_setting_t *s)
{
	const struct schema *schema = k->head->schema;
	struct span key = span_of(config_setting_name(s));
	const char *guess = option_guess(schema, section, key);
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
	for (unsigned int i = 0; i < schema->nsection; i++) {
		if (option_find(schema, i, key) == NULL)
			continue;
		if (i == SCHEMA_TOP) {
			writer_str(w,
			    ": it belongs at the top of the file, outside all "
			    "groups");
		} else {
			writer_str(w, ": it belongs in ");
			writer_str(w, schema->section[i].name);
		}
		walk_tell(k, s, false);
		return;
	}
	if (section == SCHEMA_TOP && config_setting_is_group(s))
		writer_str(w, schema->no_group);
	walk_tell(k, s, false);
}

static void
load_option(struct walk *k, const struct option *o, size_t item,
    const config_setting_t *group, void *obj)
{
	const struct schema *schema = k->head->schema;
	struct arena *arena = k->head->arena;
	const config_setting_t *s = NULL;
	struct value_place where;
	struct writer *w;

	value_default(o->type, &o->value, arena, obj);
	if (group != NULL)
		s = config_setting_get_member(group, o->key);
	if (s == NULL && (o->flags & OPTION_REQUIRED) == 0)
		return;
	where = (struct value_place){ s, walk_place(k, s).file };
	if (s != NULL && schema->section[o->section].size == 0)
		k->head->place[option_index(schema, o)] = walk_place_dup(k, s);
	if (s != NULL && value_load(o->type, &o->value, &where, arena, obj))
		return;
	w = walk_begin(k);
	walk_path(k, o->section, item, o->key);
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
is_top_group(const struct conf_head *head, struct span name)
{
	const struct schema *schema = head->schema;

	return section_find(schema, name) != schema->nsection ||
	       (schema->has_group != NULL && schema->has_group(head, name));
}

/* Load all options of a group. The group is NULL if the file has none. */
static void
load_group(struct walk *k, unsigned int section, size_t item,
    const config_setting_t *group, void *obj)
{
	const struct schema *schema = k->head->schema;
	const struct option *o;
	int n;

	for (size_t i = 0; (o = option_next(schema, section, &i)) != NULL;)
		load_option(k, o, item, group, obj);
	n = group != NULL ? config_setting_length(group) : 0;
	for (int i = 0; i < n; i++) {
		const config_setting_t *s =
		    config_setting_get_elem(group, (unsigned int)i);
		struct span key = span_of(config_setting_name(s));

		if (option_find(schema, section, key) == NULL &&
		    (section != SCHEMA_TOP || !is_top_group(k->head, key)))
			unknown(k, section, s);
	}
}

static void
not_a(struct walk *k, unsigned int section, size_t item,
    const config_setting_t *s, const char *expected)
{
	struct writer *w = walk_begin(k);

	if (item > 0) {
		walk_path(k, section, item - 1, NULL);
	} else {
		writer_str(w, k->head->schema->section[section].name);
	}
	writer_str(w, ": expected ");
	writer_str(w, expected);
	writer_str(w, ", not ");
	value_describe_length(w, s);
	walk_tell(k, s, false);
}

static void
load_list(struct walk *k, unsigned int section, const config_setting_t *s)
{
	const struct section *sec = &k->head->schema->section[section];
	char *conf = (char *)k->head, *v;
	size_t n = 0;

	if (s != NULL && config_setting_is_list(s))
		n = (size_t)config_setting_length(s);
	else if (s != NULL)
		not_a(k, section, 0, s, "a list of groups, ( { ... }, ... )");
	/* a schema may add one item */
	v = arena_zalloc(k->head->arena, (n + 1) * sec->size);
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
load_section(struct walk *k, unsigned int section)
{
	const struct section *sec = &k->head->schema->section[section];
	const config_setting_t *s = k->root;

	if (section != SCHEMA_TOP && s != NULL)
		s = config_setting_get_member(s, sec->name);
	if (sec->size > 0) {
		load_list(k, section, s);
		return;
	}
	if (s != NULL && !config_setting_is_group(s)) {
		not_a(k, section, 0, s, "a group, { ... }");
		s = NULL;
	}
	load_group(k, section, 0, s, k->head);
}

struct conf_head *
conf_check(const struct schema *schema, const config_t *tree,
    const struct source *source, struct conf_report *report)
{
	struct arena *arena = arena_new(8192);
	struct conf_head *head = arena_zalloc(arena, schema->size);
	struct walk k = { .head = head,
		.report = report,
		.root = config_root_setting(tree),
		.source = source };

	head->schema = schema;
	head->arena = arena;
	head->file = arena_span_dup(arena, source->run[0].at.file);
	head->place =
	    arena_zalloc(arena, schema->noption * sizeof(*head->place));
	for (unsigned int i = 0; i < schema->nsection; i++)
		load_section(&k, i);
	schema->finish(&k);
	return head;
}

void
conf_head_free(struct conf_head *head)
{
	if (head != NULL)
		arena_free(head->arena);
}

struct conf_place
conf_head_place(const struct conf_head *head, const char *option)
{
	struct span key = span_of(option), section = span_cut(&key, '.');
	const struct schema *schema = head->schema;
	unsigned int id = SCHEMA_TOP;
	struct conf_place place;

	if (key.n > 0)
		id = section_find(schema, section);
	else
		key = section;
	place = head->place[option_index(schema, option_find(schema, id, key))];
	if (place.line == 0)
		place.file = head->file;
	return place;
}
