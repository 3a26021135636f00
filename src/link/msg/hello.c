/*
 * HELLO version o hlc name instance :caps
 *
 * Says who the sender is (link-protocol.md, part 4). Its key, sid and name must
 * be those of one configured peer. The dialler sends HELLO first and chooses
 * the instance; the listener sends the same instance back.
 *
 * The clock of a server is judged here, by its direct neighbours alone. No
 * stamp is changed later, so a server whose clock is wrong must not get in. The
 * clock is the capability clock=; the hlc is compared only if that is missing.
 * While a network makes more than one entry in a millisecond, its hlc runs
 * ahead of all clocks, and a server that comes back then has a right clock and
 * an old hlc. It takes over the hlc of the HELLO, so it is never behind the
 * entries that follow.
 *
 * A peer with a much greater hlc would take the whole network with it. So there
 * is a bound, far beyond what any load explains (doc/decisions/0009). It is
 * counted from our wall clock. An hlc that is near our own next stamp is
 * accepted in any case, so that servers of one network do not refuse each
 * other.
 */
#include <string.h>

#include "link/forgetting/forget.h"
#include "link/map/linkstate.h"
#include "link/msg/msg.h"
#include "link/peers/jupe.h"
#include "link/peers/linkcap.h"
#include "link/peers/order.h"
#include "link/state.h"
#include "link/timeout.h"
#include "link/trust/sid_collision.h"
#include "link/words.h"
#include "wire/utf8.h"

#define VERSION 1
#define SAID_MAX 63 /* bytes of a wrong name that are told */

struct hello {
	uint64_t version;
	struct origin o;
	struct stamp hlc;
	struct stamp clock; /* wall clock; -1 ms: not said */
	struct span name;
	uint64_t instance;
	struct linkcaps caps;
};

static const char *
decode(struct span rest, struct hello *h)
{
	struct span words;

	if (!word_num(&rest, &h->version))
		return "expected a version";
	if (h->version != VERSION)
		return NULL;
	if (!word_origin(&rest, &h->o))
		return "expected an origin, sid.inc";
	if (!word_stamp(&rest, &h->hlc))
		return "expected a time in ms";
	if (!word_next(&rest, &h->name))
		return "expected a name";
	if (!word_num(&rest, &h->instance) || h->instance == 0 ||
	    h->instance > INT64_MAX)
		return "expected an instance";
	if (!word_text(&rest, &words))
		return "expected capabilities";
	linkcaps_parse(words, &h->caps);
	h->clock.ms = -1;
	if ((h->caps.set & LINKCAPB(CLOCK)) != 0 &&
	    !stamp_parse(h->caps.value[LINKCAP_CLOCK], &h->clock))
		return "expected clock= and a time in ms";
	return NULL;
}

static bool
value_clock(const struct link_step *st, struct writer *w)
{
	writer_i64(w, st->ev->wall.ms);
	return true;
}

/* A name with a space in it cannot be sent as a word. */
static bool
value_network(const struct link_step *st, struct writer *w)
{
	struct span name = st->net->set->network;

	if (name.n == 0 || span_find(name, ' ') < name.n)
		return false;
	writer_span(w, name);
	return true;
}

static bool (*const value_of[])(const struct link_step *, struct writer *) = {
#define LINKCAP(ID, name, value) [LINKCAP_##ID] = value,
#include "link/peers/linkcap.def"
#undef LINKCAP
};

static void
write_cap(const struct link_step *st, struct writer *w, enum linkcap cap)
{
	struct writer value;

	writer_init_arena(&value, st->fx->arena, LINK_LINE_MAX);
	if (value_of[cap] != NULL && !value_of[cap](st, &value))
		return;
	if (cap > 0)
		writer_char(w, ' ');
	writer_span(w, linkcap_name(cap));
	if (value_of[cap] == NULL)
		return;
	writer_char(w, '=');
	writer_span(w, writer_done(&value));
}

