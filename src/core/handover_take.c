/*
 * A new core takes the lines of handover_give.c. Each fact is merged as that
 * of a snapshot. When `facts` comes, users of the runs that were seen are
 * shown. No session is there by then, and modules are not told. So nobody hears
 * of it.
 *
 * The text comes from this program or an earlier one, and has a hash. All the
 * same, each line is checked: a later version may write what this one does not
 * expect.
 */
#include "core/handover.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/answers/usage.h"
#include "core/answers/whowas.h"
#include "core/client.h"
#include "core/facts/bans.h"
#include "core/facts/facts_write.h"
#include "core/facts/memory.h"
#include "core/install.h"
#include "core/part/ban.h"
#include "core/postpone_lists.h"
#include "core/registration.h"
#include "core/sessions/audience.h"
#include "core/sessions/given_key.h"
#include "core/sessions/hold.h"
#include "core/sessions/monitor.h"
#include "core/sessions/reading.h"
#include "core/sessions/timer.h"
#include "core/sessions/wait.h"
#include "core/show/show_member.h"
#include "core/snap_facts.h"
#include "core/snapshot.h"
#include "core/state.h"

#define PIECE ((size_t)256 * 1024)    /* of facts, compressed at once */
#define STAMP_ROOM (INT64_C(1) << 40) /* stamps that were made, at most */
#define SLOTS_MAX ((uint32_t)1 << 24)
#define HOSTS_MAX 1024
#define WATCHES_MAX 10000

/* The lines come in this order of stages. */
enum stage { STAGE_NONE, STAGE_RUN, STAGE_FACTS, STAGE_SHOWN };

struct core_taking {
	struct core *core;
	struct event ev; /* EV_CONF */
	const unsigned char *seed;
	struct effects *fx;
	struct effects own; /* of this taking, which nobody carries out */
	struct step st;
	enum stage stage;
	uint64_t nfacts;
	struct span user;	 /* a line +USER that waits for the next line */
	struct session *session; /* the last one that came */
	size_t lost;		 /* blocks of modules that are not here */
};

#define WRONG "a word is missing, or has another form"

/* ---- the run ------------------------------------------------------------- */

static const char *
take_run(struct core_taking *t, struct span rest)
{
	struct event seed = { .kind = EV_SEED,
		.now = t->ev.now,
		.wall = t->ev.wall,
		.paused_ns = t->ev.paused_ns };
	unsigned char key[sizeof(t->core->key)];
	struct origin self;

	if (!hand_origin(&rest, &self) ||
	    !hand_bytes(&rest, key, sizeof(key)) || !hand_done(rest))
		return WRONG;
	if (sid_cmp(self.sid, t->ev.u.conf.settings->sid) != 0)
		return "the text is that of another server";
	memcpy(seed.u.seed.seed, t->seed, sizeof(seed.u.seed.seed));
	seed.u.seed.inc = self.inc;
	seed.u.seed.key = key;
	core_step(t->core, &seed, t->fx);
	core_step(t->core, &t->ev, t->fx);
	step_begin(&t->st, t->core, &t->ev, &t->own);
	t->core->takes = t->core->took = true;
	t->stage = STAGE_RUN;
	return NULL;
}

static const char *
take_made(struct core_taking *t, struct span rest)
{
	struct core *c = t->core;

	if (!hand_u64(&rest, &c->last_n) ||
	    !hand_stamp(&rest, &c->last_stamp) ||
	    !hand_u64(&rest, &c->unchan_n) || !hand_u64(&rest, &c->adopted_n) ||
	    !hand_done(rest) || c->last_n > DOT_N_MAX)
		return WRONG;
	c->applied_n = c->last_n;
	return NULL;
}

static const char *
take_clock(struct core_taking *t, struct span rest)
{
	struct core *c = t->core;

	return hand_stamp(&rest, &c->hlc) && hand_stamp(&rest, &c->parted) &&
		       hand_done(rest)
		   ? NULL
		   : WRONG;
}

static const char *
take_uids(struct core_taking *t, struct span rest)
{
	struct core *c = t->core;

	return hand_u64(&rest, &c->uid_next) && hand_u64(&rest, &c->uid_upto) &&
		       hand_done(rest)
		   ? NULL
		   : WRONG;
}

static const char *
take_tokens(struct core_taking *t, struct span rest)
{
	return hand_u64(&rest, &t->core->next_token) && hand_done(rest) ? NULL
									: WRONG;
}

