#include "core/part/later.h"

#include "base/invariant.h"
#include "core/part/clean.h"

const struct later_row later_builtin[LATER_BUILTIN] = {
	[LATER_BAN] = { "BAN", "element" },
	[LATER_UNBAN] = { "UNBAN", "removal,2" },
	[LATER_UNSEEN] = { "UNSEEN", "element,m1" },
	[LATER_SEEN] = { "SEEN", "removal,1" },
	[LATER_CNAME] = { "CNAME", "register,1,c1" },
	[LATER_TRUNK] = { "TRUNK", "element,run" },
	[LATER_UNTRUNK] = { "UNTRUNK", "removal,1" },
};

static struct span
tag_of(const struct later_row *row, struct arena *arena)
{
	struct writer w;

	writer_init_arena(&w, arena, 256);
	writer_str(&w, "kind=");
	writer_str(&w, row->kind);
	return writer_done(&w);
}

void
later_part(struct part *p, const struct later_row *row, struct span words,
    struct text text, struct arena *arena)
{
	struct writer w;

	writer_init_arena(&w, arena, PART_LINE_MAX);
	writer_char(&w, '+');
	writer_str(&w, row->name);
	if (words.n > 0) {
		writer_char(&w, ' ');
		writer_span(&w, words);
	}
	if (text.present) {
		writer_str(&w, " :");
		writer_span(&w, text.s);
	}
	*p = (struct part){ .id = PART_UNKNOWN,
		.tags = tag_of(row, arena),
		.line = writer_done(&w) };
	invariant(!w.over &&
		  kind_parse(span_of(row->kind), &p->u.unknown.kind) &&
		  kind_check(&p->u.unknown.kind, p->line) == NULL);
}

bool
later_is(const struct part *p, const struct later_row *row)
{
	return p->id == PART_UNKNOWN &&
	       span_eq(p->u.unknown.kind.text, span_of(row->kind)) &&
	       span_eq(span_tail(kind_word(p->line, 0), 1), span_of(row->name));
}

void
later_write_founding(struct writer *w, struct span fold, struct cinc cinc)
{
	writer_span(w, fold);
	writer_char(w, ',');
	write_cinc(w, cinc);
}
