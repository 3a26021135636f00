/*
 * Later verbs: servers that do not know a verb keep the same facts as servers
 * that do (doc/link-protocol.md, 11.26 to 11.30).
 *
 * In some seeds each entry that a server makes has *twins* behind its parts:
 * the same facts again by verbs that no server knows, with the kinds that the
 * known verbs would have. At rest the facts of known verbs and their twins must
 * be the same. Two pieces of code without a common rule keep them: the merges
 * of src/core/part, and src/core/facts/unknown.c.
 *
 * Some servers are of an older version, which does not say which run of a user
 * it means (11.51, 11.52): this is taken out of the entries that they make.
 *
 * The linker puts __wrap_entry_new in the place of entry_new.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/core.h"
#include "core/facts/unknown.h"
#include "core/part/later.h"
#include "core/state.h"
#include "kept.h"
#include "lib/setup.h"
#include "wire/casemap.h"

struct pair { /* an element of a known verb, and its twin */
	struct dot dot;
	uint32_t twin;
};

static struct later {
	bool on;
	struct pair *pair;
	size_t npair, cappair;
	uint64_t made;
} later;

static uint32_t unsaying; /* bits: servers that say no runs of users */

struct entry *__real_entry_new(struct origin, uint64_t n, struct stamp,
    const struct dest *, const struct cause *, const struct part *, size_t);
struct entry *__wrap_entry_new(struct origin, uint64_t n, struct stamp,
    const struct dest *, const struct cause *, const struct part *, size_t);

void
later_begin(bool on)
{
	free(later.pair);
	later = (struct later){ .on = on };
}

/* If a uid is given twice, servers that say no runs do not keep equal facts. */
void
later_older(const struct net *net)
{
	unsaying = net->older;
	for (unsigned i = 0; i < net->n; i++)
		if (net->node[i].as != i)
			unsaying = 0;
}

bool
later_is_on(void)
{
	return later.on;
}

/* ---- twins of parts ------------------------------------------------------ */

/* The twins, as the rows of a server that knows their verbs. */
static const struct later_row twins[PART_UNKNOWN] = {
	[PART_USER] = { "XUSER", "element,u1,run" },
	[PART_SET] = { "XSET", "register,2,u1" },
	[PART_CHAN] = { "XCHAN", "element,c1" },
	[PART_JOIN] = { "XJOIN", "element,m1" },
	[PART_MOVE] = { "XMOVE", "register,1,m1" },
	[PART_STAT] = { "XSTAT", "register,3,m2" },
	[PART_CSET] = { "XCSET", "register,2,c1" },
	[PART_LADD] = { "XLADD", "element,c1" },
	[PART_INVITE] = { "XINVITE", "element,c1,u2,run" },
	[PART_LDEL] = { "XLDEL", "removal,3" },
};

static bool
has_twin(enum part_id id)
{
	return id < PART_UNKNOWN && twins[id].name != NULL;
}

static struct span
fold(struct arena *a, struct span s)
{
	return casemap_fold(s, arena_alloc(a, s.n + 1));
}

/* Return a copy of the part in which the name of the channel is folded. */
static struct part
folded(const struct part *p, struct arena *a)
{
	struct part f = *p;

	f.tags = SPAN_NONE;
	if (p->id == PART_CSET)
		f.u.cset.ch.name = fold(a, p->u.cset.ch.name);
	else if (p->id == PART_STAT)
		f.u.stat.ch.name = fold(a, p->u.stat.ch.name);
	else if (p->id == PART_LADD)
		f.u.ladd.ch.name = fold(a, p->u.ladd.ch.name);
	else if (p->id == PART_INVITE)
		f.u.invite.ch.name = fold(a, p->u.invite.ch.name);
	else if (p->id == PART_LDEL)
		f.u.ldel.ch.name = fold(a, p->u.ldel.ch.name);
	return f;
}

/*
 * Write the words of the twin of a part with that dot. They are those of the
 * part, with these exceptions: a USER, a CHAN and a JOIN have their key alone
 * (that of a JOIN is its dot, which is not among its words), and a MOVE has its
 * key first.
 */
