/*
 * A nick is taken by the entry that claims it, and that entry is applied later
 * than it is made. So the nicks of entries under way are kept (core.asked), as
 * two clients of one step could get the same nick otherwise.
 *
 * A uid is never used twice, not even by the next run: numbers are used only up
 * to a mark that is stored already. The next mark is asked for when half of the
 * numbers below the mark are used (doc/decisions/0004).
 */
#include "core/registration.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "core/banned.h"
#include "core/client.h"
#include "core/cmd/cmd.h"
#include "core/held.h"
#include "core/hosts.h"
#include "core/lookups.h"
#include "core/outside.h"
#include "core/answers/reply.h"
#include "core/answers/welcome.h"
#include "core/sessions/audience.h"
#include "core/sessions/reading.h"
#include "core/sessions/request.h"
#include "core/sessions/response.h"
#include "core/sessions/wait.h"
#include "core/types/cost.h"
#include "wire/casemap.h"

#define UID_DIGITS 6
/* The uids of one sid, but for the last one, which is uid_of_server(). */
#define UID_COUNT (UINT64_C(26) * 36 * 36 * 36 * 36 * 36 - 1)
#define UID_AGAIN_MS 5000 /* until it is tried again to store a mark */

static void uids_answered(struct step *, struct session *,
    const struct request *, enum answer_status, struct span bytes);

static const struct request_use use_uids = {
	.kind = REQUEST_UIDS, .hold = HOLD_NOTHING, .answered = uids_answered
};

static void
ask_uids(struct step *st)
{
	struct core *c = st->core;
	struct span mark = request_uids(st->arena, c->uid_upto + UIDS_AHEAD);

	c->uid_asked = true;
	c->uid_again = MONO_NEVER;
	invariant(request_ask(st, NULL, &use_uids, mark, mark));
}

/* Without a new mark, ask again later: a full disk may have room then. */
static void
uids_answered(struct step *st, struct session *s, const struct request *r,
    enum answer_status status, struct span bytes)
{
	struct core *c = st->core;

	(void)s;
	(void)bytes;
	if (status != ANSWER_OK) {
		c->uid_again = mono_add_ms(st->awake, UID_AGAIN_MS);
		return;
	}
	(void)span_u64(rcbuf_span(r->what), &c->uid_upto);
	c->uid_asked = c->uid_told = false;
	registration_retry(st);
}

void
registration_tick(struct step *st)
{
	if (mono_cmp(st->core->uid_again, st->awake) <= 0)
		ask_uids(st);
}

static void
write_uid(const struct core *c, uint64_t v, struct uid *uid)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	memcpy(uid->s, c->self.sid.s, SID_LEN);
	for (unsigned i = SID_LEN + UID_DIGITS - 1; i > SID_LEN; i--) {
		uid->s[i] = digit[v % 36];
		v /= 36;
	}
	uid->s[SID_LEN] = digit[v];
	uid->s[UID_LEN] = '\0';
}

/* A uid that another server has given away is passed over: the first +USER of a
 * uid counts (link-protocol.md, 11.1). */
static bool
take_uid(struct step *st, struct uid *uid)
{
	struct core *c = st->core;

	do {
		if (c->uid_next >= UID_COUNT)
			return false;
		if (c->uid_next + UIDS_AHEAD / 2 >= c->uid_upto &&
		    !c->uid_asked)
			ask_uids(st);
		if (c->uid_next >= c->uid_upto)
			return false;
		write_uid(c, c->uid_next++, uid);
	} while (facts_find_uid(st->facts, *uid) != NULL);
	return true;
}

/* Give the new user a home that moves, in the n-th part. */
static void
give_home(const struct step *st, const struct session *s, struct part *p,
    size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i].id == PART_NICK || p[i].id == PART_SET)
			p[i].tags = SPAN("tenure=1");
	p[n] = (struct part){ .id = PART_HOME };
	p[n].u.home = (struct part_home){
		.uid = s->id.uid, .tenure = 1, .home = st->core->self
	};
}

static struct part
set_part(const struct step *st, const struct session *s, struct span field,
    struct span value)
{
	struct part p = { .id = PART_SET };

	p.u.set = (struct part_set){ .uid = s->id.uid,
		.field = field,
		.by = by_server(st->core->self.sid),
		.value = text_of(value) };
	return p;
}

