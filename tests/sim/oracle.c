/*
 * Entries are kept in an array for each origin (they are numbered from 1), each
 * with its bytes and with what its maker had when it made the entry. Facts and
 * shown states are kept as text under a hash of the vector that they are a
 * function of: the first server that reaches a vector defines the text, and all
 * later servers are compared with it.
 */
#include "oracle.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/postpone.h"
#include "core/postpone_lists.h"
#include "core/state.h"
#include "core/types/cost.h"
#include "core/types/mode_value.h"
#include "kept.h"
#include "link/link.h"

static uint64_t
hash(uint64_t h, const void *p, size_t n)
{
	const unsigned char *b = p;
	uint64_t v;

	for (; n > 0; b += n < 8 ? n : 8, n -= n < 8 ? n : 8) {
		v = 0;
		memcpy(&v, b, n < 8 ? n : 8);
		h = (h ^ v ^ n << 56) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 31;
	}
	return h;
}

static uint64_t
hash_vector(const struct vector *v)
{
	uint64_t h = 1;
	size_t i;

	for (i = 0; i < v->n; i++)
		if (v->v[i].n > 0) {
			h = hash(h, v->v[i].o.sid.s, SID_LEN);
			h = hash(h, &v->v[i].o.inc, sizeof(v->v[i].o.inc));
			h = hash(h, &v->v[i].n, sizeof(v->v[i].n));
		}
	return h;
}

struct oracle *
oracle_new(struct net *net, bool lossy, uint64_t *reached)
{
	struct oracle *o;

	o = mem_zalloc(sizeof(*o));
	o->net = net;
	o->lossy = lossy;
	o->reached = reached;
	o->every = 1;
	later_older(net);
	return o;
}

void
oracle_seldom(struct oracle *o)
{
	o->every = 16;
}

static void
table_free(struct table *t)
{
	size_t i;

	for (i = 0; i < t->cap; i++)
		free(t->v[i].text);
	free(t->v);
}

void
oracle_free(struct oracle *o)
{
	size_t i, k;

	for (i = 0; i < o->nlogs; i++) {
		for (k = 0; k < o->log[i].n; k++) {
			free(o->log[i].v[k].text);
			vector_fini(&o->log[i].v[k].deps);
		}
		free(o->log[i].v);
	}
	for (i = 0; i < NET_NODES; i++) {
		free(o->seen[i].empty);
		recorder_fini(&o->seen[i].recorder);
		install_forget(o, (unsigned)i);
		vector_fini(&o->seen[i].have);
		vector_fini(&o->seen[i].covered);
		vector_fini(&o->seen[i].before);
	}
	overlay_free(o);
	table_free(&o->facts);
	table_free(&o->shown);
	free(o->log);
	free(o->gone);
	free(o->once);
	free(o->unchans);
	free(o);
}

size_t
oracle_entries(const struct oracle *o)
{
	return o->entries;
}

void
oracle_started(struct oracle *o, unsigned node)
{
	struct seen *s = &o->seen[node];

	free(s->empty);
	recorder_fini(&s->recorder);
	install_forget(o, node);
	vector_fini(&s->have);
	vector_fini(&s->covered);
	vector_fini(&s->before);
	memset(s, 0, sizeof(*s));
	s->cost.marks.arena = o->net->node[node].arena;
	recorder_init(&s->recorder);
	vector_init(&s->have);
	vector_init(&s->covered);
	vector_init(&s->before);
	overlay_started(o, node);
}

/* ---- what is forgotten ---- */

static bool
is_forgotten(const struct oracle *o, unsigned node, struct origin origin)
{
	const struct core *core = node_core(o->net->node[node].node);

	return origin.inc <= core_forgotten(core, origin.sid).inc;
}

bool
oracle_covers(const struct oracle *o, unsigned node, const struct vector *x,
    const struct vector *have)
{
	size_t i;

	for (i = 0; i < x->n; i++)
		if (x->v[i].n > vector_get(have, x->v[i].o) &&
		    !is_forgotten(o, node, x->v[i].o))
			return false;
	return true;
}

/*
 * Take forgotten runs out of the vectors kept here: they are in no vector of
 * the server either.
 */
