/*
 * A line for many streams is copied once, into a buffer that the queues of all
 * their connections share; net/ writes these at the end of the turn.
 *
 * The lines of a server are taken in pieces, so that a busy trunk does not keep
 * the loop from clients and from other trunks: a piece ends after so much work,
 * and the rest stays unread for a turn. A server that means evil may send lines
 * that cost much, so it is their work that counts.
 *
 * Lines for streams that have ended are passed over (5.6): the server may not
 * have read CLOSED yet.
 */
#include "gate/trunk.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "gate/client.h"
#include "gate/figures.h"
#include "gate/peers.h"
#include "gate/server.h"
#include "host/sockaddr.h"
#include "net/dial.h"
#include "place/ask.h"
#include "wire/utf8.h"
#include "wire/words.h"

#define SETUP_MS 10000	 /* connecting and TLS together */
#define BEAT_MS 1000	 /* at least once in 2 seconds (4.4) */
#define SILENCE_MS 20000 /* part 8 */
#define SENDQ_MAX ((size_t)64 * 1024 * 1024)
#define RECVQ_MAX ((size_t)256 * 1024)
#define WORK_PER_TURN 65536 /* some ms: lines, words, seats, deliveries */
#define WORK_OF_GONE 256    /* a connection is closed */
#define WORK_OF_GRANT 64    /* if lines of the client wait for it */
#define TELL_MAX 64	    /* bytes of a line that breaks a rule */
#define QUESTION_MAX 512    /* bytes of the words of PLACE */
#define LINE_OUT_MAX 8192   /* bytes: the longest is CMD with its tags */

#define OF_MEMBER(p, type, member) \
	((type *)(void *)((char *)(p)-offsetof(type, member)))

/* ---- sending ------------------------------------------------------------- */

struct line {
	struct writer w;
	char text[LINE_OUT_MAX];
};

static void
line_begin(struct line *l)
{
	writer_init(&l->w, l->text, sizeof(l->text));
}

static void
line_send(struct trunk *t, struct line *l)
{
	if (t->stream != NULL)
		stream_send_bytes(t->stream, writer_done(&l->w));
}

void
trunk_send_line(struct client *x, struct span line, unsigned int wrong)
{
	struct line l;

	line_begin(&l);
	trunkline_cmd(&l.w, x->seat->s, ++x->c, line, wrong);
	x->gate->count.lines_in++;
	line_send(x->trunk, &l);
}

void
trunk_send_closed(struct client *x, struct span why)
{
	struct line l;

	if (x->seat == NULL)
		return;
	line_begin(&l);
	trunkline_closed(&l.w, x->seat->s, why);
	line_send(x->trunk, &l);
}

void
trunk_send_of(struct client *x, const char *verb)
{
	struct line l;

	if (x->seat == NULL)
		return;
	line_begin(&l);
	trunkline_of(&l.w, verb, x->seat->s);
	line_send(x->trunk, &l);
}

void
trunk_ask(struct trunk *t, uint64_t q, const struct place_who *who)
{
	char words[QUESTION_MAX];
	struct writer w;
	struct line l;

	writer_init(&w, words, sizeof(words));
	place_question_build(&w, who);
	line_begin(&l);
	trunkline_place(&l.w, q, writer_done(&w));
	line_send(t, &l);
}

static void
send_beat(struct trunk *t)
{
	struct mono now = loop_now(t->gate->loop);
	uint64_t ms = (uint64_t)(now.ns / NS_PER_MS);
	struct line l;

	t->t = ms > t->t ? ms : t->t + 1;
	line_begin(&l);
	trunkline_beat(&l.w, t->t, t->echo,
	    (uint64_t)mono_sub_ms(now, t->echo_at));
	line_send(t, &l);
}

/* ---- the end ------------------------------------------------------------- */

/* How a trunk ends. */
struct end {
	const char *by;
	struct span code; /* of ERROR; or empty */
	struct span why;
};

/* A server that says nothing has refused nothing. */
static bool
is_refusal(const struct end *e)
{
	return e->code.n > 0 && !span_eq(e->code, SPAN("silent"));
}

static enum log_row
row_of(const struct trunk *t, const struct end *e)
{
	if (!mono_is_never(t->up_at))
		return LOG_GATE_TRUNK_DOWN;
	return is_refusal(e) ? LOG_GATE_TRUNK_REFUSED : LOG_GATE_TRUNK_FAILED;
}