/* Return the words of the new user, but for the uid. */
static struct part_user
user_words(struct step *st, const struct session *s)
{
	const struct registration *r = s->registration;
	struct writer w;

	writer_init_arena(&w, st->arena, ADDR_TEXT);
	addr_build_word(&w, &s->conn->addr);
	return (struct part_user){
		.nick = rcbuf_span(r->nick),
		.username = rcbuf_span(r->username),
		.server = st->core->settings->name,
		.ip = writer_done(&w),
		.host = r->host != NULL ? rcbuf_span(r->host) : writer_done(&w),
		.realname = text_of(rcbuf_span(r->realname)),
	};
}

/* held: a user who quits, as the client gets the nick of that user; or NULL. */
static void
make_user(struct step *st, struct session *s, const struct part_user *words,
    const struct user_mode_row *mode, const struct user *held)
{
	struct core *c = st->core;
	struct cause cause = { .sess = s->id,
		.tenure = c->settings->homes_move,
		.c = s->c,
		.t0 = s->t0 };
	struct stamp stamp = core_stamp(c, st->wall);
	struct part p[9 + LOOKUPS_MAX];
	struct span field, value;
	size_t n = 0;

	if (held != NULL)
		held_quit_part(held, &p[n++]);
	p[n] = (struct part){ .id = PART_USER };
	p[n].u.user = *words;
	p[n++].u.user.uid = s->id.uid;
	p[n] = (struct part){ .id = PART_NICK };
	p[n++].u.nick = (struct part_nick){ .uid = s->id.uid,
		.nick = rcbuf_span(s->registration->nick),
		.class = 1,
		.stamp = stamp };
	p[n++] = set_part(st, s,
	    span_of(user_mode_row(st->tables, UM_INVISIBLE)->field), SPAN("1"));
	if (mode != NULL)
		p[n++] = set_part(st, s, span_of(mode->field), SPAN("1"));
	if (s->registration->away != NULL)
		p[n++] = set_part(st, s, SPAN("away"),
		    rcbuf_span(s->registration->away));
	/* link-protocol.md, 11.19 and 11.35 */
	if (s->conn->tls)
		p[n++] = set_part(st, s, SPAN("secure"), SPAN("1"));
	if (s->registration->certfp != NULL)
		p[n++] = set_part(st, s, SPAN("certfp"),
		    rcbuf_span(s->registration->certfp));
	for (size_t i = 0; lookups_register(s, i, &field, &value); i++)
		p[n++] = set_part(st, s, field, value);
	if (c->settings->homes_move)
		give_home(st, s, p, n++);
	s->wait_entry =
	    core_make(st, stamp, p, n, &(struct dest){ .all = true }, &cause);
}

/* Return true if an entry that claims the nick is made and not applied yet. */
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
registration_free(struct core *c, struct session *s)
{
	if (s->registration == NULL)
		return;
	if (s->registration->complete)
		TAILQ_REMOVE(&c->registering, s->registration, link);
	if (s->registration->asked != NULL)
		map_del(&c->asked, rcbuf_span(s->registration->asked));
	rcbuf_unref(s->registration->asked);
	rcbuf_unref(s->registration->nick);
	rcbuf_unref(s->registration->username);
	rcbuf_unref(s->registration->realname);
	rcbuf_unref(s->registration->host);
	rcbuf_unref(s->registration->away);
	rcbuf_unref(s->registration->certfp);
	lookups_drop(s->registration);
	free(s->registration);
	s->registration = NULL;
}

/*
 * No uid is left below the mark that is on disk, and the next mark could not be
 * written, mostly because the disk is full.
 */
static void
tell_wait(struct step *st, struct session *s)
{
	if (!st->core->uid_told)
		effects_log(st->fx, LOG_UIDS_WAIT, NULL, 0);
	st->core->uid_told = true;
	if (s->registration->told)
		return;
	s->registration->told = true;
	reply_fail_or_notice(st, s, SPAN("USER"),
	    SPAN("TEMPORARILY_UNAVAILABLE"),
	    SPAN("Nobody can be let in just now; please wait"));
}

/*
 * All uids of this sid are given away. The next one would be that of a user of
 * long ago, whose facts and messages may still be there.
 */
