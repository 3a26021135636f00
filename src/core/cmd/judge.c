/*
 * A mask that comes or goes behind the place of the comparison would be missed.
 * So a verdict counts only as long as its list has as many masks as before, and
 * its incarnation is the one that is asked about. When all lists are done, they
 * are looked at again; lists that have changed are judged anew, but not for
 * ever.
 *
 * Rejected: to run the command channel by channel. Its answers would come
 * between the lines of its JOINs, and its line would be several entries.
 */
#include "core/cmd/cmd.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "core/facts/founding.h"
#include "core/facts/masks.h"
#include "core/facts/shown_list.h"
#include "core/rider.h"
#include "core/sessions/access.h"
#include "core/sessions/extbans.h"
#include "core/sessions/wait.h"
#include "core/types/cost.h"

#define MASK_UNITS 2048 /* of a turn, for each mask that is compared at once */
#define PASSES_MAX 4	/* over all lists */

struct judgement {
	struct work_item item;
	struct session *session;
	struct rcbuf *line; /* a copy, without its end */
	struct verdicts found;
	enum mask_use use;
	size_t n;	    /* bytes of the names */
	size_t done;	    /* bytes of the names that this pass is behind */
	bool missed;	    /* this pass has judged a list */
	unsigned passes;    /* before this one */
	struct verdict at;  /* the list under way; CM_NONE: none */
	struct rcbuf *last; /* its last mask that was compared; or NULL */
	size_t user;	    /* the place in facts->users of judge_users() */
	struct user_count count;
};

/* ---- one list ------------------------------------------------------------ */

/* A list of a channel, and what makes a verdict on it good. */
struct question {
	const struct chan *chan;
	const struct founding *founding; /* NULL: none */
	struct verdict key;
};

static struct question
ask(const struct chan *ch, const struct founding *g, enum chan_mode list)
{
	struct question q = { ch, g, { .list = list } };

	q.key.of_facts = g != ch->current || ch->lists_postponed;
	if (g != NULL)
		q.key.dot = g->dot;
	if (!q.key.of_facts)
		q.key.n = shown_count(ch, list);
	return q;
}

/* Return true if a verdict on the list is good. After some passes it does not
 * matter whether the list has changed. */
static bool
is_good(const struct judgement *j, const struct verdict *v,
    const struct verdict *key)
{
	return v != NULL && (v->n == key->n || j->passes >= PASSES_MAX);
}

static struct verdict *
find(const struct judgement *j, const struct verdict *key)
{
	for (size_t i = 0; i < j->found.n; i++)
		if (verdict_is_on(&j->found.v[i], key->dot, key->list,
			key->of_facts))
			return &j->found.v[i];
	return NULL;
}

/* End the list under way. */
static void
note(struct judgement *j, bool match)
{
	struct verdict *v = find(j, &j->at);

	if (v == NULL) {
		if (j->found.n == j->found.cap)
			j->found.v = mem_grow(j->found.v, &j->found.cap, 8,
			    sizeof(*j->found.v));
		v = &j->found.v[j->found.n++];
	}
	*v = j->at;
	v->match = match;
	rcbuf_unref(j->last);
	j->last = NULL;
	j->at = (struct verdict){ .list = CM_NONE };
}

/* Return the text of the next mask of the list, and when it ends; or NULL. */
static struct rcbuf *
next_mask(const struct cmd *c, const struct judgement *j,
    const struct question *q, struct stamp *end)
{
	struct span last = j->last == NULL ? SPAN_NONE : mask_of(j->last);
	const struct shown_mask *s;
	const struct mask *m;

	if (!q->key.of_facts) {
		s = shown_after(q->chan, q->key.list, last);
		*end = s == NULL ? (struct stamp){ 0 } : s->expiry;
		return s == NULL ? NULL : s->text;
	}
	m = q->founding == NULL ? NULL
				: mask_after(q->founding,
				      list_name(c->facts, q->key.list), last);
	*end = m == NULL ? (struct stamp){ 0 } : mask_end(m);
	return m == NULL ? NULL : m->text;
}

/* Compare the next mask of the list under way. Return true if the list is
 * done. */
