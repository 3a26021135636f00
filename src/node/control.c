/*
 * An answer is a list of records, each with keys and values. A record is
 * written as JSON or as text; the commands do not know which.
 */
#include "node/control.h"

#include <limits.h>

#include "base/ascii.h"
#include "base/siphash.h"
#include "core/census.h"
#include "core/module.h"
#include "core/types/vector.h"
#include "link/forgetting/retire.h"
#include "link/info.h"
#include "link/link.h"
#include "link/net.h"
#include "trunk/info.h"
#include "trunk/net.h"
#include "wire/record.h"
#include "wire/utf8.h"

#define LINE_MAX_BYTES ((size_t)64 * 1024)

static struct record
begin_record(struct effects *fx, bool json)
{
	struct record r;
	struct writer w;

	writer_init_arena(&w, fx->arena, LINE_MAX_BYTES);
	record_begin(&r, w, json);
	return r;
}

static void
end_record(struct record *r, struct effects *fx, uint64_t token)
{
	effects_control(fx, token, record_end(r), false);
}

/* ---- commands ------------------------------------------------------- */

struct control_call {
	struct core *core;
	struct link_net *net;
	const struct trunk_net *trunks;
	const struct event *ev;
	struct effects *fx;
	struct span argument;
	struct span text; /* of an order: the rest of the line */
	const struct control_row *row;
	bool json;
};

/* The words behind the name of a command, before `json`. */
enum control_words {
	WORDS_NONE,
	WORDS_ONE,
	WORDS_PAGE, /* the place where a page begins, or none */
	WORDS_ASK,  /* a word, `json` if given, a text; answered later */
	WORDS_TEXT, /* a word and a text, and no `json`; an entry is made */
	WORDS_ALL   /* all words are `text`, no `json`; an entry is made */
};

struct control_row {
	const char *name;
	void (*answer)(const struct control_call *);
	enum control_words words;
	/* a command of IRC that it stands for, and how many words of the text
	 * are parameters before the last one, which is the rest */
	const char *verb;
	unsigned nwords;
};

static size_t
count_up(const struct link_net *net)
{
	const struct link *l;
	size_t n = 0;

	for (size_t i = 0; (l = link_net_link(net, i)) != NULL; i++)
		n += l->state == LINK_UP;
	return n;
}

static void
status(const struct control_call *call)
{
	struct record r = begin_record(call->fx, call->json);
	const struct settings *settings = core_settings(call->core);
	const struct link_counts *links = link_net_counts(call->net);
	const struct log *log = link_net_log(call->net);
	struct origin self = core_self(call->core);
	struct core_counts counts = { 0 };

	core_counts(call->core, &counts);
	record_text(&r, "name", settings != NULL ? settings->name : SPAN(""));
	record_text(&r, "sid", sid_span(&self.sid));
	record_size(&r, "inc", self.inc);
	record_bool(&r, "ready", core_is_ready(call->core));
	record_bool(&r, "draining", core_is_draining(call->core));
	record_num(&r, "clock_ms", core_clock(call->core).ms);
	record_size(&r, "users", counts.users);
	record_size(&r, "users_local", counts.users_local);
	record_size(&r, "channels", counts.channels);
	record_size(&r, "opers", counts.opers);
	record_size(&r, "sessions", counts.sessions);
	record_size(&r, "servers", counts.servers);
	record_size(&r, "links", count_up(call->net));
	record_size(&r, "trunks", trunk_net_up(call->trunks));
	record_size(&r, "streams", trunk_net_streams(call->trunks));
	record_size(&r, "log_entries", log_end(log) - log_begin(log));
	record_size(&r, "log_bytes", log->bytes);
	record_size(&r, "jumped", links->jumped);
	record_size(&r, "snapshots_in", links->snaps_in);
	record_size(&r, "snapshots_out", links->snaps_out);
	end_record(&r, call->fx, call->ev->u.control.token);
}

