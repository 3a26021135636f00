#include "conf/walk.h"

struct writer *
walk_begin(struct walk *k)
{
	writer_init(&k->w, k->text, sizeof(k->text));
	return &k->w;
}

struct conf_place
walk_place(const struct walk *k, const config_setting_t *s)
{
	if (s == NULL || s == k->root)
		return (struct conf_place){ .file = k->conf->file };
	return source_place(k->source, config_setting_source_line(s));
}

struct conf_place
walk_place_dup(const struct walk *k, const config_setting_t *s)
{
	struct conf_place at = walk_place(k, s);

	at.file = arena_span_dup(k->conf->arena, at.file);
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
walk_path(struct writer *w, enum section_id section, size_t item,
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

const config_setting_t *
walk_find(const struct walk *k, enum section_id section, size_t item,
    const char *key)
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

bool
walk_has(const struct walk *k, enum section_id section, size_t item,
    const char *key)
{
	const config_setting_t *s = walk_find(k, section, item, key);
	const char *name = s != NULL ? config_setting_name(s) : NULL;

	return name != NULL && span_eq(span_of(name), span_of(key));
}
