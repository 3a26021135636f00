/*
 * The tables hold pointers to rows, so that rows of several places stand in one
 * order and none is copied.
 */
#include "core/types/tables.h"

void
tables_init(struct tables *t)
{
	*t = (struct tables){ 0 };
	for (unsigned i = 0; i < CM_BUILTIN; i++)
		t->chan_mode[t->nchan_mode++] = &chan_modes_builtin[i];
	for (unsigned i = 0; i < ST_BUILTIN; i++)
		t->status[t->nstatus++] = &statuses_builtin[i];
	for (unsigned i = 0; i < UM_BUILTIN; i++)
		t->user_mode[t->nuser_mode++] = &user_modes_builtin[i];
	for (unsigned i = 0; i < CAP_BUILTIN; i++)
		t->cap[t->ncap++] = &caps_builtin[i];
}
