/*
 * The text of a fact is its line as it came, behind its kind. A fact is the
 * same everywhere because its bytes are, whether a server knows the verb or
 * not.
 *
 * A register is found by its kind, its verb and the words of its key, which are
 * the head of the text. Its owners are named by words of the key, so all writes
 * of one register have the same owners. An element is found by its dot.
 *
 * An element may keep a membership unseen (doc/decisions/0054). Its ties are a
 * list of their own, so that the flag of the membership is true as long as that
 * list has any, however many other facts the membership has.
 *
 * Rejected: to keep an off register (a line without text) as its key alone.
 * Another verb may have its value in a word, so only a server that knows the
 * verb can tell what is off.
 */
#include "core/facts/unknown.h"

#include <string.h>

#include "core/facts/bans.h"
#include "core/facts/cname.h"
#include "core/facts/entrances.h"
#include "core/facts/facts_write.h"
#include "core/facts/founding.h"
#include "core/part/later.h"

struct unknown_owner {
	const void *object; /* struct user, founding or member: the key */
	LIST_HEAD(, unknown_tie) ties, unseen;
};

/* Return the tie that goes first with its owner. */
static struct unknown_tie *
first_tie(const struct unknown_owner *o)
{
	return !LIST_EMPTY(&o->ties) ? LIST_FIRST(&o->ties)
				     : LIST_FIRST(&o->unseen);
}

static struct span
key_element(const void *p)
{
	return dot_span(&((const struct unknown *)p)->write.dot);
}

static struct span
key_register(const void *p)
{
	const struct unknown *x = p;

	return span_head(rcbuf_span(x->text), x->nkey);
}

static struct span
key_owner(const void *p)
{
	const struct unknown_owner *o = p;

	return span_make(&o->object, sizeof(o->object));
}

void
unknown_init(struct facts *f, const unsigned char seed[16])
{
	map_init(&f->unknown_elements, key_element, seed);
	map_init(&f->unknown_registers, key_register, seed);
	map_init(&f->unknown_owners, key_owner, seed);
	pool_init(&f->unknown_pool, sizeof(struct unknown), "unknown");
	pool_init(&f->unknown_owner_pool, sizeof(struct unknown_owner),
	    "unknown owner");
}

size_t
unknown_fini(struct facts *f)
{
	struct unknown *x;
	size_t left;

	for (size_t i = 0; (x = unknown_next_element(f, &i)) != NULL;)
		unknown_drop(f, x);
	for (size_t i = 0; (x = unknown_next_register(f, &i)) != NULL;)
		unknown_drop(f, x);
	left = map_count(&f->unknown_owners);
	map_fini(&f->unknown_elements);
	map_fini(&f->unknown_registers);
	map_fini(&f->unknown_owners);
	return left + pool_fini(&f->unknown_pool) +
	       pool_fini(&f->unknown_owner_pool);
}

struct unknown *
unknown_next_element(const struct facts *f, size_t *at)
{
	return map_next(&f->unknown_elements, at);
}

struct unknown *
unknown_next_register(const struct facts *f, size_t *at)
{
	return map_next(&f->unknown_registers, at);
}

void
unknown_part(const struct unknown *x, struct part *p)
{
	struct span text = rcbuf_span(x->text);

	*p = (struct part){ .id = PART_UNKNOWN, .line = unknown_line(x) };
	p->u.unknown.kind.text = span_head(text, x->nkind);
}

struct meant
unknown_meant(const struct unknown *x)
{
	struct meant meant = { { 0 } };
	const struct user *u;
	struct kind k;
	bool said = false;

	if (x->tie[0].owner == NULL ||
	    !kind_parse(span_head(rcbuf_span(x->text), x->nkind), &k))
		return meant;
	for (unsigned i = 0; i < k.nowner; i++)
		if (k.owner[i].type == OWNER_USER) {
			u = x->tie[i].owner->object;
			meant.inc[i] = u->dot.o.inc;
			said |= user_run_said(u, x->write.dot.o.sid) != 0;
		}
	return said ? meant : (struct meant){ { 0 } };
}

/* ---- reading ------------------------------------------------------------- */

