/*
 * A numeric travels as its number, its words and its text (+NOTE), so that the
 * home of the user needs no row of it (link-protocol.md, 11.32). It is written
 * as a line first, since a row says in one form what is a word and what is the
 * text.
 */
#include "core/note.h"

#include "core/answers/reply.h"
#include "core/sessions/audience.h"
#include "core/sessions/source.h"
#include "wire/msg.h"

#define NOTES_MAX 4

/* Write the numeric into a part. */
static void
make_note(struct step *st, struct part *p, const struct user *to,
    const struct numeric_row *row, struct span arg)
{
	struct part_note *note = &p->u.note;
	struct span line, word, *words;
	bool trailing;
	char buf[NUMERIC_ROOM];

	line = numeric_line(buf, row, SPAN("-"), SPAN("*"), &arg, 1);
	line = arena_span_dup(st->arena, line);
	words = arena_alloc(st->arena, MSG_PARAMS * sizeof(*words));
	*p = (struct part){ .id = PART_NOTE };
	p->tags = meant_tag(user_run_said(to, st->core->self.sid), st->arena);
	note->uid = to->uid;
	(void)span_word(&line); /* the source */
	note->numeric = span_word(&line);
	(void)span_word(&line); /* the client */
	note->words.v = words;
	note->text = text_off();
	while (msg_word(&line, &word, &trailing)) {
		if (trailing)
			note->text = text_of(word);
		else
			words[note->words.n++] = word;
	}
}

static void
send_away(struct step *st, const struct user *to,
    const struct numeric_row *const *row, struct span arg)
{
	struct sid home = user_home(to).sid;
	struct part part[NOTES_MAX];
	size_t n = 0;

	for (; n < NOTES_MAX && row[n] != NULL; n++)
		make_note(st, &part[n], to, row[n], arg);
	core_make(st, (struct stamp){ 0 }, part, n,
	    &(struct dest){ .v = &home, .n = 1 }, NULL);
}

void
note_user(struct step *st, const struct user *to,
    const struct numeric_row *const *row, struct span arg)
{
	struct session *s;

	if (sid_cmp(user_home(to).sid, st->core->self.sid) != 0) {
		send_away(st, to, row, arg);
		return;
	}
	for (; *row != NULL; row++)
		LIST_FOREACH(s, &to->sessions, user_link)
			reply_row(st, s, *row, arg);
}

static void
notice_away(struct step *st, const struct user *to, struct span text)
{
	struct sid home = user_home(to).sid;
	struct part p = { .id = PART_SAY };

	p.u.say = (struct part_say){ .verb = SPAN("NOTICE"),
		.by = by_server(st->core->self.sid),
		.target = uid_span(&to->uid),
		.status = user_say_status(to, st->core->self.sid),
		.text = text_of(text) };
	core_make(st, (struct stamp){ 0 }, &p, 1,
	    &(struct dest){ .v = &home, .n = 1 }, NULL);
}

static void
notice_here(struct step *st, const struct user *to, struct span text)
{
	struct line l = { 0 };
	struct writer w;

	body_begin(st, &w, st->core->settings->name);
	writer_str(&w, "NOTICE ");
	writer_span(&w, user_nick(to));
	writer_str(&w, " :");
	writer_span(&w, text);
	l.body = writer_done(&w);
	audience_begin(st);
	audience_add_user(st, to);
	audience_send(st, &l);
}

void
note_author(struct step *st, const struct by *by, struct span text)
{
	const struct user *u = by_find(st, by);

	if (u != NULL && core_is_home(st->core, u))
		notice_here(st, u, text);
	else if (u != NULL)
		notice_away(st, u, text);
	else if (st->told != NULL &&
		 sid_cmp(by->sid, st->core->self.sid) == 0) {
		writer_span(st->told, text);
		writer_char(st->told, '\n');
	}
}