static bool
compare(struct cmd *c, struct judgement *j, const struct question *q)
{
	struct mask_test t = mask_test_of(c->st, c->user, j->use);
	struct stamp end;
	struct rcbuf *text = next_mask(c, j, q, &end);
	bool match;

	if (text == NULL) {
		note(j, false);
		return true;
	}
	match = expiry_holds(end, c->st->wall) && mask_hits(&t, mask_of(text));
	step_spend(c->st, COST_VISIT + t.steps);
	if (match) {
		note(j, true);
		return true;
	}
	(void)rcbuf_ref(text);
	rcbuf_unref(j->last);
	j->last = text;
	return false;
}

/* Judge a list, or go on with it by one mask at least. Return false if the turn
 * has no room for the rest. */
static bool
judge_one(struct cmd *c, void *ctx, const struct question *q)
{
	struct judgement *j = ctx;
	struct work *w = &c->st->core->work;

	step_spend(c->st, COST_MEMBERSHIP * (1 + j->found.n));
	if (is_good(j, find(j, &q->key), &q->key))
		return true;
	j->missed = true;
	if (!verdict_is_on(&j->at, q->key.dot, q->key.list, q->key.of_facts)) {
		rcbuf_unref(j->last);
		j->last = NULL;
		j->at = q->key;
	}
	do {
		if (compare(c, j, q))
			return true;
	} while (work_has_left(w));
	return false;
}

/* ---- the lists of a command ---------------------------------------------- */

typedef bool list_fn(struct cmd *, void *ctx, const struct question *);

static bool
each_of(struct cmd *c, const struct judged *how, const struct chan *ch,
    const struct founding *g, list_fn *fn, void *ctx)
{
	struct question q;

	for (unsigned i = 0; i < how->nlist; i++) {
		q = ask(ch, g, how->list[i]);
		if (!fn(c, ctx, &q))
			return false;
	}
	return true;
}

/* Call fn for each list of the other channels that may decide. */
static bool
each_also(struct cmd *c, const struct judged *how, const struct chan *ch,
    list_fn *fn, void *ctx)
{
	const struct chan *also[JUDGED_ALSO];
	size_t n = how->also(c, ch, also);

	for (size_t i = 0; i < n; i++)
		if (!each_of(c, how, also[i], also[i]->current, fn, ctx))
			return false;
	return true;
}

/* Call fn for each list that the command may ask about one item of its names.
 * Return false if fn does. */
static bool
each_list(struct cmd *c, const struct judged *how, struct span item,
    list_fn *fn, void *ctx)
{
	const struct chan *ch = how->find(c, item);
	const struct founding *g;
	size_t n = 0;

	if (ch == NULL)
		return true;
	if (!each_of(c, how, ch, ch->current, fn, ctx))
		return false;
	if (how->also != NULL && !each_also(c, how, ch, fn, ctx))
		return false;
	if (!how->riders || ch->nmembers == ch->nshown)
		return true;
	for (g = founding_first(ch); g != NULL && n < RIDER_FOUNDINGS; n++) {
		if (rider_is_hidden(ch, g) && !each_of(c, how, ch, g, fn, ctx))
			return false;
		g = founding_next(g);
	}
	return true;
}

/* Return how many masks may be compared while the command runs: 512 of a usual
 * turn. */
static size_t
at_once(const struct cmd *c)
{
	return (size_t)c->core->turn / MASK_UNITS;
}

/* Count the masks of a list. Return false when they are many. */
static bool
count(struct cmd *c, void *ctx, const struct question *q)
{
	const struct name *list = list_name(c->facts, q->key.list);
	const struct mask *m = NULL;
	size_t *n = ctx, most = at_once(c);

	*n += q->key.n;
	if (q->key.of_facts && q->founding != NULL)
		m = mask_first_of(q->founding, list);
	for (; m != NULL && m->list == list && *n <= most; m = mask_next(m))
		++*n;
	return *n <= most;
}

/* Return true if a name need not be asked about: it is empty, or the line has
 * had it. Names longer than a line are those of all channels of a user. */
static bool
is_idle(struct span names, struct span item)
{
	return item.n == 0 ||
	       (names.n <= LINE_BODY_MAX && cmd_is_repeated(names, item));
}

static bool
are_few(struct cmd *c, struct span names, const struct judged *how)
{
	struct span rest = names, item;
	size_t n = 0;

	while (rest.n > 0) {
		item = span_cut(&rest, ',');
		if (!is_idle(names, item) &&
		    !each_list(c, how, item, count, &n))
			return false;
	}
	return true;
}

