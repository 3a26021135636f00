/*
 * A line of a stream becomes an event of the core, as if the client were
 * connected to this server. Lines of a stream that has ended are passed over:
 * they were sent before the gate knew (gate-protocol.md, 5.6).
 *
 * The core relies on what a connection of its own does: no line comes that was
 * not granted, and none is longer than a client's line may be. So this is
 * checked here.
 */
#include "trunk/recv_stream.h"

#include "core/types/cost.h"
#include "wire/frame.h"
#include "wire/tags.h"
#include "wire/utf8.h"
#include "wire/words.h"

#define CIPHER_MAX 95
#define ASKED_MAX 255 /* bytes of a host name */

/* Let the core take an event of the stream. */
static void
emit(const struct trunk_step *st, struct trunk_in *in, enum event_kind kind,
    const struct trunk_stream *s)
{
	trunk_event(st, kind, s, in->core);
	in->is_event = true;
}

/* Take the number of a stream. Return false if there is none in the line. */
static bool
take_number(struct trunk_in *in, uint32_t *number)
{
	uint64_t n;

	if (!word_num(&in->rest, &n) || n == 0 || n > UINT32_MAX)
		return false;
	*number = (uint32_t)n;
	return true;
}

/* Return the stream, or NULL if it has ended for the gate or for this server,
 * or if the trunk was refused, because there never was such a stream. */
static struct trunk_stream *
get(const struct trunk_step *st, struct trunk *t, uint32_t number)
{
	struct trunk_stream *s = trunk_stream_of(t, number);

	if (number <= t->last)
		return s == NULL || s->left ? NULL : s;
	trunk_refuse(st, t, "stream",
	    "a line of a stream that there never was");
	return NULL;
}

/* ---- NEW ----------------------------------------------------------------- */

static char
unescaped(char c)
{
	switch (c) {
	case ':':
		return ';';
	case 's':
		return ' ';
	case 'r':
		return '\r';
	case 'n':
		return '\n';
	default:
		return c;
	}
}

/* Return true if there is such a tag; set *value to its value. */
static bool
find_tag(const struct trunk_step *st, const struct trunk_in *in,
    struct span key, struct span *value)
{
	struct span raw;
	struct writer w;

	if (!tags_find(in->tags, key, &raw))
		return false;
	writer_init_room(&w, st->fx->arena, raw.n, raw.n);
	for (size_t i = 0; i < raw.n; i++)
		if (raw.p[i] != '\\')
			writer_char(&w, raw.p[i]);
		else if (++i < raw.n)
			writer_char(&w, unescaped(raw.p[i]));
	*value = writer_done(&w);
	return true;
}

static bool
is_visible(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return s.n > 0;
}

static const char *
read_tls(const struct trunk_step *st, const struct trunk_in *in,
    struct event *core)
{
	struct span v;

	core->u.open.tls = find_tag(st, in, SPAN("tls"), &v);
	if (core->u.open.tls && (!is_visible(v) || v.n > CIPHER_MAX))
		return "expected tls= and a version and cipher";
	if (core->u.open.tls && !span_eq(v, SPAN("TLS")))
		core->u.open.cipher = v;
	if (find_tag(st, in, SPAN("sni"), &v)) {
		if (!core->u.open.tls || v.n > ASKED_MAX)
			return "expected sni= and a host name, with TLS";
		core->u.open.asked = v;
	}
	core->u.open.has_pin = find_tag(st, in, SPAN("pin"), &v);
	if (core->u.open.has_pin &&
	    (!core->u.open.tls || !span_hex(v, core->u.open.pin, PIN_LEN)))
		return "expected pin= and 64 hex digits, with TLS";
	return NULL;
}

static const char *
read_client(const struct trunk_step *st, const struct trunk_in *in,
    struct event *core)
{
	struct span v;
	uint64_t port;

	if (!find_tag(st, in, SPAN("addr"), &v) ||
	    !addr_parse(v, &core->u.open.addr) ||
	    addr_is_any(&core->u.open.addr))
		return "expected addr= and an address";
	if (!find_tag(st, in, SPAN("port"), &v) || !num_parse(v, &port) ||
	    port == 0 || port > UINT16_MAX)
		return "expected port= and a port";
	core->u.open.port = (uint16_t)port;
	core->u.open.web = find_tag(st, in, SPAN("web"), &v);
	return read_tls(st, in, core);
}

