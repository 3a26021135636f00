/*
 * Redis: two connections, since a connection that has subscribed may not
 * publish. Both are streams of ours; hiredis only finds the replies in their
 * bytes. (Its own connections block in the lookup of the name, and know no
 * TLS in the version of Debian 12.) Commands are written here: they are four.
 *
 *	dialling --> AUTH, SUBSCRIBE | AUTH, PING --both answered--> up
 *
 * hiredis hands out strings that lie in its buffer, and may move them before
 * the reply is whole. So the channel and the text of a message are copied. A
 * server could announce an array of any length, for which hiredis would take
 * memory at once: ours makes no arrays, and refuses those that Redis does not
 * send us.
 */
#include "pubsub/kind.h"

#include <hiredis/hiredis.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/invariant.h"
#include "base/mem.h"
#include "host/sockaddr.h"
#include "net/dial.h"
#include "wire/utf8.h"

#define SETUP_MS 5000  /* the lookup; connecting and TLS; the first answers */
#define PING_MS 3000   /* between questions whether the server is there */
#define SILENT_MS 9000 /* without a byte: it is not */
#define HEAD_MAX 400   /* bytes of a command before the text */
#define COMMAND_MAX ((size_t)16 * 1024)
#define ERROR_MAX 120 /* bytes of an error that are told */
#define KIND_MAX 20   /* letters of the kind of an error */
#define RECVQ ((size_t)256 * 1024)
/* hiredis may hold so much of a reply that is not whole. */
#define READER_MAX (PUBSUB_MESSAGE_MAX + RECVQ)
/* unsent_max is looked at before a message is queued */
#define SENDQ_MORE (PUBSUB_MESSAGE_MAX + 64 * (size_t)1024)

#if HIREDIS_MAJOR >= 1
typedef size_t elements_t;
#else
typedef int elements_t;
#endif

enum reply_word { WORD_OTHER, WORD_MESSAGE, WORD_SUBSCRIBE };

/* The part of a reply that was read so far. */
struct reply {
	enum reply_word word; /* the first of an array */
	bool error;
	char *subject;
	size_t nsubject, subject_cap;
	char *text; /* of a message, an error or a state */
	size_t ntext, text_cap;
};

struct half {
	struct redis *redis;
	struct stream *stream; /* NULL: not dialled yet */
	redisReader *reader;
	struct reply reply;
	unsigned wants; /* answers that must come before it is ready */
	bool subscribes, open;
	bool authenticates; /* AUTH was sent, and is not answered */
	struct mono heard;
};

struct redis {
	struct pubsub *ps;
	struct lookup *lookup;
	bool v4; /* the lookup is for such an address; else for one of IPv6 */
	bool other; /* there is none of the kind that came first */
	struct addr addr;
	struct half half[2]; /* publishes; subscribes */
	bool up, failed;
	char why[PUBSUB_WHY_LEN]; /* it ends */
	struct timer ending, timer;
};

/* ---- replies ------------------------------------------------------------ */

static void
keep(char **to, size_t *n, size_t *cap, struct span s)
{
	if (*cap < s.n) {
		*cap = s.n;
		*to = mem_realloc(*to, s.n);
	}
	if (s.n > 0)
		memcpy(*to, s.p, s.n);
	*n = s.n;
}

static enum reply_word
word_of(struct span s)
{
	if (span_eq(s, SPAN("message")))
		return WORD_MESSAGE;
	return span_eq(s, SPAN("subscribe")) ? WORD_SUBSCRIBE : WORD_OTHER;
}

static void
begin_reply(struct reply *r, bool error)
{
	r->word = WORD_OTHER;
	r->error = error;
}

static void *
got_string(const redisReadTask *task, char *p, size_t n)
{
	struct reply *r = task->privdata;
	struct span s = span_make(p, n);

	if (task->parent == NULL)
		begin_reply(r, task->type == REDIS_REPLY_ERROR);
	if (task->parent != NULL && task->idx == 0)
		r->word = word_of(s);
	else if (task->parent != NULL && task->idx == 1)
		keep(&r->subject, &r->nsubject, &r->subject_cap, s);
	else
		keep(&r->text, &r->ntext, &r->text_cap, s);
	return r;
}

