/*
 * MODE of a user (modern-irc, "User mode"). The last word on a mode counts; one
 * part is built for each mode that differs from the wanted state. The mode s
 * takes the masks of notices as its parameter, as on Solanum.
 */
#include "core/cmd/umode.h"

#include "core/answers/welcome.h"
#include "core/hosts.h"
#include "core/sessions/flood.h"
#include "core/sessions/notice.h"

static void
set_text(struct cmd *c, struct span field, struct text value)
{
	struct part *p = cmd_add_part(c, PART_SET);

	p->u.set = (struct part_set){ c->user->uid, field, cmd_by(c), value };
}

static void
set_user(struct cmd *c, struct span field, bool on)
{
	set_text(c, field, on ? text_of(SPAN("1")) : text_off());
}

/* Return the letters of the masks that the user has now; empty: none. */
static struct span
notice_letters(const struct cmd *c)
{
	return user_value_text(c->facts, c->user, NOTICE_FIELD);
}

/*
 * Ask for notices of events: +s with letters adds or removes masks, +s alone
 * asks for the usual ones. The answer tells the masks, since MODE does not.
 * Return false if the user hears of nothing any more.
 */
static bool
set_notices(struct cmd *c)
{
	struct span before = notice_letters(c);
	uint32_t had = before.n == 0 ? 0 : log_masks_read(0, before), set;
	struct writer w;

	set = log_masks_read(had, cmd_arg(c, 2));
	writer_init_arena(&w, c->st->arena, LOGM_COUNT + 1);
	writer_char(&w, '+');
	log_masks_write(&w, set);
	reply(c->st, c->s, RPL_SNOMASK, writer_done(&w));
	if (set != 0 && set != had)
		set_text(c, NOTICE_FIELD,
		    text_of(span_tail(writer_done(&w), 1)));
	return set != 0;
}

/* Return the modes that are wanted, with +s if it is allowed and asks for
 * anything. */
static uint64_t
with_notices(struct cmd *c, uint64_t wanted)
{
	uint64_t had = c->user->modes & UMB(SERVER_NOTICES);

	if (!cmd_may(c, PRIV_SERVER_NOTICES))
		return (wanted & ~UMB(SERVER_NOTICES)) | had;
	return set_notices(c) ? wanted : wanted & ~UMB(SERVER_NOTICES);
}

/*
 * Give the user the host that goes with a mode of modules, as on UnrealIRCd and
 * InspIRCd (+x). Return false if the mode stays as it is. Clients that are not
 * told of hosts see the user quit and join, so it costs as much as a change of
 * nick.
 */
static bool
set_host(struct cmd *c, const struct host_row *row, bool on)
{
	struct span host = SPAN_NONE;

	if (!on && (row->may_show == NULL || !row->may_show(c->settings))) {
		reply_fail_or_notice(c->st, c->s, c->name,
		    SPAN("CANNOT_SHOW_HOST"),
		    SPAN("This server does not show hosts"));
		return false;
	}
	if (on && !hosts_hide(c->st, c->s, &host))
		return false;
	if (!on)
		host = hosts_real(c->st, c->s);
	if (span_eq(host, user_host(c->user)))
		return true;
	flood_charge_nick(c->st, c->s);
	set_text(c, SPAN("host"),
	    span_eq(host, ident_host(c->user->ident)) ? text_off()
						      : text_of(host));
	return true;
}

/* A user becomes an operator by OPER only; +o is ignored (RFC 2812, 3.1.5). */
static void
build_user(struct cmd *c, uint64_t wanted)
{
	uint64_t differ = wanted ^ c->user->modes;
	const struct host_row *row;

	for (unsigned m = 0; m < c->tables->nuser_mode; m++) {
		if ((differ & (UINT64_C(1) << m)) == 0 ||
		    (m == UM_OPER && (wanted & UMB(OPER))) ||
		    (m == UM_SERVER_NOTICES && (wanted & UMB(SERVER_NOTICES))))
			continue;
		row = hosts_row(c->tables, m);
		if (row != NULL && !set_host(c, row, (wanted >> m) & 1))
			continue;
		set_user(c, span_of(user_mode_row(c->tables, m)->field),
		    (wanted >> m) & 1);
		if (m == UM_OPER) {
			set_user(c, SPAN("oper"), false);
			set_user(c, SPAN("privileges"), false);
		}
	}
}

/* "the server MUST apply the modes that are implemented, and then send the
 * ERR_UMODEUNKNOWNFLAG": once. The numeric has no parameter for the letters,
 * but its text may vary, so the text names them. */
static void
change_user(struct cmd *c, struct span letters)
{
	uint64_t wanted = c->user->modes;
	bool has_oper = (wanted & UMB(OPER)) != 0;
	struct span rest = letters, one;
	struct writer unknown;
	bool on = true, notices = false;
	enum user_mode m;

	writer_init_arena(&unknown, c->st->arena, LINE_BODY_MAX);
	while (rest.n > 0) {
		one = mode_letter_take(&rest);
		m = user_mode_of_letter(c->tables, one.p[0]);
		if (m == UM_SERVER_NOTICES)
			notices = on;
		if (one.p[0] == '+' || one.p[0] == '-')
			on = one.p[0] == '+';
		else if (m != UM_NONE && on)
			wanted |= UINT64_C(1) << m;
		else if (m != UM_NONE)
			wanted &= ~(UINT64_C(1) << m);
		else if (!mode_letter_is_repeated(letters, one))
			writer_span(&unknown, one);
	}
	if (notices && !(has_oper && (wanted & UMB(OPER)) == 0))
		wanted = with_notices(c, wanted);
	if ((wanted & UMB(OPER)) == 0)
		wanted &= ~UMB(SERVER_NOTICES);
	build_user(c, wanted);
	if (unknown.n > 0)
		reply(c->st, c->s, ERR_UMODEUNKNOWNFLAG, writer_done(&unknown));
}

void
umode(struct cmd *c, struct span letters)
{
	if (letters.n == 0)
		reply_user_modes(c->st, c->s);
	else
		change_user(c, letters);
}
