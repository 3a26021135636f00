/*
 * Each verb is a row with the function that reads what follows the verb. L
 * comes far more often than all others together, so it is looked for first.
 *
 * Words are read one by one and never cut into an array first: a LIST may have
 * thousands of them.
 */
#include "gate/trunkline.h"

#include "base/ascii.h"
#include "wire/utf8.h"
#include "wire/words.h"

#define REASON_MAX 300 /* bytes of a reason that the gate writes */
#define SID_LEN 3
#define PIN_DIGITS 64
#define RATE_MAX (UINT64_C(1) << 40) /* 11.4 */
#define WEIGHT_MAX 1000

/* Read a number of at most 2^63 - 1 (part 1). */
static bool
count_parse(struct span word, uint64_t *n)
{
	return num_parse(word, n) && *n <= INT64_MAX;
}

bool
trunkline_number(struct span word, uint32_t *n)
{
	uint64_t v;

	if (!count_parse(word, &v) || v == 0 || v > UINT32_MAX)
		return false;
	*n = (uint32_t)v;
	return true;
}

static bool
take_number(struct span *rest, uint32_t *n)
{
	struct span word;

	return word_next(rest, &word) && trunkline_number(word, n);
}

static bool
take_count(struct span *rest, uint64_t *n)
{
	struct span word;

	return word_next(rest, &word) && count_parse(word, n);
}

/* Take the rest of the line, which has words only. */
static bool
take_words(struct span *rest, struct span *words)
{
	size_t colon = span_find(*rest, ':');

	*words = *rest;
	while (colon < words->n) {
		if (colon == 0 || words->p[colon - 1] == ' ')
			return false;
		colon += 1 + span_find(span_tail(*words, colon + 1), ':');
	}
	*rest = SPAN_NONE;
	return true;
}

/* Take `*`, the first word of a line that is not the last one. */
static void
take_star(struct span *rest, bool *more)
{
	struct span ahead = *rest, word;

	if (!word_next(&ahead, &word) || !span_eq(word, SPAN("*")))
		return;
	*more = true;
	*rest = ahead;
}

/* ---- positions ----------------------------------------------------------- */

static bool
origin_take(struct span o)
{
	struct span sid = span_cut(&o, '.');
	uint64_t inc;

	if (sid.n != SID_LEN || !count_parse(o, &inc))
		return false;
	for (size_t i = 0; i < SID_LEN; i++)
		if (!ascii_is_digit(sid.p[i]) && !ascii_is_letter(sid.p[i]))
			return false;
	return true;
}

bool
trunkline_is_position(struct span words)
{
	struct span word, origin;
	uint64_t n;

	while (word_next(&words, &word)) {
		origin = span_cut(&word, '=');
		if (!origin_take(origin) || !count_parse(word, &n))
			return false;
	}
	return word_none(words);
}

/* ---- lines of the server ------------------------------------------------- */

static bool
read_l(struct span rest, struct trunkline *x)
{
	struct span word;

	if (!word_next(&rest, &word))
		return false;
	x->of_list = word.p[0] == '*';
	return trunkline_number(span_tail(word, x->of_list), &x->to) &&
	       word_text(&rest, &x->text);
}

static bool
read_list(struct span rest, struct trunkline *x)
{
	if (!take_number(&rest, &x->to))
		return false;
	take_star(&rest, &x->more);
	return take_words(&rest, &x->words);
}

static bool
read_unlist(struct span rest, struct trunkline *x)
{
	return take_number(&rest, &x->to) && word_none(rest);
}

static bool
read_read(struct span rest, struct trunkline *x)
{
	return take_count(&rest, &x->n[0]) && take_words(&rest, &x->words);
}

static bool
read_queues(struct span rest, struct trunkline *x)
{
	return take_count(&rest, &x->n[0]) && take_count(&rest, &x->n[1]) &&
	       take_words(&rest, &x->words);
}

static bool
read_drain(struct span rest, struct trunkline *x)
{
	return take_number(&rest, &x->to) && take_count(&rest, &x->n[0]) &&
	       word_none(rest);
}

static bool
read_gone(struct span rest, struct trunkline *x)
{
	return take_number(&rest, &x->to) && word_text(&rest, &x->text);
}

static bool
read_pos(struct span rest, struct trunkline *x)
{
	take_star(&rest, &x->more);
	return take_words(&rest, &x->words);
}

static bool
read_beat(struct span rest, struct trunkline *x)
{
	if (!take_count(&rest, &x->n[0]) || x->n[0] == 0)
		return false;
	if (word_none(rest))
		return true;
	x->has_echo = true;
	return take_count(&rest, &x->n[1]) && x->n[1] > 0 &&
	       take_count(&rest, &x->n[2]) && word_none(rest);
}

static bool
read_error(struct span rest, struct trunkline *x)
{
	return word_next(&rest, &x->code) && word_text(&rest, &x->text);
}

static bool
is_name(struct span s)
{
	if (s.n == 0 || s.n > TRUNK_NAME_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_letter(s.p[i]) && !ascii_is_digit(s.p[i]) &&
		    s.p[i] != '-' && s.p[i] != '.' && s.p[i] != '_')
			return false;
	return true;
}

