/*
 * The lines of a gate that concern the trunk itself, and what is the same for
 * all lines: the length, the bytes, and whether the row of the verb lets the
 * line come now. recv_stream.c has the lines of streams.
 *
 * A gate is configured, but it may be wrong, or broken into. So a line that
 * must not come closes the trunk, and none of its streams can harm another
 * trunk.
 */
#include "trunk/recv.h"

#include <string.h>

#include "trunk/recv_stream.h"
#include "place/ask.h"
#include "wire/name.h"
#include "wire/utf8.h"
#include "wire/words.h"

#define VERSION 1
/* Trunks of one gate at once (gate-protocol.md, part 8). */
#define TRUNKS_OF_GATE 16

/* ---- GATE ---------------------------------------------------------------- */

struct hello {
	uint64_t version;
	struct span name, region, network;
	bool peers, load, place;
};

static void
read_cap(struct hello *h, struct span word)
{
	struct span cap = span_cut(&word, '=');

	if (span_eq(cap, SPAN("network")))
		h->network = word;
	else if (span_eq(cap, SPAN("peers")))
		h->peers = true;
	else if (span_eq(cap, SPAN("load")))
		h->load = true;
	else if (span_eq(cap, SPAN("place")))
		h->place = true;
}

static const char *
read_gate(struct span rest, struct hello *h)
{
	struct span caps, word;

	if (!word_num(&rest, &h->version))
		return "expected a version";
	if (h->version != VERSION)
		return NULL;
	if (!word_next(&rest, &h->name) || !name_gate_valid(h->name))
		return "expected a name";
	if (!word_next(&rest, &h->region) ||
	    (!name_gate_valid(h->region) && !span_eq(h->region, SPAN("*"))))
		return "expected a region, or *";
	if (!word_text(&rest, &caps))
		return "expected capabilities";
	while ((word = span_word(&caps)).n > 0)
		read_cap(h, word);
	return NULL;
}

static const struct gate_settings *
gate_of_name(const struct settings *set, struct span name)
{
	for (size_t i = 0; i < set->ngate; i++)
		if (span_eq(set->gate[i].name, name))
			return &set->gate[i];
	return NULL;
}

static size_t
trunks_of(const struct trunk_net *net, const struct gate_settings *gate)
{
	size_t n = 0;

	for (size_t i = 0; i < net->ntrunk; i++)
		n += net->trunk[i]->state != TRUNK_OPEN &&
		     net->trunk[i]->state != TRUNK_DEAD &&
		     net->trunk[i]->gate == gate;
	return n;
}

/* Return the code with which the trunk is refused, and why; or NULL. */
static const char *
judge(const struct trunk_step *st, struct trunk *t, const struct hello *h,
    const char **why)
{
	const struct settings *set = st->net->set;
	const struct gate_settings *gate = t->gate;

	*why = "the version is not 1";
	if (h->version != VERSION)
		return "version";
	*why = "no gate of this name is configured";
	if (gate == NULL)
		gate = gate_of_name(set, h->name);
	if (gate == NULL)
		return "name";
	*why = "another name is configured for the key of the gate";
	if (!span_eq(gate->name, h->name))
		return "name";
	*why = "the gate must use TLS";
	if (!t->proof.tls && !gate->plaintext)
		return "plaintext";
	*why = "the gate is of another network";
	if (h->network.n > 0 && set->network.n > 0 &&
	    !span_eq(h->network, set->network))
		return "network";
	*why = "the gate has too many trunks";
	if (trunks_of(st->net, gate) >= TRUNKS_OF_GATE)
		return "bounds";
	t->gate = gate;
	return NULL;
}

static void
copy_name(char to[NAME_GATE_MAX + 1], struct span name)
{
	memcpy(to, name.p, name.n);
	to[name.n] = '\0';
}

static void
begin(const struct trunk_step *st, struct trunk *t)
{
	const struct settings *set = st->net->set;
	struct writer *w = trunk_line(st, t, "SERVER 1 "), addr;

	write_origin(w, core_self(st->net->core));
	writer_char(w, ' ');
	writer_span(w, set->name);
	writer_char(w, ' ');
	writer_span(w, set->region.n > 0 ? set->region : SPAN("*"));
	writer_str(w, " :");
	if (set->network.n > 0 &&
	    span_find(set->network, ' ') == set->network.n) {
		writer_str(w, "network=");
		writer_span(w, set->network);
		writer_char(w, ' ');
	}
	writer_str(w, "peers load place streams=");
	writer_u64(w, t->gate->streams);
	trunk_line_end(w);
	trunk_peers_begin(st, t);
	trunk_load_begin(st, t);
	if (t->state == TRUNK_WAITS)
		st->net->nwaits--;
	t->state = TRUNK_UP;
	t->was_up = true;
	writer_init_arena(&addr, st->fx->arena, ADDR_TEXT);
	addr_build(&addr, &t->addr);
	effects_logf(st->fx, LOG_TRUNK_UP, { "gate", trunk_name(t) },
	    { "address", writer_done(&addr) });
}

void
trunk_begin_all(const struct trunk_step *st)
{
	struct trunk_net *net = st->net;

	if (net->nwaits == 0 || !core_is_ready(net->core))
		return;
	for (size_t i = 0; i < net->ntrunk; i++)
		if (net->trunk[i]->state == TRUNK_WAITS)
			begin(st, net->trunk[i]);
}

