/*
 * Facts and shown state as sorted text, for tests, the simulator and anybody
 * who compares two servers: two states are equal if and only if their texts
 * are.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/siphash.h"
#include "core/sessions/line.h"
#include "core/answers/chan_info.h"
#include "core/facts/shown_list.h"

#define CANON_MAX (1024 * 1024 * 1024) /* bytes; only memory limits it */

struct lines {
	struct arena *arena;
	struct span *v;
	size_t n, cap;
	size_t bytes;
};

static void
lines_add(struct lines *l, struct span s)
{
	if (l->n == l->cap)
		l->v = mem_grow(l->v, &l->cap, 64, sizeof(*l->v));
	l->v[l->n++] = s;
	l->bytes += s.n + 1;
}

static int
cmp(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

static struct span
lines_join(struct lines *l)
{
	struct writer w;

	if (l->n > 0)
		qsort(l->v, l->n, sizeof(*l->v), cmp);
	writer_init_arena(&w, l->arena, CANON_MAX);
	for (size_t i = 0; i < l->n; i++) {
		writer_span(&w, l->v[i]);
		writer_char(&w, '\n');
	}
	free(l->v);
	return writer_done(&w);
}

static void
add_fact(void *ctx, const struct snap_item *i)
{
	struct lines *l = ctx;
	struct writer w;

	writer_init_arena(&w, l->arena, ENTRY_LINE_MAX);
	snap_item_build(&w, i);
	lines_add(l, writer_done(&w));
}

struct span
core_canon(const struct core *c, struct arena *arena)
{
	struct lines l = { .arena = arena };

	core_walk(c, add_fact, &l);
	return lines_join(&l);
}

static const unsigned char digest_key[SIPHASH_KEY] = "banyan facts v1";

struct digesting {
	struct core_digest *d;
	char line[ENTRY_LINE_MAX];
};

/* Add the hashes of all lines up: a sum does not depend on the order of its
 * terms, so no line needs to be sorted or kept. */
static void
digest_fact(void *ctx, const struct snap_item *i)
{
	struct digesting *g = ctx;
	struct writer w;

	writer_init(&w, g->line, sizeof(g->line));
	snap_item_build(&w, i);
	g->d->facts++;
	g->d->sum += siphash(digest_key, writer_done(&w));
}

void
core_digest(const struct core *c, struct core_digest *d)
{
	struct digesting g = { .d = d };

	*d = (struct core_digest){ 0 };
	core_walk(c, digest_fact, &g);
}

static void
add_user(struct lines *l, const struct user *u)
{
	struct writer w;

	writer_init_arena(&w, l->arena, ENTRY_LINE_MAX);
	writer_str(&w, "user ");
	writer_span(&w, uid_span(&u->uid));
	writer_char(&w, ' ');
	writer_span(&w, user_nick(u));
	if (user_away(u) != NULL) {
		writer_str(&w, " away:");
		writer_span(&w, rcbuf_span(user_away(u)));
	}
	if (u->more != NULL && u->more->realname != NULL) {
		writer_str(&w, " realname:");
		writer_span(&w, user_realname(u));
	}
	if (u->more != NULL && u->more->user_host != NULL) {
		writer_str(&w, " host:");
		writer_span(&w, rcbuf_span(u->more->user_host));
	}
	lines_add(l, writer_done(&w));
}

/* Add a line for each mode of a user. Numbers of rows are a server's own, so
 * modes and statuses are written by name. */
static void
add_user_modes(struct lines *l, const struct tables *t, const struct user *u)
{
	struct writer w;

	for (unsigned m = 0; m < t->nuser_mode; m++) {
		if (!(u->modes >> m & 1))
			continue;
		writer_init_arena(&w, l->arena, ENTRY_LINE_MAX);
		writer_str(&w, "user ");
		writer_span(&w, uid_span(&u->uid));
		writer_str(&w, " mode ");
		writer_str(&w, user_mode_row(t, m)->name);
		lines_add(l, writer_done(&w));
	}
}

static void
add_chan_line(struct lines *l, const struct chan *c, const char *what,
    struct span a, struct span b)
{
	struct writer w;

	writer_init_arena(&w, l->arena, ENTRY_LINE_MAX);
	writer_span(&w, rcbuf_span(c->fold));
	writer_char(&w, ' ');
	writer_str(&w, what);
	writer_char(&w, ' ');
	writer_span(&w, a);
	writer_char(&w, ' ');
	writer_span(&w, b);
	lines_add(l, writer_done(&w));
}

static struct span
number(struct lines *l, uint64_t v)
{
	struct writer w;

	writer_init_arena(&w, l->arena, 20);
	writer_u64(&w, v);
	return writer_done(&w);
}

static void
add_member(struct lines *l, const struct tables *t, const struct member *m)
{
	struct span uid = uid_span(&m->user->uid);

	add_chan_line(l, m->chan, m->veiled ? "veiled" : "member", uid,
	    SPAN_NONE);
	for (unsigned s = 0; s < t->nstatus; s++)
		if (member_status(m) >> s & 1)
			add_chan_line(l, m->chan, "status", uid,
			    span_of(status_row(t, s)->name));
}

static void
add_chan(struct lines *l, const struct tables *t, const struct chan *c)
{
	const struct member *m;
	const struct shown_mask *x;

	for (unsigned k = 0; k < t->nchan_mode; k++)
		if (c->modes >> k & 1)
			add_chan_line(l, c, "mode",
			    span_of(chan_mode_row(t, k)->name), SPAN_NONE);
	add_chan_line(l, c, "name", rcbuf_span(c->name), SPAN_NONE);
	for (unsigned k = 0; k < c->nvalue; k++)
		add_chan_line(l, c, chan_mode_row(t, c->value[k].mode)->name,
		    rcbuf_span(c->value[k].text), SPAN_NONE);
	if (c->topic != NULL)
		add_chan_line(l, c, "topic", rcbuf_span(c->topic),
		    number(l, (uint64_t)c->topic_stamp.ms));
	for (unsigned k = 0; k < t->nchan_mode; k++)
		for (x = shown_first(c, k); x != NULL; x = shown_next(x))
			add_chan_line(l, c, chan_mode_row(t, k)->name,
			    rcbuf_span(x->text),
			    number(l, (uint64_t)x->stamp.ms));
	TAILQ_FOREACH(m, &c->members, chan_link)
		if (m->shown)
			add_member(l, t, m);
}

struct span
core_canon_shown(const struct core *c, struct arena *arena)
{
	struct lines l = { .arena = arena };
	const struct user *u;
	const struct chan *ch;

	for (size_t i = 0; (u = map_next(&c->facts.users, &i)) != NULL;)
		if (u->shown) {
			add_user(&l, u);
			add_user_modes(&l, &c->tables, u);
		}
	for (size_t i = 0; (ch = map_next(&c->facts.chans, &i)) != NULL;)
		if (chan_is_shown(ch))
			add_chan(&l, &c->tables, ch);
	return lines_join(&l);
}
