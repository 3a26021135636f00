/*
 * Entries are kept by origin in an array (they are numbered from 1), each
 * with its bytes and with what its maker had when it made it. Facts and
 * shown states are kept as text under a hash of the vector that they are a
 * function of: the first server to get there says what they are, all later
 * ones are compared.
 *
 * The second merge is naive on purpose: it looks at all entries at once, as a
 * set, without order and without causality. Where it differs from the core,
 * either the core depends on an order, or one of the two misreads the rules.
 */
#include "oracle.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/line.h"
#include "core/names.h"
#include "core/show.h"
#include "core/state.h"
#include "link/net.h"
#include "wire/casemap.h"

/* ---- kept -----------------------------------------------------------------
 */

struct einfo {
	char *text;
	size_t len;
	struct vector deps;
	bool has_deps;
	struct stamp stamp;
	struct cause cause;
};

struct olog {
	struct origin o;
	struct einfo *v; /* entry n at n - 1 */
	size_t n, cap;
};

struct gone { /* removed by entry n of o */
	struct origin o;
	uint64_t n;
	struct dot dot; /* n 0: it is a user */
	struct uid uid;
};

struct state { /* facts, or what is shown, at a vector */
	uint64_t key, hash;
	char *text;
	size_t len;
	unsigned node;
};

struct table {
	struct state *v;
	size_t n, cap;
};

struct once { /* what a home may write once */
	uint64_t key;
};

struct seen {
	uint64_t place; /* in its log */
	uint64_t snaps;
	struct vector have, covered;
	uint64_t shown_key;
	uint64_t checked; /* what it was when last looked at */
	unsigned unchecked;
};

struct oracle {
	struct net *net;
	struct olog *log;
	size_t nlogs;
	struct gone *gone;
	size_t ngone, capgone;
	struct table facts, shown;
	struct once *once;
	size_t nonce, caponce;
	struct seen seen[NET_NODES];
	size_t entries;
};

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
oracle_new(struct net *net)
{
	struct oracle *o;

	o = mem_zalloc(sizeof(*o));
	o->net = net;
	return o;
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
		vector_fini(&o->seen[i].have);
		vector_fini(&o->seen[i].covered);
	}
	table_free(&o->facts);
	table_free(&o->shown);
	free(o->log);
	free(o->gone);
	free(o->once);
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

	vector_fini(&s->have);
	vector_fini(&s->covered);
	memset(s, 0, sizeof(*s));
	vector_init(&s->have);
	vector_init(&s->covered);
}

/* ---- entries --------------------------------------------------------------
 */

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

/* False if that was written before. */
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

/* The number of the last claim of uid before entry e, from its own log. */
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
		old = entry_from_text(
		    span_make(l->v[n - 1].text, l->v[n - 1].len), &why);
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

static void
look_at_parts(struct oracle *o, const struct entry *e)
{
	const struct uid nobody = { "" };
	const struct dot nothing = { .n = 0 };
	struct part *p;
	uint64_t key, n;
	size_t i;

	p = entry_parts(e, o->net->arena);
	for (i = 0; i < e->nparts; i++, p++) {
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
			n = claim_before(o, e, p->u.nick.uid);
			key = hash(n, p->u.nick.uid.s, UID_LEN);
			if (!first_time(o, key))
				net_fail(o->net,
				    "storm: a second NICK to "
				    "the uid for one claim of %s",
				    p->u.nick.uid.s);
			break;
		case PART_MOVE:
			key =
			    hash(2, &p->u.move.dot.n, sizeof(p->u.move.dot.n));
			key = hash(key, p->u.move.dot.o.sid.s, SID_LEN);
			key = hash(key, &p->u.move.dot.o.inc, 4);
			key = hash(key, &p->u.move.dot.part, 4);
			key = hash(key, &p->u.move.ch.cinc.stamp.ms, 8);
			key = hash(key, p->u.move.ch.cinc.sid.s, SID_LEN);
			if (!first_time(o, key))
				net_fail(o->net,
				    "storm: a membership is re-issued twice "
				    "into one incarnation: %.*s",
				    SPAN_ARG(p->u.move.ch.name));
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
		i->cause = e->cause;
		vector_init(&i->deps);
		o->entries++;
		if (own) {
			vector_copy(&i->deps, &s->have);
			i->has_deps = true;
		}
		look_at_parts(o, e);
	} else if (!span_eq(span_make(i->text, i->len), text))
		net_fail(o->net, "s%u has another entry %s.%u:%ju", node + 1,
		    e->o.sid.s, e->o.inc, (uintmax_t)e->n);
	else if (own)
		net_fail(o->net, "s%u made entry %ju twice", node + 1,
		    (uintmax_t)e->n);
	if (i->has_deps && !vector_le(&i->deps, &s->have))
		net_fail(o->net,
		    "invariant 4: s%u has %s.%u:%ju without what "
		    "its maker had",
		    node + 1, e->o.sid.s, e->o.inc, (uintmax_t)e->n);
	vector_raise(&s->have, e->o, e->n);
}