static void
refuse_client(const struct trunk_step *st, struct trunk *t)
{
	struct writer *w = trunk_line(st, t, "GONE ");

	writer_u64(w, t->last);
	writer_str(w, " :The gate has too many clients");
	trunk_line_end(w);
}

struct placed {
	uint64_t rate; /* PLACE_RATE_UNKNOWN: not said */
	bool over;
};

static const char *
read_placed(const struct trunk_step *st, const struct trunk_in *in,
    struct placed *p)
{
	struct span v;

	*p = (struct placed){ .rate = PLACE_RATE_UNKNOWN,
		.over = find_tag(st, in, SPAN("over"), &v) };
	if (find_tag(st, in, SPAN("rate"), &v) &&
	    (!num_parse(v, &p->rate) || p->rate > PLACE_LOAD_MAX))
		return "expected rate= and a rate";
	return NULL;
}

/* The server has more than its share (12.4). */
static void
send_full(const struct trunk_step *st, struct trunk *t)
{
	struct writer *w = trunk_line(st, t, "FULL ");

	writer_u64(w, t->last);
	trunk_line_end(w);
	st->net->counts.full++;
}

const char *
new_recv(const struct trunk_step *st, struct trunk *t, struct trunk_in *in)
{
	const struct class_settings *class;
	struct event core = { .kind = EV_CONN_OPEN };
	struct trunk_stream *s;
	struct placed placed;
	uint32_t number;
	const char *why;

	if (!take_number(in, &number) || !word_none(in->rest))
		return "expected the number of a stream";
	if ((why = read_client(st, in, &core)) != NULL ||
	    (why = read_placed(st, in, &placed)) != NULL)
		return why;
	if (number <= t->last) {
		trunk_refuse(st, t, "stream",
		    "the number of a stream is not greater than the last");
		return NULL;
	}
	t->last = number;
	if (trunk_streams_of(st->net, t->gate) >= t->gate->streams) {
		refuse_client(st, t);
		return NULL;
	}
	if (t->place && !trunk_placing_admits(st, placed.rate, placed.over)) {
		send_full(st, t);
		return NULL;
	}
	s = trunk_stream_new(&st->net->streams, t, number);
	if (placed.rate != PLACE_RATE_UNKNOWN)
		s->rate = placed.rate;
	st->net->streams.expected += s->rate;
	st->net->counts.opened++;
	core_spend(st->net->core, COST_COMMAND);
	class = settings_class(st->net->set, &core.u.open.addr);
	trunk_send_queues(st, s, class->sendq, class->recvq);
	emit(st, in, EV_CONN_OPEN, s);
	in->core->u.open = core.u.open;
	in->core->u.open.gate = t->by;
	return NULL;
}

/* ---- the others ---------------------------------------------------------- */

static const char *
take_line(const struct trunk_step *st, const struct trunk_in *in,
    struct event *core, struct span text)
{
	struct span v;

	core->u.line.line = text;
	core->u.line.too_long = find_tag(st, in, SPAN("long"), &v);
	core->u.line.bad = find_tag(st, in, SPAN("bad"), &v);
	if (core->u.line.bad && text.n > 0)
		return "expected no text, as the line is bad";
	return frame_client_fits(text)
		   ? NULL
		   : "the text is longer than the line of a client may be";
}

/* Let the core take the line if it has granted one, if no line waits before
 * this one, and if the turn has room. Else the line waits. */
static void
take_or_keep(const struct trunk_step *st, struct trunk_stream *s,
    const struct event *line, struct trunk_in *in)
{
	struct trunk_net *net = st->net;

	if (s->wants == 0 || s->ahead != NULL || !core_has_units(net->core) ||
	    !trunk_reads(net, s->trunk)) {
		trunk_ahead_put(net, s, line);
		return;
	}
	s->wants--;
	s->trunk->lines--;
	emit(st, in, EV_LINE, s);
	in->core->u.line = line->u.line;
}

