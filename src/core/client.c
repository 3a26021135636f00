/*
 * A client waits for at most one thing at a time: its own entry, a password,
 * its flood allowance, or its next line. client_next is the one place that
 * lets it go on, so no path can grant twice.
 *
 * Flood control is a leaky bucket kept as one time, `flood_tat`: when all
 * lines so far are paid for. A line costs 1/rate seconds; a client may be
 * `burst` lines ahead of the clock, then waits. Nothing is dropped for it.
 */
#include "core/client.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "core/cmd/cmd.h"
#include "core/line.h"
#include "core/listing.h"
#include "core/query.h"
#include "core/reply.h"
#include "core/welcome.h"
#include "wire/casemap.h"
#include "wire/tags.h"
#include "wire/utf8.h"

#define UID_DIGITS 6
#define ERROR_REASON_MAX 400 /* bytes, so that ERROR fits a line */
#define UID_STORE 65536	     /* uids per durable mark; doc/decisions/0004 */
#define LABEL_MAX 64	     /* labeled-response.md */
#define NICK_WINDOW_MS 60000

/* ---- timers ------------------------------------------------------------ */

static void
heap_up(struct core *c, size_t i)
{
	struct timer_item x = c->timer[i];

	for (; i > 0 && mono_cmp(x.at, c->timer[(i - 1) / 2].at) < 0;
	     i = (i - 1) / 2)
		c->timer[i] = c->timer[(i - 1) / 2];
	c->timer[i] = x;
}

static void
heap_pop(struct core *c)
{
	struct timer_item x = c->timer[--c->ntimer];
	size_t i = 0, kid;

	while ((kid = 2 * i + 1) < c->ntimer) {
		if (kid + 1 < c->ntimer &&
		    mono_cmp(c->timer[kid + 1].at, c->timer[kid].at) < 0)
			kid++;
		if (mono_cmp(x.at, c->timer[kid].at) <= 0)
			break;
		c->timer[i] = c->timer[kid];
		i = kid;
	}
	if (c->ntimer > 0)
		c->timer[i] = x;
}

/* Wakes the connection no later than at; stale items are passed over. */
void
timer_set(struct core *c, struct conn *x, struct mono at)
{
	if (mono_cmp(at, x->due) >= 0)
		return;
	x->due = at;
	if (c->ntimer == c->captimer) {
		c->captimer = c->captimer == 0 ? 64 : c->captimer * 2;
		c->timer = mem_array(c->timer, c->captimer, sizeof(*c->timer));
	}
	c->timer[c->ntimer++] = (struct timer_item){ at, x->id };
	heap_up(c, c->ntimer - 1);
}

static int64_t
flood_ms(const struct conn *x)
{
	return x->class->flood_rate == 0 ? 0 : 1000 / x->class->flood_rate;
}

static struct mono
flood_from(const struct conn *x)
{
	if (x->class->flood_burst == 0)
		return x->opened;
	return mono_add_ms(x->flood_tat,
	    -(int64_t)(x->class->flood_burst - 1) * flood_ms(x));
}

/* As many changes as the class has in a minute are free; one more is made
 * too, and what comes behind it is read when it would have been free. */
static struct mono
nick_from(const struct conn *x)
{
	if (x->class->nick_changes == 0)
		return x->opened;
	return mono_add_ms(x->nick_tat, -NICK_WINDOW_MS);
}

/* When the next line may be granted. */
static struct mono
next_line_at(const struct conn *x)
{
	struct mono a = flood_from(x), b = nick_from(x);

	return mono_cmp(a, b) > 0 ? a : b;
}

void
client_charge(struct step *st, struct session *s, unsigned lines)
{
	struct conn *x = s->conn;

	if (x->class->flood_burst == 0)
		return;
	if (mono_cmp(x->flood_tat, st->now) < 0)
		x->flood_tat = st->now;
	x->flood_tat = mono_add_ms(x->flood_tat, lines * flood_ms(x));
}

void
client_charge_nick(struct step *st, struct session *s)
{
	struct conn *x = s->conn;

	if (x->class->nick_changes == 0)
		return;
	if (mono_cmp(x->nick_tat, st->now) < 0)
		x->nick_tat = st->now;
	x->nick_tat =
	    mono_add_ms(x->nick_tat, NICK_WINDOW_MS / x->class->nick_changes);
}

