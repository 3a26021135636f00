/*
 * The list is a cursor into what is shown, so that it agrees with the MODE
 * lines that clients get while it is given: a mask that is removed meanwhile is
 * not told behind its `-b`. The masks are in the order of (stamp, dot), and the
 * cursor is the place of the last one.
 *
 * Rejected: to collect the lines first. A client that reads slowly would be
 * told masks that it has seen go.
 */
#include "core/answers/mask_list.h"

#include "base/mem.h"
#include "core/answers/reply.h"
#include "core/facts/shown_list.h"
#include "core/sessions/access.h"
#include "core/sessions/listing.h"
#include "core/types/mode_value.h"

struct asked {
	enum chan_mode list;
	char letter; /* of its row: another row may have the number later */
	struct stamp stamp;
	struct dot dot; /* of the last mask that was told; n 0: none */
};

bool
may_see_list(const struct session *s, const struct chan *c,
    const struct chan_mode_row *row)
{
	return row->list->for_members ? is_on_chan(s, c) : may_see_chan(s, c);
}

static void
reply_mask(struct step *st, struct session *s, const struct chan *c,
    const struct mode_list *how, const struct shown_mask *m)
{
	struct span text = rcbuf_span(m->text), mask = span_word(&text);

	reply_row(st, s, how->item, rcbuf_span(c->name), mask, span_word(&text),
	    num(st, (uint64_t)m->stamp.ms / 1000));
}

/* Return the row of the list, or NULL if it has gone. */
static const struct chan_mode_row *
row_of(const struct tables *t, const struct asked *a)
{
	const struct chan_mode_row *row =
	    a->list < t->nchan_mode ? chan_mode_row(t, a->list) : NULL;

	return row != NULL && row->type == MODE_LIST && row->letter == a->letter
		   ? row
		   : NULL;
}

static bool
piece(struct step *st, struct session *s, struct listing *l)
{
	struct asked *a = l->asked;
	const struct chan_mode_row *row = row_of(st->tables, a);
	const struct chan *c = l->walk.chan;
	const struct shown_mask *m;
	bool first = true;

	if (row == NULL)
		return true;
	while (c != NULL && may_see_list(s, c, row) &&
	       (m = shown_behind(c, a->list, a->stamp, a->dot)) != NULL) {
		if (!listing_has_room(st) && !first)
			return false;
		first = false;
		a->stamp = m->stamp;
		a->dot = m->dot;
		if (expiry_holds(m->expiry, st->wall))
			reply_mask(st, s, c, row->list, m);
	}
	reply_row(st, s, row->list->end,
	    rcbuf_span(c != NULL ? c->name : l->what));
	return true;
}

void
reply_mask_list(struct step *st, struct session *s, const struct chan *c,
    enum chan_mode list)
{
	struct asked *a = mem_zalloc(sizeof(*a));

	a->list = list;
	a->letter = chan_mode_row(st->tables, list)->letter;
	listing_start(st, s,
	    &(struct listing){ .piece = piece,
		.what = c->name,
		.asked = a,
		.walk = { .chan = c },
		.of_chan = true });
}