/* A snapshot took the place of entries: what is on top must be closed too. */
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
		if (i->has_deps && !vector_le(&i->deps, have))
			net_fail(o->net,
			    "invariant 4: after a snapshot s%u "
			    "has %s.%u:%ju without what its maker had",
			    node + 1, l->o.sid.s, l->o.inc,
			    (uintmax_t)have->v[k].n);
	}
}

static void
new_entries(
    struct oracle *o, unsigned node, const struct log *log, uint64_t snaps)
{
	struct seen *s = &o->seen[node];
	struct origin self = core_self(node_core(o->net->node[node].node));
	const struct entry *e;
	uint64_t at;

	if (snaps != s->snaps) {
		s->snaps = snaps;
		s->place = log_begin(log);
		vector_raise_all(&s->have, &log->floor);
		check_closed(o, node, &log->have);
	}
	at = s->place < log_begin(log) ? log_begin(log) : s->place;
	for (; at < log_end(log); at++) {
		e = log_at(log, at)->entry;
		if (e->n > vector_get(&s->have, e->o))
			accepted(o, node, e, origin_cmp(e->o, self) == 0);
	}
	s->place = at;
	vector_raise_all(&s->have, &log->floor);
	if (!vector_le(&log->have, &s->have) ||
	    !vector_le(&s->have, &log->have))
		net_fail(o->net, "s%u: its log is not what it has", node + 1);
}

/* ---- states ---------------------------------------------------------------
 */

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
			n += (size_t)snprintf(
			    to + n, max - n, "\n\t- %.*s", SPAN_ARG(la));
		else if (c > 0)
			n += (size_t)snprintf(
			    to + n, max - n, "\n\t+ %.*s", SPAN_ARG(lb));
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
		print_difference(
		    diff, sizeof(diff), span_make(s->text, s->len), text);
		net_fail(o->net, "%s: -s%u +s%u%s", what, s->node + 1, node + 1,
		    diff);
	}
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
				 : facts_find_uid(&core->facts, g->uid) != NULL)
			net_fail(o->net,
			    "s%u: removed by %s.%u:%ju and here again: %s "
			    "%ju.%u",
			    node + 1, g->o.sid.s, g->o.inc, (uintmax_t)g->n,
			    g->uid.s, (uintmax_t)g->dot.n, g->dot.part);
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
check_states(struct oracle *o, unsigned node, const struct core *core,
    const struct log *log)
{
	struct seen *s = &o->seen[node];
	struct arena *a = o->net->arena;
	struct vector covered;
	uint64_t key, shown;

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
		compare_state(o, &o->facts, key, core_canon(core, a), node,
		    "invariant 5: one vector, two states");
		check_gone(o, node, core, &covered);
	}
	shown = hash(key, &(uint64_t){ oracle_overlay(core) }, 8);
	if (shown != s->shown_key) {
		s->shown_key = shown;
		compare_state(o, &o->shown, shown, core_canon_shown(core, a),
		    node, "one vector and overlay, two shown states");
	}
	vector_fini(&covered);
}

