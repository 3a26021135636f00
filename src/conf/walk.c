#include "conf/walk.h"

struct writer *
walk_begin(struct walk *k)
{
	writer_init(&k->w, k->text, sizeof(k->text));
	return &k->w;
}

struct writer *
walk_begin_at(struct walk *k, unsigned int section, size_t item,
    const char *key)
{
	(void)walk_begin(k);
	walk_path(k, section, item, key);
	return &k->w;
}

struct conf_place
walk_place(const struct walk *k, const config_setting_t *s)
{
	if (s == NULL || s == k->root)
		return (struct conf_place){ .file = k->head->file };
	return source_place(k->source, config_setting_source_line(s));
}

struct conf_place
walk_place_dup(const struct walk *k, const config_setting_t *s)
{
	struct conf_place at = walk_place(k, s);

	at.file = arena_span_dup(k->head->arena, at.file);
	return at;
}

void
walk_tell(struct walk *k, const config_setting_t *place, bool warning)
{
	conf_report_add(k->report, warning, walk_place(k, place),
	    writer_done(&k->w));
}

void
walk_complain(struct walk *k, const config_setting_t *place, const char *text)
{
	writer_str(walk_begin(k), text);
	walk_tell(k, place, false);
}

void
walk_complain_item(struct walk *k, unsigned int section, size_t item,
    const char *key, const char *text)
{
	struct writer *w = walk_begin_at(k, section, item, key);

	writer_str(w, ": ");
	writer_str(w, text);
	walk_tell(k, walk_find(k, section, item, key), false);
}

void
walk_path(struct walk *k, unsigned int section, size_t item, const char *key)
{
	const struct section *s = &k->head->schema->section[section];
	struct writer *w = &k->w;

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

const config_setting_t *
walk_find(const struct walk *k, unsigned int section, size_t item,
    const char *key)
{
	const struct section *sec = &k->head->schema->section[section];
	const config_setting_t *s =
	    config_setting_get_member(k->root, sec->name);
	const config_setting_t *option;

	if (s == NULL || !config_setting_is_list(s))
		return s;
	s = config_setting_get_elem(s, (unsigned int)item);
	if (s == NULL || !config_setting_is_group(s))
		return s;
	option = config_setting_get_member(s, key);
	return option != NULL ? option : s;
}

bool
walk_has(const struct walk *k, unsigned int section, size_t item,
    const char *key)
{
	const config_setting_t *s = walk_find(k, section, item, key);
	const char *name = s != NULL ? config_setting_name(s) : NULL;

	return name != NULL && span_eq(span_of(name), span_of(key));
}

const config_setting_t *
walk_first_set(const struct walk *k, const char *group, const char *const *keys)
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
