/*
 * A list of very many masks is compared in slices of one mask each
 * (core/cmd/judge.c). So what one extended ban costs has a bound: few rows are
 * passed by, few masks are wrapped in each other, and a row answers from what
 * the facts find at once.
 *
 * Rejected: to keep a mask parsed beside its text. The rows change with the
 * configuration, and lists are mostly short.
 */
#include "core/types/extban.h"

#include "core/types/cost.h"
#include "core/types/tables.h"
#include "wire/casemap.h"
#include "wire/msg.h"

#define WRAPS_MAX 4 /* masks that are wrapped in each other */

#define TOO_LONG "Not a mask, or too long"

/* ---- reading ------------------------------------------------------------- */

static bool
is_named(const struct extban_row *row, struct span name)
{
	if (name.n == 1)
		return span_find(span_of(row->letters), name.p[0]) <
		       span_of(row->letters).n;
	return casemap_eq(name, span_of(row->name)) ||
	       (row->also != NULL && casemap_eq(name, span_of(row->also)));
}

static const struct extban_row *
find(const struct tables *t, struct span name)
{
	for (unsigned i = 0; name.n > 0 && i < t->nextban; i++)
		if (is_named(t->extban[i], name))
			return t->extban[i];
	return NULL;
}

static bool
is_either(struct span s, char a, char b)
{
	return s.n > 0 && (s.p[0] == a || s.p[0] == b);
}

/* Return the place of the first colon, `!` or `@`, or the length. */
static size_t
name_end(struct span s)
{
	size_t i = 0;

	while (i < s.n && s.p[i] != ':' && s.p[i] != '!' && s.p[i] != '@')
		i++;
	return i;
}

bool
extban_read(const struct tables *t, struct span mask, struct extban *x)
{
	size_t end;

	if (!is_either(mask, '~', '$'))
		return false;
	mask = span_tail(mask, 1);
	*x = (struct extban){ .inverted = is_either(mask, '!', '~') };
	mask = span_tail(mask, x->inverted);
	end = name_end(mask);
	if (end < mask.n && mask.p[end] != ':')
		return false;
	x->row = find(t, span_head(mask, end));
	x->value = end < mask.n ? span_tail(mask, end + 1) : SPAN_NONE;
	return true;
}

#define MINUTES_MAX (365 * 24 * 60)

bool
extban_minutes(struct span s, uint64_t *minutes)
{
	return s.n > 0 && s.p[0] != '0' && span_u64(s, minutes) &&
	       *minutes <= MINUTES_MAX;
}

/* ---- writing ------------------------------------------------------------- */

/* Return NULL if a client may set it, else why not. */
static const char *
check(const struct mask_rules *r, const struct extban *x)
{
	const struct extban_row *row = x->row;

	if (row == NULL)
		return "There is no such extended ban";
	if (row->value == EXTBAN_MUST && x->value.n == 0)
		return "This extended ban needs a value";
	if (row->value == EXTBAN_BARE && x->value.n > 0)
		return "This extended ban has no value";
	if (row->match == NULL && x->inverted)
		return "This extended ban cannot be inverted";
	if (row->match == NULL && (row->use & r->uses) == 0)
		return "This extended ban does nothing on this list";
	if (row->check != NULL && x->value.n > 0)
		return row->check(x->value, r);
	return NULL;
}

static void
put_name(struct writer *w, const struct extban *x)
{
	writer_str(w, x->inverted ? "~!" : "~");
	writer_str(w, x->row->name);
	if (x->value.n > 0)
		writer_char(w, ':');
}

/* Write the value up to the mask that it wraps. */
static void
put_outer(struct writer *w, const struct extban *x, struct span inner)
{
	writer_span(w, span_head(x->value, x->value.n - inner.n));
}

const char *
mask_write(struct writer *w, const struct mask_rules *r, struct span mask)
{
	struct extban x;
	const char *why;

	if (!msg_is_word(mask))
		return TOO_LONG;
	for (unsigned i = 0; i <= WRAPS_MAX; i++) {
		if (!extban_read(r->tables, mask, &x))
			return mask_normalise(w, mask) ? NULL : TOO_LONG;
		if ((why = check(r, &x)) != NULL)
			return why;
		put_name(w, &x);
		if (x.row->match != NULL) {
			writer_span(w, x.value);
			return w->over ? TOO_LONG : NULL;
		}
		mask = x.row->inner(x.value);
		if (mask.n == 0)
			return "A mask is missing";
		put_outer(w, &x, mask);
	}
	return "Too many extended bans in each other";
}

uint32_t
mask_lasts_s(const struct tables *t, struct span mask)
{
	struct extban x;
	uint32_t s = 0, is;

	for (unsigned i = 0; i < WRAPS_MAX; i++) {
		if (!extban_read(t, mask, &x) || x.row == NULL ||
		    x.row->inner == NULL)
			break;
		is = x.row->lasts_s == NULL ? 0 : x.row->lasts_s(x.value);
		if (is > 0 && (s == 0 || is < s))
			s = is;
		mask = x.row->inner(x.value);
	}
	return s;
}

/* ---- matching ------------------------------------------------------------ */

static bool
answer(struct mask_test *t, const struct extban *x)
{
	enum extban_answer is = x->row->match(t, x->value);

	return is != EXTBAN_VOID && (is == EXTBAN_YES) != x->inverted;
}

bool
mask_hits(struct mask_test *t, struct span mask)
{
	struct extban x;

	for (unsigned i = 0; i <= WRAPS_MAX; i++) {
		if (!extban_read(t->tables, mask, &x))
			return mask_match(mask, &t->who, &t->steps);
		t->steps += COST_VISIT;
		if (x.row == NULL)
			return false;
		if (x.row->match != NULL)
			return answer(t, &x);
		if (x.inverted || (x.row->use & t->use) == 0)
			return false;
		mask = x.row->inner(x.value);
	}
	return false;
}
