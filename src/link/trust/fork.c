/*
 * The lie cannot be undone: the facts of the two entries are merged already,
 * each on some servers. Only their origin can say something that is later than
 * both. So the other entry must come to the origin (doc/decisions/0036):
 *
 * 1. Each link carries each number in one direction at least, so one of its two
 *    ends notices. A link that comes up carries the last common entry of each
 *    origin (fork_probe()).
 * 2. The server that notices sends the other entry, as the duplicate that it
 *    is, to the next server on the way to the origin. If it came from there, it
 *    sends its own. The next server compares again, and sends it on.
 * 3. Each end of the link also sends the entry before. So the ends go back to
 *    the last entry that is equal.
 * 4. The origin mends one fork after the other (core/restate.h).
 *
 * A liar chooses how many forks there are, so each link may bring a number of
 * them in a time, the origin mends a few in a second, and no fork twice.
 */
#include "link/trust/fork.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/siphash.h"
#include "link/link.h"
#include "link/msg/msg.h"
#include "link/state.h"
#include "link/trust/defer.h"

/* A link may bring this many forks in that time; others are passed over. */
#define BRINGS_MAX 64
#define BRINGS_MS (16 * MS_PER_S)
#define MEND_MS 250 /* from one mended fork to the next */
#define PROBE_BYTES ((size_t)256 * 1024)

/* ---- comparing ----------------------------------------------------------- */

void
fork_begin(const struct link_step *st, struct fork_check *f,
    const struct entry *head)
{
	fork_fini(f);
	f->same = log_find(&st->net->log, head->o, head->n);
	if (f->same != NULL)
		entry_ref(f->same);
}

static void
keep(struct fork_check *f, struct span s)
{
	f->large = f->large || f->n + s.n > LINK_ENTRY_MAX;
	if (f->large || s.n == 0)
		return;
	while (f->n + s.n > f->cap)
		f->text = mem_grow(f->text, &f->cap, 1024, 1);
	memcpy(f->text + f->n, s.p, s.n);
	f->n += s.n;
}

/* Note that the duplicate is another entry, and keep what was equal so far. */
static void
differ(struct fork_check *f)
{
	f->differs = true;
	keep(f, span_make(rcbuf_span(f->same->text).p, f->at));
}

static void
compare(struct fork_check *f, struct span s)
{
	struct span text = span_tail(rcbuf_span(f->same->text), f->at);

	if (!f->differs &&
	    (text.n < s.n || (s.n > 0 && memcmp(text.p, s.p, s.n) != 0)))
		differ(f);
	if (f->differs)
		keep(f, s);
	else
		f->at += s.n;
}

void
fork_line(struct fork_check *f, struct span begin, struct span end)
{
	if (f->same == NULL)
		return;
	compare(f, begin);
	compare(f, end);
	compare(f, SPAN("\r\n"));
}

void
fork_fini(struct fork_check *f)
{
	entry_unref(f->same);
	free(f->text);
	*f = (struct fork_check){ 0 };
}

/* ---- a fork is noticed --------------------------------------------------- */

static void
tell(const struct link_step *st, struct link *l, const struct entry *e)
{
	struct writer w;

	if (l->told_fork)
		return;
	l->told_fork = true;
	writer_init_arena(&w, st->fx->arena, 64);
	write_origin(&w, e->o);
	effects_logf(st->fx, LOG_FORK, { "server", link_name(l) },
	    { "origin", writer_done(&w) }, { "n", num_text(st, e->n) });
}

static bool
may_bring(const struct link_step *st, struct link *l)
{
	if (mono_sub_ms(st->ev->now, l->forks_since) >= BRINGS_MS) {
		l->forks_since = st->ev->now;
		l->forks = 0;
	}
	return ++l->forks <= BRINGS_MAX;
}

static void
send(const struct link_step *st, struct link *l, const struct entry *e)
{
	if (l->state != LINK_UP || l->out != NULL ||
	    l->unsent >= LINK_QUESTION_MAX)
		return;
	skip_tell(st, l);
	link_send_buf(st, l, rcbuf_ref(e->text));
}

/* Send the other entry on towards the origin. The link that brought it, if
 * there is one, gets ours, since it has the other one. Return false if the
 * origin is not reachable. */
static bool
send_on(const struct link_step *st, const struct link *l,
    const struct entry *mine, const struct entry *other)
{
	const struct map_server *s = netmap_find(&st->net->map, other->o.sid);
	struct link *next;

	if (s == NULL || s->lsa.o.inc != other->o.inc)
		return false;
	next = net_link_to(st->net, other->o.sid);
	if (next == NULL)
		return false;
	send(st, next, next == l ? mine : other);
	return true;
}

/* Return true if the entry is a new one, and the link may bring it. Remember it
 * then. */
static bool
is_taken(const struct link_step *st, struct link *l, const struct entry *e)
{
	struct link_net *net = st->net;
	struct forks *k = &net->forks;
	struct fork_ring *ring =
	    origin_cmp(e->o, net->self) == 0 ? &k->own : &k->sent;
	uint64_t hash;

	if (!k->keyed)
		rng_bytes(&net->rng, k->key, sizeof(k->key));
	k->keyed = true;
	hash = siphash(k->key, rcbuf_span(e->text)) | 1;

	for (size_t i = 0; i < FORKS_KNOWN; i++)
		if (ring->v[i] == hash)
			return false;
	if (!may_bring(st, l))
		return false;
	ring->v[ring->n++ % FORKS_KNOWN] = hash;
	return true;
}

