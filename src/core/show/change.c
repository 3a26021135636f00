/*
 * Changes are given to the sinks one by one, as they are made, and not kept as
 * a list: a list of a step would hold the names and texts of all of them, and a
 * sink could not read the shown state that belongs to a change.
 */
#include "core/show/change.h"

void
core_add_sink(struct core *c, struct sink *s)
{
	STAILQ_INSERT_TAIL(&c->sinks, s, link);
}

void
change_emit(struct step *st, struct change *ch)
{
	struct sink *s;

	ch->when = st->stamp;
	if (st->batch.ref.n > 0)
		ch->batch = st->batch.type;
	STAILQ_FOREACH(s, &st->core->sinks, link)
		if (s->has_audience(s, st, ch))
			s->take(s, st, ch);
}

void
change_moved(struct step *st, const struct user *u, struct sid to)
{
	struct sink *s;

	STAILQ_FOREACH(s, &st->core->sinks, link)
		if (s->moved != NULL)
			s->moved(s, st, u, to);
}

void
change_said(struct step *st, const struct chan *c)
{
	struct sink *s;

	STAILQ_FOREACH(s, &st->core->sinks, link)
		if (s->said != NULL)
			s->said(s, st, c);
}
