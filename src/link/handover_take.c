/*
 * New links take the lines of handover.c. The log is built anew by
 * log_append(), and all of it counts as processed. At the end the settings
 * come, as to any new node: it makes its link state, with the next number, and
 * dials.
 *
 * The lines are checked so far that the invariants of part 15 of
 * link-protocol.md hold after it, whoever wrote them.
 */
#include "link/handover.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/handover.h"
#include "link/forgetting/forget.h"
#include "link/forgetting/retire.h"
#include "link/map/overlay.h"
#include "link/state.h"
#include "link/words.h"

#define WRONG "a word is missing, or has another form"
#define PEERS_MAX 10000

/* The place of the entry that comes next. */
enum entry_of {
	ENTRY_OF_NOTHING,
	ENTRY_OF_LOG,
	ENTRY_OF_FORK_OWN,
	ENTRY_OF_FORK
};

struct link_taking {
	struct link_net *net;
	struct event ev; /* EV_CONF */
	struct effects *fx;
	struct arena *arena; /* of the entry that is coming */
	struct vector have;  /* as the lines of the vectors say */
	enum entry_of of;
	struct mono at; /* of an entry of the log */
	struct writer entry;
	size_t parts;		   /* + lines that are still to come */
	struct entry *own;	   /* of a fork; or NULL */
	struct map_server *server; /* the last one that came; in the map */
	struct peer *peer;	   /* owned */
	size_t npeer, cappeer;
	bool has_lseq, has_log;
};

/* ---- the map ------------------------------------------------------------- */

static const char *
take_lseq(struct link_taking *t, struct span rest)
{
	struct link_net *net = t->net;

	if (!hand_u64(&rest, &net->lseq) || !hand_u64(&rest, &net->dials) ||
	    !hand_u64(&rest, &net->questions) ||
	    !hand_i64(&rest, &net->outside_ms) || !hand_done(rest) ||
	    net->lseq >= INT64_MAX)
		return WRONG;
	t->has_lseq = true;
	return NULL;
}

static const char *
take_own_heads(struct link_taking *t, struct span rest)
{
	return vector_parse(rest, LINK_ORIGINS_MAX, &t->net->heads) ? NULL
								    : WRONG;
}

static bool
read_server(const struct link_taking *t, struct span rest, struct map_server *s)
{
	uint64_t reachable, seen, behind, caught_up, cut_off;

	if (!hand_origin(&rest, &s->lsa.o) || !hand_u64(&rest, &s->lsa.lseq) ||
	    !hand_stamp(&rest, &s->lsa.hlc) || !hand_u32(&rest, &s->visible) ||
	    !hand_u64(&rest, &reachable) || !hand_u64(&rest, &seen) ||
	    !hand_sid_or_none(&rest, &s->by) || !hand_u64(&rest, &behind) ||
	    behind > NETMAP_SERVERS_MAX ||
	    !hand_ago(&rest, event_awake(&t->ev), &s->gone) ||
	    !hand_ago(&rest, event_awake(&t->ev), &s->lost) ||
	    !hand_ago(&rest, event_awake(&t->ev), &s->back) ||
	    !hand_u64(&rest, &caught_up) || !hand_u32(&rest, &s->stopped) ||
	    !hand_u64(&rest, &cut_off))
		return false;
	s->was_reachable = reachable != 0;
	s->seen_by_other = seen != 0;
	s->behind = (unsigned)behind;
	s->caught_up = caught_up != 0;
	s->cut_off = cut_off != 0;
	return hand_done(rest);
}

static const char *
take_server(struct link_taking *t, struct span rest)
{
	struct link_net *net = t->net;
	struct map_server s = { .until = MONO_NEVER }, *at;
	struct sid sid;

	if (!read_server(t, rest, &s))
		return WRONG;
	sid = s.lsa.o.sid;
	if (sid_cmp(sid, core_self(net->core).sid) == 0 ||
	    netmap_find(&net->map, sid) != NULL ||
	    !netmap_has_room(&net->map, sid) || !netmap_take(&net->map, &s.lsa))
		return "a server that cannot be in the map";
	at = netmap_find(&net->map, sid);
	s.lsa = at->lsa; /* it has moved there */
	*at = s;
	overlay_restore(net, at, s.visible);
	t->server = at;
	return NULL;
}