struct span
unknown_line(const struct unknown *x)
{
	return span_tail(rcbuf_span(x->text), x->nkind + 1u);
}

struct text
unknown_text(const struct unknown *x)
{
	struct span line = unknown_line(x);
	size_t at = kind_text_at(line);

	return at > 0 ? text_of(span_tail(line, at)) : text_off();
}

/* Return true if the fact is of that verb and has the kind of its row. No code
 * reads facts of that verb with another kind (link-protocol.md, 11.29). */
static bool
is_of_verb(const struct unknown *x, const struct later_row *row)
{
	struct span kind = span_head(rcbuf_span(x->text), x->nkind);
	struct span verb = kind_word(unknown_line(x), 0);

	return span_eq(kind, span_of(row->kind)) &&
	       span_eq(span_tail(verb, 1), span_of(row->name));
}

static struct unknown_owner *
find_ties(const struct facts *f, const void *object)
{
	return map_find(&f->unknown_owners, span_make(&object, sizeof(object)));
}

/* Return the first of the ties of a fact to that owner, or NULL. */
static const struct unknown_tie *
tie_to(const struct unknown *x, const struct unknown_owner *o)
{
	for (unsigned i = 0; i < KIND_OWNERS_MAX; i++)
		if (x->tie[i].owner == o)
			return &x->tie[i];
	return NULL;
}

/* Return the first fact of the owner, or the one after `last`. A fact may have
 * two ties to one owner. */
static const struct unknown *
next_of(const struct facts *f, const void *owner, const struct unknown *last)
{
	const struct unknown_owner *o = find_ties(f, owner);
	const struct unknown_tie *t;

	if (o == NULL)
		return NULL;
	t = last == NULL ? LIST_FIRST(&o->ties)
			 : LIST_NEXT(tie_to(last, o), link);
	while (t != NULL && tie_to(t->fact, o) != t)
		t = LIST_NEXT(t, link);
	return t == NULL ? NULL : t->fact;
}

const struct unknown *
unknown_of(const struct facts *f, const void *owner,
    const struct later_row *row, const struct unknown *last)
{
	const struct unknown *x = next_of(f, owner, last);

	while (x != NULL && !is_of_verb(x, row))
		x = next_of(f, owner, x);
	return x;
}

const struct unknown *
unknown_register_of(const struct facts *f, const void *owner,
    const struct unknown *last)
{
	const struct unknown *x = next_of(f, owner, last);

	while (x != NULL && x->is_element)
		x = next_of(f, owner, x);
	return x;
}

const struct unknown *
unknown_unseen(const struct facts *f, const struct member *m,
    const struct unknown *last)
{
	const struct unknown_owner *o;
	const struct unknown_tie *t;

	if (!m->unseen || (o = find_ties(f, m)) == NULL)
		return NULL;
	t = last == NULL ? LIST_FIRST(&o->unseen)
			 : LIST_NEXT(&last->tie[0], link);
	return t == NULL ? NULL : t->fact;
}

const struct member *
unknown_hidden_by(const struct facts *f, struct dot dot)
{
	const struct unknown *x =
	    map_find(&f->unknown_elements, dot_span(&dot));

	return x == NULL || !x->is_unseen ? NULL : x->tie[0].owner->object;
}

const struct unknown *
unknown_register(const struct facts *f, const struct later_row *row,
    struct span key)
{
	char buf[PART_LINE_MAX];
	struct writer w;

	writer_init(&w, buf, sizeof(buf));
	writer_str(&w, row->kind);
	writer_str(&w, " +");
	writer_str(&w, row->name);
	if (key.n > 0) {
		writer_char(&w, ' ');
		writer_span(&w, key);
	}
	return w.over ? NULL : map_find(&f->unknown_registers, writer_done(&w));
}

/* ---- owners -------------------------------------------------------------- */

/* Return the object that a word of a part means, or NULL if the object is not
 * among the facts. A user is one of the run inc, if that is not 0. */
