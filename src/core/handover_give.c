/*
 * The order of the lines is the order in which they can be taken: the run
 * before its facts, users before sessions, a session before what it has. Times
 * are differences to now, of the awake clock unless the name of the member says
 * otherwise.
 */
#include "core/handover.h"

#include "base/invariant.h"
#include "core/answers/usage.h"
#include "core/answers/whowas.h"
#include "core/facts/bans.h"
#include "core/facts/memory_nicks.h"
#include "core/sessions/given_key.h"
#include "core/sessions/hold.h"
#include "core/sessions/monitor.h"
#include "core/state.h"

/* ---- the run ------------------------------------------------------------- */

static void
give_run(const struct core *c, struct handtext *h)
{
	struct stamp parted = c->whole ? c->hlc : c->parted;

	handtext_begin(h, "run");
	handtext_origin(h, c->self);
	handtext_hex(h, span_make(c->key, sizeof(c->key)));
	handtext_end(h);
	handtext_begin(h, "made");
	handtext_u64(h, c->last_n);
	handtext_i64(h, c->last_stamp.ms);
	handtext_u64(h, c->unchan_n);
	handtext_u64(h, c->adopted_n);
	handtext_end(h);
	handtext_begin(h, "clock");
	handtext_i64(h, c->hlc.ms);
	handtext_i64(h, parted.ms);
	handtext_end(h);
	handtext_begin(h, "uids");
	handtext_u64(h, core_mutated(&c->facts, HANDED_UIDS) ? 0 : c->uid_next);
	handtext_u64(h, c->uid_upto);
	handtext_end(h);
	handtext_begin(h, "tokens");
	handtext_u64(h, c->next_token);
	handtext_end(h);
	if (c->outside) {
		handtext_begin(h, "outside");
		handtext_end(h);
	}
}

static void
give_use(const struct core *c, struct handtext *h)
{
	const struct command_use *u;

	for (size_t i = 0; (u = usage_next(c, &i)) != NULL;) {
		handtext_begin(h, "use");
		handtext_word(h, rcbuf_span(u->name));
		handtext_u64(h, u->n);
		handtext_u64(h, u->bytes);
		handtext_end(h);
	}
}

static void
give_figures(const struct core *c, struct handtext *h)
{
	handtext_begin(h, "figures");
	handtext_i64(h, c->started.ms);
	handtext_u64(h, c->max_local);
	handtext_u64(h, c->max_global);
	handtext_u64(h, c->max_conns);
	handtext_u64(h, c->nlines);
	handtext_u64(h, c->nmessages);
	handtext_u64(h, c->nopened);
	handtext_end(h);
	give_use(c, h);
}

/* ---- facts --------------------------------------------------------------- */

static void
give_seen(const struct core *c, struct handtext *h)
{
	const struct server *s;

	for (size_t i = 0; (s = map_next(&c->facts.servers, &i)) != NULL;) {
		if (core_mutated(&c->facts, HANDED_SEEN) || s->visible == 0 ||
		    sid_cmp(s->sid, c->self.sid) == 0)
			continue;
		handtext_begin(h, "seen");
		handtext_origin(h, (struct origin){ s->sid, s->visible });
		handtext_word(h, sid_span(&s->uplink));
		handtext_u64(h, s->hops);
		handtext_word(h, sid_span(&s->next));
		handtext_end(h);
	}
}

struct giving_facts {
	struct handtext *h;
	uint64_t n;
};

static void
give_fact(void *ctx, const struct snap_item *item)
{
	struct giving_facts *g = ctx;

	writer_init(&g->h->w, g->h->buf, sizeof(g->h->buf));
	snap_item_build(&g->h->w, item);
	handtext_end(g->h);
	g->n++;
}

static void
give_facts(const struct core *c, struct handtext *h)
{
	struct giving_facts g = { .h = h };

	core_walk(c, give_fact, &g);
	handtext_begin(h, "facts");
	handtext_u64(h, g.n);
	handtext_end(h);
}

/* The bans of this server alone, and how often each ban has hit. */
static void
give_bans(const struct core *c, struct handtext *h)
{
	const struct ban *b = bans_first(&c->facts);

	for (; b != NULL; b = bans_next(&c->facts, b)) {
		if (ban_is_own(b)) {
			handtext_begin(h, "own-ban");
			handtext_text(h, rcbuf_span(b->line));
			handtext_end(h);
		}
		if (b->hits == 0)
			continue;
		handtext_begin(h, "hits");
		writer_char(&h->w, ' ');
		write_cinc(&h->w, b->id);
		handtext_u64(h, b->hits);
		handtext_end(h);
	}
}