static void
log_end(const struct trunk *t, const struct end *e)
{
	char text[ADDR_TEXT];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	addr_build(&w, &t->addr);
	logger_with(&t->gate->log, row_of(t, e), { "server", span_of(t->name) },
	    { "address", writer_done(&w) }, { "code", e->code },
	    { "by", span_of(e->by) }, { "reason", e->why });
}

/* The connection has ended, or is about to. Clients are told why. */
static void
has_ended(struct trunk *t, struct span why)
{
	struct span cut = utf8_cut(why, TRUNK_WHY_MAX);

	memcpy(t->why, cut.p, cut.n);
	t->why[cut.n] = '\0';
	t->stream = NULL;
	t->state = TRUNK_HAS_ENDED;
	figures_end(t);
	peers_drop(t);
	placing_trunk_ended(t);
	loop_timer_clear(t->gate->loop, &t->beat);
	loop_timer_clear(t->gate->loop, &t->late);
	gate_has_work(t->gate);
}

#define LOST SPAN("The connection with the server is lost")

static void
end_by(struct trunk *t, const struct end *e)
{
	if (t->state == TRUNK_HAS_ENDED)
		return;
	has_ended(t, strcmp(e->by, "server") == 0 ? e->why : LOST);
	log_end(t, e);
	server_trunk_ended(t);
}

/* End a trunk on our own account; the code is that of ERROR. */
static void
trunk_end(struct trunk *t, const char *code, struct span why)
{
	struct line l;

	if (t->stream == NULL)
		return;
	line_begin(&l);
	trunkline_error(&l.w, code, why);
	line_send(t, &l);
	stream_close(t->stream, true);
	end_by(t, &(struct end){ "gate", span_of(code), why });
}

void
trunk_retire(struct trunk *t)
{
	t->server = NULL;
	figures_end(t);
	peers_drop(t);
	if (LIST_EMPTY(&t->clients))
		trunk_end(t, "removed", SPAN("the server is not configured"));
}

void
trunk_revoke(struct trunk *t)
{
	t->server = NULL;
	trunk_end(t, "removed", SPAN("the pin of the server has changed"));
}

static void
trunk_free(struct trunk *t)
{
	loop_timer_clear(t->gate->loop, &t->beat);
	loop_timer_clear(t->gate->loop, &t->late);
	LIST_REMOVE(t, link);
	roll_fini(&t->roll);
	free(t->peer);
	free(t->questions.v);
	free(t);
}

/* End clients of a trunk that has ended. Return how many of n are left. */
static unsigned int
end_clients(struct trunk *t, unsigned int n)
{
	struct client *x;

	for (; n > 0 && (x = LIST_FIRST(&t->clients)) != NULL; n--)
		client_end_told(x, span_of(t->why));
	return n;
}

bool
trunks_work(struct gate *g, unsigned int n)
{
	struct trunk *t, *next;

	LIST_FOREACH_SAFE(t, &g->trunks, link, next) {
		if (t->state != TRUNK_HAS_ENDED)
			continue;
		n = end_clients(t, n);
		if (!LIST_EMPTY(&t->clients) || roll_drop_list(&t->roll))
			return true;
		trunk_free(t);
	}
	return false;
}

void
trunks_stop(struct gate *g)
{
	struct trunk *t;

	LIST_FOREACH(t, &g->trunks, link)
		if (t->stream != NULL) {
			stream_close(t->stream, true);
			has_ended(t, SPAN("the gate stops"));
		}
}

void
trunks_fini(struct gate *g)
{
	struct trunk *t;

	while ((t = LIST_FIRST(&g->trunks)) != NULL) {
		if (t->stream != NULL)
			stream_close(t->stream, false);
		trunk_free(t);
	}
}

/* ---- clients ------------------------------------------------------------- */

void
trunk_join(struct trunk *t, struct client *x, const struct trunk_client *d,
    uint64_t rate)
{
	struct line l;

	x->seat = roll_open(&t->roll, x, x->stream);
	x->trunk = t;
	LIST_INSERT_HEAD(&t->clients, x, of_trunk);
	line_begin(&l);
	trunkline_new(&l.w, x->seat->s, d);
	line_send(t, &l);
	figures_sent(t, rate);
	if (roll_is_used_up(&t->roll)) {
		figures_end(t);
		server_trunk_is_used_up(t);
	}
}

