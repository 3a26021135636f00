/*
 * ACK n
 *
 * Tells the direct neighbour that all its entries up to n are here, so they are
 * safe even if the neighbour dies. Nothing uses this yet: ph does not need it.
 */
#include "link/msg/msg.h"
#include "link/state.h"
#include "link/trust/sid_collision.h"
#include "link/words.h"

void
ack_send(const struct link_step *st, struct link *l)
{
	struct link_line line;

	if (l->ack == 0 || l->state != LINK_UP)
		return;
	line = link_line(st, VERB_ACK);
	writer_char(&line.w, ' ');
	writer_u64(&line.w, l->ack);
	link_send(st, l, &line);
	l->ack = 0;
}

const char *
ack_recv(const struct link_step *st, struct link *l, struct span rest)
{
	uint64_t n;

	if (!word_num(&rest, &n) || !word_none(rest))
		return "expected a number";
	if (n > vector_get(&st->net->log.have, st->net->self))
		sid_collision_refuse(st, l);
	return NULL;
}
