/*
 * show.h - what clients see: the difference of two shown states.
 *
 * show_step is called once at the end of each step that may have changed facts
 * or the overlay. It compares marked objects with what was shown, sends the
 * lines in the one order that leaves no client wrong (doc/decisions/0003), and
 * makes the shown state equal to the facts.
 */
#ifndef CORE_SHOW_H
#define CORE_SHOW_H

#include "core/state.h"

void show_step(struct step *);

/* Free what is shown of all channels, at the end of a core; no line is sent. */
void show_fini(struct facts *);

/* Return true if users of this origin shall be shown. */
bool show_is_visible(const struct core *, struct origin);

/* Return the current incarnation of a channel, or NULL if no visible member is
 * in any. */
struct founding *show_current(const struct chan *);

#endif
