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

struct person *
message_by(struct world *w, struct span source)
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
	/* one that was kept comes line by line */
	if (m->at >= p->back_at &&
	    p->ref.in_lines != (p->batches && m->lines > 0))
		net_fail(w->net, "u%u hears m%ju as a batch, or should", p->id,
		    (uintmax_t)id);
	w->result->reached[REACH_LINES] +=
	    line > 0 && p->node != w->person[m->sender].node;
	p->heard = id + 1;
	p->line = line;
}

/* Read the number of a message, and of its line, from the text. */
static bool
read_text(struct span text, uint64_t *id, uint64_t *line)
{
	struct span word;

	*line = 0;
	if (span_starts(text, SPAN("\1")))
		(void)span_cut(&text, ' ');
	else if (span_starts(text, SPAN("\2")))
		text = span_tail(text, 1);
	while (text.n > 0 && text.p[text.n - 1] < ' ')
		text = span_head(text, text.n - 1);
	if (text.n < 2 || text.p[0] != 'm')
		return false;
	text = span_tail(text, 1);
	word = span_cut(&text, '.');
	return span_u64(word, id) && (text.n == 0 || span_u64(text, line));
}

/* Check that the person may hear the message. */
static void
check_hearer(struct person *p, const struct message *m, struct span source,
    struct span target)
{
	struct world *w = p->world;
	const struct person *from = &w->person[m->sender];
	bool ops = target.n > 0 && target.p[0] == '@';
	unsigned id = (unsigned)(m - w->msg);

	if (m->fate == SPEECH_REFUSED)
		net_fail(w->net, "u%u hears m%u, which must be refused", p->id,
		    id);
	if (m->chan[0] == '\0') {
		filter_check_private(p, from, source);
		return;
	}
	filter_check_chan(p, from);
	if (m->fate != SPEECH_OPEN && ops != (m->fate == SPEECH_OPS))
		net_fail(w->net, "u%u hears m%u as a message to %.*s", p->id,
		    id, SPAN_ARG(target));
	if (!ops || p == from)
		return;
	w->result->reached[REACH_OPS_ONLY] += p->node != from->node;
	if (!speech_hears_ops(p, span_tail(target, 1)))
		net_fail(w->net, "u%u hears m%u, and is no operator", p->id,
		    id);
}

/* Check that +S has removed the formatting, and nothing else has. */
static void
check_text(struct person *p, const struct message *m, struct span text)
{
	bool formatted = span_starts(text, SPAN("\2"));

	if (m->kind == SPEECH_COLOUR && m->fate != SPEECH_OPEN &&
	    formatted == m->stripped)
		net_fail(p->world->net, "u%u hears m%u %s its formatting",
		    p->id, (unsigned)(m - p->world->msg),
		    formatted ? "with" : "without");
}

void
message_heard(void *ctx, struct span source, struct span target,
    struct span text)
{
	struct person *p = ctx, *from;
	struct world *w = p->world;
	struct message *m;
	uint64_t id, line;

	if (!read_text(text, &id, &line) || id >= w->nmsgs)
		return;
	m = &w->msg[id];
	heard_line(p, m, (unsigned)line);
	if (line > 0)
		return;
	from = message_by(w, source);
	w->result->reached[REACH_HIDDEN_SENDER] += from == NULL;
	w->result->reached[REACH_GONE_SENDER] +=
	    from == NULL && is_gone(w, p, m);
	if (from != NULL && from->id != m->sender)
		net_fail(w->net, "u%u hears m%ju from u%u, u%u said it", p->id,
		    (uintmax_t)id, from->id, m->sender);
	check_hearer(p, m, source, target);
	check_text(p, m, text);
	if (p->id == m->sender)
		return; /* an echo, or told to oneself, or both */
	w->result->reached[REACH_LIMBO_HEARD] += m->waits[p->id];
	if (++m->heard[p->id] > 1)
		net_fail(w->net, "u%u hears m%ju twice", p->id, (uintmax_t)id);
	if (id + 1 <= p->last_from[m->sender])
		net_fail(w->net, "u%u hears m%ju after m%ju of u%u", p->id,
		    (uintmax_t)id, (uintmax_t)p->last_from[m->sender] - 1,
		    m->sender);
	p->last_from[m->sender] = id + 1;
	w->result->reached[REACH_BACK_HEARS] += m->at < p->back_at;
}

static struct message *
new_message(struct world *w, struct person *p)
{
	const struct core *core = node_core(w->net->node[p->node].node);
	struct message *m;

	if (w->nmsgs == MESSAGES || !person_acts_at_once(p))
		return NULL;
	m = &w->msg[w->nmsgs++];
	m->o = core_self(core);
	m->after = core->last_n;
	m->sender = p->id;
	m->at = w->net->now;
	m->errors = p->ref.errors;
	m->cannot_say = p->ref.cannot_say;
	return m;
}

/* Judge the message once more: if the sender knows something else by now, it
 * is open what has become of it. */