static void
links(const struct control_call *call)
{
	struct link_info info;

	for (size_t i = 0; link_net_info(call->net, call->ev->now, i, &info);
	     i++) {
		struct record r = begin_record(call->fx, call->json);

		record_text(&r, "name", info.name);
		record_text(&r, "sid", sid_span(&info.sid));
		record_text(&r, "state", span_of(info.state));
		record_addr(&r, "address", &info.address);
		record_text(&r, "host", info.host);
		record_num(&r, "since_ms", info.since_ms);
		record_num(&r, "rtt_ms", info.rtt_ms);
		record_size(&r, "sent", info.sent);
		record_size(&r, "queued", info.queued);
		record_size(&r, "behind", info.behind);
		record_bool(&r, "dialled", info.dialled);
		record_bool(&r, "tls", info.tls);
		record_text(&r, "why", info.why);
		end_record(&r, call->fx, call->ev->u.control.token);
	}
}

static void
gates(const struct control_call *call)
{
	struct trunk_info info;

	for (size_t i = 0;
	     trunk_net_info(call->trunks, event_awake(call->ev), i, &info);
	     i++) {
		struct record r = begin_record(call->fx, call->json);

		record_text(&r, "name", info.name);
		record_text(&r, "region", info.region);
		record_text(&r, "state", span_of(info.state));
		record_addr(&r, "address", &info.address);
		record_num(&r, "since_ms", info.since_ms);
		record_num(&r, "rtt_ms", info.rtt_ms);
		record_size(&r, "streams", info.streams);
		record_size(&r, "lists", info.lists);
		record_size(&r, "queued", info.unsent);
		record_size(&r, "sent", info.bytes_out);
		record_size(&r, "received", info.bytes_in);
		record_size(&r, "lines_sent", info.lines_out);
		record_size(&r, "lines_received", info.lines_in);
		record_bool(&r, "tls", info.tls);
		end_record(&r, call->fx, call->ev->u.control.token);
	}
}

/* Say whether the server is to be forgotten, and then how long this server
 * still waits, or that it waits for a missing server. */
static void
record_going(struct record *r, const struct control_call *call, struct sid sid)
{
	int64_t wait_ms;

	if (!retire_is_due(call->net, event_awake(call->ev), sid, &wait_ms))
		record_text(r, "forget", SPAN("no"));
	else if (wait_ms < 0)
		record_text(r, "forget", SPAN("others-missing"));
	else {
		record_text(r, "forget", SPAN("yes"));
		record_num(r, "forget_ms", wait_ms);
	}
}

static void
servers(const struct control_call *call)
{
	const struct netmap *map = link_net_map(call->net);

	for (size_t i = 0; i < map->n; i++) {
		const struct map_server *server = &map->v[i];
		struct record r = begin_record(call->fx, call->json);

		record_text(&r, "sid", sid_span(&server->lsa.o.sid));
		record_size(&r, "inc", server->lsa.o.inc);
		record_size(&r, "visible", server->visible);
		record_bool(&r, "reachable", server->reachable);
		if (map_server_is_in_limbo(server))
			record_num(&r, "limbo_ms",
			    mono_sub_ms(server->until, event_awake(call->ev)));
		record_size(&r, "hops", server->hops);
		record_text(&r, "uplink", sid_span(&server->uplink));
		record_bool(&r, "reached", server->was_reachable);
		record_text(&r, "by", sid_span(&server->by));
		record_going(&r, call, server->lsa.o.sid);
		end_record(&r, call->fx, call->ev->u.control.token);
	}
}

static void
record_hex(struct record *r, const char *key, uint64_t value)
{
	static const char digit[] = "0123456789abcdef";
	char text[16];

	for (size_t i = sizeof(text); i-- > 0; value >>= 4)
		text[i] = digit[value & 15];
	record_text(r, key, span_make(text, sizeof(text)));
}

/* Return a number that is equal on servers which have the same entries. */
static uint64_t
sum_of(const struct vector *v)
{
	static const unsigned char key[SIPHASH_KEY] = "banyan vector 1";
	char text[64];
	struct writer w;
	uint64_t sum = 0;

	for (size_t i = 0; i < v->n; i++) {
		writer_init(&w, text, sizeof(text));
		write_origin(&w, v->v[i].o);
		writer_char(&w, ' ');
		writer_u64(&w, v->v[i].n);
		if (v->v[i].n > 0)
			sum += siphash(key, writer_done(&w));
	}
	return sum;
}