static const char *
take_outside(struct core_taking *t, struct span rest)
{
	t->core->outside = true;
	return hand_done(rest) ? NULL : WRONG;
}

static const char *
take_figures(struct core_taking *t, struct span rest)
{
	struct core *c = t->core;
	uint64_t local, global, conns;

	if (!hand_i64(&rest, &c->started.ms) || !hand_u64(&rest, &local) ||
	    !hand_u64(&rest, &global) || !hand_u64(&rest, &conns) ||
	    !hand_u64(&rest, &c->nlines) || !hand_u64(&rest, &c->nmessages) ||
	    !hand_u64(&rest, &c->nopened) || !hand_done(rest))
		return WRONG;
	c->max_local = local;
	c->max_global = global;
	c->max_conns = conns;
	return NULL;
}

static const char *
take_use(struct core_taking *t, struct span rest)
{
	uint64_t n, bytes;
	struct span name;

	if (!hand_word(&rest, &name) || !hand_u64(&rest, &n) ||
	    !hand_u64(&rest, &bytes) || !hand_done(rest))
		return WRONG;
	usage_set(t->core, name, n, bytes);
	return NULL;
}

/* ---- facts --------------------------------------------------------------- */

static const char *
take_seen(struct core_taking *t, struct span rest)
{
	struct sid uplink, next;
	struct server *s;
	struct origin o;
	uint32_t hops;

	if (!hand_origin(&rest, &o) || !hand_sid_or_none(&rest, &uplink) ||
	    !hand_u32(&rest, &hops) || !hand_sid_or_none(&rest, &next) ||
	    !hand_done(rest))
		return WRONG;
	if (sid_cmp(o.sid, t->core->self.sid) == 0)
		return "this server itself is not seen";
	s = facts_server(&t->core->facts, o.sid);
	s->visible = o.inc;
	s->limbo = true; /* the links say until when */
	s->until = t->st.awake;
	s->uplink = uplink;
	s->hops = hops;
	s->next = next;
	return NULL;
}

static void
merge_line(struct core_taking *t, const struct snap_item *item, bool has_home)
{
	while (!install_merge(&t->st, item, has_home))
		;
}

/* Merge the +USER that waits, now that the line behind it is known: its +HOME,
 * if it has one. */
static void
merge_waiting(struct core_taking *t, const struct snap_item *next)
{
	struct snap_item item;
	bool has_home;

	if (t->user.n == 0)
		return;
	(void)snap_item_parse(t->user, t->own.arena, &item);
	has_home = next != NULL && next->part.id == PART_HOME &&
		   uid_cmp(next->part.u.home.uid, item.part.u.user.uid) == 0;
	t->user = SPAN_NONE;
	merge_line(t, &item, has_home);
}

static const char *
take_fact(struct core_taking *t, struct span line)
{
	const struct core *c = t->core;
	struct snap_item item;
	const char *why;

	if (line.n > ENTRY_LINE_MAX - 2)
		return "a line is too long";
	if (++t->nfacts % 1024 == 0)
		arena_reset(t->own.arena);
	if ((why = snap_item_parse(line, t->own.arena, &item)) != NULL)
		return why;
	if (origin_cmp(item.dot.o, c->self) == 0 && item.dot.n > c->last_n)
		return "a fact of an entry that this server has not made";
	merge_waiting(t, &item);
	if (item.part.id == PART_USER)
		t->user = line;
	else
		merge_line(t, &item, false);
	return NULL;
}

/* Show what has to come in slices, such as long lists. */
static void
show_rest(struct core_taking *t)
{
	struct core *c = t->core;

	while (postpone_lists_any(c)) {
		work_remove(&c->lists_item);
		work_renew(&c->work, INT32_MAX);
		c->lists_item.run(&c->lists_item, &t->st);
	}
}

static const char *
take_facts(struct core_taking *t, struct span rest)
{
	static const struct vector none;
	struct event ev = t->ev;
	uint64_t n;

	if (!hand_u64(&rest, &n) || !hand_done(rest))
		return WRONG;
	if (n != t->nfacts)
		return "facts are missing";
	/* or the next stamps could not be later ones */
	if (t->core->last_stamp.ms > t->core->hlc.ms ||
	    t->core->hlc.ms > STAMP_SEEN_MAX + STAMP_ROOM)
		return "a clock that cannot be";
	merge_waiting(t, NULL);
	ev.kind = EV_TICK;
	/* a snapshot without lines looks at all facts, and shows them */
	core_install_whole(t->core, &ev, snap_facts_new(t->core, 0), &none,
	    &none, &t->own);
	effects_clear(&t->own);
	step_begin(&t->st, t->core, &t->ev, &t->own);
	show_rest(t);
	t->stage = STAGE_SHOWN;
	return NULL;
}