static struct span
twin_words(const struct part *p, struct dot dot, struct arena *a)
{
	const struct part f = folded(p, a);
	struct span known;
	struct writer w;

	writer_init_arena(&w, a, ENTRY_LINE_MAX);
	if (p->id == PART_USER)
		writer_span(&w, uid_span(&p->u.user.uid));
	else if (p->id == PART_CHAN)
		later_write_founding(&w, fold(a, p->u.chan.ch.name),
		    p->u.chan.ch.cinc);
	else if (p->id == PART_JOIN)
		write_dot(&w, dot);
	else if (p->id == PART_MOVE) {
		write_dot(&w, p->u.move.dot);
		writer_char(&w, ' ');
		later_write_founding(&w, fold(a, p->u.move.ch.name),
		    p->u.move.ch.cinc);
	} else {
		part_encode(&w, &f);
		known = writer_done(&w);
		return span_tail(known, span_find(known, ' ') + 1);
	}
	return writer_done(&w);
}

/* Make the twin of a part with that dot. A text is the last of its words. */
static struct part
twin_part(const struct part *p, struct dot dot, struct arena *a)
{
	struct meant meant = part_meant(p);
	struct part twin;
	struct writer w;

	later_part(&twin, &twins[p->id], twin_words(p, dot, a), text_off(), a);
	if (part_tenure(p) == 0 && !meant_is_said(&meant))
		return twin;
	writer_init_arena(&w, a, 256);
	writer_span(&w, twin.tags);
	if (meant_is_said(&meant)) {
		writer_char(&w, ';');
		meant_write(&w, &meant);
	} else {
		writer_str(&w, ";tenure=");
		writer_u64(&w, part_tenure(p));
	}
	twin.tags = writer_done(&w);
	return twin;
}

/* ---- entries ------------------------------------------------------------- */

static void
pair_add(struct dot dot, uint32_t twin)
{
	if (later.npair == later.cappair)
		later.pair = mem_grow(later.pair, &later.cappair, 64,
		    sizeof(*later.pair));
	later.pair[later.npair++] = (struct pair){ dot, twin };
}

/* Return the dots of the twins of these elements. */
static struct dots
twin_dots(const struct dots *dots, struct arena *a)
{
	struct dot *v = arena_alloc(a, (dots->n + 1) * sizeof(*v));
	size_t n = 0;

	for (size_t i = 0; i < dots->n; i++)
		for (size_t k = later.npair; k > 0; k--)
			if (dot_cmp(later.pair[k - 1].dot, dots->v[i]) == 0) {
				v[n] = dots->v[i];
				v[n++].part = later.pair[k - 1].twin;
				break;
			}
	return (struct dots){ v, n };
}

static bool
says_runs(struct origin o)
{
	for (unsigned i = 0; i < 32; i++)
		if ((unsaying >> i & 1) && sid_cmp(setup_sid(i), o.sid) == 0)
			return false;
	return true;
}

/* Take out of a part which runs of users it means. */
static void
unsay_runs(struct part *p)
{
	struct uid uid;

	if (p->id == PART_INVITE || p->id == PART_NOTE)
		p->tags = SPAN_NONE;
	if (p->id == PART_SAY && uid_parse(p->u.say.target, &uid))
		p->u.say.status = SPAN_NONE;
}

struct entry *
__wrap_entry_new(struct origin o, uint64_t n, struct stamp stamp,
    const struct dest *dest, const struct cause *cause, const struct part *part,
    size_t nparts)
{
	struct arena *a = arena_new(4096);
	struct part *all = arena_alloc(a, 2 * nparts * sizeof(*all)), p;
	struct dot dot;
	struct entry *e;
	size_t k = nparts;

	memcpy(all, part, nparts * sizeof(*all));
	for (size_t i = 0; i < nparts && !says_runs(o); i++)
		unsay_runs(&all[i]);
	for (size_t i = 0; i < nparts && later.on && dest->all; i++) {
		p = all[i];
		dot = dot_make(o, n, i);
		if (p.id == PART_LDEL)
			p.u.ldel.dots = twin_dots(&p.u.ldel.dots, a);
		if (!has_twin(p.id) ||
		    (p.id == PART_LDEL && p.u.ldel.dots.n == 0))
			continue;
		if (p.id == PART_LADD || p.id == PART_INVITE)
			pair_add(dot, (uint32_t)k);
		all[k++] = twin_part(&p, dot, a);
	}
	later.made += k - nparts;
	e = __real_entry_new(o, n, stamp, dest, cause, all, k);
	arena_free(a);
	return e;
}

/* ---- at rest ------------------------------------------------------------- */

