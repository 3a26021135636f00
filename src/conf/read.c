/*
 * libconfig 1.5 keeps the lower 32 bits of a number without a word, so each
 * number that needs more gets the suffix L, which makes it one of 64 bits; then
 * the check of the option sees the number that stands in the file, and refuses
 * it. A number that needs more than 64 bits becomes the largest.
 */
#include "conf/read.h"

#include "conf/scan.h"
#include "conf/syntax.h"

static bool
is_wide(const struct token *t, int64_t *v)
{
	bool is_long;

	if (t->kind != TOKEN_INTEGER)
		return false;
	*v = token_integer(t, &is_long);
	if (is_long)
		return *v == INT64_MAX || *v == INT64_MIN;
	return *v > INT32_MAX || *v < INT32_MIN;
}

/* Return the text with a suffix behind each number that needs it; lines stay,
 * columns do not. It has a NUL behind it. */
static struct span
widen(const struct source *src)
{
	struct scan scan;
	struct token t;
	struct writer w;
	size_t from = 0;
	int64_t v;

	writer_init_arena(&w, src->arena, 2 * src->text.n + 1);
	scan_init(&scan, src->text);
	while ((t = scan_next(&scan)).kind != TOKEN_END) {
		if (!is_wide(&t, &v))
			continue;
		writer_span(&w,
		    span_make(src->text.p + from, scan.at - t.text.n - from));
		writer_i64(&w, v);
		writer_char(&w, 'L');
		from = scan.at;
	}
	writer_span(&w, span_tail(src->text, from));
	return arena_span_dup(src->arena, writer_done(&w));
}

/*
 * Let libconfig parse the text, and check the result. m is a mistake that
 * counts only if libconfig refuses the text, or NULL.
 */
static struct conf_head *
parse(const struct schema *schema, const struct source *src,
    const struct syntax_mistake *m, struct conf_report *report)
{
	struct conf_head *conf = NULL;
	struct conf_place at;
	config_t tree;

	config_init(&tree);
	if (config_read_string(&tree, widen(src).p)) {
		conf = conf_check(schema, &tree, src, report);
	} else if (m != NULL) {
		conf_report_add(report, false, m->at, span_make(m->text, m->n));
	} else {
		at = source_place(src, (unsigned int)config_error_line(&tree));
		conf_report_add(report, false, at,
		    span_of(config_error_text(&tree)));
	}
	config_destroy(&tree);
	return conf;
}

static struct conf_head *
read_source(const struct schema *schema, const struct source *src,
    struct conf_report *report)
{
	struct syntax_mistake m;
	bool found = syntax_find(schema, src, &m);

	if (!found || !m.silent)
		return parse(schema, src, found ? &m : NULL, report);
	conf_report_add(report, false, m.at, span_make(m.text, m.n));
	return NULL;
}

struct conf_head *
conf_read(const struct schema *schema, struct span path,
    const struct conf_files *files, struct conf_report *report)
{
	struct arena *a = arena_new(64 * 1024);
	struct conf_head *conf = NULL;
	struct source src;

	if (source_read(&src, a, path, files, report))
		conf = read_source(schema, &src, report);
	conf_report_sort(report);
	arena_free(a);
	return conf;
}