static const char *
gate_recv(const struct trunk_step *st, struct trunk *t, struct trunk_in *in)
{
	struct hello h = { 0 };
	const char *why = read_gate(in->rest, &h), *code;

	if (why != NULL)
		return why;
	if ((code = judge(st, t, &h, &why)) != NULL) {
		trunk_refuse(st, t, code, why);
		return NULL;
	}
	copy_name(t->name, h.name);
	t->by = rcbuf_new(h.name);
	copy_name(t->region, h.region);
	t->peers = h.peers;
	t->load = h.load;
	t->place = h.place;
	t->state = TRUNK_WAITS;
	st->net->nwaits++;
	trunk_begin_all(st);
	return NULL;
}

/* ---- PLACE --------------------------------------------------------------- */

static void
answer(const struct trunk_step *st, struct trunk *t, uint64_t q,
    const struct place_who *who)
{
	struct writer *w = trunk_line(st, t, "COST ");

	writer_u64(w, q);
	writer_str(w, " :");
	trunk_placing_answer(st, t, who, w);
	trunk_line_end(w);
}

static const char *
place_recv(const struct trunk_step *st, struct trunk *t, struct trunk_in *in)
{
	struct place_who who;
	struct span text;
	uint64_t q;

	if (!word_num(&in->rest, &q) || q == 0 || q > INT64_MAX ||
	    !word_text(&in->rest, &text))
		return "expected the number of a question";
	if (!place_question_parse(text, &who))
		return "expected an account, a nick and an address";
	if (!t->place) {
		trunk_refuse(st, t, "state", "the gate does not read COST");
		return NULL;
	}
	if (q != t->asked + 1) {
		trunk_refuse(st, t, "command",
		    "the question does not have the next number");
		return NULL;
	}
	t->asked = q;
	answer(st, t, q, &who);
	if (core_mutated(st->net, COST_TWICE))
		answer(st, t, q, &who);
	return NULL;
}

/* ---- BEAT and ERROR ------------------------------------------------------ */

static void
measure(const struct trunk_step *st, struct trunk *t, uint64_t echo,
    uint64_t held)
{
	for (size_t i = 0; i < TRUNK_BEATS && i < t->nbeats; i++) {
		int64_t ms = mono_sub_ms(st->ev->now, t->beats[i].at);

		if (t->beats[i].t == echo && ms >= 0 && held <= (uint64_t)ms)
			t->rtt_ms = ms - (int64_t)held;
	}
}

static const char *
beat_recv(const struct trunk_step *st, struct trunk *t, struct trunk_in *in)
{
	uint64_t n, echo, held;

	if (!word_num(&in->rest, &n) || n == 0 || n > INT64_MAX)
		return "expected a time in ms";
	if (!word_none(in->rest)) {
		if (!word_num(&in->rest, &echo) ||
		    !word_num(&in->rest, &held) || !word_none(in->rest))
			return "expected an echo and the ms that it was held";
		measure(st, t, echo, held);
	}
	t->beat = (struct trunk_beat){ n, st->ev->now };
	return NULL;
}

#define CODE_MAX 32 /* bytes; the code goes to the log */

static const char *
error_recv(const struct trunk_step *st, struct trunk *t, struct trunk_in *in)
{
	struct span code, reason;

	if (!word_next(&in->rest, &code) || !word_text(&in->rest, &reason) ||
	    !utf8_valid(code) || !utf8_valid(reason))
		return "expected a code and a reason";
	trunk_end_by_gate(st, t, utf8_cut(code, CODE_MAX),
	    utf8_cut(reason, TRUNK_REASON_MAX));
	return NULL;
}

/* ---- all lines ----------------------------------------------------------- */

static const char *(*const recv_verb[])(const struct trunk_step *,
    struct trunk *, struct trunk_in *) = {
#define VERB(ID, name, states, what) [TRUNK_VERB_##ID] = name##_recv,
#include "trunk/verb.def"
#undef VERB
};

static bool
has_bad_byte(struct span line)
{
	return line.n > 0 && (memchr(line.p, '\0', line.n) != NULL ||
				 memchr(line.p, '\r', line.n) != NULL ||
				 memchr(line.p, '\n', line.n) != NULL);
}

static struct span
take_tags(struct span *line)
{
	struct span tags = SPAN_NONE;

	if (line->n > 0 && line->p[0] == '@')
		tags = span_tail(span_word(line), 1);
	words_skip_spaces(line);
	return tags;
}

bool
trunk_recv(const struct trunk_step *st, struct trunk *t, struct event *core)
{
	const struct event *ev = st->ev;
	struct span line = ev->u.line.line;
	struct trunk_in in = { .rest = line, .core = core };
	enum trunk_verb verb;
	const char *why;

	t->heard = event_awake(ev);
	t->lines_in++;
	t->bytes_in += line.n + 2;
	st->net->counts.lines_in++;
	st->net->counts.bytes_in += line.n + 2;
	if (ev->u.line.too_long || line.n > TRUNK_LINE_MAX) {
		trunk_refuse(st, t, "form", "a line is too long");
		return false;
	}
	if (ev->u.line.bad || has_bad_byte(line)) {
		trunk_refuse(st, t, "form",
		    "a line contains NUL, CR or LF, or ends without CR");
		return false;
	}
	in.tags = take_tags(&in.rest);
	verb = trunk_verb_find(span_word(&in.rest));
	if (verb == TRUNK_VERB_COUNT)
		trunk_refuse(st, t, "form", "unknown verb");
	else if ((trunk_verb_states(verb) & (1u << t->state)) == 0)
		trunk_refuse(st, t, "state",
		    "the line may not come in this state of the trunk");
	else if ((why = recv_verb[verb](st, t, &in)) != NULL)
		trunk_refuse(st, t, "form", why);
	return in.is_event;
}