static bool
is_waiting(const struct session *s)
{
	return s->wait_entry != 0 || s->wait_hash != 0;
}

static void
grant(struct step *st, struct conn *x)
{
	if (x->granted || x->closing || is_waiting(x->session) ||
	    listing_is_full(x->session))
		return;
	if (mono_cmp(next_line_at(x), st->now) > 0) {
		timer_set(st->core, x, next_line_at(x));
		return;
	}
	x->granted = true;
	effects_read(st->fx, x->id, 1);
}

void
client_next(struct step *st, struct session *s)
{
	struct response *r = s->response;

	if (s->conn == NULL || is_waiting(s))
		return;
	s->response = NULL;
	response_end(st, s, r);
	grant(st, s->conn);
}

static struct mono
ping_at(const struct conn *x)
{
	return mono_add_ms(x->heard,
	    (int64_t)x->class->ping_s * 1000 +
		(x->pinged ? (int64_t)x->class->ping_close_s * 1000 : 0));
}

static void
conn_timeout(struct step *st, struct conn *x)
{
	struct session *s = x->session;
	struct mono limit =
	    mono_add_ms(x->opened, (int64_t)x->class->registration_s * 1000);
	struct writer w;

	if (x->closing)
		return;
	if (s->user == NULL && x->class->registration_s != 0) {
		if (mono_cmp(limit, st->now) <= 0) {
			client_end(st, s, SPAN("Registration timed out"));
			return;
		}
		timer_set(st->core, x, limit);
	}
	if (s->user != NULL && mono_cmp(ping_at(x), st->now) <= 0) {
		if (x->pinged) {
			writer_init_arena(&w, st->arena, 64);
			writer_str(&w, "Ping timeout: ");
			writer_u64(&w,
			    (uint64_t)mono_sub_ms(st->now, x->heard) / 1000);
			writer_str(&w, " seconds");
			client_end(st, s, writer_done(&w));
			return;
		}
		x->pinged = true;
		writer_init_arena(&w, st->arena, LINE_BODY_MAX);
		writer_str(&w, "PING :");
		writer_span(&w, st->core->settings->name);
		line_send(st, s, &(struct line){ .body = writer_done(&w) });
	}
	if (s->user != NULL)
		timer_set(st->core, x, ping_at(x));
	if (!s->draining)
		listing_go_on(st, s);
	grant(st, x);
}

void
client_conf(struct step *st, const struct settings *before)
{
	struct core *c = st->core;
	const struct class_settings *class;
	struct conn *x;

	for (size_t i = 0; (x = map_next(&c->conns, &i)) != NULL;) {
		class = x->class;
		x->class = settings_class(c->settings, &x->addr);
		timer_set(c, x, st->now);
		if (x->session->user != NULL && x->session->reg == NULL &&
		    before != c->settings)
			reply_isupport_changes(st, x->session, before, class);
	}
}

void
client_tick(struct step *st)
{
	struct core *c = st->core;
	struct pending *p, *next;
	struct conn *x;
	struct mono at;

	while (c->ntimer > 0 && mono_cmp(c->timer[0].at, st->now) <= 0) {
		at = c->timer[0].at;
		x = core_find_conn(c, c->timer[0].conn);
		heap_pop(c);
		if (x == NULL || mono_cmp(at, x->due) != 0)
			continue;
		x->due = MONO_NEVER;
		conn_timeout(st, x);
	}
	TAILQ_FOREACH_SAFE(p, &c->pending, link, next)
		if (mono_cmp(p->expires, st->now) <= 0)
			query_expired(st, p);
}

/* ---- opened and closed ------------------------------------------------- */

static struct addr
address_net(const struct addr *a)
{
	return addr_is_v4(a) ? *a : addr_head(a, 64);
}

static uint32_t
address_add(struct core *c, const struct addr *a)
{
	struct addr net = address_net(a);
	struct address_count *n =
	    map_find(&c->addresses, span_make(&net, sizeof(net)));

	if (n == NULL) {
		n = pool_take(&c->address_pool);
		n->net = net;
		map_put(&c->addresses, n);
	}
	return ++n->n;
}