static void
facts(const struct control_call *call)
{
	struct record r = begin_record(call->fx, call->json);
	struct origin self = core_self(call->core);
	struct vector covered = { 0 };
	struct core_digest digest;

	core_digest(call->core, &digest);
	log_covered_all(link_net_log(call->net), &covered);
	record_text(&r, "sid", sid_span(&self.sid));
	record_size(&r, "facts", digest.facts);
	record_hex(&r, "digest", digest.sum);
	record_hex(&r, "entries", sum_of(&covered));
	record_size(&r, "origins", covered.n);
	end_record(&r, call->fx, call->ev->u.control.token);
	vector_fini(&covered);
}

/* Carry out an order. The answer is one line, "ok ..." or "error ...". */
static void
forget_server(const struct control_call *call)
{
	struct writer answer, why;
	struct sid sid;
	bool ok = false;

	writer_init_arena(&why, call->fx->arena, 256);
	if (!sid_parse(call->argument, &sid))
		writer_str(&why, "expected a sid, such as 1AA");
	else
		ok = retire_ask(call->net, event_awake(call->ev), sid, &why);
	writer_init_arena(&answer, call->fx->arena, 300);
	writer_str(&answer, ok ? "ok " : "error ");
	writer_span(&answer, writer_done(&why));
	effects_control(call->fx, call->ev->u.control.token,
	    writer_done(&answer), false);
}

static void
answer_line(const struct control_call *call, struct span line)
{
	effects_control(call->fx, call->ev->u.control.token, line, false);
}

/* Say from where the next page goes on. */
static void
more(const struct control_call *call, size_t at)
{
	struct writer w;

	writer_init_arena(&w, call->fx->arena, 32);
	writer_str(&w, "more ");
	writer_u64(&w, at);
	answer_line(call, writer_done(&w));
}

/* Return the place where a page begins. */
static size_t
page_at(const struct control_call *call)
{
	uint64_t at = 0;

	(void)span_u64(call->argument, &at);
	return (size_t)at;
}

static void
record_user(const struct control_call *call, const struct census_user *u)
{
	struct record r = begin_record(call->fx, call->json);

	record_text(&r, "nick", u->nick);
	record_text(&r, "uid", uid_span(&u->uid));
	record_text(&r, "user", u->ident);
	record_text(&r, "host", u->host);
	record_text(&r, "address", u->address);
	record_text(&r, "server", u->server);
	record_text(&r, "oper", u->oper);
	record_text(&r, "modes", u->modes);
	record_size(&r, "channels", u->channels);
	record_bool(&r, "away", u->away);
	record_text(&r, "realname", u->realname);
	end_record(&r, call->fx, call->ev->u.control.token);
}

static void
users(const struct control_call *call)
{
	size_t at = page_at(call), n = 0;
	struct census_user u;

	while (n < CONTROL_PAGE &&
	       census_next_user(call->core, call->fx->arena, &at, &u)) {
		n++;
		if (u.nick.n > 0)
			record_user(call, &u);
	}
	if (n == CONTROL_PAGE)
		more(call, at);
}

static void
record_chan(const struct control_call *call, const struct census_chan *c)
{
	struct record r = begin_record(call->fx, call->json);

	record_text(&r, "name", c->name);
	record_size(&r, "users", c->users);
	record_text(&r, "modes", c->modes);
	record_num(&r, "founded_ms", c->founded_ms);
	record_text(&r, "topic", c->topic);
	end_record(&r, call->fx, call->ev->u.control.token);
}

static void
channels(const struct control_call *call)
{
	size_t at = page_at(call), n = 0;
	struct census_chan c;

	while (n < CONTROL_PAGE &&
	       census_next_chan(call->core, call->fx->arena, &at, &c)) {
		n++;
		if (c.name.n > 0)
			record_chan(call, &c);
	}
	if (n == CONTROL_PAGE)
		more(call, at);
}

