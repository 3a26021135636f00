/*
 * ISUPPORT is made from the rows and the settings, so that it cannot promise
 * what does not exist (modern-irc, "RPL_ISUPPORT Parameters").
 */
#include "core/answers/isupport.h"

#include <string.h>

#include "core/answers/reply.h"
#include "core/sessions/line.h"
#include "core/types/cost.h"
#include "core/types/mode_value.h"

#define TOKENS_PER_LINE 13 /* modern-irc, RPL_ISUPPORT */

#define TOKENS_MAX 40 /* tokens that exist */

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

void
reply_isupport_lines(struct step *st, struct session *s, struct span lines)
{
	while (lines.n > 0)
		/* 105: not the server the client is on (modern-irc,
		 * RPL_ISUPPORT) */
		reply(st, s, s == NULL ? RPL_REMOTEISUPPORT : RPL_ISUPPORT,
		    span_cut(&lines, '\n'));
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
write_chanmodes(struct writer *w, const struct tables *t)
{
	for (char type = 'A'; type <= 'D'; type++) {
		if (type > 'A')
			writer_char(w, ',');
		for (unsigned m = 0; m < t->nchan_mode; m++)
			if (chanmodes_type(chan_mode_row(t, m)) == type)
				writer_char(w, chan_mode_row(t, m)->letter);
	}
}

static struct span
chanmodes(struct step *st)
{
	struct writer w;

	writer_init_arena(&w, st->arena, 200);
	write_chanmodes(&w, st->tables);
	return writer_done(&w);
}

static struct span
prefix(struct step *st, bool letters)
{
	const struct tables *t = st->tables;
	struct writer w;

	writer_init_arena(&w, st->arena, 200);
	if (letters) {
		writer_char(&w, '(');
		for (unsigned i = 0; i < t->nstatus; i++)
			writer_char(&w, status_row(t, t->by_rank[i])->letter);
		writer_char(&w, ')');
	}
	for (unsigned i = 0; i < t->nstatus; i++)
		writer_char(&w, status_row(t, t->by_rank[i])->prefix);
	return writer_done(&w);
}

static struct span
with_number(struct step *st, const char *text, uint64_t n)
{
	struct writer w;

	writer_init_arena(&w, st->arena, 200);
	writer_str(&w, text);
	writer_u64(&w, n);
	return writer_done(&w);
}

/* All lists together have one bound. */
static struct span
maxlist(struct step *st, uint64_t n)
{
	const struct chan_mode_row *row;
	struct writer w;

	writer_init_arena(&w, st->arena, 200);
	for (unsigned m = 0; m < st->tables->nchan_mode; m++) {
		row = chan_mode_row(st->tables, m);
		if (row->type == MODE_LIST)
			writer_char(&w, row->letter);
	}
	writer_char(&w, ':');
	writer_u64(&w, n);
	return writer_done(&w);
}

static struct span
targmax(struct step *st, uint64_t n)
{
	struct writer w;

	writer_init_arena(&w, st->arena, 200);
	writer_str(&w, "JOIN:,KICK:");
	writer_u64(&w, n);
	writer_str(&w, ",LIST:");
	writer_u64(&w, LIST_CONDS);
	writer_str(&w, ",NAMES:1,NOTICE:");
	writer_u64(&w, n);
	writer_str(&w, ",PART:,PRIVMSG:");
	writer_u64(&w, n);
	writer_str(&w, ",TAGMSG:");
	writer_u64(&w, n);
	writer_str(&w, ",WHOIS:1");
	return writer_done(&w);
}

static size_t
collect(struct step *st, const struct settings *x,
    const struct class_settings *class, struct token t[TOKENS_MAX])
{
	size_t n = 0;

	t[n++] = (struct token){ "AWAYLEN", num(st, x->away_len) };
	t[n++] = (struct token){ "CASEMAPPING", SPAN("ascii") };
	if (class->channels != 0)
		t[n++] = (struct token){ "CHANLIMIT",
			with_number(st, "#:", class->channels) };
	t[n++] = (struct token){ "CHANMODES", chanmodes(st) };
	t[n++] = (struct token){ "CHANNELLEN", num(st, x->channel_len) };
	t[n++] = (struct token){ "CHANTYPES", SPAN("#") };
	t[n++] = (struct token){ "ELIST", SPAN("CMNTU") };
	t[n++] = (struct token){ "EXCEPTS", SPAN("e") };
	t[n++] = (struct token){ "HOSTLEN", num(st, x->host_len) };
	t[n++] = (struct token){ "INVEX", SPAN("I") };
	t[n++] = (struct token){ "KEYLEN", num(st, x->key_len) };
	t[n++] = (struct token){ "KICKLEN", num(st, x->kick_len) };
	t[n++] = (struct token){ "MAXLIST", maxlist(st, x->list_max) };
	t[n++] = (struct token){ "MAXTARGETS", num(st, x->targets_max) };
	t[n++] = (struct token){ "MODES", num(st, x->modes) };
	t[n++] = (struct token){ "NAMELEN", num(st, x->real_len) };
	t[n++] = (struct token){ "NETWORK", x->network };
	t[n++] = (struct token){ "NICKLEN", num(st, x->nick_len) };
	t[n++] = (struct token){ "PREFIX", prefix(st, true) };
	t[n++] = (struct token){ "SAFELIST", SPAN_NONE };
	t[n++] = (struct token){ "STATUSMSG", prefix(st, false) };
	t[n++] = (struct token){ "TARGMAX", targmax(st, x->targets_max) };
	t[n++] = (struct token){ "TOPICLEN", num(st, x->topic_len) };
	t[n++] = (struct token){ "USERLEN", num(st, x->user_len) };
	if (x->utf8only)
		t[n++] = (struct token){ "UTF8ONLY", SPAN_NONE };
	return n;
}

void
isupport_forget(struct core *c)
{
	rcbuf_unref(c->isupport.lines);
	c->isupport = (struct isupport){ 0 };
}

static struct rcbuf *
make_lines(struct step *st, const struct class_settings *class)
{
	struct token v[TOKENS_MAX];
	struct tokens t;
	size_t n = collect(st, st->core->settings, class, v);

	tokens_init(&t, st);
	for (size_t i = 0; i < n; i++)
		add(&t, "", v[i]);
	return rcbuf_new(lines_of(&t));
}

void
reply_isupport(struct step *st, struct session *s)
{
	const struct settings *x = st->core->settings;
	const struct class_settings *class =
	    s != NULL ? s->conn->class : &x->class[x->nclass - 1];
	struct isupport *known = &st->core->isupport;

	if (known->class != class) {
		isupport_forget(st->core);
		known->class = class;
		known->lines = make_lines(st, class);
	}
	reply_isupport_lines(st, s, rcbuf_span(known->lines));
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
isupport_changes(struct step *st, const struct settings *before,
    const struct class_settings *was, const struct class_settings *is)
{
	struct token old[TOKENS_MAX], now[TOKENS_MAX];
	const struct token *same;
	struct tokens t;
	size_t nold = collect(st, before, was, old);
	size_t n = collect(st, st->core->settings, is, now);

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
