#include "core/answers/chan_info.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/sessions/access.h"
#include "core/sessions/line.h"
#include "core/sessions/listing.h"
#include "core/sessions/sight.h"
#include "core/types/cost.h"
#include "core/answers/reply.h"
#include "core/facts/walk.h"

struct span
topic_text(const struct rcbuf *value)
{
	struct span s = value == NULL ? SPAN_NONE : rcbuf_span(value);

	return span_tail(s, span_find(s, ' ') + 1);
}

static struct span
topic_setter(const struct rcbuf *value)
{
	struct span s = value == NULL ? SPAN_NONE : rcbuf_span(value);

	return span_head(s, span_find(s, ' '));
}

static size_t
put_prefixes(const struct tables *t, char p[ST_NONE], uint32_t status, bool all)
{
	size_t n = 0;

	for (unsigned i = 0; i < t->nranked && (all || n == 0); i++)
		if (status >> t->by_rank[i] & 1)
			p[n++] = status_row(t, t->by_rank[i])->prefix;
	return n;
}

struct span
status_prefixes(struct step *st, uint32_t status, bool all)
{
	char *p = arena_alloc(st->arena, ST_NONE);

	return span_make(p, put_prefixes(st->tables, p, status, all));
}

/* ---- the text of all names ------------------------------------------ */

#define CACHE_FROM 32 /* members; of fewer, the text is made each time */
#define FORMS 4
#define NAME_COST 32	 /* bytes of a name, about */
#define LINES_AT_ONCE 32 /* lines in one buffer */

struct names_text {
	char *p; /* names, each followed by a space */
	size_t n, cap;
	bool whole; /* it holds all shown members */
};

struct names_cache {
	struct names_text form[FORMS];
	uint64_t renames; /* of the facts, when the texts were made */
};

static unsigned
form_of(const struct session *s)
{
	return ((s->caps & CAPB(MULTI_PREFIX)) != 0 ? 1U : 0U) |
	       ((s->caps & CAPB(USERHOST_IN_NAMES)) != 0 ? 2U : 0U);
}

static void
text_put(struct names_text *t, struct span s)
{
	if (t->n + s.n > t->cap) {
		t->cap = (t->n + s.n) * 2;
		t->p = mem_realloc(t->p, t->cap);
	}
	if (s.n > 0)
		memcpy(t->p + t->n, s.p, s.n);
	t->n += s.n;
}

static void
text_add(const struct step *st, struct names_text *t, const struct member *m,
    unsigned form)
{
	char prefix[ST_NONE];

	text_put(t, span_make(prefix, put_prefixes(st->tables, prefix,
					  member_status(m), form & 1)));
	text_put(t, user_nick(m->user));
	if (form & 2) {
		text_put(t, SPAN("!"));
		text_put(t, user_username(m->user));
		text_put(t, SPAN("@"));
		text_put(t, user_host(m->user));
	}
	text_put(t, SPAN(" "));
}

static void
empty(struct names_cache *x)
{
	for (unsigned f = 0; f < FORMS; f++) {
		x->form[f].whole = false;
		x->form[f].n = 0;
	}
}

/* Return the texts of the channel, without those of an earlier time; or NULL. A
 * user on very many channels who gets another nick makes all texts old. */
static struct names_cache *
get_cache(const struct step *st, const struct chan *c)
{
	struct names_cache *x = c->names_cache;

	if (x != NULL && x->renames != st->facts->renames) {
		empty(x);
		x->renames = st->facts->renames;
	}
	return x;
}

void
names_cache_add(const struct step *st, const struct member *m)
{
	struct names_cache *x;

	if (m->chan->names_cache == NULL && m->chan->nshown >= CACHE_FROM)
		m->chan->names_cache =
		    mem_zalloc(sizeof(*m->chan->names_cache));
	x = get_cache(st, m->chan);
	for (unsigned f = 0; x != NULL && f < FORMS; f++)
		if (x->form[f].whole)
			text_add(st, &x->form[f], m, f);
}

void
names_cache_drop(struct chan *c)
{
	if (c->names_cache == NULL)
		return;
	empty(c->names_cache);
	if (c->nshown >= CACHE_FROM / 2)
		return;
	for (unsigned f = 0; f < FORMS; f++)
		free(c->names_cache->form[f].p);
	free(c->names_cache);
	c->names_cache = NULL;
}