static const void *
find_owner(const struct facts *f, enum owner_type type, struct span word,
    const struct write *w, uint32_t inc)
{
	struct chan *c;
	struct span name;
	struct cinc cinc;
	struct dot dot;
	struct uid uid;

	switch (type) {
	case OWNER_USER:
		if (!uid_parse(word, &uid))
			return NULL;
		return facts_find_meant(f, uid, w->dot.o, w->stamp, inc);
	case OWNER_FOUNDING:
		if (!kind_founding(word, &name, &cinc) ||
		    (c = facts_find_chan(f, name)) == NULL)
			return NULL;
		return founding_find(c, cinc);
	case OWNER_MEMBER:
		return dot_parse(word, &dot) ? facts_find_dot(f, dot) : NULL;
	}
	return NULL;
}

/* Find all owners of a part. Return false if an owner does not exist. */
static bool
find_owners(const struct facts *f, const struct part *p, const struct write *w,
    const struct meant *meant, const void *owner[KIND_OWNERS_MAX])
{
	const struct kind *k = &p->u.unknown.kind;

	for (unsigned i = 0; i < k->nowner; i++) {
		owner[i] = find_owner(f, k->owner[i].type,
		    kind_word(p->line, k->owner[i].word), w, meant->inc[i]);
		if (owner[i] == NULL)
			return false;
	}
	return true;
}

/* Return true if the element goes when its run becomes void. Nothing goes then
 * that belongs to a user with a HOME (link-protocol.md, 11.6). A user has a
 * HOME from the beginning, or never. */
static bool
is_mortal(const struct kind *k, const void *const owner[KIND_OWNERS_MAX])
{
	const struct user *u;

	if (!k->mortal)
		return false;
	for (unsigned i = 0; i < k->nowner; i++) {
		if (k->owner[i].type == OWNER_FOUNDING)
			continue;
		u = k->owner[i].type == OWNER_USER
			? owner[i]
			: ((const struct member *)owner[i])->user;
		if (user_home_reg(u) != NULL)
			return false;
	}
	return true;
}

/* Return the membership that the element belongs to, or NULL. */
static struct member *
member_of(const struct facts *f, const struct unknown *x)
{
	struct dot dot;

	return dot_parse(kind_word(unknown_line(x), 1), &dot)
		   ? facts_find_dot(f, dot)
		   : NULL;
}

/* Return the incarnation that the register gives a name, or NULL if it does not
 * give any. */
static struct founding *
named_by(const struct facts *f, const struct unknown *x)
{
	struct span name;
	struct cinc cinc;
	struct chan *c;

	if (x->is_element || !is_of_verb(x, &later_builtin[LATER_CNAME]) ||
	    !kind_founding(kind_word(unknown_line(x), 1), &name, &cinc) ||
	    (c = facts_find_chan(f, name)) == NULL)
		return NULL;
	return founding_find(c, cinc);
}

/* The register has come, or has another text. */
static void
name_founding(struct facts *f, const struct unknown *x)
{
	struct founding *g = named_by(f, x);

	if (g != NULL)
		cname_comes(f, g, x);
}

/* The first element that keeps a membership unseen has come, or the last one
 * has gone. */
static void
set_unseen(struct facts *f, const struct unknown *x, bool unseen)
{
	struct member *m = member_of(f, x);

	if (m == NULL || m->gone)
		return;
	m->unseen = unseen;
	facts_dirty_member(f, m);
}

static void
tie(struct facts *f, struct unknown *x, unsigned i, const void *object)
{
	struct unknown_owner *o = find_ties(f, object);

	if (o == NULL) {
		o = pool_take(&f->unknown_owner_pool);
		o->object = object;
		map_put(&f->unknown_owners, o);
	}
	x->tie[i] = (struct unknown_tie){ .fact = x, .owner = o };
	if (!x->is_unseen) {
		LIST_INSERT_HEAD(&o->ties, &x->tie[i], link);
		return;
	}
	LIST_INSERT_HEAD(&o->unseen, &x->tie[i], link);
	set_unseen(f, x, true);
}

