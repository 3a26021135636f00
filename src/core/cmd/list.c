/*
 * LIST (modern-irc, "LIST message"), with the conditions of ISUPPORT ELIST:
 * both parameters are lists of names of channels and of conditions.
 *
 *	#c	that channel		!mask	no channel like it
 *	mask	any like it		<n >n	with less, more users
 *	C<n C>n	founded less, more than n minutes ago
 *	T<n T>n	topic set less, more than n minutes ago
 *
 * All conditions have to hold, but only one of several masks. If the line has
 * names, only channels of these names are looked at. The answer is a listing
 * (core/sessions/listing.h): by names it goes along them, else along the
 * channels in the order they came to be.
 *
 * Each channel is compared with each condition, so there are few of them:
 * ISUPPORT TARGMAX says how many. A line with more is refused as a whole, since
 * an answer to a part of the conditions would be another answer.
 */
#include "base/mem.h"
#include "core/cmd/cmd.h"
#include "core/facts/chan_name.h"
#include "core/sessions/access.h"
#include "core/sessions/listing.h"
#include "core/sessions/sight.h"
#include "core/types/cost.h"
#include "wire/casemap.h"
#include "wire/mask.h"
#include "wire/name.h"

#define MINUTE_MS 60000

/* In the order they are tried: what costs least comes first. */
enum cond_kind {
	COND_USERS,
	COND_CHAN,
	COND_TOPIC,
	COND_NOT,
	COND_MASK,
	COND_NAME
};

struct cond {
	enum cond_kind kind;
	struct span text; /* mask, or name; of the listing's `what` */
	bool more;
	uint64_t n;
};

/* The conditions of a LIST, in the order of kinds. */
struct conds {
	struct cond v[LIST_CONDS];
	size_t n;
	size_t nmasks, nnames; /* the last of them */
};

/* "<n" or ">n" */
static bool
parse_compare(struct span s, struct cond *c)
{
	if (s.n < 2 || (s.p[0] != '<' && s.p[0] != '>'))
		return false;
	c->more = s.p[0] == '>';
	return span_u64(span_tail(s, 1), &c->n);
}

static struct cond
parse_cond(struct span s)
{
	struct cond c = { .kind = COND_MASK, .text = s };

	if (parse_compare(s, &c))
		c.kind = COND_USERS;
	else if (s.n > 2 && casemap_char(s.p[0]) == 'c' &&
		 parse_compare(span_tail(s, 1), &c))
		c.kind = COND_CHAN;
	else if (s.n > 2 && casemap_char(s.p[0]) == 't' &&
		 parse_compare(span_tail(s, 1), &c))
		c.kind = COND_TOPIC;
	else if (s.n > 1 && s.p[0] == '!') {
		c.kind = COND_NOT;
		c.text = span_tail(s, 1);
	} else if (name_is_channel(s) && span_find(s, '*') == s.n &&
		   span_find(s, '?') == s.n)
		c.kind = COND_NAME;
	return c;
}

static void
insert(struct conds *cs, struct cond c)
{
	size_t i = cs->n++;

	for (; i > 0 && cs->v[i - 1].kind > c.kind; i--)
		cs->v[i] = cs->v[i - 1];
	cs->v[i] = c;
	cs->nmasks += c.kind == COND_MASK;
	cs->nnames += c.kind == COND_NAME;
}

/* Read both lists, which have a space between them. Return the first condition
 * beyond LIST_CONDS, or an empty span. */
static struct span
parse_conds(struct conds *cs, struct span asked)
{
	struct span list, one;

	*cs = (struct conds){ .n = 0 };
	while ((list = span_word(&asked)).n > 0)
		while (list.n > 0) {
			if ((one = span_cut(&list, ',')).n == 0)
				continue;
			if (cs->n == LIST_CONDS)
				return one;
			insert(cs, parse_cond(one));
		}
	return SPAN_NONE;
}

/* LIST leaves out channels with +s or +p that the asker is not on. */
static bool
may_list(struct step *st, const struct session *s, struct sight *x,
    const struct chan *ch)
{
	if (!chan_is_shown(ch))
		return false;
	if ((ch->modes & (CMB(SECRET) | CMB(PRIVATE))) == 0)
		return true;
	step_spend(st, s->user->nshown * COST_MEMBERSHIP);
	return sight_lets(x, is_on_chan(s, ch));
}

static bool
compares(const struct cond *c, uint64_t n)
{
	return c->more ? n > c->n : n < c->n;
}

/* Compare a time with a number of minutes ago. No condition holds for a time
 * that is not known. */
static bool
is_ago(const struct step *st, const struct cond *c, bool known, struct stamp t)
{
	int64_t ms = st->wall.ms > t.ms ? st->wall.ms - t.ms : 0;
	int64_t limit = c->n > INT64_MAX / MINUTE_MS
			    ? INT64_MAX
			    : (int64_t)c->n * MINUTE_MS;

	return known && (c->more ? ms > limit : ms < limit);
}

