/*
 * What waits for a client of long answers is never more than one piece and a
 * quarter of one: `listed` counts what was given since the client had read
 * what waited, and when half a piece is reached nothing more is given before
 * it has again. A piece is a quarter of its sendq, and not more than a turn
 * should write.
 *
 * A piece that looked at VISITS things and found little to say goes on with
 * the next tick, so that a condition nobody meets does not stop the others.
 *
 * Rejected: holding the whole answer rendered (LIST of a large network, for
 * each who asks); a second LIST ending the first, as some servers do (each
 * command has its answer here, which is what a label promises).
 */
#include "core/sessions/listing.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/sessions/line.h"
#include "core/sessions/response.h"
#include "core/sessions/timer.h"
#include "core/sessions/wait.h"

#define PIECE_MAX (64 * 1024) /* bytes */
#define VISITS 4096

static size_t
piece_of(const struct session *s)
{
	size_t n = s->conn->class->sendq / 4;

	return n > PIECE_MAX ? PIECE_MAX : n;
}

/* Where nothing is asked for half a piece is left, but a reload may have made
 * pieces smaller. */
static size_t
room_of(const struct session *s)
{
	size_t piece = piece_of(s);

	return s->listed < piece ? piece - s->listed : 1;
}

bool
listing_has_room(struct step *st)
{
	if (st->visits == 0)
		return false;
	st->visits--;
	return st->bytes < st->bytes_max;
}

size_t
listing_room(const struct step *st)
{
	return st->bytes < st->bytes_max ? st->bytes_max - st->bytes : 0;
}

/* So many bytes more were given. */
static void
spend(struct step *st, struct session *s, size_t bytes)
{
	size_t piece = piece_of(s);

	s->listed += (uint32_t)bytes;
	if (s->draining || s->listed < piece / 2)
		return;
	s->draining = true;
	effects_drain(st->fx, s->conn->id, piece / 4);
}

static bool
run(struct step *st, struct session *s, struct listing *l)
{
	bool last;

	st->bytes = 0;
	st->bytes_max = room_of(s);
	st->visits = VISITS;
	last = l->piece(st, s, l);
	spend(st, s, st->bytes);
	if (st->answering == s && s->response != NULL)
		s->response->spent += st->bytes;
	return last;
}

static void
go_on_later(struct step *st, struct session *s)
{
	timer_set(st->core, s->conn, mono_add_ms(st->now, 1));
}

static void
keep(struct step *st, struct session *s, const struct listing *from)
{
	struct listing *l = mem_alloc(sizeof(*l)), **at = &s->listing;

	*l = *from;
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
	if (!s->draining)
		go_on_later(st, s);
}

void
listing_start(struct step *st, struct session *s, struct listing *l)
{
	if (s->conn == NULL || s->conn->closing)
		return;
	if (s->listing != NULL || s->draining || !run(st, s, l))
		keep(st, s, l);
	else if (l->response != NULL)
		response_close(st, s, l->response);
}

bool
listing_spend(struct step *st, struct session *s, size_t bytes)
{
	size_t piece = piece_of(s);

	if (s->listing != NULL || s->draining || bytes > room_of(s))
		return bytes <= piece / 8;
	spend(st, s, bytes);
	return true;
}

/* The first of them is done, or dropped. */
static void
finish(struct step *st, struct session *s)
{
	struct listing *l = s->listing;

	s->listing = l->next;
	if (l->of_chan)
		walk_end(&l->walk);
	if (l->response != NULL && --l->response->holds == 0)
		response_close(st, s, l->response);
	rcbuf_unref(l->what);
	free(l);
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

void
listing_go_on(struct step *st, struct session *s)
{
	if (s->listing == NULL || s->conn->closing)
		return;
	while (s->listing != NULL && !s->draining) {
		if (run_kept(st, s, s->listing))
			finish(st, s);
		else if (!s->draining) {
			go_on_later(st, s);
			break;
		}
	}
	wait_next(st, s);
}

void
listing_drained(struct step *st, struct session *s)
{
	s->draining = false;
	s->listed = 0;
	listing_go_on(st, s);
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
