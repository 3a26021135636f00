#include "core/sessions/sight.h"

#include "core/sessions/access.h"
#include "core/sessions/audit.h"

struct sight
sight_of(const struct step *st, const struct user *asker)
{
	struct sight x = { .by = asker };

	if (asker != NULL)
		x.hidden =
		    (privileges_of(st->facts, asker) & PRIVB(SEE_HIDDEN)) != 0;
	return x;
}

bool
sight_lets(struct sight *x, bool others_may)
{
	if (!others_may && x->hidden)
		x->used = true;
	return others_may || x->hidden;
}

void
sight_record(struct step *st, struct sight *x, struct span command,
    struct span what)
{
	if (!x->used || x->recorded)
		return;
	x->recorded = true;
	audit_log(st, LOG_SIGHT,
	    &(struct audit){
		.by = x->by, .what = { command, what }, .result = "ok" });
}

struct sight
sight_begin(const struct step *st, const struct session *s,
    const struct listing *l)
{
	struct sight x = sight_of(st, s->user);

	x.recorded = l->recorded;
	return x;
}

void
sight_end(struct step *st, struct sight *x, struct listing *l,
    struct span command, struct span what)
{
	sight_record(st, x, command, what);
	l->recorded = x->recorded;
}
