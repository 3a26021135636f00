/*
 * A founding that nobody stands in stays among the facts for a long time
 * (core/chan_cleanup.c). If each JOIN of an empty channel founded it anew, a
 * client that joins and leaves would fill the memory of every server. So a
 * server uses its last own founding of the name again. In this order:
 *
 * 1. There is none that is idle (nobody stands in it, not even a hidden user),
 *    or a +UNCHAN of this server is under way: found the channel anew. Likewise
 *    if the network is not whole, or members of that name are not shown, and
 *    the founding is older than the last split. Beyond a split, members that
 *    this server does not know of may stand in an older founding.
 * 2. The network is whole, that name has no member, and one entry can reset
 *    what is set in the founding: use it again.
 * 3. Otherwise found the channel anew, and remove the old founding. So a
 *    channel that is founded during a split is as old as its last first JOIN,
 *    and does not win against one that was founded before that JOIN in the
 *    other part.
 *
 * So a server has at most one founding in addition for each split, and
 * core/chan_cleanup.c removes that when the network is whole.
 *
 * Rejected: always 3 (whoever joins at that moment on another server would have
 * to move, or would stand in a channel without modes); always 2 (a founding
 * that was empty for an hour would win against the channel that others founded
 * meanwhile beyond a split).
 */
#include "core/found.h"

#include "core/facts/cname.h"
#include "core/facts/founding.h"
#include "core/facts/masks.h"
#include "core/types/mode.h"

/* The modes of a new channel. */
static const enum chan_mode fresh[] = { CM_NO_EXTERNAL, CM_TOPIC };

#define NFRESH (sizeof(fresh) / sizeof(fresh[0]))

static struct span
field_of(enum chan_mode mode)
{
	return span_of(chan_modes_builtin[mode].field);
}

static struct part *
add(struct found *f, enum part_id id)
{
	struct part *p = &f->part[f->n++];

	*p = (struct part){ .id = id };
	return p;
}

static void
set_field(const struct step *st, struct found *f, struct span field,
    struct text value)
{
	add(f, PART_CSET)->u.cset = (struct part_cset){ f->ch, field,
		by_server(st->core->self.sid), value };
}

/* Return true if a new channel has that mode. */
static bool
is_fresh(const struct found *f, const struct name *name)
{
	for (size_t i = 0; f->modes && i < NFRESH; i++)
		if (span_eq(rcbuf_span(name->text), field_of(fresh[i])))
			return true;
	return false;
}

/* ---- the choice -------------------------------------------------------- */

/* Return true if no other incarnation of the name can live anywhere: nobody is
 * hidden, nor waits to be shown (doc/decisions/0012). */
static bool
is_alone(const struct step *st, const struct found *f)
{
	return core_is_whole(st->core) && f->chan->nmembers == 0;
}

static const struct founding *
find_idle(const struct step *st, const struct found *f)
{
	const struct core *c = st->core;
	const struct founding *g =
	    f->chan == NULL ? NULL : founding_last_idle(f->chan);

	if (g == NULL || core_mutated(st->facts, FOUND_ANEW) ||
	    c->applied_n < c->unchan_n ||
	    (!is_alone(st, f) && g->cinc.stamp.ms <= c->parted.ms))
		return NULL;
	return g;
}

/* Return true if writes with that stamp can reset all that is set in the
 * founding, and fit one entry. A founding that has another name is not used
 * again: it would be known by it while it is reset. */
static bool
can_reset(const struct facts *facts, const struct found *f,
    const struct founding *g)
{
	const struct mask *m;
	const struct invite *v;
	struct reg_walk w = founding_regs(g);
	const struct reg *r;
	size_t n = 0;

	if (regs_count(&g->regs) > FOUND_REGS_MAX ||
	    !span_eq(rcbuf_span(g->name), f->name) ||
	    cname_of(facts, g) != NULL)
		return false;
	while ((r = regs_next(&w)) != NULL)
		if (r->write.stamp.ms >= f->stamp.ms)
			return false;
	for (m = mask_first(g); m != NULL; m = mask_next(m))
		if (++n > FOUND_DOTS_MAX)
			return false;
	for (v = founding_first_invite(g); v != NULL; v = TAILQ_NEXT(v, link))
		if (++n > FOUND_DOTS_MAX)
			return false;
	return true;
}

/* ---- the parts --------------------------------------------------------- */

static void
reset_regs(const struct step *st, struct found *f, const struct founding *g)
{
	struct reg_walk w = founding_regs(g);
	const struct reg *r;

	while ((r = regs_next(&w)) != NULL)
		if (r->value != NULL && !is_fresh(f, r->name))
			set_field(st, f, rcbuf_span(r->name->text), text_off());
}

static void
reset_lists(const struct step *st, struct found *f, const struct founding *g)
{
	struct dot *dot;
	const struct mask *m;
	const struct invite *v;
	size_t n = 0;

	dot = arena_alloc(st->arena, FOUND_DOTS_MAX * sizeof(*dot));
	for (m = mask_first(g); m != NULL; m = mask_next(m))
		dot[n++] = m->dot;
	for (v = founding_first_invite(g); v != NULL; v = TAILQ_NEXT(v, link))
		dot[n++] = v->dot;
	if (n > 0)
		add(f, PART_LDEL)->u.ldel = (struct part_ldel){ f->ch,
			by_server(st->core->self.sid), { dot, n } };
}

static bool
is_on(const struct founding *g, enum chan_mode mode)
{
	struct reg_walk w;
	const struct reg *r;

	if (g == NULL)
		return false;
	for (w = founding_regs(g); (r = regs_next(&w)) != NULL;)
		if (span_eq(rcbuf_span(r->name->text), field_of(mode)))
			return r->value != NULL;
	return false;
}

/* Make the parts that set the modes of a new channel; g is the founding that
 * has some of these modes already, or NULL. */
static void
set_fresh(const struct step *st, struct found *f, const struct founding *g)
{
	for (size_t i = 0; f->modes && i < NFRESH; i++)
		if (!is_on(g, fresh[i]))
			set_field(st, f, field_of(fresh[i]),
			    text_of(SPAN("1")));
}

void
found_make(const struct step *st, struct found *f)
{
	const struct founding *g = find_idle(st, f);

	f->n = 0;
	if (g != NULL && is_alone(st, f) && can_reset(st->facts, f, g)) {
		f->ch = (struct ch){ rcbuf_span(g->name), g->cinc };
		reset_regs(st, f, g);
		reset_lists(st, f, g);
		set_fresh(st, f, g);
		return;
	}
	f->ch = (struct ch){ f->name, { f->stamp, st->core->self.sid } };
	add(f, PART_CHAN)->u.chan.ch = f->ch;
	if (g != NULL)
		add(f, PART_UNCHAN)->u.unchan =
		    (struct part_unchan){ { rcbuf_span(g->name), g->cinc },
			    { &g->dot, 1 } };
	set_fresh(st, f, NULL);
}

enum status
found_status(const struct step *st)
{
	static const enum status of[] = { [FOUNDER_OP] = ST_OP,
		[FOUNDER_ADMIN] = ST_ADMIN,
		[FOUNDER_OWNER] = ST_OWNER };

	return of[st->core->settings->founder];
}
