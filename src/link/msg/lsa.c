/*
 * LSA ["*"] o lseq hlc *(peer "," instance "," cost) ":" heads
 *
 * The link state of one server. A long one takes several lines, and each of
 * them repeats o, lseq and hlc.
 *
 * The newest link state of a sid counts, by (inc, lseq). It is passed on over
 * all links except the one it came by. An older or equal one stops here
 * (link-protocol.md, 5.5).
 *
 * READY is an entry and not a flag of the link state. A flag would be lost when
 * the server dies and comes back before its next READY, and the users of its
 * former run would stay.
 */
#include "link/forgetting/forget.h"
#include "link/map/doubt.h"
#include "link/map/ghost.h"
#include "link/map/junk.h"
#include "link/map/linkstate.h"
#include "link/msg/msg.h"
#include "link/state.h"
#include "link/trust/sid_collision.h"
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

/* Return true if the line goes on with the link state that has begun, or if
 * none has begun. */
static bool
goes_on(const struct link *l, const struct lsa *lsa)
{
	return !l->lsa_open ||
	       (origin_cmp(l->lsa.o, lsa->o) == 0 && l->lsa.lseq == lsa->lseq);
}

/* Add a line to the link state. Return NULL, or what is wrong with the line. If
 * the link state is too large, refuse the link and return NULL. */
static const char *
decode(const struct link_step *st, struct span rest, struct link *l)
{
	struct lsa head, *lsa = &l->lsa;
	struct span word, heads;
	struct edge edge;

	lsa_init(&head);
	if (!word_origin(&rest, &head.o))
		return "expected an origin, sid.inc";
	if (!word_num(&rest, &head.lseq))
		return "expected a number";
	if (!word_stamp(&rest, &head.hlc))
		return "expected a time in ms";
	if (!goes_on(l, &head))
		return "expected the next line of a link state";
	lsa->o = head.o;
	lsa->lseq = head.lseq;
	lsa->hlc = head.hlc;
	while (word_next(&rest, &word)) {
		if (lsa->nedge == NETMAP_EDGES_MAX) {
			link_refuse_bounds(st, l, "a link state is too large",
			    NETMAP_EDGES_MAX, "edges");
			return NULL;
		}
		if (!decode_edge(word, &edge))
			return "expected sid,instance,cost";
		lsa_edge(lsa, edge);
	}
	if (word_text(&rest, &heads) &&
	    vector_parse(heads, LINK_ORIGINS_MAX, &lsa->heads))
		return NULL;
	if (lsa->heads.n <= LINK_ORIGINS_MAX)
		return "expected a vector of heads";
	link_refuse_bounds(st, l, "a link state is too large", LINK_ORIGINS_MAX,
	    "origins in its heads");
	return NULL;
}

static void
write_edge(struct writer *w, const struct edge *e)
{
	writer_char(w, ' ');
	writer_span(w, sid_span(&e->peer));
	writer_char(w, ',');
	writer_u64(w, e->instance);
	writer_char(w, ',');
	writer_u64(w, e->cost);
}

/* Edges and heads in one line, with about 40 bytes each. */
#define ITEMS_MAX 400

void
lsa_send(const struct link_step *st, struct link *l, const struct lsa *lsa)
{
	size_t e = 0, h = 0;

	do {
		struct link_line line = link_line(st, VERB_LSA);
		size_t room = ITEMS_MAX;

		if (lsa->nedge - e + lsa->heads.n - h > room)
			writer_str(&line.w, " *");
		writer_char(&line.w, ' ');
		write_origin(&line.w, lsa->o);
		writer_char(&line.w, ' ');
		writer_u64(&line.w, lsa->lseq);
		writer_char(&line.w, ' ');
		writer_i64(&line.w, lsa->hlc.ms);
		for (; e < lsa->nedge && room > 0; room--)
			write_edge(&line.w, &lsa->edge[e++]);
		writer_str(&line.w, " :");
		for (; h < lsa->heads.n && room > 0; room--) {
			write_vector_item(&line.w, &lsa->heads.v[h++]);
			if (h < lsa->heads.n && room > 1)
				writer_char(&line.w, ' ');
		}
		link_send(st, l, &line);
	} while (e < lsa->nedge || h < lsa->heads.n);
}