static const char *
take_own_ban(struct core_taking *t, struct span rest)
{
	struct ban_text text;
	struct span line;

	if (!hand_text(&rest, &line) || line.n > PART_LINE_MAX ||
	    !ban_parse(line, &text))
		return WRONG;
	bans_add_own(&t->core->facts, line);
	return NULL;
}

static const char *
take_hits(struct core_taking *t, struct span rest)
{
	const struct ban *b;
	struct span word;
	struct cinc id;
	uint64_t n;

	if (!hand_word(&rest, &word) || !cinc_parse(word, &id) ||
	    !hand_u64(&rest, &n) || !hand_done(rest))
		return WRONG;
	b = bans_find(&t->core->facts, id);
	if (b != NULL)
		ban_set_hits(b, n);
	return NULL;
}

/* Find the channel that a line names and, if it names a user, the membership.
 * *m is NULL if the channel itself is meant. */
static bool
find_marked(struct core_taking *t, struct span rest, struct chan **ch,
    struct member **m)
{
	const struct facts *f = &t->core->facts;
	struct span name, word;
	struct user *u;
	struct uid uid;

	*m = NULL;
	if (!hand_word(&rest, &name) || !hand_word(&rest, &word) ||
	    !hand_done(rest) || (*ch = facts_find_chan(f, name)) == NULL)
		return false;
	if (word.n == 0)
		return true;
	if (!uid_parse(word, &uid) || (u = facts_find_uid(f, uid)) == NULL)
		return false;
	*m = facts_find_member(*ch, u);
	return *m != NULL && (*m)->shown;
}

static const char *
take_keyless(struct core_taking *t, struct span rest)
{
	struct chan *ch;
	struct member *m;

	if (!find_marked(t, rest, &ch, &m))
		return "a channel or a membership that does not exist";
	if (m != NULL)
		m->keyless = true;
	else
		ch->keyless = true;
	return NULL;
}

static const char *
take_unveiled(struct core_taking *t, struct span rest)
{
	struct chan *ch;
	struct member *m;

	if (!find_marked(t, rest, &ch, &m) || m == NULL)
		return "a membership that does not exist";
	if (m->veiled)
		show_member_seen(&t->st, m);
	return NULL;
}

/* ---- sessions ------------------------------------------------------------ */

static bool
take_conn_flag(char flag, struct conn *x)
{
	switch (flag) {
	case 't':
		x->tls = true;
		return true;
	case 'g':
		x->handed_on = true;
		return true;
	case 'n':
		x->named = true;
		return true;
	case 'p':
		x->pinged = true;
		return true;
	case 'e':
		x->ended = true;
		return true;
	default:
		return false;
	}
}

static bool
take_flags(struct span flags, struct session *s)
{
	struct session_more *more;

	for (size_t i = 0; i < flags.n; i++)
		switch (flags.p[i]) {
		case '3':
			s->cap_302 = true;
			break;
		case 's':
			s->shunned = true;
			break;
		case 'h':
		case 'H':
			more = session_get_more(s);
			more->hidden |= flags.p[i] == 'h';
			more->hidden_name |= flags.p[i] == 'H';
			break;
		default:
			if (s->conn == NULL ||
			    !take_conn_flag(flags.p[i], s->conn))
				return false;
		}
	return true;
}

struct words_of_client {
	struct conn_id id;
	struct session_id session;
	struct addr addr;
	struct span flags, cipher;
	uint64_t c;
	int64_t t0, spoke;
	struct mono opened, heard;
};

static bool
read_client(struct core_taking *t, struct span rest, struct words_of_client *x)
{
	struct span session, addr;

	if (!hand_u32(&rest, &x->id.slot) || !hand_u32(&rest, &x->id.gen) ||
	    !hand_word(&rest, &session) ||
	    !session_id_parse(session, &x->session) ||
	    !hand_word(&rest, &addr) || !addr_parse(addr, &x->addr) ||
	    !hand_word(&rest, &x->flags) || !hand_u64(&rest, &x->c) ||
	    !hand_i64(&rest, &x->t0) || !hand_i64(&rest, &x->spoke) ||
	    !hand_ago(&rest, t->st.awake, &x->opened) ||
	    !hand_ago(&rest, t->st.awake, &x->heard))
		return false;
	x->cipher = SPAN_NONE;
	return hand_done(rest) || hand_text(&rest, &x->cipher);
}

