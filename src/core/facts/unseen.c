#include "core/facts/unseen.h"

#include "core/facts/unknown.h"
#include "core/part/later.h"

/* An honest server makes one +UNSEEN of a membership. Those that do not fit are
 * removed when the member acts again. */
#define SEEN_DOTS 16
#define DOT_TEXT 37 /* bytes of a dot and a space, at most */

void
unseen_part(struct part *p, struct dot join, struct arena *arena)
{
	struct writer w;

	writer_init_arena(&w, arena, PART_WORD_MAX);
	write_dot(&w, join);
	later_part(p, &later_builtin[LATER_UNSEEN], writer_done(&w), text_off(),
	    arena);
}

void
seen_part(struct part *p, const struct facts *f, const struct member *m,
    struct arena *arena)
{
	const struct unknown *x = unknown_unseen(f, m, NULL);
	struct writer w;

	writer_init_arena(&w, arena, SEEN_DOTS * DOT_TEXT);
	for (unsigned i = 0; i < SEEN_DOTS && x != NULL; i++) {
		if (i > 0)
			writer_char(&w, ' ');
		write_dot(&w, x->write.dot);
		x = unknown_unseen(f, m, x);
	}
	later_part(p, &later_builtin[LATER_SEEN], writer_done(&w), text_off(),
	    arena);
}