void
hello_send(const struct link_step *st, struct link *l)
{
	struct link_line line = link_line(st, VERB_HELLO);

	writer_char(&line.w, ' ');
	writer_u64(&line.w, VERSION);
	writer_char(&line.w, ' ');
	write_origin(&line.w, st->net->self);
	writer_char(&line.w, ' ');
	writer_i64(&line.w, net_hlc(st).ms);
	writer_char(&line.w, ' ');
	writer_span(&line.w, st->net->set->name);
	writer_char(&line.w, ' ');
	writer_u64(&line.w, l->instance);
	writer_str(&line.w, " :");
	for (unsigned i = 0; i < LINKCAP_COUNT; i++)
		write_cap(st, &line.w, (enum linkcap)i);
	link_send(st, l, &line);
}

/* ---- refusing ------------------------------------------------------------ */

struct refusal {
	const char *code, *reason;
};

static bool
is_other_network(const struct settings *set, const struct linkcaps *caps)
{
	return set->network.n > 0 && (caps->set & LINKCAPB(NETWORK)) != 0 &&
	       !span_eq(caps->value[LINKCAP_NETWORK], set->network);
}

/* Return a reason with the name or sid that the peer has said, so that
 * operators can compare it with the configuration. */
static const char *
not_yours(const struct link_step *st, const char *what, struct span said)
{
	struct writer w;

	writer_init_arena(&w, st->fx->arena, LINK_REASON_MAX);
	writer_str(&w, what);
	writer_span(&w,
	    utf8_valid(said) ? utf8_cut(said, SAID_MAX) : SPAN("(not UTF-8)"));
	writer_str(&w, " is not configured for the peer");
	writer_char(&w, '\0');
	return writer_done(&w).p;
}

static struct refusal
judge_identity(const struct link_step *st, struct link *l,
    const struct hello *h)
{
	const char *juped;

	if (h->version != VERSION)
		return (struct refusal){ "version", "the version is not 1" };
	if (sid_cmp(h->o.sid, st->net->self.sid) == 0)
		return (struct refusal){ "own-sid",
			"the peer has the sid of this server" };
	if (l->peer == NULL)
		l->peer = peer_of_name(st, h->name);
	if (l->peer == NULL || !span_eq(l->peer->set->name, h->name))
		return (struct refusal){ "name",
			not_yours(st, "the name ", h->name) };
	if (sid_cmp(l->peer->sid, h->o.sid) != 0)
		return (struct refusal){ "sid",
			not_yours(st, "the sid ", sid_span(&h->o.sid)) };
	if (!l->proof.tls && !l->peer->set->plaintext)
		return (struct refusal){ "plaintext", "the peer must use TLS" };
	if (l->peer->held)
		return (struct refusal){ "squit", ORDER_HELD };
	if ((juped = jupe_refuses(st, l->peer)) != NULL)
		return (struct refusal){ "juped", juped };
	return (struct refusal){ 0 };
}

static const struct link *
edge_of(const struct link_net *net, struct sid sid)
{
	for (size_t i = 0; i < net->nlink; i++)
		if (link_is_edge(net->link[i]) &&
		    sid_cmp(net->link[i]->o.sid, sid) == 0)
			return net->link[i];
	return NULL;
}

/* Say from where the newer run is linked, or with which server, so that
 * operators can find it. */
static const char *
copy_text(const struct link_step *st, const struct link *newer, struct sid sid)
{
	const struct map_server *s = netmap_find(&st->net->map, sid);
	struct writer w;

	writer_init_arena(&w, st->fx->arena, LINK_REASON_MAX);
	writer_str(&w, "a newer run of the peer is on the network");
	if (newer != NULL) {
		writer_str(&w, ", linked from ");
		writer_span(&w, link_address(st, newer));
	} else if (s != NULL && s->reachable) {
		writer_str(&w, ", linked with ");
		writer_span(&w, sid_span(&s->uplink));
	}
	writer_char(&w, '\0');
	return writer_done(&w).p;
}

/* The network knows a newer run of the peer. If that run is there, people must
 * decide; if it is gone, the peer may come back under a greater inc, which
 * the code `inc` tells it (doc/decisions/0004). */
static struct refusal
judge_run(const struct link_step *st, const struct hello *h)
{
	const struct map_server *known = netmap_find(&st->net->map, h->o.sid);
	uint32_t inc = core_ready_inc(st->net->core, h->o.sid);
	struct writer code;

	if (known != NULL && known->lsa.o.inc > h->o.inc && known->reachable)
		return (struct refusal){ "copy",
			copy_text(st, edge_of(st->net, h->o.sid), h->o.sid) };
	if (known != NULL && known->lsa.o.inc > inc)
		inc = known->lsa.o.inc;
	if (inc <= h->o.inc)
		return (struct refusal){ 0 };
	writer_init_arena(&code, st->fx->arena, LINK_REASON_MAX);
	writer_str(&code, "inc ");
	writer_u64(&code, inc);
	writer_char(&code, '\0');
	return (struct refusal){ writer_done(&code).p,
		"the network knows a newer run of the peer" };
}

