/*
 * The types of texts, names and paths.
 */
#include "conf/type.h"

#include "base/ascii.h"
#include "core/types/ids.h"
#include "core/types/privilege.h"
#include "wire/name.h"
#include "wire/utf8.h"

static bool
text_fits(const struct value_row *row, const struct given *g)
{
	if (g->kind != GIVEN_TEXT || g->text.n < row->min ||
	    g->text.n > row->max || !utf8_valid(g->text))
		return false;
	for (size_t i = 0; i < g->text.n; i++)
		if (ascii_is_control(g->text.p[i]))
			return false;
	return true;
}

bool
type_load_text(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	if (!text_fits(row, g))
		return false;
	*(struct span *)value_at(obj, row) = arena_span_dup(a, g->text);
	return true;
}

bool
type_build_text(struct writer *w, const struct value_row *row, const void *obj)
{
	const struct span *s = value_at_const(obj, row);

	if (s->n == 0 && (row->dflt == NULL || row->min > 0))
		return false;
	value_build_text(w, *s);
	return true;
}

bool
type_load_word(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	if (g->kind != GIVEN_TEXT || span_find(g->text, ' ') < g->text.n ||
	    (g->text.n > 0 && g->text.p[0] == ':'))
		return false;
	return type_load_text(row, g, a, obj);
}

/* Return the folder of a path with its last slash, or an empty span if the
 * path has no slash. */
static struct span
folder_of(struct span path)
{
	while (path.n > 0 && path.p[path.n - 1] != '/')
		path.n--;
	return path;
}

bool
type_load_path(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	struct span folder;
	struct writer w;

	if (!text_fits(row, g))
		return false;
	folder = folder_of(g->file);
	if (g->text.n == 0 || g->text.p[0] == '/')
		folder = SPAN_NONE;
	writer_init_arena(&w, a, folder.n + g->text.n + 1);
	writer_span(&w, folder);
	writer_span(&w, g->text);
	*(struct span *)value_at(obj, row) = arena_span_dup(a, writer_done(&w));
	return true;
}

bool
type_load_server_name(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	if (g->kind != GIVEN_TEXT || !name_server_valid(g->text, row->max))
		return false;
	return type_load_text(row, g, a, obj);
}

#define MODULES_MAX 60

/* The second pass of the check looks at the names. */
bool
type_load_modules(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	struct conf *conf = obj;
	struct conf_module *v;
	struct given one;
	size_t n;

	(void)row;
	if (g->kind != GIVEN_LIST)
		return false;
	n = (size_t)config_setting_length(g->list);
	if (n > MODULES_MAX)
		return false;
	v = arena_zalloc(a, (n + 1) * sizeof(*v));
	for (size_t i = 0; i < n; i++) {
		one = given_setting(config_setting_get_elem(g->list,
		    (unsigned)i));
		if (one.kind != GIVEN_TEXT || one.text.n > 4000 ||
		    !utf8_valid(one.text))
			return false;
		v[i].name = arena_span_dup(a, one.text);
	}
	conf->module = v;
	conf->nmodule = n;
	return true;
}

bool
type_build_modules(struct writer *w, const struct value_row *row,
    const void *obj)
{
	const struct conf *conf = obj;

	(void)row;
	if (conf->nmodule == 0)
		return false;
	writer_char(w, '(');
	for (size_t i = 0; i < conf->nmodule; i++) {
		writer_str(w, i > 0 ? ", " : "");
		value_build_text(w, conf->module[i].name);
	}
	writer_char(w, ')');
	return true;
}

/* The second pass of the check looks at names that are no privileges. */
bool
type_load_privileges(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	uint32_t *set = value_at(obj, row), all = 0;
	struct given one;
	enum privilege p;
	int n;

	(void)a;
	if (g->kind != GIVEN_LIST)
		return false;
	n = config_setting_length(g->list);
	for (int i = 0; i < n; i++) {
		one = given_setting(config_setting_get_elem(g->list,
		    (unsigned)i));
		if (one.kind != GIVEN_TEXT)
			return false;
		if ((p = privilege_find(one.text)) != PRIV_COUNT)
			all |= UINT32_C(1) << p;
	}
	*set = all;
	return true;
}

bool
type_build_privileges(struct writer *w, const struct value_row *row,
    const void *obj)
{
	const uint32_t *set = value_at_const(obj, row);
	const char *before = "(";

	if (*set == 0)
		return false;
	for (unsigned i = 0; i < PRIV_COUNT; i++) {
		if ((*set >> i & 1) == 0)
			continue;
		writer_str(w, before);
		value_build_text(w, privilege_row[i].name);
		before = ", ";
	}
	writer_char(w, ')');
	return true;
}

bool
type_load_sid(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	(void)a;
	return g->kind == GIVEN_TEXT && sid_parse(g->text, value_at(obj, row));
}

bool
type_build_sid(struct writer *w, const struct value_row *row, const void *obj)
{
	const struct sid *sid = value_at_const(obj, row);

	if (sid_is_none(*sid))
		return false;
	value_build_text(w, sid_span(sid));
	return true;
}

void
value_build_text(struct writer *w, struct span s)
{
	writer_char(w, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\') {
			writer_char(w, '\\');
			writer_char(w, s.p[i]);
		} else if (ascii_is_control(s.p[i])) {
			writer_str(w, "\\x");
			writer_hex(w, span_make(&s.p[i], 1));
		} else {
			writer_char(w, s.p[i]);
		}
	}
	writer_char(w, '"');
}
