/*
 * Events of links, one after the other: find the link, find the row of the
 * verb, call its file. What is common to all links is here: the clock, the
 * link state of this server, timers, two links of one pair, and READY.
 *
 * Victims are marked and taken out by link_net_finish(); what a line causes on
 * other links (the pump, link states) happens there or in link_net_settle(),
 * after the core has seen it.
 */
#include "link/net.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "core/mutate.h"
#include "link/msg/msg.h"
#include "link/overlay.h"
#include "link/pump.h"
#include "link/snapshot.h"
#include "link/state.h"
#include "link/words.h"

#define DIGEST_MS 250
#define BEAT_MS 1000
#define SYNC_MS 30000	  /* from HELLO to SYNC, at most */
#define DUPLICATE_MS 5000 /* two links of a pair this close are one */
#define LINKS_SPARE 16	  /* links beyond two for each peer */
#define INSTANCE_BITS 20  /* random ones below the wall clock */

struct link_net *
link_net_new(struct core *core)
{
	struct link_net *net = mem_zalloc(sizeof(*net));

	net->core = core;
	log_init(&net->log);
	netmap_init(&net->map);
	net->digest_at = net->beat_at = net->alone_at = MONO_NEVER;
	return net;
}

void
link_net_free(struct link_net *net)
{
	if (net == NULL)
		return;
	for (size_t i = 0; i < net->nlink; i++)
		link_free(net->link[i]);
	free(net->link);
	free(net->peer);
	log_fini(&net->log);
	netmap_fini(&net->map);
	vector_fini(&net->heads);
	vector_fini(&net->map_heads);
	vector_fini(&net->first_has);
#ifdef BANYAN_MUTATE
	vector_fini(&net->lost);
#endif
	free(net);
}

static struct link *
net_link(const struct link_net *net, struct conn_id conn)
{
	for (size_t i = 0; i < net->nlink; i++)
		if (conn_id_eq(net->link[i]->conn, conn) &&
		    net->link[i]->state != LINK_DEAD)
			return net->link[i];
	return NULL;
}

/* ---- what all files use --------------------------------------------- */

struct stamp
net_clock(const struct step *st)
{
	struct stamp last = core_clock(st->net->core);

	return st->ev->wall.ms > last.ms ? (struct stamp){ st->ev->wall.ms }
					 : (struct stamp){ last.ms + 1 };
}

struct span
num_text(const struct step *st, uint64_t n)
{
	struct writer w;

	writer_init_arena(&w, st->fx->arena, 20);
	writer_u64(&w, n);
	return writer_done(&w);
}

bool
net_knows_more_of_us(const struct link_net *net, struct origin o, uint64_t n)
{
	if (sid_cmp(o.sid, net->self.sid) != 0)
		return false;
	return o.inc > net->self.inc ||
	       (o.inc == net->self.inc &&
		   n > vector_get(&net->log.have, net->self));
}

bool
net_vector_knows_more(const struct link_net *net, const struct vector *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (net_knows_more_of_us(net, x->v[i].o, x->v[i].n))
			return true;
	return false;
}

bool
net_lsa_knows_more(const struct link_net *net, const struct lsa *lsa)
{
	if (sid_cmp(lsa->o.sid, net->self.sid) != 0)
		return false;
	return lsa->o.inc > net->self.inc ||
	       (lsa->o.inc == net->self.inc && lsa->lseq > net->lseq);
}

void
net_refuse_knows_more(const struct step *st, struct link *l)
{
	effects_logf(st->fx, LOG_WARNING,
	    { "what",
		SPAN("the network knows more of this server than it has "
		     "done: another server runs under its sid, or its clock "
		     "was set back and its state is lost") },
	    { "server", link_name(l) });
	link_refuse(st, l, "own-inc", "you know more of me than I have done");
}

void
net_refuse_full(const struct step *st, struct link *l)
{
	effects_logf(st->fx, LOG_WARNING,
	    { "what",
		SPAN("servers of a later version say more that this one does "
		     "not know than it can keep: it needs that version, too") },
	    { "server", link_name(l) });
	link_refuse(st, l, "bounds", "too much that this version cannot read");
}

bool
net_has_room(const struct link_net *net, struct origin o)
{
	return net->log.have.n < LINK_ORIGINS_MAX ||
	       vector_get(&net->log.have, o) > 0;
}