static size_t
leading_spaces(struct span s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] == ' ')
		n++;
	return n;
}

/* Return true if a message can have this text. */
static bool
can_be_said(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (ascii_is_control(s.p[i]))
			return false;
	return utf8_valid(s);
}

static void
kill_user(const struct control_call *call)
{
	if (call->argument.n == 0 || call->text.n == 0)
		answer_line(call, SPAN("error expected a nick and a reason"));
	else if (!can_be_said(call->text))
		answer_line(call,
		    SPAN("error the reason must be UTF-8 without control "
			 "characters"));
	else if (!core_kill(call->core, call->ev, call->argument, call->text,
		     call->fx))
		answer_line(call, SPAN("error no user has that nick"));
	else
		answer_line(call, SPAN("ok killed"));
}

/* Write the lines as one text. */
static void
write_joined(struct writer *w, struct span lines)
{
	bool any = false;

	while (lines.n > 0) {
		writer_str(w, any ? "; " : "");
		utf8_write_visible(w, span_cut(&lines, '\n'));
		any = true;
	}
}

/* Answer by the numerics of an order, one problem for each: its number, and the
 * words behind the `*`. Without a problem, answer by what was done. */
static void
answer_order(const struct control_call *call, const struct order_answer *a)
{
	struct span lines = writer_done(&a->numerics), line, number;
	struct writer w;
	bool any = false;

	while ((line = span_cut(&lines, '\n')).n > 0) {
		line.n -= line.p[line.n - 1] == '\r';
		(void)span_word(&line);
		number = span_word(&line);
		(void)span_word(&line);
		writer_init_arena(&w, call->fx->arena, LINE_MAX_BYTES);
		writer_str(&w, "problem ");
		writer_span(&w, number);
		utf8_write_visible(&w, line);
		answer_line(call, writer_done(&w));
		any = true;
	}
	writer_init_arena(&w, call->fx->arena, LINE_MAX_BYTES);
	writer_str(&w, "ok ");
	if (writer_done(&a->told).n > 0)
		write_joined(&w, writer_done(&a->told));
	else
		writer_str(&w, "done");
	answer_line(call,
	    any ? SPAN("error not all was done") : writer_done(&w));
}

/* Run the command of IRC that the row names, as this server. */
static void
order(const struct control_call *call)
{
	struct span rest = call->text;
	struct order_answer answer;
	struct writer line;

	if (!can_be_said(rest)) {
		answer_line(call,
		    SPAN("error the words must be UTF-8 without control "
			 "characters"));
		return;
	}
	writer_init_arena(&line, call->fx->arena, LINE_MAX_BYTES);
	writer_str(&line, call->row->verb);
	for (unsigned i = 0; i < call->row->nwords && rest.n > 0; i++) {
		writer_char(&line, ' ');
		writer_span(&line, span_word(&rest));
	}
	rest = span_tail(rest, leading_spaces(rest));
	if (rest.n > 0)
		writer_str(&line, " :");
	writer_span(&line, rest);
	writer_init_arena(&answer.numerics, call->fx->arena, LINE_MAX_BYTES);
	writer_init_arena(&answer.told, call->fx->arena, LINE_MAX_BYTES);
	core_order(call->core, call->ev, writer_done(&line), &answer, call->fx);
	answer_order(call, &answer);
}

/* Let the links carry out SQUIT or CONNECT, and answer with all that they
 * tell. */
static void
order_links(const struct control_call *call)
{
	struct writer order, told;
	bool done;

	if (!can_be_said(call->text)) {
		answer_line(call, SPAN("error the words must be UTF-8 without "
				       "control characters"));
		return;
	}
	writer_init_arena(&order, call->fx->arena, LINE_MAX_BYTES);
	writer_init_arena(&told, call->fx->arena, LINE_MAX_BYTES);
	writer_str(&order, call->row->verb);
	writer_char(&order, ' ');
	writer_span(&order, call->text);
	done = link_net_order(call->net, call->ev, call->fx,
	    writer_done(&order), &told);
	writer_init_arena(&order, call->fx->arena, LINE_MAX_BYTES);
	writer_str(&order, done ? "ok " : "error ");
	write_joined(&order, writer_done(&told));
	answer_line(call, writer_done(&order));
}

