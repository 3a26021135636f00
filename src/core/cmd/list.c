/*
 * LIST (modern-irc, "LIST message"), without conditions: ELIST is not
 * advertised.
 *
 * All of a big network's channels would not fit into the sendq of who asks,
 * and he would be closed for it. So a list takes a part of the sendq at most:
 * the channels with most members, largest first, and 416 says that there are
 * more. (Held back and sent as he reads would be better: that wants to know
 * in the core how much he has read.)
 */
#include <stdlib.h>

#include "core/cmd/cmd.h"
#include "wire/casemap.h"

#define SENDQ_PART 4	 /* of the sendq, one LIST may take 1/4 */
#define LINE_OVERHEAD 48 /* of 322, but the names and the topic */

struct listing {
	const struct chan **v;
	size_t n;
	size_t room; /* bytes left */
	bool cut;
};

/* +s is unseen by others, +p is not in LIST for them. */
static bool
may_list(struct cmd *c, const struct chan *ch)
{
	return ch->nshown > 0 &&
	       ((ch->modes & (CMB(SECRET) | CMB(PRIVATE))) == 0 ||
		   cmd_member(c, ch) != NULL);
}

static void
item(struct cmd *c, struct listing *l, const struct chan *ch)
{
	struct span name = rcbuf_span(ch->name), topic = topic_text(ch->topic);
	size_t cost = LINE_OVERHEAD + c->settings->name.n +
		      session_nick(c->s).n + name.n + topic.n;

	l->cut |= cost > l->room;
	if (l->cut)
		return;
	l->room -= cost;
	reply(c->st, c->s, RPL_LIST, name, num(c->st, ch->nshown), topic);
}

static int
compare(const void *a, const void *b)
{
	const struct chan *x = *(const struct chan *const *)a,
			  *y = *(const struct chan *const *)b;

	if (x->nshown != y->nshown)
		return x->nshown > y->nshown ? -1 : 1;
	return span_cmp(rcbuf_span(x->fold), rcbuf_span(y->fold));
}

static void
list_all(struct cmd *c, struct listing *l)
{
	const struct chan *ch;

	l->v = arena_alloc(c->st->arena,
	    (map_count(&c->facts->chans) + 1) * sizeof(*l->v));
	for (size_t i = 0; (ch = map_next(&c->facts->chans, &i)) != NULL;)
		if (may_list(c, ch))
			l->v[l->n++] = ch;
	qsort(l->v, l->n, sizeof(*l->v), compare);
	for (size_t i = 0; i < l->n && !l->cut; i++)
		item(c, l, l->v[i]);
}

void
cmd_list(struct cmd *c)
{
	struct span list = cmd_arg(c, 0), rest = list, name;
	struct listing l = { .room = c->s->conn->class->sendq / SENDQ_PART };
	const struct chan *ch;

	reply0(c->st, c->s, RPL_LISTSTART);
	if (list.n == 0)
		list_all(c, &l);
	while (rest.n > 0) {
		name = span_cut(&rest, ',');
		ch = facts_find_chan(c->facts, name);
		if (ch != NULL && may_list(c, ch) &&
		    !cmd_is_repeated(list, name))
			item(c, &l, ch);
	}
	if (l.cut)
		reply(c->st, c->s, ERR_TOOMANYMATCHES, c->name);
	reply0(c->st, c->s, RPL_LISTEND);
}
