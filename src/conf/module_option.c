/*
 * A value is kept as it stands in the file, beside the words by which a report
 * would call it, since libconfig's tree is gone when the module is loaded.
 *
 * Rejected: loading modules in the middle of the check. The check is pure, and
 * would have to call out for each name.
 */
#include "conf/module_option.h"

#include <string.h>

#include "conf/schema.h"
#include "conf/type.h"
#include "conf/walk.h"
#include "core/module.h"

#define DESCRIBED 256 /* bytes */

/* ---- the check ----------------------------------------------------------- */

bool
module_option_is_group(const struct conf *conf, struct span name)
{
	for (size_t i = 0; i < conf->nmodule; i++)
		if (span_eq(conf->module[i].name, name))
			return true;
	return false;
}

/* Return true if the name is that of a group of the server's own. */
static bool
is_section(struct span name)
{
	return section_find(&banyand_schema, name) < banyand_schema.nsection;
}

/* Keep a list of texts. Anything else in it makes it a value of another type.
 */
static void
keep_list(struct arena *a, const struct given *g, struct conf_setting *x)
{
	size_t n = (size_t)config_setting_length(g->list);
	struct span *v = arena_alloc(a, (n + 1) * sizeof(*v));
	struct given one;

	x->is_list = true;
	for (size_t i = 0; i < n; i++) {
		one = given_setting(config_setting_get_elem(g->list,
		    (unsigned)i));
		if (one.kind != GIVEN_TEXT)
			x->is_list = false;
		else
			v[i] = arena_span_dup(a, one.text);
	}
	x->list = v;
	x->nlist = x->is_list ? n : 0;
}

static void
keep(struct walk *k, const config_setting_t *s, struct conf_setting *x)
{
	struct given g = given_setting(s);
	struct arena *a = k->head->arena;
	struct writer w;

	x->key = arena_span_dup(a, span_of(config_setting_name(s)));
	x->at = walk_place_dup(k, s);
	x->is_num = g.kind == GIVEN_NUM;
	x->is_bool = g.kind == GIVEN_BOOL;
	x->v = g.num;
	x->is_text = g.kind == GIVEN_TEXT;
	if (x->is_text)
		x->text = arena_span_dup(a, g.text);
	if (g.kind == GIVEN_LIST)
		keep_list(a, &g, x);
	writer_init_arena(&w, a, DESCRIBED);
	value_describe_length(&w, s);
	x->described = writer_done(&w);
}

void
module_option_keep(struct walk *k, size_t i)
{
	struct conf_module *m = &conf_of(k->head)->module[i];
	char name[MODULE_NAME_MAX + 1] = "";
	const config_setting_t *group;
	struct writer *w;
	size_t n;

	memcpy(name, m->name.p, m->name.n);
	group = config_setting_get_member(k->root, name);
	if (group == NULL || is_section(m->name))
		return;
	if (!config_setting_is_group(group)) {
		w = walk_begin(k);
		writer_str(w, name);
		writer_str(w, ": expected a group, { ... }, not ");
		value_describe_length(w, group);
		walk_tell(k, group, false);
		return;
	}
	n = (size_t)config_setting_length(group);
	m->setting =
	    arena_zalloc(k->head->arena, (n + 1) * sizeof(*m->setting));
	for (; m->nsetting < n; m->nsetting++)
		keep(k, config_setting_get_elem(group, (unsigned)m->nsetting),
		    &m->setting[m->nsetting]);
}

/* ---- the values ---------------------------------------------------------- */

static enum value_type
type_of(const struct option_row *row)
{
	return row->type == OPTION_IS_NUM ? VALUE_NUM : VALUE_BOOL;
}

/* Return true if the text can be printed between quotes as it is. */
static bool
is_plain(struct span s, bool spaces)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < (spaces ? ' ' : '!') || s.p[i] > '~' ||
		    s.p[i] == '"' || s.p[i] == '\\')
			return false;
	return true;
}

