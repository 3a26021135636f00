/*
 * A transport may end at any moment. On the network this makes one QUIT, when
 * the last session of a user goes. A client that the core ends gets no more
 * lines at once (`closing`), and is freed when the daemon says that the
 * connection is closed.
 */
#include "core/client.h"

#include "core/banned.h"
#include "base/mem.h"
#include "core/cmd/cmd.h"
#include "core/cmd/multiline.h"
#include "core/sessions/audience.h"
#include "core/sessions/audit.h"
#include "core/sessions/client_batch.h"
#include "core/sessions/flood.h"
#include "core/sessions/given_key.h"
#include "core/sessions/hold.h"
#include "core/sessions/lag.h"
#include "core/sessions/listing.h"
#include "core/sessions/monitor.h"
#include "core/sessions/request.h"
#include "core/hostname.h"
#include "core/hosts.h"
#include "core/lookups.h"
#include "core/registration.h"
#include "core/answers/reply.h"
#include "core/sessions/response.h"
#include "core/sessions/source.h"
#include "core/sessions/targets.h"
#include "core/sessions/timer.h"
#include "core/sessions/wait.h"
#include "core/types/cost.h"
#include "wire/name.h"
#include "wire/utf8.h"

#define ERROR_REASON_MAX 400 /* bytes, so that ERROR fits a line */

/* ---- time ------------------------------------------------------------ */

static struct mono
ping_at(const struct conn *x)
{
	return mono_add_ms(x->heard,
	    (int64_t)x->class->ping_s * 1000 +
		(x->pinged ? (int64_t)x->class->ping_close_s * 1000 : 0));
}

/* Set the timer of the connection to a time of the awake clock. If this server
 * pauses, the timer is due later. */
static void
look_at(struct step *st, struct conn *x, struct mono awake)
{
	timer_set(st->core, x, awake_until(awake, st->paused_ns));
}

void
client_ping(struct step *st, struct conn *x)
{
	look_at(st, x, ping_at(x));
}

static void
end_silent(struct step *st, struct conn *x)
{
	struct writer w;

	writer_init_arena(&w, st->arena, 64);
	writer_str(&w, "Ping timeout: ");
	writer_u64(&w, (uint64_t)mono_sub_ms(st->awake, x->heard) / 1000);
	writer_str(&w, " seconds");
	client_end(st, x->session, writer_done(&w));
}

static void
ping(struct step *st, struct conn *x)
{
	struct writer w;

	x->pinged = true;
	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	writer_str(&w, "PING :");
	writer_span(&w, st->core->settings->name);
	line_send(st, x->session, &(struct line){ .body = writer_done(&w) });
}

static struct mono
registration_until(const struct conn *x)
{
	return mono_add_ms(x->opened, (int64_t)x->class->registration_s * 1000);
}

/* Return false if the client was ended. */
static bool
check_registering(struct step *st, struct conn *x)
{
	struct mono limit = registration_until(x);

	if (x->class->registration_s == 0)
		return true;
	if (mono_cmp(limit, st->awake) <= 0) {
		client_end(st, x->session, SPAN("Registration timed out"));
		return false;
	}
	look_at(st, x, limit);
	return true;
}

/* Likewise. */
static bool
check_silent(struct step *st, struct conn *x)
{
	if (mono_cmp(ping_at(x), st->awake) <= 0) {
		if (x->pinged) {
			end_silent(st, x);
			return false;
		}
		ping(st, x);
	}
	client_ping(st, x);
	return true;
}

/* End a client that sends no more, if its next line would have to wait. Return
 * true if it was ended. */
static bool
has_left(struct step *st, struct conn *x)
{
	if (!x->ended || mono_cmp(flood_until(x), st->now) <= 0)
		return false;
	client_end(st, x->session, SPAN("end of file"));
	return true;
}

static void
conn_timeout(struct step *st, struct conn *x)
{
	struct session *s = x->session;

	if (x->closing || has_left(st, x) ||
	    !(s->user == NULL ? check_registering(st, x) : check_silent(st, x)))
		return;
	multiline_tick(st, s);
	wait_grant(st, x);
}

