/*
 * WANT ["*"] vector
 *
 * Says what the sender has, and asks for everything beyond it
 * (link-protocol.md, 7.4), also for the snapshot that the other side has
 * offered (8.13). It repairs whatever went wrong on a link that stayed up. ph
 * becomes exactly this vector: if it were only raised, a lost entry would stay
 * lost.
 */
#include "link/forgetting/forget.h"
#include "link/msg/msg.h"
#include "link/pump.h"
#include "link/recv.h"
#include "link/state.h"

void
want_send(const struct link_step *st, struct link *l)
{
	link_send_vector(st, l, VERB_WANT, &st->net->log.have);
}

const char *
want_recv(const struct link_step *st, struct link *l, struct span rest)
{
	const char *why;

	if (!recv_vector(st, l, VERB_WANT, rest, &why))
		return why;
	if (mutated(st->net, MUT_WANT_MAX))
		vector_raise_all(&l->ph, &l->words);
	else
		vector_copy(&l->ph, &l->words);
	if (forget_judge_all(st, l, &l->words))
		return NULL;
	skip_begin_anew(st, l);
	l->wanted = l->offered;
	pump_rewind(st, l);
	return NULL;
}
