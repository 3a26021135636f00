/*
 * Names of rows are few, so each is looked up among the names of the facts. All
 * names are never gone through: a linked server can add very many.
 */
#include "core/facts/row_names.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/facts/founding.h"
#include "core/facts/masks.h"
#include "core/facts/topic.h"
#include "core/types/tables.h"

/* Return the mode of that name, if it is a list. */
static enum chan_mode
list_of_name(const struct tables *t, struct span name)
{
	enum chan_mode m = chan_mode_of_name(t, name);

	return m != CM_NONE && chan_mode_row(t, m)->type == MODE_LIST ? m
								      : CM_NONE;
}

/* Add the name to f->meant. It stays there if its row goes: few names ever had
 * one. */
static void
mean(struct facts *f, struct name *n)
{
	if (n->meant)
		return;
	n->meant = true;
	if (f->nmeant == f->capmeant)
		f->meant = mem_grow32(f->meant, &f->capmeant, 16,
		    sizeof(struct name *));
	f->meant[f->nmeant++] = n;
}

void
row_names_set(struct facts *f, struct name *n)
{
	const struct tables *t = f->tables;
	struct span text = rcbuf_span(n->text), mode = SPAN_NONE;

	if (span_starts(text, SPAN(MODE_FIELD)))
		mode = span_tail(text, sizeof(MODE_FIELD) - 1);
	n->chan_list = list_of_name(t, text);
	n->chan_mode = chan_mode_of_name(t, mode);
	if (list_of_name(t, mode) != CM_NONE)
		n->chan_mode = CM_NONE;
	n->user_mode = user_mode_of_name(t, mode);
	n->status = status_of_name(t, text);
	if (n->chan_mode != CM_NONE || n->user_mode != UM_NONE ||
	    span_eq(text, SPAN(FIELD_TOPIC)) ||
	    span_eq(text, SPAN(FIELD_TOPIC_SINCE)))
		mean(f, n);
}

/* ---- other rows ---------------------------------------------------------- */

static void
renew(struct facts *f, const char *text, struct renewed *x)
{
	struct name *n = map_find(&f->field_names, span_of(text));

	if (n == NULL)
		return;
	row_names_set(f, n);
	if (n->renewed)
		return;
	n->renewed = true;
	if (x->n == x->cap)
		x->v = mem_grow(x->v, &x->cap, 8, sizeof(*x->v));
	x->v[x->n++] = n;
}

static bool
has(uint64_t set, unsigned number)
{
	return set >> number & 1;
}

void
row_names_renew(struct facts *f, const struct row_set *rows, struct renewed *x)
{
	const struct tables *t = f->tables;

	for (unsigned i = 0; i < t->nchan_mode; i++)
		if (has(rows->chan_modes, i)) {
			renew(f, chan_mode_row(t, i)->name, x);
			renew(f, chan_mode_row(t, i)->field, x);
		}
	for (unsigned i = 0; i < t->nstatus; i++)
		if (has(rows->statuses, i))
			renew(f, status_row(t, i)->name, x);
	for (unsigned i = 0; i < t->nuser_mode; i++)
		if (has(rows->user_modes, i))
			renew(f, user_mode_row(t, i)->field, x);
}

void
row_names_end(struct renewed *x)
{
	for (size_t i = 0; i < x->n; i++)
		x->v[i]->renewed = false;
	free(x->v);
	*x = (struct renewed){ 0 };
}

/* ---- what has them ------------------------------------------------------- */

static bool
have_renewed(struct reg_walk w)
{
	const struct reg *r;

	while ((r = regs_next(&w)) != NULL)
		if (r->name->renewed)
			return true;
	return false;
}

bool
row_names_of_user(const struct facts *f, const struct user *u)
{
	return have_renewed(user_meant_regs(f, u));
}

bool
row_names_of_member(const struct member *m)
{
	uint32_t n;
	const struct status_reg *s = member_stats(m, &n);

	for (; n > 0; n--, s++)
		if (s->name->renewed)
			return true;
	return false;
}

unsigned
row_names_of_chan(const struct facts *f, const struct chan *c,
    const struct renewed *x)
{
	unsigned what = 0;

	if (c->current == NULL)
		return 0;
	if (have_renewed(founding_meant_regs(f, c->current)))
		what |= CHAN_REGS;
	for (size_t i = 0; i < x->n; i++)
		if (mask_first_of(c->current, x->v[i]) != NULL)
			what |= CHAN_LISTS;
	return what;
}