void
client_tick(struct step *st, int64_t reserve)
{
	struct work *w = &st->core->work;
	struct conn *x;

	do {
		if ((x = timer_take(st->core, st->now)) == NULL)
			break;
		step_spend(st, COST_TIMER);
		conn_timeout(st, x);
	} while (w->left > reserve);
}

/* ---- opened and closed ------------------------------------------------- */

static struct rcbuf *
pin_text(struct step *st, const unsigned char pin[PIN_LEN])
{
	struct writer w;

	writer_init_arena(&w, st->arena, 2 * PIN_LEN);
	writer_hex(&w, span_make((const char *)pin, PIN_LEN));
	return rcbuf_new(writer_done(&w));
}

bool
client_admit(struct step *st, struct session *s)
{
	struct conn *x = s->conn;
	const struct admission_limits limits = { x->class->per_address,
		x->class->per_network, x->class->connect_rate };
	struct span why =
	    admission_judge(&st->core->addresses, &x->addr, &limits, st->now);
	struct writer w;

	x->excused = false;
	if (why.n == 0)
		return true;
	writer_init_arena(&w, st->arena, ADDR_TEXT);
	addr_build(&w, &x->addr);
	effects_logf(st->fx, LOG_ACCEPT_REFUSED, { "address", writer_done(&w) },
	    { "why", why });
	client_end(st, s, why);
	return false;
}

/* Count the client by its address. Return false if it was ended. */
static bool
admit(struct step *st, struct session *s)
{
	struct conn *x = s->conn;

	admission_add(&st->core->addresses, &x->addr);
	x->class = settings_class(st->core->settings, &x->addr);
	/* a gateway connects once for each of its clients, all at once if it
	 * was started anew; each client is judged when it is handed on */
	x->excused =
	    !x->handed_on && settings_is_gateway(st->core->settings, &x->addr);
	if (!x->excused && !client_admit(st, s))
		return false;
	if (banned_open(st, s))
		return false;
	if (st->core->draining) {
		client_end(st, s,
		    SPAN("This server is being emptied; please try another "
			 "one"));
		return false;
	}
	if (x->class->registration_s != 0)
		look_at(st, x, registration_until(x));
	return true;
}

void
client_open(struct step *st, const struct event *ev)
{
	struct core *c = st->core;
	struct conn *x;
	struct session *s;

	if (core_find_conn(c, ev->conn) != NULL)
		return;
	x = pool_take(&c->conn_pool);
	s = pool_take(&c->session_pool);
	x->id = ev->conn;
	x->addr = ev->u.open.addr;
	x->tls = ev->u.open.tls;
	x->web = ev->u.open.web;
	x->named = settings_has_name(c->settings, ev->u.open.asked);
	if (ev->u.open.cipher.n > 0)
		x->cipher = rcbuf_new(ev->u.open.cipher);
	if (ev->u.open.gate != NULL)
		x->gate = rcbuf_ref(ev->u.open.gate);
	x->flood_tat = x->parts_tat = x->nick_tat = x->join_tat = st->now;
	x->opened = x->heard = st->awake;
	x->due = MONO_NEVER;
	x->session = s;
	s->conn = x;
	s->spoke = st->wall;
	s->registration = mem_zalloc(sizeof(*s->registration));
	s->registration->session = s;
	if (ev->u.open.has_pin)
		s->registration->certfp = pin_text(st, ev->u.open.pin);
	core_add_conn(c, x);
	c->nunregistered++;
	if (admit(st, s)) {
		(void)hostname_ask(st, s);
		lookups_ask(st, s);
	}
	if (!x->closing)
		wait_grant(st, x);
}

