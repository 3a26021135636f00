#include "core/entrance_info.h"

#include "core/facts/entrances.h"
#include "core/sessions/source.h"
#include "core/show/show.h"
#include "core/state.h"

uint64_t
entrance_info_serial(const struct core *c)
{
	/* both only grow */
	return entrances_serial(&c->facts) + c->overlay_serial;
}

bool
entrance_info_next(const struct core *c, struct entrance_walk *w,
    struct entrance_info *info)
{
	const struct facts *f = &c->facts;
	const struct entrance *e = w->last;

	do
		e = e == NULL ? entrances_first(f)
			      : entrances_after(f, entrance_run(e));
	while (e != NULL && !show_is_visible(c, entrance_run(e)));
	if (e == NULL)
		return false;
	w->last = e;
	*info = (struct entrance_info){ .run = entrance_run(e),
		.name = server_name(c, entrance_run(e).sid) };
	entrance_read(e, &info->text);
	return true;
}
