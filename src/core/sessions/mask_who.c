#include "core/sessions/mask_who.h"

struct span
session_hosts(const struct session *s)
{
	const struct rcbuf *hosts = session_more(s)->hosts;

	return hosts == NULL ? SPAN_NONE : rcbuf_span(hosts);
}

struct mask_who
user_mask_who(const struct user *u)
{
	struct mask_who who = ident_mask_who(u->ident, user_nick(u));
	const struct session *s = LIST_FIRST(&u->sessions);

	if (!span_eq(user_host(u), who.host)) {
		who.first_host = who.host;
		who.host = user_host(u);
	}
	if (!span_eq(user_username(u), who.user)) {
		who.first_user = who.user;
		who.user = user_username(u);
	}
	if (s != NULL)
		who.hosts = session_hosts(s);
	return who;
}

struct mask_who
user_mask_seen(const struct user *u)
{
	struct mask_who who = user_mask_who(u);

	who.hosts = SPAN_NONE;
	if (!user_shows_ip(u)) {
		who.ip = SPAN_NONE;
		who.addr = ADDR_NONE;
	}
	return who;
}