void
net_accept(const struct step *st, struct entry *e)
{
	struct link_net *net = st->net;

	if (mutated(net, MUT_CLAMP) && e->stamp.ms > st->ev->wall.ms)
		e->stamp.ms = st->ev->wall.ms;
	core_observe(net->core, e->stamp);
	if (mutated(net, MUT_GAPS) &&
	    e->n > vector_get(&net->log.have, e->o) + 1)
		log_jump(&net->log, e->o, e->n - 1);
	log_append(&net->log, e, st->ev->now);
}

/* ---- our link state ------------------------------------------------------ */

static void
add_edge(struct lsa *lsa, const struct link *l)
{
	lsa_edge(lsa, (struct edge){ .peer = l->o.sid,
			  .instance = l->instance,
			  .cost = l->peer != NULL ? l->peer->set->cost : 0 });
}

/* What is void is never shown; without it, heads stay as many as servers. */
static void
add_heads(const struct link_net *net, struct lsa *lsa)
{
	const struct vector *heads = &net->heads;

	for (size_t i = 0; i < heads->n; i++)
		if (!core_is_void(net->core, heads->v[i].o))
			vector_set(&lsa->heads, heads->v[i].o, heads->v[i].n);
}

void
net_link_state(const struct step *st, const struct link *with)
{
	struct link_net *net = st->net;
	struct lsa lsa = {
		.o = net->self, .lseq = ++net->lseq, .hlc = net_clock(st)
	};

	for (size_t i = 0; i < net->nlink; i++)
		if (link_is_edge(net->link[i]) && net->link[i] != with)
			add_edge(&lsa, net->link[i]);
	if (with != NULL)
		add_edge(&lsa, with);
	add_heads(net, &lsa);
	invariant(netmap_take(&net->map, &lsa));
	lsa_fini(&lsa);
	net->map_changed = true;
	net->edges_changed = false;
	for (size_t i = 0; i < net->nlink; i++)
		if (link_is_edge(net->link[i]) && net->link[i] != with)
			lsa_send(st, net->link[i],
			    &netmap_find(&net->map, net->self.sid)->lsa);
}

/* ---- two links of one pair ------------------------------------------ */

static bool
is_by_lesser(const struct link_net *net, const struct link *l)
{
	return l->dialled == (sid_cmp(net->self.sid, l->o.sid) < 0);
}

/* b came up after a, or was said HELLO to later: which one goes? */
static struct link *
loser(const struct link_net *net, struct link *a, struct link *b)
{
	struct link *older = mono_cmp(a->helloed, b->helloed) <= 0 ? a : b;
	struct link *newer = older == a ? b : a;

	if (mono_sub_ms(newer->helloed, older->helloed) >= DUPLICATE_MS)
		return older;
	if (is_by_lesser(net, older) && !is_by_lesser(net, newer))
		return newer;
	return older;
}

void
net_duplicates(const struct step *st, struct sid peer)
{
	struct link_net *net = st->net;
	struct link *kept = NULL;

	for (size_t i = 0; i < net->nlink; i++) {
		struct link *l = net->link[i], *gone;

		if (l->state != LINK_UP || sid_cmp(l->o.sid, peer) != 0)
			continue;
		if (kept == NULL) {
			kept = l;
			continue;
		}
		gone = loser(net, kept, l);
		kept = gone == kept ? l : kept;
		link_refuse(st, gone, "duplicate",
		    "there is another link of these two servers");
	}
}

/* ---- events --------------------------------------------------------- */

static void
on_seed(const struct step *st)
{
	rng_seed_bytes(&st->net->rng, st->ev->u.seed.seed);
}

static void
on_conf(const struct step *st)
{
	struct link_net *net = st->net;
	bool first = net->set == NULL;

	net->set = st->ev->u.conf.settings;
	peers_conf(st);
	if (!first) {
		net->edges_changed = true; /* costs */
		return;
	}
	net->self = core_self(net->core);
	net->alone_at = mono_add_ms(st->ev->now,
	    net->set->npeer == 0 ? 0 : net->set->alone_ms);
	net->digest_at = mono_add_ms(st->ev->now, DIGEST_MS);
	net->beat_at = mono_add_ms(st->ev->now, BEAT_MS);
	net_link_state(st, NULL);
}

