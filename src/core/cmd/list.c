/*
 * LIST (modern-irc, "LIST message"), with the conditions of ISUPPORT ELIST:
 * both parameters are lists of names of channels and of conditions.
 *
 *	#c	that channel		!mask	no channel like it
 *	mask	any like it		<n >n	with less, more users
 *	C<n C>n	founded less, more than n minutes ago
 *	T<n T>n	topic set less, more than n minutes ago
 *
 * All conditions have to hold; of several masks one. With names, only those
 * are looked at. The answer is a listing (core/sessions/listing.h): by names it
 * goes along the text, else along the channels in the order they came to be.
 */
#include "core/cmd/cmd.h"
#include "core/sessions/access.h"
#include "core/sessions/listing.h"
#include "wire/casemap.h"
#include "wire/mask.h"
#include "wire/name.h"

#define MINUTE_MS 60000

enum cond_kind {
	COND_NAME,
	COND_MASK,
	COND_NOT,
	COND_USERS,
	COND_CHAN,
	COND_TOPIC
};

struct cond {
	enum cond_kind kind;
	struct span mask; /* or the name */
	bool more;
	uint64_t n;
};

struct conds {
	struct cond *v;
	size_t n;
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
	struct cond c = { .kind = COND_MASK, .mask = s };

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
		c.mask = span_tail(s, 1);
	} else if (name_is_channel(s) && span_find(s, '*') == s.n &&
		   span_find(s, '?') == s.n)
		c.kind = COND_NAME;
	return c;
}

/* What was asked: two lists with a space between; in the step's arena, for
 * all channels of a piece. */
static struct conds
parse_conds(struct step *st, struct span asked)
{
	struct conds cs = { .v = arena_alloc(st->arena,
				(asked.n + 1) * sizeof(*cs.v)) };
	struct span list, one;

	while ((list = span_word(&asked)).n > 0)
		while (list.n > 0)
			if ((one = span_cut(&list, ',')).n > 0)
				cs.v[cs.n++] = parse_cond(one);
	return cs;
}

/* +s is unseen by others, +p is not in LIST for them. */
static bool
may_list(const struct session *s, const struct chan *ch)
{
	return ch->nshown > 0 &&
	       ((ch->modes & (CMB(SECRET) | CMB(PRIVATE))) == 0 ||
		   is_on_chan(s, ch));
}

static bool
compares(const struct cond *c, uint64_t n)
{
	return c->more ? n > c->n : n < c->n;
}

/* So many minutes ago; of a time not known nothing holds. */
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
holds(const struct step *st, const struct cond *c, const struct chan *ch)
{
	switch (c->kind) {
	case COND_NAME:
	case COND_MASK: /* one of several */
		break;
	case COND_NOT:
		return !mask_glob(c->mask, rcbuf_span(ch->name), NULL);
	case COND_USERS:
		return compares(c, ch->nshown);
	case COND_CHAN:
		return is_ago(st, c, ch->current != NULL,
		    ch->current == NULL ? (struct stamp){ 0 }
					: ch->current->cinc.stamp);
	case COND_TOPIC:
		return is_ago(st, c, ch->topic != NULL, ch->topic_stamp);
	}
	return true;
}

static bool
is_asked_for(const struct step *st, const struct conds *cs,
    const struct chan *ch)
{
	bool wants_mask = false, has_mask = false;

	for (size_t i = 0; i < cs->n; i++) {
		const struct cond *c = &cs->v[i];

		if (!holds(st, c, ch))
			return false;
		if (c->kind != COND_MASK)
			continue;
		wants_mask = true;
		has_mask |= mask_glob(c->mask, rcbuf_span(ch->name), NULL);
	}
	return !wants_mask || has_mask;
}

static void
item(struct step *st, struct session *s, const struct conds *cs,
    const struct chan *ch)
{
	if (ch != NULL && may_list(s, ch) && is_asked_for(st, cs, ch))
		reply(st, s, RPL_LIST, rcbuf_span(ch->name),
		    num(st, ch->nshown), topic_text(ch->topic));
}

/* What others are still told of, this one's beginning has to wait for. */
static void
begin(struct step *st, struct session *s, struct listing *l)
{
	if (l->n++ == 0)
		reply0(st, s, RPL_LISTSTART);
}

/* at: of the text, where the next condition begins. */
static bool
named_piece(struct step *st, struct session *s, struct listing *l)
{
	struct span list = rcbuf_span(l->what), rest;
	struct conds cs = parse_conds(st, list);
	struct cond c;

	begin(st, s, l);
	list = span_word(&list);
	rest = span_tail(list, l->at);
	while (rest.n > 0 && listing_has_room(st)) {
		c = parse_cond(span_cut(&rest, ','));
		if (c.kind == COND_NAME && !cmd_is_repeated(list, c.mask))
			item(st, s, &cs, facts_find_chan(st->facts, c.mask));
	}
	l->at = list.n - rest.n;
	if (rest.n > 0)
		return false;
	reply0(st, s, RPL_LISTEND);
	return true;
}

/* at: the place in the map of channels. */
static bool
all_piece(struct step *st, struct session *s, struct listing *l)
{
	struct conds cs = parse_conds(st, rcbuf_span(l->what));
	const struct chan *ch;

	begin(st, s, l);
	while (listing_has_room(st)) {
		if ((ch = map_next(&st->facts->chans, &l->at)) == NULL) {
			reply0(st, s, RPL_LISTEND);
			return true;
		}
		item(st, s, &cs, ch);
	}
	return false;
}

static bool
names_any(struct span list)
{
	while (list.n > 0)
		if (parse_cond(span_cut(&list, ',')).kind == COND_NAME)
			return true;
	return false;
}

void
cmd_list(struct cmd *c)
{
	struct listing l = { .piece = all_piece };
	struct writer w;

	if (names_any(cmd_arg(c, 0)))
		l.piece = named_piece;
	writer_init_arena(&w, c->st->arena, 2 * LINE_BODY_MAX);
	writer_span(&w, cmd_arg(c, 0));
	writer_char(&w, ' ');
	writer_span(&w, cmd_arg(c, 1));
	l.what = rcbuf_new(writer_done(&w));
	listing_start(c->st, c->s, &l);
	rcbuf_unref(l.what);
}