static void
note_forgotten(struct oracle *o, unsigned node)
{
	const struct core *core = node_core(o->net->node[node].node);
	struct seen *s = &o->seen[node];
	struct forgotten f;
	size_t i, k;

	if (s->forgets == core_forget_count(core))
		return;
	s->forgets = core_forget_count(core);
	for (i = 0; core_forgotten_next(core, &i, &f);) {
		for (k = 0; k < s->have.n; k++)
			if (sid_cmp(s->have.v[k].o.sid, f.sid) == 0 &&
			    s->have.v[k].o.inc <= f.inc)
				o->reached[REACH_FORGOTTEN]++;
		vector_forget(&s->have, f.sid, f.inc);
		vector_forget(&s->covered, f.sid, f.inc);
		vector_forget(&s->before, f.sid, f.inc);
	}
	s->place = 0; /* the log lost entries in its middle */
}

/* ---- entries ---- */

static struct olog *
olog(struct oracle *o, struct origin origin)
{
	size_t i;

	for (i = 0; i < o->nlogs; i++)
		if (origin_cmp(o->log[i].o, origin) == 0)
			return &o->log[i];
	o->log = mem_array(o->log, o->nlogs + 1, sizeof(*o->log));
	memset(&o->log[o->nlogs], 0, sizeof(*o->log));
	o->log[o->nlogs].o = origin;
	return &o->log[o->nlogs++];
}

static struct einfo *
einfo(struct oracle *o, struct origin origin, uint64_t n)
{
	struct olog *l = olog(o, origin);
	size_t cap;

	if (n > l->cap) {
		cap = l->cap;
		l->cap = n * 2 + 64;
		l->v = mem_array(l->v, l->cap, sizeof(*l->v));
		memset(l->v + cap, 0, (l->cap - cap) * sizeof(*l->v));
	}
	if (n > l->n)
		l->n = n;
	return &l->v[n - 1];
}

static void
removed(struct oracle *o, const struct entry *e, struct dot dot, struct uid uid)
{
	if (o->ngone == o->capgone) {
		o->capgone = o->capgone == 0 ? 64 : o->capgone * 2;
		o->gone = mem_array(o->gone, o->capgone, sizeof(*o->gone));
	}
	o->gone[o->ngone++] = (struct gone){ e->o, e->n, dot, uid };
}

/*
 * Note something a home may write only once. Return false if it was written
 * before.
 */
static bool
first_time(struct oracle *o, uint64_t key)
{
	size_t i;

	for (i = 0; i < o->nonce; i++)
		if (o->once[i].key == key)
			return false;
	if (o->nonce == o->caponce) {
		o->caponce = o->caponce == 0 ? 64 : o->caponce * 2;
		o->once = mem_array(o->once, o->caponce, sizeof(*o->once));
	}
	o->once[o->nonce++].key = key;
	return true;
}

/*
 * Return the number of the last claim of uid before entry e, from the log of
 * its origin.
 */
static uint64_t
claim_before(struct oracle *o, const struct entry *e, struct uid uid)
{
	struct olog *l = olog(o, e->o);
	struct entry *old;
	struct part *p;
	const char *why;
	uint64_t n;
	size_t i;

	for (n = e->n - 1; n > 0; n--) {
		if (l->v[n - 1].text == NULL)
			continue;
		old = entry_from_text(span_make(l->v[n - 1].text,
					  l->v[n - 1].len),
		    &why);
		if (old == NULL)
			return 0;
		p = entry_parts(old, o->net->arena);
		for (i = 0; i < old->nparts; i++)
			if ((p[i].id == PART_USER &&
				uid_cmp(p[i].u.user.uid, uid) == 0) ||
			    (p[i].id == PART_NICK &&
				uid_cmp(p[i].u.nick.uid, uid) == 0))
				break;
		i = i < old->nparts;
		entry_unref(old);
		if (i)
			return n;
	}
	return 0;
}

/* Invariant 9, for as long as no session changes its server. */
static void
look_at_cause(struct oracle *o, const struct entry *e)
{
	struct cause cause = entry_cause(e);
	uint64_t key;

	if (cause.sess.k == 0)
		return;
	key = hash(5, cause.sess.uid.s, UID_LEN);
	key = hash(key, &cause.sess.k, sizeof(cause.sess.k));
	key = hash(key, &cause.c, sizeof(cause.c));
	/* a server that has lost its mark gives a uid again */
	key = hash(key, &cause.t0, sizeof(cause.t0));
	if (!first_time(o, key))
		net_fail(o->net,
		    "invariant 9: command %ju of %s.%u is in two "
		    "entries",
		    (uintmax_t)cause.c, cause.sess.uid.s,
		    (unsigned)cause.sess.k);
}