static bool
is_list(const struct option_row *row, const struct conf_setting *s)
{
	if (!s->is_list || s->nlist < row->min || s->nlist > row->max)
		return false;
	for (size_t i = 0; i < s->nlist; i++)
		if (!is_plain(s->list[i], true))
			return false;
	return true;
}

static bool
fits(const struct option_row *row, const struct conf_setting *s)
{
	switch (row->type) {
	case OPTION_IS_NUM:
		break;
	case OPTION_IS_BOOL:
		return s->is_bool;
	case OPTION_IS_WORD:
		return s->is_text && s->text.n >= row->min &&
		       s->text.n <= row->max && is_plain(s->text, false);
	case OPTION_IS_LIST:
		return is_list(row, s);
	}
	return s->is_num && s->v >= row->min && s->v <= row->max;
}

static const struct option_row *
find_row(const struct rows *rows, struct span key)
{
	for (size_t i = 0; i < rows->noption; i++)
		if (span_eq(span_of(rows->option[i].key), key))
			return &rows->option[i];
	return NULL;
}

/* Begin the text of a problem: "knock.user_s". */
static void
begin(struct writer *w, char *text, const struct conf_module *m,
    const struct conf_setting *s)
{
	writer_init(w, text, REPORT_TEXT);
	writer_span(w, m->name);
	writer_char(w, '.');
	writer_span(w, span_head(s->key, 64));
}

static void
put_range(struct writer *w, const struct option_row *row, const char *what)
{
	writer_u64(w, row->min);
	writer_str(w, " to ");
	writer_u64(w, row->max);
	writer_str(w, what);
}

static void
put_expected(struct writer *w, const struct option_row *row)
{
	struct value_row range = { .min = row->min, .max = row->max };

	switch (row->type) {
	case OPTION_IS_NUM:
	case OPTION_IS_BOOL:
		value_expect(w, type_of(row), &range);
		break;
	case OPTION_IS_WORD:
		writer_str(w, "a text of ");
		put_range(w, row,
		    " printable characters without space, quote and "
		    "backslash");
		break;
	case OPTION_IS_LIST:
		writer_str(w, "a list of ");
		put_range(w, row,
		    " texts of printable characters without quote and "
		    "backslash");
		break;
	}
}

/* Ask the row about the word, or about each text of the list. */
static void
check_texts(const struct conf_module *m, const struct conf_setting *s,
    const struct option_row *row, struct conf_report *report)
{
	const struct span *v = s->is_list ? s->list : &s->text;
	size_t n = s->is_list ? s->nlist : s->is_text;
	char text[REPORT_TEXT];
	const char *expected;
	struct writer w;

	for (size_t i = 0; row->check != NULL && i < n; i++) {
		if ((expected = row->check(v[i])) == NULL)
			continue;
		begin(&w, text, m, s);
		writer_str(&w, ": expected ");
		writer_str(&w, expected);
		if (!value_is_secret(s->key)) {
			writer_str(&w, ", not \"");
			writer_span(&w, span_head(v[i], 100));
			writer_char(&w, '"');
		}
		conf_report_add(report, false, s->at, writer_done(&w));
	}
}

static void
check_setting(const struct conf_module *m, const struct conf_setting *s,
    const struct rows *rows, struct conf_report *report)
{
	const struct option_row *row = find_row(rows, s->key);
	char text[REPORT_TEXT];
	struct writer w;

	if (row != NULL && fits(row, s)) {
		check_texts(m, s, row, report);
		return;
	}
	begin(&w, text, m, s);
	if (row == NULL)
		writer_str(&w, ": the module has no such option");
	else {
		writer_str(&w, ": expected ");
		put_expected(&w, row);
		writer_str(&w, ", not ");
		writer_span(&w, s->described);
	}
	conf_report_add(report, false, s->at, writer_done(&w));
}

