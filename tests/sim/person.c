/*
 * People: they connect, say lines, and are chosen for acts. Each line of a
 * person with labels is labelled, and must be answered once.
 */
#include "run.h"

#include <stdarg.h>
#include <string.h>

#include "core/facts/chan_name.h"
#include "core/facts/invites.h"
#include "core/facts/membership.h"
#include "core/sessions/hold.h"
#include "core/sessions/lag.h"
#include "core/state.h"
#include "lib/net_trunk.h"
#include "link/info.h"
#include "link/net.h"

/* Say a line whose answer must carry its label. */
static void
say_labelled(struct person *p, const char *line)
{
	char text[1100];

	snprintf(text, sizeof(text), "@label=%u %s", p->nlabels++, line);
	world_note(p->world, "u%u@s%u > %s", p->id, p->node + 1, text);
	net_client_say(p->c, text);
}

void
person_say(struct person *p, const char *line)
{
	if (p->labels && p->ref.registered && p->nlabels < LABELS &&
	    strncmp(line, "QUIT", 4) != 0) {
		say_labelled(p, line);
		return;
	}
	world_note(p->world, "u%u@s%u > %s", p->id, p->node + 1, line);
	net_client_say(p->c, line);
}

void
person_sayf(struct person *p, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	person_say(p, line);
}

static void
labelled(void *ctx, struct span label)
{
	struct person *p = ctx;
	uint64_t k;

	if (!span_u64(label, &k) || k >= p->nlabels)
		net_fail(p->world->net, "u%u: no such label: %.*s", p->id,
		    SPAN_ARG(label));
	else if (p->answered[k]++ > 0)
		net_fail(p->world->net, "u%u: label %ju is answered twice",
		    p->id, (uintmax_t)k);
}

static void
invited(void *ctx, struct span source)
{
	struct person *p = ctx;

	filter_check_private(p, message_by(p->world, source), source);
}

static void
joined(void *ctx, const char *chan)
{
	struct person *p = ctx;

	person_sayf(p, "MODE %s", chan);
	person_sayf(p, "MODE %s +b", chan);
	person_sayf(p, "MODE %s +e", chan);
	person_sayf(p, "MODE %s +I", chan);
}

static void
came(void *ctx, struct ref_chan *c, const char *user)
{
	throttle_came(ctx, c, user);
}

/* Check that no invitation is left which the person may have taken back: all of
 * them, or their own. */
static void
uninvited(void *ctx, struct span chan, struct span nick)
{
	struct person *p = ctx;
	const struct node *node = p->world->net->node[p->node].node;
	const struct facts *f = &node_core(node)->facts;
	const struct chan *ch = chan_name_find(f, chan);
	const struct user *u = facts_find_nick(f, nick),
			  *own = facts_find_nick(f, span_of(p->ref.nick));
	bool all = speech_hears_ops(p, chan);
	const struct invite *i;

	/* the entry may wait for a turn with room */
	if (ch == NULL || ch->current == NULL || u == NULL || own == NULL ||
	    !log_is_drained(link_net_log(node_links(node))))
		return;
	p->world->result->reached[REACH_UNINVITED]++;
	for (i = invite_into(u, ch->current);
	     i != NULL && i->founding == ch->current; i = invite_next(i))
		if (all || uid_cmp(i->by.uid, own->uid) == 0)
			net_fail(p->world->net,
			    "u%u is told that %.*s has no invitation", p->id,
			    SPAN_ARG(nick));
}

bool
person_is_open(const struct person *p)
{
	return p->open && p->ref.registered;
}

bool
person_is_behind(const struct person *p)
{
	return p->c->deaf ||
	       (p->c->stream != NULL && p->c->stream->trunk->held[WAY_DOWN]);
}

bool
person_can_act(const struct world *w, const struct person *p)
{
	return person_is_open(p) && !person_is_behind(p) &&
	       !net_is_frozen(w->net, p->node);
}

struct person *
person_some(struct world *w)
{
	struct person *p;
	unsigned i, k, n;

	for (i = n = 0; i < w->npeople; i++)
		n += person_can_act(w, &w->person[i]);
	if (n == 0)
		return NULL;
	k = world_below(w, n);
	for (i = 0; i < w->npeople; i++) {
		p = &w->person[i];
		if (person_can_act(w, p) && k-- == 0)
			return p;
	}
	return NULL;
}

static void
begin_ref(struct person *p)
{
	snprintf(p->ref.user, sizeof(p->ref.user), "u%u", p->id);
	p->ref.tables = p->world->tables;
	p->ref.ctx = p;
	p->ref.said = message_heard;
	p->ref.joined = joined;
	p->ref.came = came;
	p->ref.uninvited = uninvited;
	p->ref.invited = invited;
	p->ref.labelled = labelled;
}