/* The last client of a trunk that takes no more has left. */
static void
end_empty(struct trunk *t)
{
	if (roll_is_used_up(&t->roll))
		trunk_end(t, "bounds", SPAN("all numbers of streams are used"));
	else
		trunk_end(t, "removed", SPAN("the server is not configured"));
}

void
trunk_leave(struct client *x)
{
	struct trunk *t = x->trunk;

	if (t == NULL)
		return;
	if (x->drains)
		LIST_REMOVE(x, drained_link);
	LIST_REMOVE(x, of_trunk);
	roll_close(&t->roll, x->seat);
	x->trunk = NULL;
	x->seat = NULL;
	x->drains = false;
	if (t->server == NULL && LIST_EMPTY(&t->clients))
		end_empty(t);
	figures_look(t);
	if (!TAILQ_EMPTY(&t->gate->waiting))
		gate_has_work(t->gate);
}

/* ---- lines of the server ------------------------------------------------- */

/* Return the code of ERROR (7.1) if a line breaks a rule, or NULL. */
typedef const char *line_taken(struct trunk *, const struct trunkline *);

static const char *
code_of(enum roll_fault fault)
{
	static const char *const code[] = {
		[ROLL_OK] = NULL,
		[ROLL_STREAM] = "stream",
		[ROLL_LIST] = "list",
		[ROLL_FORM] = "form",
		[ROLL_BOUNDS] = "bounds",
	};

	return code[fault];
}

static struct rcbuf *
buffer_of(struct span text)
{
	struct rcbuf *b = rcbuf_alloc(text.n + 2);

	if (text.n > 0)
		memcpy(b->p, text.p, text.n);
	memcpy(b->p + text.n, "\r\n", 2);
	return b;
}

/* Send a line to all streams of a list. Return false if there is no such
 * list. */
static bool
send_to_list(struct trunk *t, uint32_t g, struct rcbuf *b)
{
	const struct roll_list *list = roll_list(&t->roll, g);
	struct stream *to;

	if (list == NULL)
		return false;
	for (uint32_t i = 0; i < list->n; i++)
		if ((to = list->seat[i]->to) != NULL)
			stream_send(to, b);
	t->gate->count.delivered += list->n;
	t->work += list->n;
	return true;
}

static const char *
take_l(struct trunk *t, const struct trunkline *x)
{
	struct rcbuf *b = buffer_of(x->text);
	const char *code = NULL;
	struct seat *seat;

	t->gate->count.lines_out++;
	if (x->of_list)
		code = send_to_list(t, x->to, b) ? NULL : "list";
	else if (!roll_find(&t->roll, x->to, &seat))
		code = "stream";
	else if (seat != NULL) {
		stream_send(seat->to, b);
		t->gate->count.delivered++;
		t->work++;
	}
	rcbuf_unref(b);
	return code;
}

static const char *
take_list(struct trunk *t, const struct trunkline *x)
{
	return code_of(roll_say(&t->roll, x->to, x->more, x->words));
}

static const char *
take_unlist(struct trunk *t, const struct trunkline *x)
{
	return code_of(roll_unsay(&t->roll, x->to));
}

/* Do something with each stream of the words that is open. */
static const char *
each(struct trunk *t, const struct trunkline *x,
    void (*act)(struct client *, const struct trunkline *))
{
	struct span rest = x->words, word;
	struct seat *seat;
	uint32_t s;

	while (word_next(&rest, &word)) {
		t->work++;
		if (!trunkline_number(word, &s))
			return "form";
		if (!roll_find(&t->roll, s, &seat))
			return "stream";
		if (seat != NULL)
			act(seat->client, x);
	}
	return NULL;
}

static void
grant(struct client *c, const struct trunkline *x)
{
	if (stream_unread(c->stream) > 0)
		c->trunk->work += WORK_OF_GRANT;
	client_grant(c, x->n[0]);
}

static const char *
take_read(struct trunk *t, const struct trunkline *x)
{
	return each(t, x, grant);
}

static void
bound(struct client *c, const struct trunkline *x)
{
	client_bound(c, x->n[0], x->n[1]);
}

