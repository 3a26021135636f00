#include "core/types/mode.h"

#include "core/types/mode_value.h"
#include "core/types/tables.h"
#include "wire/utf8.h"

#define LIST_ROW(list) list, NULL
#define VALUE_ROW(value) NULL, value
#define FLAG_ROW(none) NULL, none

const struct chan_mode_row chan_modes_builtin[CM_BUILTIN] = {
#define CHANMODE(ID, letter, name, type, value, what, scenario)                \
	{ letter, name, MODE_FIELD name, MODE_##type, type##_ROW(value), what, \
		NULL, false },
#include "core/types/mode.def"
#undef CHANMODE
};

const struct status_row statuses_builtin[ST_BUILTIN] = {
#define STATUS(ID, letter, prefix, name, rank, give, over, lacking, what, \
    scenario)                                                             \
	{ letter, prefix, rank, give, over, name, lacking, what },
#include "core/types/mode.def"
#undef STATUS
};

const struct user_mode_row user_modes_builtin[UM_BUILTIN] = {
#define USERMODE(ID, letter, name, what, scenario) \
	{ letter, name, MODE_FIELD name, what, NULL, false },
#include "core/types/mode.def"
#undef USERMODE
};

const struct chan_mode_row *
chan_mode_row(const struct tables *t, enum chan_mode m)
{
	return t->chan_mode[m];
}

const struct status_row *
status_row(const struct tables *t, enum status m)
{
	return t->status[m];
}

const struct user_mode_row *
user_mode_row(const struct tables *t, enum user_mode m)
{
	return t->user_mode[m];
}

/* Return true if the row of that number may be found. */
static bool
may_find(uint64_t leaving, unsigned number)
{
	return (leaving >> number & 1) == 0;
}

enum chan_mode
chan_mode_of_letter(const struct tables *t, char c)
{
	for (unsigned i = 0; i < t->nchan_mode; i++)
		if (t->chan_mode[i]->letter == c &&
		    may_find(t->leaving.chan_modes, i))
			return i;
	return CM_NONE;
}

enum chan_mode
chan_mode_of_name(const struct tables *t, struct span name)
{
	for (unsigned i = 0; i < t->nchan_mode; i++)
		if (span_eq(name, span_of(t->chan_mode[i]->name)) &&
		    may_find(t->leaving.chan_modes, i))
			return i;
	return CM_NONE;
}

enum status
status_of_letter(const struct tables *t, char c)
{
	for (unsigned i = 0; i < t->nstatus; i++)
		if (t->status[i]->letter == c &&
		    may_find(t->leaving.statuses, i))
			return i;
	return ST_NONE;
}

enum status
status_of_name(const struct tables *t, struct span name)
{
	for (unsigned i = 0; i < t->nstatus; i++)
		if (span_eq(name, span_of(t->status[i]->name)) &&
		    may_find(t->leaving.statuses, i))
			return i;
	return ST_NONE;
}

enum status
status_of_prefix(const struct tables *t, char c)
{
	for (unsigned i = 0; i < t->nstatus; i++)
		if (t->status[i]->prefix == c &&
		    may_find(t->leaving.statuses, i))
			return i;
	return ST_NONE;
}

enum user_mode
user_mode_of_letter(const struct tables *t, char c)
{
	for (unsigned i = 0; i < t->nuser_mode; i++)
		if (t->user_mode[i]->letter == c &&
		    may_find(t->leaving.user_modes, i))
			return i;
	return UM_NONE;
}

enum user_mode
user_mode_of_name(const struct tables *t, struct span name)
{
	for (unsigned i = 0; i < t->nuser_mode; i++)
		if (span_eq(name, span_of(t->user_mode[i]->name)) &&
		    may_find(t->leaving.user_modes, i))
			return i;
	return UM_NONE;
}

struct span
mode_letter_take(struct span *rest)
{
	struct span one = SPAN_NONE;

	for (size_t n = 1; one.n == 0; n++)
		one = utf8_cut(*rest, n);
	*rest = span_tail(*rest, one.n);
	return one;
}

bool
mode_letter_is_repeated(struct span letters, struct span one)
{
	while (letters.p < one.p)
		if (span_eq(mode_letter_take(&letters), one))
			return true;
	return false;
}

void
mode_letter_write(struct writer *w, char letter)
{
	if (letter != '\0')
		writer_char(w, letter);
}

void
user_modes_write(struct writer *w, const struct tables *t, uint64_t set)
{
	for (unsigned m = 0; m < t->nuser_mode; m++)
		if (set >> m & 1)
			mode_letter_write(w, t->user_mode[m]->letter);
}

enum status
status_highest(const struct tables *t, uint32_t set)
{
	for (unsigned i = 0; i < t->nranked; i++)
		if (set >> t->by_rank[i] & 1)
			return t->by_rank[i];
	return ST_NONE;
}

unsigned
status_rank(const struct tables *t, uint32_t set)
{
	return set == 0 ? RANK_NONE : t->status[status_highest(t, set)]->rank;
}

uint32_t
statuses_from(const struct tables *t, unsigned rank)
{
	uint32_t set = 0;

	for (unsigned i = 0; i < t->nstatus; i++)
		if (t->status[i]->rank >= rank)
			set |= UINT32_C(1) << i;
	return set;
}

enum status
status_of_rank(const struct tables *t, unsigned rank)
{
	for (unsigned i = t->nranked; i > 0; i--)
		if (t->status[t->by_rank[i - 1]]->rank >= rank)
			return t->by_rank[i - 1];
	return ST_NONE;
}

const struct user_mark *
user_mark_next(const struct tables *t, uint64_t *set)
{
	uint64_t left = *set & t->marked;
	unsigned i = 0;

	*set = 0;
	if (left == 0)
		return NULL;
	while ((left >> i & 1) == 0)
		i++;
	*set = left & (left - 1);
	return t->user_mode[i]->mark;
}