static void
untie(struct facts *f, struct unknown_tie *t)
{
	struct unknown_owner *o = t->owner;

	if (o == NULL)
		return;
	LIST_REMOVE(t, link);
	if (t->fact->is_unseen && LIST_EMPTY(&o->unseen))
		set_unseen(f, t->fact, false);
	if (first_tie(o) != NULL)
		return;
	map_del(&f->unknown_owners, key_owner(o));
	pool_give(&f->unknown_owner_pool, o);
}

size_t
unknown_count(const struct facts *f, const void *object, size_t most)
{
	struct unknown_owner *o = find_ties(f, object);
	const struct unknown_tie *t;
	size_t n = 0;

	if (o == NULL)
		return 0;
	for (t = LIST_FIRST(&o->ties); t != NULL && n < most; n++)
		t = LIST_NEXT(t, link);
	for (t = LIST_FIRST(&o->unseen); t != NULL && n < most; n++)
		t = LIST_NEXT(t, link);
	return n;
}

bool
unknown_thin(struct facts *f, const void *object, size_t n)
{
	struct unknown_owner *o;

	if (unknown_count(f, object, n + 1) <= n ||
	    core_mutated(f, OWNER_OUTLIVED))
		return false;
	while (n-- > 0 && (o = find_ties(f, object)) != NULL)
		unknown_drop(f, first_tie(o)->fact);
	return true;
}

void
unknown_owner_goes(struct facts *f, const void *object)
{
	struct unknown_owner *o;

	if (core_mutated(f, OWNER_OUTLIVED))
		return;
	while ((o = find_ties(f, object)) != NULL)
		unknown_drop(f, first_tie(o)->fact);
}

/* ---- facts --------------------------------------------------------------- */

/* Nothing ends a register without an owner, so there is a bound to these
 * (FACTS_FOREIGN_MAX). */
static size_t
endless_bytes(const struct unknown *x)
{
	return x->is_element || x->tie[0].owner != NULL
		   ? 0
		   : sizeof(*x) + x->text->n;
}

static void
charge(struct facts *f, const struct unknown *x)
{
	size_t bytes = endless_bytes(x);

	if (bytes == 0)
		return;
	f->foreign += bytes;
	facts_server(f, x->write.dot.o.sid)->foreign += bytes;
}

static void
discharge(struct facts *f, const struct unknown *x)
{
	size_t bytes = endless_bytes(x);

	if (bytes == 0)
		return;
	f->foreign -= bytes;
	facts_server(f, x->write.dot.o.sid)->foreign -= bytes;
}

static struct rcbuf *
text_of_part(const struct part *p)
{
	const struct span kind = p->u.unknown.kind.text;
	struct rcbuf *b = rcbuf_alloc(kind.n + 1 + p->line.n);

	memcpy(b->p, kind.p, kind.n);
	b->p[kind.n] = ' ';
	memcpy(b->p + kind.n + 1, p->line.p, p->line.n);
	return b;
}

static size_t
key_bytes(const struct part *p)
{
	const struct kind *k = &p->u.unknown.kind;

	return k->text.n + 1 + kind_key_end(k, p->line);
}

static struct unknown *
unknown_new(struct facts *f, const struct part *p, const struct write *w,
    struct rcbuf *text, const void *const owner[KIND_OWNERS_MAX])
{
	const struct kind *k = &p->u.unknown.kind;
	struct unknown *x = pool_take(&f->unknown_pool);

	x->write = *w;
	x->text = text;
	x->nkind = (uint16_t)k->text.n;
	x->is_element = k->type == KIND_ELEMENT;
	x->is_unseen =
	    x->is_element && is_of_verb(x, &later_builtin[LATER_UNSEEN]);
	x->mortal = is_mortal(k, owner);
	f->unknown_mortals += x->mortal;
	if (x->is_element)
		x->write.tenure = 0;
	else
		x->nkey = (uint16_t)key_bytes(p);
	for (unsigned i = 0; i < k->nowner; i++)
		tie(f, x, i, owner[i]);
	charge(f, x);
	map_put(x->is_element ? &f->unknown_elements : &f->unknown_registers,
	    x);
	if (x->is_element && is_of_verb(x, &later_builtin[LATER_BAN]))
		bans_fact_comes(f, x);
	if (x->is_element && is_of_verb(x, &later_builtin[LATER_TRUNK]))
		entrances_fact_comes(f, x);
	name_founding(f, x);
	return x;
}