static void
refuse_for_good(struct step *st, struct session *s)
{
	if (!st->core->uid_told)
		effects_log(st->fx, LOG_UIDS_GONE, NULL, 0);
	st->core->uid_told = true;
	client_end(st, s,
	    SPAN("This server has no user ids left; use another one"));
}

void
registration_refuse_password(struct step *st, struct session *s,
    struct span why)
{
	struct writer w;

	writer_init_arena(&w, st->arena, ADDR_TEXT);
	addr_build(&w, &s->conn->addr);
	effects_logf(st->fx, LOG_PASSWORD_FAILED,
	    { "address", writer_done(&w) }, { "class", s->conn->class->name },
	    { "why", why });
	reply0(st, s, ERR_PASSWDMISMATCH);
	client_end(st, s, SPAN("Bad password"));
}

/* Return the numeric that refuses the nick of the client, or NULL. */
static const struct numeric_row *
nick_refusal(struct step *st, const struct session *s, enum held_way way)
{
	struct span nick = rcbuf_span(s->registration->nick);

	if (is_asked_for(st, nick))
		return numeric_row(ERR_NICKNAMEINUSE);
	if (way > HELD_OTHER)
		return NULL;
	if (facts_nick_in_use(st->facts, nick))
		return numeric_row(ERR_NICKNAMEINUSE);
	return claim_ask(st->tables,
	    &(struct claiming){ st, NULL, s->conn->addr, nick });
}

/* Let the client choose another nick. */
static void
refuse_nick(struct step *st, struct session *s, const struct numeric_row *why)
{
	struct registration *r = s->registration;
	struct rcbuf *nick = r->nick;

	r->nick = NULL;
	reply_row(st, s, why, rcbuf_span(nick));
	rcbuf_unref(nick);
	r->complete = false;
	TAILQ_REMOVE(&st->core->registering, r, link);
}

void
registration_try(struct step *st, struct session *s)
{
	struct core *c = st->core;
	struct registration *r = s->registration;
	const struct user_mode_row *mode;
	const struct numeric_row *why;
	struct part_user words;
	const struct user *held = NULL;
	enum held_way way;

	if (r == NULL || r->nick == NULL || r->username == NULL ||
	    r->negotiating || s->conn->closing || s->id.k != 0 ||
	    s->wait_entry != 0)
		return;
	/* its PASS is not answered yet */
	if (request_holds(s, HOLD_LINE))
		return;
	if (s->conn->class->verifier.n > 0 && !r->passed) {
		registration_refuse_password(st, s, SPAN("no password"));
		return;
	}
	if (!r->complete) {
		r->complete = true;
		TAILQ_INSERT_TAIL(&c->registering, r, link);
	}
	/* somebody took it meanwhile: the user has to choose again */
	way = held_way(st, s, rcbuf_span(r->nick));
	if ((why = nick_refusal(st, s, way)) != NULL) {
		refuse_nick(st, s, why);
		return;
	}
	if (!c->ready || request_holds(s, HOLD_ENTRY))
		return;
	/* it came from where a gateway does, and hands nobody on */
	if (s->conn->excused && !client_admit(st, s))
		return;
	words = user_words(st, s);
	mode = hosts_choose(st, s, &words);
	if (banned_registers(st, s, &words) || lookups_refuse(st, s, &words))
		return;
	if (way > HELD_NICK && held_return(st, s, way))
		return;
	if (way > HELD_OTHER)
		held = held_user(st, rcbuf_span(r->nick));
	if (!take_uid(st, &s->id.uid)) {
		if (c->uid_next >= UID_COUNT)
			refuse_for_good(st, s);
		else
			tell_wait(st, s);
		return;
	}
	s->id.k = 1;
	c->nunregistered--;
	ask_for(c, r);
	make_user(st, s, &words, mode, held);
}

void
registration_retry(struct step *st)
{
	struct registration *r, *next;

	TAILQ_FOREACH_SAFE(r, &st->core->registering, link, next)
		registration_try(st, r->session);
}

void
registration_away(struct step *st, struct session *s, struct span text)
{
	struct part p = set_part(st, s, SPAN("away"), text);
	const struct cause cause = core_session_cause(s);

	s->wait_entry = core_make(st, (struct stamp){ 0 }, &p, 1,
	    &(struct dest){ .all = true }, &cause);
}

void
session_attach(struct session *s, struct user *u)
{
	s->user = u;
	LIST_INSERT_HEAD(&u->sessions, s, user_link);
}