static const char *
take_queues(struct trunk *t, const struct trunkline *x)
{
	return each(t, x, bound);
}

/* The client is looked at when the server's step has ended: lines behind DRAIN
 * may be for it. */
static const char *
take_drain(struct trunk *t, const struct trunkline *x)
{
	struct seat *seat;

	if (!roll_find(&t->roll, x->to, &seat))
		return "stream";
	if (seat == NULL)
		return NULL;
	client_drain(seat->client, x->n[0]);
	if (!seat->client->drains)
		LIST_INSERT_HEAD(&t->drained, seat->client, drained_link);
	seat->client->drains = true;
	return NULL;
}

static void
tell_drained(struct trunk *t)
{
	struct client *x;

	while ((x = LIST_FIRST(&t->drained)) != NULL) {
		LIST_REMOVE(x, drained_link);
		x->drains = false;
		t->work++;
		client_tell_drained(x);
	}
}

static const char *
take_gone(struct trunk *t, const struct trunkline *x)
{
	struct seat *seat;

	if (!roll_find(&t->roll, x->to, &seat))
		return "stream";
	if (seat == NULL)
		return NULL;
	client_end(seat->client, x->text);
	t->work += WORK_OF_GONE;
	return NULL;
}

/* A gate does nothing with positions (5.11). */
static const char *
take_pos(struct trunk *t, const struct trunkline *x)
{
	t->in_pos = x->more;
	if (!t->in_pos)
		tell_drained(t);
	return trunkline_is_position(x->words) ? NULL : "form";
}

static const char *
take_beat(struct trunk *t, const struct trunkline *x)
{
	struct mono now = loop_now(t->gate->loop);
	uint64_t ms = (uint64_t)(now.ns / NS_PER_MS);

	t->echo = x->n[0];
	t->echo_at = now;
	if (x->has_echo && x->n[1] <= t->t && x->n[1] <= ms &&
	    x->n[2] <= ms - x->n[1]) {
		t->rtt_ms = (int64_t)(ms - x->n[1] - x->n[2]);
		figures_rtt(t, t->rtt_ms);
	}
	return NULL;
}

static const char *
take_error(struct trunk *t, const struct trunkline *x)
{
	stream_close(t->stream, true);
	end_by(t, &(struct end){ "server", x->code, x->text });
	return NULL;
}

/* Copy a word that is as short as `to` allows: trunkline_parse() says so. */
static void
copy_word(char *to, struct span word)
{
	memcpy(to, word.p, word.n);
	to[word.n] = '\0';
}

/* Compare the names of the networks of all servers, since the gate would
 * otherwise spread its clients over several networks (4.1). */
static bool
is_of_network(struct gate *g, struct span network)
{
	struct span name = span_head(network, sizeof(g->network) - 1);

	if (name.n == 0)
		return true;
	if (g->network[0] != '\0')
		return span_eq(name, span_of(g->network));
	gate_set_network(g, name);
	return true;
}

/* An operator may have to find out which server is wrong. */
static void
refuse_network(struct trunk *t, struct span network)
{
	char text[TRUNK_WHY_MAX];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	writer_str(&w, "the network is ");
	writer_span(&w, utf8_cut(network, TRUNK_NAME_MAX));
	writer_str(&w, ", and not ");
	writer_str(&w, t->gate->network);
	trunk_end(t, "network", writer_done(&w));
}

static const char *
take_server(struct trunk *t, const struct trunkline *x)
{
	struct span network = SPAN_NONE, streams = SPAN_NONE, place;
	const char *why;
	char text[ADDR_TEXT];
	struct writer w;

	if (x->n[0] != 1)
		return "version";
	(void)trunkline_cap(x->text, SPAN("network"), &network);
	if (!is_of_network(t->gate, network)) {
		refuse_network(t, network);
		return NULL;
	}
	memcpy(t->sid.s, x->origin.p, PLACE_SID_LEN);
	if ((why = server_refuses(t)) != NULL) {
		trunk_end(t, "name", span_of(why));
		return NULL;
	}
	if (!trunkline_cap(x->text, SPAN("streams"), &streams) ||
	    !span_u64(streams, &t->room))
		t->room = UINT64_MAX;
	t->places = trunkline_cap(x->text, SPAN("place"), &place);
	copy_word(t->origin, x->origin);
	copy_word(t->name, x->name);
	copy_word(t->region, x->region);
	t->state = TRUNK_IS_UP;
	t->up_at = loop_now(t->gate->loop);
	writer_init(&w, text, sizeof(text));
	addr_build(&w, &t->addr);
	logger_with(&t->gate->log, LOG_GATE_TRUNK_UP, { "server", x->name },
	    { "address", writer_done(&w) });
	server_trunk_is_up(t);
	if (t->server != NULL)
		figures_begin(t);
	return NULL;
}

