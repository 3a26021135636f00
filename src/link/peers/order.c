/*
 * SQUIT holds the link down, since the two servers would else link again within
 * a second: each dials as long as it has an address. So neither this server
 * dials the peer, nor may the peer link. A reload ends that, like all that the
 * last configuration has led to.
 *
 * In a network that is no tree, one link less may change nothing for users. So
 * the answer names the servers that are still linked with the peer.
 */
#include "link/peers/order.h"

#include "core/types/privilege.h"
#include "link/msg/msg.h"
#include "link/peers/jupe.h"
#include "link/state.h"
#include "link/words.h"
#include "wire/casemap.h"
#include "wire/utf8.h"

#define TOLD_MAX 4096 /* bytes of an answer */

static struct peer *
find(const struct link_net *net, struct span name)
{
	for (size_t i = 0; i < net->npeer; i++)
		if (casemap_eq(net->peer[i].set->name, name))
			return &net->peer[i];
	return NULL;
}

static void
tell(struct writer *w, struct span name, const char *text)
{
	writer_span(w, name);
	writer_str(w, text);
	writer_char(w, '\n');
}

static bool
tell_no_peer(struct writer *w, struct span name)
{
	if (name.n == 0)
		writer_str(w, "expected the name of a server\n");
	else
		tell(w, name, " is not configured as a peer of this server");
	return false;
}

/* ---- SQUIT --------------------------------------------------------------- */

/* Refuse the links with the peer. Return true if there was one. */
static bool
close_links(const struct link_step *st, const struct peer *peer,
    struct span reason)
{
	struct link_net *net = st->net;
	struct writer w;
	bool any = false;

	writer_init_arena(&w, st->fx->arena, LINK_REASON_MAX);
	if (!utf8_valid(reason))
		reason = SPAN("(not UTF-8)");
	if (reason.n == 0)
		reason = SPAN(ORDER_HELD);
	writer_span(&w, utf8_cut(reason, LINK_REASON_MAX));
	for (size_t i = 0; i < net->nlink; i++) {
		if (net->link[i]->peer != peer ||
		    net->link[i]->state == LINK_DEAD)
			continue;
		link_refuse_for(st, net->link[i], "squit", writer_done(&w));
		any = true;
	}
	return any;
}

/* Return true if each of the two reports an edge to the other. */
static bool
has_edge(const struct netmap *map, const struct map_server *a,
    const struct map_server *b)
{
	for (size_t i = 0; i < a->lsa.nedge; i++)
		if (sid_cmp(a->lsa.edge[i].peer, b->lsa.o.sid) == 0 &&
		    netmap_reports(map, b, a->lsa.o.sid,
			a->lsa.edge[i].instance))
			return true;
	return false;
}

/* Return the map as it is without the links of this server with the peer, in
 * the step's arena. It borrows from the map. */
static struct netmap
map_without(const struct link_step *st, struct sid peer)
{
	struct netmap map = st->net->map;
	struct map_server *self;
	struct edge *edge;
	size_t n = 0;

	map.v = arena_alloc(st->fx->arena, (map.n + 1) * sizeof(*map.v));
	for (size_t i = 0; i < map.n; i++)
		map.v[i] = st->net->map.v[i];
	if ((self = netmap_find(&map, st->net->self.sid)) != NULL) {
		edge = arena_alloc(st->fx->arena,
		    (self->lsa.nedge + 1) * sizeof(*edge));
		for (size_t i = 0; i < self->lsa.nedge; i++)
			if (sid_cmp(self->lsa.edge[i].peer, peer) != 0)
				edge[n++] = self->lsa.edge[i];
		self->lsa.edge = edge;
		self->lsa.nedge = n;
	}
	netmap_search(&map, st->net->self.sid);
	return map;
}

/* Name the servers that keep the peer on the network. */
static void
tell_others(const struct link_step *st, const struct peer *peer,
    struct writer *w)
{
	struct netmap map = map_without(st, peer->sid);
	const struct map_server *s = netmap_find(&map, peer->sid), *other;
	bool any = false;

	for (size_t i = 0; s != NULL && s->reachable && i < map.n; i++) {
		other = &map.v[i];
		if (!other->reachable || !has_edge(&map, s, other))
			continue;
		if (!any)
			writer_span(w, peer->set->name);
		writer_str(w, any ? ", " : " is still linked with ");
		writer_span(w,
		    core_server_name(st->net->core, other->lsa.o.sid));
		any = true;
	}
	if (any)
		writer_str(w, "; SQUIT again to close these links, too\n");
}

/* Let the server be hidden at once if it is in limbo. */
static void
give_up(struct link_net *net, struct sid sid)
{
	struct map_server *s = netmap_find(&net->map, sid);

	if (s == NULL || s->reachable)
		return;
	s->cut_off = true;
	net->covered_changed = true;
}

static bool
squit(const struct link_step *st, struct span name, struct span reason,
    struct writer *told)
{
	struct peer *peer = find(st->net, name);

	if (peer == NULL)
		return tell_no_peer(told, name);
	peer->held = true;
	give_up(st->net, peer->sid);
	tell(told, peer->set->name,
	    close_links(st, peer, reason)
		? ": the link is closed, and held down until CONNECT or REHASH "
		  "at this server"
		: ": there was no link; none is made until CONNECT or REHASH "
		  "at this server");
	tell_others(st, peer, told);
	return true;
}

/* ---- CONNECT ------------------------------------------------------------- */