/* "message", "subscribe" and the answer to PING have two or three elements. */
static void *
got_array(const redisReadTask *task, elements_t n)
{
	struct reply *r = task->privdata;

	begin_reply(r, false);
	return task->parent == NULL && n >= 2 && n <= 3 ? r : NULL;
}

static void *
got_integer(const redisReadTask *task, long long v)
{
	(void)v;
	if (task->parent == NULL)
		begin_reply(task->privdata, false);
	return task->privdata;
}

static void *
got_nil(const redisReadTask *task)
{
	if (task->parent == NULL)
		begin_reply(task->privdata, false);
	return task->privdata;
}

/* Replies are no objects. */
static void
got_free(void *obj)
{
	(void)obj;
}

static redisReplyObjectFunctions functions = {
	.createString = got_string,
	.createArray = got_array,
	.createInteger = got_integer,
	.createNil = got_nil,
	.freeObject = got_free,
};

/* ---- its end ------------------------------------------------------------ */

/* Let the connection end, with what and why as its reason: soon, not inside a
 * callback of its streams. */
static void
fail_with(struct redis *r, const char *what, struct span why)
{
	struct loop *l = r->ps->all->loop;
	struct writer w;

	if (r->failed)
		return;
	r->failed = true;
	writer_init(&w, r->why, sizeof(r->why) - 1);
	writer_str(&w, what);
	writer_span(&w, utf8_cut(why, ERROR_MAX));
	r->why[w.n] = '\0';
	loop_timer_set(l, &r->ending, loop_now(l));
}

static void
fail(struct redis *r, const char *why)
{
	fail_with(r, why, SPAN_NONE);
}

static void
ends(struct timer *t)
{
	struct redis *r =
	    (struct redis *)(void *)((char *)t -
				     offsetof(struct redis, ending));

	kind_failed(r->ps, span_of(r->why));
}

static void
half_fini(struct half *h)
{
	if (h->stream != NULL)
		stream_close(h->stream, false);
	if (h->reader != NULL)
		redisReaderFree(h->reader);
	free(h->reply.subject);
	free(h->reply.text);
}

static void
redis_end(void *conn)
{
	struct redis *r = conn;
	struct loop *l = r->ps->all->loop;

	if (r->lookup != NULL)
		lookup_cancel(r->lookup);
	for (int i = 0; i < 2; i++)
		half_fini(&r->half[i]);
	loop_timer_clear(l, &r->ending);
	loop_timer_clear(l, &r->timer);
	free(r);
}

/* ---- what comes --------------------------------------------------------- */

static bool
is_ready(const struct half *h)
{
	return h->open && h->wants == 0;
}

static void
answered(struct half *h)
{
	struct redis *r = h->redis;

	if (h->wants > 0)
		h->wants--;
	if (r->up || !is_ready(&r->half[0]) || !is_ready(&r->half[1]))
		return;
	r->up = true;
	kind_up(r->ps, PUBSUB_MESSAGE_MAX);
}

/* Some programs that do not know AUTH repeat it with its words, and one of them
 * is the password. So only the kind of an error is told before AUTH is
 * answered. */
static void
handle_error(struct half *h, struct span text)
{
	size_t n = 0;

	if (!h->authenticates) {
		fail_with(h->redis, "Redis says: ", text);
		return;
	}
	while (n < text.n && n < KIND_MAX && text.p[n] >= 'A' &&
	       text.p[n] <= 'Z')
		n++;
	fail_with(h->redis, "Redis refuses user and password: ",
	    n == text.n || text.p[n] == ' ' ? span_make(text.p, n)
					    : SPAN("an error"));
}

