/*
 * Rejected: to number all rows anew, in the order of a fresh start. Every mask
 * of every channel, user and membership would have to be written again, in the
 * step that reads the configuration.
 */
#include "core/types/row_keep.h"

#include <string.h>

#include "core/types/mode_value.h"

#define NUMBERS 64 /* the most that a kind has */
_Static_assert(CM_NONE <= NUMBERS && ST_NONE <= NUMBERS && UM_NONE <= NUMBERS &&
		   CAP_NONE <= NUMBERS && MEMORY_MAX <= NUMBERS,
    "too many rows for a mask");

/* The rows of a gap. No word has a space in it. */
static const struct chan_mode_row chan_mode_gap = {
	.name = " ",
	.field = " ",
	.type = MODE_FLAG,
};
static const struct status_row status_gap = { .name = " " };
static const struct user_mode_row user_mode_gap = { .name = " ", .field = " " };
static const struct cap_row cap_gap = { .name = " ", .values = "" };

static bool
text_eq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* ---- which row is the same ----------------------------------------------- */

static bool
needs_arg_to_unset(const struct chan_mode_row *row)
{
	return row->type == MODE_VALUE && row->value->arg_to_unset;
}

static bool
same_chan_mode(const struct tables *next, unsigned i, const struct tables *was,
    unsigned j)
{
	const struct chan_mode_row *a = next->chan_mode[i];
	const struct chan_mode_row *b = was->chan_mode[j];

	return a->letter == b->letter && a->type == b->type &&
	       needs_arg_to_unset(a) == needs_arg_to_unset(b) &&
	       text_eq(a->name, b->name);
}

static bool
same_status(const struct tables *next, unsigned i, const struct tables *was,
    unsigned j)
{
	const struct status_row *a = next->status[i], *b = was->status[j];

	return a->letter == b->letter && a->prefix == b->prefix &&
	       a->rank == b->rank && text_eq(a->name, b->name);
}

static bool
same_user_mode(const struct tables *next, unsigned i, const struct tables *was,
    unsigned j)
{
	const struct user_mode_row *a = next->user_mode[i];
	const struct user_mode_row *b = was->user_mode[j];

	return a->letter == b->letter && text_eq(a->name, b->name);
}

static bool
same_cap(const struct tables *next, unsigned i, const struct tables *was,
    unsigned j)
{
	return text_eq(next->cap[i]->name, was->cap[j]->name);
}

/* A source may be another version of the same module. */
static bool
same_memory(const struct tables *next, unsigned i, const struct tables *was,
    unsigned j)
{
	const struct memory_row *a = next->memory[i], *b = was->memory[j];

	return b != NULL && a->of == b->of && a->size == b->size &&
	       a->most == b->most && text_eq(a->name, b->name);
}

/* ---- numbers ------------------------------------------------------------- */

typedef bool same_fn(const struct tables *next, unsigned i,
    const struct tables *was, unsigned j);

struct numbering {
	unsigned n;	     /* rows of the new tables */
	uint8_t at[NUMBERS]; /* the number of each */
	unsigned top;	     /* all numbers are below it */
	uint64_t stay;	     /* numbers of rows that are in both */
	uint64_t come;	     /* numbers of the others */
};

static unsigned
lowest_free(uint64_t used)
{
	unsigned i = 0;

	while (used >> i & 1)
		i++;
	return i;
}

/* Return the number that the row i has in the old tables, or NUMBERS. */
static unsigned
old_number(same_fn *same, const struct tables *next, unsigned i,
    const struct tables *was, unsigned nwas)
{
	for (unsigned j = 0; j < nwas; j++)
		if (same(next, i, was, j))
			return j;
	return NUMBERS;
}

static void
find_numbers(struct numbering *p, same_fn *same, const struct tables *next,
    const struct tables *was, unsigned nwas)
{
	unsigned at;

	for (unsigned i = 0; i < p->n; i++) {
		at = old_number(same, next, i, was, nwas);
		p->at[i] = (uint8_t)at;
		if (at < NUMBERS)
			p->stay |= UINT64_C(1) << at;
	}
	for (unsigned i = 0; i < p->n; i++) {
		if (p->at[i] == NUMBERS) {
			at = lowest_free(p->stay | p->come);
			p->at[i] = (uint8_t)at;
			p->come |= UINT64_C(1) << at;
		}
		if (p->at[i] >= p->top)
			p->top = p->at[i] + 1u;
	}
}

/* ---- each kind ----------------------------------------------------------- */

static void
keep_chan_modes(struct tables *next, const struct tables *was,
    struct row_change *change)
{
	const struct chan_mode_row *row[CM_NONE], *old;
	struct numbering p = { .n = next->nchan_mode };

