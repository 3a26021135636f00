/*
 * A piece is a quarter of a sendq. EV_DRAINED is asked for when half a piece
 * has been given, and comes when a quarter of a piece is left to read. So the
 * client always has something to read, and a sendq has room for a piece of each
 * kind beside what others say.
 */
#include "core/sessions/drain.h"

#include "core/sessions/listing.h"

#define PIECE_MAX (64 * 1024) /* bytes */

size_t
drain_piece_of(const struct class_settings *class)
{
	size_t n = class->sendq / 4;

	return n > PIECE_MAX ? PIECE_MAX : n;
}

size_t
drain_piece(const struct session *s)
{
	return drain_piece_of(s->conn->class);
}

void
drain_ask(struct step *st, struct session *s)
{
	if (s->draining)
		return;
	s->draining = true;
	if (s->listing != NULL) /* it waits, too (C13 of core/check.c) */
		work_remove(&s->listing->item);
	effects_drain(st->fx, s->conn->id, drain_piece(s) / 4);
}