static void
give_mark(struct handtext *h, const char *verb, const struct chan *ch,
    struct span who)
{
	handtext_begin(h, verb);
	handtext_word(h, rcbuf_span(ch->fold));
	handtext_word(h, who);
	handtext_end(h);
}

/* Give the marks of shown members that do not follow from the facts. */
static void
give_marks(const struct core *c, struct handtext *h)
{
	const struct member *m;
	const struct chan *ch;

	for (size_t i = 0; (ch = map_next(&c->facts.chans, &i)) != NULL;) {
		if (ch->keyless)
			give_mark(h, "keyless", ch, SPAN_NONE);
		TAILQ_FOREACH(m, &ch->members, chan_link) {
			if (m->shown && m->keyless)
				give_mark(h, "keyless", ch,
				    uid_span(&m->user->uid));
			if (m->shown && m->unseen && !m->veiled)
				give_mark(h, "unveiled", ch,
				    uid_span(&m->user->uid));
		}
	}
}

/* ---- sessions ------------------------------------------------------------ */

static struct span
flags_of(const struct session *s, char buf[16])
{
	static const struct conn none;
	const struct session_more *more = session_more(s);
	const struct conn *x = s->conn != NULL ? s->conn : &none;
	const struct {
		bool on;
		char letter;
	} flag[] = { { x->tls, 't' }, { x->handed_on, 'g' }, { x->named, 'n' },
		{ x->pinged, 'p' }, { x->ended, 'e' }, { s->cap_302, '3' },
		{ s->shunned, 's' }, { more->hidden, 'h' },
		{ more->hidden_name, 'H' } };
	size_t n = 0;

	for (size_t i = 0; i < sizeof(flag) / sizeof(flag[0]); i++)
		if (flag[i].on)
			buf[n++] = flag[i].letter;
	return span_make(buf, n);
}

static void
give_conn(const struct conn *x, struct mono awake, struct handtext *h)
{
	const struct session *s = x->session;
	char flags[16];

	handtext_begin(h, "client");
	handtext_u64(h, x->id.slot);
	handtext_u64(h, x->id.gen);
	writer_char(&h->w, ' ');
	write_session_id(&h->w, s->id);
	writer_char(&h->w, ' ');
	addr_build_word(&h->w, &x->addr);
	handtext_word(h, flags_of(s, flags));
	handtext_u64(h, s->c);
	handtext_i64(h, s->t0);
	handtext_i64(h, s->spoke.ms);
	handtext_ago(h, x->opened, awake);
	handtext_ago(h, x->heard, awake);
	if (x->cipher != NULL)
		handtext_text(h, rcbuf_span(x->cipher));
	handtext_end(h);
}

static void
give_caps(const struct core *c, const struct session *s, struct handtext *h)
{
	if ((s->caps & ~CAPS_READING) == 0 ||
	    core_mutated(&c->facts, HANDED_CAPS))
		return;
	handtext_begin(h, "caps");
	for (unsigned i = 0; i < c->tables.ncap; i++)
		if (s->caps >> i & 1)
			handtext_word(h, span_of(cap_row(&c->tables, i)->name));
	handtext_end(h);
}

static void
give_given_keys(const struct session *s, struct handtext *h)
{
	unsigned i = 0;
	uint64_t hash;

	if (session_more(s)->given_keys == NULL)
		return;
	handtext_begin(h, "keys");
	while (given_key_next(s, &i, &hash))
		handtext_u64(h, hash);
	handtext_end(h);
}

static void
give_session(const struct core *c, const struct session *s, struct handtext *h)
{
	const struct watch *w;

	give_caps(c, s, h);
	if (session_more(s)->hosts != NULL) {
		handtext_begin(h, "hosts");
		handtext_text(h, rcbuf_span(session_more(s)->hosts));
		handtext_end(h);
	}
	give_given_keys(s, h);
	for (w = monitor_first(s); w != NULL; w = monitor_next(w)) {
		handtext_begin(h, "watch");
		handtext_text(h, watch_nick(w));
		handtext_end(h);
	}
}

static void
give_clients(const struct core *c, struct mono awake, struct handtext *h)
{
	const struct conn *x;

	for (uint32_t i = 0; (x = core_next_conn(c, &i)) != NULL;) {
		if (x->closing)
			continue;
		invariant(x->session->user != NULL);
		give_conn(x, awake, h);
		give_session(c, x->session, h);
	}
}

