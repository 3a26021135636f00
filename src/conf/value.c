/*
 * The table of all types, and what they share: how a value is given, and how a
 * report names it. The functions of each type are in the files type_*.c.
 */
#include "conf/value.h"

#include "base/invariant.h"
#include "conf/type.h"
#include "wire/casemap.h"
#include "wire/utf8.h"

#define DESCRIBE_LEN 60 /* bytes of a text that a report repeats */

enum range { RANGE_NONE, RANGE_NUM, RANGE_BYTES };

struct type {
	const char *expect;
	type_load *load;
	type_build *build;
	enum range range;
	const char *const *words; /* a choice has these and nothing above */
};

#define TYPE(id, load, build, range, expect)
#define CHOICE(id, ...) \
	static const char *const words_##id[] = { __VA_ARGS__, NULL };
#include "conf/type.def"
#undef TYPE
#undef CHOICE

static const struct type types[VALUE_COUNT] = {
#define TYPE(id, load, build, range, expect) \
	{ expect, type_load_##load, type_build_##build, range, NULL },
#define CHOICE(id, ...) { .words = words_##id },
#include "conf/type.def"
#undef TYPE
#undef CHOICE
};

struct given
given_setting(const config_setting_t *s)
{
	struct given g = { .kind = GIVEN_OTHER };

	switch (config_setting_type(s)) {
	case CONFIG_TYPE_BOOL:
		g.kind = GIVEN_BOOL;
		g.num = config_setting_get_bool(s);
		break;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		g.kind = GIVEN_NUM;
		g.num = config_setting_get_int64(s);
		break;
	case CONFIG_TYPE_STRING:
		g.kind = GIVEN_TEXT;
		g.text = span_of(config_setting_get_string(s));
		break;
	case CONFIG_TYPE_ARRAY:
	case CONFIG_TYPE_LIST:
		g.kind = GIVEN_LIST;
		g.list = s;
		break;
	default:
		break;
	}
	return g;
}

static struct given
given_default(struct span text)
{
	struct given g = { .kind = GIVEN_OTHER };

	if (text.n >= 2 && text.p[0] == '"') {
		g.kind = GIVEN_TEXT;
		g.text = span_make(text.p + 1, text.n - 2);
	} else if (span_eq(text, SPAN("true")) ||
		   span_eq(text, SPAN("false"))) {
		g.kind = GIVEN_BOOL;
		g.num = text.n == 4;
	} else if (span_i64(text, &g.num)) {
		g.kind = GIVEN_NUM;
	}
	return g;
}

static bool
load_choice(const char *const *words, const struct value_row *row,
    const struct given *g, void *obj)
{
	for (uint32_t i = 0; words[i] != NULL; i++)
		if (g->kind == GIVEN_TEXT &&
		    span_eq(g->text, span_of(words[i]))) {
			*(uint32_t *)value_at(obj, row) = i;
			return true;
		}
	return false;
}

static bool
load(enum value_type type, const struct value_row *row, const struct given *g,
    struct arena *arena, void *obj)
{
	const struct type *t = &types[type];

	if (t->words != NULL)
		return load_choice(t->words, row, g, obj);
	return t->load(row, g, arena, obj);
}

bool
value_load(enum value_type type, const struct value_row *row,
    const struct value_place *place, struct arena *arena, void *obj)
{
	struct given g = given_setting(place->setting);

	g.file = place->file;
	return load(type, row, &g, arena, obj);
}

void
value_default(enum value_type type, const struct value_row *row,
    struct arena *arena, void *obj)
{
	struct given g;

	if (row->dflt == NULL)
		return;
	g = given_default(span_of(row->dflt));
	invariant(load(type, row, &g, arena, obj));
}

void
value_expect(struct writer *w, enum value_type type,
    const struct value_row *row)
{
	const struct type *t = &types[type];

	if (t->words != NULL) {
		for (size_t i = 0; t->words[i] != NULL; i++) {
			writer_str(w, i > 0 ? " or \"" : "\"");
			writer_str(w, t->words[i]);
			writer_char(w, '"');
		}
		return;
	}
	writer_str(w, t->expect);
	switch (t->range) {
	case RANGE_NONE:
		break;
	case RANGE_NUM:
		writer_str(w, " from ");
		writer_u64(w, row->min);
		writer_str(w, " to ");
		writer_u64(w, row->max);
		break;
	case RANGE_BYTES:
		writer_str(w, row->min > 0 ? " of 1 to " : " of at most ");
		writer_u64(w, row->max);
		writer_str(w, " bytes of UTF-8");
		break;
	}
}

void
value_describe(struct writer *w, const config_setting_t *setting)
{
	struct given g = given_setting(setting);

	switch (g.kind) {
	case GIVEN_BOOL:
		writer_str(w, g.num ? "true" : "false");
		break;
	case GIVEN_NUM:
		writer_str(w, "the number ");
		writer_i64(w, g.num);
		writer_str(w, g.num == INT64_MAX   ? " or a larger one"
			      : g.num == INT64_MIN ? " or a smaller one"
						   : "");
		break;
	case GIVEN_TEXT:
		writer_str(w, "the text ");
		value_build_text(w, utf8_cut(g.text, DESCRIBE_LEN));
		writer_str(w, g.text.n > DESCRIBE_LEN ? "..." : "");
		break;
	case GIVEN_LIST:
		writer_str(w, "a list");
		break;
	case GIVEN_OTHER:
		writer_str(w, config_setting_is_group(setting)
				  ? "a group"
				  : "a number with a fraction");
		break;
	}
}

void
value_describe_length(struct writer *w, const config_setting_t *setting)
{
	struct given g = given_setting(setting);

	if (g.kind == GIVEN_NUM &&
	    value_is_secret(span_of(config_setting_name(setting)))) {
		writer_str(w, "a number");
		return;
	}
	if (g.kind != GIVEN_TEXT) {
		value_describe(w, setting);
		return;
	}
	writer_str(w, "a text of ");
	writer_u64(w, g.text.n);
	writer_str(w, g.text.n == 1 ? " byte" : " bytes");
}

bool
value_is_secret(struct span option)
{
	static const char *const ends[] = { "password", "passwd", "pass",
		"secret", "key" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct span end = span_of(ends[i]);

		if (option.n >= end.n &&
		    casemap_eq(span_tail(option, option.n - end.n), end))
			return true;
	}
	return false;
}

bool
value_build(struct writer *w, enum value_type type, const struct value_row *row,
    const void *obj)
{
	const struct type *t = &types[type];

	if (t->words == NULL)
		return t->build(w, row, obj);
	writer_char(w, '"');
	writer_str(w, t->words[*(const uint32_t *)value_at_const(obj, row)]);
	writer_char(w, '"');
	return true;
}