static uint64_t
hash_origin(uint64_t key, struct origin o)
{
	return hash(hash(key, o.sid.s, SID_LEN), &o.inc, sizeof(o.inc));
}

/* Return true if a former run has given the uid of a +USER of that origin. */
static bool
is_given_again(struct oracle *o, struct origin origin, const struct part *p)
{
	uint64_t key = hash(6, p->u.user.uid.s, UID_LEN);

	if (!first_time(o, hash_origin(key, origin)))
		return false;
	return !first_time(o, key);
}

static void
count_part(struct oracle *o, unsigned node, const struct entry *e,
    const struct part *p)
{
	bool joins = false, is_own;

	is_own = origin_cmp(e->o,
		     core_self(node_core(o->net->node[node].node))) == 0;
	switch ((int)p->id) {
	case PART_USER:
		o->reached[REACH_UID_TWICE] += is_given_again(o, e->o, p);
		break;
	case PART_READY:
		for (size_t i = 0; i < o->nlogs; i++)
			joins |= sid_cmp(o->log[i].o.sid, e->o.sid) == 0 &&
				 o->log[i].o.inc < e->o.inc;
		o->reached[REACH_RESTART] += joins;
		break;
	case PART_UNCHAN:
		foundings_unchan(o, node, e, &p->u.unchan);
		break;
	case PART_FORGET:
		if (is_own)
			removal_forget(o, node, &p->u.forget);
		break;
	case PART_STAT:
		/* the server gives a status to a user that founds, only */
		o->reached[REACH_FOUND_AGAIN] +=
		    uid_is_none(p->u.stat.by.uid) &&
		    p->u.stat.ch.cinc.stamp.ms != e->stamp.ms;
		break;
	case PART_LDEL:
		o->reached[REACH_INVITED] += e->nparts > 1;
		break;
	case PART_SAY:
		o->reached[REACH_KILL] += span_eq(p->u.say.verb, SPAN("KILL"));
		o->reached[REACH_FORCED] +=
		    span_eq(p->u.say.verb, SPAN("SAJOIN"));
		break;
	default:
		break;
	}
}

/* A home moves a membership to an incarnation once, and once more for each
 * founding of that channel that was removed: it may hear of a removal long
 * after it was made. */
static void
look_at_move(struct oracle *o, const struct entry *e, const struct part_move *p)
{
	uint64_t key, removed = foundings_removed(o, p->ch.name);
	bool once = false; /* one of the times that are allowed */

	key = hash_origin(2, e->o);
	key = hash(key, dot_span(&p->dot).p, dot_span(&p->dot).n);
	key = hash(key, &p->ch.cinc.stamp.ms, 8);
	key = hash(key, p->ch.cinc.sid.s, SID_LEN);
	for (uint64_t i = 0; i <= removed && !once; i++)
		once = first_time(o, hash(key, &i, sizeof(i)));
	if (!once)
		net_fail(o->net,
		    "storm: a membership is re-issued twice into one "
		    "incarnation: %.*s",
		    SPAN_ARG(p->ch.name));
}

static void
look_at_parts(struct oracle *o, unsigned node, const struct entry *e)
{
	const struct uid nobody = { "" };
	const struct dot nothing = { .n = 0 };
	struct part *p;
	uint64_t key, n;
	size_t i;

	p = entry_parts(e, o->net->arena);
	for (i = 0; i < e->nparts; i++, p++) {
		count_part(o, node, e, p);
		switch ((int)p->id) {
		case PART_PART:
			removed(o, e, p->u.part.dot, nobody);
			break;
		case PART_KICK:
			removed(o, e, p->u.kick.dot, nobody);
			break;
		case PART_QUIT:
			removed(o, e, nothing, p->u.quit.uid);
			break;
		case PART_NICK:
			if (!span_eq(p->u.nick.nick, uid_span(&p->u.nick.uid)))
				break;
			o->reached[REACH_LOST_NICK]++;
			n = claim_before(o, e, p->u.nick.uid);
			key = hash_origin(n, e->o);
			key = hash(key, p->u.nick.uid.s, UID_LEN);
			if (!first_time(o, key))
				net_fail(o->net,
				    "storm: a second NICK to "
				    "the uid for one claim of %s",
				    p->u.nick.uid.s);
			break;
		case PART_MOVE:
			o->reached[REACH_MOVE]++;
			look_at_move(o, e, &p->u.move);
			break;
		default:
			break;
		}
	}
}