/* A trunk that is left to its last client tells of nobody. */
static const char *
take_peer(struct trunk *t, const struct trunkline *x)
{
	if (t->server != NULL)
		peers_take(t, x);
	return NULL;
}

static const char *
take_load(struct trunk *t, const struct trunkline *x)
{
	figures_load(t, x);
	return NULL;
}

/* The stream has ended, and the client goes to another server (12.4). */
static const char *
take_full(struct trunk *t, const struct trunkline *x)
{
	struct client *c;
	struct seat *seat;

	if (!roll_find(&t->roll, x->to, &seat))
		return "stream";
	if (seat == NULL)
		return NULL;
	c = seat->client;
	if (!t->places || !placing_may_be_full(c))
		return "state";
	trunk_leave(c);
	c->ended = c->excess = false;
	t->work += WORK_OF_GONE;
	placing_full(c, t->sid);
	return NULL;
}

static line_taken *const take_row[] = {
	[TRUNK_SERVER] = take_server,
	[TRUNK_L] = take_l,
	[TRUNK_LIST] = take_list,
	[TRUNK_UNLIST] = take_unlist,
	[TRUNK_READ] = take_read,
	[TRUNK_QUEUES] = take_queues,
	[TRUNK_DRAIN] = take_drain,
	[TRUNK_GONE] = take_gone,
	[TRUNK_POS] = take_pos,
	[TRUNK_PEER] = take_peer,
	[TRUNK_LOAD] = take_load,
	[TRUNK_COST] = placing_cost,
	[TRUNK_FULL] = take_full,
	[TRUNK_BEAT] = take_beat,
	[TRUNK_ERROR] = take_error,
};

/* Return true if the line may come now (3.3, 4.2). */
static bool
is_due(const struct trunk *t, enum trunk_verb verb)
{
	if (roll_is_saying(&t->roll))
		return verb == TRUNK_LIST;
	if (t->in_pos)
		return verb == TRUNK_POS;
	if (verb == TRUNK_BEAT || verb == TRUNK_ERROR)
		return true;
	return (verb == TRUNK_SERVER) == (t->state == TRUNK_IS_OPENING);
}

/* Return what may be told and logged of a line that breaks a rule: its verb and
 * a number. The rest may be words of people to each other. */
static struct span
tellable(struct span line)
{
	unsigned int spaces = 0;
	size_t n = 0;

	for (; n < line.n && n < TELL_MAX; n++)
		if (line.p[n] == ' ' &&
		    (++spaces == 2 || (n + 1 < line.n && line.p[n + 1] == ':')))
			break;
	return span_head(line, n);
}

static void
take_line(struct trunk *t, struct span line, enum frame_result got)
{
	const char *code = NULL;
	struct trunkline x;

	t->lines++;
	t->work++;
	if (got != FRAME_LINE || !trunkline_parse(line, &x))
		code = "form";
	else if (!is_due(t, x.verb))
		code = "state";
	else
		code = take_row[x.verb](t, &x);
	if (code != NULL)
		trunk_end(t, code, tellable(line));
}

/* Return how much work the lines of the server have made so far. */
static uint64_t
work_of(const struct trunk *t)
{
	return t->work + t->roll.steps;
}

/* Only wake the loop: see go_on_later(). */
static void
is_late(struct timer *timer)
{
	(void)timer;
}

/* More lines lie unread. A timer that is due tells net/ that more follows, so
 * that queues may wait for it (doc/decisions/0033). */
static void
go_on_later(struct trunk *t)
{
	struct loop *loop = t->gate->loop;

	stream_pull(t->stream);
	loop_timer_set(loop, &t->late, loop_now(loop));
}