/* Make the connection and its session. */
static struct session *
make_session(struct core_taking *t, const struct words_of_client *w)
{
	struct core *c = t->core;
	struct conn *x = pool_take(&c->conn_pool);
	struct session *s = pool_take(&c->session_pool);

	x->id = w->id;
	x->addr = w->addr;
	if (w->cipher.n > 0)
		x->cipher = rcbuf_new(w->cipher);
	x->flood_tat = x->parts_tat = x->nick_tat = x->join_tat = t->st.now;
	x->opened = w->opened;
	x->heard = w->heard;
	x->due = MONO_NEVER;
	x->session = s;
	s->conn = x;
	s->id = w->session;
	s->c = w->c;
	s->t0 = w->t0;
	s->spoke.ms = w->spoke;
	core_add_conn(c, x);
	admission_add(&c->addresses, &x->addr);
	x->class = settings_class(c->settings, &x->addr);
	return s;
}

/* Put the session on the network, where its user is already. */
static void
attach(struct core_taking *t, struct session *s, struct user *u)
{
	struct core *c = t->core;

	session_attach(s, u);
	show_members_attach(&t->st, u);
	reading_user(&t->st, u);
	if (++c->nlocal > c->max_local)
		c->max_local = c->nlocal;
	audience_changed(c);
}

static const char *
take_client(struct core_taking *t, struct span rest)
{
	struct words_of_client w;
	struct core *c = t->core;
	struct session *s;
	struct user *u;

	if (!read_client(t, rest, &w))
		return WRONG;
	if (w.id.gen == 0 || w.id.slot > SLOTS_MAX)
		return "a connection that cannot be";
	if (w.id.slot < c->conns.n && c->conns.v[w.id.slot] != NULL)
		return "a connection that is there already";
	u = facts_find_uid(&c->facts, w.session.uid);
	if (u == NULL || !core_is_home(c, u) || !u->shown)
		return "a client without a user of this server";
	if (core_find_session(c, w.session) != NULL)
		return "a session that is there already";
	t->session = s = make_session(t, &w);
	attach(t, s, u);
	return take_flags(w.flags, s) ? NULL : "a flag that does not exist";
}

/* A user whose connection an earlier restart has ended (core/held.h). */
static const char *
take_held(struct core_taking *t, struct span rest)
{
	struct core *c = t->core;
	struct session_id id;
	struct span session, flags;
	struct session *s;
	struct user *u;
	uint64_t n;
	int64_t spoke, left;

	if (!hand_word(&rest, &session) || !session_id_parse(session, &id) ||
	    !hand_word(&rest, &flags) || !hand_u64(&rest, &n) ||
	    !hand_i64(&rest, &spoke) || !hand_i64(&rest, &left) ||
	    !hand_done(rest) || left < 0 || left > HOLD_MAX_MS)
		return WRONG;
	u = facts_find_uid(&c->facts, id.uid);
	if (u == NULL || !core_is_home(c, u) || !u->shown)
		return "a held user who is not one of this server";
	if (!LIST_EMPTY(&u->sessions))
		return "a session that is there already";
	t->session = s = pool_take(&c->session_pool);
	s->id = id;
	s->c = n;
	s->spoke.ms = spoke;
	attach(t, s, u);
	hold_begin(&t->st, s, left);
	return take_flags(flags, s) ? NULL : "a flag that does not exist";
}

/* A message to the user of the last `held`. */
static const char *
take_kept(struct core_taking *t, struct span rest)
{
	struct hold *h = session_hold(t->session);
	struct line l = { 0 };
	struct stamp at;
	uint64_t text;

	if (h == NULL || !hand_stamp(&rest, &at) || !hand_u64(&rest, &text) ||
	    !hand_word(&rest, &l.msgid) || !hand_word(&rest, &l.tags) ||
	    !hand_text(&rest, &l.body) || l.body.n == 0 || text > l.body.n)
		return WRONG;
	l.text = (size_t)text;
	(void)hold_keep_from(t->core, h, &l, at);
	return NULL;
}

static const char *
take_caps(struct core_taking *t, struct span rest)
{
	const struct core *c = t->core;
	uint64_t offered = caps_offered(&c->tables, c->settings);
	struct span name;
	enum cap cap;

	while (hand_word(&rest, &name)) {
		cap = cap_find(&c->tables, name);
		if (cap != CAP_NONE && (offered >> cap & 1) != 0)
			t->session->caps |= UINT64_C(1) << cap;
	}
	audience_changed(t->core);
	return hand_done(rest) ? NULL : WRONG;
}

