/*
 * ISUPPORT is made from the rows and the settings, so that it cannot promise
 * what does not exist (modern-irc, "RPL_ISUPPORT Parameters").
 */
#include "core/answers/isupport.h"

#include <stddef.h>
#include <string.h>

#include "core/answers/reply.h"
#include "core/sessions/batch.h"
#include "core/sessions/line.h"
#include "core/types/cost.h"
#include "core/types/mode_value.h"

#define TOKENS_PER_LINE 13 /* modern-irc, RPL_ISUPPORT */

struct token {
	const char *name;
	struct span value;
};

struct tokens { /* lines of tokens, each with a LF */
	struct writer w;
	size_t line; /* where the line under way begins */
	unsigned n;  /* tokens in it */
};

/* The tokens of a line; the rest of it is the name of the server, a nick of at
 * most 64 bytes and the text. */
#define LINE_TOKENS 380

static void
tokens_init(struct tokens *t, struct step *st)
{
	*t = (struct tokens){ .n = 0 };
	writer_init_arena(&t->w, st->arena,
	    (size_t)TOKENS_MAX * (LINE_TOKENS + 1));
}

static void
add(struct tokens *t, const char *sign, struct token x)
{
	size_t need = 3 + span_of(x.name).n + x.value.n;

	if (t->n == TOKENS_PER_LINE || t->w.n - t->line + need > LINE_TOKENS) {
		writer_char(&t->w, '\n');
		t->line = t->w.n;
		t->n = 0;
	}
	if (t->n++ > 0)
		writer_char(&t->w, ' ');
	writer_str(&t->w, sign);
	writer_str(&t->w, x.name);
	if (x.value.n > 0) {
		writer_char(&t->w, '=');
		writer_span(&t->w, x.value);
	}
}

static struct span
lines_of(struct tokens *t)
{
	if (t->n > 0)
		writer_char(&t->w, '\n');
	return writer_done(&t->w);
}

static void
send_lines(struct step *st, struct session *s, struct span lines)
{
	while (lines.n > 0)
		/* 105: not the server the client is on (modern-irc,
		 * RPL_ISUPPORT) */
		reply(st, s, s == NULL ? RPL_REMOTEISUPPORT : RPL_ISUPPORT,
		    span_cut(&lines, '\n'));
}

/* IRCv3 extended-isupport, "`draft/isupport` batch": all of these lines, and
 * nothing else, are in one. */
static bool
has_batch(const struct session *s)
{
	uint64_t both = CAPB(BATCH) | CAPB(EXTENDED_ISUPPORT);

	return s != NULL && (s->caps & both) == both;
}

void
reply_isupport_lines(struct step *st, struct session *s, struct span lines)
{
	bool in_batch = lines.n > 0 && has_batch(s);

	if (in_batch)
		batch_inner_begin(st, s, "draft/isupport");
	send_lines(st, s, lines);
	if (in_batch)
		batch_inner_end(st, s);
}

/* Return the type of a mode in CHANMODES (modern-irc, "CHANMODES
 * Parameter"). */
static char
chanmodes_type(const struct chan_mode_row *row)
{
	switch (row->type) {
	case MODE_LIST:
		return 'A';
	case MODE_VALUE:
		return row->value->arg_to_unset ? 'B' : 'C';
	case MODE_FLAG:
		break;
	}
	return 'D';
}

static void
write_chanmodes(struct writer *w, const struct isupport_from *from)
{
	const struct tables *t = from->tables;

	for (char type = 'A'; type <= 'D'; type++) {
		if (type > 'A')
			writer_char(w, ',');
		for (unsigned m = 0; m < t->nchan_mode; m++)
			if (chanmodes_type(chan_mode_row(t, m)) == type)
				mode_letter_write(w,
				    chan_mode_row(t, m)->letter);
	}
}

/* Return the least of the letters of extended bans that comes after c, or
 * '\0'. */
static char
next_letter(const struct tables *t, char c)
{
	char least = '\0';
	const char *p;

	for (unsigned i = 0; i < t->nextban; i++)
		for (p = t->extban[i]->letters; *p != '\0'; p++)
			if (*p > c && (least == '\0' || *p < least))
				least = *p;
	return least;
}

/* modern-irc, "EXTBAN Parameter" */
static void
write_extban(struct writer *w, const struct isupport_from *from)
{
	char c = '\0';

	writer_str(w, "~,");
	while ((c = next_letter(from->tables, c)) != '\0')
		writer_char(w, c);
}

static void
write_excepts(struct writer *w, const struct isupport_from *from)
{
	writer_char(w, chan_mode_row(from->tables, CM_EXCEPT)->letter);
}

static void
write_invex(struct writer *w, const struct isupport_from *from)
{
	writer_char(w, chan_mode_row(from->tables, CM_INVEX)->letter);
}

static void
write_statusmsg(struct writer *w, const struct isupport_from *from)
{
	const struct tables *t = from->tables;

	for (unsigned i = 0; i < t->nranked; i++)
		writer_char(w, status_row(t, t->by_rank[i])->prefix);
}

static void
write_prefix(struct writer *w, const struct isupport_from *from)
{
	const struct tables *t = from->tables;

	writer_char(w, '(');
	for (unsigned i = 0; i < t->nranked; i++)
		writer_char(w, status_row(t, t->by_rank[i])->letter);
	writer_char(w, ')');
	write_statusmsg(w, from);
}

