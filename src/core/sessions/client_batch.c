/*
 * Each line is a buffer of its own. They are few, and most batches live for the
 * time of one read. `since` is the time of the last line and not of the first,
 * since flood control may let the lines of an honest client wait.
 */
#include "core/sessions/client_batch.h"

#include <stdlib.h>

#include "base/awake.h"
#include "base/mem.h"
#include "core/sessions/timer.h"

void
client_batch_fail(struct client_batch *b)
{
	for (uint32_t i = 0; i < b->n; i++)
		rcbuf_unref(b->line[i].text);
	free(b->line);
	rcbuf_unref(b->target);
	rcbuf_unref(b->tags);
	*b = (struct client_batch){ .phase = CLIENT_BATCH_FAILED,
		.ref = b->ref };
}

void
client_batch_drop(struct session *s)
{
	struct client_batch *b = session_more(s)->batch;

	if (b == NULL)
		return;
	s->more->batch = NULL;
	client_batch_fail(b);
	rcbuf_unref(b->ref);
	free(b);
}

static struct mono
due(const struct client_batch *b)
{
	return mono_add_ms(b->since, CLIENT_BATCH_S * MS_PER_S);
}

static void
look_later(struct step *st, const struct session *s)
{
	timer_set(st->core, s->conn,
	    awake_until(due(session_more(s)->batch), st->paused_ns));
}

void
client_batch_begin(struct step *st, struct session *s, struct span ref,
    struct span target, struct span tags)
{
	struct client_batch *b = mem_zalloc(sizeof(*b));

	client_batch_drop(s);
	b->ref = rcbuf_new(ref);
	b->target = rcbuf_new(target);
	b->tags = rcbuf_new(tags);
	b->since = st->awake;
	session_get_more(s)->batch = b;
	look_later(st, s);
}

size_t
client_batch_size(const struct client_batch *b, struct span text, bool joined)
{
	return b->bytes + text.n + (b->n > 0 && !joined);
}

void
client_batch_add(struct step *st, struct client_batch *b, struct span text,
    bool joined)
{
	b->bytes = client_batch_size(b, text, joined);
	b->since = st->awake;
	if (b->n == b->cap)
		b->line = mem_grow32(b->line, &b->cap, 4, sizeof(*b->line));
	b->line[b->n++] = (struct client_batch_line){ rcbuf_new(text), joined };
}

bool
client_batch_is_blank(const struct client_batch *b)
{
	for (uint32_t i = 0; i < b->n; i++)
		if (b->line[i].text->n > 0)
			return false;
	return true;
}

bool
client_batch_is_due(struct step *st, const struct session *s)
{
	const struct client_batch *b = session_more(s)->batch;

	if (b == NULL || b->phase != CLIENT_BATCH_OPEN)
		return false;
	if (mono_cmp(due(b), st->awake) <= 0)
		return true;
	look_later(st, s);
	return false;
}