/* Make ":server 353 nick = #c :", with which all lines begin. */
static struct span
names_head(struct step *st, const struct session *s, const struct chan *c)
{
	struct span kind = c->modes & CMB(SECRET)    ? SPAN("@")
			   : c->modes & CMB(PRIVATE) ? SPAN("*")
						     : SPAN("=");
	struct writer w;

	writer_init_arena(&w, st->arena, LINE_BODY_MAX + 2);
	numeric_build(&w, numeric_row(RPL_NAMREPLY), st->core->settings->name,
	    session_nick(s), REPLY_ARGS(kind, rcbuf_span(c->name), SPAN_NONE),
	    3);
	return span_head(writer_done(&w), writer_done(&w).n - 2);
}

/* Send the text in as many lines as it needs; a name is never cut. */
static void
send_names(struct step *st, struct session *s, const struct chan *c,
    struct span text)
{
	struct span head = names_head(st, s, c);
	size_t room = LINE_BODY_MAX - head.n, lines = 0, n;
	struct line l[LINES_AT_ONCE];
	struct writer w;

	while (text.n > 1) {
		n = text.n - 1; /* without the last space */
		if (n > room)
			for (n = room; n > 0 && text.p[n] != ' '; n--)
				;
		if (n == 0) /* a name longer than a line */
			n = span_find(text, ' ');
		writer_init_room(&w, st->arena, head.n + n, head.n + n);
		writer_span(&w, head);
		writer_span(&w, span_head(text, n));
		l[lines++] = (struct line){ .body = writer_done(&w) };
		text = span_tail(text, n + 1);
		if (lines == LINES_AT_ONCE) {
			lines_send(st, s, l, lines);
			lines = 0;
		}
	}
	lines_send(st, s, l, lines);
}

/* Return the kept text of all names for a session on the channel, or NULL if
 * there is no text to keep. */
static struct names_text *
kept_text(const struct step *st, const struct session *s, const struct chan *c)
{
	struct names_cache *x = get_cache(st, c);

	return x != NULL && is_on_chan(s, c) ? &x->form[form_of(s)] : NULL;
}

/* The things that decide which names a session is sent. */
struct view {
	struct sight sight;
	bool open;  /* others see the channel, too */
	bool is_on; /* the user is on the channel */
	const struct session *s;
	unsigned form;
};

static struct view
view_of(const struct step *st, const struct session *s, const struct listing *l)
{
	const struct chan *c = l->walk.chan;

	return (struct view){ .sight = sight_begin(st, s, l),
		.open = may_see_chan(s, c),
		.is_on = is_on_chan(s, c),
		.s = s,
		.form = form_of(s) };
}

/*
 * Add the name of a member, if the session may see it. Clients keep the names
 * of their own channels, and are told nothing more of a veiled member: so
 * members are not given such a name, whatever sight they have. send_own() gives
 * veiled members their own.
 */
static void
add_name(const struct step *st, struct names_text *t, struct view *v,
    const struct member *m)
{
	if (m->shown && !(m->veiled && v->is_on) &&
	    sight_lets(&v->sight, v->open && may_see_member(v->s, m, v->is_on)))
		text_add(st, t, m, v->form);
}

/* Send a veiled member their own name, which is in no text that others get. */
static void
send_own(struct step *st, struct session *s, const struct chan *c,
    const struct view *v)
{
	const struct member *m = facts_find_member(c, s->user);
	struct names_text t = { 0 };

	if (m == NULL || !m->shown || !m->veiled)
		return;
	text_add(st, &t, m, v->form);
	send_names(st, s, c, span_make(t.p, t.n));
	free(t.p);
}

static void
make_text(struct step *st, struct names_text *t, struct view *v,
    const struct chan *c)
{
	const struct member *m;

	step_spend(st, c->nmembers * (size_t)COST_VISIT);
	TAILQ_FOREACH(m, &c->members, chan_link)
		add_name(st, t, v, m);
	t->whole = true;
}

/* Send the names of all members from one text: the kept one, or one that is
 * made now. */
static void
send_all(struct step *st, struct session *s, const struct chan *c,
    struct view *v)
{
	struct names_text own = { 0 }, *t = kept_text(st, s, c);

