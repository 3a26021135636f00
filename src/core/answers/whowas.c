/*
 * An entry is one block of memory. It is in the ring by age, in a table by its
 * nick if it is the newest of that nick, and in the chain of the entries of
 * that nick. So a nick that is given up costs one look into the table, and the
 * oldest entry is always the last of its chain.
 *
 * Entries are counted by number and by bytes: the words of a user may be long,
 * as other servers may have larger limits.
 */
#include "core/answers/whowas.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/answers/reply.h"
#include "core/sessions/access.h"
#include "core/sessions/listing.h"
#include "core/sessions/sight.h"
#include "core/sessions/source.h"
#include "core/types/cost.h"
#include "wire/casemap.h"
#include "wire/isotime.h"

/* So many entries go for a new one; if more have to go, since the limits are
 * other ones now, they go in pieces. */
#define AT_ONCE 8

struct was {
	void *next;		   /* in whowas.newest */
	struct was *older, *newer; /* of the same nick */
	TAILQ_ENTRY(was) link;	   /* in whowas.ring */
	uint64_t number;	   /* counts entries */
	size_t bytes;		   /* of this block */
	struct was_words words;	   /* their texts are behind it */
	char text[];
};

static struct span
fold(struct span nick, char buf[CHAINS_KEY_MAX])
{
	return casemap_fold(span_head(nick, CHAINS_KEY_MAX), buf);
}

static struct span
key_was(const void *p, char buf[CHAINS_KEY_MAX])
{
	return fold(((const struct was *)p)->words.nick, buf);
}

static bool
is_was(const void *p, struct span key)
{
	const struct was *w = p;

	return casemap_eq(span_head(w->words.nick, CHAINS_KEY_MAX), key);
}

static const struct chains_type by_nick = { key_was, is_was };

static struct was *
find(const struct core *c, struct span nick)
{
	char buf[CHAINS_KEY_MAX];

	return chains_find(&c->whowas.newest, fold(nick, buf));
}

/* ---- the ring ----------------------------------------------------------- */

static struct span
copy(struct was *w, size_t *at, struct span s)
{
	char *p = w->text + *at;

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	*at += s.n;
	return span_make(p, s.n);
}

static struct was *
was_new(const struct was_words *x)
{
	size_t at = 0, bytes = sizeof(struct was) + x->nick.n + x->username.n +
			       x->host.n + x->ip.n + x->realname.n +
			       x->server.n;
	struct was *w = mem_zalloc(bytes);

	w->bytes = bytes;
	w->words = *x;
	w->words.nick = copy(w, &at, x->nick);
	w->words.username = copy(w, &at, x->username);
	w->words.host = copy(w, &at, x->host);
	w->words.ip = copy(w, &at, x->ip);
	w->words.realname = copy(w, &at, x->realname);
	w->words.server = copy(w, &at, x->server);
	return w;
}

/* Return what is remembered of a user now. */
static struct was_words
words_of(struct step *st, const struct user *u)
{
	return (struct was_words){ .gone = step_time(st),
		.shows_ip = user_shows_ip(u),
		.nick = user_nick(u),
		.username = user_username(u),
		.host = user_host(u),
		.ip = user_address(st, u),
		.realname = user_realname(u),
		.server = server_name(st->core, user_home(u).sid) };
}

static void
put(struct whowas *m, struct was *w)
{
	char buf[CHAINS_KEY_MAX];

	w->number = m->next++;
	w->older = chains_del(&m->newest, fold(w->words.nick, buf));
	if (w->older != NULL)
		w->older->newer = w;
	chains_put(&m->newest, w);
	TAILQ_INSERT_HEAD(&m->ring, w, link);
	m->n++;
	m->bytes += w->bytes;
}

/* Forget the oldest entry: no entry of its nick is older. */
static void
drop_oldest(struct whowas *m)
{
	struct was *w = TAILQ_LAST(&m->ring, was_ring);
	char buf[CHAINS_KEY_MAX];

	if (w->newer != NULL)
		w->newer->older = NULL;
	else
		(void)chains_del(&m->newest, fold(w->words.nick, buf));
	TAILQ_REMOVE(&m->ring, w, link);
	m->n--;
	m->bytes -= w->bytes;
	free(w);
}

static bool
is_over(const struct core *c)
{
	return c->whowas.n > c->settings->whowas ||
	       c->whowas.bytes > c->settings->whowas_bytes;
}

/* Forget some of the entries that are too many. */
static void
trim_some(struct work_item *item, void *ctx)
{
	struct core *c = ((struct step *)ctx)->core;

	while (is_over(c) && work_has_left(&c->work)) {
		drop_oldest(&c->whowas);
		work_spend(&c->work, COST_VISIT);
	}
	if (is_over(c))
		work_add(&c->work, item);
}

void
whowas_trim(struct core *c)
{
	for (int i = 0; i < AT_ONCE && is_over(c); i++)
		drop_oldest(&c->whowas);
	if (is_over(c))
		work_add(&c->work, &c->whowas.item);
}