static bool
has_chanlimit(const struct isupport_from *from)
{
	return from->class->channels != 0;
}

static void
write_chanlimit(struct writer *w, const struct isupport_from *from)
{
	writer_str(w, "#:");
	writer_u64(w, from->class->channels);
}

/* All lists together have one bound. */
static void
write_maxlist(struct writer *w, const struct isupport_from *from)
{
	const struct chan_mode_row *row;

	for (unsigned m = 0; m < from->tables->nchan_mode; m++) {
		row = chan_mode_row(from->tables, m);
		if (row->type == MODE_LIST)
			writer_char(w, row->letter);
	}
	writer_char(w, ':');
	writer_u64(w, from->settings->list_max);
}

static void
write_network(struct writer *w, const struct isupport_from *from)
{
	writer_span(w, from->settings->network);
}

static void
write_targmax(struct writer *w, const struct isupport_from *from)
{
	uint64_t n = from->settings->targets_max;

	writer_str(w, "JOIN:,KICK:");
	writer_u64(w, n);
	writer_str(w, ",LIST:");
	writer_u64(w, LIST_CONDS);
	writer_str(w, ",NAMES:1,NOTICE:");
	writer_u64(w, n);
	writer_str(w, ",PART:,PRIVMSG:");
	writer_u64(w, n);
	writer_str(w, ",TAGMSG:");
	writer_u64(w, n);
	writer_str(w, ",WHOIS:1");
}

static bool
has_tag_deny(const struct isupport_from *from)
{
	return from->settings->tag_deny.n > 0;
}

static void
write_tag_deny(struct writer *w, const struct isupport_from *from)
{
	writer_span(w, from->settings->tag_deny);
}

static bool
has_utf8only(const struct isupport_from *from)
{
	return from->settings->utf8only;
}

#define TEXT(s) .text = s
#define NUMBER(member)                                                       \
	.number = _Generic(((const struct settings *)NULL)->member, uint32_t \
			   : offsetof(struct settings, member))
#define WRITE(function) .write = function
#define NO_VALUE .text = NULL

const struct isupport_row isupport_builtin[ISUPPORT_BUILTIN] = {
#define ISUPPORT(NAME, value, told, scenario) \
	{ .name = #NAME, value, .is_told = told },
#include "core/answers/isupport.def"
#undef ISUPPORT
};

static uint32_t
number_of(const struct isupport_row *row, const struct settings *settings)
{
	uint32_t n;

	memcpy(&n, (const char *)settings + row->number, sizeof(n));
	return n;
}

static struct span
value_of(struct step *st, const struct isupport_row *row,
    const struct isupport_from *from)
{
	struct writer w;

	if (row->write == NULL && row->number == 0)
		return span_of(row->text);
	writer_init_arena(&w, st->arena, TOKEN_VALUE_MAX);
	if (row->write != NULL)
		row->write(&w, from);
	else
		writer_u64(&w, number_of(row, from->settings));
	return writer_done(&w);
}

static size_t
collect(struct step *st, const struct isupport_from *from,
    struct token t[TOKENS_MAX])
{
	const struct isupport_row *row;
	size_t n = 0;

	for (unsigned i = 0; i < from->tables->nisupport; i++) {
		row = from->tables->isupport[i];
		if (row->is_told == NULL || row->is_told(from))
			t[n++] = (struct token){ row->name,
				value_of(st, row, from) };
	}
	return n;
}

static const struct class_settings *
class_of(const struct step *st, const struct session *s)
{
	const struct settings *x = st->core->settings;

	return s != NULL ? s->conn->class : &x->class[x->nclass - 1];
}

static void
send_tokens(struct step *st, struct session *s)
{
	struct token v[TOKENS_MAX];
	struct tokens t;
	size_t n = collect(st,
	    &(struct isupport_from){
		st->core->settings, class_of(st, s), st->tables },
	    v);

	tokens_init(&t, st);
	for (size_t i = 0; i < n; i++)
		add(&t, "", v[i]);
	send_lines(st, s, lines_of(&t));
}

void
reply_isupport(struct step *st, struct session *s)
{
	struct core *c = st->core;

	if (s != NULL && c->isupport_class != s->conn->class) {
		recording_drop(&c->isupport);
		c->isupport_class = s->conn->class;
	}
	if (has_batch(s))
		batch_inner_begin(st, s, "draft/isupport");
	reply_recorded(st, s, &c->isupport, send_tokens);
	if (has_batch(s))
		batch_inner_end(st, s);
}

static const struct token *
find(const struct token *v, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].name, name) == 0)
			return &v[i];
	return NULL;
}

struct span
isupport_changes(struct step *st, const struct isupport_from *was,
    const struct class_settings *is)
{
	struct token old[TOKENS_MAX], now[TOKENS_MAX];
	const struct token *same;
	struct tokens t;
	size_t nold = collect(st, was, old);
	size_t n = collect(st,
	    &(struct isupport_from){ st->core->settings, is, st->tables }, now);

	tokens_init(&t, st);
	for (size_t i = 0; i < n; i++) {
		same = find(old, nold, now[i].name);
		if (same == NULL || !span_eq(same->value, now[i].value))
			add(&t, "", now[i]);
	}
	for (size_t i = 0; i < nold; i++)
		if (find(now, n, old[i].name) == NULL)
			add(&t, "-", (struct token){ old[i].name, SPAN_NONE });
	return lines_of(&t);
}
