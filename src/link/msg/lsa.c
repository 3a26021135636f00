/*
 * LSA o lseq hlc *(peer "," instance "," cost) ":" heads
 *
 * What a server says of its links. For each sid the newest by (inc, lseq)
 * counts; it is flooded to all links but the one it came by, and an older or
 * equal one stops here.
 *
 * READY is no part of it: as a flag of the newest link state it would be lost
 * when its server dies again before its next READY, and old users would live.
 */
#include "link/msg/msg.h"
#include "link/state.h"
#include "link/words.h"

static bool
decode_edge(struct span word, struct edge *e)
{
	uint64_t cost;

	if (!sid_parse(span_cut(&word, ','), &e->peer) ||
	    !num_parse(span_cut(&word, ','), &e->instance) ||
	    !num_parse(word, &cost) || cost > UINT32_MAX)
		return false;
	e->cost = (uint32_t)cost;
	return true;
}

static const char *
decode(struct span rest, struct lsa *lsa)
{
	struct span word, heads;
	struct edge edge;

	if (!word_origin(&rest, &lsa->o))
		return "expected an origin, sid.inc";
	if (!word_num(&rest, &lsa->lseq))
		return "expected a number";
	if (!word_stamp(&rest, &lsa->hlc))
		return "expected a time in ms";
	while (word_next(&rest, &word)) {
		if (lsa->nedge == NETMAP_EDGES_MAX)
			return "too many edges";
		if (!decode_edge(word, &edge))
			return "expected sid,instance,cost";
		lsa_edge(lsa, edge);
	}
	if (!word_text(&rest, &heads) ||
	    !vector_parse(heads, LINK_ORIGINS_MAX, &lsa->heads))
		return "expected a vector of heads";
	return NULL;
}

void
lsa_send(const struct step *st, struct link *l, const struct lsa *lsa)
{
	struct writer w = link_line(st, "LSA ");

	write_origin(&w, lsa->o);
	writer_char(&w, ' ');
	writer_u64(&w, lsa->lseq);
	writer_char(&w, ' ');
	writer_i64(&w, lsa->hlc.ms);
	for (size_t i = 0; i < lsa->nedge; i++) {
		writer_char(&w, ' ');
		writer_span(&w, sid_span(&lsa->edge[i].peer));
		writer_char(&w, ',');
		writer_u64(&w, lsa->edge[i].instance);
		writer_char(&w, ',');
		writer_u64(&w, lsa->edge[i].cost);
	}
	writer_str(&w, " :");
	for (size_t i = 0; i < lsa->heads.n; i++) {
		if (i > 0)
			writer_char(&w, ' ');
		write_vector_item(&w, &lsa->heads.v[i]);
	}
	link_send(st, l, &w);
}

static void
flood(const struct step *st, const struct link *from, const struct lsa *lsa)
{
	for (size_t i = 0; i < st->net->nlink; i++) {
		struct link *l = st->net->link[i];

		if (l != from && link_is_edge(l))
			lsa_send(st, l, lsa);
	}
}

static bool
is_full(const struct netmap *map, struct sid sid)
{
	return map->n >= NETMAP_SERVERS_MAX && netmap_find(map, sid) == NULL;
}

const char *
lsa_recv(const struct step *st, struct link *l, struct span rest)
{
	struct link_net *net = st->net;
	struct lsa lsa = { 0 };
	const char *why = decode(rest, &lsa);
	struct origin o = lsa.o;

	if (why == NULL && is_full(&net->map, o.sid))
		why = "too many servers";
	if (why == NULL && (net_vector_knows_more(net, &lsa.heads) ||
			       net_lsa_knows_more(net, &lsa)))
		net_refuse_knows_more(st, l);
	else if (why == NULL && sid_cmp(o.sid, net->self.sid) != 0 &&
		 netmap_take(&net->map, &lsa)) {
		net->map_changed = true;
		if (!mutated(net, MUT_LSA_NO_FLOOD))
			flood(st, l, &netmap_find(&net->map, o.sid)->lsa);
	}
	lsa_fini(&lsa);
	return why;
}