/*
 * Most steps are digests and beats that change neither facts nor log; of those
 * every 16th is looked at.
 */
static bool
has_changed(struct oracle *o, unsigned node, const struct core *core,
    const struct log *log)
{
	struct seen *s = &o->seen[node];
	const uint64_t now[] = { log_begin(log), log_end(log), log->next,
		log->floors, oracle_overlay(core), core->applied_n };
	uint64_t key = hash(11, now, sizeof(now));

	if (key == s->checked && ++s->unchecked % 16 != 0)
		return false;
	s->checked = key;
	return true;
}

void
oracle_step(struct oracle *o, unsigned node, const struct event *ev)
{
	const struct net_node *nn = &o->net->node[node];
	const struct core *core = node_core(nn->node);
	const struct link_net *links = node_links(nn->node);
	const char *why = NULL;

	if (ev->kind == EV_SEED)
		return;
	if (has_changed(o, node, core, link_net_log(links)) ||
	    ev->kind == EV_LINE || ev->kind == EV_CONN_CLOSED) {
		why = core_check(core, o->net->arena);
		if (why == NULL)
			why = link_check(links, o->net->arena);
	}
	if (why != NULL) {
		net_fail(o->net, "s%u after %s: %s", node + 1,
		    event_name(ev->kind), why);
		return;
	}
	new_entries(
	    o, node, link_net_log(links), link_net_counts(links)->snaps_in);
	check_states(o, node, core, link_net_log(links));
}

/* ---- at rest --------------------------------------------------------------
 */

bool
oracle_is_quiet(const struct net *net)
{
	const struct log *first, *log;
	unsigned i;

	first = link_net_log(node_links(net->node[0].node));
	for (i = 0; i < net->n; i++) {
		log = link_net_log(node_links(net->node[i].node));
		if (!vector_eq(&log->have, &first->have) ||
		    log_pending(log) != NULL ||
		    !core_is_ready(node_core(net->node[i].node)))
			return false;
	}
	return true;
}

struct mwrite { /* of a register */
	uint32_t tenure;
	struct stamp stamp;
	struct sid sid;
};

struct muser {
	struct uid uid;
	struct origin o;
	char nick[80];
	uint64_t class;
	struct stamp claim;
	uint64_t claim_n;
	bool gone;
};

struct mmember {
	struct dot dot;
	char chan[80]; /* folded */
	struct cinc cinc;
	struct mwrite moved;
	struct uid uid;
	bool gone;
};

struct mchan { /* an incarnation */
	char chan[80];
	struct cinc cinc;
	struct dot dot;
	bool gone;
};

struct mreg { /* of a user, a channel, a membership */
	char key[200];
	struct mwrite w;
	bool on;
	char value[512];
};

struct mmask {
	struct dot dot;
	char chan[80];
	struct cinc cinc;
	char list[32], mask[128];
	bool gone;
};

struct model {
	struct oracle *o;
	struct muser *user;
	struct mmember *member;
	struct mchan *chan;
	struct mreg *reg;
	struct mmask *mask;
	size_t nusers, nmembers, nchans, nregs, nmasks;
	uint32_t ready[NET_NODES]; /* inc of READY of the i-th sid */
};

#define GROW(m, v, n)                                             \
	((m)->v = mem_array((m)->v, (m)->n + 1, sizeof(*(m)->v)), \
	    memset(&(m)->v[(m)->n], 0, sizeof(*(m)->v)), &(m)->v[(m)->n++])

static void
text_copy(char *to, size_t max, struct span s)
{
	snprintf(to, max, "%.*s", SPAN_ARG(s));
}