static void
accepted(struct oracle *o, unsigned node, const struct entry *e, bool own)
{
	struct einfo *i = einfo(o, e->o, e->n);
	struct span text = rcbuf_span(e->text);
	struct seen *s = &o->seen[node];

	if (i->text == NULL) {
		i->text = mem_alloc(text.n);
		memcpy(i->text, text.p, text.n);
		i->len = text.n;
		i->stamp = e->stamp;
		i->cause = entry_cause(e);
		vector_init(&i->deps);
		o->entries++;
		if (own && !o->lossy) {
			vector_copy(&i->deps, &s->have);
			i->has_deps = true;
		}
		look_at_cause(o, e);
		look_at_parts(o, node, e);
	} else if (!span_eq(span_make(i->text, i->len), text))
		net_fail(o->net, "s%u has another entry %s.%u:%ju", node + 1,
		    e->o.sid.s, e->o.inc, (uintmax_t)e->n);
	else if (own)
		net_fail(o->net, "s%u made entry %ju twice", node + 1,
		    (uintmax_t)e->n);
	if (i->has_deps && !oracle_covers(o, node, &i->deps, &s->have))
		net_fail(o->net,
		    "invariant 4: s%u has %s.%u:%ju without what "
		    "its maker had",
		    node + 1, e->o.sid.s, e->o.inc, (uintmax_t)e->n);
	vector_raise(&s->have, e->o, e->n);
}

/*
 * Check invariant 4 after a snapshot, which took the place of entries: for the
 * last entry of each origin, everything that its maker had is here, too.
 */
static void
check_closed(struct oracle *o, unsigned node, const struct vector *have)
{
	const struct olog *l;
	const struct einfo *i;
	size_t k;

	for (k = 0; k < have->n; k++) {
		if (have->v[k].n == 0)
			continue;
		l = olog(o, have->v[k].o);
		if (have->v[k].n > l->n)
			continue;
		i = &l->v[have->v[k].n - 1];
		if (i->has_deps && !oracle_covers(o, node, &i->deps, have))
			net_fail(o->net,
			    "invariant 4: after a snapshot s%u "
			    "has %s.%u:%ju without what its maker had",
			    node + 1, l->o.sid.s, l->o.inc,
			    (uintmax_t)have->v[k].n);
	}
}

static void
new_entries(struct oracle *o, unsigned node, const struct log *log,
    uint64_t snaps, bool is_taking)
{
	struct seen *s = &o->seen[node];
	struct origin self = core_self(node_core(o->net->node[node].node));
	const struct entry *e;
	uint64_t at;
	bool own;

	if (snaps != s->snaps) {
		s->snaps = snaps;
		s->place = log_begin(log);
		vector_raise_all(&s->have, &log->floor);
		s->unclosed = true;
	}
	/* the entries that it carries come in slices */
	if (s->unclosed && !is_taking) {
		s->unclosed = false;
		check_closed(o, node, &log->have);
	}
	at = s->place < log_begin(log) ? log_begin(log) : s->place;
	for (; at < log_end(log); at++) {
		e = log_at(log, at)->entry;
		if (e->n <= vector_get(&s->have, e->o) || !log_has(log, e))
			continue;
		own = origin_cmp(e->o, self) == 0;
		clock_entry(o, node, e, own);
		if (own)
			cost_made(o, node, e);
		accepted(o, node, e, own);
	}
	s->place = at;
	vector_raise_all(&s->have, &log->floor);
	if (!vector_le(&log->have, &s->have) ||
	    !vector_le(&s->have, &log->have))
		net_fail(o->net, "s%u: its log is not what it has", node + 1);
}

/* ---- states ---- */

static void
print_difference(char *to, size_t max, struct span a, struct span b)
{
	struct span la, lb, ra, rb;
	size_t n = 0;
	int c;

	*to = '\0';
	while ((a.n > 0 || b.n > 0) && n + 200 < max) {
		ra = a;
		rb = b;
		la = span_cut(&ra, '\n');
		lb = span_cut(&rb, '\n');
		c = a.n == 0 ? 1 : b.n == 0 ? -1 : span_cmp(la, lb);
		if (c < 0)
			n += (size_t)snprintf(to + n, max - n, "\n\t- %.*s",
			    SPAN_ARG(la));
		else if (c > 0)
			n += (size_t)snprintf(to + n, max - n, "\n\t+ %.*s",
			    SPAN_ARG(lb));
		if (c <= 0)
			a = ra;
		if (c >= 0)
			b = rb;
		if (n >= max)
			n = max - 1;
	}
}

