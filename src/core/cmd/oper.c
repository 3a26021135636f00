/*
 * OPER (modern-irc, "OPER message"). The password is compared by a worker
 * thread; the session's next line waits for it. A wrong password costs as much
 * of the flood allowance as FAILED_LINES lines, so that guessing does not keep
 * the worker from others. OPER over plaintext is refused, except from loopback,
 * as anybody on the way can read the password.
 *
 * An operator is three registers of the user: the mode, the name of the block,
 * and the privileges, which other servers ask for, too (doc/decisions/0041).
 */
#include "core/cmd/oper.h"

#include "core/client.h"
#include "core/cmd/cmd.h"
#include "core/sessions/access.h"
#include "core/sessions/notice.h"
#include "core/sessions/audit.h"
#include "core/sessions/flood.h"
#include "core/sessions/mask_who.h"
#include "core/sessions/request.h"
#include "core/sessions/wait.h"
#include "wire/mask.h"

#define FAILED_LINES 15

static void
log_oper(struct step *st, const struct user *u, struct span name,
    struct span failure)
{
	bool failed = failure.n > 0;

	audit_log(st, failed ? LOG_OPER_FAILED : LOG_OPER,
	    &(struct audit){ .by = u,
		.oper = name,
		.what = { SPAN("OPER"), name },
		.why = failure,
		.result = failed ? "refused" : "ok" });
}

static bool
host_matches(const struct oper_settings *o, const struct user *u)
{
	struct mask_who who = user_mask_who(u);

	return o->mask.n == 0 || mask_match(o->mask, &who, NULL);
}

/* Make the parts that say the block of an operator, or, if it is NULL, that the
 * user is no operator any more. */
static void
oper_parts(struct step *st, const struct user *u, const struct oper_settings *o,
    struct part p[OPER_PARTS])
{
	struct part_set off = { .uid = u->uid,
		.by = by_server(st->core->self.sid),
		.value = text_off() };
	struct writer w;

	for (unsigned i = 0; i < OPER_PARTS; i++) {
		p[i] = (struct part){ .id = PART_SET };
		p[i].u.set = off;
	}
	p[0].u.set.field = span_of(user_mode_row(st->tables, UM_OPER)->field);
	p[1].u.set.field = SPAN("oper");
	p[2].u.set.field = SPAN("privileges");
	if (o == NULL)
		return;
	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	privileges_write(&w, o->privileges);
	p[0].u.set.value = text_of(SPAN("1"));
	p[1].u.set.value = text_of(o->name);
	if (o->privileges != 0)
		p[2].u.set.value = text_of(writer_done(&w));
}

static void
become_oper(struct step *st, struct session *s, const struct oper_settings *o)
{
	struct part p[OPER_PARTS];
	struct cause cause = core_session_cause(s);

	oper_parts(st, s->user, o, p);
	s->wait_entry = core_make(st, (struct stamp){ 0 }, p, OPER_PARTS,
	    &(struct dest){ .all = true }, &cause);
	reply0(st, s, RPL_YOUREOPER);
}

/* Return the reason that is logged. If the status is neither ok nor no, no
 * password was compared. */
static struct span
why(enum answer_status status, const struct oper_settings *o)
{
	switch (status) {
	case ANSWER_OK:
		return o == NULL ? SPAN("no such operator") : SPAN("");
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
	/* a reload may have taken the block away meanwhile */
	const struct oper_settings *o = settings_oper(st->core->settings, name);
	bool match = status == ANSWER_OK && o != NULL;

	log_oper(st, s->user, name, why(status, o));
	if (match)
		become_oper(st, s, o);
	else if (status == ANSWER_NO || o == NULL)
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
	.kind = REQUEST_OPER, .hold = HOLD_LINE, .answered = answered
};

static void
refuse(struct cmd *c, struct span why, enum numeric numeric)
{
	log_oper(c->st, c->user, cmd_arg(c, 0), why);
	reply0(c->st, c->s, numeric);
}

/* Return true if the block asks for no certificate, or the user has shown it.
 */
static bool
pin_matches(struct cmd *c, const struct oper_settings *o)
{
	const struct rcbuf *value =
	    user_value(c->facts, c->user, SPAN("certfp"));
	struct writer w;

	if (!o->has_pin)
		return true;
	writer_init_arena(&w, c->st->arena, 2 * sizeof(o->pin));
	writer_hex(&w, span_make((const char *)o->pin, sizeof(o->pin)));
	return value != NULL && span_eq(rcbuf_span(value), writer_done(&w));
}

/*
 * All that a block asks for must hold: the mask, the pin, the password. The
 * first step that refuses decides which reason is told.
 */
void
cmd_oper(struct cmd *c)
{
	const struct oper_settings *o =
	    settings_oper(c->settings, cmd_arg(c, 0));
	bool needs_password = o == NULL || o->verifier.n > 0;

	if (needs_password && !cmd_need(c, 2))
		return;
	if (!c->s->conn->tls && !addr_is_loopback(&c->s->conn->addr))
		refuse(c, SPAN("plaintext"), ERR_NOOPERHOST);
	else if (o == NULL)
		refuse(c, SPAN("no such operator"), ERR_PASSWDMISMATCH);
	else if (!host_matches(o, c->user))
		refuse(c, SPAN("host"), ERR_NOOPERHOST);
	else if (!pin_matches(c, o))
		refuse(c, SPAN("certificate"), ERR_NOOPERHOST);
	else if (!needs_password)
		answer(c->st, c->s, o->name, ANSWER_OK);
	else if (!request_ask(c->st, c->s, &use_oper,
		     request_password(c->st->arena, o->verifier, cmd_arg(c, 1)),
		     o->name))
		answer(c->st, c->s, o->name, ANSWER_REFUSED);
}

size_t
oper_parts_off(struct step *st, const struct user *u, struct part *p)
{
	size_t n = OPER_PARTS;

	oper_parts(st, u, NULL, p);
	if ((u->modes & UMB(SERVER_NOTICES)) != 0) {
		p[n] = p[0];
		p[n++].u.set.field = NOTICE_FIELD;
	}
	return n;
}

void
oper_reloaded(struct step *st, const struct session *s)
{
	const struct oper_settings *o;
	const struct user *u = s->user;
	struct part p[OPER_PARTS + 1];
	size_t n = OPER_PARTS;

	if (u == NULL || (u->modes & UMB(OPER)) == 0 ||
	    LIST_FIRST(&u->sessions) != s || !core_is_home(st->core, u))
		return;
	o = settings_oper(st->core->settings, oper_block(st->facts, u));
	if (o != NULL && o->privileges == privileges_of(st->facts, u))
		return;
	if (o == NULL)
		n = oper_parts_off(st, u, p);
	else
		oper_parts(st, u, o, p);
	audit_log(st, LOG_OPER_CHANGED,
	    &(struct audit){ .by = u,
		.what = { SPAN("privileges"), p[2].u.set.value.s },
		.why = o == NULL ? SPAN("no such operator") : SPAN("reload"),
		.result = "ok" });
	core_make(st, (struct stamp){ 0 }, p, n, &(struct dest){ .all = true },
	    NULL);
}