void
registration_attach(struct step *st)
{
	struct core *c = st->core;
	struct session *s =
	    st->cause.sess.k == 0 ? NULL : core_find_session(c, st->cause.sess);
	struct user *u;

	if (s == NULL || s->user != NULL || s->registration == NULL ||
	    (u = facts_find_uid(st->facts, s->id.uid)) == NULL)
		return;
	session_attach(s, u);
	reading_user(st, u);
	if (++c->nlocal > c->max_local)
		c->max_local = c->nlocal;
	client_ping(st, s->conn);
}

void
registration_orphans(struct step *st, const struct part *part, size_t n)
{
	struct part *quit = NULL;
	const struct user *u;
	size_t k = 0, cap = 0;

	if (st->n > st->core->adopted_n ||
	    core_mutated(st->facts, FORGED_STAYS))
		return;
	for (size_t i = 0; i < n; i++) {
		if (part[i].id != PART_USER ||
		    (u = facts_find_uid(st->facts, part[i].u.user.uid)) ==
			NULL ||
		    !LIST_EMPTY(&u->sessions) || !core_is_home(st->core, u))
			continue;
		if (k == cap)
			quit =
			    arena_grow(st->arena, quit, &cap, 4, sizeof(*quit));
		quit[k] = (struct part){ .id = PART_QUIT };
		quit[k].u.quit.uid = u->uid;
		quit[k++].u.quit.reason = text_of(SPAN("No such user"));
	}
	if (k > 0)
		core_make(st, (struct stamp){ 0 }, quit, k,
		    &(struct dest){ .all = true }, NULL);
}

void
registration_welcome(struct step *st)
{
	struct session *s = st->cause.sess.k == 0
				? NULL
				: core_find_session(st->core, st->cause.sess);

	if (s == NULL || s->user == NULL || s->registration == NULL)
		return;
	/* a ban may have come while the entry was under way */
	if (s->registration->bans != bans_serial(st->facts))
		bans_stir(st->facts);
	registration_free(st->core, s);
	effects_logf(st->fx, LOG_CLIENT_REGISTERED,
	    { "uid", uid_span(&s->user->uid) }, { "nick", session_nick(s) },
	    { "host", ident_host(s->user->ident) },
	    { "class", s->conn->class->name });
	reply_welcome(st, s);
	outside_welcome(st, s);
	s->arrives = st->tables->nregistered > 0 &&
		     !core_mutated(st->facts, ARRIVES_UNASKED);
}

/* Run a line as one that the client has sent behind its last one. The lines
 * that the client is sent for it have the time of the registration. */
static void
run_line(struct step *st, struct session *s, struct span line)
{
	struct cause cause = st->cause;
	struct stamp stamp = st->stamp;
	struct msg m;

	invariant(msg_parse(line, &m));
	step_spend(st, COST_COMMAND);
	s->c++;
	s->t0 = st->wall.ms;
	st->cause = core_session_cause(s);
	st->answering = s;
	if (!banned_ignores(st, s, m.verb))
		cmd_run(st, s, &m);
	st->answering = NULL;
	st->stamp = stamp;
	st->cause = cause;
}

/* Return the line by which the client joins channels, or an empty span. */
static struct span
join_line(struct step *st, const struct session *s)
{
	const struct newcomer x = { st, st->core->settings, s->conn->class,
		s->user };
	struct writer w;
	size_t n;

	writer_init_arena(&w, st->arena, REGISTERED_MAX);
	writer_str(&w, "JOIN ");
	n = w.n;
	registered_ask(st->tables, &w, &x);
	return w.n > n && !w.over ? writer_done(&w) : SPAN_NONE;
}

void
registration_arrived(struct step *st)
{
	struct session *s = st->cause.sess.k == 0
				? NULL
				: core_find_session(st->core, st->cause.sess);
	struct response *r;
	struct span line;

	if (s == NULL || !s->arrives)
		return;
	s->arrives = false;
	if (s->user == NULL || s->conn == NULL || s->conn->closing)
		return;
	/* the answer to the line that registered the client ends here */
	r = s->response;
	s->response = NULL;
	response_end(st, s, r);
	line = join_line(st, s);
	if (line.n > 0 && !s->conn->closing)
		run_line(st, s, line);
	wait_next(st, s);
}