static const char *
take_edges(struct link_taking *t, struct span rest)
{
	struct span word;
	struct edge e;
	uint64_t cost;

	if (t->server == NULL)
		return "edges of no server";
	while (hand_word(&rest, &word)) {
		if (!sid_parse(span_cut(&word, ','), &e.peer) ||
		    !num_parse(span_cut(&word, ','), &e.instance) ||
		    !num_parse(word, &cost) || cost > UINT32_MAX ||
		    t->server->lsa.nedge == NETMAP_EDGES_MAX)
			return WRONG;
		e.cost = (uint32_t)cost;
		lsa_edge(&t->server->lsa, e);
	}
	return hand_done(rest) ? NULL : WRONG;
}

static const char *
take_heads(struct link_taking *t, struct span rest)
{
	if (t->server == NULL)
		return "heads of no server";
	return vector_parse(rest, LINK_ORIGINS_MAX, &t->server->lsa.heads)
		   ? NULL
		   : WRONG;
}

/* ---- the log ------------------------------------------------------------- */

static const char *
take_origin(struct link_taking *t, struct span rest)
{
	struct log *log = &t->net->log;
	uint64_t have, merged, floor;
	struct origin o;

	if (!hand_origin(&rest, &o) || !hand_u64(&rest, &have) ||
	    !hand_u64(&rest, &merged) || !hand_u64(&rest, &floor) ||
	    !hand_done(rest))
		return WRONG;
	if (t->has_log || vector_get(&t->have, o) != 0 || have == 0 ||
	    have > DOT_N_MAX || merged > have || floor > have ||
	    log->have.n == LINK_ORIGINS_MAX || forget_is(t->net, o))
		return "numbers of an origin that cannot be";
	vector_set(&t->have, o, have);
	vector_set(&log->have, o, floor);
	vector_set(&log->done, o, have);
	if (merged > 0)
		vector_set(&log->merged, o, merged);
	if (floor > 0)
		vector_set(&log->floor, o, floor);
	return NULL;
}

static const char *
expect(struct link_taking *t, enum entry_of of)
{
	if (t->of != ENTRY_OF_NOTHING)
		return "an entry is missing";
	t->of = of;
	return NULL;
}

static const char *
take_accepted(struct link_taking *t, struct span rest)
{
	t->has_log = true;
	if (!hand_ago(&rest, t->ev.now, &t->at) || !hand_done(rest))
		return WRONG;
	return expect(t, ENTRY_OF_LOG);
}

static const char *
take_fork_own(struct link_taking *t, struct span rest)
{
	return hand_done(rest) && t->own == NULL ? expect(t, ENTRY_OF_FORK_OWN)
						 : WRONG;
}

static const char *
take_fork(struct link_taking *t, struct span rest)
{
	return hand_done(rest) ? expect(t, ENTRY_OF_FORK) : WRONG;
}

/* The reference moves. */
static const char *
append(struct link_taking *t, struct entry *e)
{
	struct log *log = &t->net->log;

	if (e->n != vector_get(&log->have, e->o) + 1 ||
	    e->n > vector_get(&t->have, e->o)) {
		entry_unref(e);
		return "an entry that is not the next one of its origin";
	}
	log_append(log, e, t->at);
	log->waiting -= entry_size(e);
	log->next++;
	return NULL;
}

static const char *
keep_fork(struct link_taking *t, struct entry *other)
{
	struct entry *own = t->own;
	bool kept = own == NULL ||
		    (origin_cmp(own->o, other->o) == 0 && own->n == other->n);

	kept = kept && fork_keep(t->net, own, other);
	t->own = NULL;
	entry_unref(own);
	entry_unref(other);
	return kept ? NULL : "a fork that cannot be";
}