static size_t
trunk_consume(void *ctx, struct span unread, bool eof)
{
	struct trunk *t = ctx;
	struct span in = unread, line;
	enum frame_result got = FRAME_LINE;
	uint64_t upto = work_of(t) + WORK_PER_TURN;

	t->heard = loop_awake(t->gate->loop);
	figures_look(t);
	while (t->stream != NULL && work_of(t) < upto &&
	       (got = frame_next(&t->frame, &in, &line)) != FRAME_MORE)
		take_line(t, line, got);
	if (t->stream == NULL)
		return unread.n;
	if (got != FRAME_MORE)
		go_on_later(t);
	return eof && got == FRAME_MORE ? unread.n : unread.n - in.n;
}

/* ---- the connection ------------------------------------------------------ */

static void
beat(struct timer *timer)
{
	struct trunk *t = OF_MEMBER(timer, struct trunk, beat);
	struct loop *loop = t->gate->loop;

	if (mono_sub_ms(loop_awake(loop), t->heard) >= SILENCE_MS) {
		trunk_end(t, "silent", SPAN("nothing was heard"));
		return;
	}
	send_beat(t);
	figures_look(t);
	loop_timer_set(loop, timer, mono_add_ms(loop_now(loop), BEAT_MS));
}

/* Return why the peer is not the server that it should be, or NULL. */
static const char *
wrong_peer(const struct trunk *t)
{
	struct tls_info info;

	if (!stream_tls(t->stream, &info))
		return NULL; /* conf/ allows it on loopback only (2.3) */
	if (!info.has_pin || (t->pin.given && sodium_memcmp(info.pin, t->pin.v,
						  TLS_PIN_LEN) != 0))
		return "the key of the server is not the configured one";
	return NULL;
}

static void
trunk_opened(void *ctx)
{
	struct trunk *t = ctx;
	struct gate *g = t->gate;
	const char *why = t->server != NULL ? wrong_peer(t) : NULL;
	const struct trunk_gate own = { .name = g->conf->name,
		.region = g->conf->region,
		.network = span_of(g->network),
		.caps = SPAN("peers load place") };
	struct line l;

	t->state = TRUNK_IS_OPENING;
	t->heard = loop_awake(g->loop);
	if (why != NULL) {
		trunk_end(t, "pin", span_of(why));
		return;
	}
	line_begin(&l);
	trunkline_gate(&l.w, &own);
	line_send(t, &l);
	beat(&t->beat);
}

static void
trunk_closed(void *ctx, enum stream_end end, struct span why)
{
	struct trunk *t = ctx;

	if (end == STREAM_SENDQ)
		why = SPAN("the server does not read");
	end_by(t, &(struct end){ "connection", SPAN(""), why });
}

static const struct stream_ops trunk_ops = {
	.open = trunk_opened,
	.consume = trunk_consume,
	.closed = trunk_closed,
};

void
trunk_dial(struct server *server, const struct addr *addr, uint16_t port)
{
	const struct gate_server *conf = server->conf;
	struct gate *g = server->gate;
	struct trunk *t = mem_zalloc(sizeof(*t));
	struct stream_conf sc = { .ops = &trunk_ops,
		.ctx = t,
		.limits = { SENDQ_MAX, RECVQ_MAX, true },
		.tls = conf->plaintext ? NULL : g->tls_trunks,
		.setup_ms = SETUP_MS };
	unsigned char key[SIPHASH_KEY];
	struct sockaddr_storage ss;
	socklen_t len = sockaddr_build(&ss, addr, port);

	randombytes_buf(key, sizeof(key));
	t->gate = g;
	t->server = server;
	t->addr = *addr;
	t->pin = conf->pin;
	t->plaintext = conf->plaintext;
	t->up_at = MONO_NEVER;
	t->rtt_ms = -1;
	t->load.weight = PLACE_WEIGHT;
	t->beat.fire = beat;
	t->late.fire = is_late;
	frame_init_link(&t->frame);
	roll_init(&t->roll, key);
	LIST_INIT(&t->clients);
	LIST_INIT(&t->drained);
	LIST_INSERT_HEAD(&g->trunks, t, link);
	server_trunk_begins(server, t);
	t->stream = dial_tcp(g->streams, (const void *)&ss, len, NULL, &sc);
}