static void
record_ban(const struct control_call *call, const struct census_ban *b)
{
	struct record r = begin_record(call->fx, call->json);
	struct writer id;

	writer_init_arena(&id, call->fx->arena, 64);
	write_cinc(&id, b->id);
	record_text(&r, "kind", b->kind);
	record_text(&r, "mask", b->mask);
	record_text(&r, "id", writer_done(&id));
	record_text(&r, "by", b->by);
	record_num(&r, "set_ms", b->id.stamp.ms);
	record_num(&r, "ends_ms", b->expiry_ms);
	record_bool(&r, "in_force", b->in_force);
	record_bool(&r, "local", b->own);
	record_size(&r, "hits", b->hits);
	record_text(&r, "lifts", b->lifts);
	record_text(&r, "private", b->private);
	record_text(&r, "reason", b->reason);
	end_record(&r, call->fx, call->ev->u.control.token);
}

/* A page begins with a stamp, and ends between two stamps. */
static void
bans(const struct control_call *call)
{
	struct cinc at = { .stamp.ms = (int64_t)page_at(call) };
	int64_t last = at.stamp.ms;
	struct census_ban b;
	size_t n = 0;

	while (census_next_ban(call->core, call->fx->arena, call->ev->wall, &at,
	    &b)) {
		if (n++ >= CONTROL_PAGE && b.id.stamp.ms != last) {
			more(call, (size_t)b.id.stamp.ms);
			return;
		}
		last = b.id.stamp.ms;
		record_ban(call, &b);
	}
}

/* Answer what core_ban() or core_unban() said. */
static void
answer_done(const struct control_call *call, const char *why, struct span ok)
{
	struct writer w;

	writer_init_arena(&w, call->fx->arena, 256);
	writer_str(&w, "error ");
	writer_str(&w, why);
	answer_line(call, why == NULL ? ok : writer_done(&w));
}

static void
ban(const struct control_call *call)
{
	answer_done(call,
	    !can_be_said(call->text)
		? "the reason must be UTF-8 without control characters"
		: core_ban(call->core, call->ev, call->argument, call->text,
		      call->fx),
	    SPAN("ok banned"));
}

static void
unban(const struct control_call *call)
{
	answer_done(call,
	    core_unban(call->core, call->ev, call->argument, call->text,
		call->fx),
	    SPAN("ok removed"));
}

/* Ask a server. Its answer ends the connection. */
static void
ask_server(const struct control_call *call)
{
	const struct control_question q = { .token = call->ev->u.control.token,
		.server = call->argument,
		.line = call->text,
		.json = call->json };
	const char *why = can_be_said(call->text)
			      ? core_ask(call->core, call->ev, &q, call->fx)
			      : "the words must be UTF-8 without control "
				"characters";
	struct writer w;

	if (why == NULL)
		return;
	writer_init_arena(&w, call->fx->arena, 256);
	writer_str(&w, "error ");
	writer_str(&w, why);
	effects_control(call->fx, q.token, writer_done(&w), true);
}

/* Let no clients come any more, or let them come again. */
static void
drain(const struct control_call *call)
{
	bool on = span_eq(call->argument, SPAN("on"));

	if (!on && !span_eq(call->argument, SPAN("off"))) {
		answer_line(call, SPAN("error expected on or off"));
		return;
	}
	if (on != core_is_draining(call->core))
		core_set_draining(call->core, call->ev, on, call->fx);
	answer_line(call, on ? SPAN("ok no new clients are taken")
			     : SPAN("ok new clients are taken"));
}

static void
modules(const struct control_call *call)
{
	const struct settings *set = core_settings(call->core);
	const struct module *m;
	struct record r;
	struct writer w;

	for (size_t i = 0; i < set->nmodule; i++) {
		m = set->module[i];
		r = begin_record(call->fx, call->json);
		writer_init_arena(&w, call->fx->arena, 4096);
		module_adds(&w, m);
		record_text(&r, "name", span_of(m->name));
		record_text(&r, "version", span_of(m->version));
		record_text(&r, "adds", writer_done(&w));
		record_text(&r, "purpose", span_of(m->purpose));
		end_record(&r, call->fx, call->ev->u.control.token);
	}
}