/* Connect, and ask for that nick. */
static void
begin(struct world *w, struct person *p, const char *nick)
{
	struct net_trunk *t;

	w->net->cert = p->cert ? (char)(1 + p->id / 2 % 126) : '\0';
	t = p->gates ? gates_choose(w, p->node) : NULL;
	if (t != NULL)
		p->c = net_trunk_connect(t, p->addr, 6667, p->tls, p);
	else
		p->c = net_connect(w->net, p->node, p->addr, 6667, p->tls, p);
	w->net->cert = '\0';
	w->result->reached[REACH_GATE_CAME] += t != NULL && !p->back;
	w->result->reached[REACH_GATE_BACK] += t != NULL && p->back;
	person_say(p, p->caps);
	person_sayf(p, "NICK %s", nick);
	person_sayf(p, "USER %s 0 * :Person %u", p->ref.user, p->id);
	person_say(p, "CAP END");
}

static unsigned
most_here(const struct world *w)
{
	if (w->plan->crowd)
		return CROWD_HERE;
	return w->full_gates ? FULL_HERE : w->ngates > 0 ? GATE_HERE : 4;
}

void
person_connect(struct world *w)
{
	static const char *const more[] = { "server-time", "message-tags",
		"echo-message", "away-notify", "extended-join", "batch",
		"labeled-response", "chghost", "draft/multiline",
		"draft/channel-rename" };
	struct person *p;
	char *caps;
	unsigned i, n = sizeof(more) / sizeof(more[0]), node, here, has = 0;

	node = world_below(w, w->net->n);
	for (i = here = 0; i < w->npeople; i++)
		here += w->person[i].open && w->person[i].node == node;
	if (here >= most_here(w) || w->npeople == PEOPLE ||
	    !net_is_up(w->net, node) || net_is_frozen(w->net, node))
		return;
	p = &w->person[w->npeople];
	p->world = w;
	p->id = w->npeople++;
	p->node = node;
	p->life = w->net->node[node].life;
	p->since = w->net->now;
	p->open = true;
	begin_ref(p);
	caps = p->caps;
	snprintf(caps, sizeof(p->caps),
	    "CAP REQ :multi-prefix userhost-in-names");
	/* most people of gates get the same lines, which cross a trunk once */
	p->gates = w->ngates > 0 && world_chance(w, 70);
	if (p->gates && world_chance(w, w->full_gates ? 90 : 70))
		n = 0;
	for (i = 0; i < n; i++)
		if (world_chance(w, 40)) {
			strcat(strcat(caps, " "), more[i]);
			p->ref.away_notify |= i == 3;
			p->ref.echo |= i == 2;
			has |= 1u << i;
		}
	p->labels = (has >> 5 & 3) == 3;
	p->batches = (has >> 5 & 1) != 0 && (has >> 8 & 1) != 0;
	p->tls = w->plan->modules && world_chance(w, 50);
	p->cert = p->id % 2 == 1;
	/* a gate hears of a certificate over TLS alone */
	if (p->gates && p->cert && w->plan->modules)
		p->gates = p->tls;
	p->tls |= p->gates && p->cert;
	p->addr = addr_v4((unsigned char[4]){
	    127, 0, 0, w->plan->modules ? (unsigned char)(1 + p->id % 3) : 1 });
	begin(w, p, names_nick(w));
}

/* ---- restarts that hold users -------------------------------------------- */

/* Return the user of the person, if the user is held. */
static const struct user *
find_held(const struct world *w, const struct person *p)
{
	const struct core *core = node_core(w->net->node[p->node].node);
	const struct hold *h;

	TAILQ_FOREACH(h, &core->holds.queue, link)
		if (span_eq(ident_username(h->session->user->ident),
			span_of(p->ref.user)))
			return h->session->user;
	return NULL;
}

static bool
is_there(const struct world *w, const struct person *p)
{
	return net_is_up(w->net, p->node) && !net_is_frozen(w->net, p->node) &&
	       w->net->node[p->node].life == p->life;
}

/* Let the person come back, unless the user has a nick that nobody can ask
 * for. */
static void
come_back(void *ctx, int64_t id)
{
	struct world *w = ctx;
	struct person *p = &w->person[id];
	bool away_notify = p->ref.away_notify, echo = p->ref.echo;
	struct ref_list silenced = p->ref.silenced;
	const struct user *u;
	char nick[REF_NAME];

	if (p->open || w->net->now >= w->until || !is_there(w, p) ||
	    (u = find_held(w, p)) == NULL)
		return;
	snprintf(nick, sizeof(nick), "%.*s", SPAN_ARG(user_nick(u)));
	if (nick[0] >= '0' && nick[0] <= '9')
		return;
	world_note(w, "u%u comes back as %s", p->id, nick);
	memset(&p->ref.silenced, 0, sizeof(p->ref.silenced));
	ref_fini(&p->ref);
	memset(&p->ref, 0, sizeof(p->ref));
	begin_ref(p);
	p->ref.silenced = silenced; /* what belongs to the user stays */
	p->ref.away_notify = away_notify;
	p->ref.echo = echo;
	p->nlabels = 0;
	memset(p->answered, 0, sizeof(p->answered));
	p->heard = p->line = 0;
	p->open = p->back = true;
	p->back_at = w->net->now;
	p->held = u->uid;
	begin(w, p, nick);
}

