/*
 * OPER (modern-irc, "OPER message"). The password is compared by a worker
 * thread; the session's next line waits for it. A wrong password costs as much
 * of the flood allowance as FAILED_LINES lines, so that guessing does not keep
 * the worker from others. OPER over plaintext is refused, except from loopback,
 * as anybody on the way can read the password.
 */
#include "core/client.h"
#include "core/cmd/cmd.h"
#include "core/sessions/flood.h"
#include "core/sessions/request.h"
#include "core/sessions/wait.h"
#include "wire/mask.h"

#define FAILED_LINES 15

static void
log_failed(struct cmd *c, const char *why)
{
	effects_logf(c->st->fx, LOG_OPER_FAILED, { "nick", session_nick(c->s) },
	    { "name", cmd_arg(c, 0) }, { "why", span_of(why) });
}

static bool
host_matches(const struct oper_settings *o, const struct user *u)
{
	struct mask_who who = ident_mask_who(u->ident, user_nick(u));

	return o->mask.n == 0 || mask_match(o->mask, &who, NULL);
}

static void
become_oper(struct step *st, struct session *s, struct span name)
{
	struct part p[2] = { { .id = PART_SET }, { .id = PART_SET } };
	struct by me = by_server(st->core->self.sid);
	struct cause cause = core_session_cause(s);

	p[0].u.set = (struct part_set){ s->user->uid,
		span_of(user_mode_row(st->tables, UM_OPER)->field), me,
		text_of(SPAN("1")) };
	p[1].u.set =
	    (struct part_set){ s->user->uid, SPAN("oper"), me, text_of(name) };
	s->wait_entry = core_make(st, (struct stamp){ 0 }, p, 2,
	    &(struct dest){ .all = true }, &cause);
	reply0(st, s, RPL_YOUREOPER);
}

/* Return the reason that is logged. If the status is neither ok nor no, no
 * password was compared. */
static struct span
why(enum answer_status status)
{
	switch (status) {
	case ANSWER_OK:
		return SPAN("");
	case ANSWER_NO:
		return SPAN("password");
	case ANSWER_EXPIRED:
		return SPAN("no answer in time");
	case ANSWER_REFUSED:
		break;
	}
	return SPAN("too many at once");
}

static void
answer(struct step *st, struct session *s, struct span name,
    enum answer_status status)
{
	bool match = status == ANSWER_OK;

	effects_logf(st->fx, match ? LOG_OPER : LOG_OPER_FAILED,
	    { "nick", session_nick(s) }, { "name", name },
	    { "why", why(status) });
	if (match)
		become_oper(st, s, name);
	else if (status == ANSWER_NO)
		reply0(st, s, ERR_PASSWDMISMATCH);
	else
		reply(st, s, RPL_TRYAGAIN, SPAN("OPER"));
	if (!match)
		flood_charge(st, s, FAILED_LINES);
}

static void
answered(struct step *st, struct session *s, const struct request *r,
    enum answer_status status, struct span bytes)
{
	(void)bytes;
	answer(st, s, rcbuf_span(r->what), status);
}

static const struct request_use use_oper = {
	.kind = REQUEST_PASSWORD, .hold = HOLD_LINE, .answered = answered
};

void
cmd_oper(struct cmd *c)
{
	const struct oper_settings *o;

	if (!c->s->conn->tls && !addr_is_loopback(&c->s->conn->addr)) {
		log_failed(c, "plaintext");
		reply0(c->st, c->s, ERR_NOOPERHOST);
		return;
	}
	o = settings_oper(c->settings, cmd_arg(c, 0));
	if (o == NULL) {
		log_failed(c, "no such operator");
		reply0(c->st, c->s, ERR_PASSWDMISMATCH);
		return;
	}
	if (!host_matches(o, c->user)) {
		log_failed(c, "host");
		reply0(c->st, c->s, ERR_NOOPERHOST);
		return;
	}
	if (!request_ask(c->st, c->s, &use_oper,
		request_password(c->st->arena, o->verifier, cmd_arg(c, 1)),
		o->name))
		answer(c->st, c->s, o->name, ANSWER_REFUSED);
}
