/*
 * Clients are told by a NOTICE. Its target is `*`, so that all of them get the
 * same line (modern-irc, "NOTICE message", lets a server send it to a client by
 * any name).
 */
#include "core/outside.h"

#include "core/sessions/audience.h"
#include "core/sessions/source.h"

static struct line
notice(struct step *st, bool outside)
{
	struct line l = { .apart = true };
	struct writer w;

	body_begin(st, &w, st->core->settings->name);
	writer_str(&w, "NOTICE * :");
	writer_str(&w,
	    outside ? "This server is cut off from the network: another "
		      "server runs under its name. Use another server until "
		      "this is mended."
		    : "This server is on the network again.");
	l.body = writer_done(&w);
	return l;
}

void
outside_set(struct step *st, bool outside)
{
	struct line l;
	struct conn *x;

	st->core->outside = outside;
	audience_begin(st);
	for (uint32_t i = 0; (x = core_next_conn(st->core, &i)) != NULL;)
		if (x->session->user != NULL && !x->closing)
			audience_add(st, x->session);
	if (audience_is_empty(st))
		return;
	l = notice(st, outside);
	audience_send(st, &l);
}

void
outside_welcome(struct step *st, struct session *s)
{
	struct line l;

	if (!st->core->outside || core_mutated(st->facts, OUTSIDE_ONCE))
		return;
	l = notice(st, true);
	line_send(st, s, &l);
}
