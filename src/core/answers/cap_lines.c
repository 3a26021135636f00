#include "core/answers/cap_lines.h"

#include "core/answers/reply.h"
#include "core/sessions/source.h"

#define CAP_ENTRY_MAX 128 /* bytes of a name with its value and a space */

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

/* Return the names of the set, with their values if that is asked for. */
static struct span
caps_text(struct step *st, uint64_t set, bool values)
{
	const struct cap_row *row;
	struct writer w;

	writer_init_arena(&w, st->arena, st->tables->ncap * CAP_ENTRY_MAX);
	for (unsigned i = 0; i < st->tables->ncap; i++) {
		row = cap_row(st->tables, i);
		if ((set >> i & 1) == 0 || cap_is_gap(row))
			continue;
		writer_str(&w, row->name);
		if (values && row->values[0] != '\0') {
			writer_char(&w, '=');
			writer_str(&w, row->values);
		}
		writer_char(&w, ' ');
	}
	return writer_done(&w);
}

void
reply_caps(struct step *st, struct session *s, const char *sub, uint64_t set,
    bool values)
{
	struct span rest = caps_text(st, set, values), line;

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
	rest = caps_text(st, set, values && s->cap_302);
	do
		reply_cap(st, s, sub, false, cap_line(&rest, CAP_LINE_MAX));
	while (rest.n > 0);
}