static bool
is_clock_wrong(const struct link_step *st, const struct hello *h)
{
	int64_t apart = h->clock.ms >= 0 ? h->clock.ms - st->ev->wall.ms
					 : h->hlc.ms - net_clock(st).ms;

	return apart > CLOCKS_APART_MS || apart < -CLOCKS_APART_MS;
}

/* Return why the HELLO is refused, by the reasons of link-protocol.md, 4.5. */
static struct refusal
judge(const struct link_step *st, struct link *l, const struct hello *h)
{
	struct refusal no = judge_identity(st, l, h);

	if (no.code != NULL)
		return no;
	if (is_other_network(st->net->set, &h->caps))
		return (struct refusal){ "network",
			"the peer is of another network" };
	if (l->dialled && h->instance != l->instance)
		return (struct refusal){ "instance",
			"the peer did not send the instance back" };
	if (is_clock_wrong(st, h))
		return (struct refusal){ "clock",
			"the clocks are more than 5 seconds apart" };
	if (early_refuses(st))
		return (struct refusal){ "clock",
			"this server has users or channels from before its "
			"clock was set, and begins a new run" };
	if (net_hlc_is_ahead(st, h->hlc))
		return (struct refusal){ "clock",
			"the stamps of the peer are more than 30 days ahead" };
	no = judge_run(st, h);
	if (no.code != NULL)
		return no;
	if (forget_is(st->net, h->o))
		return (struct refusal){
			"forgotten",
			"the run of the peer is forgotten; start the peer again"
		};
	return (struct refusal){ 0 };
}

/* ---- accepting ----------------------------------------------------------- */

/* Close the links of earlier runs of the peer: that server is gone, even if TCP
 * has not noticed it (link-protocol.md, 4.9). */
static void
close_older_runs(const struct link_step *st, const struct link *l)
{
	for (size_t i = 0; i < st->net->nlink; i++) {
		struct link *other = st->net->link[i];

		if (other != l && link_is_edge(other) &&
		    sid_cmp(other->o.sid, l->o.sid) == 0 &&
		    other->o.inc < l->o.inc)
			link_refuse(st, other, "copy",
			    copy_text(st, l, l->o.sid));
	}
}

/* Send all link states, our own new one last, because only that one makes the
 * others reachable over this link. */
static void
send_map(const struct link_step *st, struct link *l)
{
	const struct netmap *map = &st->net->map;
	const struct map_server *self = NULL;

	for (size_t i = 0; i < map->n; i++)
		if (sid_cmp(map->v[i].lsa.o.sid, st->net->self.sid) == 0)
			self = &map->v[i];
		else
			lsa_send(st, l, &map->v[i].lsa);
	if (self != NULL)
		lsa_send(st, l, &self->lsa);
}

const char *
hello_recv(const struct link_step *st, struct link *l, struct span rest)
{
	struct hello h = { 0 };
	struct refusal no;
	const char *why = decode(rest, &h);

	if (why != NULL)
		return why;
	no = judge(st, l, &h);
	if (no.code != NULL && strcmp(no.code, "copy") == 0)
		sid_collision_tell(st, l, h.o.sid);
	if (no.code != NULL) {
		link_refuse(st, l, no.code, no.reason);
		return NULL;
	}
	core_observe(st->net->core, h.hlc);
	l->o = h.o;
	l->instance = h.instance;
	l->caps = h.caps.set;
	l->helloed = st->ev->now;
	timeout_begin(st, l);
	if (!l->dialled)
		hello_send(st, l);
	close_older_runs(st, l);
	vector_copy(&st->net->heads, &st->net->log.have);
	st->net->edges_changed = true;
	/* the link is not SYNCING yet, so it gets each link state once */
	linkstate_announce(st, l);
	l->state = LINK_SYNCING;
	send_map(st, l);
	sync_send(st, l);
	return NULL;
}
