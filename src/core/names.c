#include "core/names.h"

#include "core/line.h"
#include "core/reply.h"

struct span
topic_text(const struct rcbuf *value)
{
	struct span s = value == NULL ? SPAN_NONE : rcbuf_span(value);

	return span_tail(s, span_find(s, ' ') + 1);
}

struct span
topic_setter(const struct rcbuf *value)
{
	struct span s = value == NULL ? SPAN_NONE : rcbuf_span(value);

	return span_head(s, span_find(s, ' '));
}

struct span
status_prefixes(struct step *st, uint32_t status, bool all)
{
	char *p = arena_alloc(st->arena, ST_COUNT);
	size_t n = 0;

	for (unsigned i = 0; i < ST_COUNT && (all || n == 0); i++)
		if (status & (1u << i))
			p[n++] = status_row(i)->prefix;
	return span_make(p, n);
}

static bool
is_on(const struct session *s, const struct chan *c)
{
	const struct member *m =
	    s->user == NULL ? NULL : facts_find_member(c, s->user);

	return m != NULL && m->shown;
}

bool
may_see_chan(const struct session *s, const struct chan *c)
{
	return c->nshown > 0 && ((c->modes & CMB(SECRET)) == 0 || is_on(s, c));
}

bool
may_see_member(const struct session *s, const struct member *m)
{
	return m->shown &&
	       ((m->user->modes & UMB(INVISIBLE)) == 0 || is_on(s, m->chan));
}

static void
write_name(struct step *st, struct writer *w, const struct session *s,
    const struct member *m)
{
	writer_span(w, status_prefixes(st, m->status,
			   (s->caps & CAPB(MULTI_PREFIX)) != 0));
	if (s->caps & CAPB(USERHOST_IN_NAMES))
		writer_span(w, user_source(st, m->user));
	else
		writer_span(w, rcbuf_span(m->user->nick));
}

void
reply_names(struct step *st, struct session *s, const struct chan *c)
{
	struct span kind = c->modes & CMB(SECRET)    ? SPAN("@")
			   : c->modes & CMB(PRIVATE) ? SPAN("*")
						     : SPAN("=");
	struct span name = rcbuf_span(c->name), entry;
	struct writer w, one;
	const struct member *m;
	bool sees_all = is_on(s, c);
	size_t room;

	room = numeric_room(RPL_NAMREPLY, st->core->settings->name,
	    session_nick(s), REPLY_ARGS(kind, name, SPAN_NONE), 3);
	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	TAILQ_FOREACH(m, &c->members, chan_link) {
		if (!m->shown || (!sees_all && !may_see_member(s, m)))
			continue;
		writer_init_arena(&one, st->arena, LINE_BODY_MAX);
		write_name(st, &one, s, m);
		entry = writer_done(&one);
		if (w.n > 0 && w.n + 1 + entry.n > room) {
			reply(st, s, RPL_NAMREPLY, kind, name, writer_done(&w));
			writer_init_arena(&w, st->arena, LINE_BODY_MAX);
		}
		if (w.n > 0)
			writer_char(&w, ' ');
		writer_span(&w, entry);
	}
	if (w.n > 0)
		reply(st, s, RPL_NAMREPLY, kind, name, writer_done(&w));
	reply(st, s, RPL_ENDOFNAMES, name);
}

void
reply_topic(struct step *st, struct session *s, const struct chan *c)
{
	struct span name = rcbuf_span(c->name);

	reply(st, s, RPL_TOPIC, name, topic_text(c->topic));
	reply(st, s, RPL_TOPICWHOTIME, name, topic_setter(c->topic),
	    num(st, (uint64_t)(c->topic_stamp.ms / 1000)));
}
