/*
 * LINKS (RFC 2812, 3.4.5) and MAP list the servers as this server sees them,
 * each below its uplink, which is the next server on the way to here. Differs
 * from modern-irc, RPL_LINKS, which has `*` in the place of the uplink: clients
 * draw a tree from the two names. This server stands below itself. Differs from
 * modern-irc, RPL_ENDOFLINKS, as RFC 2812 does: the end names the mask that was
 * asked for, or `*`.
 *
 * A server that cannot be reached stands where it was reached last, with a word
 * that says so, until its grace time is over (link-protocol.md, 9.22).
 *
 * Links form any graph. MAP draws the tree of shortest ways from here
 * (core_overlay), so the map of another server may look different.
 */
#include <stdlib.h>

#include "core/cmd/cmd.h"
#include "core/sessions/response.h"
#include "core/sessions/source.h"
#include "core/types/cost.h"
#include "wire/mask.h"

#define MAP_DEPTH 64 /* deeper levels are drawn like this one */

struct map_row {
	const struct server *server;
	bool drawn;
};

struct map_view {
	struct cmd *c;
	struct map_row *row;
	size_t n;
	char last[MAP_DEPTH]; /* for each depth: no more siblings */
};

static bool
is_before(const struct server *a, const struct server *b)
{
	int d = span_cmp(rcbuf_span(a->name), rcbuf_span(b->name));

	return d < 0 || (d == 0 && sid_cmp(a->sid, b->sid) < 0);
}

static int
by_name(const void *a, const void *b)
{
	const struct map_row *x = a, *y = b;

	return is_before(x->server, y->server) ? -1 : 1;
}

/* Collect all visible servers, sorted by name. */
static void
collect(struct map_view *v, struct cmd *c)
{
	const struct server *s;

	v->c = c;
	v->row = arena_zalloc(c->st->arena,
	    (map_count(&c->facts->servers) + 1) * sizeof(*v->row));
	for (size_t i = 0; (s = map_next(&c->facts->servers, &i)) != NULL;)
		if (s->visible != 0)
			v->row[v->n++].server = s;
	qsort(v->row, v->n, sizeof(*v->row), by_name);
	step_spend(c->st, v->n * (size_t)COST_VISIT);
}

/* Write that the server cannot be reached, and for how long it is shown. */
static void
write_limbo(const struct cmd *c, struct writer *w, const struct server *s)
{
	int64_t left = mono_sub_ms(s->until, c->st->awake);

	writer_str(w, " (not reachable, shown for ");
	writer_i64(w, (left + MS_PER_S - 1) / MS_PER_S);
	writer_str(w, " s)");
}

/* Return what LINKS says of a server. */
static struct span
about(const struct cmd *c, const struct server *s)
{
	struct span text = server_about(c->core, s);
	struct writer w;

	if (!s->limbo)
		return text;
	writer_init_arena(&w, c->st->arena, LINE_BODY_MAX);
	writer_span(&w, text);
	write_limbo(c, &w, s);
	return writer_done(&w);
}

/* Return `*` if no way to the server is known. */
static struct span
uplink_name(const struct cmd *c, const struct server *s)
{
	bool is_self = sid_cmp(s->sid, c->core->self.sid) == 0;

	return server_name(c->core, is_self ? s->sid : s->uplink);
}

void
cmd_links(struct cmd *c)
{
	struct map_view v = { 0 };
	/* RFC 2812: of two parameters the mask is the last; the first names the
	 * server that answers */
	struct span mask = cmd_arg(c, c->m->nparam > 1 ? 1 : 0);
	const struct server *s;
	size_t steps = 0;

	if (mask.n == 0)
		mask = SPAN("*");
	response_collect(c->st, c->s);
	collect(&v, c);
	for (size_t i = 0; i < v.n; i++) {
		s = v.row[i].server;
		if (mask_glob(mask, rcbuf_span(s->name), &steps))
			reply(c->st, c->s, RPL_LINKS, rcbuf_span(s->name),
			    uplink_name(c, s), num(c->st, s->hops),
			    about(c, s));
	}
	step_spend(c->st, steps);
	reply(c->st, c->s, RPL_ENDOFLINKS, mask);
}

static struct map_row *
find_row(struct map_view *v, struct sid sid)
{
	for (size_t i = 0; i < v->n; i++)
		if (sid_cmp(v->row[i].server->sid, sid) == 0)
			return &v->row[i];
	return NULL;
}

static void
draw_row(struct map_view *v, const struct map_row *row, unsigned depth)
{
	struct writer w;

	writer_init_arena(&w, v->c->st->arena, LINE_BODY_MAX);
	for (unsigned d = 1; d < depth; d++)
		writer_str(&w, v->last[d] ? "  " : "| ");
	if (depth > 0)
		writer_str(&w, v->last[depth] ? "`-" : "|-");
	writer_span(&w, rcbuf_span(row->server->name));
	writer_char(&w, '[');
	writer_span(&w, sid_span(&row->server->sid));
	writer_str(&w, "] users: ");
	writer_u64(&w, row->server->nusers);
	if (row->server->limbo)
		write_limbo(v->c, &w, row->server);
	reply(v->c->st, v->c->s, RPL_MAP, writer_done(&w));
}

/* Return the next row from i on that has the server as its uplink, or v->n if
 * there is none. */
static size_t
next_below(const struct map_view *v, size_t i, struct sid uplink)
{
	while (i < v->n && (v->row[i].drawn || v->row[i].server->hops == 0 ||
			       sid_cmp(v->row[i].server->uplink, uplink) != 0))
		i++;
	return i;
}

static void
draw(struct map_view *v, struct map_row *row, unsigned depth)
{
	struct sid sid = row->server->sid;
	size_t next;

	row->drawn = true;
	draw_row(v, row, depth);
	if (depth + 1 == MAP_DEPTH)
		return;
	for (size_t i = next_below(v, 0, sid); i < v->n; i = next) {
		next = next_below(v, i + 1, sid);
		v->last[depth + 1] = next == v->n;
		draw(v, &v->row[i], depth + 1);
	}
}

void
cmd_map(struct cmd *c)
{
	struct map_view v = { 0 };

	response_collect(c->st, c->s);
	collect(&v, c);
	/* for each server, the servers below it are looked for among all */
	step_spend(c->st, v.n * v.n);
	draw(&v, find_row(&v, c->core->self.sid), 0);
	/* a server without a known way to it is still on the network */
	for (size_t i = 0; i < v.n; i++)
		if (!v.row[i].drawn)
			draw_row(&v, &v.row[i], 0);
	reply0(c->st, c->s, RPL_MAPEND);
}
