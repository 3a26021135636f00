/*
 * DIGEST ["*"] vector
 *
 * Says which entries the sender has accepted since its last DIGEST, every 250
 * ms on each link (link-protocol.md, 7.3). It is sent even if there are none: a
 * peer that lacks the very last entry notices that at its third DIGEST, and
 * only because empty ones count.
 *
 * DIGEST is withheld while entries wait for the connection. So a peer is behind
 * only if something went wrong, and not because a link is slow.
 */
#include "link/forgetting/forget.h"
#include "link/msg/msg.h"
#include "link/pump.h"
#include "link/recv.h"
#include "link/snapshots/ask.h"
#include "link/state.h"
#include "link/trust/forged.h"

#define BEHIND_MAX 3

void
digest_send(const struct link_step *st, struct link *l)
{
	const struct vector *have = &st->net->log.have;
	struct vector more = { 0 };

	if (l->state != LINK_UP ||
	    (pump_is_stopped(st, l) && !mutated(st->net, MUT_DIGEST_STOPPED)))
		return;
	for (size_t i = 0; i < have->n; i++)
		if (vector_get(&l->told, have->v[i].o) < have->v[i].n)
			vector_set(&more, have->v[i].o, have->v[i].n);
	if (more.n > 0 || !mutated(st->net, MUT_DIGEST_CHANGED))
		link_send_vector(st, l, VERB_DIGEST, &more);
	vector_raise_all(&l->told, &more);
	vector_fini(&more);
}

const char *
digest_recv(const struct link_step *st, struct link *l, struct span rest)
{
	struct link_net *net = st->net;
	const char *why;

	if (!recv_vector(st, l, VERB_DIGEST, rest, &why))
		return why;
	ask_not_needed(l);
	if (!recv_more(st, l))
		return NULL;
	if (forget_covers(net, &l->ph)) {
		l->behind = 0;
		l->wanted_own = false;
		return NULL;
	}
	if (++l->behind < BEHIND_MAX || ask_is_under_way(net) ||
	    mutated(net, MUT_NO_WANT))
		return NULL;
	l->behind = 0;
	/* the peer shows entries of this run, but does not send them */
	if (l->wanted_own && forged_in_vector(net, &l->ph) &&
	    !mutated(net, MUT_FORGED_SILENT)) {
		forged_give_up(st, l);
		return NULL;
	}
	l->wanted_own = forged_in_vector(net, &l->ph);
	want_send(st, l);
	net->counts.wants++;
	return NULL;
}