static bool
is_region(struct span s)
{
	return is_name(s) || span_eq(s, SPAN("*"));
}

/* A server of another version may have other fields, so only the version is
 * read then: it is what ERROR is about. */
static bool
read_server(struct span rest, struct trunkline *x)
{
	if (!take_count(&rest, &x->n[0]))
		return false;
	if (x->n[0] != 1)
		return true;
	return word_next(&rest, &x->origin) && origin_take(x->origin) &&
	       word_next(&rest, &x->name) && is_name(x->name) &&
	       word_next(&rest, &x->region) && is_region(x->region) &&
	       word_text(&rest, &x->text);
}

/* ---- the other servers, the load, the choice (11, 12) -------------------- */

static bool
is_sid(struct span s)
{
	if (s.n != SID_LEN || !ascii_is_digit(s.p[0]))
		return false;
	for (size_t i = 1; i < SID_LEN; i++)
		if (!ascii_is_digit(s.p[i]) && !ascii_is_upper(s.p[i]))
			return false;
	return true;
}

/* Read the word of a pin; "-" stands for none. */
static bool
take_pin(struct span *rest, struct span *pin)
{
	if (!word_next(rest, pin))
		return false;
	if (span_eq(*pin, SPAN("-"))) {
		*pin = SPAN_NONE;
		return true;
	}
	for (size_t i = 0; i < pin->n; i++)
		if (ascii_hex(pin->p[i]) < 0)
			return false;
	return pin->n == PIN_DIGITS;
}

/* Whether the host can be looked up is not a matter of form: one server says
 * here what another one has told it. */
static bool
read_peer(struct span rest, struct trunkline *x)
{
	if (!word_next(&rest, &x->sid) || !is_sid(x->sid))
		return false;
	x->is_gone = word_none(rest);
	if (x->is_gone)
		return true;
	return word_next(&rest, &x->name) && is_name(x->name) &&
	       word_next(&rest, &x->region) && is_region(x->region) &&
	       word_next(&rest, &x->host) && take_count(&rest, &x->n[0]) &&
	       x->n[0] > 0 && x->n[0] <= UINT16_MAX &&
	       take_pin(&rest, &x->pin) && word_none(rest);
}

static bool
read_load(struct span rest, struct trunkline *x)
{
	uint64_t s;

	if (!take_count(&rest, &x->n[0]) || !take_count(&rest, &x->n[1]) ||
	    x->n[1] > RATE_MAX || !take_count(&rest, &x->n[2]) ||
	    x->n[2] == 0 || x->n[2] > WEIGHT_MAX ||
	    !word_next(&rest, &x->words) || !take_count(&rest, &s) ||
	    s > UINT32_MAX || !word_none(rest))
		return false;
	x->to = (uint32_t)s;
	return true;
}

/* place/ask.h reads the answer. */
static bool
read_cost(struct span rest, struct trunkline *x)
{
	return take_count(&rest, &x->n[0]) && x->n[0] > 0 &&
	       word_text(&rest, &x->text);
}

static bool
read_full(struct span rest, struct trunkline *x)
{
	return take_number(&rest, &x->to) && word_none(rest);
}

static const struct verb_row {
	struct span verb;
	bool (*read)(struct span rest, struct trunkline *);
} verb_row[] = {
	[TRUNK_SERVER] = { SPAN_INIT("SERVER"), read_server },
	[TRUNK_L] = { SPAN_INIT("L"), read_l },
	[TRUNK_LIST] = { SPAN_INIT("LIST"), read_list },
	[TRUNK_UNLIST] = { SPAN_INIT("UNLIST"), read_unlist },
	[TRUNK_READ] = { SPAN_INIT("READ"), read_read },
	[TRUNK_QUEUES] = { SPAN_INIT("QUEUES"), read_queues },
	[TRUNK_DRAIN] = { SPAN_INIT("DRAIN"), read_drain },
	[TRUNK_GONE] = { SPAN_INIT("GONE"), read_gone },
	[TRUNK_POS] = { SPAN_INIT("POS"), read_pos },
	[TRUNK_PEER] = { SPAN_INIT("PEER"), read_peer },
	[TRUNK_LOAD] = { SPAN_INIT("LOAD"), read_load },
	[TRUNK_COST] = { SPAN_INIT("COST"), read_cost },
	[TRUNK_FULL] = { SPAN_INIT("FULL"), read_full },
	[TRUNK_BEAT] = { SPAN_INIT("BEAT"), read_beat },
	[TRUNK_ERROR] = { SPAN_INIT("ERROR"), read_error },
};

#define NVERBS (sizeof(verb_row) / sizeof(verb_row[0]))

bool
trunkline_parse(struct span line, struct trunkline *x)
{
	struct span verb;

	*x = (struct trunkline){ .verb = TRUNK_L };
	if (line.n > 0 && line.p[0] == '@')
		(void)span_word(&line); /* tags: no key of them is known */
	else if (line.n > 0 && line.p[0] == ' ')
		return false;
	line = span_skip_spaces(line);
	verb = span_word(&line);
	if (span_eq(verb, SPAN("L")))
		return read_l(line, x);
	for (size_t i = 0; i < NVERBS; i++)
		if (span_eq(verb, verb_row[i].verb)) {
			x->verb = (enum trunk_verb)i;
			return verb_row[i].read(line, x);
		}
	return false;
}