static void
fold_copy(char *to, size_t max, struct span s)
{
	char *p;

	text_copy(to, max, s);
	for (p = to; *p != '\0'; p++)
		*p = casemap_char(*p);
}

static bool
is_later(const struct mwrite *a, const struct mwrite *b)
{
	if (a->tenure != b->tenure)
		return a->tenure > b->tenure;
	if (a->stamp.ms != b->stamp.ms)
		return a->stamp.ms > b->stamp.ms;
	return sid_cmp(a->sid, b->sid) > 0;
}

static void
write_reg(struct model *m, const char *key, struct mwrite w, bool on,
    struct span value)
{
	struct mreg *r = NULL;
	size_t i;

	for (i = 0; i < m->nregs; i++)
		if (strcmp(m->reg[i].key, key) == 0) {
			r = &m->reg[i];
			break;
		}
	if (r == NULL) {
		r = GROW(m, reg, nregs);
		snprintf(r->key, sizeof(r->key), "%s", key);
	} else if (!is_later(&w, &r->w))
		return;
	r->w = w;
	r->on = on;
	text_copy(r->value, sizeof(r->value), value);
}

static const struct mreg *
reg(const struct model *m, const char *key)
{
	size_t i;

	for (i = 0; i < m->nregs; i++)
		if (strcmp(m->reg[i].key, key) == 0)
			return m->reg[i].on ? &m->reg[i] : NULL;
	return NULL;
}

static void
cinc_key(char *to, size_t max, const char *what, const char *chan,
    struct cinc c, struct span field)
{
	snprintf(to, max, "%s %s %jd.%s %.*s", what, chan, (intmax_t)c.stamp.ms,
	    c.sid.s, SPAN_ARG(field));
}

static void
dot_key(char *to, size_t max, struct dot d, struct cinc c, struct span name)
{
	snprintf(to, max, "stat %s.%u.%ju.%u %jd.%s %.*s", d.o.sid.s, d.o.inc,
	    (uintmax_t)d.n, d.part, (intmax_t)c.stamp.ms, c.sid.s,
	    SPAN_ARG(name));
}

static struct muser *
muser(struct model *m, struct uid uid)
{
	size_t i;

	for (i = 0; i < m->nusers; i++)
		if (uid_cmp(m->user[i].uid, uid) == 0)
			return &m->user[i];
	return NULL;
}

/* First pass: what is added, registers. */
static void
model_add(struct model *m, const struct entry *e, const struct part *p,
    struct dot dot)
{
	struct mwrite w = { 0, e->stamp, e->o.sid }, uw = w;
	char chan[80], key[200];
	struct mmember *mm;
	struct mmask *mask;
	struct mchan *mc;
	struct muser *u;
	unsigned i;