void
unknown_drop(struct facts *f, struct unknown *x)
{
	struct founding *g = named_by(f, x);

	if (x->is_element && is_of_verb(x, &later_builtin[LATER_BAN]))
		bans_fact_goes(f, x);
	if (x->is_element && is_of_verb(x, &later_builtin[LATER_TRUNK]))
		entrances_fact_goes(f, x);
	if (g != NULL)
		cname_goes(f, g);
	if (x->is_element)
		map_del(&f->unknown_elements, key_element(x));
	else
		map_del(&f->unknown_registers, key_register(x));
	discharge(f, x);
	f->unknown_mortals -= x->mortal;
	for (unsigned i = 0; i < KIND_OWNERS_MAX; i++)
		untie(f, &x->tie[i]);
	rcbuf_unref(x->text);
	pool_give(&f->unknown_pool, x);
}

/* ---- merges -------------------------------------------------------------- */

const struct unknown *
unknown_written(const struct facts *f, const struct part *p)
{
	struct rcbuf *text = text_of_part(p);
	const struct unknown *x = map_find(&f->unknown_registers,
	    span_head(rcbuf_span(text), key_bytes(p)));

	rcbuf_unref(text);
	return x;
}

/* The later write stays, whichever comes first. */
static void
merge_register(struct facts *f, const struct part *p, const struct write *w,
    const struct meant *meant)
{
	const void *owner[KIND_OWNERS_MAX];
	struct rcbuf *text;
	struct unknown *x;

	if (!find_owners(f, p, w, meant, owner))
		return;
	text = text_of_part(p);
	x = map_find(&f->unknown_registers,
	    span_head(rcbuf_span(text), key_bytes(p)));
	if (x == NULL)
		unknown_new(f, p, w, text, owner);
	else if (!write_is_later(w, &x->write) &&
		 !core_mutated(f, REGISTER_ARRIVAL))
		rcbuf_unref(text);
	else {
		discharge(f, x);
		rcbuf_unref(x->text);
		x->text = text;
		x->write = *w;
		charge(f, x);
		name_founding(f, x);
	}
}

static void
merge_element(struct facts *f, const struct part *p, const struct write *w,
    const struct meant *meant)
{
	const void *owner[KIND_OWNERS_MAX];

	if (!find_owners(f, p, w, meant, owner) ||
	    (is_mortal(&p->u.unknown.kind, owner) &&
		facts_is_void(f, w->dot.o)) ||
	    map_find(&f->unknown_elements, dot_span(&w->dot)) != NULL)
		return;
	unknown_new(f, p, w, text_of_part(p), owner);
}

static void
merge_removal(struct facts *f, const struct part *p)
{
	struct span rest = kind_dots(&p->u.unknown.kind, p->line);
	struct unknown *x;
	struct dot dot;

	while (kind_next_dot(&rest, &dot))
		if ((x = map_find(&f->unknown_elements, dot_span(&dot))) !=
		    NULL)
			unknown_drop(f, x);
}

void
unknown_merge(struct facts *f, const struct part *p, const struct write *w,
    const struct meant *meant)
{
	switch (p->u.unknown.kind.type) {
	case KIND_MESSAGE:
		break;
	case KIND_REGISTER:
		merge_register(f, p, w, meant);
		break;
	case KIND_ELEMENT:
		merge_element(f, p, w, meant);
		break;
	case KIND_REMOVAL:
		merge_removal(f, p);
		break;
	}
}

bool
unknown_has_room(const struct facts *f, const struct part *p)
{
	const struct kind *k = &p->u.unknown.kind;
	const struct unknown *x;
	struct rcbuf *text;
	bool room;

	if (k->type != KIND_REGISTER || k->nowner > 0)
		return true;
	text = text_of_part(p);
	x = map_find(&f->unknown_registers,
	    span_head(rcbuf_span(text), key_bytes(p)));
	room = x != NULL && text->n <= x->text->n;
	rcbuf_unref(text);
	return room;
}
