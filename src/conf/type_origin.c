/*
 * The type of origins of web pages: a scheme, a host and a port (RFC 6454,
 * section 7), as browsers send them. They are kept as one text, which is what
 * wire/upgrade.h compares with.
 */
#include "conf/type.h"

#include "base/ascii.h"

#define ORIGINS_MAX 16
#define ORIGIN_MAX 300 /* bytes */

static bool
is_scheme_char(char c)
{
	return ascii_is_letter(c) || ascii_is_digit(c) || c == '+' ||
	       c == '-' || c == '.';
}

/* Names of hosts, addresses of both families, and a port. */
static bool
is_host_char(char c)
{
	return ascii_is_letter(c) || ascii_is_digit(c) || c == '-' ||
	       c == '.' || c == '_' || c == ':' || c == '[' || c == ']';
}

static bool
origin_is_valid(struct span s)
{
	size_t n = 0;

	if (s.n > ORIGIN_MAX)
		return false;
	if (span_eq(s, SPAN("*")))
		return true;
	while (n < s.n && is_scheme_char(s.p[n]))
		n++;
	if (n == 0 || !span_starts(span_tail(s, n), SPAN("://")) ||
	    s.n == n + 3)
		return false;
	for (n += 3; n < s.n; n++)
		if (!is_host_char(s.p[n]))
			return false;
	return true;
}

static bool
add(struct writer *w, const struct given *g)
{
	if (g->kind != GIVEN_TEXT || !origin_is_valid(g->text))
		return false;
	writer_str(w, w->n > 0 ? " " : "");
	writer_span(w, g->text);
	return true;
}

bool
type_load_origins(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	int n = g->kind == GIVEN_LIST ? config_setting_length(g->list) : 1;
	struct given one = *g;
	struct writer w;

	if (n == 0 || n > ORIGINS_MAX)
		return false;
	writer_init_arena(&w, a, (size_t)ORIGINS_MAX * (ORIGIN_MAX + 1));
	for (int i = 0; i < n; i++) {
		if (g->kind == GIVEN_LIST)
			one = given_setting(config_setting_get_elem(g->list,
			    (unsigned int)i));
		if (!add(&w, &one))
			return false;
	}
	*(struct span *)value_at(obj, row) = writer_done(&w);
	return true;
}

bool
type_build_origins(struct writer *w, const struct value_row *row,
    const void *obj)
{
	struct span rest = *(const struct span *)value_at_const(obj, row), one;
	bool first = true;

	if (rest.n == 0)
		return false;
	writer_char(w, '(');
	while ((one = span_word(&rest)).n > 0) {
		writer_str(w, first ? "" : ", ");
		value_build_text(w, one);
		first = false;
	}
	writer_char(w, ')');
	return true;
}
