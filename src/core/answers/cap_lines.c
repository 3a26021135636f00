#include "core/answers/cap_lines.h"

#include "core/answers/reply.h"
#include "core/sessions/source.h"

#define CAP_ENTRY_MAX (2 * CAP_VALUES_MAX) /* bytes of a name with its value */

void
reply_cap(struct step *st, struct session *s, const char *sub, bool more,
    struct span text)
{
	struct writer w;

	body_begin(st, &w, st->core->settings->name);
	writer_str(&w, "CAP ");
	writer_span(&w, session_nick(s));
	writer_char(&w, ' ');
	writer_str(&w, sub);
	writer_str(&w, more ? " * :" : " :");
	writer_span(&w, text);
	line_send(st, s, &(struct line){ .body = writer_done(&w) });
}

/* Return the value for this client; empty if it has none. */
static struct span
value_of(struct step *st, const struct session *s, const struct cap_row *row)
{
	const struct conn *x = s->conn;
	struct writer w;

	writer_init_arena(&w, st->arena, CAP_VALUES_MAX);
	if (row->tell == NULL)
		(void)cap_values(row, st->core->settings, &w);
	else
		row->tell(&w, &(struct cap_from){ st->core->settings, x->class,
				  x->tls, x->web, x->named });
	return writer_done(&w);
}

/* Return the names of the set, with their values if that is asked for. */
static struct span
caps_text(struct step *st, struct session *s, uint64_t set, bool values)
{
	const struct cap_row *row;
	struct span value;
	struct writer w;

	writer_init_arena(&w, st->arena, st->tables->ncap * CAP_ENTRY_MAX);
	for (unsigned i = 0; i < st->tables->ncap; i++) {
		row = cap_row(st->tables, i);
		if ((set >> i & 1) == 0 || cap_is_gap(row))
			continue;
		value = values ? value_of(st, s, row) : SPAN_NONE;
		if (row->tell != NULL && value.n == 0)
			continue;
		writer_str(&w, row->name);
		writer_str(&w, value.n > 0 ? "=" : "");
		writer_span(&w, value);
		writer_char(&w, ' ');
	}
	return writer_done(&w);
}

void
reply_caps(struct step *st, struct session *s, const char *sub, uint64_t set,
    bool values)
{
	struct span rest = caps_text(st, s, set, values), line;

	do {
		line = cap_line(&rest, s->cap_302 ? CAP_LINE_MAX : SIZE_MAX);
		reply_cap(st, s, sub, rest.n > 0, line);
	} while (rest.n > 0);
}

void
reply_caps_changed(struct step *st, struct session *s, const char *sub,
    uint64_t set, bool values)
{
	struct span rest;

	if (set == 0 || (s->caps & CAPB(CAP_NOTIFY)) == 0)
		return;
	/* IRCv3 sts, "Mechanism": a policy changes only for clients that have
	 * TLS */
	if (!s->conn->tls)
		set &= ~CAPB(STS);
	rest = caps_text(st, s, set, values && s->cap_302);
	while (rest.n > 0)
		reply_cap(st, s, sub, false, cap_line(&rest, CAP_LINE_MAX));
}
