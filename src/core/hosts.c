/*
 * A user whose host is given by a row has the mode of that row, if it has one,
 * from the start. Such a mode is set and taken off by the home alone, and the
 * register `host` goes with it in one entry (doc/decisions/0052): so the mode
 * never says something else than the host.
 */
#include "core/hosts.h"

#include "core/part/clean.h"
#include "core/sessions/mask_who.h"
#include "core/sessions/source.h"
#include "core/types/settings.h"

#define HOSTS_MAX 400 /* bytes of all other hosts of a user */

/* Return the other hosts that masks match: the name of the connection, and what
 * the row says. The address needs no place, since masks match it as ever. */
static struct rcbuf *
others(struct step *st, const struct hosting *x, const struct host_row *row)
{
	struct writer w;

	writer_init_arena(&w, st->arena, HOSTS_MAX);
	if (x->is_name) {
		writer_span(&w, x->host);
		writer_char(&w, ' ');
	}
	if (row->also != NULL)
		row->also(&w, x);
	return w.n == 0 || w.over ? NULL : rcbuf_new(writer_done(&w));
}

/* Let a row give the user another host, in *host, and note the other hosts of
 * the session. Return the row, or NULL if no row gives one. */
static const struct host_row *
give(struct step *st, struct session *s, const struct hosting *x,
    struct span *host)
{
	const struct host_row *row;
	struct session_more *more;
	struct rcbuf *hosts;
	struct writer w;

	if (st->tables->nhost == 0)
		return NULL;
	writer_init_arena(&w, st->arena, HOSTS_MAX);
	row = host_ask(st->tables, &w, x);
	if (row == NULL || w.n > x->settings->host_len)
		return NULL;
	hosts = others(st, x, row);
	more = session_get_more(s);
	rcbuf_unref(more->hosts); /* the host of x may be in it */
	more->hosts = hosts;
	more->hidden = true;
	more->hidden_name = x->is_name && hosts != NULL;
	*host = clean_host(st->arena, writer_done(&w));
	return row;
}

void
hosts_free(struct session *s)
{
	if (s->more == NULL)
		return;
	rcbuf_unref(s->more->hosts);
	s->more->hosts = NULL;
	s->more->hidden = s->more->hidden_name = false;
}

const struct user_mode_row *
hosts_choose(struct step *st, struct session *s, struct part_user *words)
{
	struct hosting x = { .settings = st->core->settings,
		.addr = s->conn->addr,
		.host = words->host,
		.is_name = !span_eq(words->host, words->ip) };
	const struct host_row *row;

	hosts_free(s);
	row = give(st, s, &x, &words->host);
	return row == NULL ? NULL : row->mode;
}

const struct host_row *
hosts_row(const struct tables *t, enum user_mode m)
{
	for (unsigned i = 0; i < t->nhost; i++)
		if (t->host[i]->mode != NULL &&
		    t->host[i]->mode == user_mode_row(t, m))
			return t->host[i];
	return NULL;
}

struct span
hosts_real(struct step *st, const struct session *s)
{
	const struct session_more *more = session_more(s);
	struct span rest = session_hosts(s);

	if (more->hidden_name)
		return clean_host(st->arena, span_word(&rest));
	return more->hidden ? user_address(st, s->user)
			    : ident_host(s->user->ident);
}

bool
hosts_hide(struct step *st, struct session *s, struct span *host)
{
	bool is_name = session_more(s)->hidden_name ||
		       !ident_is_ip(s->user->ident, hosts_real(st, s));
	struct hosting x = { .settings = st->core->settings,
		.addr = s->conn->addr,
		.host = is_name ? hosts_real(st, s) : ident_ip(s->user->ident),
		.is_name = is_name };

	return give(st, s, &x, host) != NULL;
}
