/*
 * The network tells this file of each step, and of each line that a client
 * hears. They are counted, and given to the reference clients and oracles.
 */
#include "run.h"

#include <inttypes.h>
#include <string.h>

#include "core/facts/invites.h"
#include "core/sessions/lag.h"
#include "core/state.h"
#include "lib/net.h"
#include "link/info.h"
#include "link/link.h"
#include "link/net.h"
#include "wire/casemap.h"

/* Return true if the user was invited, and every invitation has expired. */
static bool
has_expired(const struct world *w, const struct person *p)
{
	const struct net_node *nn = &w->net->node[p->node];
	const struct user *u =
	    facts_find_nick(&node_core(nn->node)->facts, span_of(p->ref.nick));
	int64_t now = NET_EPOCH_MS + w->net->now / NS_PER_MS + nn->skew_ms;
	const struct invite *i;
	bool any = false;

	if (u != NULL)
		for (i = user_first_invite(u); i != NULL; i = invite_next(i)) {
			any = true;
			if (i->expiry.ms > now)
				return false;
		}
	return any;
}

struct numeric_reach {
	const char *numeric;
	enum reach reach;
};

#define TAKEN "The name is taken by another channel"

static void
count_line(struct world *w, const struct person *p, struct span line)
{
	static const struct numeric_reach rows[] = {
		{ "471", REACH_JOIN_FULL },
		{ "473", REACH_JOIN_INVITE },
		{ "474", REACH_JOIN_BANNED },
		{ "475", REACH_JOIN_KEY },
		{ "404", REACH_SAY_REFUSED },
		{ "478", REACH_LIST_FULL },
		{ "433", REACH_NICK_IN_USE },
		{ "317", REACH_ASKED },
	};
	uint64_t *reached = w->result->reached;
	struct span word, rest;
	size_t i;

	if (line.n > 0 && line.p[0] == '@')
		span_word(&line);
	span_word(&line);
	word = span_word(&line);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (span_eq(word, span_of(rows[i].numeric)))
			reached[rows[i].reach]++;
	if (span_eq(word, SPAN("730")) || span_eq(word, SPAN("731"))) {
		rest = line;
		reached[REACH_WATCHED] += span_eq(span_word(&rest), SPAN("*"));
	}
	if (span_eq(word, SPAN("263"))) {
		rest = line;
		(void)span_word(&rest);
		reached[REACH_NO_INCARNATION] +=
		    span_eq(span_word(&rest), SPAN("MODE"));
	}
	reached[REACH_RENAMED] += span_eq(word, SPAN("RENAME"));
	reached[REACH_NAME_LOST] +=
	    line.n > 0 &&
	    memmem(line.p, line.n, TAKEN, sizeof(TAKEN) - 1) != NULL;
	reached[REACH_NAME_FORMER] +=
	    span_eq(word, SPAN("470")) ||
	    (span_eq(word, SPAN("FAIL")) && span_starts(line, SPAN("JOIN ")));
	if (span_eq(word, SPAN("473")))
		reached[REACH_INVITE_EXPIRED] += has_expired(w, p);
	if (!span_eq(word, SPAN("BATCH")))
		return;
	span_word(&line);
	word = span_word(&line);
	reached[REACH_NETSPLIT] += span_eq(word, SPAN("netsplit"));
	reached[REACH_NETJOIN] += span_eq(word, SPAN("netjoin"));
}

/* Note the first answer to a WHOWAS at the end (ending.c). */
static void
heard_was(struct world *w, const struct person *p, struct span line)
{
	if (w->left == NULL || w->told[p->id] != WAS_ASKED)
		return;
	if (line.n > 0 && line.p[0] == '@')
		span_word(&line);
	span_word(&line);
	if (!span_eq(span_word(&line), SPAN("314")))
		return;
	span_word(&line);
	if (!casemap_eq(span_word(&line), span_of(w->left->ref.nick)))
		return;
	w->told[p->id] = span_eq(span_word(&line), span_of(w->left->ref.user))
			     ? WAS_RIGHT
			     : WAS_WRONG;
}

static void
heard(void *ctx, struct net_client *c, struct span line)
{
	struct world *w = ctx;
	struct person *p = c->ctx;
	unsigned refused = p->ref.nick_in_use + p->ref.nick_held;
	bool registered = p->ref.registered;

	world_note(w, "u%u@s%u < %.*s", p->id, p->node + 1, SPAN_ARG(line));
	p->ref.now = w->net->now;
	p->dirty = true;
	count_line(w, p, line);
	ref_line(&p->ref, line);
	filter_heard(p);
	heard_was(w, p, line);
	if (p->ref.registered && !registered) {
		autojoin_registered(w, p);
		delay_registered(w, p);
	}
	if (!p->ref.registered &&
	    p->ref.nick_in_use + p->ref.nick_held > refused) {
		/* somebody else has the nick of the held user by now */
		if (p->back)
			person_say(p, "QUIT");
		else
			person_sayf(p, "NICK g%u", p->id);
	}
	if (p->ref.bad)
		net_fail(w->net, "u%u on s%u: %s", p->id, p->node + 1,
		    p->ref.why);
}

