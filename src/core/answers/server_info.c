#include "core/answers/server_info.h"

#include "core/answers/reply.h"
#include "core/types/version.h"
#include "wire/isotime.h"

void
reply_admin(struct step *st, struct session *s)
{
	const struct settings *x = st->core->settings;

	if (x->admin_location.n == 0 && x->admin_organisation.n == 0 &&
	    x->admin_email.n == 0) {
		reply(st, s, ERR_NOADMININFO, x->name);
		return;
	}
	reply(st, s, RPL_ADMINME, x->name);
	if (x->admin_location.n > 0)
		reply(st, s, RPL_ADMINLOC1, x->admin_location);
	if (x->admin_organisation.n > 0)
		reply(st, s, RPL_ADMINLOC2, x->admin_organisation);
	if (x->admin_email.n > 0)
		reply(st, s, RPL_ADMINEMAIL, x->admin_email);
}

static struct span
time_text(struct step *st, struct wall t)
{
	struct writer w;

	writer_init_arena(&w, st->arena, ISOTIME_TEXT);
	isotime_build(&w, t);
	return writer_done(&w);
}

void
reply_info(struct step *st, struct session *s)
{
	struct writer w;

	reply(st, s, RPL_INFO, SPAN(BANYAN_VERSION));
	reply(st, s, RPL_INFO,
	    SPAN("An IRC server whose instances join into one network"));
	writer_init_arena(&w, st->arena, 64);
	writer_str(&w, "This server was started ");
	writer_span(&w, time_text(st, st->core->started));
	reply(st, s, RPL_INFO, writer_done(&w));
	reply0(st, s, RPL_ENDOFINFO);
}

/* "[<timestamp> [<TS offset>]]" (modern-irc, RPL_TIME): the time is UTC. */
void
reply_time(struct step *st, struct session *s)
{
	int64_t seconds = st->wall.ms / 1000;

	reply(st, s, RPL_TIME, st->core->settings->name,
	    num(st, seconds > 0 ? (uint64_t)seconds : 0), SPAN("0"),
	    time_text(st, st->wall));
}
