/*
 * MODE of a user (modern-irc, "User mode"). The last word on a mode counts; one
 * part is built for each mode that differs from the wanted state.
 */
#include "core/cmd/umode.h"

static void
query_user(struct cmd *c)
{
	struct writer w;

	writer_init_arena(&w, c->st->arena, 64);
	writer_char(&w, '+');
	for (unsigned m = 0; m < UM_COUNT; m++)
		if (c->user->modes & (1u << m))
			writer_char(&w, user_mode_row(m)->letter);
	reply(c->st, c->s, RPL_UMODEIS, writer_done(&w));
}

static void
set_user(struct cmd *c, struct span field, bool on)
{
	struct part *p = cmd_part(c, PART_SET);

	p->u.set = (struct part_set){ c->user->uid, field, cmd_by(c),
		on ? text_of(SPAN("1")) : text_off() };
}

/* A user becomes an operator by OPER only; +o is ignored (RFC 2812, 3.1.5). */
static void
build_user(struct cmd *c, uint32_t wanted)
{
	uint32_t differ = wanted ^ c->user->modes;

	for (unsigned m = 0; m < UM_COUNT; m++) {
		if ((differ & (1u << m)) == 0 ||
		    (m == UM_OPER && (wanted & UMB(OPER))))
			continue;
		set_user(c, span_of(user_mode_row(m)->field),
		    (wanted >> m) & 1);
		if (m == UM_OPER)
			set_user(c, SPAN("oper"), false);
	}
}

/* "the server MUST apply the modes that are implemented, and then send the
 * ERR_UMODEUNKNOWNFLAG": once, as the numeric names no letter. */
static void
change_user(struct cmd *c, struct span letters)
{
	uint32_t wanted = c->user->modes;
	bool on = true, unknown = false;
	enum user_mode m;

	for (size_t i = 0; i < letters.n; i++) {
		m = user_mode_of_letter(letters.p[i]);
		if (letters.p[i] == '+' || letters.p[i] == '-')
			on = letters.p[i] == '+';
		else if (m == UM_COUNT)
			unknown = true;
		else if (on)
			wanted |= 1u << m;
		else
			wanted &= ~(1u << m);
	}
	build_user(c, wanted);
	if (unknown)
		reply0(c->st, c->s, ERR_UMODEUNKNOWNFLAG);
}

void
umode(struct cmd *c, struct span letters)
{
	if (letters.n == 0)
		query_user(c);
	else
		change_user(c, letters);
}