struct texts {
	struct arena *arena;
	struct span *v;
	size_t n, cap;
};

struct two {
	struct texts known, twins;
};

static void
texts_add(struct texts *t, const struct snap_item *i, struct span line)
{
	struct writer w;

	writer_init_arena(&w, t->arena, ENTRY_LINE_MAX);
	write_origin(&w, i->dot.o);
	writer_char(&w, '.');
	writer_u64(&w, i->dot.n);
	writer_char(&w, ' ');
	writer_i64(&w, i->stamp.ms);
	writer_char(&w, ' ');
	writer_u64(&w, i->tenure);
	writer_char(&w, ' ');
	writer_span(&w, line);
	if (t->n == t->cap)
		t->v = mem_grow(t->v, &t->cap, 64, sizeof(*t->v));
	t->v[t->n++] = writer_done(&w);
}

static void
add(void *ctx, const struct snap_item *i)
{
	struct two *t = ctx;

	if (later_is(&i->part, &later_builtin[LATER_BAN]) ||
	    later_is(&i->part, &later_builtin[LATER_UNSEEN]) ||
	    later_is(&i->part, &later_builtin[LATER_CNAME]) ||
	    later_is(&i->part, &later_builtin[LATER_TRUNK]))
		return;
	if (i->part.id == PART_UNKNOWN)
		texts_add(&t->twins, i, i->part.line);
	else if (has_twin(i->part.id))
		texts_add(&t->known, i,
		    twin_part(&i->part, i->dot, t->known.arena).line);
}

static int
cmp(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

static void
texts_sort(struct texts *t)
{
	if (t->n > 0)
		qsort(t->v, t->n, sizeof(*t->v), cmp);
}

/* Check that a user has a twin of each of its registers, and no other, for a
 * server that looks for them by their verb. */
static void
check_user(struct oracle *o, unsigned node, const struct facts *f,
    const struct user *u)
{
	const struct later_row *row = &twins[PART_SET];
	const struct unknown *x = NULL;
	struct reg_walk w = user_regs(u);
	const struct reg *r;
	struct writer key;
	struct text text;
	unsigned n = 0;

	while ((x = unknown_of(f, u, row, x)) != NULL)
		n++;
	for (; (r = regs_next(&w)) != NULL; n--) {
		writer_init_arena(&key, o->net->arena, ENTRY_LINE_MAX);
		writer_span(&key, uid_span(&u->uid));
		writer_char(&key, ' ');
		writer_span(&key, rcbuf_span(r->name->text));
		x = unknown_register(f, row, writer_done(&key));
		text = x == NULL ? text_off() : unknown_text(x);
		if (x == NULL || text.present != (r->value != NULL) ||
		    (text.present && !span_eq(text.s, rcbuf_span(r->value))))
			net_fail(o->net, "at rest: s%u has no twin of %.*s",
			    node + 1, SPAN_ARG(writer_done(&key)));
	}
	if (n != 0)
		net_fail(o->net, "at rest: s%u has %u twins too many of %s",
		    node + 1, n, u->uid.s);
}

void
later_rest(struct oracle *o, unsigned node)
{
	const struct core *core = node_core(o->net->node[node].node);
	struct two t = { { .arena = o->net->arena },
		{ .arena = o->net->arena } };
	struct span known, twin;
	const struct user *u;
	size_t i = 0;

	if (!later.on)
		return;
	for (size_t k = 0; (u = map_next(&core->facts.users, &k)) != NULL;)
		check_user(o, node, &core->facts, u);
	core_walk(core, add, &t);
	texts_sort(&t.known);
	texts_sort(&t.twins);
	while (i < t.known.n && i < t.twins.n &&
	       span_eq(t.known.v[i], t.twins.v[i]))
		i++;
	if (i < t.known.n || i < t.twins.n) {
		known = i < t.known.n ? t.known.v[i] : SPAN("none");
		twin = i < t.twins.n ? t.twins.v[i] : SPAN("none");
		net_fail(o->net,
		    "at rest: s%u should keep, of a later verb,\n%.*s\nnot\n"
		    "%.*s",
		    node + 1, SPAN_ARG(known), SPAN_ARG(twin));
	}
	o->reached[REACH_LATER] += t.twins.n > 0;
	o->reached[REACH_LATER_GONE] += t.twins.n > 0 && t.twins.n < later.made;
	free(t.known.v);
	free(t.twins.v);
}