static void
address_del(struct core *c, const struct addr *a)
{
	struct addr net = address_net(a);
	struct span key = span_make(&net, sizeof(net));
	struct address_count *n = map_find(&c->addresses, key);

	if (n != NULL && --n->n == 0) {
		map_del(&c->addresses, key);
		pool_give(&c->address_pool, n);
	}
}

void
client_open(struct step *st, const struct event *ev)
{
	struct core *c = st->core;
	struct conn *x;
	struct session *s;
	uint32_t n;

	if (core_find_conn(c, ev->conn) != NULL)
		return;
	x = pool_take(&c->conn_pool);
	s = pool_take(&c->session_pool);
	x->id = ev->conn;
	x->addr = ev->u.open.addr;
	x->tls = ev->u.open.tls;
	if (ev->u.open.cipher.n > 0)
		x->cipher = rcbuf_new(ev->u.open.cipher);
	x->class = settings_class(c->settings, &x->addr);
	x->opened = x->heard = x->flood_tat = x->nick_tat = st->now;
	x->due = MONO_NEVER;
	x->session = s;
	s->conn = x;
	s->spoke = st->wall;
	s->reg = mem_zalloc(sizeof(*s->reg));
	map_put(&c->conns, x);
	c->nunregistered++;
	n = address_add(c, &x->addr);
	if (x->class->per_address != 0 && n > x->class->per_address &&
	    !addr_is_loopback(&x->addr)) {
		client_end(st, s, SPAN("Too many connections from your host"));
		return;
	}
	if (x->class->registration_s != 0)
		timer_set(c, x,
		    mono_add_ms(st->now,
			(int64_t)x->class->registration_s * 1000));
	grant(st, x);
}

static void
registration_free(struct core *c, struct session *s)
{
	if (s->reg == NULL)
		return;
	if (s->reg->complete)
		TAILQ_REMOVE(&c->registering, s, reg_link);
	if (s->reg->asked != NULL)
		map_del(&c->asked, rcbuf_span(s->reg->asked));
	rcbuf_unref(s->reg->asked);
	rcbuf_unref(s->reg->nick);
	rcbuf_unref(s->reg->username);
	rcbuf_unref(s->reg->realname);
	free(s->reg);
	s->reg = NULL;
}

static void
detach(struct core *c, struct session *s)
{
	if (s->user == NULL)
		return;
	LIST_REMOVE(s, user_link);
	s->user = NULL;
	c->nlocal--;
}

/* The session leaves the network; its transport may stand still. By a command
 * (then its entry is this one), or by itself: a command is in one entry. */
static void
session_leave(struct step *st, struct session *s, struct span reason)
{
	struct user *u = s->user;
	struct part part = { .id = PART_QUIT };
	const struct cause last = { .sess = s->id, .c = s->c, .t0 = s->t0 };
	bool asked = session_id_eq(st->cause.sess, s->id) ||
		     core_mutated(st->facts, CAUSE_TWICE);

	if (u == NULL && s->reg != NULL && !uid_is_none(s->id.uid)) {
		/* its +USER is made and not applied yet */
		part.u.quit.uid = s->id.uid;
	} else if (u == NULL)
		return;
	else {
		detach(st->core, s);
		part.u.quit.uid = u->uid;
		if (!LIST_EMPTY(&u->sessions) || u->gone)
			return;
	}
	part.u.quit.reason =
	    text_of(utf8_cut(reason, st->core->settings->kick_len));
	core_make(st, (struct stamp){ 0 }, &part, 1,
	    &(struct dest){ .all = true }, asked ? &last : NULL);
}

void
client_end(struct step *st, struct session *s, struct span reason)
{
	struct response *r = s->response;
	struct writer w;

	if (s->conn == NULL || s->conn->closing)
		return;
	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	writer_str(&w, "ERROR :Closing link: ");
	addr_build_word(&w, &s->conn->addr);
	writer_str(&w, " (");
	writer_span(&w, utf8_cut(reason, ERROR_REASON_MAX));
	writer_char(&w, ')');
	/* the answer to QUIT, and nothing of others under its label */
	if (st->answering != s) {
		response_free(r);
		r = s->response = NULL;
	}
	listing_drop(st, s);
	line_send(st, s, &(struct line){ .body = writer_done(&w) });
	s->response = NULL;
	response_end(st, s, r);
	listing_drop(st, s);
	s->conn->closing = true;
	effects_close(st->fx, s->conn->id, reason);
	session_leave(st, s, reason);
	registration_free(st->core, s);
}

