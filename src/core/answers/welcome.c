#include "core/answers/welcome.h"

#include "core/answers/isupport.h"
#include "core/answers/reply.h"
#include "core/sessions/line.h"
#include "core/sessions/response.h"
#include "core/sessions/source.h"
#include "core/types/version.h"
#include "wire/isotime.h"

/* Differs from modern-irc, RPL_LUSERCLIENT, "total users": the first number
 * leaves out the invisible users, as the text of the numeric says and as all
 * clients add the two numbers up. The servers include this one. */
void
reply_lusers(struct step *st, struct session *s)
{
	struct core_counts n;

	core_counts(st->core, &n);
	reply(st, s, RPL_LUSERCLIENT, num(st, n.users - n.invisible),
	    num(st, n.invisible), num(st, n.servers));
	if (n.opers > 0)
		reply(st, s, RPL_LUSEROP, num(st, n.opers));
	if (n.unregistered > 0)
		reply(st, s, RPL_LUSERUNKNOWN, num(st, n.unregistered));
	if (n.channels > 0)
		reply(st, s, RPL_LUSERCHANNELS, num(st, n.channels));
	reply(st, s, RPL_LUSERME, num(st, n.users_local),
	    num(st, n.servers - 1));
	reply(st, s, RPL_LOCALUSERS, num(st, n.users_local),
	    num(st, n.max_local), num(st, n.users_local), num(st, n.max_local));
	reply(st, s, RPL_GLOBALUSERS, num(st, n.users), num(st, n.max_global),
	    num(st, n.users), num(st, n.max_global));
}

static void
send_motd(struct step *st, struct session *s)
{
	const struct settings *x = st->core->settings;

	if (x->nmotd == 0) {
		reply0(st, s, ERR_NOMOTD);
		return;
	}
	reply(st, s, RPL_MOTDSTART, x->name);
	for (size_t i = 0; i < x->nmotd; i++)
		reply(st, s, RPL_MOTD, x->motd[i]);
	reply0(st, s, RPL_ENDOFMOTD);
}

void
reply_motd(struct step *st, struct session *s)
{
	const struct settings *x = st->core->settings;

	if (s != NULL && x->nmotd * LINE_BODY_MAX > s->conn->class->sendq / 8)
		response_collect(st, s);
	reply_recorded(st, s, &st->core->motd, send_motd);
}

void
reply_version(struct step *st, struct session *s)
{
	reply(st, s, RPL_VERSION, SPAN(BANYAN_VERSION),
	    st->core->settings->name, st->core->settings->description);
	reply_isupport(st, s);
}

static struct span
user_letters(struct step *st)
{
	struct writer w;

	writer_init_arena(&w, st->arena, 200);
	user_modes_write(&w, st->tables, UINT64_MAX);
	return writer_done(&w);
}

/* Return the letters of channel modes and statuses: all, or only those with a
 * parameter. */
static struct span
chan_letters(struct step *st, bool with_param)
{
	struct writer w;

	writer_init_arena(&w, st->arena, 200);
	for (unsigned i = 0; i < st->tables->nchan_mode; i++)
		if (!with_param ||
		    chan_mode_row(st->tables, i)->type != MODE_FLAG)
			mode_letter_write(&w,
			    chan_mode_row(st->tables, i)->letter);
	for (unsigned i = 0; i < st->tables->nstatus; i++)
		mode_letter_write(&w, status_row(st->tables, i)->letter);
	return writer_done(&w);
}

void
reply_user_modes(struct step *st, struct session *s)
{
	struct writer w;

	writer_init_arena(&w, st->arena, 200);
	writer_char(&w, '+');
	user_modes_write(&w, st->tables, s->user->modes);
	reply(st, s, RPL_UMODEIS, writer_done(&w));
}

static void
send_greeting(struct step *st, struct session *s)
{
	const struct settings *x = st->core->settings;
	struct writer w;

	reply(st, s, RPL_YOURHOST, x->name, SPAN(BANYAN_VERSION));
	writer_init_arena(&w, st->arena, ISOTIME_TEXT);
	isotime_build(&w, st->core->started);
	reply(st, s, RPL_CREATED, writer_done(&w));
	reply(st, s, RPL_MYINFO, x->name, SPAN(BANYAN_VERSION),
	    user_letters(st), chan_letters(st, false), chan_letters(st, true));
}

void
reply_welcome(struct step *st, struct session *s)
{
	struct core *c = st->core;

	lines_begin(st, s);
	reply(st, s, RPL_WELCOME, c->settings->network,
	    user_source(st, s->user));
	reply_recorded(st, s, &c->greeting, send_greeting);
	reply_isupport(st, s);
	reply_lusers(st, s);
	reply_motd(st, s);
	/* modern-irc, "Connection Registration", has the modes last */
	reply_user_modes(st, s);
	lines_end(st);
}

void
welcome_drop(struct core *c)
{
	recording_drop(&c->greeting);
	recording_drop(&c->isupport);
	recording_drop(&c->motd);
}