static void
handle(struct half *h)
{
	const struct reply *r = &h->reply;

	h->authenticates = h->authenticates && r->error;
	if (r->error)
		handle_error(h, span_make(r->text, r->ntext));
	else if (r->word == WORD_MESSAGE && h->subscribes)
		kind_got(h->redis->ps, span_make(r->subject, r->nsubject),
		    span_make(r->text, r->ntext));
	else if (h->wants > 0)
		answered(h);
}

static size_t
consume(void *ctx, struct span unread, bool eof)
{
	struct half *h = ctx;
	struct redis *r = h->redis;
	void *reply = NULL;
	int got;

	(void)eof;
	h->heard = loop_now(r->ps->all->loop);
	got = redisReaderFeed(h->reader, unread.p, unread.n);
	while (got == REDIS_OK && !r->failed) {
		got = redisReaderGetReply(h->reader, &reply);
		if (got != REDIS_OK || reply == NULL)
			break;
		handle(h);
	}
	if (got != REDIS_OK || h->reader->len > READER_MAX)
		fail(r, "what comes is not from Redis");
	return unread.n;
}

static void
closed(void *ctx, enum stream_end end, struct span why)
{
	struct half *h = ctx;

	(void)end;
	h->stream = NULL;
	fail_with(h->redis, "", why);
}

/* ---- what goes ---------------------------------------------------------- */

static void
write_word(struct writer *w, struct span s)
{
	writer_char(w, '$');
	writer_u64(w, s.n);
	writer_str(w, "\r\n");
	writer_span(w, s);
	writer_str(w, "\r\n");
}

/* Send a command of n words. */
static void
command(struct half *h, const char *const *v, size_t n)
{
	struct arena *a = arena_new(1024);
	struct writer w;

	writer_init_arena(&w, a, COMMAND_MAX);
	writer_char(&w, '*');
	writer_u64(&w, n);
	writer_str(&w, "\r\n");
	for (size_t i = 0; i < n; i++)
		write_word(&w, span_of(v[i]));
	stream_send_bytes(h->stream, writer_done(&w));
	arena_free(a);
}

/* Without a user, it is the password of the user that is called default. */
static void
authenticate(struct half *h)
{
	const struct pubsub_conf *c = &h->redis->ps->conf;
	const char *const v[] = { "AUTH", c->user, c->password };
	const char *const bare[] = { "AUTH", c->password };

	if (c->password == NULL)
		return;
	if (c->user != NULL)
		command(h, v, 3);
	else
		command(h, bare, 2);
	h->authenticates = true;
	h->wants++;
}

static void
ask(struct half *h)
{
	static const char *const ping[] = { "PING" };

	command(h, ping, 1);
}

static void
opened(void *ctx)
{
	struct half *h = ctx;
	const struct pubsub_conf *c = &h->redis->ps->conf;
	const char *const v[] = { "SUBSCRIBE", c->subject[0], c->subject[1] };

	h->heard = loop_now(h->redis->ps->all->loop);
	authenticate(h);
	if (h->subscribes)
		command(h, v, 3);
	else
		ask(h);
	h->wants += h->subscribes ? PUBSUB_SUBJECTS : 1;
	h->open = true;
}

static bool
redis_publish(void *conn, struct span subject, struct span bytes)
{
	struct redis *r = conn;
	struct half *h = &r->half[0];
	char head[HEAD_MAX];
	struct writer w;

	if (r->failed)
		return false;
	writer_init(&w, head, sizeof(head));
	writer_str(&w, "*3\r\n");
	write_word(&w, SPAN("PUBLISH"));
	write_word(&w, subject);
	writer_char(&w, '$');
	writer_u64(&w, bytes.n);
	writer_str(&w, "\r\n");
	stream_send_bytes(h->stream, writer_done(&w));
	stream_send_bytes(h->stream, bytes);
	stream_send_bytes(h->stream, SPAN("\r\n"));
	return true;
}

static size_t
redis_unsent(const void *conn)
{
	const struct redis *r = conn;
	const struct stream *s = r->half[0].stream;

	return s != NULL ? stream_queued(s) : 0;
}

/* ---- dialling ----------------------------------------------------------- */

