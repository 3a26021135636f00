/*
 * REHASH (modern-irc, "REHASH message"): the server reads its configuration
 * again, as after SIGHUP. 382 says that it has begun. When it is done, the
 * daemon answers with all that the log says of it, and the operator is told in
 * notices. Differs from modern-irc: the name of the file in 382 is always
 * banyand.conf, as the core does not know files.
 *
 * REHASH server asks another server to do so (core/answers/rehash.h), as on
 * UnrealIRCd and InspIRCd.
 */
#include "core/answers/query.h"
#include "core/answers/rehash.h"
#include "core/cmd/cmd.h"
#include "core/sessions/audit.h"
#include "core/sessions/request.h"
#include "wire/utf8.h"

#define LINE_MAX 400 /* bytes of a problem, so that it fits a line */

static void
notice(struct step *st, struct session *s, struct span text)
{
	struct writer w;

	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	writer_char(&w, ':');
	writer_span(&w, st->core->settings->name);
	writer_str(&w, " NOTICE ");
	writer_span(&w, session_nick(s));
	writer_str(&w, " :REHASH: ");
	writer_span(&w, utf8_cut(text, LINE_MAX));
	line_send(st, s, &(struct line){ .body = writer_done(&w) });
}

static void
answered(struct step *st, struct session *s, const struct request *r,
    enum answer_status status, struct span bytes)
{
	struct span line;

	(void)r;
	while (bytes.n > 0)
		if ((line = span_cut(&bytes, '\n')).n > 0)
			notice(st, s, line);
	notice(st, s, rehash_end(status));
}

static const struct request_use use_rehash = {
	.kind = REQUEST_REHASH, .hold = HOLD_NOTHING, .answered = answered
};

/* Return true if this server is meant; else the other one was asked, or 402
 * sent. */
static bool
is_for_us(struct cmd *c)
{
	struct span target = cmd_arg(c, 0);
	const struct server *s;

	if (target.n == 0)
		return true;
	if ((s = cmd_need_server(c, target)) == NULL)
		return false;
	if (sid_cmp(s->sid, c->core->self.sid) == 0)
		return true;
	audit_log(c->st, LOG_REHASH,
	    &(struct audit){ .by = c->user,
		.what = { c->name, rcbuf_span(s->name) },
		.result = "sent" });
	query_ask(c->st, c->s, s->sid, &queries_builtin[QUERY_REHASH], c->name,
	    rcbuf_span(s->name));
	return false;
}

void
cmd_rehash(struct cmd *c)
{
	if (!cmd_may(c, PRIV_REHASH) || !is_for_us(c))
		return;
	if (!request_ask(c->st, c->s, &use_rehash, SPAN_NONE, SPAN_NONE)) {
		reply(c->st, c->s, RPL_TRYAGAIN, c->name);
		return;
	}
	audit_log(c->st, LOG_REHASH,
	    &(struct audit){
		.by = c->user, .what = { c->name }, .result = "sent" });
	reply(c->st, c->s, RPL_REHASHING, SPAN("banyand.conf"));
}