/* Judge lists as far as the turn has room. Return true if all are done. */
static bool
judge_all(struct cmd *c, struct judgement *j, struct span names,
    const struct judged *how)
{
	struct work *w = &c->st->core->work;
	struct span rest, item;

	if (names.n != j->n) /* other channels than before */
		j->done = 0;
	j->n = names.n;
	do {
		if (j->done == 0)
			j->missed = false;
		rest = span_tail(names, j->done);
		while (rest.n > 0) {
			item = span_cut(&rest, ',');
			step_spend(c->st, COST_VISIT);
			if (!is_idle(names, item) &&
			    !each_list(c, how, item, judge_one, j))
				return false;
			j->done = names.n - rest.n;
			if (rest.n > 0 && !work_has_left(w))
				return false;
		}
		j->done = 0;
	} while (j->missed && ++j->passes <= PASSES_MAX);
	return true;
}

/* ---- the line ------------------------------------------------------------ */

void
judge_drop(struct session *s)
{
	struct judgement *j = session_more(s)->judgement;

	if (j == NULL)
		return;
	s->more->judgement = NULL;
	work_remove(&j->item);
	rcbuf_unref(j->line);
	rcbuf_unref(j->last);
	free(j->found.v);
	free(j);
}

/* Run the line again. It adds its judgement to the queue if it is not done. */
static void
run(struct step *st, struct session *s, struct judgement *j)
{
	struct cause before = st->cause;
	struct msg m;

	st->cause = core_session_cause(s);
	st->answering = s;
	invariant(msg_parse(rcbuf_span(j->line), &m));
	cmd_run(st, s, &m);
	st->verdicts = NULL;
	st->answering = NULL;
	st->cause = before;
}

static void
judge_run(struct work_item *item, void *ctx)
{
	struct judgement *j =
	    (void *)((char *)item - offsetof(struct judgement, item));
	struct session *s = j->session;
	struct step *st = ctx;

	run(st, s, j);
	if (session_more(s)->judgement == NULL || work_is_queued(&j->item))
		return;
	judge_drop(s);
	wait_next(st, s);
}

/* Write the line again. */
static struct rcbuf *
copy(struct step *st, const struct msg *m)
{
	struct writer w;

	writer_init_arena(&w, st->arena, m->tags.n + m->verb.n + m->rest.n + 3);
	if (m->tags.n > 0) {
		writer_char(&w, '@');
		writer_span(&w, m->tags);
		writer_char(&w, ' ');
	}
	writer_span(&w, m->verb);
	writer_char(&w, ' ');
	writer_span(&w, m->rest);
	return rcbuf_new(writer_done(&w));
}

/* Let the line wait. */
static struct judgement *
begin(struct cmd *c)
{
	struct judgement *j = mem_zalloc(sizeof(*j));

	session_get_more(c->s)->judgement = j;
	j->item.run = judge_run;
	j->session = c->s;
	j->at.list = CM_NONE;
	j->line = copy(c->st, c->m);
	return j;
}

bool
judge_users(struct cmd *c,
    bool (*is_hit)(const struct cmd *, const struct user *, const void *ctx,
	size_t *steps),
    const void *ctx, struct user_count *count)
{
	struct judgement *j = session_more(c->s)->judgement;
	struct work *w = &c->st->core->work;
	const struct user *u;
	size_t steps;

	if (j == NULL) {
		work_add(w, &begin(c)->item);
		return false;
	}
	while (work_has_left(w)) {
		u = map_next(&c->facts->users, &j->user);
		if (u == NULL) {
			*count = j->count;
			return true;
		}
		steps = COST_VISIT;
		if (u->shown && ++j->count.users > 0 &&
		    is_hit(c, u, ctx, &steps)) {
			j->count.all++;
			j->count.local += core_is_home(c->core, u);
		}
		step_spend(c->st, steps);
	}
	work_add(w, &j->item);
	return false;
}

bool
judge_lists(struct cmd *c, struct span names, const struct judged *how)
{
	struct judgement *j = session_more(c->s)->judgement;
	struct work *w = &c->st->core->work;

	if (j == NULL && are_few(c, names, how))
		return true;
	if (j == NULL) {
		j = begin(c);
		j->use = how->use;
	} else if (judge_all(c, j, names, how)) {
		c->st->verdicts = &j->found;
		return true;
	}
	work_add(w, &j->item);
	return false;
}