static void
give_kept(const struct hold_line *l, struct handtext *h)
{
	handtext_begin(h, "kept");
	handtext_i64(h, l->at.ms);
	handtext_u64(h, l->text);
	handtext_word(h, l->msgid == NULL ? SPAN_NONE : rcbuf_span(l->msgid));
	handtext_word(h, l->tags == NULL ? SPAN_NONE : rcbuf_span(l->tags));
	handtext_text(h, rcbuf_span(l->body));
	handtext_end(h);
}

static void
give_held(const struct core *c, struct mono awake, struct handtext *h)
{
	const struct hold *x;
	const struct hold_line *l;
	const struct session *s;
	char flags[16];

	TAILQ_FOREACH(x, &c->holds.queue, link) {
		s = x->session;
		handtext_begin(h, "held");
		writer_char(&h->w, ' ');
		write_session_id(&h->w, s->id);
		handtext_word(h, flags_of(s, flags));
		handtext_u64(h, s->c);
		handtext_i64(h, s->spoke.ms);
		handtext_i64(h, hold_left_ms(x, awake));
		handtext_end(h);
		give_session(c, s, h);
		STAILQ_FOREACH(l, &x->lines, link)
			give_kept(l, h);
	}
}

/* ---- what modules remember ----------------------------------------------- */

static void
give_block(struct handtext *h, const struct memory_row *row, struct span owner,
    const void *bytes)
{
	if (bytes == NULL)
		return;
	handtext_begin(h, "memory");
	handtext_word(h, span_of(row->name));
	handtext_u64(h, (uint64_t)row->of);
	handtext_u64(h, row->size);
	handtext_word(h, owner);
	handtext_hex(h, span_make(bytes, row->size));
	handtext_end(h);
}

static void
give_blocks_of_users(const struct facts *f, const struct memory_row *row,
    struct handtext *h)
{
	const struct user *u;

	for (size_t i = 0; (u = map_next(&f->users, &i)) != NULL;)
		give_block(h, row, uid_span(&u->uid),
		    memory_find_user(f, row, u));
}

static void
give_blocks_of_chans(const struct facts *f, const struct memory_row *row,
    struct handtext *h)
{
	const struct chan *ch;

	for (size_t i = 0; (ch = map_next(&f->chans, &i)) != NULL;)
		give_block(h, row, rcbuf_span(ch->fold),
		    memory_find_chan(f, row, ch));
}

static void
give_blocks_of_nicks(const struct facts *f, const struct memory_row *row,
    struct handtext *h)
{
	struct span nick = SPAN_NONE;
	const void *bytes;

	while ((bytes = memory_next_nick(f, row, &nick)) != NULL)
		give_block(h, row, nick, bytes);
}

static void
give_memory(const struct facts *f, struct handtext *h)
{
	for (unsigned i = 0; i < f->tables->nmemory; i++) {
		const struct memory_row *row = f->tables->memory[i];

		if (row == NULL || memory_count(f, i) == 0)
			continue;
		switch (row->of) {
		case MEMORY_USER:
			give_blocks_of_users(f, row, h);
			break;
		case MEMORY_CHAN:
			give_blocks_of_chans(f, row, h);
			break;
		case MEMORY_NICK:
			give_blocks_of_nicks(f, row, h);
			break;
		case MEMORY_SERVER:
			give_block(h, row, SPAN_NONE,
			    memory_find_server(f, row));
			break;
		}
	}
}

static void
give_whowas(const struct core *c, struct handtext *h)
{
	const struct was_words *x;
	const struct was *at = NULL;

	while ((x = whowas_next(c, &at)) != NULL) {
		handtext_begin(h, "was");
		handtext_i64(h, x->gone.ms);
		handtext_u64(h, x->shows_ip);
		handtext_word(h, x->nick);
		handtext_word(h, x->username);
		handtext_word(h, x->host);
		handtext_word(h, x->ip);
		handtext_word(h, x->server);
		handtext_text(h, x->realname);
		handtext_end(h);
	}
}

void
core_give(const struct core *c, const struct event *ev, struct handtext *h)
{
	give_run(c, h);
	give_seen(c, h);
	give_facts(c, h);
	give_bans(c, h);
	give_marks(c, h);
	give_clients(c, event_awake(ev), h);
	give_held(c, event_awake(ev), h);
	give_memory(&c->facts, h);
	give_whowas(c, h);
	give_figures(c, h);
}