static bool
put(struct link_net *net, struct entry *mine, struct entry *other)
{
	struct forks *k = &net->forks;
	size_t bytes = rcbuf_span(other->text).n;

	if (k->n == FORKS_MAX || k->bytes + bytes > FORKS_BYTES)
		return false;
	k->bytes += bytes;
	if (mine != NULL)
		entry_ref(mine);
	k->v[k->n++] = (struct fork){ mine, entry_ref(other) };
	return true;
}

/* Take the i-th fork out. Its entries are the caller's. */
static struct fork
take(struct link_net *net, size_t i)
{
	struct forks *k = &net->forks;
	struct fork f = k->v[i];

	k->bytes -= rcbuf_span(f.other->text).n;
	memmove(k->v + i, k->v + i + 1, (--k->n - i) * sizeof(*k->v));
	return f;
}

static void
drop(struct fork f)
{
	entry_unref(f.own);
	entry_unref(f.other);
}

bool
fork_keep(struct link_net *net, struct entry *own, struct entry *other)
{
	return put(net, own, other);
}

bool
fork_await(const struct link_step *st, struct link *l, struct entry *other)
{
	if (mutated(st->net, MUT_FORKS_STAY) || !put(st->net, NULL, other))
		return false;
	vector_raise(&l->ph, other->o, other->n);
	return true;
}

/* Keep the fork if it is ours to mend, or send it on. No server has accepted an
 * entry whose stamp is weeks ahead, so pass over such an entry. */
static void
notice(const struct link_step *st, struct link *l, struct entry *mine,
    struct entry *other)
{
	struct link_net *net = st->net;
	const struct entry *before;

	if (defer_waits(st, other) || mutated(net, MUT_FORKS_STAY) ||
	    !is_taken(st, l, other))
		return;
	if (origin_cmp(mine->o, net->self) == 0 || !send_on(st, l, mine, other))
		(void)put(net, mine, other);
	before = log_find(&net->log, mine->o, mine->n - 1);
	if (before != NULL)
		send(st, l, before);
}

void
fork_end(const struct link_step *st, struct link *l)
{
	struct fork_check *f = &l->entry.fork;
	struct entry *other = NULL;
	const char *why;

	if (f->same == NULL || mutated(st->net, MUT_FORK_UNSEEN))
		return;
	if (!f->differs && f->at != rcbuf_span(f->same->text).n)
		differ(f);
	if (f->differs) {
		tell(st, l, f->same);
		if (!f->large)
			other = entry_from_text(span_make(f->text, f->n), &why);
	}
	if (other != NULL)
		notice(st, l, f->same, other);
	entry_unref(other);
	fork_fini(f);
}

void
fork_judge(const struct link_step *st, struct link *l, const struct entry *head,
    struct span text)
{
	struct fork_check *f = &l->entry.fork;

	fork_begin(st, f, head);
	if (f->same != NULL)
		compare(f, text);
	fork_end(st, l);
}

void
fork_probe(const struct link_step *st, struct link *l)
{
	const struct log *log = &st->net->log;
	const struct entry *e;
	size_t bytes = 0;

	if (mutated(st->net, MUT_FORKS_UNPROBED))
		return;
	/* what was sent on may have been lost with a link */
	st->net->forks.sent = (struct fork_ring){ 0 };
	for (size_t i = 0; i < log->have.n && bytes < PROBE_BYTES; i++) {
		struct origin o = log->have.v[i].o;
		uint64_t n = log->have.v[i].n, theirs = vector_get(&l->ph, o);

		e = log_find(log, o, n < theirs ? n : theirs);
		if (e == NULL || core_is_void(st->net->core, o))
			continue;
		bytes += rcbuf_span(e->text).n;
		send(st, l, e);
	}
}

/* ---- mending ------------------------------------------------------------- */

/* Send on what waits for its origin. Return the place of the first fork of this
 * run, or the number of all that wait. */
static size_t
send_waiting(const struct link_step *st)
{
	struct forks *k = &st->net->forks;
	size_t i = 0;

	while (i < k->n && origin_cmp(k->v[i].other->o, st->net->self) != 0)
		if (send_on(st, NULL, NULL, k->v[i].other))
			drop(take(st->net, i));
		else
			i++;
	return i;
}

bool
fork_update(const struct link_step *st)
{
	struct link_net *net = st->net;
	struct forks *k = &net->forks;
	size_t i = k->n == 0 ? 0 : send_waiting(st);
	struct fork f;

	if (i == k->n || mono_cmp(k->at, st->ev->now) > 0 ||
	    !core_is_ready(net->core) || !log_is_drained(&net->log) ||
	    core_is_partial(net->core))
		return false;
	k->at = mono_add_ms(st->ev->now, MEND_MS);
	f = take(net, i);
	if (f.own == NULL) {
		f.own = log_find(&net->log, f.other->o, f.other->n);
		if (f.own != NULL)
			entry_ref(f.own);
	}
	if (f.own != NULL) {
		core_observe(net->core, f.other->stamp);
		core_restate(net->core, st->ev, f.own, f.other, st->fx);
	}
	drop(f);
	return true;
}

struct mono
fork_deadline(const struct link_net *net)
{
	const struct forks *k = &net->forks;

	for (size_t i = 0; core_is_ready(net->core) && i < k->n; i++)
		if (origin_cmp(k->v[i].other->o, net->self) == 0)
			return k->at;
	return MONO_NEVER;
}

void
forks_fini(struct link_net *net)
{
	while (net->forks.n > 0)
		drop(take(net, 0));
}
