#include "core/shed.h"

#include "core/facts/memory.h"
#include "core/facts/reg_table.h"
#include "core/facts/shown_list.h"
#include "core/show/show_list.h"
#include "core/types/cost.h"

#define AT_ONCE 16 /* registers, or blocks of memory.h */

static bool
is_left(const struct core *c)
{
	return c->shed != NULL || c->facts.shed != NULL ||
	       memory_is_shed(c->facts.memories);
}

void
shed_begin(struct core *c)
{
	if (is_left(c))
		work_add(&c->work, &c->shed_item);
}

void
shed_run(struct work_item *item, void *ctx)
{
	struct step *st = ctx;
	struct core *c = st->core;

	while (c->shed != NULL && work_has_left(&c->work))
		step_spend(st,
		    shown_free(&c->shed, LISTS_AT_ONCE) * COST_VISIT);
	while (c->facts.shed != NULL && work_has_left(&c->work))
		step_spend(st,
		    (1 + reg_table_free(&c->facts.shed, AT_ONCE)) * COST_VISIT);
	while (memory_is_shed(c->facts.memories) && work_has_left(&c->work))
		step_spend(st,
		    (1 + memory_free_shed(c->facts.memories, AT_ONCE)) *
			COST_VISIT);
	if (is_left(c))
		work_add(&c->work, item);
}

void
shed_fini(struct core *c)
{
	while (shown_free(&c->shed, SIZE_MAX) > 0)
		;
}