static uint64_t
new_instance(const struct step *st)
{
	const uint64_t one = 1;
	uint64_t ms = st->ev->wall.ms > 0 ? (uint64_t)st->ev->wall.ms : 1;

	return (ms << INSTANCE_BITS |
		   rng_below(&st->net->rng, one << INSTANCE_BITS)) &
	       INT64_MAX;
}

/* Whose key is it? Without TLS the HELLO will say. */
static void
judge_proof(const struct step *st, struct link *l, struct peer *dialled)
{
	if (l->proof.tls) {
		if (l->proof.has_pin)
			l->peer = peer_of_pin(st, l->proof.pin);
		if (l->peer == NULL || (dialled != NULL && l->peer != dialled))
			link_refuse(st, l, "pin", "not the key of a peer");
	} else if (!l->proof.loopback ||
		   (dialled != NULL && !dialled->set->plaintext))
		link_refuse(st, l, "plaintext", "TLS is needed");
	else
		l->peer = dialled;
}

static void
on_open(const struct step *st)
{
	struct link_net *net = st->net;
	const struct event *ev = st->ev;
	struct link *l = link_new(ev->conn);
	struct peer *dialled = NULL;

	l->proof = ev->u.link_open.proof;
	l->addr = ev->u.link_open.addr;
	l->dialled = ev->u.link_open.dialled;
	l->opened = l->heard = ev->now;
	if (net->nlink == net->caplink) {
		net->caplink = net->caplink == 0 ? 8 : net->caplink * 2;
		net->link =
		    mem_array(net->link, net->caplink, sizeof(struct link *));
	}
	net->link[net->nlink++] = l;
	if (l->dialled) {
		dialled = peer_of_dial(st, ev->u.link_open.dial);
		if (dialled == NULL) {
			link_refuse(st, l, "removed",
			    "not configured any more");
			return;
		}
		dialled->dial = 0;
	}
	if (net->nlink > 2 * net->npeer + LINKS_SPARE)
		link_refuse(st, l, "bounds", "too many links");
	else
		judge_proof(st, l, dialled);
	if (l->state == LINK_DEAD || !l->dialled)
		return;
	l->instance = new_instance(st);
	hello_send(st, l);
}

struct verb_row {
	const char *name;
	unsigned states;
	const char *(*recv)(const struct step *, struct link *,
	    struct span rest);
};

static const struct verb_row verb_row[] = {
#define VERB(ID, name, states, what) { #ID, states, name##_recv },
#include "link/verb.def"
#undef VERB
};

static const struct verb_row *
verb_find(struct span verb)
{
	for (size_t i = 0; i < sizeof(verb_row) / sizeof(verb_row[0]); i++)
		if (span_eq(verb, span_of(verb_row[i].name)))
			return &verb_row[i];
	return NULL;
}

static bool
has_byte(struct span line, char c)
{
	return line.n > 0 && memchr(line.p, c, line.n) != NULL;
}

static bool
has_bad_byte(struct span line)
{
	return has_byte(line, '\0') || has_byte(line, '\r') ||
	       has_byte(line, '\n');
}

/* Beyond the tags, which mean something on + lines only. */
static struct span
without_tags(struct span line)
{
	if (line.n > 0 && line.p[0] == '@')
		span_word(&line);
	while (line.n > 0 && line.p[0] == ' ')
		line = span_tail(line, 1);
	return line;
}

static void
on_line(const struct step *st, struct link *l)
{
	struct span line = st->ev->u.line.line, rest = without_tags(line);
	const struct verb_row *row;
	const char *why;

	l->heard = st->ev->now;
	l->lines_in++;
	if (st->ev->u.line.too_long || line.n > ENTRY_LINE_MAX - 2) {
		link_refuse(st, l, "too-long", "too long a line");
		return;
	}
	if (has_bad_byte(line)) {
		link_refuse(st, l, "syntax", "NUL, CR or LF in a line");
		return;
	}
	if (rest.n > 0 && rest.p[0] == '+') {
		if ((why = plus_recv(st, l, line)) != NULL)
			link_refuse(st, l, "syntax", why);
		return;
	}
	row = verb_find(span_word(&rest));
	if (row == NULL)
		link_refuse(st, l, "syntax", "unknown verb");
	else if (l->entry.parts > 0)
		link_refuse(st, l, "syntax", "expected a + line");
	else if ((row->states & (1u << l->state)) == 0)
		link_refuse(st, l, "state", "not now");
	else if ((why = row->recv(st, l, rest)) != NULL)
		link_refuse(st, l, "syntax", why);
}

