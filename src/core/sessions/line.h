/*
 * line.h - one line to many clients, rendered once per view.
 *
 * A view is the set of capabilities that change the bytes of a line. The
 * receivers are collected first (audience_*), then grouped by view; each view
 * is rendered into one shared buffer and sent by one effect, however many
 * receive it (doc/architecture.md).
 */
#ifndef CORE_LINE_H
#define CORE_LINE_H

#include "core/state.h"

#define LINE_BODY_MAX 510  /* bytes without tags and CRLF; modern-irc */
#define LINE_TAGS_MAX 8191 /* message-tags.md, "Size limit" */
#define LINE_RENDER_MAX (LINE_TAGS_MAX + LINE_BODY_MAX + 2)

struct line {
	struct span body;   /* ":source VERB …", cut to fit */
	struct span alt;    /* body for sessions with alt_cap */
	uint32_t alt_cap;   /* CAPB(), or 0 */
	struct span tags;   /* client-only tags, raw */
	struct span msgid;  /* empty: none */
	struct stamp stamp; /* 0: that of the step */
	bool apart;	    /* not part of the response to the command */
};

/* Send a line to one session: now, or into its response while one is being
 * collected. */
void line_send(struct step *, struct session *, const struct line *);

/* Send several lines, in one buffer unless they need different tags. */
void lines_send(struct step *, struct session *, const struct line *, size_t n);

/* Collect receivers, each once: begin, add, keep, send. There is one audience
 * at a time. */
void audience_begin(struct step *);
void audience_add(struct step *, struct session *);
void audience_add_user(struct step *, const struct user *);
/* Add the sessions of all shown members, except those of one user. */
void audience_add_chan(struct step *, const struct chan *,
    const struct user *but);
/* Add the members of all channels that the user is shown on, except the user.
 * */
void audience_add_peers(struct step *, const struct user *);
/* Remove the sessions that lack all of these capabilities. */
void audience_keep_cap(struct step *, uint32_t cap);
void audience_send(struct step *, const struct line *);

#endif
