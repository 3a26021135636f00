/*
 * This file runs one network, and checks labels and messages: each labelled
 * line is answered once. The text of a message is its number. When it is said,
 * the people who should hear it are noted: those whom the sender sees on the
 * channel, or the user who has the nick at the sender's server. At the end each
 * of them has heard it once, unless they left the channel, or their server or
 * the sender's died, or their server has logged that it jumped over the entry
 * of the message. Nobody ever hears a message twice, or before an earlier one
 * of the same sender. In the very end somebody quits, and people of each server
 * ask by WHOWAS who it was.
 */
#include "world.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/durable.h"
#include "core/facts/founding.h"
#include "core/facts/invites.h"
#include "core/facts/masks.h"
#include "core/answers/chan_info.h"
#include "core/facts/shown_list.h"
#include "core/sessions/lag.h"
#include "core/state.h"
#include "lib/net.h"
#include "lib/rows.h"
#include "link/info.h"
#include "link/link.h"
#include "link/net.h"
#include "oracle.h"
#include "plan.h"
#include "ref.h"
#include "wire/casemap.h"

#define PEOPLE 256
#define MESSAGES 1024
#define CROWD_HERE 20 /* people of one server */
#define LABELS 512    /* for one person */
#define SECOND INT64_C(1000000000)
#define REST_S 200    /* at most, until the network is whole */
#define LOSSY 8	      /* times as long, if each lost entry costs a link */
#define ANSWERS_S 150 /* in which each request ends */
#define LOOK_MS 250
#define CYCLES 12 /* of one person at once */
#define CALM 8	  /* looks in a row; more if lines are slow */
#define SLOW_SENDQ 4000
#define SLOW_SENDQ_TEXT "4000"

uint64_t world_seed;

struct person {
	struct world *world;
	unsigned id; /* the username is u17 */
	unsigned node;
	unsigned life; /* of its node when it connected */
	struct net_client *c;
	struct ref ref;
	bool open, dirty, labels;
	bool batches;	/* it sends and reads messages of several lines */
	uint64_t heard; /* the message heard last, plus 1, and its line */
	unsigned line;
	bool late; /* it has heard lines of several steps at once */
	unsigned nlabels;
	uint8_t answered[LABELS];
	uint64_t last_from[PEOPLE]; /* the last message heard, plus 1 */
};

struct jump { /* a row of the log: entries whose messages are lost */
	unsigned node, life;
	struct origin o;
	uint64_t from, to;
};

struct message {
	unsigned sender;
	struct origin o; /* of its entry, whose number is in (after, upto] */
	uint64_t after, upto;
	int64_t at;
	char chan[REF_NAME]; /* empty: to a person */
	bool refused;
	unsigned errors; /* errors the sender had got before */
	unsigned lines;	 /* of its batch; 0: it is one line */
	bool blank;	 /* its second line is */
	bool expect[PEOPLE];
	uint8_t heard[PEOPLE];
};

struct world {
	const struct world_options *opt;
	const struct plan *plan;
	struct rng rng; /* for the current act */
	struct net *net;
	struct oracle *oracle;
	unsigned n;
	bool edge[NET_NODES][NET_NODES];
	int64_t skew[NET_NODES];
	bool renews[NET_NODES]; /* asked for a new run */
	int64_t until;
	bool crashed[NET_NODES]; /* ever */
	unsigned cuts[NET_NODES][NET_NODES];
	bool parted; /* a link was refused as forgotten */
	bool older;  /* the run of a copy keeps servers apart */
	bool clocks; /* they differ, or a line may be read late */
	bool ending;
	size_t nchans[NET_NODES]; /* channels among facts */
	struct person person[PEOPLE];
	unsigned npeople;
	struct message msg[MESSAGES];
	size_t nmsgs;
	struct jump *jump;
	size_t njumps, capjumps;
	size_t acts;
	uint64_t done[NET_NODES]; /* sum of all entries processed */
	uint64_t overlay[NET_NODES];
	/* since the link that is being closed was heard */
	int64_t ran_ms[NET_NODES];
	/* no entry waited after the step before, and no part of a snapshot */
	bool drained[NET_NODES];
	uint32_t tenures;	   /* given so far */
	const struct person *left; /* who quits in the end, or NULL */
	enum whowas_told {
		WAS_NOT_ASKED,
		WAS_ASKED,
		WAS_RIGHT,
		WAS_WRONG
	} told[PEOPLE]; /* of that person */
	struct world_result *result;
};

/* ---- drawing ---- */

static unsigned
below(struct world *w, unsigned n)
{
	return (unsigned)rng_below(&w->rng, n);
}

static bool
chance(struct world *w, unsigned percent)
{
	return below(w, 100) < percent;
}