	uw.tenure = e->cause.tenure;
	switch ((int)p->id) {
	case PART_USER:
		u = GROW(m, user, nusers);
		u->uid = p->u.user.uid;
		u->o = e->o;
		text_copy(u->nick, sizeof(u->nick), p->u.user.nick);
		u->class = 1;
		u->claim = e->stamp;
		u->claim_n = e->n;
		break;
	case PART_SET:
		snprintf(key, sizeof(key), "user %s %.*s", p->u.set.uid.s,
		    SPAN_ARG(p->u.set.field));
		write_reg(m, key, uw, p->u.set.value.present, p->u.set.value.s);
		break;
	case PART_CHAN:
		mc = GROW(m, chan, nchans);
		fold_copy(mc->chan, sizeof(mc->chan), p->u.chan.ch.name);
		mc->cinc = p->u.chan.ch.cinc;
		mc->dot = dot;
		break;
	case PART_JOIN:
		mm = GROW(m, member, nmembers);
		mm->dot = dot;
		fold_copy(mm->chan, sizeof(mm->chan), p->u.join.ch.name);
		mm->cinc = p->u.join.ch.cinc;
		mm->uid = p->u.join.uid;
		break;
	case PART_STAT:
		dot_key(key, sizeof(key), p->u.stat.dot, p->u.stat.ch.cinc,
		    p->u.stat.name);
		write_reg(m, key, w, p->u.stat.on, SPAN_NONE);
		break;
	case PART_CSET:
		fold_copy(chan, sizeof(chan), p->u.cset.ch.name);
		cinc_key(key, sizeof(key), "chan", chan, p->u.cset.ch.cinc,
		    p->u.cset.field);
		write_reg(
		    m, key, w, p->u.cset.value.present, p->u.cset.value.s);
		break;
	case PART_LADD:
		mask = GROW(m, mask, nmasks);
		mask->dot = dot;
		fold_copy(mask->chan, sizeof(mask->chan), p->u.ladd.ch.name);
		mask->cinc = p->u.ladd.ch.cinc;
		text_copy(mask->list, sizeof(mask->list), p->u.ladd.list);
		text_copy(mask->mask, sizeof(mask->mask), p->u.ladd.mask.s);
		*(mask->mask + strcspn(mask->mask, " ")) = '\0';
		break;
	case PART_READY:
		for (i = 0; i < m->o->net->n; i++)
			if (sid_cmp(setup_sid(i), p->u.ready.sid) == 0 &&
			    p->u.ready.inc > m->ready[i])
				m->ready[i] = (uint32_t)p->u.ready.inc;
		break;
	default:
		break;
	}
}

static void
drop_member(struct model *m, struct dot dot)
{
	size_t i;

	for (i = 0; i < m->nmembers; i++)
		if (dot_cmp(m->member[i].dot, dot) == 0)
			m->member[i].gone = true;
}

/* Second pass: what is removed or replaced. */
static void
model_remove(struct model *m, const struct entry *e, const struct part *p)
{
	struct mwrite w = { 0, e->stamp, e->o.sid };
	struct muser *u;
	size_t i, k;

	switch ((int)p->id) {
	case PART_QUIT:
		if ((u = muser(m, p->u.quit.uid)) != NULL)
			u->gone = true;
		break;
	case PART_NICK:
		u = muser(m, p->u.nick.uid);
		if (u == NULL || e->n < u->claim_n)
			break;
		u->claim_n = e->n;
		text_copy(u->nick, sizeof(u->nick), p->u.nick.nick);
		u->class = p->u.nick.class;
		u->claim = p->u.nick.stamp;
		break;
	case PART_PART:
		drop_member(m, p->u.part.dot);
		break;
	case PART_KICK:
		drop_member(m, p->u.kick.dot);
		break;
	case PART_MOVE:
		for (i = 0; i < m->nmembers; i++)
			if (dot_cmp(m->member[i].dot, p->u.move.dot) == 0 &&
			    is_later(&w, &m->member[i].moved)) {
				m->member[i].moved = w;
				m->member[i].cinc = p->u.move.ch.cinc;
			}
		break;
	case PART_UNCHAN:
		for (k = 0; k < p->u.unchan.dots.n; k++)
			for (i = 0; i < m->nchans; i++)
				if (dot_cmp(m->chan[i].dot,
					p->u.unchan.dots.v[k]) == 0)
					m->chan[i].gone = true;
		break;
	case PART_LDEL:
		for (k = 0; k < p->u.ldel.dots.n; k++)
			for (i = 0; i < m->nmasks; i++)
				if (dot_cmp(m->mask[i].dot,
					p->u.ldel.dots.v[k]) == 0)
					m->mask[i].gone = true;
		break;
	default:
		break;
	}
}

static bool
is_void(const struct model *m, struct origin o)
{
	unsigned i;

	for (i = 0; i < m->o->net->n; i++)
		if (sid_cmp(setup_sid(i), o.sid) == 0)
			return o.inc < m->ready[i];
	return false;
}