void
client_handed_on(struct step *st, struct session *s, const struct handed_on *h)
{
	struct core *c = st->core;
	struct conn *x = s->conn;
	struct registration *r = s->registration;
	const struct class_settings *was = x->class;

	admission_del(&c->addresses, &x->addr);
	x->addr = h->addr;
	x->tls = h->secure;
	x->named = false;
	rcbuf_unref(x->cipher);
	rcbuf_unref(r->certfp);
	rcbuf_unref(r->host);
	x->cipher = r->certfp = r->host = NULL;
	r->passed = false;
	/* what is asked about the gateway's own address */
	request_drop(c, s);
	lookups_drop(r);
	if (!admit(st, s))
		return;
	if (x->class != was)
		effects_queues(st->fx, x->id, x->class);
	lookups_ask(st, s);
	if (hostname_ask(st, s) ||
	    !name_server_valid(h->host, c->settings->host_len))
		return;
	r->host = rcbuf_new(h->host);
}

static void
detach(struct core *c, struct session *s)
{
	monitor_clear(c, s);
	if (s->user == NULL)
		return;
	LIST_REMOVE(s, user_link);
	audience_changed(c);
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
	const struct cause last = core_session_cause(s);
	bool asked = session_id_eq(st->cause.sess, s->id) ||
		     core_mutated(st->facts, CAUSE_TWICE);

	if (u == NULL && s->registration != NULL && !uid_is_none(s->id.uid)) {
		/* its +USER is made and not applied yet */
		part.u.quit.uid = s->id.uid;
	} else if (u == NULL)
		return;
	else {
		detach(st->core, s);
		part.u.quit.uid = u->uid;
		/* a former home makes no QUIT (doc/decisions/0023) */
		if (!LIST_EMPTY(&u->sessions) || u->gone ||
		    (!core_is_home(st->core, u) &&
			!core_mutated(st->facts, QUIT_BY_FORMER)))
			return;
	}
	part.u.quit.reason =
	    text_of(utf8_cut(reason, st->core->settings->kick_len));
	core_make(st, (struct stamp){ 0 }, &part, 1,
	    &(struct dest){ .all = true }, asked ? &last : NULL);
}

/* Drop what the session waits for, and what waits for its client. */
static void
drop_waiting(struct core *c, struct session *s)
{
	request_drop(c, s);
	judge_drop(s);
	client_batch_drop(s);
	listing_drop(NULL, s);
	response_free(s->response);
	s->response = NULL;
	lag_free(s);
}

static void
session_free(struct core *c, struct session *s)
{
	if (session_hold(s) != NULL)
		hold_end(c, s);
	given_key_free(s);
	targets_free(s);
	hosts_free(s);
	detach(c, s);
	session_free_more(s);
	pool_give(&c->session_pool, s);
}

static void
conn_free(struct core *c, struct conn *x)
{
	admission_del(&c->addresses, &x->addr);
	timer_clear(c, x);
	core_del_conn(c, x);
	rcbuf_unref(x->gate);
	rcbuf_unref(x->cipher);
	pool_give(&c->conn_pool, x);
}

/* Free a connection and its session. */
static void
client_free(struct core *c, struct conn *x)
{
	struct session *s = x->session;

	if (s->id.k == 0)
		c->nunregistered--;
	registration_free(c, s);
	drop_waiting(c, s);
	conn_free(c, x);
	session_free(c, s);
}

void
client_disconnect(struct step *st, struct session *s)
{
	lag_end(st, s);
	drop_waiting(st->core, s);
	s->arrives = s->draining = false;
	s->listed = s->answers = 0;
	conn_free(st->core, s->conn);
	s->conn = NULL;
	audience_changed(st->core);
}

/* Let the client that takes this session, if there is one, register as another
 * user. */
static void
free_taker(struct step *st, const struct hold *h)
{
	struct conn *x = core_find_conn(st->core, h->taker);

	if (x == NULL || x->closing)
		return;
	x->session->wait_entry = 0;
	registration_try(st, x->session);
	wait_next(st, x->session);
}

/* End a session that has no connection. */
static void
end_held(struct step *st, struct session *s, struct span reason)
{
	struct hold *h = session_hold(s);

	session_leave(st, s, reason);
	free_taker(st, h);
	session_free(st->core, s);
}