static void
judge_again(struct message *m, const struct person *p)
{
	const struct ref_chan *c = ref_chan(&p->ref, span_of(m->chan));

	if (c == NULL || m->lines > 0 ||
	    speech_fate(p, c, m->notice, m->kind) != m->fate ||
	    ref_has_mode(&p->ref, c, 'S') != m->stripped)
		m->fate = SPEECH_OPEN;
}

/*
 * Note whether a message was refused. Its line was handled at once, or when the
 * masks of its channel were compared, so a new error is the answer to it. There
 * is none for a NOTICE.
 */
static void
look_at_answer(void *ctx, int64_t i)
{
	struct world *w = ctx;
	struct message *m = &w->msg[i];
	const struct person *p = &w->person[m->sender];

	if (w->net->node[p->node].node == NULL)
		return; /* it has crashed meanwhile */
	/* the connection has ended, and some lines of a batch still waited */
	if (m->lines > 0 && w->net->now > m->at &&
	    (!p->c->open || p->back_at > m->at)) {
		m->refused = true;
		return;
	}
	if (person_waits_for_masks(w, p) || (m->lines > 0 && p->c->in.n > 0)) {
		w->result->reached[REACH_JUDGED] +=
		    person_waits_for_masks(w, p);
		m->fate = SPEECH_OPEN;
		net_call(w->net, w->net->now + NS_PER_MS, look_at_answer, w, i);
		return;
	}
	if (m->chan[0] != '\0')
		judge_again(m, p);
	if ((m->fate == SPEECH_ALL || m->fate == SPEECH_OPS) &&
	    p->ref.cannot_say != m->cannot_say)
		net_fail(w->net, "u%u may not say m%u, and no mode says so",
		    p->id, (unsigned)i);
	if (p->ref.errors != m->errors || (m->notice && m->fate == SPEECH_OPEN))
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

/* The parts of a text before and behind its number. */
static const struct {
	const char *before, *behind;
} texts[] = {
	[SPEECH_PLAIN] = { "m", "" },
	[SPEECH_COLOUR] = { "\2m", "\2" },
	[SPEECH_CTCP] = { "\1PING m", "\1" },
	[SPEECH_ACTION] = { "\1ACTION m", "\1" },
};

/* Say the message that was begun last, as one line or as some. */
static void
say_message(struct world *w, struct person *p, const char *verb,
    const char *target)
{
	struct message *m = &w->msg[w->nmsgs - 1];

	p->texts++;
	if (!p->batches || !p->ref.registered || m->kind != SPEECH_PLAIN ||
	    world_chance(w, 50)) {
		person_sayf(p, "%s %s :%s%zu%s", verb, target,
		    texts[m->kind].before, w->nmsgs - 1, texts[m->kind].behind);
		return;
	}
	m->lines = 1 + world_below(w, 4);
	m->blank = m->lines > 2 && world_chance(w, 50);
	p->texts += m->lines;
	person_sayf(p, "BATCH +b draft/multiline %s", target);
	say_lines(p, m, verb, target);
}

/* Note that a person is to hear the message. */
static void
expect(struct message *m, const struct person *from, uint64_t id)
{
	const struct world *w = from->world;
	const struct core *core = node_core(w->net->node[from->node].node);
	const struct server *s =
	    facts_find_server(&core->facts, setup_sid(w->person[id].node));

	m->expect[id] = true;
	m->waits[id] = s != NULL && s->limbo;
}

/* Say what is to become of the message, and who is to hear it. */
static void
expect_on_chan(struct message *m, const struct person *p,
    const struct ref_chan *c)
{
	bool ops = ref_has_mode(&p->ref, c, 'U');
	struct span user;
	uint64_t id;

	m->fate = speech_fate(p, c, m->notice, m->kind);
	m->stripped = ref_has_mode(&p->ref, c, 'S');
	if (m->fate == SPEECH_REFUSED)
		return;
	ops &= m->fate != SPEECH_ALL;
	for (size_t i = 0; i < c->n; i++) {
		user = span_of(c->member[i].user);
		if (span_u64(span_tail(user, 1), &id) && id != p->id &&
		    (!ops || speech_is_op(p, c->member[i].status)))
			expect(m, p, id);
	}
	m->ops = ops;
}

static enum speech_kind
draw_kind(struct world *w)
{
	static const unsigned char kinds[] = { SPEECH_COLOUR, SPEECH_CTCP,
		SPEECH_ACTION };

	return w->plan->modules && world_chance(w, 30)
		   ? kinds[world_below(w, sizeof(kinds))]
		   : SPEECH_PLAIN;
}

void
message_to_chan(struct world *w, struct person *p, const struct ref_chan *c)
{
	struct message *m;

	if ((m = new_message(w, p)) == NULL)
		return;
	m->notice = world_chance(w, 20); /* no answer tells if it was refused */
	m->kind = draw_kind(w);
	snprintf(m->chan, sizeof(m->chan), "%s", c->name);
	expect_on_chan(m, p, c);
	say_message(w, p, m->notice ? "NOTICE" : "PRIVMSG", c->name);
	net_call(w->net, w->net->now, look_at_answer, w, (int64_t)w->nmsgs - 1);
}

/* Return true if the entry by which the user registers at this server is
 * applied in part. A message of another user here reaches nobody then. Only
 * twins of later verbs (later.c) make such an entry so long. */
static bool
is_half_here(const struct core *core, const struct user *u)
{
	return core_is_applying(core) && LIST_EMPTY(&u->sessions) &&
	       origin_cmp(user_home(u), core_self(core)) == 0;
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
	    id != p->id) {
		if (!is_half_here(core, u))
			expect(m, p, id);
		m->to = u->uid;
		filter_wrote(p, &w->person[id]);
		if (ref_has_own(&p->ref, 'Z') && !w->person[id].tls)
			m->fate = SPEECH_REFUSED;
	}
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

/* Let the person message everybody else. */
static void
probe_private(struct world *w, struct person *p)
{
	for (unsigned i = 0; i < w->npeople; i++) {
		if (i == p->id || !person_is_open(&w->person[i]))
			continue;
		message_to_nick(w, p, w->person[i].ref.nick);
		net_run(w->net, 10);
	}
}

void
message_probe(struct world *w)
{
	struct person *p;
	unsigned i, k;

	rng_seed(&w->rng, w->opt->seed ^ 0x5eed);
	w->probing = true;
	for (i = 0; i < w->npeople; i++) {
		p = &w->person[i];
		if (!person_is_open(p))
			continue;
		for (k = 0; k < p->ref.nchans; k++) {
			message_to_chan(w, p, p->ref.chan[k]);
			net_run(w->net, 10);
		}
		if (w->plan->modules)
			probe_private(w, p);
	}
	net_run(w->net, 3000);
	w->probing = false;
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
count_excuse(struct world *w, enum filter_by by)
{
	static const enum reach rows[] = { [FILTER_DEAF] = REACH_KEPT_DEAF,
		[FILTER_ACCOUNT] = REACH_KEPT_ACCOUNT,
		[FILTER_TLS] = REACH_KEPT_TLS,
		[FILTER_CALLERID] = REACH_KEPT_CALLERID,
		[FILTER_SILENCE] = REACH_KEPT_SILENCE };

	w->result->reached[rows[by]]++;
}

/* The lines of a batch may wait for flood control. Return true if the sender
 * has seen the receiver come back since they were typed: a split may have taken
 * the receiver away before they were said. */
static bool
may_have_been_away(const struct world *w, const struct message *m,
    const struct person *p)
{
	const struct ref_chan *c =
	    ref_chan(&w->person[m->sender].ref, span_of(m->chan));
	uint64_t id;

	for (size_t i = 0; m->lines > 0 && c != NULL && i < c->n; i++)
		if (span_u64(span_tail(span_of(c->member[i].user), 1), &id) &&
		    id == p->id)
			return c->member[i].since > m->at;
	return false;
}

/* Return true if the message was to a user who was held, and the person has
 * come back as another one: without a certificate, or too late. The server of
 * the sender may hear of it late. */
static bool
is_to_another(const struct world *w, const struct message *m,
    const struct person *p)
{
	const struct core *core = node_core(w->net->node[p->node].node);
	const struct user *u =
	    facts_find_nick(&core->facts, span_of(p->ref.nick));

	return m->chan[0] == '\0' && p->back_at > 0 && u != NULL &&
	       uid_cmp(u->uid, m->to) != 0;
}

/* Return true if the person did not have to hear the message. */
static bool
is_excused(struct world *w, const struct message *m, const struct person *p)
{
	const struct ref_chan *c = ref_chan(&p->ref, span_of(m->chan));
	enum filter_by by;

	if (is_jumped(w, m, p))
		return true;
	if (m->chan[0] != '\0' && (c == NULL || c->joined >= m->at))
		return true;
	/* messages are kept for held users with a certificate alone */
	if (m->chan[0] == '\0' && m->at <= p->back_at && !p->cert)
		return true;
	if (is_to_another(w, m, p) || may_have_been_away(w, m, p))
		return true;
	if (m->ops &&
	    (c->status_at >= m->at || !speech_hears_ops(p, span_of(m->chan))))
		return true;
	by = filter_excuse(p, &w->person[m->sender], m);
	if (by != FILTER_NONE)
		count_excuse(w, by);
	return by != FILTER_NONE;
}

void
message_check(struct world *w)
{
	const struct message *m;
	const struct person *p, *from;

	for (size_t i = 0; i < w->nmsgs; i++) {
		m = &w->msg[i];
		from = &w->person[m->sender];
		if (m->refused || w->net->node[from->node].life != from->life)
			continue;
		for (unsigned k = 0; k < w->npeople; k++) {
			p = &w->person[k];
			if (!m->expect[k] || m->heard[k] > 0 ||
			    !person_is_open(p) || is_excused(w, m, p))
				continue;
			net_fail(w->net,
			    "u%u on s%u never heard m%zu of u%u on s%u to %s",
			    k, p->node + 1, i, from->id, from->node + 1,
			    m->chan[0] != '\0' ? m->chan : "it");
		}
	}
}