static struct option_value
value_of(const struct conf_module *m, const struct rows *rows, size_t k)
{
	const struct option_row *row = &rows->option[k];
	struct option_value v = { .row = row, .of = rows->of, .v = row->dflt };
	const struct conf_setting *s;

	for (size_t i = 0; i < m->nsetting; i++) {
		s = &m->setting[i];
		if (!span_eq(s->key, span_of(row->key)) || !fits(row, s))
			continue;
		v.word = s->text;
		v.list = s->list;
		v.nlist = s->nlist;
		if (row->type == OPTION_IS_NUM || row->type == OPTION_IS_BOOL)
			v.v = (uint32_t)s->v;
	}
	return v;
}

/* A module whose group is one of the server's own cannot have options. */
static bool
has_group(const struct conf_module *m, const struct rows *rows,
    struct conf_report *report)
{
	char text[REPORT_TEXT];
	struct writer w;

	if (rows->noption == 0 || !is_section(m->name))
		return true;
	writer_init(&w, text, sizeof(text));
	writer_str(&w, "modules: ");
	writer_span(&w, m->name);
	writer_str(&w,
	    ": it has options, but a group of that name is the server's own");
	conf_report_add(report, false, m->at, writer_done(&w));
	return false;
}

void
conf_module_options(struct conf *conf, size_t i, const struct rows *rows,
    struct conf_report *report)
{
	const struct conf_module *m = &conf->module[i];
	struct settings *set = &conf->settings;
	struct option_value *v;
	size_t n = set->noption;

	if (!has_group(m, rows, report))
		return;
	for (size_t k = 0; k < m->nsetting; k++)
		check_setting(m, &m->setting[k], rows, report);
	v = arena_alloc(conf->head.arena, (n + rows->noption + 1) * sizeof(*v));
	if (n > 0)
		memcpy(v, set->option, n * sizeof(*v));
	for (size_t k = 0; k < rows->noption; k++)
		v[n++] = value_of(m, rows, k);
	set->option = v;
	set->noption = n;
}

/* ---- print --------------------------------------------------------------- */

static void
put_text(struct writer *w, struct span text)
{
	writer_char(w, '"');
	writer_span(w, text);
	writer_char(w, '"');
}

static void
put_list(struct writer *w, const struct option_value *v)
{
	writer_char(w, '(');
	for (size_t i = 0; i < v->nlist; i++) {
		writer_str(w, i > 0 ? ", " : "");
		put_text(w, v->list[i]);
	}
	writer_char(w, ')');
}

/* A word or a list that is not set is not printed. */
static void
put_value(struct writer *w, const struct option_value *v)
{
	if ((v->row->type == OPTION_IS_WORD && v->word.n == 0) ||
	    (v->row->type == OPTION_IS_LIST && v->nlist == 0))
		return;
	writer_char(w, '\t');
	writer_str(w, v->row->key);
	writer_str(w, " = ");
	switch (v->row->type) {
	case OPTION_IS_NUM:
		writer_u64(w, v->v);
		break;
	case OPTION_IS_BOOL:
		writer_str(w, v->v != 0 ? "true" : "false");
		break;
	case OPTION_IS_WORD:
		put_text(w, v->word);
		break;
	case OPTION_IS_LIST:
		put_list(w, v);
		break;
	}
	writer_str(w, ";\n");
}

void
module_options_build(struct writer *w, const struct conf *conf)
{
	const struct option_value *v = conf->settings.option;
	const char *of = NULL;

	for (size_t i = 0; i < conf->settings.noption; i++) {
		if (of == NULL || strcmp(of, v[i].of) != 0) {
			writer_str(w, of == NULL ? "" : "};\n");
			of = v[i].of;
			writer_str(w, of);
			writer_str(w, " = {\n");
		}
		put_value(w, &v[i]);
	}
	writer_str(w, of == NULL ? "" : "};\n");
}