static void
conn_free(struct core *c, struct conn *x)
{
	struct session *s = x->session;

	if (s->id.k == 0)
		c->nunregistered--;
	registration_free(c, s);
	listing_drop(NULL, s);
	response_free(s->response);
	detach(c, s);
	pool_give(&c->session_pool, s);
	address_del(c, &x->addr);
	map_del(&c->conns, span_make(&x->id, sizeof(x->id)));
	rcbuf_unref(x->cipher);
	pool_give(&c->conn_pool, x);
}

void
client_closed(struct step *st, const struct event *ev)
{
	struct conn *x = core_find_conn(st->core, ev->conn);
	struct span reason = ev->u.closed.reason;

	if (x == NULL)
		return;
	if (!x->closing) {
		x->closing = true;
		session_leave(st, x->session,
		    reason.n > 0 ? reason : SPAN("Connection closed"));
	}
	conn_free(st->core, x);
}

void
client_fini(struct core *c)
{
	struct conn *x;
	struct pending *p;

	for (size_t i = 0; (x = map_next(&c->conns, &i)) != NULL;)
		conn_free(c, x);
	while ((p = TAILQ_FIRST(&c->pending)) != NULL) {
		TAILQ_REMOVE(&c->pending, p, link);
		map_del(&c->pending_ids, span_make(&p->id, sizeof(p->id)));
		response_free(p->response);
		rcbuf_unref(p->what);
		pool_give(&c->pending_pool, p);
	}
}

void
client_killed(struct step *st, struct user *u, const struct part_say *p)
{
	const struct user *by = uid_is_none(p->by.uid)
				    ? NULL
				    : facts_find_uid(st->facts, p->by.uid);
	struct part part = { .id = PART_QUIT };
	struct span killer = by != NULL && by->shown ? rcbuf_span(by->nick)
						     : by_source(st, &p->by);
	struct line l = { 0 };
	struct writer w;

	body_begin(st, &w, by_source(st, &p->by));
	writer_str(&w, "KILL ");
	writer_span(&w, rcbuf_span(u->nick));
	writer_str(&w, " :");
	writer_span(&w, p->text.s);
	l.body = writer_done(&w);
	audience_begin(st);
	audience_add_user(st, u);
	audience_send(st, &l);

	/* modern-irc, "KILL message": "Killed (<killer> (<reason>))" */
	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	writer_str(&w, "Killed (");
	writer_span(&w, killer);
	writer_str(&w, " (");
	writer_span(&w, utf8_cut(p->text.s, st->core->settings->kick_len));
	writer_str(&w, "))");
	part.u.quit.uid = u->uid;
	part.u.quit.reason = text_of(writer_done(&w));
	core_make(st, (struct stamp){ 0 }, &part, 1,
	    &(struct dest){ .all = true }, NULL);
}

void
client_end_gone(struct step *st)
{
	struct user *u;

	TAILQ_FOREACH(u, &st->facts->dirty_users, dirty_link)
		while (u->gone && !LIST_EMPTY(&u->sessions))
			client_end(st, LIST_FIRST(&u->sessions),
			    st->hint.text.n > 0 ? st->hint.text : SPAN("Gone"));
}

/* ---- lines ------------------------------------------------------------- */

/* utf8-only.md: FAIL of the command, of `*` if there is no telling it. */
static void
refuse_bytes(struct step *st, struct session *s, const struct msg *m)
{
	struct span name = cmd_name(m->verb);

	reply_fail(st, s, name.n > 0 ? name : SPAN("*"), SPAN("INVALID_UTF8"),
	    SPAN_NONE, SPAN("Message rejected, it is not UTF-8"));
}

static void
begin_response(struct session *s, const struct msg *m)
{
	struct span label;
	uint32_t need = CAPB(LABELED_RESPONSE) | CAPB(BATCH);

	if ((s->caps & need) != need || m->tags.n == 0 ||
	    !tags_find(m->tags, SPAN("label"), &label) || label.n == 0 ||
	    label.n > LABEL_MAX || !utf8_valid(label))
		return;
	response_begin(s, label);
}