static const char *
take_hosts(struct core_taking *t, struct span rest)
{
	struct session_more *more = session_get_more(t->session);
	struct span hosts;

	if (!hand_text(&rest, &hosts) || hosts.n == 0 || hosts.n > HOSTS_MAX)
		return WRONG;
	rcbuf_unref(more->hosts);
	more->hosts = rcbuf_new(hosts);
	return NULL;
}

static const char *
take_keys(struct core_taking *t, struct span rest)
{
	uint64_t hash;

	while (!hand_done(rest)) {
		if (!hand_u64(&rest, &hash))
			return WRONG;
		given_key_put(t->session, hash);
	}
	return NULL;
}

static const char *
take_watch(struct core_taking *t, struct span rest)
{
	struct span nick;

	if (!hand_text(&rest, &nick) || nick.n == 0 ||
	    nick.n > CHAINS_KEY_MAX || monitor_count(t->session) >= WATCHES_MAX)
		return WRONG;
	(void)monitor_add(t->core, t->session, nick);
	return NULL;
}

/* ---- what modules remember ----------------------------------------------- */

static const struct memory_row *
find_row(const struct tables *t, struct span name, uint64_t of, uint64_t size)
{
	for (unsigned i = 0; i < t->nmemory; i++)
		if (t->memory[i] != NULL &&
		    span_eq(span_of(t->memory[i]->name), name) &&
		    t->memory[i]->of == of && t->memory[i]->size == size)
			return t->memory[i];
	return NULL;
}

/* Return the block of the row for that owner, or NULL if there is no such
 * owner. */
static void *
get_block(const struct facts *f, const struct memory_row *row,
    struct span owner)
{
	const struct user *u;
	const struct chan *ch;
	struct uid uid;

	switch (row->of) {
	case MEMORY_USER:
		u = uid_parse(owner, &uid) ? facts_find_uid(f, uid) : NULL;
		return u == NULL ? NULL : memory_get_user(f, row, u);
	case MEMORY_CHAN:
		ch = facts_find_chan(f, owner);
		return ch == NULL ? NULL : memory_get_chan(f, row, ch);
	case MEMORY_NICK:
		return owner.n == 0 ? NULL : memory_get_nick(f, row, owner);
	case MEMORY_SERVER:
		return memory_get_server(f, row);
	}
	return NULL;
}

static const char *
take_memory(struct core_taking *t, struct span rest)
{
	const struct facts *f = &t->core->facts;
	const struct memory_row *row;
	struct span name, owner;
	uint64_t of, size;
	void *bytes;

	if (!hand_word(&rest, &name) || !hand_u64(&rest, &of) ||
	    !hand_u64(&rest, &size) || !hand_word(&rest, &owner))
		return WRONG;
	row = find_row(f->tables, name, of, size);
	if (row == NULL) {
		t->lost++;
		return NULL;
	}
	bytes = get_block(f, row, owner);
	if (bytes == NULL)
		return "a block of nobody";
	return hand_bytes(&rest, bytes, row->size) && hand_done(rest) ? NULL
								      : WRONG;
}

static const char *
take_was(struct core_taking *t, struct span rest)
{
	struct was_words x;
	uint64_t shows_ip;

	if (!hand_i64(&rest, &x.gone.ms) || !hand_u64(&rest, &shows_ip) ||
	    !hand_word(&rest, &x.nick) || !hand_word(&rest, &x.username) ||
	    !hand_word(&rest, &x.host) || !hand_word(&rest, &x.ip) ||
	    !hand_word(&rest, &x.server) || !hand_text(&rest, &x.realname))
		return WRONG;
	x.shows_ip = shows_ip != 0;
	whowas_put(t->core, &x);
	return NULL;
}

/* ---- all lines ----------------------------------------------------------- */