static bool
holds(const struct step *st, const struct cond *c, const struct chan *ch,
    size_t *steps)
{
	switch (c->kind) {
	case COND_USERS:
		return compares(c, ch->nshown - ch->nveiled);
	case COND_CHAN:
		return is_ago(st, c, ch->current != NULL,
		    ch->current == NULL ? (struct stamp){ 0 }
					: ch->current->cinc.stamp);
	case COND_TOPIC:
		return is_ago(st, c, ch->topic != NULL, ch->topic_stamp);
	case COND_NOT:
		return !mask_glob(c->text, rcbuf_span(ch->name), steps);
	case COND_MASK:
		return mask_glob(c->text, rcbuf_span(ch->name), steps);
	case COND_NAME: /* looked up */
		break;
	}
	return true;
}

static bool
is_asked_for(struct step *st, const struct conds *cs, const struct chan *ch)
{
	size_t all = cs->n - cs->nnames - cs->nmasks, i = 0, steps = 0;
	bool asked = cs->nmasks == 0;

	while (i < all && holds(st, &cs->v[i], ch, &steps))
		i++;
	if (i == all)
		while (!asked && i < all + cs->nmasks)
			asked = holds(st, &cs->v[i++], ch, &steps);
	else
		asked = false;
	step_spend(st, steps + i);
	return asked;
}

static void
item(struct step *st, struct session *s, struct sight *x,
    const struct conds *cs, const struct chan *ch)
{
	if (ch != NULL && is_asked_for(st, cs, ch) && may_list(st, s, x, ch))
		reply(st, s, RPL_LIST, rcbuf_span(ch->name),
		    num(st, ch->nshown - ch->nveiled), topic_text(ch->topic));
}

/* Begin the answer, which waits while an earlier answer is being given, or the
 * next piece of it. */
static struct sight
begin(struct step *st, struct session *s, struct listing *l)
{
	if (l->n++ == 0)
		reply0(st, s, RPL_LISTSTART);
	return sight_begin(st, s, l);
}

/* End a piece. Return `last`. */
static bool
piece_end(struct step *st, struct session *s, struct listing *l,
    struct sight *x, bool last)
{
	sight_end(st, x, l, SPAN("LIST"), rcbuf_span(l->what));
	if (last)
		reply0(st, s, RPL_LISTEND);
	return last;
}

static bool
is_repeated(const struct cond *name, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (casemap_eq(name[i].text, name[at].text))
			return true;
	return false;
}

/* Answer for the names; `at` is the index of the next name. */
static bool
named_piece(struct step *st, struct session *s, struct listing *l)
{
	const struct conds *cs = l->asked;
	const struct cond *name = &cs->v[cs->n - cs->nnames];
	struct sight x = begin(st, s, l);

	for (; l->at < cs->nnames && listing_has_room(st); l->at++)
		if (!is_repeated(name, l->at))
			item(st, s, &x, cs,
			    chan_name_find(st->facts, name[l->at].text));
	return piece_end(st, s, l, &x, l->at >= cs->nnames);
}

/* Answer for all channels; `at` is the place in the map of channels. */
static bool
all_piece(struct step *st, struct session *s, struct listing *l)
{
	struct sight x = begin(st, s, l);
	const struct chan *ch;

	while (listing_has_room(st)) {
		if ((ch = map_next(&st->facts->chans, &l->at)) == NULL)
			return piece_end(st, s, l, &x, true);
		item(st, s, &x, l->asked, ch);
	}
	return piece_end(st, s, l, &x, false);
}

/* Join both parameters with a space between them; masks and names are spans of
 * this text. */
static struct rcbuf *
asked_text(struct cmd *c)
{
	struct writer w;

	writer_init_arena(&w, c->st->arena, 2 * LINE_BODY_MAX);
	writer_span(&w, cmd_arg(c, 0));
	writer_char(&w, ' ');
	writer_span(&w, cmd_arg(c, 1));
	return rcbuf_new(writer_done(&w));
}

void
cmd_list(struct cmd *c)
{
	struct listing l = { .piece = all_piece, .what = asked_text(c) };
	struct conds cs, *kept;
	struct span over = parse_conds(&cs, rcbuf_span(l.what));

	if (over.n > 0) {
		reply(c->st, c->s, ERR_TOOMANYTARGETS, over);
		reply0(c->st, c->s, RPL_LISTEND);
	} else {
		if (cs.nnames > 0)
			l.piece = named_piece;
		l.asked = kept = mem_alloc(sizeof(*kept));
		*kept = cs;
		listing_start(c->st, c->s, &l);
	}
	rcbuf_unref(l.what);
}
