/*
 * MODE of a user (modern-irc, "User mode"). The last word on a mode counts; one
 * part is built for each mode that differs from the wanted state.
 */
#include "core/cmd/umode.h"

#include "core/answers/welcome.h"

static void
set_user(struct cmd *c, struct span field, bool on)
{
	struct part *p = cmd_add_part(c, PART_SET);

	p->u.set = (struct part_set){ c->user->uid, field, cmd_by(c),
		on ? text_of(SPAN("1")) : text_off() };
}

/* A user becomes an operator by OPER only; +o is ignored (RFC 2812, 3.1.5). */
static void
build_user(struct cmd *c, uint64_t wanted)
{
	uint64_t differ = wanted ^ c->user->modes;

	for (unsigned m = 0; m < c->tables->nuser_mode; m++) {
		if ((differ & (UINT64_C(1) << m)) == 0 ||
		    (m == UM_OPER && (wanted & UMB(OPER))))
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
	struct span rest = letters, one;
	struct writer unknown;
	bool on = true;
	enum user_mode m;

	writer_init_arena(&unknown, c->st->arena, LINE_BODY_MAX);
	while (rest.n > 0) {
		one = mode_letter_take(&rest);
		m = user_mode_of_letter(c->tables, one.p[0]);
		if (one.p[0] == '+' || one.p[0] == '-')
			on = one.p[0] == '+';
		else if (m != UM_NONE && on)
			wanted |= UINT64_C(1) << m;
		else if (m != UM_NONE)
			wanted &= ~(UINT64_C(1) << m);
		else if (!mode_letter_is_repeated(letters, one))
			writer_span(&unknown, one);
	}
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