static struct state *
table_find(struct table *t, uint64_t key)
{
	struct state *old;
	size_t i, k, cap;

	if (t->n * 2 >= t->cap) {
		old = t->v;
		cap = t->cap;
		t->cap = cap == 0 ? 1024 : cap * 2;
		t->v = mem_array(NULL, t->cap, sizeof(*t->v));
		memset(t->v, 0, t->cap * sizeof(*t->v));
		for (i = 0; i < cap; i++) {
			if (old[i].text == NULL)
				continue;
			for (k = old[i].key & (t->cap - 1);
			     t->v[k].text != NULL; k = (k + 1) & (t->cap - 1))
				;
			t->v[k] = old[i];
		}
		free(old);
	}
	for (k = key & (t->cap - 1); t->v[k].text != NULL && t->v[k].key != key;
	     k = (k + 1) & (t->cap - 1))
		;
	return &t->v[k];
}

static void
compare_state(struct oracle *o, struct table *t, uint64_t key, struct span text,
    unsigned node, const char *what)
{
	struct state *s = table_find(t, key);
	char diff[4096];
	uint64_t h = hash(7, text.p, text.n);

	if (s->text == NULL) {
		s->key = key;
		s->hash = h;
		s->text = mem_alloc(text.n + 1);
		memcpy(s->text, text.n > 0 ? text.p : "", text.n);
		s->len = text.n;
		s->node = node;
		t->n++;
	} else if (s->hash != h) {
		print_difference(diff, sizeof(diff), span_make(s->text, s->len),
		    text);
		net_fail(o->net, "%s: -s%u +s%u%s", what, s->node + 1, node + 1,
		    diff);
	}
}

/* Return true if the user that is gone is here. Another user may have the uid,
 * since a later run of the server has given it again. */
static bool
is_here(const struct facts *f, const struct gone *g)
{
	const struct user *u = facts_find_uid(f, g->uid);

	return u != NULL && (sid_cmp(u->dot.o.sid, g->o.sid) != 0 ||
				u->dot.o.inc <= g->o.inc);
}

static void
check_gone(struct oracle *o, unsigned node, const struct core *core,
    const struct vector *covered)
{
	const struct gone *g;
	size_t i;

	for (i = 0; i < o->ngone; i++) {
		g = &o->gone[i];
		if (vector_get(covered, g->o) < g->n)
			continue;
		if (g->dot.n > 0 ? facts_find_dot(&core->facts, g->dot) != NULL
				 : is_here(&core->facts, g))
			net_fail(o->net,
			    "s%u: removed by %s.%u:%ju and here again: %s "
			    "%ju.%u",
			    node + 1, g->o.sid.s, g->o.inc, (uintmax_t)g->n,
			    g->uid.s, (uintmax_t)g->dot.n,
			    (unsigned)g->dot.part);
	}
}

uint64_t
oracle_overlay(const struct core *core)
{
	const struct server *s;
	uint64_t h = 0;
	size_t i;

	for (i = 0; (s = map_next(&core->facts.servers, &i)) != NULL;)
		h += hash(hash(3, s->sid.s, SID_LEN), &s->visible,
		    sizeof(s->visible));
	return h;
}

static void
count_waiting(struct oracle *o, unsigned node, const struct log *log)
{
	const struct link_net *links = node_links(o->net->node[node].node);
	const struct link *l;

	if (!log_is_drained(log))
		o->reached[REACH_AHEAD]++;
	for (size_t i = 0; (l = link_net_link(links, i)) != NULL; i++)
		if (l->held)
			o->reached[REACH_HELD]++;
}