const char *
cmd_recv(const struct trunk_step *st, struct trunk *t, struct trunk_in *in)
{
	struct event core = { .kind = EV_LINE };
	struct trunk_stream *s;
	struct span text;
	uint32_t number;
	uint64_t c;
	const char *why;

	if (!take_number(in, &number) || !word_num(&in->rest, &c) || c == 0 ||
	    c > INT64_MAX || !word_text(&in->rest, &text))
		return "expected a stream, the number of a line, and the line";
	if ((why = take_line(st, in, &core, text)) != NULL)
		return why;
	if ((s = get(st, t, number)) == NULL)
		return NULL;
	if (c != s->c + 1) {
		trunk_refuse(st, t, "command",
		    "the line does not have the next number");
		return NULL;
	}
	if (s->granted == 0) {
		trunk_refuse(st, t, "grant", "the line was not granted");
		return NULL;
	}
	s->c = c;
	s->granted--;
	take_or_keep(st, s, &core, in);
	return NULL;
}

/* Take a line that has nothing but the number of a stream. */
static const char *
take_only(const struct trunk_step *st, struct trunk *t, struct trunk_in *in,
    struct trunk_stream **s)
{
	uint32_t number;

	*s = NULL;
	if (!take_number(in, &number) || !word_none(in->rest))
		return "expected the number of a stream";
	*s = get(st, t, number);
	return NULL;
}

const char *
eof_recv(const struct trunk_step *st, struct trunk *t, struct trunk_in *in)
{
	struct trunk_stream *s;
	const char *why = take_only(st, t, in, &s);

	if (s == NULL)
		return why;
	if (s->eof) {
		trunk_refuse(st, t, "state", "a client has ended twice");
		return NULL;
	}
	s->eof = true;
	emit(st, in, EV_CONN_ENDED, s);
	return NULL;
}

const char *
excess_recv(const struct trunk_step *st, struct trunk *t, struct trunk_in *in)
{
	struct trunk_stream *s;
	const char *why = take_only(st, t, in, &s);

	if (s != NULL)
		emit(st, in, EV_CONN_EXCESS, s);
	return why;
}

/* An answer to a DRAIN that another one has replaced may cross that one, so an
 * answer too many is passed over. */
const char *
drained_recv(const struct trunk_step *st, struct trunk *t, struct trunk_in *in)
{
	struct trunk_stream *s;
	const char *why = take_only(st, t, in, &s);

	if (s == NULL || !s->drains)
		return why;
	s->drains = false;
	emit(st, in, EV_DRAINED, s);
	return NULL;
}

/* Let CLOSED wait behind the lines of the client: it may have said QUIT. The
 * core is told that no more comes, so it does not wait for the allowance of the
 * client. But nothing is kept if the core waits until the client has read. */
static void
keep_closed(const struct trunk_step *st, struct trunk_in *in,
    struct trunk_stream *s, struct span reason)
{
	struct event closed = { .kind = EV_CONN_CLOSED };

	if (s->owed)
		TAILQ_REMOVE(&s->trunk->owed, s, owed_link);
	s->owed = false;
	s->trunk->lines -= s->granted;
	s->granted = 0;
	s->left = true;
	closed.u.closed.reason = reason;
	trunk_ahead_put(st->net, s, &closed);
	if (!s->eof)
		emit(st, in, EV_CONN_ENDED, s);
	s->eof = true;
}

const char *
closed_recv(const struct trunk_step *st, struct trunk *t, struct trunk_in *in)
{
	struct trunk_stream *s;
	struct span reason;
	uint32_t number;

	if (!take_number(in, &number) || !word_text(&in->rest, &reason) ||
	    !utf8_valid(reason))
		return "expected the number of a stream and a reason";
	if ((s = get(st, t, number)) == NULL)
		return NULL;
	if (core_mutated(st->net, CLOSED_LOST))
		return NULL;
	reason = utf8_cut(reason, TRUNK_REASON_MAX);
	if (s->ahead != NULL && !s->drains) {
		keep_closed(st, in, s, reason);
		return NULL;
	}
	emit(st, in, EV_CONN_CLOSED, s);
	in->core->u.closed.reason = reason;
	trunk_stream_free(&st->net->streams, s);
	return NULL;
}
