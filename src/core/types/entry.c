/*
 * The bytes are the entry. Own and foreign entries are decoded by the same
 * function when they are processed, so they cannot differ; decoded parts live
 * for that step, while the log keeps only the text.
 *
 * An entry of a peer is decoded when it comes, too, because it may be
 * malformed. An own entry is not: its head is known, and entry_new() sees to it
 * that the text has as many lines as it says. link_check() decodes own entries
 * as those of a peer in all tests.
 */
#include "core/types/entry.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"

#define PARTS_SAID_MAX 0x7fffu /* a greater number is read as this one */
/* Bytes that most entries need; malloc keeps blocks of this size at hand. */
#define SMALL 960
#define VERB "ENTRY "
#define VERB_LEN (sizeof(VERB) - 1)
#define DEST_WORD 4 /* of an ENTRY line, from 0 */

static void
write_cause(struct writer *w, const struct cause *c)
{
	if (c->sess.k == 0) {
		writer_char(w, '-');
		return;
	}
	write_session_id(w, c->sess);
	writer_char(w, ',');
	writer_u64(w, c->tenure);
	writer_char(w, ',');
	writer_u64(w, c->c);
	writer_char(w, ',');
	writer_i64(w, c->t0);
}

static bool
parse_cause(struct span word, struct cause *c)
{
	uint64_t tenure;

	*c = (struct cause){ 0 };
	if (span_eq(word, SPAN("-")))
		return true;
	if (!session_id_parse(span_cut(&word, ','), &c->sess) ||
	    !span_u64(span_cut(&word, ','), &tenure) || tenure > UINT32_MAX ||
	    !span_u64(span_cut(&word, ','), &c->c) || !span_i64(word, &c->t0))
		return false;
	c->tenure = (uint32_t)tenure;
	return true;
}

static void
write_dest(struct writer *w, const struct dest *d)
{
	if (d->all)
		writer_char(w, '*');
	for (size_t i = 0; !d->all && i < d->n; i++) {
		if (i > 0)
			writer_char(w, ',');
		writer_span(w, sid_span(&d->v[i]));
	}
}

static bool
dest_is_valid(struct span word)
{
	struct sid sid;

	if (span_eq(word, SPAN("*")))
		return true;
	if (word.n == 0)
		return false;
	while (word.n > 0)
		if (!sid_parse(span_cut(&word, ','), &sid))
			return false;
	return true;
}

/* Note in *head what the entry remembers of a part. */
static void
note_part(struct entry *head, const struct part *p)
{
	if (p->id == PART_FORGET)
		head->has_forget = 1;
	if (p->id == PART_READY && sid_cmp(p->u.ready.sid, head->o.sid) == 0 &&
	    p->u.ready.inc == head->o.inc)
		head->ready = 1;
}

/* Return the entry of that head and that text, which is copied. */
static struct entry *
make(const struct entry *head, struct span text)
{
	struct entry *e = mem_alloc(sizeof(*e));

	*e = *head;
	e->refs = 1;
	e->text = rcbuf_new(text);
	return e;
}

static void
write_head(struct writer *w, struct entry *head, const struct dest *dest,
    const struct cause *cause)
{
	writer_str(w, VERB);
	write_origin(w, head->o);
	writer_char(w, ' ');
	writer_u64(w, head->n);
	writer_char(w, ' ');
	writer_i64(w, head->stamp.ms);
	writer_char(w, ' ');
	write_dest(w, dest);
	writer_char(w, ' ');
	write_cause(w, cause);
	writer_char(w, ' ');
	writer_u64(w, head->nparts);
	writer_str(w, "\r\n");
	invariant(w->n <= ENTRY_LINE_MAX);
	head->head = w->n & 0x7fff;
}

static void
write_part(struct writer *w, const struct part *part)
{
	size_t from = w->n;
	struct span line;

	part_encode(w, part);
	line = span_tail(writer_done(w), from);
	invariant(line.n <= ENTRY_LINE_MAX - 2);
	invariant(span_find(line, '\n') == line.n);
	writer_str(w, "\r\n");
}

/* Write the entry, and note in *head what it remembers of its parts. */
static void
write_entry(struct writer *w, struct entry *head, const struct dest *dest,
    const struct cause *cause, const struct part *part)
{
	write_head(w, head, dest, cause);
	for (size_t i = 0; i < head->nparts; i++) {
		note_part(head, &part[i]);
		write_part(w, &part[i]);
	}
}

struct entry *
entry_new(struct origin o, uint64_t n, struct stamp stamp,
    const struct dest *dest, const struct cause *cause, const struct part *part,
    size_t nparts)
{
	struct entry head = { .o = o, .n = n, .stamp = stamp }, *e;
	struct arena *arena = NULL;
	char small[SMALL];
	struct writer w;

	invariant(nparts > 0 && nparts <= ENTRY_PARTS_MAX);
	for (size_t i = 0; i < nparts; i++)
		invariant(dest->all || !part_is_fact(&part[i]));
	head.nparts = nparts & PARTS_SAID_MAX;
	writer_init(&w, small, sizeof(small));
	write_entry(&w, &head, dest, cause, part);
	if (w.over) {
		arena = arena_new(SMALL);
		writer_init_arena(&w, arena, (nparts + 1) * ENTRY_LINE_MAX);
		write_entry(&w, &head, dest, cause, part);
	}
	invariant(!w.over);
	e = make(&head, writer_done(&w));
	arena_free(arena);
	return e;
}