void
client_line(struct step *st, const struct event *ev)
{
	struct conn *x = core_find_conn(st->core, ev->conn);
	struct session *s;
	struct msg m;

	if (x == NULL || x->closing || !x->granted)
		return;
	s = x->session;
	x->granted = false;
	x->heard = st->now;
	x->pinged = false;
	client_charge(st, s, 1);
	s->c++;
	s->t0 = st->wall.ms;
	st->cause = (struct cause){ .sess = s->id, .c = s->c, .t0 = s->t0 };
	st->answering = s;
	if (ev->u.line.too_long)
		reply0(st, s, ERR_INPUTTOOLONG);
	else if (msg_parse(ev->u.line.line, &m)) {
		begin_response(s, &m);
		if (st->core->settings->utf8only &&
		    !utf8_valid(ev->u.line.line))
			refuse_bytes(st, s, &m);
		else
			cmd_run(st, s, &m);
	}
	client_next(st, s);
}

void
client_answering(struct step *st, uint64_t n)
{
	struct session *s = st->cause.sess.k == 0
				? NULL
				: core_find_session(st->core, st->cause.sess);

	if (s != NULL && s->wait_entry == n)
		st->answering = s;
}

void
client_applied(struct step *st, const struct cause *cause, uint64_t n)
{
	struct session *s;

	if (cause->sess.k == 0 ||
	    (s = core_find_session(st->core, cause->sess)) == NULL ||
	    s->wait_entry != n)
		return;
	s->wait_entry = 0;
	client_next(st, s);
}

/* Who takes what he is sent is there, though he says nothing. */
void
client_drained(struct step *st, const struct event *ev)
{
	struct conn *x = core_find_conn(st->core, ev->conn);

	if (x == NULL || x->closing)
		return;
	x->heard = st->now;
	listing_drained(st, x->session);
}

/* ---- registration ------------------------------------------------------ */

static bool
take_uid(struct step *st, struct uid *uid)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	struct core *c = st->core;
	uint64_t v;

	if (c->uid_next + UID_STORE / 2 >= c->uid_upto && !c->uid_asked) {
		c->uid_asked = true;
		effects_store_uids(st->fx, c->uid_upto + UID_STORE);
	}
	if (c->uid_next >= c->uid_upto)
		return false;
	v = c->uid_next++;
	memcpy(uid->s, c->self.sid.s, SID_LEN);
	for (unsigned i = SID_LEN + UID_DIGITS - 1; i > SID_LEN; i--) {
		uid->s[i] = digit[v % 36];
		v /= 36;
	}
	uid->s[SID_LEN] = digit[v % 26];
	uid->s[UID_LEN] = '\0';
	return true;
}

static void
make_user(struct step *st, struct session *s)
{
	struct core *c = st->core;
	struct cause cause = { .sess = s->id, .c = s->c, .t0 = s->t0 };
	struct stamp stamp = core_stamp(c, st->wall);
	struct part p[3] = { { .id = PART_USER }, { .id = PART_NICK },
		{ .id = PART_SET } };
	struct writer w;

	writer_init_arena(&w, st->arena, ADDR_TEXT);
	addr_build_word(&w, &s->conn->addr);
	p[0].u.user = (struct part_user){
		.uid = s->id.uid,
		.nick = rcbuf_span(s->reg->nick),
		.username = rcbuf_span(s->reg->username),
		.server = c->settings->name,
		.ip = writer_done(&w),
		.host = writer_done(&w),
		.realname = text_of(rcbuf_span(s->reg->realname)),
	};
	p[1].u.nick = (struct part_nick){ .uid = s->id.uid,
		.nick = rcbuf_span(s->reg->nick),
		.class = 1,
		.stamp = stamp };
	p[2].u.set = (struct part_set){ .uid = s->id.uid,
		.field = SPAN("mode/invisible"),
		.by = by_server(c->self.sid),
		.value = text_of(SPAN("1")) };
	s->wait_entry =
	    core_make(st, stamp, p, 3, &(struct dest){ .all = true }, &cause);
}

/* Is an entry made, and not applied yet, that claims the nick? */
static bool
is_asked_for(struct step *st, struct span nick)
{
	char *folded = arena_alloc(st->arena, nick.n);

	return map_find(&st->core->asked, casemap_fold(nick, folded)) != NULL;
}

