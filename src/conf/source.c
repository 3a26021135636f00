/*
 * An @include takes a line of its own. The text gets the lines of the included
 * file in its place, then a line that has as many blanks as the @include had
 * characters, with what stands behind it; so columns are right, too.
 *
 * Rejected: libconfig's own @include. It opens whatever the path names, it
 * reads files that may have changed since they were checked, and it reports a
 * file by the name in the @include only.
 */
#include "conf/source.h"

#include "base/writer.h"
#include "conf/scan.h"

#define DEPTH_MAX 10 /* of files that include files, as in libconfig */

struct reader {
	struct source *source;
	const struct conf_files *files;
	struct conf_report *report;
	struct span folder; /* of the first file, with its slash */
	struct writer w;    /* the text */
	unsigned int line;  /* of the text, that comes next */
	bool good;
};

static void
complain(struct reader *r, struct conf_place at, struct span path,
    const char *why)
{
	char text[REPORT_TEXT];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	if (at.line > 0) {
		/* room for the reason behind the longest path */
		writer_span(&w, span_head(path, sizeof(text) - 256));
		writer_str(&w, ": ");
	}
	writer_str(&w, why);
	conf_report_add(r->report, false, at, writer_done(&w));
	r->good = false;
}

/* The next line of the text is the line of at. */
static void
begin_run(struct reader *r, struct conf_place at)
{
	struct source *s = r->source;

	if (s->nrun == s->cap)
		s->run =
		    arena_grow(s->arena, s->run, &s->cap, 16, sizeof(*s->run));
	s->run[s->nrun++] = (struct source_run){ r->line, at };
}

static void
append(struct reader *r, struct span s)
{
	writer_span(&r->w, s);
	for (size_t i = 0; i < s.n; i++)
		r->line += s.p[i] == '\n';
}

static struct span
full_path(struct reader *r, struct span path)
{
	struct writer w;

	writer_init_arena(&w, r->source->arena, r->folder.n + path.n + 1);
	if (path.n == 0 || path.p[0] != '/')
		writer_span(&w, r->folder);
	writer_span(&w, path);
	return arena_span_dup(r->source->arena, writer_done(&w));
}

static void add_file(struct reader *r, struct span path, struct conf_place at,
    unsigned int depth);

/* Add what t includes, and blanks in the place of t. */
static void
add_include(struct reader *r, const struct token *t, struct conf_place at,
    unsigned int depth)
{
	struct span path = full_path(r, token_quoted(t));

	if (depth == DEPTH_MAX)
		complain(r, at, path, "more than 10 files include each other");
	else
		add_file(r, path, at, depth + 1);
	begin_run(r, at);
	for (size_t i = 1; i < t->column + t->text.n; i++)
		append(r, SPAN(" "));
}

/* Add the text of a file with everything that it includes. */
static void
add_text(struct reader *r, struct span path, struct span text,
    unsigned int depth)
{
	struct conf_place at = { .file = path, .line = 1 };
	size_t from = 0;
	struct scan scan;
	struct token t;

	begin_run(r, at);
	scan_init(&scan, text);
	while ((t = scan_next(&scan)).kind != TOKEN_END && r->good) {
		if (t.kind != TOKEN_INCLUDE)
			continue;
		append(r, span_make(text.p + from, scan.line_at - from));
		at.line = t.line;
		add_include(r, &t, at, depth);
		from = scan.at;
	}
	append(r, span_tail(text, from));
	if (r->w.n > 0 && r->w.p[r->w.n - 1] != '\n')
		append(r, SPAN("\n"));
}

/* at is the place of the @include; its line is 0 for the first file. */
static void
add_file(struct reader *r, struct span path, struct conf_place at,
    unsigned int depth)
{
	struct span text;
	const char *why;

	if (!r->files->read(r->files->ctx, r->source->arena, path, &text,
		&why)) {
		complain(r, at, path, why);
		return;
	}
	add_text(r, path, text, depth);
	if (r->w.over && r->good)
		complain(r, at, path, "the configuration has more than 16 MiB");
}

bool
source_read(struct source *s, struct arena *a, struct span path,
    const struct conf_files *files, struct conf_report *report)
{
	struct reader r = { .source = s,
		.files = files,
		.report = report,
		.line = 1,
		.good = true };

	*s = (struct source){ .arena = a };
	path = arena_span_dup(a, path);
	r.folder = path;
	while (r.folder.n > 0 && r.folder.p[r.folder.n - 1] != '/')
		r.folder.n--;
	writer_init_arena(&r.w, a, SOURCE_MAX);
	add_file(&r, path, (struct conf_place){ .file = path }, 0);
	s->text = arena_span_dup(a, writer_done(&r.w));
	return r.good;
}

struct conf_place
source_place(const struct source *s, unsigned int line)
{
	size_t low = 0, high = s->nrun, mid;
	struct conf_place at;

	/* runs are in the order of their lines; several may begin at one line,
	 * and the last of them has it */
	while (high - low > 1) {
		mid = low + (high - low) / 2;
		if (s->run[mid].first <= line)
			low = mid;
		else
			high = mid;
	}
	at = s->run[low].at;
	at.line += line - s->run[low].first;
	return at;
}