/* Return true if the user has what a client without a certificate must not
 * have. */
static bool
has_ranks(const struct user *u)
{
	const struct member *m;

	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;)
		if (member_rights(m) != 0 ||
		    (m->chan->modes & (CMB(INVITE_ONLY) | CMB(KEY) |
					  CMB(SECRET) | CMB(PRIVATE))) != 0)
			return true;
	return (u->modes & UMB(OPER)) != 0;
}

/* Return true if another server may have taken the held user over, since the
 * person asked for its nick. */
static bool
is_taken(const struct world *w, const struct person *p, const struct core *core)
{
	const struct user *u = facts_find_uid(&core->facts, p->held);

	return w->plan->homes &&
	       (u == NULL || user_home_reg(u) == NULL ||
		   origin_cmp(user_home(u), core_self(core)) != 0);
}

void
person_is_back(struct person *p, const struct core *core)
{
	const struct user *u =
	    facts_find_nick(&core->facts, span_of(p->ref.nick));
	struct world *w = p->world;
	/* a name from DNS may have come too late */
	bool late = w->net->now - p->held_at >=
		    w->net->node[p->node].setup->settings.hold_s * SECOND;
	bool same = u != NULL && uid_cmp(u->uid, p->held) == 0;

	p->back = false;
	/* what modules remember of the user needs a certificate */
	if (!same || !p->cert)
		ref_forget_silenced(&p->ref);
	w->result->reached[REACH_BACK_WHOLE] += same && p->cert;
	w->result->reached[REACH_BACK_PLAIN] += same && !p->cert;
	w->result->reached[REACH_BACK_NICK] += !same && !p->cert;
	if (p->cert && !same && !late && !is_taken(w, p, core))
		net_fail(w->net, "u%u comes back as somebody else", p->id);
	/* a newcomer under the nick may have joined channels by autojoin */
	if (!p->cert && same && has_ranks(u))
		net_fail(w->net, "u%u comes back with ranks", p->id);
}

void
person_hold(struct world *w, struct person *p)
{
	if (p->c->stream != NULL) {
		gates_hold(w, p->c->stream->trunk);
		return;
	}
	net_client_hold(p->c);
	person_is_held(w, p);
}

void
person_is_held(struct world *w, struct person *p)
{
	int64_t ms = world_below(w, 2500);

	world_note(w, "u%u is held", p->id);
	p->open = false;
	p->held_at = w->net->now;
	p->join.fate = p->nick.fate = TRIED_OPEN;
	if (world_chance(w, 80))
		net_call(w->net, w->net->now + ms * NS_PER_MS, come_back, w,
		    p->id);
}

void
person_wait_for_holds(struct world *w)
{
	const struct core *core;

	for (unsigned i = 0, k = 0; i < w->n && !w->net->failed; k++) {
		core = node_core(w->net->node[i].node);
		if (core->holds.n == 0)
			i++;
		else if (k > 1000)
			net_fail(w->net, "s%u holds users for ever", i + 1);
		else
			net_run(w->net, 100);
	}
}

size_t
person_sendq(const struct world *w, const struct person *p)
{
	return w->net->node[p->node].setup->settings.class->sendq;
}

void
person_read_on(void *ctx, int64_t id)
{
	struct world *w = ctx;
	struct person *p = &w->person[id];

	if (p->c == NULL || !p->c->deaf)
		return;
	world_note(w, "u%u reads on", p->id);
	p->late = true;
	net_client_deaf(p->c, false);
}

bool
person_waits(const struct person *p, const struct core *core)
{
	const struct conn *x = core_find_conn(core, p->c->id);
	const struct session *s = x == NULL ? NULL : x->session;

	return s != NULL && (s->listing != NULL ||
				(s->response != NULL && s->response->waits));
}

bool
person_acts_at_once(const struct person *p)
{
	return p->c->in.n == 0 && p->c->granted > 0 &&
	       (p->c->stream == NULL || net_stream_is_next(p->c->stream));
}

bool
person_waits_for_masks(const struct world *w, const struct person *p)
{
	const struct conn *x;

	if (!person_is_open(p))
		return false;
	x = core_find_conn(node_core(w->net->node[p->node].node), p->c->id);
	return x != NULL && session_more(x->session)->judgement != NULL;
}
