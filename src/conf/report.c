/*
 * A report is a growing array, with its texts in an arena. Files are sorted by
 * their first problem and not by name, so that the file given to banyand comes
 * first.
 */
#include "conf/report.h"

#include <stdlib.h>

#include "base/mem.h"

void
conf_report_init(struct conf_report *r)
{
	*r = (struct conf_report){ .arena = arena_new(4096) };
}

void
conf_report_fini(struct conf_report *r)
{
	arena_free(r->arena);
	free(r->v);
	*r = (struct conf_report){ .arena = NULL };
}

void
conf_report_add(struct conf_report *r, bool warning, struct conf_place at,
    struct span text)
{
	if (r->n == r->cap)
		r->v = mem_grow(r->v, &r->cap, 16, sizeof(*r->v));
	at.file = arena_span_dup(r->arena, at.file);
	r->v[r->n++] = (struct conf_problem){
		.at = at,
		.warning = warning,
		.text = arena_span_dup(r->arena, span_head(text, REPORT_TEXT)),
	};
	if (!warning)
		r->errors++;
}

static size_t
file_rank(const struct conf_report *r, struct span file)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (span_eq(r->v[i].at.file, file))
			break;
	return i;
}

/* Insertion sort is stable, and the list is short. */
void
conf_report_sort(struct conf_report *r)
{
	size_t *rank = mem_array(NULL, r->n, sizeof(*rank));
	size_t i, j;

	for (i = 0; i < r->n; i++)
		rank[i] = file_rank(r, r->v[i].at.file);
	for (i = 1; i < r->n; i++) {
		struct conf_problem p = r->v[i];
		size_t k = rank[i];

		for (j = i; j > 0 && (rank[j - 1] > k ||
					 (rank[j - 1] == k &&
					     r->v[j - 1].at.line > p.at.line));
		     j--) {
			r->v[j] = r->v[j - 1];
			rank[j] = rank[j - 1];
		}
		r->v[j] = p;
		rank[j] = k;
	}
	free(rank);
}

void
conf_problem_build(struct writer *w, const struct conf_problem *p)
{
	writer_span(w, p->at.file);
	if (p->at.line > 0) {
		writer_char(w, ':');
		writer_u64(w, p->at.line);
	}
	if (p->at.column > 0) {
		writer_char(w, ':');
		writer_u64(w, p->at.column);
	}
	writer_str(w, p->warning ? ": warning: " : ": ");
	writer_span(w, p->text);
}
