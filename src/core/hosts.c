#include "core/hosts.h"

#include "core/part/clean.h"
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

void
hosts_choose(struct step *st, struct session *s, struct part_user *words)
{
	struct hosting x = { .settings = st->core->settings,
		.addr = s->conn->addr,
		.host = words->host,
		.is_name = !span_eq(words->host, words->ip) };
	const struct host_row *row;
	struct writer w;

	rcbuf_unref(s->hosts);
	s->hosts = NULL;
	if (st->tables->nhost == 0)
		return;
	writer_init_arena(&w, st->arena, HOSTS_MAX);
	row = host_ask(st->tables, &w, &x);
	if (row == NULL || w.n > x.settings->host_len)
		return;
	s->hosts = others(st, &x, row);
	words->host = clean_host(st->arena, writer_done(&w));
}
