/*
 * Lists of addresses in DNS (RFC 5782): a client whose address is on a list is
 * refused, marked, or told of.
 *
 * A text of `lists` has words: the zone of the list, what is done, the replies
 * that count, and the text of a refusal. The server asks the list for a name
 * that is made of the address. The list answers with addresses of 127.0.0.0/8,
 * of which each stands for a reason to be on the list.
 *
 * Any other address is no answer of a list: a zone that was given up may answer
 * everything. Lists say by 127.255.255.0/24 that they do not serve this server.
 * A list that does so, or does not answer, is silent after some failures in a
 * row: operators are told once, and for some seconds nobody is asked about
 * there. So it costs few clients their two seconds.
 */
#include "core/module.h"

#include <string.h>

#include "core/cmd/cmd.h"
#include "core/facts/memory.h"
#include "core/sessions/line.h"
#include "core/types/cost.h"
#include "wire/name.h"

#define LISTS_MAX 8
#define EXEMPT_MAX 64
#define ZONE_MAX 170	/* bytes */
#define ADDRESS_MAX 64	/* bytes that come before the zone */
#define FAILURES 3	/* in a row, until a list is silent */
#define AGAIN_MS 5000	/* until a silent list is asked again */
#define REFUSAL_MAX 300 /* bytes */

/* ---- the configuration --------------------------------------------------- */

enum action { TELL, MARK, REFUSE, ACTIONS };

static const struct span action_name[] = {
	[TELL] = SPAN_INIT("tell"),
	[MARK] = SPAN_INIT("mark"),
	[REFUSE] = SPAN_INIT("refuse"),
};

/* A list as the configuration has it; the spans are borrowed. */
struct list {
	struct span zone;
	enum action action;
	struct span replies; /* "*", or items with commas between */
	struct span text;    /* of a refusal; may be empty */
};

/* Replies that count: numbers of 127.0.0.0/24, or bits of these numbers. */
struct reply_item {
	bool bits;
	uint64_t from, to;
};

/* Read `4`, `4-7` or `&4`. */
static bool
item_parse(struct span s, struct reply_item *x)
{
	struct span from;

	x->bits = s.n > 0 && s.p[0] == '&';
	s = span_tail(s, x->bits);
	from = span_cut(&s, '-');
	if (!span_u64(from, &x->from) || x->from < 1 || x->from > 255)
		return false;
	x->to = x->from;
	if (s.n == 0)
		return true;
	return !x->bits && span_u64(s, &x->to) && x->to >= x->from &&
	       x->to <= 255;
}

static bool
are_replies(struct span s)
{
	struct reply_item x;

	if (span_eq(s, SPAN("*")))
		return true;
	if (s.n == 0)
		return false;
	while (s.n > 0)
		if (!item_parse(span_cut(&s, ','), &x))
			return false;
	return true;
}

static struct span
cut_word(struct span *s)
{
	struct span word = span_cut(s, ' ');

	while (s->n > 0 && s->p[0] == ' ')
		*s = span_tail(*s, 1);
	return word;
}

static bool
list_parse(struct span s, struct list *x)
{
	struct span action;

	x->zone = cut_word(&s);
	action = cut_word(&s);
	x->replies = cut_word(&s);
	x->text = s;
	for (x->action = TELL; x->action < ACTIONS; x->action++)
		if (span_eq(action_name[x->action], action))
			break;
	return name_server_valid(x->zone, ZONE_MAX) && x->action < ACTIONS &&
	       are_replies(x->replies);
}

static const char *
check_list(struct span s)
{
	struct list x;

	return list_parse(s, &x)
		   ? NULL
		   : "ZONE refuse|mark|tell REPLIES [TEXT], with * or numbers "
		     "such as 2,4-7,&8 for REPLIES";
}

#define CLASS "class:"

static const char *
check_exempt(struct span s)
{
	unsigned int prefix;
	struct addr net;

	if (span_starts(s, SPAN(CLASS)) && s.n > sizeof(CLASS) - 1)
		return NULL;
	return addr_cidr_parse(s, &net, &prefix)
		   ? NULL
		   : "a network such as 192.0.2.0/24, or class:NAME";
}

enum { LISTS, EXEMPT };

static const struct option_row options[] = {
	[LISTS] = { "lists", OPTION_IS_LIST, 0, LISTS_MAX, 0,
	    "The lists that are asked: ZONE refuse|mark|tell REPLIES [TEXT].",
	    check_list },
	[EXEMPT] = { "exempt", OPTION_IS_LIST, 0, EXEMPT_MAX, 0,
	    "Networks and classes (class:NAME) whose clients no list is asked "
	    "about.",
	    check_exempt },
};

static bool
find_list(const struct settings *set, unsigned number, struct list *x)
{
	const struct span *v;
	size_t n;

	v = settings_list(set, &options[LISTS], &n);
	return number < n && list_parse(v[number], x);
}