/* Nothing came for too long, or not what opens the link. */
static struct mono
patience(const struct link_net *net, const struct link *l)
{
	struct mono at =
	    mono_add_ms(l->heard, net->set->link_silence_s * MS_PER_S);

	if (l->state == LINK_SYNCING)
		at = mono_min(at, mono_add_ms(l->helloed, SYNC_MS));
	if (l->unsent > 0)
		at = mono_min(at, mono_add_ms(l->taken, LINK_SLOW_MS));
	if (l->in != NULL)
		at = mono_min(at, snap_in_until(l->in));
	return at;
}

/* Which of these it is. */
static void
lose_patience(const struct step *st, struct link *l)
{
	struct mono now = st->ev->now;

	if (mono_sub_ms(now, l->heard) >=
	    st->net->set->link_silence_s * MS_PER_S)
		link_refuse(st, l, "silence", "nothing came from it");
	else if (l->state == LINK_SYNCING &&
		 mono_sub_ms(now, l->helloed) >= SYNC_MS)
		link_refuse(st, l, "silence", "it does not sync");
	else if (l->in != NULL && mono_cmp(snap_in_until(l->in), now) <= 0)
		link_refuse(st, l, "snapshot", "it does not end");
	else
		link_refuse(st, l, "slow", "it takes nothing of what is sent");
}

static void
on_silence(const struct step *st)
{
	struct link_net *net = st->net;

	for (size_t i = 0; i < net->nlink; i++) {
		struct link *l = net->link[i];

		if (l->state != LINK_DEAD &&
		    mono_cmp(patience(net, l), st->ev->now) <= 0)
			lose_patience(st, l);
	}
}

static void
on_tick(const struct step *st)
{
	struct link_net *net = st->net;
	struct mono now = st->ev->now;
	bool digest = mono_cmp(net->digest_at, now) <= 0;
	bool beat = mono_cmp(net->beat_at, now) <= 0;

	if (net->set == NULL)
		return;
	on_silence(st);
	for (size_t i = 0; i < net->nlink && beat; i++)
		beat_send(st, net->link[i]);
	for (size_t i = 0; i < net->nlink && digest; i++)
		digest_send(st, net->link[i]);
	if (digest)
		net->digest_at = mono_add_ms(now, DIGEST_MS);
	if (beat)
		net->beat_at = mono_add_ms(now, BEAT_MS);
	peers_tick(st);
}

static void
on_taken(const struct step *st, struct link *l)
{
	size_t n = st->ev->u.writable.taken;

	l->unsent -= n < l->unsent ? n : l->unsent;
	if (n > 0)
		l->taken = st->ev->now;
}

void
link_net_step(struct link_net *net, const struct event *ev, struct effects *fx)
{
	const struct step st = { net, ev, fx };
	struct link *l = net_link(net, ev->conn);
	struct peer *peer;

	switch (ev->kind) {
	case EV_SEED:
		on_seed(&st);
		break;
	case EV_CONF:
		on_conf(&st);
		break;
	case EV_TICK:
		on_tick(&st);
		break;
	case EV_LINK_OPEN:
		if (l == NULL && net->set != NULL)
			on_open(&st);
		break;
	case EV_LINK_LINE:
		if (l != NULL)
			on_line(&st, l);
		break;
	case EV_LINK_CLOSED:
		if (l != NULL)
			link_down(&st, l, ev->u.closed.reason, false);
		break;
	case EV_LINK_WRITABLE:
		if (l != NULL)
			on_taken(&st, l);
		break;
	case EV_DIAL_FAILED:
		peer = peer_of_dial(&st, ev->u.dial_failed.dial);
		if (peer != NULL)
			peer_dial_failed(&st, peer, ev->u.dial_failed.reason);
		break;
	case EV_CONN_OPEN:
	case EV_LINE:
	case EV_CONN_CLOSED:
	case EV_DRAINED:
	case EV_HASHED:
	case EV_STORED:
	case EV_CONTROL:
	case EV_COUNT:
		break;
	}
}

