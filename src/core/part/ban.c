#include "core/part/ban.h"

#include "core/part/later.h"
#include "wire/msg.h"
#include "wire/utf8.h"

#define LIFTS "lifts="
#define CUTS "cuts"
#define NICK "nick="
#define OPTION_1 6     /* the word behind the mask */
#define OPTIONS_READ 4 /* a line may have thousands of words */

void
ban_part(struct part *p, const struct ban_text *b, struct arena *arena)
{
	struct writer w, text;

	writer_init_arena(&w, arena, PART_LINE_MAX);
	writer_span(&w, b->kind);
	writer_char(&w, ' ');
	write_cinc(&w, b->id);
	writer_char(&w, ' ');
	writer_i64(&w, b->expiry.ms);
	writer_char(&w, ' ');
	writer_span(&w, b->by);
	writer_char(&w, ' ');
	writer_span(&w, b->mask);
	if (b->lifts.n > 0) {
		writer_str(&w, " " LIFTS);
		writer_span(&w, b->lifts);
	}
	if (b->cuts)
		writer_str(&w, " " CUTS);
	if (b->nick.n > 0) {
		writer_str(&w, " " NICK);
		writer_span(&w, b->nick);
	}
	writer_init_arena(&text, arena, PART_LINE_MAX);
	writer_span(&text, b->reason);
	if (b->private.n > 0) {
		writer_char(&text, '|');
		writer_span(&text, b->private);
	}
	later_part(p, &later_builtin[LATER_BAN], writer_done(&w),
	    text_of(writer_done(&text)), arena);
}

/* Return true if the line is that of a +BAN. */
static bool
ban_is_line(struct span line)
{
	return span_starts(line, SPAN("+BAN "));
}

/* Return true if clients can be sent the text as a word. */
static bool
is_shown(struct span word, size_t max)
{
	return word.n <= max && msg_is_word(word) && utf8_valid(word);
}

/* Read the first words behind the mask, and pass over those that are not known.
 */
static void
read_options(struct span line, struct ban_text *b)
{
	struct span word;

	for (unsigned i = OPTION_1; i < OPTION_1 + OPTIONS_READ; i++) {
		word = kind_word(line, i);
		if (span_starts(word, SPAN(LIFTS)))
			b->lifts = span_tail(word, sizeof(LIFTS) - 1);
		else if (span_eq(word, SPAN(CUTS)))
			b->cuts = true;
		else if (span_starts(word, SPAN(NICK)) &&
			 is_shown(word, BAN_MASK_MAX))
			b->nick = span_tail(word, sizeof(NICK) - 1);
	}
}

bool
ban_parse(struct span line, struct ban_text *b)
{
	size_t at = kind_text_at(line);
	struct span text = at == 0 ? SPAN_NONE : span_tail(line, at);

	*b = (struct ban_text){ .kind = kind_word(line, 1),
		.by = kind_word(line, 4),
		.mask = kind_word(line, 5) };
	if (!ban_is_line(line) || !cinc_parse(kind_word(line, 2), &b->id) ||
	    !stamp_parse(kind_word(line, 3), &b->expiry) ||
	    !is_shown(b->by, BAN_BY_MAX) || !is_shown(b->mask, BAN_MASK_MAX))
		return false;
	read_options(line, b);
	b->reason = span_cut(&text, '|');
	b->private = text;
	return true;
}