static bool
is_exempt(const struct arrival *x)
{
	unsigned int prefix;
	const struct span *v;
	struct addr net;
	size_t n;

	v = settings_list(x->settings, &options[EXEMPT], &n);
	for (size_t i = 0; i < n; i++) {
		if (span_starts(v[i], SPAN(CLASS)) &&
		    span_eq(span_tail(v[i], sizeof(CLASS) - 1), x->class->name))
			return true;
		if (addr_cidr_parse(v[i], &net, &prefix) &&
		    addr_in(&x->addr, &net, prefix))
			return true;
	}
	return false;
}

/* ---- silent lists -------------------------------------------------------- */

struct state {
	char zone[ZONE_MAX + 1];
	unsigned failures; /* in a row */
	struct mono again; /* if the list is silent */
};

struct states {
	struct state v[LISTS_MAX];
};

static const struct memory_row memory = { "dnsbl/states", MEMORY_SERVER,
	sizeof(struct states), 0 };
_Static_assert(sizeof(struct states) <= MEMORY_SIZE_MAX, "too many lists");

/* Return the state of list `number`. Another list may have had that number,
 * before a reload. */
static struct state *
state_of(const struct step *st, unsigned number, struct span zone)
{
	struct states *all = memory_get_server(st->facts, &memory);
	struct state *x = &all->v[number];

	if (!span_eq(span_of(x->zone), zone)) {
		memset(x, 0, sizeof(*x));
		memcpy(x->zone, zone.p, zone.n);
	}
	return x;
}

/* Return true if the list is not asked now. Let one client ask it when its time
 * has come. */
static bool
is_left_out(const struct step *st, struct state *x)
{
	if (x->failures < FAILURES)
		return false;
	if (mono_cmp(st->now, x->again) < 0)
		return true;
	x->again = mono_add_ms(st->now, AGAIN_MS);
	return false;
}

static void
note_failure(const struct finding *f, struct state *x)
{
	x->again = mono_add_ms(f->st->now, AGAIN_MS);
	if (x->failures < FAILURES && ++x->failures == FAILURES)
		effects_logf(f->st->fx, LOG_LIST_SILENT,
		    { "list", span_of(x->zone) });
}

static void
note_answer(const struct finding *f, struct state *x)
{
	if (x->failures == FAILURES)
		effects_logf(f->st->fx, LOG_LIST_BACK,
		    { "list", span_of(x->zone) });
	x->failures = 0;
}

/* ---- the question -------------------------------------------------------- */

/* RFC 5782, 2.1: the bytes of an IPv4 address, the last one first. RFC 5782,
 * 2.4: the same with the half bytes of an IPv6 address, in hex. */
static void
write_reversed(struct writer *w, const struct addr *a)
{
	static const char hex[] = "0123456789abcdef";
	size_t first = addr_is_v4(a) ? 12 : 0;

	for (size_t i = sizeof(a->b); i-- > first;) {
		if (first > 0)
			writer_u64(w, a->b[i]);
		else {
			writer_char(w, hex[a->b[i] & 15]);
			writer_char(w, '.');
			writer_char(w, hex[a->b[i] >> 4]);
		}
		writer_char(w, '.');
	}
}

/* Write the name that a list is asked for. */
static void
write_name(struct writer *w, const struct addr *a, struct span zone)
{
	write_reversed(w, a);
	writer_span(w, zone);
}

/* DNS does not know private addresses, and lists must not learn of them. */
static bool
ask(struct writer *w, const struct arrival *x, unsigned number)
{
	struct list l;

	if (!find_list(x->settings, number, &l))
		return false;
	if ((addr_is_private(&x->addr) && !x->settings->dns_private) ||
	    is_exempt(x) || is_left_out(x->st, state_of(x->st, number, l.zone)))
		return true;
	write_name(w, &x->addr, l.zone);
	return true;
}

/* ---- the answer ---------------------------------------------------------- */

enum reply { REPLY_FOREIGN, REPLY_REFUSED, REPLY_OTHER, REPLY_COUNTS };

static bool
counts(struct span replies, const unsigned char *b)
{
	struct reply_item x;

	if (span_eq(replies, SPAN("*")))
		return true;
	while (b[1] == 0 && b[2] == 0 && replies.n > 0) {
		if (!item_parse(span_cut(&replies, ','), &x))
			return false;
		if (x.bits ? (b[3] & x.from) != 0
			   : b[3] >= x.from && b[3] <= x.to)
			return true;
	}
	return false;
}