	if (t == NULL)
		t = &own;
	if (!t->whole)
		make_text(st, t, v, c);
	send_names(st, s, c, span_make(t->p, t->n));
	free(own.p);
}

/* Return true if the members are so few that their names can be collected and
 * sent at once. */
static bool
are_few(const struct step *st, const struct session *s, const struct chan *c)
{
	const struct names_text *t = kept_text(st, s, c);

	return (t != NULL && t->whole
		       ? t->n
		       : c->nmembers * (size_t)NAME_COST) < listing_room(st);
}

static void
send_some(struct step *st, struct session *s, struct chan_walk *w,
    struct view *v)
{
	struct names_text t = { 0 };
	size_t room = listing_room(st);

	for (; w->next != NULL && (t.n == 0 || t.n < room) &&
	       listing_has_room(st);
	     w->next = TAILQ_NEXT(w->next, chan_link))
		add_name(st, &t, v, w->next);
	send_names(st, s, w->chan, span_make(t.p, t.n));
	free(t.p);
}

/* Send the names of one piece. */
static void
send_piece(struct step *st, struct session *s, struct listing *l)
{
	struct chan_walk *w = &l->walk;
	struct view v = view_of(st, s, l);

	if (l->at == 0)
		send_own(st, s, w->chan, &v);
	if (!v.open && !v.sight.hidden)
		w->next = NULL;
	else if (l->at == 0 && are_few(st, s, w->chan)) {
		send_all(st, s, w->chan, &v);
		w->next = NULL;
	} else
		send_some(st, s, w, &v);
	sight_end(st, &v.sight, l, SPAN("NAMES"), rcbuf_span(l->what));
}

/* at: 0 before the first piece. The channel may have another name by now, which
 * the client has been told. */
static bool
names_piece(struct step *st, struct session *s, struct listing *l)
{
	struct chan_walk *w = &l->walk;

	if (w->chan == NULL)
		w->next = NULL;
	else
		send_piece(st, s, l);
	l->at = 1;
	if (w->next != NULL)
		return false;
	reply(st, s, RPL_ENDOFNAMES,
	    rcbuf_span(w->chan != NULL ? w->chan->name : l->what));
	return true;
}

/* Clients know the capability by the name of its draft, too. */
#define NO_NAMES (CAPB(NO_IMPLICIT_NAMES) | CAPB(DRAFT_NO_IMPLICIT_NAMES))

/* The topic belongs to the first piece: a user may join many channels at once,
 * each with a long topic. */
static bool
joined_piece(struct step *st, struct session *s, struct listing *l)
{
	const struct chan *c = l->walk.chan;

	if (l->at == 0 && c != NULL && c->topic != NULL && may_see_chan(s, c))
		reply_topic(st, s, c);
	/* "Servers MUST NOT send an implicit NAMES reply after sending a JOIN
	 * message" (ircv3 no-implicit-names) */
	if (l->at == 0 && (s->caps & NO_NAMES) != 0) {
		l->walk.next = NULL;
		return true;
	}
	return names_piece(st, s, l);
}

static void
start(struct step *st, struct session *s, const struct chan *c,
    bool (*piece)(struct step *, struct session *, struct listing *))
{
	listing_start(st, s,
	    &(struct listing){ .piece = piece,
		.what = c->name,
		.walk = { .chan = c, .next = TAILQ_FIRST(&c->members) },
		.of_chan = true });
}

void
reply_names(struct step *st, struct session *s, const struct chan *c)
{
	start(st, s, c, names_piece);
}

void
reply_joined(struct step *st, struct session *s, const struct chan *c)
{
	start(st, s, c, joined_piece);
}

void
reply_renamed(struct step *st, struct session *s, const struct chan *c)
{
	struct listing *l = listing_unbegun(s, joined_piece, c);

	if (l == NULL) {
		reply_joined(st, s, c);
		return;
	}
	rcbuf_unref(l->what);
	l->what = rcbuf_ref(c->name);
	l->walk.next = TAILQ_FIRST(&c->members);
}

void
reply_topic(struct step *st, struct session *s, const struct chan *c)
{
	struct span name = rcbuf_span(c->name);

	reply(st, s, RPL_TOPIC, name, topic_text(c->topic));
	reply(st, s, RPL_TOPICWHOTIME, name, topic_setter(c->topic),
	    num(st, (uint64_t)(c->topic_stamp.ms / 1000)));
}