/* All lines of the entry are here. */
static const char *
complete(struct link_taking *t)
{
	enum entry_of of = t->of;
	const char *why = NULL;
	struct entry *e = entry_from_text(writer_done(&t->entry), &why);

	arena_reset(t->arena);
	t->of = ENTRY_OF_NOTHING;
	if (e == NULL)
		return why;
	switch (of) {
	case ENTRY_OF_LOG:
		return append(t, e);
	case ENTRY_OF_FORK_OWN:
		t->own = e;
		return NULL;
	case ENTRY_OF_FORK:
		return keep_fork(t, e);
	case ENTRY_OF_NOTHING:
		break;
	}
	entry_unref(e);
	return "an entry of nothing";
}

static const char *
take_entry(struct link_taking *t, struct span rest)
{
	struct entry head;
	const char *why;

	if (t->of == ENTRY_OF_NOTHING || t->parts > 0)
		return "an entry of nothing";
	if (rest.n == 0 ||
	    (why = entry_head_decode(span_tail(rest, 1), &head)) != NULL)
		return rest.n == 0 ? WRONG : why;
	if (head.nparts > ENTRY_PARTS_MAX)
		return "an entry is too large";
	t->parts = head.nparts;
	writer_init_arena(&t->entry, t->arena,
	    (ENTRY_PARTS_MAX + 1) * ENTRY_LINE_MAX);
	writer_str(&t->entry, "ENTRY");
	writer_span(&t->entry, rest);
	writer_str(&t->entry, "\r\n");
	return NULL;
}

static const char *
take_part(struct link_taking *t, struct span line)
{
	if (t->parts == 0)
		return "a part of no entry";
	writer_span(&t->entry, line);
	writer_str(&t->entry, "\r\n");
	return --t->parts == 0 ? complete(t) : NULL;
}

/* ---- the rest ------------------------------------------------------------ */

static const char *
take_noticed(struct link_taking *t, struct span rest)
{
	struct forks *k = &t->net->forks;
	uint64_t n;

	if (!hand_bytes(&rest, k->key, sizeof(k->key)) || !hand_u64(&rest, &n))
		return WRONG;
	for (size_t i = 0; i < n && i < FORKS_KNOWN; i++)
		if (!hand_u64(&rest, &k->own.v[i]))
			return WRONG;
	k->own.n = n;
	k->keyed = true;
	return hand_done(rest) ? NULL : WRONG;
}

static const char *
take_early(struct link_taking *t, struct span rest)
{
	struct early *e = &t->net->early;
	int64_t offset = t->ev.wall.ms - t->ev.now.ns / NS_PER_MS;

	if (!hand_i64(&rest, &e->offset_ms) ||
	    !hand_i64(&rest, &e->before_ms) || !hand_stamp(&rest, &e->proved) ||
	    !hand_stamp(&rest, &e->from) || !hand_stamp(&rest, &e->to) ||
	    !hand_done(rest) ||
	    __builtin_add_overflow(e->offset_ms, offset, &e->offset_ms) ||
	    __builtin_add_overflow(e->before_ms, offset, &e->before_ms))
		return WRONG;
	return NULL;
}

static const char *
take_peer(struct link_taking *t, struct span rest)
{
	struct peer p = { .held = false };
	uint64_t held;

	if (!hand_sid(&rest, &p.sid) || !hand_u64(&rest, &held) ||
	    !hand_u32(&rest, &p.own_inc) || !hand_u64(&rest, &p.own_n) ||
	    !hand_stamp(&rest, &p.own_stamp) || !hand_done(rest) ||
	    t->npeer == PEERS_MAX)
		return WRONG;
	p.held = held != 0;
	if (t->npeer == t->cappeer)
		t->peer = mem_grow(t->peer, &t->cappeer, 8, sizeof(*t->peer));
	t->peer[t->npeer++] = p;
	return NULL;
}

static const char *
take_retire(struct link_taking *t, struct span rest)
{
	struct sid sid;
	uint32_t inc;

	if (!hand_sid(&rest, &sid) || !hand_u32(&rest, &inc) ||
	    !hand_done(rest) || inc == 0)
		return WRONG;
	if (t->net->nretiring >= NETMAP_SERVERS_MAX)
		return "too many servers are to be forgotten";
	retire_ask_again(t->net, sid, inc);
	return NULL;
}