/* ---- between the core and the links --------------------------------- */

void
link_net_own(struct link_net *net, const struct event *ev, struct effects *fx,
    struct entry *e)
{
	(void)fx;
	log_append(&net->log, e, ev->now);
}

void
link_net_route(struct link_net *net, const struct event *ev, struct effects *fx,
    const struct out *out)
{
	const struct step st = { net, ev, fx };
	struct question q = { .id = out->id,
		.from = out->from,
		.dst = out->dst,
		.ttl = QUESTION_TTL,
		.text = out->line };

	q.asker = out->kind == OUT_QUERY ? net->self.sid : out->dst;
	switch (out->kind) {
	case OUT_QUERY:
		query_pass(&st, &q);
		break;
	case OUT_ANSWER:
		answer_pass(&st, &q);
		break;
	case OUT_DONE:
		done_pass(&st, &q);
		break;
	case OUT_ENTRY:
		break;
	}
}

const struct entry *
link_net_pending(const struct link_net *net, bool *facts_known)
{
	const struct entry *e = log_pending(&net->log);

	if (e != NULL)
		*facts_known = e->n <= vector_get(&net->log.merged, e->o);
	return e;
}

void
link_net_processed(struct link_net *net)
{
	log_processed(&net->log);
	net->covered_changed = true;
}

/* Alone, or caught up with the first neighbour? A link that is about to sync
 * is waited for: it will, or die of silence. */
static bool
is_time_for_ready(const struct step *st)
{
	const struct link_net *net = st->net;

	if (net->set == NULL || core_is_ready(net->core))
		return false;
	if (!conn_id_is_none(net->first))
		return mutated(net, MUT_READY_AT_ONCE) ||
		       vector_le(&net->first_has, &net->log.have);
	for (size_t i = 0; i < net->nlink; i++)
		if (net->link[i]->state == LINK_SYNCING)
			return false;
	return mono_cmp(net->alone_at, st->ev->now) <= 0;
}

/* The first neighbour is gone before we had it all: another one will do. */
static void
choose_first(struct link_net *net)
{
	for (size_t i = 0; i < net->nlink; i++)
		if (conn_id_is_none(net->first) &&
		    net->link[i]->state == LINK_UP) {
			net->first = net->link[i]->conn;
			vector_copy(&net->first_has, &net->link[i]->ph);
		}
}

bool
link_net_settle(struct link_net *net, const struct event *ev,
    struct effects *fx)
{
	const struct step st = { net, ev, fx };
	bool told;

	if (net->set == NULL)
		return false;
	if (net->edges_changed)
		net_link_state(&st, NULL);
	choose_first(net);
	told = overlay_update(&st);
	if (is_time_for_ready(&st)) {
		core_make_ready(net->core, ev, fx);
		told = true;
	}
	return told;
}

static bool
sends_snapshot(const struct link_net *net)
{
	for (size_t i = 0; i < net->nlink; i++)
		if (net->link[i]->out != NULL)
			return true;
	return false;
}

/* A snapshot under way would be behind the floor at its end: no trim by time
 * meanwhile. */
static void
trim(const struct step *st)
{
	struct link_net *net = st->net;
	struct mono before =
	    mono_add_ms(st->ev->now, -(int64_t)net->set->keep_s * MS_PER_S);
	struct vector floor = { 0 };

	if (sends_snapshot(net))
		before = (struct mono){ INT64_MIN };
	if (mutated(net, MUT_TRIM_NO_FLOOR))
		vector_copy(&floor, &net->log.floor);
	log_trim(&net->log, before,
	    mutated(net, MUT_TRIM_NO_BYTES) ? UINT64_MAX
					    : net->set->keep_bytes);
	if (mutated(net, MUT_TRIM_NO_FLOOR))
		vector_copy(&net->log.floor, &floor);
	vector_fini(&floor);
}

static void
reap(struct link_net *net)
{
	size_t kept = 0;

	for (size_t i = 0; i < net->nlink; i++)
		if (net->link[i]->state == LINK_DEAD)
			link_free(net->link[i]);
		else
			net->link[kept++] = net->link[i];
	net->nlink = kept;
}

