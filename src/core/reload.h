/*
 * reload.h - what a new configuration means for the clients who are there.
 */
#ifndef CORE_RELOAD_H
#define CORE_RELOAD_H

#include "core/state.h"

/*
 * Put each connection into its class of the new settings. In slices of this
 * turn and of those to come, tell clients the tokens of ISUPPORT that changed
 * for them and the capabilities that have come, and look at what each of them
 * waits for, and whether the client is an operator. If the settings have other
 * rows, begin to put them into effect (core/row_change.h). `before` has the
 * settings that held until now, or is NULL if there were none. They are not
 * needed afterwards.
 */
void reload_begin(struct step *, const struct settings *before);

/* Take from operators what the settings do not give them, after a hand-over:
 * the settings of the program before may have been others. It is one walk over
 * all connections. */
void reload_opers(struct step *);

/* Tell clients in the same way what is different since these tables held. */
void reload_rows(struct step *, const struct tables *before);

/* Go on; ctx is the step. */
void reload_run(struct work_item *, void *ctx);

/* Free the lines that clients have not been told yet. */
void reload_fini(struct core *);

#endif