/* All entries that the servers have, twice over. */
static bool
model_fill(struct model *m, const struct vector *have)
{
	struct arena *a = m->o->net->arena;
	const struct olog *l;
	struct entry *e;
	struct part *p;
	const char *why;
	size_t k, pass, i;
	uint64_t n, top;

	for (pass = 0; pass < 2; pass++)
		for (k = 0; k < m->o->nlogs; k++) {
			l = &m->o->log[k];
			top = vector_get(have, l->o);
			for (n = 1; n <= top; n++) {
				if (n > l->n || l->v[n - 1].text == NULL)
					return false;
				e = entry_from_text(span_make(l->v[n - 1].text,
							l->v[n - 1].len),
				    &why);
				p = entry_parts(e, a);
				for (i = 0; i < e->nparts; i++)
					if (pass == 0)
						model_add(m, e, &p[i],
						    (struct dot){
							e->o, n, (uint32_t)i });
					else
						model_remove(m, e, &p[i]);
				entry_unref(e);
			}
		}
	for (i = 0; i < m->nusers; i++)
		if (is_void(m, m->user[i].o))
			m->user[i].gone = true;
	for (i = 0; i < m->nmembers; i++)
		if (is_void(m, m->member[i].dot.o) ||
		    muser(m, m->member[i].uid) == NULL ||
		    muser(m, m->member[i].uid)->gone)
			m->member[i].gone = true;
	return true;
}

static int
claim_cmp(const struct muser *a, const struct muser *b)
{
	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	if (a->claim.ms != b->claim.ms)
		return a->claim.ms < b->claim.ms ? -1 : 1;
	if (sid_cmp(a->o.sid, b->o.sid) != 0)
		return sid_cmp(a->o.sid, b->o.sid);
	return uid_cmp(a->uid, b->uid);
}

static void
wrong(struct model *m, const char *what, struct span who, const char *want,
    struct span got)
{
	net_fail(m->o->net, "at rest: %s of %.*s should be %s, is %.*s", what,
	    SPAN_ARG(who), want, SPAN_ARG(got));
}

static void
model_check_users(struct model *m, const struct facts *f)
{
	const struct mreg *r;
	const struct user *u;
	const char *nick;
	char key[200];
	uint32_t modes;
	size_t i, k, n;
	unsigned b;

	for (i = n = 0; i < m->nusers; i++) {
		if (m->user[i].gone)
			continue;
		n++;
		u = facts_find_uid(f, m->user[i].uid);
		if (u == NULL || !u->shown) {
			net_fail(m->o->net, "at rest: user %s is not shown",
			    m->user[i].uid.s);
			return;
		}
		nick = m->user[i].nick;
		for (k = 0; k < m->nusers; k++)
			if (!m->user[k].gone && k != i &&
			    casemap_eq(
				span_of(m->user[k].nick), span_of(nick)) &&
			    claim_cmp(&m->user[k], &m->user[i]) < 0)
				nick = m->user[i].uid.s;
		if (strcmp(nick, m->user[i].nick) != 0)
			net_fail(m->o->net,
			    "at rest: %s has a claim it lost: "
			    "%s",
			    m->user[i].uid.s, m->user[i].nick);
		if (!span_eq(rcbuf_span(u->nick), span_of(nick)))
			wrong(m, "the nick", uid_span(&u->uid), nick,
			    rcbuf_span(u->nick));
		for (b = modes = 0; b < UM_COUNT; b++) {
			snprintf(key, sizeof(key), "user %s mode/%s", u->uid.s,
			    user_mode_row(b)->name);
			modes |= (reg(m, key) != NULL) << b;
		}
		if (modes != u->modes)
			wrong(m, "the modes", uid_span(&u->uid), "others",
			    SPAN_NONE);
		snprintf(key, sizeof(key), "user %s away", u->uid.s);
		r = reg(m, key);
		if ((r != NULL) != (u->away != NULL) ||
		    (r != NULL &&
			!span_eq(span_of(r->value), rcbuf_span(u->away))))
			wrong(m, "away", uid_span(&u->uid),
			    r == NULL ? "off" : r->value,
			    u->away == NULL ? SPAN_NONE : rcbuf_span(u->away));
	}
	if (n != f->nshown)
		net_fail(m->o->net, "at rest: %zu users are shown, not %zu",
		    f->nshown, n);
}