static void
flood(const struct link_step *st, const struct link *from,
    const struct lsa *lsa)
{
	for (size_t i = 0; i < st->net->nlink; i++) {
		struct link *l = st->net->link[i];

		if (l != from && link_is_edge(l))
			lsa_send(st, l, lsa);
	}
}

bool
lsa_take(const struct link_step *st, struct link *l, struct lsa *lsa)
{
	struct link_net *net = st->net;
	struct origin o = lsa->o;
	bool known = netmap_find(&net->map, o.sid) != NULL;

	if (sid_cmp(o.sid, net->self.sid) == 0 || forget_is(net, o) ||
	    !netmap_take(&net->map, lsa))
		return false;
	if (!known)
		ghost_begin(net, l, netmap_find(&net->map, o.sid));
	net->map_changed = true;
	if (!mutated(net, MUT_LSA_NO_FLOOD))
		flood(st, l, &netmap_find(&net->map, o.sid)->lsa);
	return true;
}

/* Handle a link state of this server that comes back. */
static void
take_own(const struct link_step *st, struct link *l, const struct lsa *lsa)
{
	if (sid_collision_in_lsa(st->net, lsa))
		sid_collision_refuse(st, l);
	else if (lsa->o.inc == st->net->self.inc)
		linkstate_outdo(st, l, lsa->lseq);
}

/* Return true if the maker itself says that it has more of this server than
 * this server has made. If another server says so of the maker, it may be a
 * lie, and the messenger believes it. */
static bool
collides(const struct link_net *net, const struct link *l,
    const struct lsa *lsa)
{
	return sid_cmp(l->o.sid, lsa->o.sid) == 0 &&
	       sid_collision_in_vector(net, &lsa->heads);
}

/* Follow the clock of the peer (link-protocol.md, 5.12). It may be ahead of
 * ours by entries that the peer makes its own, or by a link of the peer. */
static void
follow_hlc(const struct link_step *st, const struct link *l,
    const struct lsa *lsa)
{
	if (origin_cmp(l->o, lsa->o) == 0 && !net_hlc_is_ahead(st, lsa->hlc))
		core_observe(st->net->core, lsa->hlc);
}

/* Handle a link state whose lines are all here. */
static void
take(const struct link_step *st, struct link *l, struct lsa *lsa)
{
	if (sid_cmp(lsa->o.sid, st->net->self.sid) == 0) {
		take_own(st, l, lsa);
		return;
	}
	if (collides(st->net, l, lsa)) {
		sid_collision_refuse(st, l);
		return;
	}
	follow_hlc(st, l, lsa);
	junk_make_room(st->net, l, lsa);
	if (!netmap_has_room(&st->net->map, lsa->o.sid) &&
	    sid_cmp(l->o.sid, lsa->o.sid) == 0)
		link_refuse(st, l, "bounds", "too many servers in the map");
	else if (!doubt_is(st, l, lsa))
		(void)lsa_take(st, l, lsa);
	else if (!doubt_put(st, l, lsa))
		link_refuse(st, l, "bounds",
		    "too many link states that are not believed");
}

const char *
lsa_recv(const struct link_step *st, struct link *l, struct span rest)
{
	struct span more = rest;
	bool last = !span_eq(span_word(&more), SPAN("*"));
	const char *why = decode(st, last ? rest : more, l);

	l->lsa_open = !last;
	if (why == NULL && last && l->state != LINK_DEAD)
		take(st, l, &l->lsa);
	if (last)
		lsa_fini(&l->lsa);
	return why;
}