void
whowas_put(struct core *c, const struct was_words *x)
{
	put(&c->whowas, was_new(x));
	whowas_trim(c);
}

const struct was_words *
whowas_next(const struct core *c, const struct was **at)
{
	*at = *at == NULL ? TAILQ_LAST(&c->whowas.ring, was_ring)
			  : TAILQ_PREV(*at, was_ring, link);
	return *at == NULL ? NULL : &(*at)->words;
}

/* ---- the sink ----------------------------------------------------------- */

/* Return true if a nick is given up. Another spelling of it gives up nothing,
 * and no user has chosen a uid. */
static bool
gives_up(const struct change *ch)
{
	struct span nick;

	if (ch->kind != CHANGE_QUIT && ch->kind != CHANGE_NICK)
		return false;
	nick = user_nick(ch->user);
	if (ch->kind == CHANGE_NICK && casemap_eq(nick, ch->text))
		return false;
	return !span_eq(nick, uid_span(&ch->user->uid));
}

static bool
has_audience(struct sink *sink, struct step *st, const struct change *ch)
{
	(void)sink;
	return st->core->settings->whowas > 0 && gives_up(ch) &&
	       !(core_mutated(st->facts, WHOWAS_NICKS) &&
		   ch->kind == CHANGE_QUIT);
}

/* The user still has the nick that is given up (core/types/change.h). */
static void
take(struct sink *sink, struct step *st, const struct change *ch)
{
	struct was_words x = words_of(st, ch->user);

	(void)sink;
	whowas_put(st->core, &x);
}

void
whowas_init(struct core *c)
{
	TAILQ_INIT(&c->whowas.ring);
	c->whowas.item.run = trim_some;
	c->whowas.sink =
	    (struct sink){ .has_audience = has_audience, .take = take };
	core_add_sink(c, &c->whowas.sink);
}

void
whowas_seed(struct core *c)
{
	chains_init(&c->whowas.newest, &by_nick, offsetof(struct was, next),
	    c->key);
}

void
whowas_fini(struct core *c)
{
	while (c->whowas.n > 0)
		drop_oldest(&c->whowas);
	chains_fini(&c->whowas.newest);
}

/* ---- the answer --------------------------------------------------------- */

/* How far an answer is. The number says whether `next` is still there: the
 * ring has the entries of the last n numbers. */
struct asked {
	uint64_t max;		/* entries that may still be told */
	const struct was *next; /* NULL: none is left */
	uint64_t number;	/* of `next` */
	bool begun;
};

static void
reply_was(struct step *st, struct session *s, struct sight *x,
    const struct was_words *w)
{
	uint32_t may = privileges_of(st->facts, s->user);
	struct writer t;

	reply(st, s, RPL_WHOWASUSER, w->nick, w->username, w->host,
	    w->realname);
	if ((may & PRIVB(SEE_ADDRESS)) != 0) {
		x->used |= !w->shows_ip;
		reply(st, s, RPL_WHOISACTUALLY, w->nick, w->ip);
	}
	writer_init_arena(&t, st->arena, ISOTIME_TEXT);
	isotime_build(&t, w->gone);
	reply(st, s, RPL_WHOISSERVER, w->nick, w->server, writer_done(&t));
}

static void
go_to(struct asked *a, const struct was *w)
{
	a->next = w;
	a->number = w == NULL ? 0 : w->number;
}

/* Return the entry that is told next, or NULL. */
static const struct was *
find_next(const struct whowas *m, const struct asked *a)
{
	return a->next != NULL && a->number >= m->next - m->n ? a->next : NULL;
}

static bool
piece(struct step *st, struct session *s, struct listing *l)
{
	const struct whowas *m = &st->core->whowas;
	struct sight x = sight_begin(st, s, l);
	struct asked *a = l->asked;
	const struct was *w;

	if (!a->begun)
		go_to(a, find(st->core, rcbuf_span(l->what)));
	if (!a->begun && a->next == NULL)
		reply(st, s, ERR_WASNOSUCHNICK, rcbuf_span(l->what));
	a->begun = true;
	while (a->max > 0 && (w = find_next(m, a)) != NULL &&
	       listing_has_room(st)) {
		reply_was(st, s, &x, &w->words);
		go_to(a, w->older);
		a->max--;
	}
	sight_end(st, &x, l, SPAN("WHOWAS"), rcbuf_span(l->what));
	if (a->max > 0 && find_next(m, a) != NULL)
		return false;
	reply(st, s, RPL_ENDOFWHOWAS, rcbuf_span(l->what));
	return true;
}

void
whowas_reply(struct step *st, struct session *s, struct span nick, uint64_t max)
{
	struct asked *a = mem_zalloc(sizeof(*a));
	struct listing l = {
		.piece = piece, .what = rcbuf_new(nick), .asked = a
	};

	a->max = max;
	listing_start(st, s, &l);
	rcbuf_unref(l.what);
}