static void
check_chan_regs(
    struct model *m, const struct chan *c, const char *fold, struct cinc cur)
{
	const struct mreg *r;
	char key[200];
	struct span topic, who = rcbuf_span(c->fold);
	unsigned k;

	for (k = CM_LISTS; k < CM_COUNT; k++) {
		char field[40];

		snprintf(
		    field, sizeof(field), "mode/%s", chan_mode_row(k)->name);
		cinc_key(key, sizeof(key), "chan", fold, cur, span_of(field));
		r = reg(m, key);
		if ((r != NULL) != ((c->modes >> k & 1) != 0))
			wrong(
			    m, field, who, r != NULL ? "on" : "off", SPAN_NONE);
		else if (r != NULL && k == CM_KEY &&
			 !span_eq(span_of(r->value), rcbuf_span(c->key)))
			wrong(m, field, who, r->value, rcbuf_span(c->key));
		else if (r != NULL && k == CM_LIMIT &&
			 strtoul(r->value, NULL, 10) != c->limit)
			wrong(m, field, who, r->value, SPAN_NONE);
	}
	cinc_key(key, sizeof(key), "chan", fold, cur, SPAN("topic"));
	r = reg(m, key);
	topic = c->topic == NULL ? SPAN_NONE : rcbuf_span(c->topic);
	if (r == NULL ? topic.n > 0 && c->topic != NULL
		      : !span_eq(topic, span_of(r->value)))
		wrong(m, "the topic", who, r == NULL ? "off" : r->value, topic);
}

static void
check_chan_lists(
    struct model *m, const struct chan *c, const char *fold, struct cinc cur)
{
	size_t i, want;
	unsigned k;
	uint32_t j;
	struct span text;
	bool found;

	for (k = 0; k < CM_LISTS; k++) {
		want = 0;
		for (i = 0; i < m->nmasks; i++) {
			if (m->mask[i].gone ||
			    strcmp(m->mask[i].chan, fold) != 0 ||
			    cinc_cmp(m->mask[i].cinc, cur) != 0 ||
			    strcmp(m->mask[i].list, chan_mode_row(k)->name) !=
				0)
				continue;
			found = false;
			for (j = 0; j < c->nlist[k]; j++) {
				text = rcbuf_span(c->list[k][j].text);
				found |= span_eq(
				    span_word(&text), span_of(m->mask[i].mask));
			}
			if (!found)
				wrong(m, "a mask", rcbuf_span(c->fold),
				    m->mask[i].mask, SPAN("absent"));
			want++;
		}
		/* One mask added at two places is two elements, shown once. */
		if (c->nlist[k] > want)
			wrong(m, "a list", rcbuf_span(c->fold), "shorter",
			    SPAN_NONE);
	}
}

static void
check_chan_members(
    struct model *m, const struct chan *c, const char *fold, struct cinc cur)
{
	const struct member *mm;
	char key[200];
	uint32_t status;
	unsigned s;
	size_t i, n;

	for (i = n = 0; i < m->nmembers; i++) {
		if (m->member[i].gone || strcmp(m->member[i].chan, fold) != 0)
			continue;
		n++;
		mm = NULL;
		TAILQ_FOREACH(mm, &c->members, chan_link)
			if (uid_cmp(mm->user->uid, m->member[i].uid) == 0 &&
			    mm->shown)
				break;
		if (mm == NULL) {
			wrong(m, "a member", rcbuf_span(c->fold),
			    m->member[i].uid.s, SPAN("absent"));
			return;
		}
		if (c->current != NULL && cinc_cmp(member_cinc(mm), cur) != 0)
			net_fail(m->o->net,
			    "at rest: %s is in a younger "
			    "incarnation of %s",
			    mm->user->uid.s, fold);
		for (s = status = 0; s < ST_COUNT; s++) {
			dot_key(key, sizeof(key), m->member[i].dot, cur,
			    span_of(status_row(s)->name));
			status |= (uint32_t)(reg(m, key) != NULL) << s;
		}
		if (status != mm->status)
			net_fail(m->o->net,
			    "at rest: status of %s on %s "
			    "should be %x, is %x",
			    mm->user->uid.s, fold, status, mm->status);
	}
	if (n != c->nshown)
		net_fail(m->o->net, "at rest: %s shows %u members, not %zu",
		    fold, c->nshown, n);
}