static void
ask_for(struct core *c, struct registration *r)
{
	r->asked = rcbuf_alloc(r->nick->n);
	casemap_fold(rcbuf_span(r->nick), r->asked->p);
	map_put(&c->asked, r);
}

void
client_try_register(struct step *st, struct session *s)
{
	struct core *c = st->core;
	struct registration *r = s->reg;
	struct rcbuf *taken;

	if (r == NULL || r->nick == NULL || r->username == NULL ||
	    r->negotiating || s->conn->closing || s->id.k != 0)
		return;
	if (!r->complete) {
		r->complete = true;
		TAILQ_INSERT_TAIL(&c->registering, s, reg_link);
	}
	/* taken meanwhile, here or elsewhere: he has to choose again */
	if (facts_nick_in_use(st->facts, rcbuf_span(r->nick)) ||
	    is_asked_for(st, rcbuf_span(r->nick))) {
		taken = r->nick;
		r->nick = NULL;
		reply(st, s, ERR_NICKNAMEINUSE, rcbuf_span(taken));
		rcbuf_unref(taken);
		r->complete = false;
		TAILQ_REMOVE(&c->registering, s, reg_link);
		return;
	}
	if (!c->ready || !take_uid(st, &s->id.uid))
		return;
	s->id.k = 1;
	c->nunregistered--;
	ask_for(c, r);
	make_user(st, s);
}

void
client_retry(struct step *st)
{
	struct session *s, *next;

	TAILQ_FOREACH_SAFE(s, &st->core->registering, reg_link, next)
		client_try_register(st, s);
}

void
session_attach(struct session *s, struct user *u)
{
	s->user = u;
	LIST_INSERT_HEAD(&u->sessions, s, user_link);
}

void
client_attach(struct step *st)
{
	struct core *c = st->core;
	struct session *s =
	    st->cause.sess.k == 0 ? NULL : core_find_session(c, st->cause.sess);
	struct user *u;

	if (s == NULL || s->user != NULL || s->reg == NULL ||
	    (u = facts_find_uid(st->facts, s->id.uid)) == NULL)
		return;
	session_attach(s, u);
	if (++c->nlocal > c->max_local)
		c->max_local = c->nlocal;
	timer_set(c, s->conn, ping_at(s->conn));
}

void
client_welcome(struct step *st)
{
	struct session *s = st->cause.sess.k == 0
				? NULL
				: core_find_session(st->core, st->cause.sess);

	if (s == NULL || s->user == NULL || s->reg == NULL)
		return;
	registration_free(st->core, s);
	effects_logf(st->fx, LOG_CLIENT_REGISTERED,
	    { "uid", uid_span(&s->user->uid) }, { "nick", session_nick(s) },
	    { "host", rcbuf_span(s->user->host) },
	    { "class", s->conn->class->name });
	welcome(st, s);
}

/* ---- questions under way ----------------------------------------------- */

struct pending *
pending_add(struct step *st, struct session *s, struct span what,
    struct mono expires)
{
	struct pending *p = pool_take(&st->core->pending_pool);

	p->id = ++st->core->next_token;
	p->conn = s->conn->id;
	p->expires = expires;
	p->response = s->response;
	s->response = NULL;
	s->npending++;
	p->what = rcbuf_new(what);
	TAILQ_INSERT_TAIL(&st->core->pending, p, link);
	map_put(&st->core->pending_ids, p);
	return p;
}

struct pending *
pending_find(const struct core *c, uint64_t id)
{
	return map_find(&c->pending_ids, span_make(&id, sizeof(id)));
}

struct session *
pending_take(struct step *st, struct pending *p, struct response **r)
{
	struct conn *x = core_find_conn(st->core, p->conn);

	TAILQ_REMOVE(&st->core->pending, p, link);
	map_del(&st->core->pending_ids, span_make(&p->id, sizeof(p->id)));
	*r = p->response;
	rcbuf_unref(p->what);
	pool_give(&st->core->pending_pool, p);
	if (x == NULL || x->closing || x->session->user == NULL) {
		response_free(*r);
		*r = NULL;
		return NULL;
	}
	x->session->npending--;
	return x->session;
}
