/*
 * A line's source is what stands between its first colon and its verb: the
 * nick, user and host of a user, or the name of a server (modern-irc,
 * "Source").
 */
#include "core/sessions/source.h"

struct span
user_address(struct step *st, const struct user *u)
{
	struct span ip = ident_ip(u->ident);
	struct writer w;

	if (ip.n == 0 || ip.p[0] != ':')
		return ip;
	writer_init_arena(&w, st->arena, ip.n + 1);
	writer_char(&w, '0');
	writer_span(&w, ip);
	return writer_done(&w);
}

struct span
server_name(const struct core *c, struct sid sid)
{
	const struct server *s;

	if (c->settings != NULL && sid_cmp(sid, c->self.sid) == 0)
		return c->settings->name;
	s = facts_find_server(&c->facts, sid);
	return s == NULL ? SPAN("*") : rcbuf_span(s->name);
}

struct span
server_about(const struct core *c, const struct server *s)
{
	if (s == NULL || s->description == NULL || s->description->n == 0)
		return c->settings->network;
	return rcbuf_span(s->description);
}

struct span
user_source(struct step *st, const struct user *u)
{
	struct writer w;

	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	writer_span(&w,
	    user_nick(u).p != NULL ? user_nick(u) : uid_span(&u->uid));
	writer_char(&w, '!');
	writer_span(&w, user_username(u));
	writer_char(&w, '@');
	writer_span(&w, user_host(u));
	return writer_done(&w);
}

const struct user *
by_find(const struct step *st, const struct by *by)
{
	const struct session *s = st->answering;

	if (uid_is_none(by->uid))
		return NULL;
	/* mostly it is the user whose command runs */
	if (s != NULL && s->user != NULL && !s->user->gone &&
	    uid_cmp(s->user->uid, by->uid) == 0)
		return s->user;
	return facts_find_uid(st->facts, by->uid);
}

#define MARKS_MAX (UM_NONE * (USER_MARK_TAG + 1)) /* bytes of their tags */

struct span
mark_tags(struct step *st, uint64_t modes)
{
	const struct user_mark *mark;
	struct writer w;

	if ((modes & st->tables->marked) == 0)
		return SPAN_NONE;
	writer_init_arena(&w, st->arena, MARKS_MAX);
	while ((mark = user_mark_next(st->tables, &modes)) != NULL) {
		writer_str(&w, w.n > 0 ? ";" : "");
		writer_str(&w, mark->tag);
	}
	return writer_done(&w);
}

struct span
user_tags(struct step *st, const struct user *u)
{
	return mark_tags(st, u != NULL ? u->modes : 0);
}

struct span
by_tags(struct step *st, const struct by *by)
{
	const struct user *u = by_find(st, by);

	return u != NULL && u->shown ? user_tags(st, u) : SPAN_NONE;
}

struct span
by_source(struct step *st, const struct by *by)
{
	const struct user *u = by_find(st, by);

	if (!uid_is_none(by->uid)) {
		if (u != NULL && u->shown)
			return user_source(st, u);
		if (u != NULL)
			return server_name(st->core, user_home(u).sid);
	} else if (!sid_is_none(by->sid) &&
		   facts_find_server(st->facts, by->sid) != NULL)
		return server_name(st->core, by->sid);
	/* the user is not known any more: name the server of the entry */
	return server_name(st->core, st->o.sid);
}

void
body_begin(struct step *st, struct writer *w, struct span source)
{
	writer_init_arena(w, st->arena, LINE_RENDER_MAX);
	writer_char(w, ':');
	writer_span(w, source);
	writer_char(w, ' ');
}
