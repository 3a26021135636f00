#include "core/answers/stop.h"

#include "core/answers/query.h"
#include "core/answers/reply.h"
#include "core/sessions/source.h"
#include "core/sessions/line.h"
#include "wire/utf8.h"

static bool
is_of_us(const struct step *st)
{
	return sid_cmp(st->asker, st->core->self.sid) == 0;
}

/* Return NULL if the operator may, or the reason for a refusal. */
static const char *
refusal(const struct step *st, struct uid from)
{
	if (!query_may(st, from, PRIV_DIE))
		return "you lack the privilege: die";
	if (!is_of_us(st) && !st->core->settings->remote_die)
		return "this server can be stopped by its own operators only "
		       "(server.remote_die)";
	return NULL;
}

/* Return what clients are told: who did it, and why. */
static struct span
reason_of(struct step *st, const struct user *by, struct span reason,
    bool restart)
{
	struct writer w;

	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	writer_str(&w, restart ? "Server is starting again, please come back ("
			       : "Server is going down (");
	writer_span(&w,
	    by != NULL ? user_nick(by) : server_name(st->core, st->asker));
	if (reason.n > 0)
		writer_str(&w, ": ");
	writer_span(&w, utf8_cut(reason, st->core->settings->kick_len));
	writer_char(&w, ')');
	return writer_done(&w);
}

void
stop_asked(struct step *st, struct uid from, struct span reason, bool restart)
{
	const struct user *by = facts_find_uid(st->facts, from);
	const char *no = refusal(st, from);
	struct audit a = query_audit(st, from);

	while (reason.n > 0 && reason.p[0] == ' ')
		reason = span_tail(reason, 1);
	/* where it was said it is in the log already */
	a.what[0] = restart ? SPAN("RESTART") : SPAN("DIE");
	a.what[1] = st->core->settings->name;
	a.why = no == NULL ? reason : span_of(no);
	a.result = no == NULL ? "ok" : "refused";
	if (!is_of_us(st))
		audit_log(st, LOG_DIE, &a);
	if (no != NULL) {
		reply_refusal(st, a.what[0], span_of(no));
		return;
	}
	reply_question(st, restart ? SPAN("this server starts again")
				   : SPAN("this server stops"));
	effects_stop(st->fx, restart, reason_of(st, by, reason, restart));
}
