#include "core/sessions/audit.h"

#include "core/sessions/access.h"

static struct span
join(struct step *st, const struct span part[2])
{
	struct writer w;

	writer_init_arena(&w, st->arena, part[0].n + 1 + part[1].n);
	writer_span(&w, part[0]);
	if (part[1].n > 0)
		writer_char(&w, ' ');
	writer_span(&w, part[1]);
	return writer_done(&w);
}

void
audit_log(struct step *st, enum log_row row, const struct audit *a)
{
	const struct user *u = a->by;
	struct span oper = a->oper, name = a->name;

	if (u != NULL && oper.n == 0)
		oper = oper_block(st->facts, u);
	if (u == NULL && name.n == 0) {
		name = st->core->settings->name;
		oper = SPAN("banyanctl");
	}
	effects_logf(st->fx, row, { "by", u == NULL ? name : user_nick(u) },
	    { "oper", oper },
	    { "from", u == NULL ? SPAN_NONE : ident_ip(u->ident) },
	    { "what", join(st, a->what) }, { "why", a->why },
	    { "result", span_of(a->result) });
}