static bool
has_piece(struct span s, const char *piece)
{
	return memmem(s.p, s.n, piece, strlen(piece)) != NULL;
}

static void
closed(void *ctx, struct net_client *c, struct span reason)
{
	struct world *w = ctx;
	struct person *p = c->ctx;

	p->open = false;
	w->result->reached[REACH_MOVED_AWAY] +=
	    has_piece(reason, "moved to another server");
	w->result->reached[REACH_BANNED] += has_piece(reason, "-Line: chance");
	w->result->reached[REACH_SENDQ] += has_piece(reason, "SendQ exceeded");
	world_note(w, "u%u@s%u closed: %.*s", p->id, p->node + 1,
	    SPAN_ARG(reason));
}

/*
 * Check that only a server which listened that long, and heard nothing, closes
 * a link for silence: its own pauses are not the silence of its peers.
 */
static void
check_silence(struct world *w, unsigned node)
{
	const struct settings *set = &w->net->node[node].setup->settings;

	w->result->reached[REACH_SILENCE]++;
	if (w->ran_ms[node] < set->link_silence_s * MS_PER_S)
		net_fail(w->net,
		    "s%u closes a link for silence, and ran for %jd ms only",
		    node + 1, (intmax_t)w->ran_ms[node]);
}

static void
logged(void *ctx, unsigned node, enum log_row row, struct span text)
{
	struct world *w = ctx;
	uint64_t *reached = w->result->reached;

	if ((row == LOG_LINK_DOWN || row == LOG_LINK_REFUSED) &&
	    has_piece(text, "by=us")) {
		reached[REACH_DUPLICATE] += has_piece(text, "code=duplicate");
		reached[REACH_NEWER_RUN] +=
		    has_piece(text, "a newer run of the peer has linked");
		reached[REACH_CLOCK] += has_piece(text, "code=clock");
		reached[REACH_COPY] += has_piece(text, "code=copy");
		reached[REACH_JUPED] += has_piece(text, "code=juped");
		if (has_piece(text, "reason=nothing came from the peer") &&
		    has_piece(text, "code=silence"))
			check_silence(w, node);
		w->parted |= has_piece(text, "code=forgotten");
		if (has_piece(text, "code=clock") && !w->clocks)
			net_fail(w->net, "s%u: a link is refused for its clock",
			    node + 1);
	}
	if (row == LOG_LINK_DOWN && has_piece(text, "code=juped"))
		oracle_cut_off(w->oracle, node);
	reached[REACH_OLDER] += row == LOG_LINK_UP && w->net->older != 0;
	/* a neighbour knows the later run of the copy; or two servers do not
	 * agree on it */
	w->older |= w->plan->copies && (has_piece(text, "code=inc by=peer") ||
					   has_piece(text, "code=doubt"));
	if (row == LOG_SNAPSHOT_TAKEN) {
		reached[REACH_SNAPSHOT]++;
		reached[REACH_CARRIED] += !has_piece(text, "entries=0");
	}
	w->result->reached[REACH_RESTORED] += row == LOG_RESTORED;
	if (row == LOG_JUMPED) {
		reached[REACH_JUMPED]++;
		message_jumped(w, node, text);
	}
}

/* Note how long the node ran; the next row of the log needs it. */
static void
shut(void *ctx, unsigned node, const struct net_end *e)
{
	struct world *w = ctx;

	w->ran_ms[node] = (net_ran(w->net, node) - e->heard) / NS_PER_MS;
}

/*
 * Count links that outlived a pause longer than the patience of this server,
 * with the lines that the peer sent meanwhile.
 */
static void
thaws(void *ctx, unsigned node)
{
	struct world *w = ctx;
	const struct net_node *nn = &w->net->node[node];
	const struct link *l;
	const struct net_conn *c;

	world_note(w, "s%u goes on", node + 1);
	for (size_t i = 0; (l = link_net_link(node_links(nn->node), i)) != NULL;
	     i++) {
		c = &nn->conn[l->conn.slot];
		w->result->reached[REACH_OUTLIVED] +=
		    l->state == LINK_UP && c->kind == CONN_LINK &&
		    !c->link->dead && !c->link->dark &&
		    !c->link->end[!c->side].closing &&
		    w->net->now - nn->frozen_at >=
			nn->setup->settings.link_silence_s * SECOND;
	}
}

static uint64_t
processed(const struct log *log)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < log->done.n; i++)
		sum += log->done.v[i].n;
	return sum;
}

