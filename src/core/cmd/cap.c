/*
 * CAP (IRCv3 capability-negotiation.md): LS, LIST, REQ, END.
 *
 * A client that sends LS or REQ before it has registered is not registered
 * until END. REQ takes all or nothing.
 */
#include "core/answers/cap_lines.h"
#include "core/cmd/cmd.h"
#include "core/registration.h"
#include "core/sessions/audience.h"
#include "wire/casemap.h"

/* Send ACK or NAK of what was requested, as the client wrote it ("CAP ACK": may
 * be spread over several lines). */
static void
send_requested(struct cmd *c, const char *sub, struct span list)
{
	struct span word, rest;
	struct writer w;

	writer_init_arena(&w, c->st->arena, LINE_BODY_MAX);
	while ((word = span_word(&list)).n > 0) {
		writer_span(&w, word);
		writer_char(&w, ' ');
	}
	rest = writer_done(&w);
	do
		reply_cap(c->st, c->s, sub, false,
		    cap_line(&rest, CAP_LINE_MAX));
	while (rest.n > 0);
}

static void
request(struct cmd *c)
{
	struct span list = cmd_arg(c, 1), rest = list, word;
	uint64_t set = c->s->caps, bit;
	uint64_t offered = caps_offered(c->tables, c->settings);
	enum cap cap;
	bool off;

	while ((word = span_word(&rest)).n > 0) {
		off = word.p[0] == '-';
		cap = cap_find(c->tables, span_tail(word, off));
		/* IRCv3 sts, "Mechanism": a client may not request it */
		if (cap == CAP_NONE || cap_row(c->tables, cap)->tell != NULL ||
		    (!off && (offered >> cap & 1) == 0) ||
		    (off && cap == CAP_CAP_NOTIFY && c->s->cap_302)) {
			send_requested(c, "NAK", list);
			return;
		}
		bit = UINT64_C(1) << cap;
		set = off ? set & ~bit : set | bit;
	}
	/* capabilities change only after the last ACK ("CAP ACK") */
	send_requested(c, "ACK", list);
	c->s->caps = set;
	audience_changed(c->st->core);
}

void
cmd_cap(struct cmd *c)
{
	struct span sub = cmd_arg(c, 0);
	uint64_t version;

	if (casemap_eq(sub, SPAN("LS"))) {
		if (c->s->registration != NULL)
			c->s->registration->negotiating = true;
		if (span_u64(cmd_arg(c, 1), &version) && version >= 302) {
			c->s->cap_302 = true;
			c->s->caps |= CAPB(CAP_NOTIFY);
			audience_changed(c->st->core);
		} else
			version = 0;
		/* the answer has the version that was asked for; the highest
		 * version stays stored ("CAP LS Version") */
		reply_caps(c->st, c->s, "LS",
		    caps_offered(c->tables, c->settings), version != 0);
	} else if (casemap_eq(sub, SPAN("LIST")))
		reply_caps(c->st, c->s, "LIST", c->s->caps, false);
	else if (casemap_eq(sub, SPAN("REQ")) && c->m->nparam > 1) {
		if (c->s->registration != NULL)
			c->s->registration->negotiating = true;
		request(c);
	} else if (casemap_eq(sub, SPAN("END"))) {
		if (c->s->registration != NULL) {
			c->s->registration->negotiating = false;
			registration_try(c->st, c->s);
		}
	} else
		reply(c->st, c->s, ERR_INVALIDCAPCMD, sub);
}