static enum reply
judge(struct span replies, struct span word)
{
	const unsigned char *b;
	struct addr a;

	if (!addr_parse(word, &a) || !addr_is_v4(&a) || a.b[12] != 127)
		return REPLY_FOREIGN;
	b = &a.b[12];
	if (b[1] == 255 && b[2] == 255)
		return REPLY_REFUSED;
	return counts(replies, b) ? REPLY_COUNTS : REPLY_OTHER;
}

/* Write the text of a refusal, with the address in the place of %ip. */
static struct span
refusal(const struct finding *f, const struct list *l)
{
	struct span text = l->text;
	struct writer w, ip;

	writer_init_arena(&ip, f->st->arena, ADDR_TEXT);
	addr_build(&ip, &f->addr);
	writer_init_arena(&w, f->st->arena, REFUSAL_MAX);
	if (text.n == 0) {
		writer_str(&w, "Your address is on the list ");
		writer_span(&w, l->zone);
		return writer_done(&w);
	}
	while (text.n > 0) {
		if (span_starts(text, SPAN("%ip"))) {
			writer_span(&w, writer_done(&ip));
			text = span_tail(text, 3);
			continue;
		}
		writer_char(&w, text.p[0]);
		text = span_tail(text, 1);
	}
	return writer_done(&w);
}

#define FIELD "dnsbl"

static void
act(struct finding *f, const struct list *l)
{
	f->list = l->zone;
	if (l->action == REFUSE)
		f->refusal = refusal(f, l);
	if (l->action == MARK) {
		f->field = SPAN(FIELD);
		f->value = l->zone;
	}
}

/* Return true if there is a list of that number, and it was asked. */
static bool
was_asked(const struct finding *f, unsigned number, struct list *l)
{
	struct writer w;

	if (!find_list(f->settings, number, l))
		return false;
	writer_init_arena(&w, f->st->arena, ADDRESS_MAX + ZONE_MAX);
	write_name(&w, &f->addr, l->zone);
	return span_eq(writer_done(&w), f->question);
}

/* Set the list that was asked, and its number. Return false if a reload has
 * taken it out; it may also have moved it. */
static bool
find_asked(const struct finding *f, unsigned *number, struct list *l)
{
	*number = f->number;
	if (was_asked(f, *number, l))
		return true;
	for (*number = 0; *number < LISTS_MAX; ++*number)
		if (was_asked(f, *number, l))
			return true;
	return false;
}

static void
found(struct finding *f)
{
	struct span words = f->bytes;
	unsigned number;
	enum reply best = REPLY_OTHER, r;
	struct state *state;
	struct list l;

	if (!find_asked(f, &number, &l))
		return;
	state = state_of(f->st, number, l.zone);
	while (f->status == ANSWER_OK && words.n > 0) {
		r = judge(l.replies, span_cut(&words, ' '));
		if (r == REPLY_REFUSED || (r > best && best != REPLY_REFUSED))
			best = r;
	}
	if (best == REPLY_REFUSED || f->status == ANSWER_EXPIRED ||
	    f->status == ANSWER_REFUSED) {
		note_failure(f, state);
		return;
	}
	note_answer(f, state);
	if (best == REPLY_COUNTS)
		act(f, &l);
}

static const struct lookup_row lookup = {
	.name = "dnsbl/list",
	.kind = REQUEST_LISTED,
	.ask = ask,
	.found = found,
};

/* ---- the mark ------------------------------------------------------------ */

static const struct numeric_row told = { 320, "RPL_WHOISSPECIAL",
	"$ :is on the list of addresses $" };

static bool
is_zone(struct span s)
{
	return name_server_valid(s, ZONE_MAX);
}

static const struct whois_row whois = { FIELD, &told, is_zone };

static enum extban_answer
match(struct mask_test *t, struct span value)
{
	const struct rcbuf *v = user_value(t->facts, t->user, SPAN(FIELD));

	t->steps += COST_VISIT;
	if (v == NULL)
		return EXTBAN_NO;
	if (value.n == 0)
		return EXTBAN_YES;
	return mask_glob(value, rcbuf_span(v), &t->steps) ? EXTBAN_YES
							  : EXTBAN_NO;
}

static const struct extban_row extban = {
	.name = "dnsbl",
	.letters = "d",
	.value = EXTBAN_MAY,
	.match = match,
	.what = "users whom a list of addresses has marked, or that list",
};

/* ---- the module ---------------------------------------------------------- */

static const struct rows rows = {
	.of = "dnsbl",
	.numeric = &told,
	.nnumeric = 1,
	.extban = &extban,
	.nextban = 1,
	.memory = &memory,
	.nmemory = 1,
	.option = options,
	.noption = sizeof(options) / sizeof(options[0]),
	.lookup = &lookup,
	.nlookup = 1,
	.whois = &whois,
	.nwhois = 1,
};

MODULE(dnsbl) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "dnsbl",
	.version = "1",
	.purpose = "refuses or marks clients that lists in DNS have",
	.rows = &rows,
};