bool
trunkline_cap(struct span caps, struct span name, struct span *value)
{
	struct span cap;

	for (;;) {
		cap = span_word(&caps);
		if (cap.n == 0)
			return false;
		if (!span_eq(span_cut(&cap, '='), name))
			continue;
		*value = cap;
		return true;
	}
}

/* ---- lines of the gate --------------------------------------------------- */

static void
write_end(struct writer *w)
{
	writer_str(w, "\r\n");
}

/* Write " :" and the text, without NUL, CR and LF. */
static void
write_reason(struct writer *w, struct span text)
{
	text = utf8_cut(text, REASON_MAX);
	writer_str(w, " :");
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != '\0' && text.p[i] != '\r' && text.p[i] != '\n')
			writer_char(w, text.p[i]);
	write_end(w);
}

static void
write_verb(struct writer *w, const char *verb, uint64_t n)
{
	writer_str(w, verb);
	writer_char(w, ' ');
	writer_u64(w, n);
}

void
trunkline_gate(struct writer *w, const struct trunk_gate *g)
{
	writer_str(w, "GATE 1 ");
	writer_span(w, g->name);
	writer_char(w, ' ');
	writer_span(w, g->region.n > 0 ? g->region : SPAN("*"));
	writer_str(w, " :");
	writer_span(w, g->caps);
	if (g->network.n > 0) {
		writer_str(w, g->caps.n > 0 ? " network=" : "network=");
		writer_span(w, g->network);
	}
	write_end(w);
}

/* Write a value of a tag with the escapes of message-tags ("Escaping values").
 * A NUL cannot be written, and is left out. */
static void
write_value(struct writer *w, struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		switch (s.p[i]) {
		case ';':
			writer_str(w, "\\:");
			break;
		case ' ':
			writer_str(w, "\\s");
			break;
		case '\\':
			writer_str(w, "\\\\");
			break;
		case '\r':
			writer_str(w, "\\r");
			break;
		case '\n':
			writer_str(w, "\\n");
			break;
		case '\0':
			break;
		default:
			writer_char(w, s.p[i]);
		}
}

static void
write_tls(struct writer *w, const struct trunk_client *x)
{
	writer_str(w, ";tls=");
	write_value(w, x->version);
	writer_str(w, x->version.n > 0 && x->cipher.n > 0 ? "-" : "");
	write_value(w, x->cipher);
	writer_str(w, x->version.n + x->cipher.n == 0 ? "TLS" : "");
	if (x->asked.n > 0) {
		writer_str(w, ";sni=");
		write_value(w, x->asked);
	}
	if (x->pin.n > 0) {
		writer_str(w, ";pin=");
		writer_hex(w, x->pin);
	}
}

void
trunkline_new(struct writer *w, uint32_t s, const struct trunk_client *x)
{
	writer_str(w, "@addr=");
	addr_build(w, &x->addr);
	writer_str(w, ";port=");
	writer_u64(w, x->port);
	if (x->tls)
		write_tls(w, x);
	writer_str(w, x->web ? ";web" : "");
	writer_str(w, x->over ? ";over" : "");
	if (x->rate > 0) {
		writer_str(w, ";rate=");
		writer_u64(w, x->rate);
	}
	write_verb(w, " NEW", s);
	write_end(w);
}

void
trunkline_closed(struct writer *w, uint32_t s, struct span reason)
{
	write_verb(w, "CLOSED", s);
	write_reason(w, reason);
}

void
trunkline_error(struct writer *w, const char *code, struct span reason)
{
	writer_str(w, "ERROR ");
	writer_str(w, code);
	write_reason(w, reason);
}

void
trunkline_place(struct writer *w, uint64_t q, struct span words)
{
	write_verb(w, "PLACE", q);
	writer_str(w, " :");
	writer_span(w, words);
	write_end(w);
}

void
trunkline_of(struct writer *w, const char *verb, uint32_t s)
{
	write_verb(w, verb, s);
	write_end(w);
}

void
trunkline_beat(struct writer *w, uint64_t t, uint64_t echo, uint64_t held)
{
	write_verb(w, "BEAT", t);
	if (echo > 0) {
		writer_char(w, ' ');
		writer_u64(w, echo);
		writer_char(w, ' ');
		writer_u64(w, held);
	}
	write_end(w);
}

void
trunkline_cmd(struct writer *w, uint32_t s, uint64_t c, struct span line,
    unsigned int wrong)
{
	static const char *const tags[] = { "", "@long ", "@bad ",
		"@long;bad " };

	writer_str(w, tags[wrong & (TRUNK_CMD_LONG | TRUNK_CMD_BAD)]);
	write_verb(w, "CMD", s);
	writer_char(w, ' ');
	writer_u64(w, c);
	writer_str(w, " :");
	if ((wrong & TRUNK_CMD_BAD) == 0)
		writer_span(w, line);
	write_end(w);
}
