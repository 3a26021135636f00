/*
 * This file checks messages. The text of a message is its number. When it is
 * said, the people who should hear it are noted: those whom the sender sees on
 * the channel, or the user who has the nick at the sender's server. At the end
 * each of them has heard it once, unless they left the channel, or their server
 * or the sender's died, or their server has logged that it jumped over the
 * entry of the message. Nobody ever hears a message twice, or before an earlier
 * one of the same sender.
 */
#include "run.h"

#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "core/state.h"
#include "lib/net.h"

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

void
message_heard(void *ctx, struct span source, struct span target,
    struct span text)
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

	if (!person_is_open(p))
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
		world_note(w, "u%u@s%u > %s", p->id, p->node + 1, text);
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

	if (!p->batches || !p->ref.registered || world_chance(w, 50)) {
		person_sayf(p, "%s %s :m%zu", verb, target, w->nmsgs - 1);
		return;
	}
	m->lines = 1 + world_below(w, 4);
	m->blank = m->lines > 2 && world_chance(w, 50);
	person_sayf(p, "BATCH +b draft/multiline %s", target);
	say_lines(p, m, verb, target);
}

void
message_to_chan(struct world *w, struct person *p, const struct ref_chan *c)
{
	struct message *m;
	struct span user;
	uint64_t id;
	size_t i;
	bool notice;

	if ((m = new_message(w, p)) == NULL)
		return;
	notice = world_chance(w, 20); /* no answer tells if it was refused */
	snprintf(m->chan, sizeof(m->chan), "%s", c->name);
	for (i = 0; i < c->n && !notice; i++) {
		user = span_of(c->member[i].user);
		if (span_u64(span_tail(user, 1), &id) && id != p->id)
			m->expect[id] = true;
	}
	say_message(w, p, notice ? "NOTICE" : "PRIVMSG", c->name);
	net_call(w->net, w->net->now, look_at_answer, w, (int64_t)w->nmsgs - 1);
}

void
message_to_nick(struct world *w, struct person *p, const char *nick)
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

void
message_jumped(struct world *w, unsigned node, struct span text)
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

void
message_probe(struct world *w)
{
	struct person *p;
	unsigned i, k;

	rng_seed(&w->rng, w->opt->seed ^ 0x5eed);
	for (i = 0; i < w->npeople; i++) {
		p = &w->person[i];
		if (!person_is_open(p))
			continue;
		for (k = 0; k < p->ref.nchans; k++) {
			message_to_chan(w, p, p->ref.chan[k]);
			net_run(w->net, 10);
		}
	}
	net_run(w->net, 3000);
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

void
message_check(struct world *w)
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
			if (!m->expect[k] || !person_is_open(p) ||
			    is_jumped(w, m, p))
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