static void
join_late(void *ctx, int64_t node)
{
	struct world *w = ctx;
	struct person *p = person_some(w);

	if (p != NULL && p->node != (unsigned)node)
		person_say(p, "JOIN #a,#b,#c");
}

/*
 * If a channel was just removed here, let a person on another server join it,
 * where the removal is not known yet.
 */
static void
look_at_chans(struct world *w, unsigned node, const struct event *ev)
{
	const struct core *core = node_core(w->net->node[node].node);
	size_t n = map_count(&core->facts.chans);

	if (w->ending && ev->kind == EV_TICK && n < w->nchans[node])
		net_call(w->net, w->net->now, join_late, w, node);
	w->nchans[node] = n;
}

static void
count_lag(struct world *w, unsigned node, const struct core *core)
{
	const struct person *p;
	const struct conn *x;

	w->result->reached[REACH_LAG] +=
	    lag_holds(core) && !TAILQ_EMPTY(&core->flips);
	for (unsigned i = 0; i < w->npeople; i++) {
		p = &w->person[i];
		if (p->node != node || !person_is_open(p) || !p->c->deaf)
			continue;
		x = core_find_conn(core, p->c->id);
		w->result->reached[REACH_OVERDUE] += x != NULL &&
						     x->session->lag != NULL &&
						     x->session->lag->overdue;
	}
}

/* Count channels for which the text of NAMES is kept. */
static void
count_names(struct world *w, const struct event *ev, const struct core *core)
{
	const struct chan *c;
	size_t i;

	if (!w->plan->crowd || ev->kind != EV_LINE)
		return;
	for (i = 0; (c = map_next(&core->facts.chans, &i)) != NULL;)
		w->result->reached[REACH_NAMES_KEPT] += c->names_cache != NULL;
}

static void
stepped(void *ctx, unsigned node, const struct event *ev)
{
	struct world *w = ctx;
	const struct net_node *nn = &w->net->node[node];
	const struct core *core = node_core(nn->node);
	struct person *p;
	uint64_t done, overlay;
	bool one_act;
	unsigned i;

	if (ev->kind == EV_SEED) {
		delay_started(w, node);
		return;
	}
	look_at_chans(w, node, ev);
	/* the numbers of commands are taken from the oracle */
	if (w->opt->quick && !w->plan->homes)
		return;
	oracle_step(w->oracle, node, ev);
	gates_step(w, node);
	count_lag(w, node, core);
	count_names(w, ev, core);
	done = processed(link_net_log(node_links(nn->node)));
	delay_step(w, node,
	    done <= w->done[node] + 1 && !core_is_installing(core));
	overlay = oracle_overlay(core);
	one_act =
	    overlay == w->overlay[node] && done == w->done[node] + 1 &&
	    (ev->kind == EV_LINE || ev->kind == EV_TRUNK_LINE ||
		(ev->kind == EV_LINK_LINE && ev->u.line.line.p[0] == '+'));
	/* what waited is processed, or taken in, before the snapshot */
	one_act |= overlay == w->overlay[node] && ev->kind == EV_LINK_LINE &&
		   w->drained[node] &&
		   span_starts(ev->u.line.line, SPAN("END"));
	w->drained[node] = log_is_drained(link_net_log(node_links(nn->node))) &&
			   !core_is_installing(core);
	w->done[node] = done;
	w->overlay[node] = overlay;
	for (i = 0; i < w->npeople; i++) {
		p = &w->person[i];
		if (p->node != node || !person_is_open(p) || !p->dirty ||
		    person_is_behind(p))
			continue;
		p->dirty = false;
		if (p->back)
			person_is_back(p, core);
		ref_step(&p->ref, one_act && !p->late);
		p->late = false;
		if (!p->c->closing && !person_waits(p, core))
			ref_compare(&p->ref, core);
		if (p->ref.bad)
			net_fail(w->net, "u%u on s%u: %s", p->id, node + 1,
			    p->ref.why);
	}
}

static void
goes_on(void *ctx, unsigned node)
{
	struct world *w = ctx;

	if (!w->opt->quick || w->plan->homes)
		oracle_goes_on(w->oracle, node);
}

static void
went_on(void *ctx, unsigned node)
{
	struct world *w = ctx;

	world_note(w, "s%u goes on in place", node + 1);
	w->result->reached[REACH_WENT_ON]++;
	if (!w->opt->quick || w->plan->homes)
		oracle_went_on(w->oracle, node);
}

void
hooks_set(struct world *w)
{
	w->net->hooks = (struct net_hooks){
		.ctx = w,
		.stepped = stepped,
		.heard = heard,
		.closed = closed,
		.logged = logged,
		.shut = shut,
		.thaws = thaws,
		.goes_on = goes_on,
		.went_on = went_on,
		.renews = server_renews,
	};
}
