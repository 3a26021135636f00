/*
 * From a line to its command and from the command to its entry.
 *
 * Messages whose receivers are all on this server make no entry: they are
 * delivered when the command is done (doc/decisions/0005). An entry with a fact
 * in it goes to every server, and its messages are delivered when it is
 * applied.
 */
#include "core/cmd/cmd.h"

#include <string.h>

#include "base/invariant.h"
#include "core/answers/usage.h"
#include "core/client.h"
#include "core/cmd/multiline.h"
#include "core/deliver.h"
#include "core/note.h"
#include "core/facts/bans.h"
#include "core/facts/chan_name.h"
#include "core/facts/masks.h"
#include "core/facts/shown_list.h"
#include "core/facts/unseen.h"
#include "core/part/later.h"
#include "core/sessions/access.h"
#include "core/sessions/audit.h"
#include "core/sessions/extbans.h"
#include "core/sessions/targets.h"
#include "core/types/cost.h"
#include "wire/casemap.h"
#include "wire/tags.h"

/* The index of local messages in msgids; entries have fewer parts than this. */
#define LOCAL_INDEX 1000

const struct command_row commands_builtin[COMMANDS_BUILTIN] = {
#define COMMAND(name, fn, min, flags, syntax, help, scenario) \
	{ SPAN_INIT(#name), fn, min, COMMAND_##flags, syntax, help },
#include "core/cmd/cmd.def"
#undef COMMAND
};

void
cmd_told(struct cmd *c, struct span what, const char *end)
{
	struct by by = cmd_by(c);
	struct writer w;

	writer_init_arena(&w, c->st->arena, LINE_BODY_MAX);
	writer_span(&w, c->name);
	writer_char(&w, ' ');
	writer_span(&w, what);
	writer_str(&w, ": ");
	writer_str(&w, end);
	note_author(c->st, &by, writer_done(&w));
}

void
cmd_told_waits(struct cmd *c, const struct user *u)
{
	const struct server *s = user_server(c->facts, u);

	if (s->limbo)
		cmd_told(c, user_nick(u),
		    "the server of the user cannot be reached; this waits "
		    "until it is back");
}

static bool
may_run(struct cmd *c, const struct command_row *row)
{
	bool known = c->user != NULL;

	if (row->when == COMMAND_BEFORE && (known || c->s->id.k != 0)) {
		reply0(c->st, c->s, ERR_ALREADYREGISTERED);
		return false;
	}
	if (row->when == COMMAND_USERS && !known) {
		reply0(c->st, c->s, ERR_NOTREGISTERED);
		return false;
	}
	return cmd_need(c, row->min);
}

/* Stamps of entries strictly increase. A line that is in no entry has the time
 * of the clock and does not advance it: if each line of a loud channel took a
 * stamp of its own, the stamps would run ahead of all clocks, and neighbours
 * refuse that. */
static void
take_stamp(struct cmd *c)
{
	if (c->has_fact || c->ndest > 0)
		c->st->stamp = cmd_stamp(c);
	else
		core_observe(c->st->core, c->st->stamp);
}

/* Make the entry; the next line of the session waits for it. */
static void
make(struct cmd *c, const struct part *part, size_t n)
{
	struct dest dest = { c->has_fact, c->dest, c->ndest };
	uint64_t made = core_make(c->st, c->stamp, part, n, &dest,
	    c->s != NULL ? &c->st->cause : NULL);

	if (c->s != NULL)
		c->s->wait_entry = made;
}

static void
finish(struct cmd *c)
{
	struct part *out = c->part; /* the parts for other servers move up */
	size_t n = 0, i = 0;

	if (c->nparts == 0)
		return;
	take_stamp(c);
	if (c->has_fact) {
		make(c, c->part, c->nparts);
		return;
	}
	while (i < c->nparts) {
		if (c->is_remote[i])
			out[n++] = c->part[i++];
		else
			i += deliver(c->st, &c->part[i], c->nparts - i,
			    LOCAL_INDEX + (uint32_t)i);
	}
	if (n > 0)
		make(c, out, n);
}

/* Prepare a command of a session, or, if it is NULL, of this server. */
static struct cmd
begin(struct step *st, struct session *s, const struct msg *m)
{
	return (struct cmd){ .st = st,
		.core = st->core,
		.facts = st->facts,
		.tables = st->tables,
		.settings = st->core->settings,
		.s = s,
		.user = s != NULL ? s->user : NULL,
		.m = m,
		.tags = m->tags,
		.dest = arena_alloc(st->arena,
		    (map_count(&st->facts->servers) + 1) *
			sizeof(struct sid)) };
}

void
cmd_run(struct step *st, struct session *s, const struct msg *m)
{
	struct cmd c = begin(st, s, m);
	const struct command_row *row = command_find(st->tables, m->verb);

	if (multiline_takes(&c))
		return;
	if (row == NULL) {
		if (c.user == NULL)
			reply0(st, s, ERR_NOTREGISTERED);
		else
			reply(st, s, ERR_UNKNOWNCOMMAND, m->verb);
		return;
	}
	c.name = row->name;
	if (!may_run(&c, row))
		return;
	/* a line that is run again was counted the first time */
	if (session_more(s)->judgement == NULL)
		usage_count(st->core, row->name, m->verb.n + m->rest.n);
	st->row = row;
	row->run(&c);
	st->row = NULL;
	finish(&c);
}

void
cmd_order(struct step *st, const struct msg *m, struct writer *answer,
    struct writer *told)
{
	struct cmd c = begin(st, NULL, m);
	const struct command_row *row = command_find(st->tables, m->verb);

	c.name = row->name;
	st->record = answer;
	st->told = told;
	if (cmd_need(&c, row->min))
		row->run(&c);
	/* clients are told when the entry is applied, not in the answer */
	st->record = NULL;
	finish(&c);
	st->told = NULL;
}

/* ---- building ---------------------------------------------------------- */

static void
parts_grow(struct cmd *c)
{
	struct arena *arena = c->st->arena;
	size_t cap = c->capparts;

	c->part = arena_grow(arena, c->part, &cap, 16, sizeof(*c->part));
	c->is_remote = arena_grow(arena, c->is_remote, &c->capparts, 16,
	    sizeof(*c->is_remote));
	memset(c->is_remote + c->nparts, 0,
	    (cap - c->nparts) * sizeof(*c->is_remote));
}

struct part *
cmd_add_part(struct cmd *c, enum part_id id)
{
	struct part *p;

	invariant(c->nparts < CMD_PARTS_MAX);
	if (c->nparts == c->capparts)
		parts_grow(c);
	p = &c->part[c->nparts++];
	*p = (struct part){ .id = id };
	c->has_fact |= part_is_fact(p);
	return p;
}

/* Add the runs of the users that own the fact, if another server has made one
 * of them. */
static void
say_runs(const struct cmd *c, struct part *p)
{
	const struct kind *k = &p->u.unknown.kind;
	struct meant meant = { { 0 } };
	const struct user *u;
	bool said = false;
	struct writer w;
	struct uid uid;

	for (unsigned i = 0; i < k->nowner; i++) {
		if (k->owner[i].type != OWNER_USER ||
		    !uid_parse(kind_word(p->line, k->owner[i].word), &uid) ||
		    (u = facts_find_uid(c->facts, uid)) == NULL)
			continue;
		meant.inc[i] = u->dot.o.inc;
		said |= user_run_said(u, c->core->self.sid) != 0;
	}
	if (!said)
		return;
	writer_init_arena(&w, c->st->arena, p->tags.n + MEANT_MAX);
	writer_span(&w, p->tags);
	writer_char(&w, ';');
	meant_write(&w, &meant);
	p->tags = writer_done(&w);
}

void
cmd_add_later(struct cmd *c, const struct later_row *row, struct span words,
    struct text text)
{
	struct part *p = cmd_add_part(c, PART_UNKNOWN);

	later_part(p, row, words, text, c->st->arena);
	say_runs(c, p);
	c->has_fact |= part_is_fact(p);
}

void
cmd_reveal(struct cmd *c, const struct member *m)
{
	struct part p;

	if (m == NULL || !m->unseen)
		return;
	seen_part(&p, c->facts, m, c->st->arena);
	for (size_t i = 0; i < c->nparts; i++)
		if (c->part[i].id == PART_UNKNOWN &&
		    span_eq(c->part[i].line, p.line))
			return;
	*cmd_add_part(c, PART_UNKNOWN) = p;
	c->has_fact = true;
}

bool
cmd_has_room(const struct cmd *c, size_t n)
{
	return c->nparts + n <= CMD_PARTS_MAX;
}

struct stamp
cmd_stamp(struct cmd *c)
{
	if (c->stamp.ms == 0)
		c->stamp = core_stamp(c->st->core, c->st->wall);
	return c->stamp;
}

struct dot
cmd_dot(const struct cmd *c, size_t index)
{
	return dot_make(c->core->self, c->core->last_n + 1, index);
}

struct by
cmd_by(const struct cmd *c)
{
	return c->user != NULL ? by_user(c->user->uid)
			       : by_server(c->core->self.sid);
}

#define TAG_STEPS 8	 /* of the list, for each byte of tags */
#define LINES_TAG_MAX 32 /* bytes of lines=N and a semicolon */

/* Add the client-only tags of the line (message-tags), but for those that
 * CLIENTTAGDENY names: they are dropped without a word. */
static void
take_tags(struct cmd *c, struct part *p)
{
	struct writer w;

	if (c->tags.n == 0 || c->s == NULL ||
	    (c->s->caps & CAPB(MESSAGE_TAGS)) == 0)
		return;
	if (c->settings->tag_deny.n > 0)
		step_spend(c->st, TAG_STEPS * c->tags.n);
	writer_init_arena(&w, c->st->arena, TAGS_CLIENT);
	if (tags_put_allowed(&w, c->tags, c->settings->tag_deny))
		p->tags = writer_done(&w);
}

static struct part *
add_say(struct cmd *c, struct span verb, struct span target, struct text text)
{
	struct part *p = cmd_add_part(c, PART_SAY);

	p->u.say = (struct part_say){
		.verb = verb, .by = cmd_by(c), .target = target, .text = text
	};
	take_tags(c, p);
	return p;
}

static void
add_dest(struct cmd *c, struct sid sid)
{
	for (size_t i = 0; i < c->ndest; i++)
		if (sid_cmp(c->dest[i], sid) == 0)
			return;
	c->dest[c->ndest++] = sid;
}

void
cmd_say_user(struct cmd *c, struct span verb, const struct user *u,
    struct text text)
{
	add_say(c, verb, uid_span(&u->uid), text)->u.say.status =
	    user_say_status(u, c->core->self.sid);
	c->is_remote[c->nparts - 1] =
	    sid_cmp(user_home(u).sid, c->core->self.sid) != 0;
	if (c->is_remote[c->nparts - 1])
		add_dest(c, user_home(u).sid);
}

void
cmd_say_chan(struct cmd *c, struct span verb, const struct chan *ch,
    enum status min, struct text text)
{
	struct part *p = add_say(c, verb, chan_name_fact(ch), text);

	if (min != ST_NONE)
		p->u.say.status = span_of(status_row(c->tables, min)->name);
	for (uint32_t i = 0; i < ch->nserver; i++)
		if (deliver_reaches(c->st, ch, &ch->server[i], min)) {
			c->is_remote[c->nparts - 1] = true;
			add_dest(c, ch->server[i].sid);
		}
}

/* Return the tags of the first line of a message that has n lines. */
static struct span
head_tags(struct cmd *c, struct span tags, size_t n)
{
	struct writer w;

	writer_init_arena(&w, c->st->arena, tags.n + LINES_TAG_MAX);
	writer_str(&w, "lines=");
	writer_u64(&w, n);
	writer_str(&w, tags.n > 0 ? ";" : "");
	writer_span(&w, tags);
	return writer_done(&w);
}

void
cmd_say_more(struct cmd *c, const struct lines *x)
{
	size_t head = c->nparts - 1;
	struct part *p;

	if (x->joined == NULL)
		return;
	c->part[head].tags = head_tags(c, c->part[head].tags, x->n);
	for (size_t i = 1; i < x->n; i++) {
		p = cmd_add_part(c, PART_SAY);
		p->tags = x->joined[i] ? SPAN("joined") : SPAN_NONE;
		p->u.say = c->part[head].u.say;
		p->u.say.text = x->v[i];
		c->is_remote[c->nparts - 1] = c->is_remote[head];
	}
}

const struct numeric_row *
cmd_may_say(const struct cmd *c, struct span verb, const struct user *u)
{
	const struct messaging x = {
		.st = c->st, .by = c->user, .to = u, .verb = verb
	};

	return send_ask(c->tables, &x, x.by->modes | x.to->modes);
}

/* The numeric is that of charybdis, Solanum and InspIRCd. */
bool
cmd_may_address(struct cmd *c, const struct user *u, bool quiet)
{
	if (c->s == NULL || targets_take(c->st, c->s, u))
		return true;
	if (!quiet)
		reply(c->st, c->s, ERR_TARGCHANGE, user_nick(u));
	return false;
}

bool
cmd_say_servers(struct cmd *c, struct span verb, struct span target,
    struct text text)
{
	const struct server *s;
	bool found = false, remote = false;
	size_t steps = 0;

	for (size_t i = 0; (s = map_next(&c->facts->servers, &i)) != NULL;) {
		if (s->visible == 0 || !mask_glob(deliver_mask(target),
					   rcbuf_span(s->name), &steps))
			continue;
		found = true;
		if (sid_cmp(s->sid, c->core->self.sid) == 0)
			continue;
		add_dest(c, s->sid);
		remote = true;
	}
	step_spend(c->st, steps);
	if (found) {
		add_say(c, verb, target, text);
		c->is_remote[c->nparts - 1] = remote;
	}
	return found;
}

/* ---- arguments and checks ---------------------------------------------- */

struct span
cmd_arg(const struct cmd *c, unsigned i)
{
	return i < c->m->nparam ? c->m->param[i] : SPAN_NONE;
}

bool
cmd_need(struct cmd *c, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (cmd_arg(c, i).n == 0) {
			reply(c->st, c->s, ERR_NEEDMOREPARAMS, c->name);
			return false;
		}
	return true;
}

const struct user *
cmd_find_user(struct cmd *c, struct span nick)
{
	const struct user *u = facts_find_nick(c->facts, nick);

	if (u == NULL)
		reply(c->st, c->s, ERR_NOSUCHNICK, nick);
	return u;
}

const struct chan *
cmd_find_chan(struct cmd *c, struct span name)
{
	const struct chan *ch = chan_name_find(c->facts, name);

	if (ch == NULL || !chan_is_shown(ch)) {
		reply(c->st, c->s, ERR_NOSUCHCHANNEL, name);
		return NULL;
	}
	return ch;
}

const struct chan *
cmd_find_seen(struct cmd *c, struct span name)
{
	const struct chan *ch = chan_name_find(c->facts, name);

	if (ch != NULL && may_see_chan(c->s, ch))
		return ch;
	reply(c->st, c->s, ERR_NOSUCHCHANNEL, name);
	return NULL;
}

const struct server *
cmd_find_server(const struct cmd *c, struct span target)
{
	const struct user *u = facts_find_nick(c->facts, target);
	const struct server *s;
	size_t steps = 0;

	if (u != NULL)
		return facts_find_server(c->facts, user_home(u).sid);
	for (size_t i = 0; (s = map_next(&c->facts->servers, &i)) != NULL;)
		if (s->visible != 0 &&
		    mask_glob(target, rcbuf_span(s->name), &steps))
			break;
	step_spend(c->st, steps);
	return s;
}

const struct server *
cmd_need_server(struct cmd *c, struct span target)
{
	const struct server *s = cmd_find_server(c, target);

	if (s == NULL)
		reply(c->st, c->s, ERR_NOSUCHSERVER, target);
	return s;
}

const struct member *
cmd_find_member(struct cmd *c, const struct chan *ch, const struct user *u)
{
	const struct member *m = facts_find_member(ch, u);

	if (m != NULL && m->shown)
		return m;
	reply(c->st, c->s, ERR_USERNOTINCHANNEL, user_nick(u),
	    rcbuf_span(ch->name));
	return NULL;
}

bool
cmd_has_incarnation(struct cmd *c, const struct chan *ch)
{
	if (ch->current == NULL)
		reply(c->st, c->s, RPL_TRYAGAIN, c->name);
	return ch->current != NULL;
}

struct ch
cmd_ch(const struct chan *ch)
{
	invariant(ch->current != NULL);
	return (struct ch){ chan_name_fact(ch), ch->current->cinc };
}

const struct member *
cmd_member(const struct cmd *c, const struct chan *ch)
{
	const struct member *m = facts_find_member(ch, c->user);

	return m != NULL && m->shown ? m : NULL;
}

/* "This numeric can apply for different prefixes", and its text may vary
 * (modern-irc, ERR_CHANOPRIVSNEEDED): an operator is not told that they are no
 * operator. */
void
cmd_refuse(struct cmd *c, const struct chan *ch, unsigned missing)
{
	enum status s = status_of_rank(c->tables, missing);

	reply(c->st, c->s, ERR_CHANOPRIVSNEEDED, rcbuf_span(ch->name),
	    span_of(status_row(c->tables, s)->lacking));
}

bool
cmd_need_rank(struct cmd *c, const struct chan *ch, unsigned min)
{
	const struct member *m = cmd_member(c, ch);

	if (m == NULL) {
		reply(c->st, c->s, ERR_NOTONCHANNEL, rcbuf_span(ch->name));
		return false;
	}
	if (status_rank(c->tables, member_rights(m)) < min) {
		cmd_refuse(c, ch, min);
		return false;
	}
	return true;
}

bool
cmd_is_oper(const struct cmd *c)
{
	return c->user != NULL && (c->user->modes & UMB(OPER)) != 0;
}

bool
cmd_may(struct cmd *c, enum privilege p)
{
	if (c->s == NULL)
		return true;
	if (!cmd_is_oper(c)) {
		reply0(c->st, c->s, ERR_NOPRIVILEGES);
		return false;
	}
	if ((privileges_of(c->facts, c->user) >> p & 1) != 0)
		return true;
	reply(c->st, c->s, ERR_NOPRIVS, privilege_row[p].name);
	audit_log(c->st, LOG_OPER_REFUSED,
	    &(struct audit){ .by = c->user,
		.what = { c->name, cmd_arg(c, 0) },
		.why = privilege_row[p].name,
		.result = "refused" });
	return false;
}

bool
cmd_is_reserved(struct cmd *c, enum ban_kind kind, struct span name)
{
	const struct ban *b;
	size_t steps = 0;

	if (bans_count(c->facts) == 0)
		return false;
	b = bans_reserve(c->facts, kind, name, c->st->wall, &steps);
	step_spend(c->st, steps);
	if (b == NULL || (cmd_is_oper(c) && (privileges_of(c->facts, c->user) &
						PRIVB(RESV)) != 0))
		return false;
	ban_count(b);
	return true;
}

struct span
cmd_first(struct span list)
{
	struct span item = SPAN_NONE;

	while (list.n > 0 && item.n == 0)
		item = span_cut(&list, ',');
	return item;
}

bool
cmd_is_repeated(struct span list, struct span item)
{
	struct span before;

	while (list.n > 0 && list.p < item.p) {
		before = span_cut(&list, ',');
		if (before.p < item.p && casemap_eq(before, item))
			return true;
	}
	return false;
}

bool
chan_list_matches(struct cmd *c, const struct chan *ch, enum chan_mode list,
    const struct user *u, enum mask_use use)
{
	struct mask_test t;
	const struct shown_mask *m;
	bool match = false;

	/* masks that clients have not been told of yet count, too */
	if (ch->lists_postponed && ch->current != NULL &&
	    !core_mutated(c->facts, POSTPONED_BANS))
		return is_on_list(c->st, u, ch->current, list, use);
	if (ch->lists == NULL)
		return false;
	if (verdict_of(c->st, ch->current, list, false, &match))
		return match;
	t = mask_test_of(c->st, u, use);
	for (m = shown_first(ch, list); m != NULL && !match;
	     m = shown_next(m)) {
		t.steps += COST_VISIT;
		match = expiry_holds(m->expiry, c->st->wall) &&
			mask_hits(&t, mask_of(m->text));
	}
	step_spend(c->st, t.steps);
	return match;
}
