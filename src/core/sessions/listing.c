/*
 * `listed` counts the bytes of long answers that a client was given since it
 * last read what waited. From half a piece on, nothing more is given until the
 * client has read again (core/sessions/drain.h). So at most a piece and a
 * quarter of long answers waits for a client.
 *
 * The first listing of a session is in the core's queue of work unless it waits
 * for the client to read (`draining`). How much one piece may look at is the
 * queue's business: a condition that nothing meets stops nobody.
 *
 * Rejected: holding the whole answer rendered (LIST of a large network, for
 * each client that asks); a second LIST ending the first, as some servers do
 * (each command has its answer here, which is what a label promises); a number
 * of things for each listing, however many there are (32 clients held the loop
 * for 1.7 s).
 */
#include "core/sessions/listing.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/mem.h"
#include "core/sessions/drain.h"
#include "core/sessions/line.h"
#include "core/sessions/response.h"
#include "core/sessions/wait.h"
#include "core/types/cost.h"

/* Return what is left of the piece. While EV_DRAINED is not asked for, this is
 * half a piece at least, unless a reload has made pieces smaller. */
static size_t
room_of(const struct session *s)
{
	size_t piece = drain_piece(s);

	return s->listed < piece ? piece - s->listed : 1;
}

bool
listing_has_room(struct step *st)
{
	if (st->bytes >= st->bytes_max || !work_has_left(&st->core->work))
		return false;
	step_spend(st, COST_VISIT);
	return true;
}

size_t
listing_room(const struct step *st)
{
	return st->bytes < st->bytes_max ? st->bytes_max - st->bytes : 0;
}

/* Count bytes that were given, and ask for EV_DRAINED when the client has read
 * them. */
static void
spend(struct step *st, struct session *s, size_t bytes)
{
	s->listed += (uint32_t)bytes;
	if (s->listed >= drain_piece(s) / 2)
		drain_ask(st, s);
}

static bool
run(struct step *st, struct session *s, struct listing *l)
{
	struct work *w = &st->core->work;
	int64_t begun = work_begin(w);
	bool last;

	st->bytes = 0;
	st->bytes_max = room_of(s);
	last = l->piece(st, s, l);
	work_end(w, begun);
	spend(st, s, st->bytes);
	if (st->answering == s && s->response != NULL)
		s->response->spent += st->bytes;
	return last;
}

/* Queue the first listing of the session, if there is one, for its turn. */
static void
enqueue(struct core *c, struct session *s)
{
	if (s->listing != NULL && !s->draining)
		work_add(&c->work, &s->listing->item);
}

static void listing_run(struct work_item *, void *ctx);

static void
keep(struct step *st, struct session *s, const struct listing *from)
{
	struct listing *l = mem_alloc(sizeof(*l)), **at = &s->listing;

	*l = *from;
	l->item = (struct work_item){ .run = listing_run };
	l->session = s;
	l->row = st->row;
	l->next = NULL;
	if (l->what != NULL)
		rcbuf_ref(l->what);
	if (l->response == NULL && st->answering == s)
		l->response = s->response;
	if (l->response != NULL)
		l->response->holds++;
	if (l->of_chan)
		walk_keep(st->facts, &l->walk);
	while (*at != NULL)
		at = &(*at)->next;
	*at = l;
	enqueue(st->core, s);
}

void
listing_start(struct step *st, struct session *s, struct listing *l)
{
	bool waits = s->listing != NULL || s->draining ||
		     !work_has_left(&st->core->work);

	if (s->conn == NULL || s->conn->closing) {
		free(l->asked);
		return;
	}
	if (waits || !run(st, s, l)) {
		keep(st, s, l);
		return;
	}
	free(l->asked);
	if (l->response != NULL)
		response_close(st, s, l->response);
}

struct listing *
listing_unbegun(const struct session *s,
    bool (*piece)(struct step *, struct session *, struct listing *),
    const struct chan *c)
{
	struct listing *l = s->listing;

	while (l != NULL && (l->piece != piece || l->walk.chan != c ||
				l->at > 0 || l->response != NULL))
		l = l->next;
	return l;
}

/* Bytes of an answer that never waits. Later lines overtake an answer that
 * waits, and a short one often says what a change that follows is about (324).
 * It is an eighth of the piece of the least sendq that can be set. */
#define SHORT_ANSWER 512

bool
listing_spend(struct step *st, struct session *s, size_t bytes)
{
	size_t piece = drain_piece(s);

	if (s->listing != NULL || s->draining || bytes > room_of(s))
		return bytes <= piece / 8 || bytes <= SHORT_ANSWER;
	spend(st, s, bytes);
	return true;
}

/* Remove a listing, which is done or dropped. */
static void
take_off(struct step *st, struct session *s, struct listing **at)
{
	struct listing *l = *at;

	work_remove(&l->item);
	*at = l->next;
	if (l->of_chan)
		walk_end(&l->walk);
	if (l->response != NULL && --l->response->holds == 0)
		response_close(st, s, l->response);
	rcbuf_unref(l->what);
	free(l->asked);
	free(l);
}

/* Remove the first listing. */
static void
finish(struct step *st, struct session *s)
{
	take_off(st, s, &s->listing);
}

static bool
run_kept(struct step *st, struct session *s, struct listing *l)
{
	struct response *own = s->response;
	struct session *answering = st->answering;
	bool last;

	s->response = l->response;
	st->answering = l->response != NULL ? s : NULL;
	last = run(st, s, l);
	s->response = own;
	st->answering = answering;
	if (l->response != NULL && !l->collected)
		response_flush(st, s, l->response);
	return last;
}

/* Give one piece of the listing; its turn in the queue of work has come. */
static void
listing_run(struct work_item *item, void *ctx)
{
	struct listing *l =
	    (void *)((char *)item - offsetof(struct listing, item));
	struct session *s = l->session;
	struct step *st = ctx;
	bool last = run_kept(st, s, l);

	if (last)
		finish(st, s);
	enqueue(st->core, s);
	if (last)
		wait_next(st, s);
}

void
listing_drained(struct step *st, struct session *s)
{
	s->draining = false;
	s->listed = 0;
	enqueue(st->core, s);
}

bool
listing_is_full(const struct session *s)
{
	return s->listing != NULL && s->listing->next != NULL;
}

void
listing_drop(struct step *st, struct session *s)
{
	while (s->listing != NULL)
		finish(st, s);
}

void
listing_move(struct step *st, struct session *s, const struct tables *t)
{
	struct listing **at = &s->listing;
	const struct command_row *row, *is;
	bool any = false;

	while (*at != NULL) {
		row = (*at)->row;
		is = row == NULL ? NULL : command_find(t, row->name);
		if (row == NULL || (is != NULL && is->run == row->run)) {
			(*at)->row = is;
			at = &(*at)->next;
			continue;
		}
		take_off(st, s, at);
		any = true;
	}
	enqueue(st->core, s);
	if (any)
		wait_next(st, s);
}
