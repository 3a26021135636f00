#include "lib/handed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/types/handtext.h"
#include "node/handover.h"

static void
add(struct handed *t, struct span s)
{
	if (s.n == 0)
		return;
	if (t->n + s.n > t->cap) {
		t->cap = (t->n + s.n) * 2;
		t->p = mem_realloc(t->p, t->cap);
	}
	memcpy(t->p + t->n, s.p, s.n);
	t->n += s.n;
}

static void
add_line(void *ctx, struct span line)
{
	add(ctx, line);
	add(ctx, SPAN("\n"));
}

struct handed
handed_of(const struct node *node, const struct event *ev)
{
	struct handed t = { 0 };

	handover_give(node, ev, add_line, &t);
	return t;
}

void
handed_add_text(struct handed *t, struct span lines)
{
	struct handsum sum = { 0 };
	char last[80];

	while (lines.n > 0) {
		struct span line = span_cut(&lines, '\n');

		handsum_add(&sum, line);
		add_line(t, line);
	}
	snprintf(last, sizeof(last), "end %llu %llu",
	    (unsigned long long)sum.lines, (unsigned long long)sum.hash);
	add_line(t, span_of(last));
}

struct span
handed_text(const struct handed *t)
{
	return span_make(t->p, t->n);
}

void
handed_free(struct handed *t)
{
	free(t->p);
	*t = (struct handed){ 0 };
}

static int
cmp(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

/* Return the lines that count, sorted, for the caller to free. */
static struct span *
lines_of(const struct handed *t, size_t *n)
{
	struct span rest = handed_text(t), line, *v = NULL;
	size_t cap = 0;

	*n = 0;
	while (rest.n > 0) {
		line = span_cut(&rest, '\n');
		if (span_starts(line, SPAN("lseq ")) ||
		    span_starts(line, SPAN("end ")))
			continue;
		if (*n == cap)
			v = mem_grow(v, &cap, 64, sizeof(*v));
		v[(*n)++] = line;
	}
	if (*n > 0)
		qsort(v, *n, sizeof(*v), cmp);
	return v;
}

bool
handed_same(const struct handed *a, const struct handed *b)
{
	size_t n, m, i = 0;
	struct span *v = lines_of(a, &n), *w = lines_of(b, &m);

	while (i < n && i < m && span_eq(v[i], w[i]))
		i++;
	if (i < n || i < m)
		fprintf(stderr, "not the same:\n  %.*s\n  %.*s\n",
		    SPAN_ARG(i < n ? v[i] : SPAN("nothing")),
		    SPAN_ARG(i < m ? w[i] : SPAN("nothing")));
	free(v);
	free(w);
	return i == n && i == m;
}