const char *
entry_head_decode(struct span rest, struct entry *e)
{
	struct cause cause;
	uint64_t n;

	*e = (struct entry){ 0 };
	if (!origin_parse(span_word(&rest), &e->o))
		return "expected an origin, sid.inc";
	if (!span_u64(span_word(&rest), &e->n) || e->n == 0 || e->n > DOT_N_MAX)
		return "expected a number from 1 to 2^48-1";
	if (!stamp_parse(span_word(&rest), &e->stamp))
		return "expected a stamp in ms";
	if (!dest_is_valid(span_word(&rest)))
		return "expected * or sids";
	if (!parse_cause(span_word(&rest), &cause))
		return "expected a cause";
	if (!span_u64(span_word(&rest), &n) || n == 0)
		return "expected a number of parts";
	e->nparts = (uint16_t)(n > PARTS_SAID_MAX ? PARTS_SAID_MAX : n) &
		    PARTS_SAID_MAX;
	return span_word(&rest).n == 0 ? NULL : "more words than expected";
}

/* Take the next line off the text, without CRLF. Return false at its end. */
static bool
cut_line(struct span *text, struct span *line)
{
	const char *nl;
	size_t n;

	if (text->n == 0 || (nl = memchr(text->p, '\n', text->n)) == NULL)
		return false;
	n = (size_t)(nl - text->p) + 1;
	if (n < 2 || n > ENTRY_LINE_MAX || nl[-1] != '\r')
		return false;
	*line = span_head(*text, n - 2);
	*text = span_tail(*text, n);
	return true;
}

/* Return NULL, or what is wrong with a part. Set has_forget and ready. */
static const char *
check_parts(struct entry *head, struct span text, bool for_all)
{
	struct arena *arena = arena_new(SMALL);
	const char *why = NULL;
	struct span line;
	struct part part;

	head->has_forget = head->ready = 0;
	for (size_t i = 0; i < head->nparts && why == NULL; i++) {
		if (!cut_line(&text, &line))
			why = "expected a + line";
		else
			why = part_decode(line, arena, &part);
		if (why == NULL && part_is_fact(&part) && !for_all)
			why = "a fact goes to every server";
		if (why == NULL)
			note_part(head, &part);
	}
	if (why == NULL && text.n > 0)
		why = "more parts than announced";
	arena_free(arena);
	return why;
}

/* Write an ENTRY line from its word D on. */
static struct span
from_dest(struct span text)
{
	for (unsigned i = 0; i < DEST_WORD; i++)
		(void)span_word(&text);
	return text;
}

static struct span
dest_of(struct span text)
{
	struct span rest = from_dest(text);

	return span_word(&rest);
}

struct entry *
entry_from_text(struct span text, const char **why)
{
	struct span rest = text, line;
	struct entry head;

	if (!span_starts(text, SPAN(VERB)) || !cut_line(&rest, &line)) {
		*why = "expected an ENTRY line";
		return NULL;
	}
	*why = entry_head_decode(span_tail(line, VERB_LEN), &head);
	head.head = (text.n - rest.n) & 0x7fff;
	if (*why == NULL && head.nparts > ENTRY_PARTS_MAX)
		*why = "more parts than an entry may have";
	if (*why == NULL)
		*why =
		    check_parts(&head, rest, span_eq(dest_of(text), SPAN("*")));
	return *why == NULL ? make(&head, text) : NULL;
}

struct entry *
entry_ref(struct entry *e)
{
	e->refs++;
	return e;
}

void
entry_unref(struct entry *e)
{
	if (e == NULL || --e->refs > 0)
		return;
	rcbuf_unref(e->text);
	free(e);
}

struct part *
entry_parts(const struct entry *e, struct arena *arena)
{
	struct part *part = arena_alloc(arena, e->nparts * sizeof(*part));
	struct span text = span_tail(rcbuf_span(e->text), e->head), line;

	for (size_t i = 0; i < e->nparts; i++) {
		invariant(cut_line(&text, &line));
		invariant(part_decode(line, arena, &part[i]) == NULL);
	}
	invariant(text.n == 0);
	return part;
}

bool
entry_is_sound(const struct entry *e)
{
	const char *why;
	struct entry *read = entry_from_text(rcbuf_span(e->text), &why);
	bool same = read != NULL && origin_cmp(e->o, read->o) == 0 &&
		    e->n == read->n && e->stamp.ms == read->stamp.ms &&
		    e->nparts == read->nparts && e->head == read->head &&
		    e->ready == read->ready &&
		    e->has_forget == read->has_forget;

	entry_unref(read);
	return same;
}

struct span
entry_dest(const struct entry *e)
{
	return dest_of(rcbuf_span(e->text));
}

struct cause
entry_cause(const struct entry *e)
{
	struct span rest = from_dest(rcbuf_span(e->text));
	struct cause cause;

	(void)span_word(&rest);
	invariant(parse_cause(span_word(&rest), &cause));
	return cause;
}

bool
entry_is_for(const struct entry *e, struct sid s)
{
	struct span d = entry_dest(e);

	if (d.p[0] == '*')
		return true;
	while (d.n > 0)
		if (span_eq(span_cut(&d, ','), sid_span(&s)))
			return true;
	return false;
}

size_t
entry_size(const struct entry *e)
{
	return sizeof(*e) + sizeof(*e->text) + e->text->n;
}