static const struct stream_ops half_ops = {
	.open = opened,
	.consume = consume,
	.closed = closed,
};

static void
dial(struct redis *r)
{
	const struct pubsub_conf *c = &r->ps->conf;
	struct stream_conf sc = { .ops = &half_ops,
		.limits = { c->unsent_max + SENDQ_MORE, RECVQ, true },
		.tls = c->tls,
		.setup_ms = SETUP_MS };
	struct sockaddr_storage ss;
	socklen_t len = sockaddr_build(&ss, &r->addr, c->port);

	for (int i = 0; i < 2; i++) {
		sc.ctx = &r->half[i];
		r->half[i].stream = dial_tcp(r->ps->all->streams,
		    (const void *)&ss, len, c->host, &sc);
	}
}

static void look_up(struct redis *, enum dns_type);

/* Each time that it could not connect, it tries another address: of IPv6 and
 * IPv4 in turn. */
static void
looked_up(void *ctx, enum dns_status status, const struct dns_answer *a)
{
	struct redis *r = ctx;

	r->lookup = NULL;
	if (status == DNS_FOUND && a->naddr > 0) {
		memcpy(r->addr.b, a->addr[r->ps->pauses / 2 % a->naddr],
		    DNS_ADDR_LEN);
		dial(r);
	} else if (!r->other) {
		r->other = true;
		r->v4 = !r->v4;
		look_up(r, r->v4 ? DNS_A : DNS_AAAA);
	} else {
		fail_with(r, "no address of ", span_of(r->ps->conf.host));
	}
}

static void
look_up(struct redis *r, enum dns_type type)
{
	const struct pubsubs *all = r->ps->all;
	const struct lookup_want want = { .fresh = true,
		.until = mono_add_ms(loop_now(all->loop), SETUP_MS),
		.told = looked_up,
		.ctx = r };
	struct dns_question q;

	/* the configuration has checked the name */
	invariant(dns_question_set(&q, type, span_of(r->ps->conf.host)));
	r->lookup = resolver_ask(all->resolver, &q, &want);
}

/* ---- whether it is there ------------------------------------------------ */

static bool
is_silent(const struct redis *r)
{
	struct mono now = loop_now(r->ps->all->loop);

	for (int i = 0; i < 2; i++)
		if (r->half[i].open &&
		    mono_sub_ms(now, r->half[i].heard) >= SILENT_MS)
			return true;
	return false;
}

static void
looks(struct timer *t)
{
	struct redis *r =
	    (struct redis *)(void *)((char *)t - offsetof(struct redis, timer));
	struct loop *l = r->ps->all->loop;

	if (is_silent(r)) {
		fail(r, "Redis does not answer");
		return;
	}
	for (int i = 0; i < 2 && !r->failed; i++)
		if (r->half[i].open)
			ask(&r->half[i]);
	loop_timer_set(l, &r->timer, mono_add_ms(loop_now(l), PING_MS));
}

static void *
redis_begin(struct pubsub *ps)
{
	struct redis *r = mem_zalloc(sizeof(*r));
	struct loop *l = ps->all->loop;

	r->ps = ps;
	r->ending.fire = ends;
	r->timer.fire = looks;
	for (int i = 0; i < 2; i++) {
		r->half[i].redis = r;
		r->half[i].reader = redisReaderCreateWithFunctions(&functions);
		invariant(r->half[i].reader != NULL);
		r->half[i].reader->privdata = &r->half[i].reply;
	}
	r->half[1].subscribes = true;
	loop_timer_set(l, &r->timer, mono_add_ms(loop_now(l), PING_MS));
	r->addr = ps->conf.addr;
	r->v4 = ps->pauses % 2 != 0;
	if (addr_is_any(&r->addr))
		look_up(r, r->v4 ? DNS_A : DNS_AAAA);
	else
		dial(r);
	return r;
}

const struct broker_kind broker_redis = {
	.begin = redis_begin,
	.publish = redis_publish,
	.unsent = redis_unsent,
	.end = redis_end,
};
