/* Nicks, and names of channels. They are few, so that people collide. */
#include "run.h"

#include <stdio.h>

/* Names of a crowd: `n0` and `#c0`, and so on. */
static char many_nicks[MANY][8], many_chans[MANY][8];

void
names_init(void)
{
	for (int i = 0; i < MANY; i++) {
		snprintf(many_nicks[i], sizeof(many_nicks[i]), "n%d", i);
		snprintf(many_chans[i], sizeof(many_chans[i]), "#c%d", i);
	}
}

const char *
names_nick(struct world *w)
{
	static const char *const nicks[] = { "ann", "bob", "cid", "Ann", "dee",
		"eve" };

	if (w->plan->crowd && world_chance(w, 80))
		return many_nicks[world_below(w, MANY)];
	return nicks[world_below(w, 6)];
}

const char *
names_chan(struct world *w)
{
	static const char *const chans[] = { "#a", "#b", "#c", "#a", "#A" };

	if (w->plan->crowd && world_chance(w, 60))
		return many_chans[world_below(w, MANY)];
	return chans[world_below(w, 5)];
}