static const struct control_row control_row[] = {
	{ "status", status, WORDS_NONE, NULL, 0 },
	{ "links", links, WORDS_NONE, NULL, 0 },
	{ "gates", gates, WORDS_NONE, NULL, 0 },
	{ "servers", servers, WORDS_NONE, NULL, 0 },
	{ "facts", facts, WORDS_NONE, NULL, 0 },
	{ "modules", modules, WORDS_NONE, NULL, 0 },
	{ "users", users, WORDS_PAGE, NULL, 0 },
	{ "channels", channels, WORDS_PAGE, NULL, 0 },
	{ "forget", forget_server, WORDS_ONE, NULL, 0 },
	{ "drain", drain, WORDS_ONE, NULL, 0 },
	{ "bans", bans, WORDS_PAGE, NULL, 0 },
	{ "ban", ban, WORDS_TEXT, NULL, 0 },
	{ "unban", unban, WORDS_TEXT, NULL, 0 },
	{ "kill", kill_user, WORDS_TEXT, NULL, 0 },
	{ "samode", order, WORDS_ALL, "SAMODE", UINT_MAX },
	{ "sajoin", order, WORDS_ALL, "SAJOIN", 2 },
	{ "sapart", order, WORDS_ALL, "SAPART", 2 },
	{ "sanick", order, WORDS_ALL, "SANICK", 1 },
	{ "remove", order, WORDS_ALL, "REMOVE", 2 },
	{ "connect", order_links, WORDS_ALL, "CONNECT", 0 },
	{ "squit", order_links, WORDS_ALL, "SQUIT", 0 },
	{ "globops", order, WORDS_ALL, "GLOBOPS", 0 },
	{ "wallops", order, WORDS_ALL, "WALLOPS", 0 },
	{ "ask", ask_server, WORDS_ASK, NULL, 0 },
};

static void
read_words(struct control_call *call, enum control_words words,
    struct span rest)
{
	struct span whole = rest, word = span_word(&rest);
	bool page = words == WORDS_PAGE && !span_eq(word, SPAN("json"));

	if (words == WORDS_ONE || words == WORDS_TEXT || page) {
		call->argument = word;
		call->text = span_tail(rest, leading_spaces(rest));
		word = words == WORDS_TEXT ? SPAN_NONE : span_word(&rest);
	}
	if (words == WORDS_ASK) {
		call->argument = word;
		call->text = span_tail(rest, leading_spaces(rest));
		word = span_word(&rest);
		if (span_eq(word, SPAN("json")))
			call->text = span_tail(rest, leading_spaces(rest));
	}
	if (words == WORDS_ALL)
		call->text = span_tail(whole, leading_spaces(whole));
	else
		call->json = span_eq(word, SPAN("json"));
}

void
control_answer(struct core *core, struct link_net *net,
    const struct trunk_net *trunks, const struct event *ev, struct effects *fx)
{
	struct control_call call = {
		.core = core, .net = net, .trunks = trunks, .ev = ev, .fx = fx
	};
	struct span rest = ev->u.control.line;
	struct span name = span_word(&rest);
	const struct control_row *row = NULL;

	for (size_t i = 0; i < sizeof(control_row) / sizeof(control_row[0]);
	     i++)
		if (span_eq(name, span_of(control_row[i].name)))
			row = &control_row[i];
	if (row == NULL) {
		effects_control(fx, ev->u.control.token,
		    SPAN("unknown command"), true);
		return;
	}
	call.row = row;
	read_words(&call, row->words, rest);
	/* the first entry of a run has its READY (link-protocol.md, 6.16) */
	if (row->words >= WORDS_TEXT && !core_is_ready(core))
		answer_line(&call,
		    SPAN("error the server is not ready yet; try again later"));
	else
		row->answer(&call);
	if (row->words != WORDS_ASK)
		effects_control(fx, ev->u.control.token, SPAN_NONE, true);
}