static const struct taker {
	const char *verb;
	enum stage from, to; /* it may come in these stages */
	bool of_session;
	const char *(*take)(struct core_taking *, struct span rest);
} takers[] = {
	{ "run", STAGE_NONE, STAGE_NONE, false, take_run },
	{ "made", STAGE_RUN, STAGE_RUN, false, take_made },
	{ "clock", STAGE_RUN, STAGE_RUN, false, take_clock },
	{ "uids", STAGE_RUN, STAGE_RUN, false, take_uids },
	{ "tokens", STAGE_RUN, STAGE_RUN, false, take_tokens },
	{ "outside", STAGE_RUN, STAGE_RUN, false, take_outside },
	{ "seen", STAGE_RUN, STAGE_RUN, false, take_seen },
	{ "facts", STAGE_RUN, STAGE_FACTS, false, take_facts },
	{ "own-ban", STAGE_SHOWN, STAGE_SHOWN, false, take_own_ban },
	{ "hits", STAGE_SHOWN, STAGE_SHOWN, false, take_hits },
	{ "keyless", STAGE_SHOWN, STAGE_SHOWN, false, take_keyless },
	{ "unveiled", STAGE_SHOWN, STAGE_SHOWN, false, take_unveiled },
	{ "client", STAGE_SHOWN, STAGE_SHOWN, false, take_client },
	{ "held", STAGE_SHOWN, STAGE_SHOWN, false, take_held },
	{ "kept", STAGE_SHOWN, STAGE_SHOWN, true, take_kept },
	{ "caps", STAGE_SHOWN, STAGE_SHOWN, true, take_caps },
	{ "hosts", STAGE_SHOWN, STAGE_SHOWN, true, take_hosts },
	{ "keys", STAGE_SHOWN, STAGE_SHOWN, true, take_keys },
	{ "watch", STAGE_SHOWN, STAGE_SHOWN, true, take_watch },
	{ "memory", STAGE_SHOWN, STAGE_SHOWN, false, take_memory },
	{ "was", STAGE_SHOWN, STAGE_SHOWN, false, take_was },
	{ "figures", STAGE_SHOWN, STAGE_SHOWN, false, take_figures },
	{ "use", STAGE_SHOWN, STAGE_SHOWN, false, take_use },
};

static const struct taker *
find_taker(struct span verb)
{
	for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++)
		if (span_eq(span_of(takers[i].verb), verb))
			return &takers[i];
	return NULL;
}

static bool
is_fact(struct span verb)
{
	return verb.n > 0 && verb.p[0] == '@';
}

struct core_taking *
core_take_begin(struct core *c, const struct event *ev,
    const unsigned char seed[32], struct effects *fx)
{
	struct core_taking *t = mem_zalloc(sizeof(*t));

	t->core = c;
	t->ev = *ev;
	t->seed = seed;
	t->fx = fx;
	effects_init(&t->own);
	return t;
}

bool
core_take_has(struct span verb)
{
	return is_fact(verb) || find_taker(verb) != NULL;
}

const char *
core_take_line(struct core_taking *t, struct span verb, struct span rest)
{
	const struct taker *x;

	if (is_fact(verb)) {
		if (t->stage != STAGE_RUN && t->stage != STAGE_FACTS)
			return "a line out of its order";
		t->stage = STAGE_FACTS;
		/* the verb is the beginning of the line */
		return take_fact(t, span_make(verb.p, verb.n + rest.n));
	}
	x = find_taker(verb);
	if (t->stage < x->from || t->stage > x->to)
		return "a line out of its order";
	if (x->of_session && t->session == NULL)
		return "a line of no session";
	return x->take(t, rest);
}

/* Let each client go on. */
static void
let_go_on(struct core_taking *t)
{
	struct step st;
	struct conn *x;

	step_begin(&st, t->core, &t->ev, t->fx);
	for (uint32_t i = 0; (x = core_next_conn(t->core, &i)) != NULL;) {
		effects_queues(t->fx, x->id, x->class);
		client_ping(&st, x);
		timer_set(t->core, x, st.now);
	}
}

static void
tell_lost(const struct core_taking *t)
{
	struct writer w;

	writer_init_arena(&w, t->fx->arena, 24);
	writer_u64(&w, t->lost);
	effects_logf(t->fx, LOG_MEMORY_LOST, { "blocks", writer_done(&w) });
}

const char *
core_take_end(struct core_taking *t, bool failed)
{
	const char *why = NULL;

	if (!failed && t->stage != STAGE_SHOWN)
		why = "lines are missing";
	if (!failed && why == NULL) {
		t->core->takes = false;
		t->core->ready = true;
		t->core->looks = true; /* when the log takes entries */
		bans_stir(&t->core->facts);
		let_go_on(t);
		if (t->lost > 0)
			tell_lost(t);
		effects_deadline(t->fx, t->ev.now);
	}
	effects_fini(&t->own);
	free(t);
	return why;
}