	find_numbers(&p, same_chan_mode, next, was, was->nchan_mode);
	memcpy(row, next->chan_mode, sizeof(row));
	for (unsigned i = 0; i < p.top; i++)
		next->chan_mode[i] = &chan_mode_gap;
	for (unsigned i = 0; i < p.n; i++)
		next->chan_mode[p.at[i]] = row[i];
	next->nchan_mode = p.top;
	change->come.chan_modes = p.come;
	for (unsigned i = 0; i < was->nchan_mode; i++) {
		old = was->chan_mode[i];
		if (p.stay >> i & 1) {
			if (old->value != next->chan_mode[i]->value)
				change->values |= UINT64_C(1) << i;
		} else if (old != &chan_mode_gap)
			change->gone.chan_modes |= UINT64_C(1) << i;
	}
}

static void
keep_statuses(struct tables *next, const struct tables *was,
    struct row_change *change)
{
	const struct status_row *row[ST_NONE];
	struct numbering p = { .n = next->nstatus };

	find_numbers(&p, same_status, next, was, was->nstatus);
	memcpy(row, next->status, sizeof(row));
	for (unsigned i = 0; i < p.top; i++)
		next->status[i] = &status_gap;
	for (unsigned i = 0; i < p.n; i++) {
		next->status[p.at[i]] = row[i];
		next->by_rank[i] = p.at[next->by_rank[i]];
	}
	next->nstatus = p.top;
	change->come.statuses = (uint32_t)p.come;
	for (unsigned i = 0; i < was->nstatus; i++)
		if (!(p.stay >> i & 1) && was->status[i] != &status_gap)
			change->gone.statuses |= UINT32_C(1) << i;
}

static void
keep_user_modes(struct tables *next, const struct tables *was,
    struct row_change *change)
{
	const struct user_mode_row *row[UM_NONE];
	struct numbering p = { .n = next->nuser_mode };

	find_numbers(&p, same_user_mode, next, was, was->nuser_mode);
	memcpy(row, next->user_mode, sizeof(row));
	for (unsigned i = 0; i < p.top; i++)
		next->user_mode[i] = &user_mode_gap;
	for (unsigned i = 0; i < p.n; i++)
		next->user_mode[p.at[i]] = row[i];
	next->nuser_mode = p.top;
	change->come.user_modes = p.come;
	for (unsigned i = 0; i < was->nuser_mode; i++)
		if (!(p.stay >> i & 1) && was->user_mode[i] != &user_mode_gap)
			change->gone.user_modes |= UINT64_C(1) << i;
}

static void
keep_caps(struct tables *next, const struct tables *was,
    struct row_change *change)
{
	const struct cap_row *row[CAP_NONE];
	struct numbering p = { .n = next->ncap };

	find_numbers(&p, same_cap, next, was, was->ncap);
	memcpy(row, next->cap, sizeof(row));
	for (unsigned i = 0; i < p.top; i++)
		next->cap[i] = &cap_gap;
	for (unsigned i = 0; i < p.n; i++)
		next->cap[p.at[i]] = row[i];
	next->ncap = p.top;
	change->come.caps = p.come;
	for (unsigned i = 0; i < was->ncap; i++) {
		if (p.stay >> i & 1) {
			if (!text_eq(was->cap[i]->values, next->cap[i]->values))
				change->caps |= UINT64_C(1) << i;
		} else if (was->cap[i] != &cap_gap)
			change->gone.caps |= UINT64_C(1) << i;
	}
}

static void
keep_memory(struct tables *next, const struct tables *was,
    struct row_change *change)
{
	const struct memory_row *row[MEMORY_MAX];
	struct numbering p = { .n = next->nmemory };

	find_numbers(&p, same_memory, next, was, was->nmemory);
	memcpy(row, next->memory, sizeof(row));
	for (unsigned i = 0; i < p.top; i++)
		next->memory[i] = NULL;
	for (unsigned i = 0; i < p.n; i++)
		next->memory[p.at[i]] = row[i];
	next->nmemory = p.top;
	for (unsigned i = 0; i < was->nmemory; i++)
		if (!(p.stay >> i & 1) && was->memory[i] != NULL)
			change->memory |= UINT64_C(1) << i;
}

void
rows_keep(struct tables *next, const struct tables *was,
    struct row_change *change)
{
	*change = (struct row_change){ 0 };
	keep_chan_modes(next, was, change);
	keep_statuses(next, was, change);
	keep_user_modes(next, was, change);
	keep_caps(next, was, change);
	keep_memory(next, was, change);
	tables_number(next);
}

bool
rows_are_same(const struct tables *t, const struct rows *const *added, size_t n)
{
	if (t->nsource != n + 1)
		return false;
	for (size_t i = 0; i < n; i++)
		if (t->source[i + 1] != added[i])
			return false;
	return true;
}