static const char *
take_counts(struct link_taking *t, struct span rest)
{
	struct link_counts *n = &t->net->counts;

	return hand_u64(&rest, &n->jumped) && hand_u64(&rest, &n->snaps_in) &&
		       hand_u64(&rest, &n->snaps_out) &&
		       hand_u64(&rest, &n->cuts) &&
		       hand_u64(&rest, &n->wants) &&
		       hand_u64(&rest, &n->asks) &&
		       hand_u64(&rest, &n->duplicates) &&
		       hand_u64(&rest, &n->searches) &&
		       hand_u64(&rest, &n->refused) && hand_done(rest)
		   ? NULL
		   : WRONG;
}

/* ---- all lines ----------------------------------------------------------- */

static const struct taker {
	const char *verb;
	const char *(*take)(struct link_taking *, struct span rest);
} takers[] = {
	{ "lseq", take_lseq },
	{ "own-heads", take_own_heads },
	{ "server", take_server },
	{ "edges", take_edges },
	{ "heads", take_heads },
	{ "origin", take_origin },
	{ "accepted", take_accepted },
	{ "ENTRY", take_entry },
	{ "noticed", take_noticed },
	{ "fork-own", take_fork_own },
	{ "fork", take_fork },
	{ "early", take_early },
	{ "peer", take_peer },
	{ "retire", take_retire },
	{ "counts", take_counts },
};

static const struct taker *
find_taker(struct span verb)
{
	for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++)
		if (span_eq(span_of(takers[i].verb), verb))
			return &takers[i];
	return NULL;
}

static bool
is_part(struct span verb)
{
	return verb.n > 0 && (verb.p[0] == '+' || verb.p[0] == '@');
}

struct link_taking *
link_take_begin(struct link_net *net, const struct event *ev,
    const unsigned char seed[32], struct effects *fx)
{
	struct link_taking *t = mem_zalloc(sizeof(*t));

	t->net = net;
	t->ev = *ev;
	t->fx = fx;
	t->arena = arena_new(64 * 1024);
	rng_seed_bytes(&net->rng, seed);
	net->again = true;
	return t;
}

bool
link_take_has(struct span verb)
{
	return is_part(verb) || find_taker(verb) != NULL;
}

const char *
link_take_line(struct link_taking *t, struct span verb, struct span rest)
{
	if (is_part(verb))
		return take_part(t, span_make(verb.p, verb.n + rest.n));
	if (t->parts > 0)
		return "a part of an entry is missing";
	return find_taker(verb)->take(t, rest);
}

static const char *
is_missing(const struct link_taking *t)
{
	const struct link_net *net = t->net;

	if (!t->has_lseq)
		return "lines are missing";
	if (t->of != ENTRY_OF_NOTHING || t->own != NULL ||
	    !vector_eq(&t->have, &net->log.have))
		return "entries are missing";
	if (vector_get(&net->log.have, core_self(net->core)) !=
	    core_made_upto(net->core))
		return "entries of this server are missing";
	return NULL;
}

/* Give the settings to the links, and what was handed over to the peers in
 * them. */
static void
set_up(struct link_taking *t)
{
	struct link_net *net = t->net;

	net->forgets = core_forget_count(net->core);
	net->outside = core_is_outside(net->core);
	link_net_step(net, &t->ev, t->fx);
	netmap_find(&net->map, net->self.sid)->visible = net->self.inc;
	for (size_t i = 0; i < net->npeer; i++)
		for (size_t k = 0; k < t->npeer; k++) {
			struct peer *p = &net->peer[i];

			if (sid_cmp(p->sid, t->peer[k].sid) != 0)
				continue;
			p->held = t->peer[k].held;
			p->own_inc = t->peer[k].own_inc;
			p->own_n = t->peer[k].own_n;
			p->own_stamp = t->peer[k].own_stamp;
		}
}

const char *
link_take_end(struct link_taking *t, bool failed)
{
	const char *why = failed ? NULL : is_missing(t);

	if (!failed && why == NULL)
		set_up(t);
	entry_unref(t->own);
	vector_fini(&t->have);
	arena_free(t->arena);
	free(t->peer);
	free(t);
	return why;
}