static bool
is_linked(const struct link_net *net, const struct peer *peer)
{
	for (size_t i = 0; i < net->nlink; i++)
		if (net->link[i]->peer == peer && link_is_edge(net->link[i]))
			return true;
	return false;
}

/* Begin with the first address of the peer that has the port; with the first
 * one of all if the port is empty or 0. Return false if there is none. */
static bool
choose_address(struct peer *peer, struct span port)
{
	uint64_t n = 0;

	peer->address = 0;
	if (port.n == 0 || span_eq(port, SPAN("0")))
		return true;
	if (!span_u64(port, &n))
		return false;
	for (size_t i = 0; i < peer->set->naddress; i++)
		if (peer->set->address[i].port == n) {
			peer->address = i;
			return true;
		}
	return false;
}

static void
tell_dialling(const struct peer *peer, struct writer *w)
{
	const struct peer_address *a = &peer->set->address[peer->address];

	writer_str(w, "dialling ");
	writer_span(w, peer->set->name);
	writer_str(w, " at ");
	if (a->host.n > 0)
		writer_span(w, a->host);
	else
		addr_build(w, &a->addr);
	if (!a->broker && !peer_address_is_service(a)) {
		writer_str(w, ", port ");
		writer_u64(w, a->port);
	}
	writer_char(w, '\n');
}

static bool
has_service(const struct peer *peer)
{
	for (size_t i = 0; i < peer->set->naddress; i++)
		if (peer_address_is_service(&peer->set->address[i]))
			return true;
	return false;
}

static bool
tell_no_port(const struct peer *peer, struct writer *w)
{
	tell(w, peer->set->name,
	    has_service(peer)
		? " has no address with that port; without a port, it is "
		  "dialled at those that DNS has"
		: " has no address with that port");
	return false;
}

static bool
dial(const struct link_step *st, struct span name, struct span port,
    struct writer *told)
{
	struct peer *peer = find(st->net, name);
	const char *why;

	if (peer == NULL)
		return tell_no_peer(told, name);
	if (is_linked(st->net, peer)) {
		tell(told, peer->set->name, " is linked with this server");
		return false;
	}
	if ((why = jupe_forbids(st, peer)) != NULL) {
		writer_str(told, "no link is made with ");
		writer_span(told, peer->set->name);
		tell(told, SPAN(": "), why);
		return false;
	}
	if (peer->dial == 0 && peer->set->naddress > 0 &&
	    !choose_address(peer, port))
		return tell_no_port(peer, told);
	peer->held = false;
	peer->tries = 0;
	peer->next = st->ev->now;
	if (peer->set->naddress == 0)
		tell(told, peer->set->name,
		    " has no address here; it may link, and has to dial");
	else
		tell_dialling(peer, told);
	return true;
}

void
order_log(const struct link_step *st, struct uid by, struct span order,
    bool done)
{
	struct span why = order, verb = span_word(&why);
	struct core_act act = { .by = by, .result = done ? "ok" : "refused" };

	(void)span_word(&why);
	act.what = order;
	if (span_eq(verb, SPAN("SQUIT"))) {
		act.what = span_head(order, order.n - why.n);
		words_skip_spaces(&why);
		act.why = why;
	}
	core_audit(st->net->core, st->ev, &act, st->fx);
}

/* ---- questions ----------------------------------------------------------- */

bool
order_carry(const struct link_step *st, struct span order, struct writer *told)
{
	struct span verb = span_word(&order), name = span_word(&order);

	if (span_eq(verb, SPAN("CONNECT")))
		return dial(st, name, span_word(&order), told);
	words_skip_spaces(&order);
	return squit(st, name, order, told);
}

/* A refusal is the numeric 400, which names the command. */
static void
answer(const struct link_step *st, const struct question *q, bool done,
    struct span lines)
{
	struct question a = question_reply(q), end = a;
	struct span rest = q->text, verb = span_word(&rest);
	struct writer w;

	while (lines.n > 0) {
		writer_init_arena(&w, st->fx->arena, TOLD_MAX);
		writer_str(&w, done ? "NOTICE" : "400 ");
		if (!done)
			writer_span(&w, verb);
		writer_str(&w, " :");
		writer_span(&w, span_cut(&lines, '\n'));
		a.text = writer_done(&w);
		answer_pass(st, &a);
	}
	done_pass(st, &end);
}

/* An order of a user here is in the log already, one of the operator at the
 * control socket is not. */
static void
log_asked(const struct link_step *st, const struct question *q, bool done)
{
	struct sid sid;

	if (sid_cmp(q->asker, st->net->self.sid) != 0)
		order_log(st, q->from, q->text, done);
	else if (uid_is_of_server(q->from, &sid))
		order_log(st, (struct uid){ "" }, q->text, done);
}

bool
order_asked(const struct link_step *st, const struct question *q)
{
	struct span rest = q->text, verb = span_word(&rest);
	bool done = false;
	struct writer w;

	if (!span_eq(verb, SPAN("SQUIT")) && !span_eq(verb, SPAN("CONNECT")))
		return false;
	writer_init_arena(&w, st->fx->arena, TOLD_MAX);
	if (core_asker_may(st->net->core, q->asker, q->from, PRIV_ROUTING))
		done = order_carry(st, q->text, &w);
	else
		writer_str(&w, "you lack the privilege: routing\n");
	log_asked(st, q, done);
	answer(st, q, done, writer_done(&w));
	return true;
}