void
client_end(struct step *st, struct session *s, struct span reason)
{
	struct response *r = s->response;
	struct writer w;

	if (s->conn == NULL) {
		end_held(st, s, reason);
		return;
	}
	if (s->conn->closing)
		return;
	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	writer_str(&w, "ERROR :Closing link: ");
	addr_build_word(&w, &s->conn->addr);
	writer_str(&w, " (");
	writer_span(&w, utf8_cut(reason, ERROR_REASON_MAX));
	writer_char(&w, ')');
	/* the answer to QUIT, and nothing of others under its label */
	if (st->answering != s) {
		listing_drop(st, s);
		response_free(r);
		r = s->response = NULL;
	}
	listing_drop(st, s);
	line_send(st, s, &(struct line){ .body = writer_done(&w) });
	s->response = NULL;
	response_end(st, s, r);
	listing_drop(st, s);
	s->conn->closing = true;
	request_drop(st->core, s);
	judge_drop(s);
	client_batch_drop(s);
	lag_end(st, s);
	effects_close(st->fx, s->conn->id, reason);
	session_leave(st, s, reason);
	registration_free(st->core, s);
}

/*
 * The client has closed, or half closed: TCP does not tell which. The lines
 * that came before are carried out as far as the allowance goes at once; so a
 * client that says its piece and leaves is heard. If more of them would have to
 * wait, nobody may be there any more, and the connection ends.
 */
void
client_ended(struct step *st, const struct event *ev)
{
	struct conn *x = core_find_conn(st->core, ev->conn);

	if (x == NULL || x->closing)
		return;
	x->ended = true;
	wait_grant(st, x);
}

/* The daemon reads no more from the client, but still writes what was sent to
 * it so far. */
void
client_excess(struct step *st, const struct event *ev)
{
	struct conn *x = core_find_conn(st->core, ev->conn);

	if (x != NULL && wait_is_own(st, x))
		client_end(st, x->session, SPAN("Excess Flood"));
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
	lag_end(st, x->session);
	client_free(st->core, x);
}

void
client_fini(struct core *c)
{
	struct conn *x;
	struct hold *h;

	for (uint32_t i = 0; (x = core_next_conn(c, &i)) != NULL;)
		client_free(c, x);
	while ((h = TAILQ_FIRST(&c->holds.queue)) != NULL)
		session_free(c, h->session);
	request_fini(c);
}