static void
check_states(struct oracle *o, unsigned node, const struct core *core,
    const struct log *log)
{
	struct seen *s = &o->seen[node];
	struct arena *a = o->net->arena;
	struct vector covered;
	uint64_t key, shown;

	count_waiting(o, node, log);
	vector_init(&covered);
	log_covered_all(log, &covered);
	key = hash_vector(&covered);
	if (!vector_eq(&covered, &s->covered)) {
		if (!vector_le(&s->covered, &covered))
			net_fail(o->net,
			    "invariant 1: s%u forgets what it "
			    "has processed",
			    node + 1);
		vector_copy(&s->covered, &covered);
		s->uncompared = true;
	}
	vector_fini(&covered);
	if (core_is_voiding(core)) {
		o->reached[REACH_VOIDING]++;
		return;
	}
	/* half of an entry is the state of no vector, either */
	if (core_is_applying(core)) {
		o->reached[REACH_APPLYING]++;
		return;
	}
	if (key % o->every != 0)
		return;
	if (s->uncompared) {
		s->uncompared = false;
		compare_state(o, &o->facts, key, core_canon(core, a), node,
		    "invariant 5: one vector, two states");
		check_gone(o, node, core, &s->covered);
	}
	shown = hash(key, &(uint64_t){ oracle_overlay(core) }, 8);
	shown = hash(shown, &(uint64_t){ core->settings->nrows }, 8);
	o->reached[REACH_ROWS_WALK] += core->rows.phase != ROWS_REST;
	o->reached[REACH_POSTPONED] += postpone_any(core);
	/* a server whose slices are still to come shows something in between */
	if (!TAILQ_EMPTY(&core->flips) || postpone_any(core) ||
	    postpone_lists_any(core) || core->rows.phase != ROWS_REST)
		o->reached[REACH_SLICES]++;
	else if (shown != s->shown_key) {
		s->shown_key = shown;
		compare_state(o, &o->shown, shown, core_canon_shown(core, a),
		    node, "one vector and overlay, two shown states");
	}
}

/*
 * Return true if this step is to be checked. Most steps are digests and beats
 * that change neither facts nor log; every 16th of these is checked.
 */
static bool
has_changed(struct oracle *o, unsigned node, const struct core *core,
    const struct log *log)
{
	struct seen *s = &o->seen[node];
	const uint64_t now[] = { log_begin(log), log_end(log), log->next,
		log->floors, oracle_overlay(core), core->applied_n,
		core_is_partial(core) };
	uint64_t key = hash(11, now, sizeof(now));

	if (++s->steps % o->every != 0)
		return false;
	if (key == s->checked && ++s->unchecked % 16 != 0)
		return false;
	s->checked = key;
	return true;
}

static void
begin_recording(struct oracle *o, unsigned node)
{
	struct seen *s = &o->seen[node];

	if (s->recording)
		return;
	s->recording = true;
	/* a node is not const here, and so its core is not */
	core_add_sink((struct core *)(uintptr_t)
			  node_core(o->net->node[node].node),
	    &s->recorder.sink);
}

/* The changes that the node gave to its sinks say what it shows now. */
static const char *
check_changes(struct oracle *o, unsigned node, const struct core *core)
{
	struct seen *s = &o->seen[node];

	if ((s->recorder.changes == s->changes && s->unchecked % 16 != 0) ||
	    s->steps % o->every != 0)
		return NULL;
	s->changes = s->recorder.changes;
	return recorder_compare(&s->recorder, core);
}

/* The new node shows all anew, to nobody but its sinks. */
void
oracle_goes_on(struct oracle *o, unsigned node)
{
	struct seen *s = &o->seen[node];

	install_forget(o, node);
	recorder_fini(&s->recorder);
	recorder_init(&s->recorder);
	s->recording = false;
	s->changes = 0;
	begin_recording(o, node);
}

/* All that is known of the log, of the clock and of the shown servers goes on.
 * Counts from the start of a core begin anew. */
void
oracle_went_on(struct oracle *o, unsigned node)
{
	struct seen *s = &o->seen[node];
	const struct node *n = o->net->node[node].node;
	const struct log *log = link_net_log(node_links(n));
	const struct core *core = node_core(n);

	s->place = log_end(log);
	s->next = log->next;
	s->units = core->work.left;
	s->tokens = core->next_token;
	s->forgets = core_forget_count(core);
	memset(s->requests, 0, sizeof(s->requests));
	cost_goes_on(o, node);
}

/*
 * A turn processes as many entries as it has units for (doc/decisions/0017).
 * When the units are spent, an entry that comes is accepted and waits; and a
 * tick, which brings new units, processes one entry more than they pay for, at
 * most. The end of a snapshot drains the log whatever it costs.
 */
