/*
 * line.h - a line to a client, rendered for the view that the client has of it.
 *
 * A view is the set of capabilities that change the bytes of a line
 * (doc/architecture.md).
 */
#ifndef CORE_LINE_H
#define CORE_LINE_H

#include "core/state.h"

#define LINE_BODY_MAX 510  /* bytes without tags and CRLF; modern-irc */
#define LINE_TAGS_MAX 8191 /* message-tags.md, "Size limit" */
#define LINE_RENDER_MAX (LINE_TAGS_MAX + LINE_BODY_MAX + 2)

/* A message of several lines (doc/decisions/0056): a batch for sessions that
 * know such batches; the others get the lines with text, one by one. */
struct line_batch {
	struct span ref;
	struct span open, close; /* bodies of BATCH */
	struct span tags;	 /* of lines that are not the first */
	struct line_part {
		struct span body;
		bool joined; /* it goes on with the line before */
	} * line;
	size_t n;
};

#define BATCH_CAPS (CAPB(BATCH) | CAPB(MULTILINE))

struct line {
	struct span body;  /* ":source VERB …", cut to fit */
	struct span alt;   /* body for sessions with alt_cap */
	uint64_t alt_cap;  /* CAPB(), or 0 */
	struct span tags;  /* client-only tags, raw */
	struct span msgid; /* empty: none */
	/* the place in body, or in each body of batch, where the text of a
	 * message begins, which some read otherwise (reading.h); 0: none */
	size_t text;
	bool apart; /* not part of the response to the command */
	const struct line_batch *batch; /* in the place of body; or NULL */
};

/* Send a line to one session: now, or into its response while one is being
 * collected. */
void line_send(struct step *, struct session *, const struct line *);

/* Send several lines, in one buffer unless they need different tags. */
void lines_send(struct step *, struct session *, const struct line *, size_t n);

/* Let the lines that are sent to this session leave in one buffer, at
 * lines_end(). No other lines may be sent in between, except lines that are
 * collected for its response. */
void lines_begin(struct step *, struct session *);
void lines_end(struct step *);

/* ---- for core/sessions/audience.h ---- */

enum view_bit {
	VIEW_TIME = 1,
	VIEW_TAGS = 2,
	VIEW_ALT = 4,
	VIEW_BATCH = 8,
	VIEW_LINES = 16,      /* as a batch of their own */
	VIEW_READING = 32,    /* this one and those above it: CAPS_READING */
	VIEW_READING_BIT = 5, /* its number */
	VIEWS = 256
};

/* Return the view that the session has of the line, a set of view_bit. */
static inline unsigned
line_view(const struct step *st, const struct line *l, const struct session *s)
{
	unsigned v = 0;

	if (s->caps & CAPB(SERVER_TIME))
		v |= VIEW_TIME;
	if (s->caps & CAPB(MESSAGE_TAGS) && (l->msgid.n > 0 || l->tags.n > 0))
		v |= VIEW_TAGS;
	if (s->caps & l->alt_cap)
		v |= VIEW_ALT;
	if (s->caps & CAPB(BATCH) && st->batch.ref.n > 0)
		v |= VIEW_BATCH;
	if (l->batch != NULL && (s->caps & BATCH_CAPS) == BATCH_CAPS)
		v |= VIEW_LINES;
	if (l->text != 0)
		v |= (unsigned)((s->caps & CAPS_READING) >>
				(CAP_NONE - VIEW_READING_BIT));
	return v;
}

/* Return the capabilities that decide the view of the line. */
static inline uint64_t
line_view_caps(const struct step *st, const struct line *l)
{
	uint64_t caps = CAPB(SERVER_TIME) | l->alt_cap;

	if (l->msgid.n > 0 || l->tags.n > 0)
		caps |= CAPB(MESSAGE_TAGS);
	if (st->batch.ref.n > 0)
		caps |= CAPB(BATCH);
	if (l->batch != NULL)
		caps |= BATCH_CAPS;
	if (l->text != 0)
		caps |= CAPS_READING;
	return caps;
}

/* Prepare a writer for the line: in buf, of LINE_RENDER_MAX bytes, if it fits,
 * else in the step's arena. */
void line_writer(struct writer *, const struct step *, const struct line *,
    char *buf);
/* Write the line with its tags and its end; the writer has room for it. */
void line_write(struct writer *, const struct step *, const struct line *,
    unsigned view);
/* Return true if the line answers the command that runs; the acts of others do
 * not, while a command waits for its entry. */
static inline bool
line_is_response(const struct step *st, const struct session *s)
{
	return st->answering == s && s->response != NULL;
}

#endif