static void
model_check_chan(struct model *m, const struct facts *f, const char *fold)
{
	struct cinc cur = { { INT64_MAX }, { "" } };
	const struct chan *c;
	size_t i, k;

	if ((c = facts_find_chan(f, span_of(fold))) == NULL) {
		net_fail(m->o->net, "at rest: %s is not there", fold);
		return;
	}
	for (i = 0; i < m->nmembers; i++) {
		if (m->member[i].gone || strcmp(m->member[i].chan, fold) != 0)
			continue;
		for (k = 0; k < m->nchans; k++)
			if (!m->chan[k].gone &&
			    strcmp(m->chan[k].chan, fold) == 0 &&
			    cinc_cmp(m->chan[k].cinc, m->member[i].cinc) == 0 &&
			    cinc_cmp(m->chan[k].cinc, cur) < 0)
				cur = m->chan[k].cinc;
	}
	if (c->current == NULL || cinc_cmp(c->current->cinc, cur) != 0) {
		net_fail(
		    m->o->net, "at rest: %s is not in its incarnation", fold);
		return;
	}
	check_chan_regs(m, c, fold, cur);
	check_chan_lists(m, c, fold, cur);
	check_chan_members(m, c, fold, cur);
}

static void
model_check_chans(struct model *m, const struct facts *f)
{
	size_t i, k, n;

	for (i = n = 0; i < m->nmembers; i++) {
		if (m->member[i].gone)
			continue;
		for (k = 0; k < i; k++)
			if (!m->member[k].gone &&
			    strcmp(m->member[k].chan, m->member[i].chan) == 0)
				break;
		if (k < i)
			continue;
		n++;
		model_check_chan(m, f, m->member[i].chan);
	}
	if (n != f->nshown_chans)
		net_fail(m->o->net, "at rest: %zu channels are shown, not %zu",
		    f->nshown_chans, n);
}

static void
model_check(struct oracle *o)
{
	struct model m = { .o = o };
	const struct core *core = node_core(o->net->node[0].node);

	if (model_fill(
		&m, &link_net_log(node_links(o->net->node[0].node))->have)) {
		model_check_users(&m, &core->facts);
		model_check_chans(&m, &core->facts);
	}
	free(m.user);
	free(m.member);
	free(m.chan);
	free(m.reg);
	free(m.mask);
}

void
oracle_rest(struct oracle *o)
{
	struct arena *a = o->net->arena;
	const struct core *first = node_core(o->net->node[0].node), *other;
	struct span facts, shown;
	char diff[4096];
	unsigned i;

	facts = core_canon(first, a);
	shown = core_canon_shown(first, a);
	for (i = 1; i < o->net->n; i++) {
		other = node_core(o->net->node[i].node);
		print_difference(
		    diff, sizeof(diff), facts, core_canon(other, a));
		if (diff[0] != '\0')
			net_fail(o->net, "at rest: facts differ: -s1 +s%u%s",
			    i + 1, diff);
		print_difference(
		    diff, sizeof(diff), shown, core_canon_shown(other, a));
		if (diff[0] != '\0')
			net_fail(o->net,
			    "at rest: shown states differ: -s1 +s%u%s", i + 1,
			    diff);
	}
	if (!o->net->failed)
		model_check(o);
}