static void
check_budget(struct oracle *o, unsigned node, const struct event *ev)
{
	const struct core *core = node_core(o->net->node[node].node);
	const struct log *log =
	    link_net_log(node_links(o->net->node[node].node));
	struct seen *s = &o->seen[node];
	uint64_t n = log->next > s->next ? log->next - s->next : 0;

	if (ev->kind == EV_LINK_LINE && s->units <= 0 && n > 0 &&
	    ev->u.line.line.n > 0 && ev->u.line.line.p[0] == '+')
		net_fail(o->net,
		    "s%u processes an entry when all units are spent",
		    node + 1);
	if (ev->kind == EV_TICK && n > 0 &&
	    (n - 1) * COST_ENTRY > (uint64_t)core->turn)
		net_fail(o->net, "s%u processes %ju entries in one tick",
		    node + 1, (uintmax_t)n);
	s->units = core->work.left;
	s->next = log->next;
}

/* Count requests that have expired, and answers that nothing waits for. */
static void
count_requests(struct oracle *o, unsigned node, const struct event *ev)
{
	const struct core *core = node_core(o->net->node[node].node);
	struct seen *s = &o->seen[node];
	bool same = core->next_token == s->tokens;

	for (size_t k = 0; k < REQUEST_COUNT; k++) {
		same &= core->requests[k].n == s->requests[k];
		if (k == REQUEST_UIDS && ev->kind == EV_TICK)
			o->reached[REACH_UNANSWERED] +=
			    core->requests[k].n < s->requests[k];
		s->requests[k] = core->requests[k].n;
	}
	s->tokens = core->next_token;
	o->reached[REACH_ANSWERED_IN_VAIN] += same && ev->kind == EV_ANSWERED;
}

void
oracle_step(struct oracle *o, unsigned node, const struct event *ev)
{
	const struct net_node *nn = &o->net->node[node];
	const struct core *core = node_core(nn->node);
	const struct link_net *links = node_links(nn->node);
	const char *why = NULL;

	if (ev->kind == EV_SEED) {
		o->seen[node].units = 0;
		o->seen[node].tokens = 0;
		memset(o->seen[node].requests, 0,
		    sizeof(o->seen[node].requests));
		o->seen[node].next = 0;
		return;
	}
	begin_recording(o, node);
	if (has_changed(o, node, core, link_net_log(links)) ||
	    (o->every == 1 &&
		(ev->kind == EV_LINE || ev->kind == EV_TRUNK_LINE ||
		    ev->kind == EV_CONN_CLOSED || ev->kind == EV_ANSWERED))) {
		why = core_check(core, o->net->arena);
		if (why == NULL)
			why = link_check(links, o->net->arena);
	}
	if (why == NULL)
		why = check_changes(o, node, core);
	if (why != NULL) {
		net_fail(o->net, "s%u after %s: %s", node + 1,
		    event_name(ev->kind), why);
		return;
	}
	check_budget(o, node, ev);
	count_requests(o, node, ev);
	vector_copy(&o->seen[node].before, &o->seen[node].have);
	note_forgotten(o, node);
	clock_begin(o, node, ev);
	cost_begin(o, node);
	new_entries(o, node, link_net_log(links),
	    link_net_counts(links)->snaps_in, link_net_is_taking(links));
	clock_end(o, node);
	cost_step(o, node, ev);
	/* half of a snapshot is the state of no vector */
	if (link_net_is_taking(links))
		o->reached[REACH_TAKING]++;
	if (!core_is_installing(core))
		check_states(o, node, core, link_net_log(links));
	removal_step(o, node);
	install_step(o, node, ev);
	overlay_step(o, node);
	if (o->seen[node].steps % o->every == 0)
		foundings_step(o, node);
}

/* ---- at rest ---- */

bool
oracle_is_quiet(const struct net *net, uint32_t part)
{
	const struct log *first = NULL, *log;
	unsigned i;

	for (i = 0; i < net->n; i++) {
		if ((part >> i & 1) == 0)
			continue;
		log = link_net_log(node_links(net->node[i].node));
		if (first == NULL)
			first = log;
		if (!vector_eq(&log->have, &first->have) ||
		    !log_is_drained(log) ||
		    core_is_held(node_core(net->node[i].node)) ||
		    !core_is_ready(node_core(net->node[i].node)))
			return false;
	}
	return true;
}

