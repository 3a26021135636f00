/*
 * All names that clients type go through chan_name_find(), and all names that
 * commands write into parts through chan_name_fact(), so that a channel can be
 * shown under another name than that among the facts.
 */
#include "core/facts/chan_name.h"

#include "core/facts/founding.h"

struct chan *
chan_name_find(const struct facts *f, struct span name)
{
	return facts_find_chan(f, name);
}

struct span
chan_name_fact(const struct chan *c)
{
	const struct founding *g =
	    c->current != NULL ? c->current : founding_first(c);

	return rcbuf_span(g != NULL ? g->name : c->fold);
}
