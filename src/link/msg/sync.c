/*
 * SYNC ["*"] vector
 *
 * Says what the sender has, once, after all link states. The other side then
 * sends all that it has beyond that, from the start of its log and in the order
 * of its log (link-protocol.md, 7.1).
 */
#include "link/forgetting/forget.h"
#include "link/msg/msg.h"
#include "link/peers/duplicate.h"
#include "link/pump.h"
#include "link/recv.h"
#include "link/state.h"

void
sync_send(const struct link_step *st, struct link *l)
{
	link_send_vector(st, l, VERB_SYNC, &st->net->log.have);
	vector_copy(&l->told, &st->net->log.have);
}

static void
log_up(const struct link_step *st, const struct link *l)
{
	effects_logf(st->fx, LOG_LINK_UP, { "server", link_name(l) },
	    { "sid", sid_span(&l->o.sid) }, { "address", link_address(st, l) });
}

const char *
sync_recv(const struct link_step *st, struct link *l, struct span rest)
{
	struct link_net *net = st->net;
	const char *why;

	if (!recv_vector(st, l, VERB_SYNC, rest, &why))
		return why;
	vector_copy(&l->ph, &l->words);
	if (forget_judge_all(st, l, &l->words))
		return NULL;
	pump_rewind(st, l);
	l->state = LINK_UP;
	l->was_up = true;
	log_up(st, l);
	limits_send(st, l);
	modules_send(st, l);
	if (conn_id_is_none(net->first)) {
		net->first = l->conn;
		vector_copy(&net->first_has, &l->ph);
	}
	duplicate_resolve(st, l->o.sid);
	fork_probe(st, l);
	return NULL;
}