static void
check_shown_servers(struct oracle *o, unsigned node, uint32_t part)
{
	const struct core *core = node_core(o->net->node[node].node);
	const struct server *s;
	uint32_t inc;
	unsigned i;

	for (i = 0; i < o->net->n; i++) {
		s = facts_find_server(&core->facts, setup_sid(i));
		inc = s == NULL ? 0 : s->visible;
		if (inc != ((part >> i & 1) != 0 ? o->net->node[i].inc : 0))
			net_fail(o->net,
			    "at rest: s%u shows %u of s%u, which "
			    "is %u and %s",
			    node + 1, inc, i + 1, o->net->node[i].inc,
			    (part >> i & 1) != 0 ? "linked" : "out of reach");
	}
}

static void
check_equal(struct oracle *o, unsigned a, unsigned b)
{
	const struct core *x = node_core(o->net->node[a].node),
			  *y = node_core(o->net->node[b].node);
	struct arena *arena = o->net->arena;
	struct core_digest dx, dy;
	char diff[4096];

	print_difference(diff, sizeof(diff), core_canon(x, arena),
	    core_canon(y, arena));
	core_digest(x, &dx);
	core_digest(y, &dy);
	if ((dx.sum == dy.sum && dx.facts == dy.facts) != (diff[0] == '\0'))
		net_fail(o->net, "s%u, s%u: the digest of facts lies", a + 1,
		    b + 1);
	if (diff[0] != '\0')
		net_fail(o->net, "at rest: facts differ: -s%u +s%u%s", a + 1,
		    b + 1, diff);
	if (x->settings->nrows != y->settings->nrows) {
		o->reached[REACH_OTHER_ROWS]++;
		return;
	}
	print_difference(diff, sizeof(diff), core_canon_shown(x, arena),
	    core_canon_shown(y, arena));
	if (diff[0] != '\0')
		net_fail(o->net, "at rest: shown states differ: -s%u +s%u%s",
		    a + 1, b + 1, diff);
}

/*
 * Count channels that have more members than +l allows. Two joins at the same
 * time can pass the limit; this cannot be merged, and is tolerated.
 */
static void
count_passed(struct oracle *o, unsigned node)
{
	const struct core *core = node_core(o->net->node[node].node);
	const struct chan *c;
	size_t i;

	for (i = 0; (c = map_next(&core->facts.chans, &i)) != NULL;) {
		const struct rcbuf *limit = chan_value(c, CM_LIMIT);

		o->reached[REACH_PERMANENT] +=
		    c->nshown == 0 && chan_is_shown(c);
		o->reached[REACH_LIMIT_PASSED] +=
		    limit != NULL && c->nshown > mode_limit(rcbuf_span(limit));
	}
}

/* Return all servers but those that run as another one. */
static uint32_t
true_servers(const struct net *net)
{
	uint32_t all = 0;

	for (unsigned i = 0; i < net->n; i++)
		if (net->node[i].as == i)
			all |= 1u << i;
	return all;
}

void
oracle_rest(struct oracle *o, uint32_t part)
{
	unsigned i, first = NET_NODES;

	for (i = 0; i < o->net->n; i++) {
		if ((part >> i & 1) == 0)
			continue;
		if (first == NET_NODES)
			first = i;
		else
			check_equal(o, first, i);
		check_shown_servers(o, i, part);
		clock_rest(o, i);
		cost_rest(o, i);
		count_passed(o, i);
		later_rest(o, i);
		bans_rest(o, i);
	}
	if (o->net->failed || part != true_servers(o->net))
		return;
	foundings_rest(o);
	model_check(o);
}

uint64_t
oracle_last_command(const struct oracle *o, unsigned node, struct uid uid)
{
	const struct node *n = o->net->node[node].node;
	const struct log *log = link_net_log(node_links(n));
	uint64_t top, last = 0;
	const struct olog *l;

	for (size_t k = 0; k < o->nlogs; k++) {
		l = &o->log[k];
		top = vector_get(&log->done, l->o);
		if (top < vector_get(&log->merged, l->o))
			top = vector_get(&log->merged, l->o);
		if (origin_cmp(l->o, core_self(node_core(n))) == 0)
			top = l->n;
		for (uint64_t i = 0; i < top && i < l->n; i++)
			if (uid_cmp(l->v[i].cause.sess.uid, uid) == 0 &&
			    l->v[i].cause.c > last)
				last = l->v[i].cause.c;
	}
	return last;
}