void
client_killed(struct step *st, const struct user *u, const struct part_say *p)
{
	const struct user *by = uid_is_none(p->by.uid)
				    ? NULL
				    : facts_find_uid(st->facts, p->by.uid);
	struct part part = { .id = PART_QUIT };
	struct span killer =
	    by != NULL && by->shown ? user_nick(by) : by_source(st, &p->by);
	struct line l = { .tags = by_tags(st, &p->by) };
	struct writer w;

	/* where it was said it is in the log already */
	if (sid_cmp(by == NULL ? p->by.sid : user_home(by).sid,
		st->core->self.sid) != 0)
		audit_log(st, LOG_KILL,
		    &(struct audit){ .by = by,
			.name = killer,
			.what = { SPAN("KILL"), user_source(st, u) },
			.why = p->text.s,
			.result = "ok" });
	body_begin(st, &w, by_source(st, &p->by));
	writer_str(&w, "KILL ");
	writer_span(&w, user_nick(u));
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
client_kill(struct step *st, struct user *u, struct span reason)
{
	struct core *c = st->core;
	struct sid home = user_home(u).sid;
	bool here = core_is_home(c, u);
	struct part part = { .id = PART_SAY };

	audit_log(st, LOG_KILL,
	    &(struct audit){ .what = { SPAN("KILL"), user_source(st, u) },
		.why = reason,
		.result = here ? "ok" : "sent" });
	part.u.say = (struct part_say){ .verb = SPAN("KILL"),
		.by = by_server(c->self.sid),
		.target = uid_span(&u->uid),
		.status = user_say_status(u, c->self.sid),
		.text = text_of(utf8_cut(reason, c->settings->kick_len)) };
	if (here)
		client_killed(st, u, &part.u.say);
	else
		core_make(st, (struct stamp){ 0 }, &part, 1,
		    &(struct dest){ false, &home, 1 }, NULL);
}

/* Return why the sessions of the user here have to end, or no span. */
static struct span
end_reason(const struct step *st, const struct user *u)
{
	if (u->gone)
		return st->hint.text.n > 0 ? st->hint.text : SPAN("Gone");
	return core_is_home(st->core, u)
		   ? SPAN_NONE
		   : SPAN("Session moved to another server");
}

void
client_end_gone(struct step *st)
{
	struct span reason;
	struct user *u;

	for (size_t i = 0;
	     (u = facts_dirty_user_next(st->facts, &i)) != NULL;) {
		reason = end_reason(st, u);
		while (reason.n > 0 && !LIST_EMPTY(&u->sessions))
			client_end(st, LIST_FIRST(&u->sessions), reason);
	}
}

/* ---- lines ------------------------------------------------------------- */

/* utf8-only.md: FAIL of the command, of `*` if there is no telling it. */
static void
refuse_bytes(struct step *st, struct session *s, const struct msg *m)
{
	const struct command_row *row = command_find(st->tables, m->verb);

	reply_fail(st, s, row != NULL ? row->name : SPAN("*"),
	    SPAN("INVALID_UTF8"), SPAN("Message rejected, it is not UTF-8"));
}

/*
 * modern-irc, "Message Format": neither NUL nor CR is part of a message. Other
 * servers end the connection (Ergo) or take a NUL for a space (InspIRCd). Here
 * the line is not carried out, since nobody knows what was meant, and its
 * sender is told.
 */
static void
refuse_line(struct step *st, struct session *s)
{
	reply_fail_or_notice(st, s, SPAN("*"), SPAN("INVALID_LINE"),
	    SPAN("Message rejected, it holds a NUL or a CR"));
}

/* Return the tags of a line that is no message. Tags that are not whole, or
 * that hold a NUL or a CR, are none. */
static struct span
tags_alone(struct span line)
{
	size_t end = span_find(line, ' ');

	if (line.n == 0 || line.p[0] != '@' || end == line.n ||
	    !msg_is_text(span_head(line, end)))
		return SPAN_NONE;
	return span_tail(span_head(line, end), 1);
}

/* Tell the client why the line cannot be read, unless it is shunned. */
static void
take_unreadable(struct step *st, struct session *s, const struct event *ev)
{
	(void)response_begin(s, tags_alone(ev->u.line.line));
	if (banned_ignores(st, s, SPAN_NONE))
		return;
	if (ev->u.line.too_long)
		reply0(st, s, ERR_INPUTTOOLONG);
	else
		refuse_line(st, s);
	multiline_spoil(st, s);
}

static void
take_line(struct step *st, struct session *s, struct span line)
{
	struct msg m;

	if (!msg_parse(line, &m))
		return;
	(void)response_begin(s, m.tags);
	if (banned_ignores(st, s, m.verb))
		return;
	if (st->core->settings->utf8only && !utf8_valid(line)) {
		refuse_bytes(st, s, &m);
		multiline_spoil(st, s);
	} else
		cmd_run(st, s, &m);
}

void
client_line(struct step *st, const struct event *ev)
{
	struct conn *x = core_find_conn(st->core, ev->conn);
	struct session *s;

	if (x == NULL || x->closing || !x->granted)
		return;
	s = x->session;
	st->core->nlines++;
	x->granted = false;
	x->heard = st->awake;
	x->pinged = false;
	if (ev->u.line.line.n > 0)
		flood_charge(st, s, 1);
	else
		flood_charge_empty(st, s);
	step_spend(st, COST_COMMAND);
	s->c++;
	s->t0 = st->wall.ms;
	st->cause = core_session_cause(s);
	st->answering = s;
	if (ev->u.line.too_long || ev->u.line.bad)
		take_unreadable(st, s, ev);
	else
		take_line(st, s, ev->u.line.line);
	wait_next(st, s);
}

/* A client that drains its sendq is alive even if it sends nothing; count this
 * as activity. */
void
client_drained(struct step *st, const struct event *ev)
{
	struct conn *x = core_find_conn(st->core, ev->conn);

	if (x == NULL || x->closing)
		return;
	x->heard = st->awake;
	listing_drained(st, x->session);
	lag_end(st, x->session);
}
