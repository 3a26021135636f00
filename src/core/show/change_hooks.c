/*
 * A change has an audience here if any row is told of its kind. So a core
 * without such rows pays one test for each change.
 */
#include "core/show/change_hooks.h"

#include "core/show/change.h"

static bool
has_audience(struct sink *sink, struct step *st, const struct change *ch)
{
	(void)sink;
	return (st->tables->changes >> ch->kind & 1) != 0 && !st->core->takes &&
	       !core_mutated(st->facts, CHANGES_UNHEARD);
}

static void
take(struct sink *sink, struct step *st, const struct change *ch)
{
	(void)sink;
	changed_tell(st->tables, st, ch, ch->kind);
}

void
change_hooks_init(struct core *c)
{
	c->change_hooks =
	    (struct sink){ .has_audience = has_audience, .take = take };
	core_add_sink(c, &c->change_hooks);
}
