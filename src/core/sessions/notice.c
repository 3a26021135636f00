/*
 * Few users have the mode, and only those of this server who are operators with
 * the privilege are told. They are found by a list of uids, so that an event
 * costs nothing where nobody listens, and no walk over all clients elsewhere.
 */
#include "core/sessions/notice.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/sessions/access.h"
#include "core/sessions/audience.h"
#include "core/sessions/source.h"
#include "wire/utf8.h"

#define VALUE_MAX 200 /* bytes of one field */

void
notice_user(struct core *c, struct uid uid, bool on)
{
	struct notices *x = &c->notices;

	for (size_t i = 0; i < x->n; i++)
		if (uid_cmp(x->v[i], uid) == 0) {
			if (!on)
				x->v[i] = x->v[--x->n];
			return;
		}
	if (!on)
		return;
	if (x->n == x->cap)
		x->v = mem_grow(x->v, &x->cap, 8, sizeof(*x->v));
	x->v[x->n++] = uid;
}

void
notice_fini(struct core *c)
{
	free(c->notices.v);
}

static bool
wants(const struct step *st, const struct user *u, enum log_mask mask)
{
	const struct rcbuf *letters;

	if (LIST_EMPTY(&u->sessions) ||
	    (privileges_of(st->facts, u) & PRIVB(SERVER_NOTICES)) == 0 ||
	    (letters = user_value(st->facts, u, NOTICE_FIELD)) == NULL)
		return false;
	return (log_masks_read(0, rcbuf_span(letters)) >> mask & 1) != 0;
}

/* Collect the operators who want notices of that mask. Return false if there
 * are none. */
static bool
collect(struct step *st, enum log_mask mask)
{
	const struct notices *x = &st->core->notices;
	const struct user *u;

	audience_begin(st);
	for (size_t i = 0; i < x->n; i++) {
		u = facts_find_uid(st->facts, x->v[i]);
		if (u != NULL && wants(st, u, mask))
			audience_add_user(st, u);
	}
	return !audience_is_empty(st);
}

static void
begin(struct step *st, struct writer *w, enum log_row row)
{
	body_begin(st, w, st->core->settings->name);
	writer_str(w, "NOTICE * :*** ");
	writer_str(w, log_row_name(row));
	writer_str(w, ": ");
}

static void
send(struct step *st, struct writer *w)
{
	struct line l = { .body = utf8_cut(writer_done(w), LINE_BODY_MAX),
		.apart = true };

	audience_send(st, &l);
}

/* Values come from strangers: what a terminal may obey becomes `?`. */
static void
write_value(struct step *st, struct writer *w, struct span value)
{
	struct span s = utf8_cut(value, VALUE_MAX);
	bool quoted = span_find(s, ' ') < s.n;
	char *copy = arena_alloc(st->arena, s.n + 1);

	memcpy(copy, s.p, s.n);
	utf8_mend(copy, s.n, '?');
	writer_str(w, quoted ? "\"" : "");
	utf8_write_visible(w, span_make(copy, s.n));
	writer_str(w, quoted ? "\"" : "");
}

static void
write_fields(struct step *st, struct writer *w, const struct log_field *f,
    size_t n)
{
	const char *before = " (";

	for (size_t i = 0; i < n; i++) {
		if (f[i].value.n == 0)
			continue;
		writer_str(w, before);
		writer_str(w, f[i].key);
		writer_char(w, '=');
		write_value(st, w, f[i].value);
		before = " ";
	}
	writer_str(w, before[1] == '\0' ? ")" : "");
}

static void
tell(struct step *st, enum log_row row, const struct log_field *f, size_t n)
{
	struct writer w;

	begin(st, &w, row);
	writer_str(&w, log_row_text(row));
	write_fields(st, &w, f, n);
	send(st, &w);
}

/* Return true if the notice is to be counted, and not told. */
static bool
is_too_many(struct step *st, enum log_row row)
{
	struct notices *x = &st->core->notices;

	if (mono_is_never(x->until))
		x->until = mono_add_ms(st->now, NOTICE_MS);
	if (log_row_of_strangers(row))
		return x->told_of[row]++ >= NOTICE_STRANGERS;
	return x->told[log_row_mask(row)]++ >= NOTICE_MANY;
}

void
notice_event(struct step *st, enum log_row row, const struct log_field *f,
    size_t n, uint32_t more)
{
	if (st->core->notices.n == 0 || log_row_level(row) == LOGL_DEBUG ||
	    !collect(st, log_row_mask(row)))
		return;
	if (is_too_many(st, row))
		more++;
	else
		tell(st, row, f, n);
	st->core->notices.more[row] += more;
}

void
notice_effects(struct step *st, size_t from)
{
	const struct effects *fx = st->fx;
	size_t end = fx->n;

	if (st->core->notices.n == 0)
		return;
	/* the effects move when notices are added to them */
	for (size_t i = from; i < end; i++)
		if (fx->v[i].kind == EFF_LOG)
			notice_event(st, fx->v[i].u.log.row,
			    fx->v[i].u.log.field, fx->v[i].u.log.nfield, 0);
}

static void
tell_more(struct step *st, enum log_row row, uint32_t more)
{
	struct writer w;

	if (!collect(st, log_row_mask(row)))
		return;
	begin(st, &w, row);
	writer_u64(&w, more);
	writer_str(&w, " more");
	send(st, &w);
}

void
notice_tick(struct step *st)
{
	struct notices *x = &st->core->notices;

	if (mono_cmp(x->until, st->now) > 0)
		return;
	for (unsigned i = 0; i < LOG_COUNT; i++) {
		if (x->more[i] > 0)
			tell_more(st, (enum log_row)i, x->more[i]);
		x->more[i] = 0;
	}
	memset(x->told, 0, sizeof(x->told));
	memset(x->told_of, 0, sizeof(x->told_of));
	x->until = MONO_NEVER;
}

struct mono
notice_due(const struct core *c)
{
	return c->notices.until;
}
