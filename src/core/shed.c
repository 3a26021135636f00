#include "core/shed.h"

#include "core/facts/shown_list.h"
#include "core/show/show_list.h"
#include "core/types/cost.h"

void
shed_run(struct work_item *item, void *ctx)
{
	struct step *st = ctx;
	struct core *c = st->core;

	while (c->shed != NULL && work_has_left(&c->work))
		step_spend(st,
		    shown_free(&c->shed, LISTS_AT_ONCE) * COST_VISIT);
	if (c->shed != NULL)
		work_add(&c->work, item);
}

void
shed_fini(struct core *c)
{
	while (shown_free(&c->shed, SIZE_MAX) > 0)
		;
}