static void note(struct world *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
note(struct world *w, const char *fmt, ...)
{
	va_list ap;

	if (w->opt->trace == NULL)
		return;
	fprintf(w->opt->trace, "%10.3f ", (double)w->net->now / 1e9);
	va_start(ap, fmt);
	vfprintf(w->opt->trace, fmt, ap);
	va_end(ap);
	fputc('\n', w->opt->trace);
}

/* ---- people ---- */

/* Say a line whose answer must carry its label. */
static void
say_labelled(struct person *p, const char *line)
{
	char text[1100];

	snprintf(text, sizeof(text), "@label=%u %s", p->nlabels++, line);
	note(p->world, "u%u@s%u > %s", p->id, p->node + 1, text);
	net_client_say(p->c, text);
}

static void
say(struct person *p, const char *line)
{
	if (p->labels && p->ref.registered && p->nlabels < LABELS &&
	    strncmp(line, "QUIT", 4) != 0) {
		say_labelled(p, line);
		return;
	}
	note(p->world, "u%u@s%u > %s", p->id, p->node + 1, line);
	net_client_say(p->c, line);
}

static void sayf(struct person *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
sayf(struct person *p, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	say(p, line);
}

static struct person *
by_source(struct world *w, struct span source)
{
	struct span user;
	uint64_t id;

	span_cut(&source, '!');
	user = span_cut(&source, '@');
	if (user.n < 2 || !span_u64(span_tail(user, 1), &id) ||
	    id >= w->npeople)
		return NULL;
	return &w->person[id];
}

/* Return true if the hearer's server no longer knows a user of the sender. */
static bool
is_gone(const struct world *w, const struct person *p, const struct message *m)
{
	const struct core *core = node_core(w->net->node[p->node].node);
	const char *name = w->person[m->sender].ref.user;
	const struct user *u;
	size_t i;

	for (i = 0; (u = map_next(&core->facts.users, &i)) != NULL;)
		if (span_eq(ident_username(u->ident), span_of(name)))
			return false;
	return true;
}

/* Return the line that is heard behind that one; blank lines have no number. */
static unsigned
line_after(const struct message *m, unsigned line)
{
	return line == 0 && m->blank ? 2 : line + 1;
}

/* Check that the lines of a message come one behind the other, and as a batch
 * if the client knows such batches. */
static void
heard_line(struct person *p, const struct message *m, unsigned line)
{
	struct world *w = p->world;
	uint64_t id = (uint64_t)(m - w->msg);
	const struct message *last =
	    p->heard == 0 ? NULL : &w->msg[p->heard - 1];

	if (line == 0 && last != NULL &&
	    line_after(last, p->line) < last->lines)
		net_fail(w->net, "u%u has not heard all lines of m%ju", p->id,
		    (uintmax_t)p->heard - 1);
	if (line > 0 && (last != m || line_after(m, p->line) != line))
		net_fail(w->net, "u%u hears line %u of m%ju alone", p->id, line,
		    (uintmax_t)id);
	if (p->ref.in_lines != (p->batches && m->lines > 0))
		net_fail(w->net, "u%u hears m%ju as a batch, or should", p->id,
		    (uintmax_t)id);
	w->result->reached[REACH_LINES] +=
	    line > 0 && p->node != w->person[m->sender].node;
	p->heard = id + 1;
	p->line = line;
}

static void
said(void *ctx, struct span source, struct span target, struct span text)
{
	struct person *p = ctx, *from;
	struct world *w = p->world;
	struct message *m;
	uint64_t id, line = 0;
	struct span word;

	(void)target;
	if (text.n < 2 || text.p[0] != 'm')
		return;
	text = span_tail(text, 1);
	word = span_cut(&text, '.');
	if (!span_u64(word, &id) || id >= w->nmsgs ||
	    (text.n > 0 && !span_u64(text, &line)))
		return;
	m = &w->msg[id];
	heard_line(p, m, (unsigned)line);
	if (line > 0)
		return;
	from = by_source(w, source);
	w->result->reached[REACH_HIDDEN_SENDER] += from == NULL;
	w->result->reached[REACH_GONE_SENDER] +=
	    from == NULL && is_gone(w, p, m);
	if (from != NULL && from->id != m->sender)
		net_fail(w->net, "u%u hears m%ju from u%u, u%u said it", p->id,
		    (uintmax_t)id, from->id, m->sender);
	if (p->id == m->sender)
		return; /* an echo, or told to oneself, or both */
	if (++m->heard[p->id] > 1)
		net_fail(w->net, "u%u hears m%ju twice", p->id, (uintmax_t)id);
	if (id + 1 <= p->last_from[m->sender])
		net_fail(w->net, "u%u hears m%ju after m%ju of u%u", p->id,
		    (uintmax_t)id, (uintmax_t)p->last_from[m->sender] - 1,
		    m->sender);
	p->last_from[m->sender] = id + 1;
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
joined(void *ctx, const char *chan)
{
	struct person *p = ctx;

	sayf(p, "MODE %s", chan);
	sayf(p, "MODE %s +b", chan);
	sayf(p, "MODE %s +e", chan);
	sayf(p, "MODE %s +I", chan);
}

static bool
is_open(const struct person *p)
{
	return p->open && p->ref.registered;
}

/*
 * Return true if a person may act. People of a frozen server are left alone:
 * everything they say would be heard in one moment, and a client that joins and
 * is told the members later would hear strangers leave. People who read nothing
 * do not know to whom they would speak.
 */
static bool
can_act(const struct world *w, const struct person *p)
{
	return is_open(p) && !p->c->deaf && !net_is_frozen(w->net, p->node);
}

static struct person *
some_person(struct world *w)
{
	struct person *p;
	unsigned i, k, n;

	for (i = n = 0; i < w->npeople; i++)
		n += can_act(w, &w->person[i]);
	if (n == 0)
		return NULL;
	k = below(w, n);
	for (i = 0; i < w->npeople; i++) {
		p = &w->person[i];
		if (can_act(w, p) && k-- == 0)
			return p;
	}
	return NULL;
}

/* Names of a crowd: `n0` and `#c0`, and so on. */
#define MANY 64
static char many_nicks[MANY][8], many_chans[MANY][8];

static void
name_many(void)
{
	for (int i = 0; i < MANY; i++) {
		snprintf(many_nicks[i], sizeof(many_nicks[i]), "n%d", i);
		snprintf(many_chans[i], sizeof(many_chans[i]), "#c%d", i);
	}
}

static const char *
some_nick(struct world *w)
{
	static const char *const nicks[] = { "ann", "bob", "cid", "Ann", "dee",
		"eve" };

	if (w->plan->crowd && chance(w, 80))
		return many_nicks[below(w, MANY)];
	return nicks[below(w, 6)];
}

static const char *
some_chan(struct world *w)
{
	static const char *const chans[] = { "#a", "#b", "#c", "#a", "#A" };

	if (w->plan->crowd && chance(w, 60))
		return many_chans[below(w, MANY)];
	return chans[below(w, 5)];
}

static struct ref_chan *
chan_of(struct world *w, const struct person *p)
{
	return p->ref.nchans == 0
		   ? NULL
		   : p->ref.chan[below(w, (unsigned)p->ref.nchans)];
}

static const struct ref_member *
member_of(struct world *w, const struct ref_chan *c)
{
	return &c->member[below(w, (unsigned)c->n)];
}

static void
act_connect(struct world *w)
{
	static const char *const more[] = { "server-time", "message-tags",
		"echo-message", "away-notify", "extended-join", "batch",
		"labeled-response", "chghost", "draft/multiline" };
	struct person *p;
	char caps[256];
	unsigned i, node, here, has = 0;

	node = below(w, w->net->n);
	for (i = here = 0; i < w->npeople; i++)
		here += w->person[i].open && w->person[i].node == node;
	if (here >= (w->plan->crowd ? CROWD_HERE : 4) || w->npeople == PEOPLE ||
	    !net_is_up(w->net, node) || net_is_frozen(w->net, node))
		return;
	p = &w->person[w->npeople];
	p->world = w;
	p->id = w->npeople++;
	p->node = node;
	p->life = w->net->node[node].life;
	p->open = true;
	snprintf(p->ref.user, sizeof(p->ref.user), "u%u", p->id);
	p->ref.ctx = p;
	p->ref.said = said;
	p->ref.joined = joined;
	p->ref.labelled = labelled;
	snprintf(caps, sizeof(caps), "CAP REQ :multi-prefix userhost-in-names");
	for (i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		if (chance(w, 40)) {
			strcat(strcat(caps, " "), more[i]);
			p->ref.away_notify |= i == 3;
			p->ref.echo |= i == 2;
			has |= 1u << i;
		}
	p->labels = (has >> 5 & 3) == 3;
	p->batches = (has >> 5 & 1) != 0 && (has >> 8 & 1) != 0;
	p->c = net_connect(w->net, node,
	    addr_v4((unsigned char[4]){ 127, 0, 0, 1 }), 6667, false, p);
	say(p, caps);
	sayf(p, "NICK %s", some_nick(w));
	sayf(p, "USER %s 0 * :Person %u", p->ref.user, p->id);
	say(p, "CAP END");
}

static struct message *
new_message(struct world *w, struct person *p)
{
	const struct core *core = node_core(w->net->node[p->node].node);
	struct message *m;

	if (w->nmsgs == MESSAGES || p->c->in.n > 0 || p->c->granted == 0)
		return NULL;
	m = &w->msg[w->nmsgs++];
	m->o = core_self(core);
	m->after = core->last_n;
	m->sender = p->id;
	m->at = w->net->now;
	m->errors = p->ref.errors;
	return m;
}

/* Return true if the line that the person sent last waits until masks are
 * compared (core/cmd/judge.h). */
static bool
waits_for_masks(const struct world *w, const struct person *p)
{
	const struct conn *x;

	if (!is_open(p))
		return false;
	x = core_find_conn(node_core(w->net->node[p->node].node), p->c->id);
	return x != NULL && session_more(x->session)->judgement != NULL;
}

/*
 * Note whether a message was refused. Its line was handled at once, or when the
 * masks of its channel were compared, so a new error is the answer to it.
 */
static void
look_at_answer(void *ctx, int64_t i)
{
	struct world *w = ctx;
	struct message *m = &w->msg[i];
	const struct person *p = &w->person[m->sender];

	if (w->net->node[p->node].node == NULL)
		return; /* it has crashed meanwhile */
	if (waits_for_masks(w, p) || (m->lines > 0 && p->c->in.n > 0)) {
		w->result->reached[REACH_JUDGED] += waits_for_masks(w, p);
		net_call(w->net, w->net->now + NS_PER_MS, look_at_answer, w, i);
		return;
	}
	if (p->ref.errors != m->errors)
		m->refused = true;
	m->upto = node_core(w->net->node[p->node].node)->last_n;
}

/* Say the lines of a message as a batch. They have no labels of their own. */
static void
say_lines(struct person *p, const struct message *m, const char *verb,
    const char *target)
{
	struct world *w = p->world;
	char text[256], number[32];

	for (unsigned i = 0; i < m->lines; i++) {
		snprintf(number, sizeof(number), i == 0 ? "m%zu" : "m%zu.%u",
		    (size_t)(m - w->msg), i);
		snprintf(text, sizeof(text), "@batch=b%s %s %s :%s",
		    i > 1 ? ";draft/multiline-concat" : "", verb, target,
		    i == 1 && m->blank ? "" : number);
		note(w, "u%u@s%u > %s", p->id, p->node + 1, text);
		net_client_say(p->c, text);
	}
	net_client_say(p->c, "BATCH -b");
}

/* Say the message that was begun last, as one line or as some. */
static void
say_message(struct world *w, struct person *p, const char *verb,
    const char *target)
{
	struct message *m = &w->msg[w->nmsgs - 1];

	if (!p->batches || !p->ref.registered || chance(w, 50)) {
		sayf(p, "%s %s :m%zu", verb, target, w->nmsgs - 1);
		return;
	}
	m->lines = 1 + below(w, 4);
	m->blank = m->lines > 2 && chance(w, 50);
	sayf(p, "BATCH +b draft/multiline %s", target);
	say_lines(p, m, verb, target);
}

static void
say_to_chan(struct world *w, struct person *p, const struct ref_chan *c)
{
	struct message *m;
	struct span user;
	uint64_t id;
	size_t i;
	bool notice;

	if ((m = new_message(w, p)) == NULL)
		return;
	notice = chance(w, 20); /* no answer tells if it was refused */
	snprintf(m->chan, sizeof(m->chan), "%s", c->name);
	for (i = 0; i < c->n && !notice; i++) {
		user = span_of(c->member[i].user);
		if (span_u64(span_tail(user, 1), &id) && id != p->id)
			m->expect[id] = true;
	}
	say_message(w, p, notice ? "NOTICE" : "PRIVMSG", c->name);
	net_call(w->net, w->net->now, look_at_answer, w, (int64_t)w->nmsgs - 1);
}

/* Say something on a channel and quit at once. */
static void
act_farewell(struct world *w, struct person *p)
{
	const struct ref_chan *c = chan_of(w, p);

	if (c == NULL || c->n == 0)
		return;
	say_to_chan(w, p, c);
	say(p, "QUIT :farewell");
}

static void
tell_nick(struct world *w, struct person *p, const char *nick)
{
	const struct core *core = node_core(w->net->node[p->node].node);
	const struct user *u;
	struct message *m;
	uint64_t id;

	if ((m = new_message(w, p)) == NULL)
		return;
	u = facts_find_nick(&core->facts, span_of(nick));
	if (u != NULL &&
	    span_u64(span_tail(ident_username(u->ident), 1), &id) &&
	    id != p->id)
		m->expect[id] = true;
	say_message(w, p, "PRIVMSG", nick);
	net_call(w->net, w->net->now, look_at_answer, w, (int64_t)w->nmsgs - 1);
}

static void
act_mode(struct world *w, struct person *p, const struct ref_chan *c)
{
	static const char *const doors[] = { "+i", "+i", "+i", "+l 1", "+l 2",
		"+k k2", "-i", "-l", "-k k2", "-kl k2" };
	/* +D is of the module delayjoin */
	static const char *const modes[] = { "+m", "-m", "+n", "-n", "+t", "-t",
		"+s", "-s", "+p", "-p", "+i", "-i", "+D", "+k k1", "-k k1",
		"-D", "+l 3", "+l 9", "-l", "+mt-n", "-m+l 7", "+D-i",
		"-mntsp" };
	/* of rows_added(): a fleet, and the modules nocolour and skeleton */
	static const char *const rows[] = { "+C", "-C", "+d 5", "+d 7", "-d",
		"+Cl-d 9", "-C+d 8", "+Cd 6", "+c", "-c+S", "+CX-S", "-X" };

	if (w->plan->rows && chance(w, 20))
		sayf(p, "MODE %s %cB", p->ref.nick, chance(w, 50) ? '+' : '-');
	else if (w->plan->rows && chance(w, 50))
		sayf(p, "MODE %s %s", c->name,
		    rows[below(w, sizeof(rows) / sizeof(rows[0]))]);
	else if (w->plan->doors)
		sayf(p, "MODE %s %s", c->name,
		    doors[below(w, sizeof(doors) / sizeof(doors[0]))]);
	else
		sayf(p, "MODE %s %s", c->name,
		    modes[below(w, sizeof(modes) / sizeof(modes[0]))]);
}

static void
act_list(struct world *w, struct person *p, const struct ref_chan *c)
{
	static const char *const masks[] = { "x!*@*", "y!*@*",
		"z*!u@10.0.0.0/8", "~mute:~r:*a*", "~time:1:y", "bob!*@*",
		"ann!*@*", "*!*@127.0.0.1", "~!c:#b" };
	unsigned n = w->plan->doors ? 9 : chance(w, 10) ? 6 : 5;

	sayf(p, "MODE %s %c%c %s", c->name, chance(w, 60) ? '+' : '-',
	    w->plan->doors ? 'b' : "bbeIgg"[below(w, w->plan->rows ? 6 : 4)],
	    masks[below(w, n)]);
}

/* Some people change their real name instead. */
static void
act_away(struct world *w, struct person *p)
{
	bool out = chance(w, 60);

	if (p->id % 4 == 3)
		say(p, out ? "SETNAME :Another" : "SETNAME :One");
	else
		say(p, out ? "AWAY :out" : "AWAY");
}

static void
act_join(struct world *w, struct person *p)
{
	if (chance(w, 15))
		sayf(p, "JOIN #a,#b k1,k2");
	else if (chance(w, 20))
		sayf(p, "JOIN %s k1", some_chan(w));
	else
		sayf(p, "JOIN %s", some_chan(w));
}

static void
act_ask(struct world *w, struct person *p)
{
	const char *nick = some_nick(w);

	switch (below(w, 5)) {
	case 0:
		sayf(p, "WHOIS %s %s", nick, nick);
		break;
	case 1:
		sayf(p, "WHO %s", some_chan(w));
		break;
	case 2:
		sayf(p, "NAMES %s", some_chan(w));
		break;
	case 3:
		sayf(p, "LIST");
		break;
	default:
		sayf(p, "JOIN 0");
		break;
	}
}

/* Let a person who is on a channel leave and join, again and again. */
static void
act_cycle(struct world *w, struct person *p, const char *chan)
{
	char name[REF_NAME];
	unsigned i, n = 1 + below(w, CYCLES);

	snprintf(name, sizeof(name), "%s", chan);
	for (i = 0; i < n; i++) {
		sayf(p, "PART %s", name);
		sayf(p, "JOIN %s", name);
	}
}

/* Return the nick of the member whom the person acts on. A person who would act
 * on themselves acts on somebody whom nobody sees, if there is such a one: this
 * costs no draw, so other seeds stay as they are. */
static const char *
target(struct world *w, const struct person *p, const struct ref_chan *c,
    const struct ref_member *t)
{
	static char nick[REF_NAME];
	const struct chan *ch =
	    facts_find_chan(&node_core(w->net->node[p->node].node)->facts,
		span_of(c->name));
	const struct member *m;
	struct span s;

	if (ch == NULL || strcmp(t->user, p->ref.user) != 0)
		return t->nick;
	TAILQ_FOREACH(m, &ch->members, chan_link) {
		s = user_nick(m->user);
		if (!m->veiled || s.n >= sizeof(nick))
			continue;
		w->result->reached[REACH_KICKS_UNSEEN]++;
		memcpy(nick, s.p, s.n);
		nick[s.n] = '\0';
		return nick;
	}
	return t->nick;
}

/* Let a person who is on a channel act there. */
static void
act_on_chan(struct world *w, enum act a, struct person *p)
{
	const struct ref_chan *c = chan_of(w, p);
	const struct ref_member *t;

	if (c == NULL || c->n == 0)
		return;
	t = member_of(w, c);
	switch ((int)a) {
	case ACT_PART:
		sayf(p, "PART %s%s", c->name, chance(w, 50) ? " :bye" : "");
		break;
	case ACT_CYCLE:
		act_cycle(w, p, c->name);
		break;
	case ACT_KICK:
		sayf(p, "KICK %s %s :out", c->name, target(w, p, c, t));
		break;
	case ACT_STATUS:
		sayf(p, "MODE %s %c%c %s", c->name, chance(w, 65) ? '+' : '-',
		    "ooovvhaquuuu"[below(w, w->plan->rows ? 12 : 8)],
		    target(w, p, c, t));
		break;
	case ACT_MODE:
		act_mode(w, p, c);
		break;
	case ACT_LIST:
		act_list(w, p, c);
		break;
	case ACT_TOPIC:
		if (chance(w, 20))
			sayf(p, "TOPIC %s :", c->name);
		else
			sayf(p, "TOPIC %s :topic %u", c->name, below(w, 100));
		break;
	case ACT_INVITE:
		sayf(p, "INVITE %s %s", some_nick(w), c->name);
		break;
	case ACT_SAY:
		say_to_chan(w, p, c);
		break;
	default:
		break;
	}
}

static size_t
sendq_of(const struct world *w, const struct person *p)
{
	return w->net->node[p->node].setup->settings.class->sendq;
}

/* Let the person read again, first the lines that were kept. */
static void
read_on(void *ctx, int64_t id)
{
	struct world *w = ctx;
	struct person *p = &w->person[id];

	if (p->c == NULL || !p->c->deaf)
		return;
	note(w, "u%u reads on", p->id);
	p->late = true;
	net_client_deaf(p->c, false);
}

/* Let the person read nothing for a while, mostly for less time than a heal
 * waits for a client. */
static void
act_deaf(struct world *w, struct person *p)
{
	int64_t ms = 50 + below(w, chance(w, 70) ? 3000 : 9000);

	if (sendq_of(w, p) < SLOW_SENDQ)
		return;
	note(w, "u%u reads nothing for %jd ms", p->id, (intmax_t)ms);
	net_client_deaf(p->c, true);
	net_call(w->net, w->net->now + ms * NS_PER_MS, read_on, w, p->id);
}

/* Let an operator give somebody another host, or the first one. */
static void
act_host(struct world *w, struct person *p)
{
	say(p, "OPER root secret");
	if (chance(w, 70))
		sayf(p, "CHGHOST %s h%u.test", some_nick(w), below(w, 3));
	else
		sayf(p, "CHGHOST %s 127.0.0.1", some_nick(w));
}

/* Let an operator make a channel permanent, or end that. */
static void
act_permanent(struct world *w, struct person *p)
{
	say(p, "OPER root secret");
	sayf(p, "MODE %s %cP", some_chan(w), chance(w, 60) ? '+' : '-');
}

/* Let an operator move somebody by force, or change a channel. */
static void
act_force(struct world *w, struct person *p)
{
	static const char *const modes[] = { "+i", "-i", "+k k1", "-k k1", "+m",
		"-m", "+b bob!*@*", "-b bob!*@*", "-n" };

	const char *nick = some_person(w)->ref.nick;

	say(p, "OPER root secret");
	switch (below(w, 5)) {
	case 0:
		sayf(p, "SAJOIN %s %s", nick, some_chan(w));
		break;
	case 1:
		sayf(p, "SAPART %s %s :moved", nick, some_chan(w));
		break;
	case 2:
		sayf(p, "SAMODE %s %cov %s %s", some_chan(w),
		    chance(w, 60) ? '+' : '-', nick, some_nick(w));
		break;
	case 3:
		sayf(p, "SAMODE %s %s", some_chan(w),
		    modes[below(w, sizeof(modes) / sizeof(modes[0]))]);
		break;
	default:
		sayf(p, "OJOIN %s", some_chan(w));
		break;
	}
}

static void
act_watch(struct world *w, struct person *p)
{
	unsigned k = below(w, 10);

	if (k == 0)
		say(p, "MONITOR C");
	else if (k == 1)
		say(p, "MONITOR S");
	else if (k == 2)
		sayf(p, "MONITOR - %s", some_nick(w));
	else
		sayf(p, "MONITOR + %s,%s", some_nick(w), some_nick(w));
}

static void
act_of_person(struct world *w, enum act a)
{
	struct person *p = some_person(w);

	if (p == NULL)
		return;
	w->result->reached[REACH_FLOOD] += p->c->in.n > 0 && p->c->granted == 0;
	switch ((int)a) {
	case ACT_QUIT:
		say(p, "QUIT :gone");
		break;
	case ACT_FAREWELL:
		act_farewell(w, p);
		break;
	case ACT_DROP:
		note(w, "u%u drops", p->id);
		p->open = false;
		net_client_drop(p->c, "Connection reset");
		break;
	case ACT_NICK:
		sayf(p, "NICK %s", some_nick(w));
		break;
	case ACT_JOIN:
		act_join(w, p);
		break;
	case ACT_AWAY:
		act_away(w, p);
		break;
	case ACT_TELL:
		tell_nick(w, p, some_nick(w));
		break;
	case ACT_OPER:
		say(p, "OPER root secret");
		break;
	case ACT_PERMANENT:
		act_permanent(w, p);
		break;
	case ACT_HOST:
		act_host(w, p);
		break;
	case ACT_KILL:
		sayf(p, "KILL %s :enough", some_nick(w));
		break;
	case ACT_FORCE:
		act_force(w, p);
		break;
	case ACT_WATCH:
		act_watch(w, p);
		break;
	case ACT_ASK:
		act_ask(w, p);
		break;
	case ACT_DEAF:
		act_deaf(w, p);
		break;
	default:
		act_on_chan(w, a, p);
		break;
	}
}

/* ---- servers and links ---- */

static bool
some_edge(struct world *w, unsigned *a, unsigned *b)
{
	unsigned i, k, n;

	for (i = n = 0; i < w->n * w->n; i++)
		n += i / w->n < i % w->n && w->edge[i / w->n][i % w->n];
	k = below(w, n);
	for (i = 0; i < w->n * w->n; i++)
		if (i / w->n < i % w->n && w->edge[i / w->n][i % w->n] &&
		    k-- == 0) {
			*a = i / w->n;
			*b = i % w->n;
			return true;
		}
	return false;
}

static void
cut(struct world *w, unsigned a, unsigned b)
{
	static const char *const how[] = { "reset", "late", "dark" };
	unsigned k = below(w, 10);
	enum net_cut c;

	/*
	 * A server that is cut off again and again waits longer before it
	 * dials.
	 */
	if (w->plan->gentle && ++w->cuts[a][b] > 2)
		return;
	c = w->plan->gentle || k < 5 ? CUT_RESET : k < 8 ? CUT_LATE : CUT_DARK;
	note(w, "cut s%u s%u %s%s", a + 1, b + 1, how[c],
	    net_is_blocked(w->net, a, b) ? ", blocked" : "");
	net_cut(w->net, a, b, c);
}

/* No run of a server and its copy has the inc of another run. */
static void
part_incs(struct world *w, unsigned i)
{
	struct net_node *nn = &w->net->node[i];

	for (unsigned k = 0; k < w->net->n; k++)
		if (w->net->node[k].as == nn->as &&
		    w->net->node[k].inc ==
			(NET_EPOCH_MS + w->net->now / NS_PER_MS) / MS_PER_S)
			nn->inc = w->net->node[k].inc;
}

static void
start(struct world *w, unsigned i)
{
	w->done[i] = w->overlay[i] = 0;
	part_incs(w, i);
	note(w, "start s%u", i + 1);
	oracle_started(w->oracle, i);
	net_start(w->net, i);
}

static const char *unrest(const struct world *);

static void
start_again(void *ctx, int64_t i)
{
	struct world *w = ctx;

	if (!net_is_up(w->net, (unsigned)i))
		start(w, (unsigned)i);
}

/* Let the server begin as if it had lost its folder of state. The clock alone
 * makes its next run a later one, and it gives the same uids again. A user with
 * a HOME may outlive the run, so no uid of such a user is given again
 * (doc/decisions/0004). */
static void
lose_state(struct world *w, unsigned x)
{
	struct net_node *nn = &w->net->node[x];

	if (nn->inc >= (NET_EPOCH_MS + w->net->now / NS_PER_MS) / MS_PER_S)
		return;
	note(w, "s%u has lost its state", x + 1);
	w->result->reached[REACH_LOST_STATE]++;
	nn->inc = 0;
	net_store_clear(&nn->store);
	if (!w->plan->homes)
		nn->uids = 0;
}

static void
act_crash(struct world *w, unsigned x)
{
	if (w->plan->gentle && (!net_is_up(w->net, x) || unrest(w) != NULL))
		return;
	note(w, "crash s%u", x + 1);
	w->crashed[x] = true;
	net_crash(w->net, x);
	if (w->opt->seed % 3 == 1 && !w->plan->skewed)
		lose_state(w, x);
	if (w->plan->gentle)
		net_call(w->net, w->net->now + below(w, 1500) * NS_PER_MS,
		    start_again, w, x);
}

static void
renew(void *ctx, int64_t i)
{
	struct world *w = ctx;
	unsigned x = (unsigned)i;

	if (!w->renews[x])
		return;
	w->renews[x] = false;
	if (!net_is_up(w->net, x))
		return;
	note(w, "s%u begins a new run", x + 1);
	w->crashed[x] = true;
	net_crash(w->net, x);
	start(w, x);
}

/* The daemon makes the new inc durable first, which takes some time. */
static void
renews(void *ctx, unsigned node, uint32_t above)
{
	struct world *w = ctx;
	struct net_node *nn = &w->net->node[node];

	if (w->renews[node])
		return;
	w->result->reached[REACH_RENEWED]++;
	w->renews[node] = true;
	if (nn->inc < above)
		nn->inc = above;
	net_call(w->net, w->net->now + 2 * NS_PER_MS, renew, w, node);
}

/*
 * Let an operator of server x forget another server, most often one that is
 * down.
 */
static void
act_forget(struct world *w, unsigned x)
{
	unsigned i, y = below(w, w->n);
	struct sid sid;
	char line[16];

	for (i = 0; i < w->n && net_is_up(w->net, y) && chance(w, 80); i++)
		y = (y + 1) % w->n;
	if (!net_is_up(w->net, x) || net_is_frozen(w->net, x) || x == y)
		return;
	sid = setup_sid(y);
	snprintf(line, sizeof(line), "forget %s", sid.s);
	note(w, "s%u: %s", x + 1, line);
	net_control(w->net, x, 1, span_of(line));
}

/* Return the duration of a ban of the kind with that letter. */
static const char *
until_of(struct world *w, bool set, char kind)
{
	static const char *const until[] = { "5s ", "20s ", "", "1h " };

	if (!set || kind == 'e')
		return "";
	return until[below(w, kind == 'j' ? 2 : 4)];
}

/* Let an operator of server x set or remove a ban, which hits some users. */
static void
act_ban(struct world *w, unsigned x, bool set)
{
	static const char *const masks[] = { "kline u*#@*", "kline u#?@127.*",
		"xline Person\\s*#", "except u*#@*", "except *#@127.0.0.0/8",
		"dline 127.0.#.0/24", "jupe s#.test" };
	unsigned k = below(w, sizeof(masks) / sizeof(masks[0]));
	const char *mask = strchr(masks[k], ' ') + 1;
	char kind[16], text[32], line[64], *digit;

	if (!net_is_up(w->net, x) || net_is_frozen(w->net, x))
		return;
	snprintf(kind, sizeof(kind), "%.*s", (int)(mask - masks[k] - 1),
	    masks[k]);
	snprintf(text, sizeof(text), "%s", mask);
	if ((digit = strchr(text, '#')) != NULL)
		*digit = (char)('0' + below(w, 10));
	/* the end of an exception is found some seconds later; a jupe ends, so
	 * that the network is whole at rest */
	snprintf(line, sizeof(line), "%s %s %s%s%s", set ? "ban" : "unban",
	    kind, until_of(w, set, kind[0]), text, set ? " chance" : "");
	note(w, "s%u: %s", x + 1, line);
	net_control(w->net, x, 1, span_of(line));
}

/*
 * Restart servers if two parts have forgotten each other while both lived on:
 * they do not link, and say so. As an operator would, stop all servers outside
 * the first part, and start them anew.
 */
static void
start_anew(struct world *w, uint32_t stays)
{
	unsigned i;

	w->result->reached[REACH_FORGOTTEN_ALIVE]++;
	note(w, "parts have forgotten each other: all but %x start anew",
	    stays);
	for (i = 0; i < w->n; i++)
		if (net_is_up(w->net, i) && (stays >> i & 1) == 0)
			act_crash(w, i);
	for (i = 0; i < w->n; i++)
		if (!net_is_up(w->net, i))
			start(w, i);
}

/* Return the servers that the first running server reaches by its map. */
static uint32_t
first_part(const struct world *w)
{
	const struct map_server *s;
	const struct netmap *map;
	uint32_t part = 0;
	unsigned a, b;

	for (a = 0; a < w->n && !net_is_up(w->net, a); a++)
		;
	if (a == w->n)
		return 0;
	map = link_net_map(node_links(w->net->node[a].node));
	for (b = 0; b < w->n; b++) {
		s = netmap_find(map, setup_sid(b));
		if (s != NULL && s->reachable)
			part |= 1u << b;
	}
	return part;
}

static void
act_split(struct world *w)
{
	unsigned a, b;
	uint32_t left = below(w, 1u << w->n);

	note(w, "split %x", left);
	for (a = 0; a < w->n; a++)
		for (b = a + 1; b < w->n; b++)
			if ((left >> a & 1) != (left >> b & 1)) {
				net_block(w->net, a, b, true);
				if (w->edge[a][b])
					cut(w, a, b);
			}
}

static void
heal_all(struct world *w)
{
	unsigned a, b;

	for (a = 0; a < w->n; a++)
		for (b = a + 1; b < w->n; b++)
			net_block(w->net, a, b, false);
}

/* Let the op of a channel try to fill its lists, and invite a user again and
 * again: more than all servers together may keep. */
static void
fill_lists(struct world *w, struct person *op)
{
	const struct person *guest = some_person(w);

	for (unsigned i = 0; i < 4 * NET_NODES; i++) {
		sayf(op, "MODE #h0 +b m%u!*@*", i);
		sayf(op, "INVITE %s #h0", guest->ref.nick);
	}
}

/* Let the people of a server found many channels. */
static void
found_many(struct world *w, unsigned node)
{
	struct person *p;
	unsigned k = 0;

	for (unsigned i = 0; i < 4 * w->npeople && k < MANY; i++) {
		p = &w->person[i % w->npeople];
		if (p->node != node || !can_act(w, p))
			continue;
		sayf(p, "JOIN #full");
		sayf(p, "MODE #full +l 2");
		sayf(p, "JOIN #h%u", k);
		if (k++ == 0)
			fill_lists(w, p);
	}
}

/* Let the others say more to a person than its sendq holds. */
static void
fill_sendq(struct world *w, const struct person *deaf)
{
	struct person *p;

	for (unsigned i = 0; i < 4 * w->npeople; i++) {
		p = &w->person[i % w->npeople];
		if (p->node == deaf->node && can_act(w, p))
			sayf(p, "NOTICE %s :a line of some length",
			    deaf->ref.nick);
	}
}

/* Heal a crowd. Some people with a small sendq read nothing of it, until the
 * end. */
static void
heal_crowd(void *ctx, int64_t unused)
{
	struct world *w = ctx;
	struct person *p, *first = NULL, *last = NULL;
	unsigned n = 0;

	(void)unused;
	note(w, "the crowd heals");
	heal_all(w);
	for (unsigned i = 0; i < w->npeople; i++) {
		p = &w->person[i];
		if (can_act(w, p) && sendq_of(w, p) == SLOW_SENDQ) {
			note(w, "u%u reads nothing", i);
			net_client_deaf(p->c, true);
			first = first == NULL ? p : first;
			last = p;
			n++;
		}
	}
	/* slices wait for the others of them, who stay */
	if (n > 1)
		fill_sendq(w, first);
	if (n > 3 && last->node != first->node)
		fill_sendq(w, last);
}

/* Split a crowd in two halves, in which the same channels are founded. */
static void
split_crowd(void *ctx, int64_t unused)
{
	struct world *w = ctx;
	unsigned a, b;

	(void)unused;
	note(w, "the crowd splits");
	found_many(w, 0);
	found_many(w, w->n - 1);
	for (a = 0; a < w->n / 2; a++)
		for (b = w->n / 2; b < w->n; b++) {
			net_block(w->net, a, b, true);
			if (w->edge[a][b])
				cut(w, a, b);
		}
}

/* The folder of a server is copied to another machine, and both run. The copy
 * is the last node. */
static void
start_copy(void *ctx, int64_t unused)
{
	struct world *w = ctx;
	struct net_node *copy = &w->net->node[w->n],
			*of = &w->net->node[copy->as];

	(void)unused;
	note(w, "s%u is a copy of s%u", w->n + 1, copy->as + 1);
	copy->inc = of->inc;
	copy->uids = of->uids;
	start(w, w->n);
}

static void
stop_copy(void *ctx, int64_t unused)
{
	struct world *w = ctx;

	(void)unused;
	if (!w->plan->copies || !net_is_up(w->net, w->n))
		return;
	note(w, "the copy is stopped");
	net_crash(w->net, w->n);
}

static void
act_freeze(struct world *w, unsigned x)
{
	int64_t ms = 200 + below(w, chance(w, 50) ? 3000 : 9000);
	int64_t patience =
	    w->net->node[x].setup->settings.link_silence_s * MS_PER_S;

	if (!net_is_up(w->net, x) || net_is_frozen(w->net, x))
		return;
	/* often a little longer than it waits for its peers itself */
	if (patience < 9000 && chance(w, 60))
		ms = patience + 200 + below(w, 3000);
	note(w, "freeze s%u for %jd ms", x + 1, (intmax_t)ms);
	net_freeze(w->net, x, ms);
}

/* Return one of the users with a HOME that a server shows, or NULL. */
static const struct user *
some_homed(struct world *w, const struct core *core)
{
	const struct user *u;
	unsigned n = 0, k;
	size_t i;

	for (i = 0; (u = map_next(&core->facts.users, &i)) != NULL;)
		n += user_home_reg(u) != NULL && u->shown;
	if (n == 0)
		return NULL;
	k = below(w, n);
	for (i = 0; (u = map_next(&core->facts.users, &i)) != NULL;)
		if (user_home_reg(u) != NULL && u->shown && k-- == 0)
			break;
	return u;
}

/*
 * Let a server take a user over, or say that its own user has no home any more,
 * as after a gate has lost it. Each takeover has a tenure of its own, as gates
 * would give them.
 */
static void
act_take(struct world *w, unsigned x)
{
	struct part_home home = { .gate = SPAN("gate") };
	const struct user *u;
	const struct core *core;

	if (!net_is_up(w->net, x) || net_is_frozen(w->net, x))
		return;
	core = node_core(w->net->node[x].node);
	if (!core_is_ready(core) || (u = some_homed(w, core)) == NULL)
		return;
	home.uid = u->uid;
	home.base = oracle_last_command(w->oracle, x, u->uid);
	if (origin_cmp(user_home(u), core_self(core)) != 0) {
		home.tenure = ++w->tenures;
		home.home = core_self(core);
	} else if (chance(w, 10))
		home.tenure = user_tenure(u);
	else
		return;
	w->result->reached[home.home.inc != 0 ? REACH_TAKEN : REACH_HOMELESS]++;
	note(w, "s%u: HOME %s %u base %ju%s", x + 1, u->uid.s, home.tenure,
	    (uintmax_t)home.base, home.home.inc != 0 ? "" : ", none");
	net_make_home(w->net, x, &home);
}

/* Return how many modes, lists, statuses and user modes are shown that are not
 * built in. */
static uint64_t
count_added(const struct core *core)
{
	const struct member *m;
	const struct chan *c;
	const struct user *u;
	uint64_t n = 0;

	for (size_t i = 0; (c = map_next(&core->facts.chans, &i)) != NULL;) {
		n += c->nshown > 0 && c->modes >> CM_BUILTIN != 0;
		for (unsigned k = CM_BUILTIN; k < core->tables.nchan_mode; k++)
			n += shown_first(c, k) != NULL;
		TAILQ_FOREACH(m, &c->members, chan_link)
			n += m->shown && member_status(m) >> ST_BUILTIN != 0;
	}
	for (size_t i = 0; (u = map_next(&core->facts.users, &i)) != NULL;)
		n += u->shown && u->modes >> UM_BUILTIN != 0;
	return n;
}

/* Let a server read its configuration again, with these rows or without. A
 * server that is down has them when it starts. */
static void
set_rows(struct world *w, unsigned x, size_t n)
{
	struct net_node *nn = &w->net->node[x];
	struct setup *s;

	if (nn->setup->settings.nrows == n)
		return;
	note(w, "s%u has %zu added rows", x + 1, n);
	s = setup_copy(nn->setup);
	s->settings.rows = rows_added();
	s->settings.nrows = n;
	if (!net_is_up(w->net, x)) {
		nn->setup = s;
		return;
	}
	net_reload(w->net, x, s);
	w->result->reached[REACH_HIDDEN_FACT] +=
	    count_added(node_core(nn->node));
}

static void
act_rows(struct world *w, unsigned x)
{
	if (net_is_up(w->net, x) && net_is_frozen(w->net, x))
		return;
	set_rows(w, x, ROWS_ADDED - w->net->node[x].setup->settings.nrows);
}

/* Let a running server read a configuration that differs a little. */
static void
act_reload(struct world *w, unsigned x)
{
	struct setup *s;

	if (!net_is_up(w->net, x) || net_is_frozen(w->net, x))
		return;
	note(w, "s%u reads its configuration again", x + 1);
	s = setup_copy(w->net->node[x].setup);
	s->settings.topic_len += chance(w, 50) ? 1 : -1;
	s->settings.targets_max = 2 + below(w, 4);
	w->result->reached[REACH_RELOAD]++;
	net_reload(w->net, x, s);
}

static void
act_of_network(struct world *w, enum act a)
{
	unsigned x, y;

	x = below(w, w->n);
	switch ((int)a) {
	case ACT_CRASH:
		act_crash(w, x);
		return;
	case ACT_START:
		if (!net_is_up(w->net, x))
			start(w, x);
		return;
	case ACT_SPLIT:
		act_split(w);
		return;
	case ACT_HEAL:
		note(w, "heal");
		heal_all(w);
		return;
	case ACT_CLOCK:
		w->clocks = true;
		w->net->node[x].skew_ms =
		    w->skew[x] +
		    (chance(w, 50) ? 0 : (int64_t)below(w, 16000) - 8000);
		note(w, "clock of s%u: %jd ms", x + 1,
		    (intmax_t)w->net->node[x].skew_ms);
		return;
	case ACT_FORGET:
		act_forget(w, x);
		return;
	case ACT_FREEZE:
		w->clocks = true; /* a HELLO may be read late */
		act_freeze(w, x);
		return;
	case ACT_TAKE:
		act_take(w, x);
		return;
	case ACT_ROWS:
		act_rows(w, x);
		return;
	case ACT_RELOAD:
		act_reload(w, x);
		return;
	case ACT_BAN:
	case ACT_UNBAN:
		act_ban(w, x, a == ACT_BAN);
		return;
	case ACT_LATER:
		note(w, "two hours pass");
		w->clocks = true; /* lines under way are two hours old */
		for (y = 0; y < w->n; y++) {
			w->skew[y] += 2 * 3600 * INT64_C(1000);
			w->net->node[y].skew_ms += 2 * 3600 * INT64_C(1000);
		}
		return;
	default:
		break;
	}
	if (!some_edge(w, &x, &y))
		return;
	if (a == ACT_UNBLOCK) {
		note(w, "unblock s%u s%u", x + 1, y + 1);
		net_block(w->net, x, y, false);
		return;
	}
	if (a == ACT_BLOCK)
		net_block(w->net, x, y, true);
	cut(w, x, y);
}

/* ---- acts ---- */

static void
act(void *ctx, int64_t k)
{
	struct world *w = ctx;
	unsigned a, x, sum;
	double gap, rate;

	if (w->net->now >= w->until)
		return;
	rng_seed(&w->rng, w->opt->seed * UINT64_C(1000003) + (uint64_t)k);
	rate = w->plan->rate > 0 ? w->plan->rate : 20;
	gap = (double)(1 + below(w, 2000)) / 1000 / rate;
	for (a = sum = 0; a < ACT_COUNT; a++)
		sum += plan_weight(w->plan, a);
	x = below(w, sum);
	for (a = 0; x >= plan_weight(w->plan, a); a++)
		x -= plan_weight(w->plan, a);
	net_call(w->net, w->net->now + (int64_t)(gap * 1e9), act, w, k + 1);
	w->acts = (size_t)k + 1;
	if ((size_t)k < w->opt->nleft_out && w->opt->left_out[k])
		return;
	if (a == ACT_CONNECT)
		act_connect(w);
	else if (a < ACT_CUT)
		act_of_person(w, a);
	else
		act_of_network(w, a);
}

/* ---- hooks ---- */

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
	if (span_eq(word, SPAN("473")))
		reached[REACH_INVITE_EXPIRED] += has_expired(w, p);
	if (!span_eq(word, SPAN("BATCH")))
		return;
	span_word(&line);
	word = span_word(&line);
	reached[REACH_NETSPLIT] += span_eq(word, SPAN("netsplit"));
	reached[REACH_NETJOIN] += span_eq(word, SPAN("netjoin"));
}

/* Note the first answer to a WHOWAS at the end (check_whowas). */
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
	unsigned refused = p->ref.nick_in_use;

	note(w, "u%u@s%u < %.*s", p->id, p->node + 1, SPAN_ARG(line));
	p->ref.now = w->net->now;
	p->dirty = true;
	count_line(w, p, line);
	ref_line(&p->ref, line);
	heard_was(w, p, line);
	if (!p->ref.registered && p->ref.nick_in_use > refused)
		sayf(p, "NICK g%u", p->id);
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
	note(w, "u%u@s%u closed: %.*s", p->id, p->node + 1, SPAN_ARG(reason));
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
note_jump(struct world *w, unsigned node, struct span text)
{
	struct jump j = { .node = node, .life = w->net->node[node].life };
	char row[128];

	snprintf(row, sizeof(row), "%.*s", SPAN_ARG(text));
	if (sscanf(row,
		"origin=%3s.%" SCNu32 " first=%" SCNu64 " last=%" SCNu64,
		j.o.sid.s, &j.o.inc, &j.from, &j.to) != 4) {
		net_fail(w->net, "not a row about a jump: %s", row);
		return;
	}
	if (w->njumps == w->capjumps)
		w->jump = mem_grow(w->jump, &w->capjumps, 64, sizeof(j));
	w->jump[w->njumps++] = j;
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
		note_jump(w, node, text);
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

	note(w, "s%u goes on", node + 1);
	for (size_t i = 0; (l = link_net_link(node_links(nn->node), i)) != NULL;
	     i++) {
		c = &nn->conn[l->conn.slot];
		w->result->reached[REACH_OUTLIVED] +=
		    l->state == LINK_UP && !c->link->dead && !c->link->dark &&
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
	struct person *p = some_person(w);

	if (p != NULL && p->node != (unsigned)node)
		say(p, "JOIN #a,#b,#c");
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

/*
 * Return true if an answer comes in pieces, or in the slices of an entry: the
 * client knows only half of it then.
 */
static bool
waits_for_more(const struct person *p, const struct core *core)
{
	const struct conn *x = core_find_conn(core, p->c->id);
	const struct session *s = x == NULL ? NULL : x->session;

	return s != NULL && (s->listing != NULL ||
				(s->response != NULL && s->response->waits));
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
		if (p->node != node || !is_open(p) || !p->c->deaf)
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

	if (ev->kind == EV_SEED)
		return;
	look_at_chans(w, node, ev);
	/* the numbers of commands are taken from the oracle */
	if (w->opt->quick && !w->plan->homes)
		return;
	oracle_step(w->oracle, node, ev);
	count_lag(w, node, core);
	count_names(w, ev, core);
	done = processed(link_net_log(node_links(nn->node)));
	overlay = oracle_overlay(core);
	one_act = overlay == w->overlay[node] && done == w->done[node] + 1 &&
		  (ev->kind == EV_LINE || (ev->kind == EV_LINK_LINE &&
					      ev->u.line.line.p[0] == '+'));
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
		if (p->node != node || !is_open(p) || !p->dirty || p->c->deaf)
			continue;
		p->dirty = false;
		ref_step(&p->ref, one_act && !p->late);
		p->late = false;
		if (!p->c->closing && !waits_for_more(p, core))
			ref_compare(&p->ref, core);
		if (p->ref.bad)
			net_fail(w->net, "u%u on s%u: %s", p->id, node + 1,
			    p->ref.why);
	}
}

/* ---- a network ---- */

static void
draw_graph(struct world *w)
{
	static const unsigned char sizes[] = { 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6,
		7 };
	unsigned kind, a, b;

	w->n =
	    w->plan->crowd ? 12 + below(w, 3) : sizes[below(w, sizeof(sizes))];
	kind = w->plan->crowd ? 1 : below(w, 4);
	for (a = 0; a < w->n; a++)
		for (b = a + 1; b < w->n; b++)
			w->edge[a][b] =
			    kind == 0 ? b == a + 1
			    : kind == 1
				? b == a + 1 || (a == 0 && b == w->n - 1)
			    : kind == 2 ? true
					: chance(w, 35);
	/* no server stays without an edge */
	for (b = 1; kind == 3 && b < w->n; b++)
		w->edge[below(w, b)][b] = true;
	for (a = 0; a < w->n; a++)
		for (b = a + 1; b < w->n; b++)
			w->edge[b][a] = w->edge[a][b];
}

/* Let a node be server a, which dials those servers. */
static void
draw_server(struct world *w, unsigned node, unsigned a, uint32_t dials)
{
	const struct plan *plan = w->plan;
	struct setup *s;

	s = setup_new(a, w->n, dials);
	if (plan->keep_s > 0)
		s->settings.keep_s = plan->keep_s;
	if (plan->keep_bytes > 0)
		s->settings.keep_bytes = plan->keep_bytes;
	if (plan->forgets && w->opt->seed % 4 == 1 && a % 2 != 0)
		/* the log is never trimmed by time */
		s->settings.keep_s = 60;
	/* some users have no HOME */
	s->settings.homes_move = plan->homes && (w->opt->seed + a) % 4 != 0;
	s->settings.pump_bytes = plan->pump_bytes;
	s->settings.forget_s = plan->forgets && w->opt->seed % 2 ? 8 : 0;
	if (plan->patient && (w->opt->seed + a) % 2 == 0)
		s->settings.link_silence_s = 15;
	s->settings.alone_ms = 500 + 500 * below(w, 5);
	s->settings.dns_enabled = (w->opt->seed + a) % 3 == 1;
	s->settings.dns_private = true;
	s->settings.list_max = plan->doors ? 2 : 3;
	s->settings.rows = rows_added();
	if (!plan->rows)
		s->settings.nrows = ROWS_ALWAYS;
	else if ((w->opt->seed + a) % 3 != 0)
		s->settings.nrows = ROWS_ADDED;
	setup_set(s, "oper", "root secret");
	/* So small a sendq makes most long answers come in pieces. */
	if ((w->opt->seed + a) % 4 == 0)
		setup_set(s, "sendq", "128");
	/* So small a one that a heal waits for the deaf. */
	if (plan_weight(w->plan, ACT_DEAF) > 0 && (w->opt->seed + a) % 4 == 2)
		setup_set(s, "sendq", SLOW_SENDQ_TEXT);
	if (w->opt->seed % 7 == 3 && a % 3 == 0) {
		s->class->flood_burst = 20;
		s->class->flood_rate = 20;
	}
	/* so little that lines, timers and answers wait for turns */
	if ((w->opt->seed + a) % 5 == 0)
		s->settings.turn_work = 500;
	if (s->settings.turn_work != 0 && w->opt->seed % 3 != 0) {
		w->net->node[node].turn_ns =
		    (int64_t)(1 + w->opt->seed % 40) * NS_PER_MS;
		s->settings.backlog_bytes = 1000;
	}
	net_setup(w->net, node, s);
	w->net->node[node].mutation = w->opt->mutation;
	if (plan->skewed)
		w->skew[node] = (int64_t)below(w, 4000) - 2000;
	w->net->node[node].skew_ms = w->skew[node];
}

/* Draw the server of which there is a copy. The copy dials all neighbours. */
static void
draw_copy(struct world *w)
{
	unsigned of = below(w, w->n);
	uint32_t dials = 0;

	for (unsigned b = 0; b < w->n; b++)
		if (w->edge[of][b])
			dials |= 1u << b;
	w->net->node[w->n].as = of;
	draw_server(w, w->n, of, dials);
}

static void
draw_network(struct world *w)
{
	const struct plan *plan = w->plan;
	uint32_t dials[NET_NODES] = { 0 };
	unsigned a, b, k;

	draw_graph(w);
	w->net = net_new(w->opt->seed, w->n + plan->copies);
	if (w->opt->trace_events)
		w->net->trace = w->opt->trace;
	w->net->delay_min =
	    plan->delay_max_ms > 0 ? plan->delay_min_ms * NS_PER_MS : NS_PER_MS;
	w->net->delay_max = plan->delay_max_ms > 0
				? plan->delay_max_ms * NS_PER_MS
				: 60 * NS_PER_MS;
	w->net->bandwidth = plan->bandwidth;
	w->net->dial_fails = plan->dial_fails;
	if (w->opt->seed % 9 == 4)
		w->net->older = 0x5555;
	net_name(w->net, NET_HOST, addr_v4((unsigned char[4]){ 127, 0, 0, 1 }),
	    "home.example.test");
	/* few uids at first, and answers that come late, twice or never */
	if (w->opt->seed % 6 == 5) {
		w->net->odd_answers = 50;
		w->net->uids_ahead = 3 + (unsigned)(w->opt->seed % 8);
	}
	for (a = 0; a < w->n; a++)
		for (b = a + 1; b < w->n; b++) {
			if (!w->edge[a][b])
				continue;
			if (plan->uneven && chance(w, 50))
				w->net->delay_more[a][b] =
				    w->net->delay_more[b][a] =
					(int64_t)(300 + below(w, 1500)) *
					NS_PER_MS;
			k = plan->gentle ? 2 : below(w, 3);
			if (k != 1)
				dials[a] |= 1u << b;
			if (k != 0)
				dials[b] |= 1u << a;
		}
	for (a = 0; a < w->n; a++)
		draw_server(w, a, a, dials[a]);
	if (plan->copies)
		draw_copy(w);
	w->clocks = plan->skewed;
	w->net->hooks = (struct net_hooks){
		.ctx = w,
		.stepped = stepped,
		.heard = heard,
		.closed = closed,
		.logged = logged,
		.shut = shut,
		.thaws = thaws,
		.renews = renews,
	};
	w->oracle = oracle_new(w->net, w->opt->lossy, w->result->reached);
	if (plan->crowd)
		oracle_seldom(w->oracle);
	later_begin(w->opt->seed % 4 == 1);
	if (w->opt->replay)
		net_record(w->net);
	note(w, "%u servers, plan %s", w->n, plan->name);
	for (a = 0; a < w->n; a++)
		for (b = a + 1; b < w->n; b++)
			if (w->edge[a][b])
				note(w, "edge s%u s%u", a + 1, b + 1);
}

/* ---- the end ---- */

static bool
can_link(const struct world *w, unsigned a, unsigned b)
{
	return w->edge[a][b] && net_is_up(w->net, a) && net_is_up(w->net, b) &&
	       !net_is_blocked(w->net, a, b);
}

/* Return the servers that a can reach, itself included. */
static uint32_t
part_of(const struct world *w, unsigned a)
{
	uint32_t part = 1u << a, old;
	unsigned x, y;

	do {
		old = part;
		for (x = 0; x < w->n; x++)
			for (y = 0; y < w->n; y++)
				if ((part >> x & 1) != 0 && can_link(w, x, y))
					part |= 1u << y;
	} while (part != old);
	return part;
}

/*
 * Return what is missing, or NULL if links stand where they can and nowhere
 * else.
 */
static const char *
unrest(const struct world *w)
{
	static char text[64];
	unsigned a, b;

	for (a = 0; a < w->n; a++)
		if (net_is_up(w->net, a) && net_is_frozen(w->net, a))
			return "a server is frozen";
	for (a = 0; a < w->npeople; a++)
		if (is_open(&w->person[a]) && w->person[a].c->in.n > 0)
			return "lines of a client wait";
	for (a = 0; a < w->n; a++)
		for (b = 0; b < w->n; b++) {
			if (!w->edge[a][b] || !net_is_up(w->net, a))
				continue;
			if (can_link(w, a, b) ? !net_linked(w->net, a, b)
					      : net_believes(w->net, a, b)) {
				snprintf(text, sizeof(text),
				    "s%u and s%u are not linked, or are", a + 1,
				    b + 1);
				return text;
			}
		}
	for (a = 0; a < w->n; a++)
		if (net_is_up(w->net, a) &&
		    !oracle_is_quiet(w->net, part_of(w, a)))
			return "they do not have the same";
	for (a = 0; a < w->n; a++)
		if (net_is_up(w->net, a) && oracle_cleans(w->net, a))
			return "a permanent founding is not removed yet";
	return NULL;
}

/* Return the longest time that a line takes on the slowest link. */
static int64_t
slowest(const struct world *w)
{
	int64_t more = 0;
	unsigned a, b;

	for (a = 0; a < w->n; a++)
		for (b = 0; b < w->n; b++)
			if (w->edge[a][b] && w->net->delay_more[a][b] > more)
				more = w->net->delay_more[a][b];
	return w->net->delay_max + more;
}

/*
 * The copy is stopped, and some servers know its run. The server that was
 * copied begins a new run by itself if it has no link. If it has one, people
 * start it anew (doc/status.md).
 */
static void
start_older(struct world *w)
{
	unsigned of = w->net->node[w->n].as;

	w->older = false;
	if (!net_is_up(w->net, of))
		return;
	w->result->reached[REACH_COPY_STAYS]++;
	note(w, "s%u is older than its copy was, and starts anew", of + 1);
	act_crash(w, of);
	start(w, of);
}

static void
come_to_rest(struct world *w)
{
	const char *why = "";
	int64_t end;
	unsigned i, calm, need;

	/*
	 * A link state takes that long from one end of the network to the
	 * other.
	 */
	for (i = 0; i < w->npeople; i++)
		read_on(w, i);
	w->older = false;
	need = CALM + (unsigned)(w->n * slowest(w) / NS_PER_MS / LOOK_MS);
	w->net->dial_fails = 0;
	for (i = 0; i < w->n; i++)
		w->net->node[i].skew_ms = w->skew[i];
	/* Links that lose entries are cut, and dialled more and more slowly. */
	end = w->net->now + (w->opt->lossy ? LOSSY : 1) * REST_S * SECOND;
	for (calm = 0; calm < need && w->net->now < end && !w->net->failed;) {
		net_run(w->net, LOOK_MS);
		if (w->net->failed)
			return;
		if (w->parted)
			start_anew(w, first_part(w));
		w->parted = false;
		if (w->older && w->net->now > end - REST_S / 2 * SECOND)
			start_older(w);
		why = unrest(w);
		calm = why == NULL ? calm + 1 : 0;
	}
	if (calm < need)
		net_fail(w->net, "no rest after %d s: %s", REST_S, why);
}

/* Let each part come to rest by itself. */
static void
rest_in_parts(struct world *w)
{
	unsigned odd = w->net->odd_answers, i;

	note(w, "links stay as they are");
	stop_copy(w, 0);
	/* a client whose requests all get no answer would wait longer */
	w->net->odd_answers = 0;
	come_to_rest(w);
	w->net->odd_answers = odd;
	for (i = 0; i < w->n && !w->opt->quick; i++)
		if (net_is_up(w->net, i) && !w->net->failed)
			oracle_rest(w->oracle, part_of(w, i));
}

static bool
is_answered(const struct net_node *nn)
{
	const struct core *core = node_core(nn->node);

	return map_count(&core->request_tokens) == 0 &&
	       mono_is_never(core->uid_again);
}

/* Let each request end, by its answer or by its time, and let each server ask
 * again for what it needs. */
static void
wait_for_answers(struct world *w)
{
	int64_t end = w->net->now + ANSWERS_S * SECOND;
	unsigned i;

	w->net->odd_answers = 0;
	for (i = 0; i < w->n && !w->net->failed;) {
		if (is_answered(&w->net->node[i])) {
			i++;
			continue;
		}
		net_run(w->net, 100);
		if (w->net->now > end)
			net_fail(w->net, "s%u waits for an answer for ever",
			    i + 1);
	}
}

static void
heal(struct world *w)
{
	unsigned i;

	note(w, "everything is healed");
	stop_copy(w, 0);
	heal_all(w);
	for (i = 0; i < w->n; i++)
		if (!net_is_up(w->net, i))
			start(w, i);
	wait_for_answers(w);
	come_to_rest(w);
}

/*
 * Wait for a moment in which nothing is under way: a home may write at any
 * time.
 */
static void
wait_quiet(struct world *w)
{
	unsigned i;

	for (i = 0; i < 100 && !w->net->failed; i++) {
		if (oracle_is_quiet(w->net, part_of(w, 0)))
			return;
		net_run(w->net, 100);
	}
}

/* Give all servers the same rows, so that they must show the same. */
static void
even_rows(struct world *w)
{
	unsigned i;

	wait_quiet(w);
	if (!w->net->failed && !w->opt->quick)
		oracle_rest(w->oracle, (1u << w->n) - 1);
	for (i = 0; i < w->n && !w->net->failed; i++)
		set_rows(w, i, w->opt->seed / plan_count() % 2 * ROWS_ADDED);
	net_run(w->net, 1000);
}

/* Check that nothing is left of channels without members in the end. */
static void
check_left(struct world *w)
{
	const struct core *core;
	const struct chan *c;
	unsigned i;
	size_t k;

	rng_seed(&w->rng, w->opt->seed ^ 0x1ef7);
	w->ending = true;
	net_run(w->net, (int64_t)w->plan->keep_s * 1000 * 40);
	w->ending = false;
	wait_quiet(w);
	if (!w->net->failed && !w->opt->quick)
		oracle_rest(w->oracle, (1u << w->n) - 1);
	for (i = 0; i < w->n && !w->net->failed; i++) {
		core = node_core(w->net->node[i].node);
		for (k = 0; (c = map_next(&core->facts.chans, &k)) != NULL;)
			if (c->nmembers == 0)
				net_fail(w->net,
				    "s%u: %.*s has no members and "
				    "is there for ever",
				    i + 1, SPAN_ARG(rcbuf_span(c->fold)));
	}
}

/* Check that a server which never crashed loses nothing in short outages. */
static void
check_jumps(struct world *w)
{
	unsigned i, end = w->plan->late > 0 ? w->n - 1 : w->n;
	uint64_t jumped;

	for (i = 0; i < end && w->plan->gentle && !w->opt->lossy; i++) {
		jumped =
		    link_net_counts(node_links(w->net->node[i].node))->jumped;
		if (!w->crashed[i] && jumped > 0)
			net_fail(w->net,
			    "s%u has jumped over %ju entries, "
			    "and no outage was long",
			    i + 1, (uintmax_t)jumped);
	}
}

/*
 * Check invariant 6: no link that stayed up lost anything, so no server asks.
 */
static void
check_wants(struct world *w)
{
	uint64_t wants;
	unsigned i;

	for (i = 0; i < w->n && !w->opt->lossy; i++) {
		wants =
		    link_net_counts(node_links(w->net->node[i].node))->wants;
		if (wants > 0)
			net_fail(w->net, "invariant 6: s%u sent WANT %ju times",
			    i + 1, (uintmax_t)wants);
	}
}

/* Return true if the user was taken over, so that nobody is there. */
static bool
is_left(const struct world *w, const struct user *u)
{
	const struct user *there;
	unsigned i;

	for (i = 0; i < w->n && user_home_reg(u) != NULL; i++)
		if (sid_cmp(setup_sid(i), user_home(u).sid) == 0) {
			there = facts_find_uid(&node_core(w->net->node[i].node)
						    ->facts,
			    u->uid);
			return there != NULL && LIST_EMPTY(&there->sessions);
		}
	return false;
}

/* Check that everybody is shown, and nobody else. */
static void
check_people(struct world *w)
{
	const struct core *core = node_core(w->net->node[0].node);
	const struct user *u;
	struct person *p;
	size_t i, n, shown;
	uint64_t id;

	for (i = n = 0; i < w->npeople; i++) {
		p = &w->person[i];
		if (p->open && !p->ref.registered)
			net_fail(w->net, "u%u cannot register", p->id);
		n += is_open(p);
		if (!is_open(p))
			continue;
		u = facts_find_nick(&core->facts, span_of(p->ref.nick));
		if (u == NULL ||
		    !span_u64(span_tail(ident_username(u->ident), 1), &id) ||
		    id != p->id)
			net_fail(w->net, "u%u is not shown as %s", p->id,
			    p->ref.nick);
	}
	for (i = shown = 0; (u = map_next(&core->facts.users, &i)) != NULL;)
		shown += u->shown && !is_left(w, u);
	if (n != shown)
		net_fail(w->net, "%zu people are here, %zu are shown", n,
		    shown);
}

/* Let everybody say something: in a whole network everybody hears it. */
static void
probe(struct world *w)
{
	struct person *p;
	unsigned i, k;

	rng_seed(&w->rng, w->opt->seed ^ 0x5eed);
	for (i = 0; i < w->npeople; i++) {
		p = &w->person[i];
		if (!is_open(p))
			continue;
		for (k = 0; k < p->ref.nchans; k++) {
			say_to_chan(w, p, p->ref.chan[k]);
			net_run(w->net, 10);
		}
	}
	net_run(w->net, 3000);
}

/* Compare once more, as a client that was told nothing was not compared. */
static void
check_watches(struct world *w)
{
	const struct core *core;
	struct person *p;

	for (unsigned i = 0; i < w->npeople && !w->net->failed; i++) {
		p = &w->person[i];
		if (!can_act(w, p) || p->c->closing)
			continue;
		core = node_core(w->net->node[p->node].node);
		if (waits_for_more(p, core))
			continue;
		ref_compare(&p->ref, core);
		if (p->ref.bad)
			net_fail(w->net, "at rest: u%u on s%u: %s", i,
			    p->node + 1, p->ref.why);
	}
}

/* Return a person who has a nick, or NULL. */
static struct person *
some_named(struct world *w)
{
	struct person *p = some_person(w);

	return p == NULL || (p->ref.nick[0] >= '0' && p->ref.nick[0] <= '9')
		   ? NULL
		   : p;
}

/* Let somebody quit. Then people of all servers are told by WHOWAS who it
 * was. */
static void
check_whowas(struct world *w)
{
	struct person *p, *left = some_named(w);
	unsigned i;

	if (left == NULL || w->plan->homes)
		return;
	say(left, "QUIT :over");
	net_run(w->net, 3000);
	wait_quiet(w);
	w->left = left;
	for (i = 0; i < w->npeople; i++) {
		p = &w->person[i];
		if (p == left || !can_act(w, p))
			continue;
		w->told[i] = WAS_ASKED;
		sayf(p, "WHOWAS %s 1", left->ref.nick);
	}
	net_run(w->net, 3000);
	for (i = 0; i < w->npeople; i++) {
		w->result->reached[REACH_WHOWAS] += w->told[i] == WAS_RIGHT;
		if (is_open(&w->person[i]) &&
		    (w->told[i] == WAS_WRONG || w->told[i] == WAS_ASKED))
			net_fail(w->net,
			    "u%u on s%u is not told that %s was u%u", i,
			    w->person[i].node + 1, left->ref.nick, left->id);
	}
}

static void
check_labels(struct world *w)
{
	struct person *p;
	unsigned i, k;

	for (i = 0; i < w->npeople; i++) {
		p = &w->person[i];
		if (is_open(p) && !p->c->closing) {
			ref_rest(&p->ref);
			if (p->ref.bad)
				net_fail(w->net, "u%u: %s", p->id, p->ref.why);
		}
		for (k = 0; is_open(p) && k < p->nlabels; k++)
			if (p->answered[k] == 0)
				net_fail(w->net,
				    "u%u: label %u is never "
				    "answered",
				    p->id, k);
	}
}

/* Return true if the server of that person has jumped over the message. */
static bool
is_jumped(const struct world *w, const struct message *m,
    const struct person *p)
{
	const struct jump *j;

	for (j = w->jump; j < w->jump + w->njumps; j++)
		if (j->node == p->node && j->life == p->life &&
		    origin_cmp(j->o, m->o) == 0 && j->from <= m->upto &&
		    m->after < j->to)
			return true;
	return false;
}

static void
check_messages(struct world *w)
{
	const struct ref_chan *c;
	const struct message *m;
	const struct person *p, *from;
	size_t i;
	unsigned k;

	for (i = 0; i < w->nmsgs; i++) {
		m = &w->msg[i];
		from = &w->person[m->sender];
		if (m->refused || w->net->node[from->node].life != from->life)
			continue;
		for (k = 0; k < w->npeople; k++) {
			p = &w->person[k];
			if (!m->expect[k] || !is_open(p) || is_jumped(w, m, p))
				continue;
			c = ref_chan(&p->ref, span_of(m->chan));
			if (m->chan[0] != '\0' &&
			    (c == NULL || c->joined >= m->at))
				continue;
			if (m->heard[k] == 0)
				net_fail(w->net,
				    "u%u on s%u never heard m%zu "
				    "of u%u on s%u to %s",
				    k, p->node + 1, i, from->id, from->node + 1,
				    m->chan[0] != '\0' ? m->chan : "it");
		}
	}
}

static void
count(struct world *w)
{
	struct world_result *r = w->result;
	const struct link_counts *c;
	unsigned i;

	r->acts = w->acts;
	r->entries = oracle_entries(w->oracle);
	r->messages = w->nmsgs;
	r->steps = w->net->steps;
	r->lines = w->net->lines;
	for (i = 0; i < w->n; i++) {
		if (!net_is_up(w->net, i))
			continue;
		c = link_net_counts(node_links(w->net->node[i].node));
		r->snapshots += c->snaps_out;
		r->wants += c->wants;
		r->jumped += c->jumped;
		r->duplicates += c->duplicates;
	}
}

static int
cmp_lines(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

static struct span
sorted_lines(struct span text, struct arena *arena)
{
	struct span *v = NULL;
	size_t n = 0, cap = 0;
	struct writer w;

	writer_init_arena(&w, arena, 1 << 20);
	for (; text.n > 0; n++) {
		if (n == cap)
			v = arena_grow(arena, v, &cap, 16, sizeof(*v));
		v[n] = span_cut(&text, '\n');
	}
	if (n > 0)
		qsort(v, n, sizeof(*v), cmp_lines);
	for (size_t i = 0; i < n; i++) {
		writer_span(&w, v[i]);
		writer_char(&w, '\n');
	}
	return writer_done(&w);
}

static void
durable_line(struct writer *w, const struct founding *g, struct span what,
    struct span value)
{
	writer_span(w, rcbuf_span(g->chan->fold));
	writer_char(w, ' ');
	writer_i64(w, g->cinc.stamp.ms / 1000);
	writer_char(w, ' ');
	writer_span(w, what);
	writer_char(w, ' ');
	writer_span(w, value);
	writer_char(w, '\n');
}

#define RESTART_S 60 /* more than RESTORE_WAIT_MS, and some KEEP */

/* Return what each server must have again after all were started again: of the
 * oldest permanent founding of each name its registers and masks. */
static struct span
durable_text(const struct core *core, struct arena *arena)
{
	const struct founding *g;
	const struct chan *c;
	const struct mask *m;
	struct writer w;
	const struct reg *r;

	writer_init_arena(&w, arena, 1 << 20);
	for (size_t i = 0; (c = map_next(&core->facts.chans, &i)) != NULL;) {
		g = durable_find(&core->facts, rcbuf_span(c->fold), -1);
		if (g == NULL)
			continue;
		durable_line(&w, g, SPAN("channel"), SPAN_NONE);
		for (struct reg_walk x = founding_regs(g);
		     (r = regs_next(&x)) != NULL;)
			if (r->value != NULL &&
			    r->name->chan_mode != CM_PERMANENT)
				durable_line(&w, g, rcbuf_span(r->name->text),
				    rcbuf_span(r->value));
		for (m = mask_first(g); m != NULL; m = mask_next(m))
			durable_line(&w, g, rcbuf_span(m->list->text),
			    rcbuf_span(m->text));
	}
	return sorted_lines(writer_done(&w), arena);
}

/* End all servers at one moment and start them again. Fail unless all that was
 * made for good is there again, on each of them. */
static void
check_restart(struct world *w)
{
	struct arena *arena = arena_new(64 * 1024);
	struct span before = SPAN_NONE, after;

	/* a server may have begun so late that it has not looked yet */
	net_run(w->net, RESTART_S * 1000);
	come_to_rest(w);
	if (!w->net->failed)
		before = durable_text(node_core(w->net->node[0].node), arena);
	note(w, "all servers are started again");
	for (unsigned i = 0; i < w->n; i++)
		net_crash(w->net, i);
	net_run(w->net, 100);
	for (unsigned i = 0; i < w->n; i++)
		start(w, i);
	net_run(w->net, RESTART_S * 1000);
	if (!w->net->failed)
		come_to_rest(w);
	for (unsigned i = 0; i < w->n && !w->net->failed; i++) {
		after = durable_text(node_core(w->net->node[i].node), arena);
		if (!span_eq(before, after))
			net_fail(w->net,
			    "s%u: durable before the restart:\n%.*safter "
			    "it:\n%.*s",
			    i + 1, SPAN_ARG(before), SPAN_ARG(after));
	}
	w->result->reached[REACH_ALL_RESTARTED] += before.n > 0;
	arena_free(arena);
}

void
world_run(const struct world_options *opt, struct world_result *result)
{
	struct world *w;
	unsigned i, late;
	bool in_parts;

	world_seed = opt->seed;
	memset(result, 0, sizeof(*result));
	w = mem_zalloc(sizeof(*w));
	w->opt = opt;
	w->result = result;
	w->tenures = 1;
	name_many();
	w->plan = plan_get(opt->plan, opt->seed);
	result->plan = w->plan->name;
	rng_seed(&w->rng, opt->seed ^ UINT64_C(0xba11));
	draw_network(w);
	w->until =
	    (int64_t)((w->plan->seconds > 0 ? w->plan->seconds : 12) * 1e9);
	late = w->plan->late > 0 ? w->n - 1 : w->n;
	for (i = 0; i < w->n; i++)
		if (i != late && (i == 0 || w->plan->gentle || chance(w, 90)))
			start(w, i);
	if (late < w->n)
		net_call(w->net, (int64_t)(w->plan->late * 1e9), start_again, w,
		    late);
	in_parts = !w->plan->gentle && chance(w, 30);
	net_call(w->net, SECOND / 2, act, w, 0);
	if (w->plan->copies) {
		net_call(w->net, w->until / 5, start_copy, w, 0);
		net_call(w->net, w->until / 5 * (2 + below(w, 4)), stop_copy, w,
		    0);
	}
	if (w->plan->crowd) {
		net_call(w->net, w->until / 4, split_crowd, w, 0);
		net_call(w->net, w->until / 2, heal_crowd, w, 0);
	}
	net_run_until(w->net, w->until);
	if (!w->net->failed && in_parts)
		rest_in_parts(w);
	if (!w->net->failed)
		heal(w);
	if (!w->net->failed && w->plan->rows)
		even_rows(w);
	if (!w->net->failed)
		probe(w);
	if (opt->lossy && !w->net->failed)
		come_to_rest(w);
	wait_quiet(w);
	if (!w->net->failed && !opt->quick) {
		oracle_rest(w->oracle, (1u << w->n) - 1);
		check_people(w);
		check_messages(w);
		check_watches(w);
		check_labels(w);
		check_jumps(w);
		check_wants(w);
	}
	if (!w->net->failed && !opt->lossy)
		check_whowas(w);
	if (!w->net->failed && w->plan->keep_s == 1 && !w->plan->forgets)
		check_left(w);
	if (!w->net->failed && w->plan->restarts)
		check_restart(w);
	count(w);
	if (!w->net->failed && opt->replay && !net_replay(w->net))
		net_fail(w->net, "the same events gave other effects");
	result->hash = w->net->hash;
	result->failed = w->net->failed;
	memcpy(result->why, w->net->why, sizeof(result->why));
	for (i = 0; i < w->npeople; i++)
		ref_fini(&w->person[i].ref);
	oracle_free(w->oracle);
	net_free(w->net);
	free(w->jump);
	free(w);
}