static struct mono
deadline(const struct step *st)
{
	const struct link_net *net = st->net;
	struct mono at = peers_deadline(st);

	for (size_t i = 0; i < net->nlink; i++)
		at = mono_min(at, patience(net, net->link[i]));
	if (net->nlink > 0)
		at = mono_min(at, mono_min(net->digest_at, net->beat_at));
	if (!core_is_ready(net->core) &&
	    mono_cmp(net->alone_at, st->ev->now) > 0)
		at = mono_min(at, net->alone_at);
	if (log_begin(&net->log) < net->log.next && !sends_snapshot(net))
		at = mono_min(at,
		    mono_add_ms(log_at(&net->log, log_begin(&net->log))->at,
			net->set->keep_s * MS_PER_S + 1));
	return at;
}

struct mono
link_net_finish(struct link_net *net, const struct event *ev,
    struct effects *fx)
{
	const struct step st = { net, ev, fx };

	if (net->set == NULL)
		return MONO_NEVER;
	trim(&st);
	pump_all(&st);
	for (size_t i = 0; i < net->nlink; i++) {
		ack_send(&st, net->link[i]);
		if (net->link[i]->unsent > LINK_UNSENT_MAX)
			link_refuse(&st, net->link[i], "slow",
			    "it does not take what is sent");
	}
	if (net->edges_changed)
		net_link_state(&st, NULL);
	reap(net);
	return deadline(&st);
}

/* ---- to look at ----------------------------------------------------- */

const struct log *
link_net_log(const struct link_net *net)
{
	return &net->log;
}

const struct netmap *
link_net_map(const struct link_net *net)
{
	return &net->map;
}

const struct link_counts *
link_net_counts(const struct link_net *net)
{
	return &net->counts;
}

const struct link *
link_net_link(const struct link_net *net, size_t i)
{
	return i < net->nlink ? net->link[i] : NULL;
}

static void
info_of_link(const struct link_net *net, struct mono now, const struct link *l,
    struct link_info *info)
{
	uint64_t pos =
	    l->pos > log_begin(&net->log) ? l->pos : log_begin(&net->log);

	*info = (struct link_info){ .name = link_name(l),
		.sid = l->o.sid,
		.state = link_state_name(l->state),
		.address = l->addr,
		.dialled = l->dialled,
		.tls = l->proof.tls,
		.since_ms =
		    mono_sub_ms(now, link_is_edge(l) ? l->helloed : l->opened),
		.rtt_ms = l->rtt_ms,
		.queued = l->unsent,
		.sent = l->bytes_out,
		.behind =
		    log_end(&net->log) > pos ? log_end(&net->log) - pos : 0,
		.entries_in = l->entries_in,
		.entries_out = l->entries_out };
	if (sid_is_none(info->sid) && l->peer != NULL)
		info->sid = l->peer->sid;
}

static bool
has_link(const struct link_net *net, const struct peer *peer)
{
	for (size_t i = 0; i < net->nlink; i++)
		if (net->link[i]->peer == peer)
			return true;
	return false;
}

bool
link_net_info(const struct link_net *net, struct mono now, size_t i,
    struct link_info *info)
{
	if (i < net->nlink) {
		info_of_link(net, now, net->link[i], info);
		return true;
	}
	i -= net->nlink;
	for (size_t k = 0; k < net->npeer; k++) {
		const struct peer *peer = &net->peer[k];

		if (has_link(net, peer) || i-- > 0)
			continue;
		*info = (struct link_info){ .name = peer->set->name,
			.sid = peer->sid,
			.rtt_ms = -1,
			.why = span_make(peer->why, peer->nwhy),
			.state = peer->dial != 0 ? "dialling" : "down" };
		return true;
	}
	return false;
}

#ifdef BANYAN_MUTATE
const char *
mutation_name(int m)
{
	static const char *const name[] = {
		"none",
#define MUTATION(ID, name, what) name,
#include "link/mutate.def"
#undef MUTATION
	};

	if (m >= MUT_COUNT)
		return core_mutation_name(m - MUT_COUNT + 1);
	return m >= 0 ? name[m] : NULL;
}

void
link_net_set_mutation(struct link_net *net, int m)
{
	net->mutation = m;
	net->map.one_end = m == MUT_EDGE_ONE_END;
	net->map.any_instance = m == MUT_EDGE_ANY_INSTANCE;
	net->map.by_lseq = m == MUT_LSA_BY_LSEQ;
}
#endif
