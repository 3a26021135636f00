/*
 * The tables hold pointers to rows, so that rows of several places stand in one
 * order and none is copied.
 *
 * Each line of a client looks a command up, so commands have a hash table. It
 * is at most half full, and clients cannot add to it: a look-up compares few
 * names, whatever is looked up.
 */
#include "core/types/tables.h"

#include "base/invariant.h"
#include "wire/casemap.h"

#define VERB_MAX 16 /* bytes that count for the hash */

/* Return the slot where the search for a verb begins (FNV-1a). */
static size_t
slot_of(struct span verb)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < verb.n && i < VERB_MAX; i++)
		h = (h ^ (unsigned char)casemap_char(verb.p[i])) * 16777619u;
	return (h ^ h >> 16) % (2 * COMMANDS_MAX);
}

static void
add_command(struct tables *t, const struct command_row *row)
{
	size_t i = slot_of(row->name);

	invariant(t->ncommand < COMMANDS_MAX);
	while (t->command_slot[i] != 0)
		i = (i + 1) % (2 * COMMANDS_MAX);
	t->command[t->ncommand++] = row;
	t->command_slot[i] = (uint16_t)t->ncommand;
}

/* Statuses have numbers in the order in which they come, and a rank besides. */
static void
add_status(struct tables *t, const struct status_row *row)
{
	unsigned i = t->nstatus;

	for (; i > 0 && t->status[t->by_rank[i - 1]]->rank < row->rank; i--)
		t->by_rank[i] = t->by_rank[i - 1];
	t->by_rank[i] = (uint8_t)t->nstatus;
	t->status[t->nstatus++] = row;
}

void
tables_add(struct tables *t, const struct rows *r)
{
	for (size_t i = 0; i < r->ncommand; i++)
		add_command(t, &r->command[i]);
	for (size_t i = 0; i < r->nchan_mode; i++)
		t->chan_mode[t->nchan_mode++] = &r->chan_mode[i];
	for (size_t i = 0; i < r->nstatus; i++)
		add_status(t, &r->status[i]);
	for (size_t i = 0; i < r->nuser_mode; i++)
		t->user_mode[t->nuser_mode++] = &r->user_mode[i];
	for (size_t i = 0; i < r->ncap; i++)
		t->cap[t->ncap++] = &r->cap[i];
	for (size_t i = 0; i < r->nnumeric; i++)
		t->numeric[t->nnumeric++] = &r->numeric[i];
}

const struct command_row *
command_find(const struct tables *t, struct span verb)
{
	const struct command_row *row;

	for (size_t i = slot_of(verb); t->command_slot[i] != 0;
	     i = (i + 1) % (2 * COMMANDS_MAX)) {
		row = t->command[t->command_slot[i] - 1];
		if (casemap_eq(verb, row->name))
			return row;
	}
	return NULL;
}
