/*
 * A name is shown to users, and bans match it, so it must be one that a host
 * can have (wire/name.h); a resolver hands on whatever a stranger has written
 * into a zone. A client is told what happens, as on most servers: it sees why
 * it has to wait.
 */
#include "core/hostname.h"

#include "core/answers/reply.h"
#include "core/registration.h"
#include "core/sessions/line.h"
#include "core/sessions/request.h"
#include "wire/name.h"

static void answered(struct step *, struct session *, const struct request *,
    enum answer_status, struct span bytes);

static const struct request_use use = {
	.kind = REQUEST_NAME, .hold = HOLD_ENTRY, .answered = answered
};

static void
tell(struct step *st, struct session *s, struct span text, struct span name)
{
	struct writer w;

	if (!st->core->settings->dns_notices)
		return;
	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	writer_str(&w, "*** ");
	writer_span(&w, text);
	writer_span(&w, name);
	reply_notice(st, s, writer_done(&w));
}

static void
tell_unknown(struct step *st, struct session *s)
{
	tell(st, s, SPAN("Couldn't look up your hostname"), SPAN_NONE);
}

static void
answered(struct step *st, struct session *s, const struct request *r,
    enum answer_status status, struct span bytes)
{
	(void)r;
	if (status == ANSWER_OK &&
	    name_server_valid(bytes, st->core->settings->host_len)) {
		rcbuf_unref(s->registration->host);
		s->registration->host = rcbuf_new(bytes);
		tell(st, s, SPAN("Found your hostname: "), bytes);
	} else {
		tell_unknown(st, s);
	}
	registration_try(st, s);
}

bool
hostname_ask(struct step *st, struct session *s)
{
	const struct settings *g = st->core->settings;
	const struct addr *a = &s->conn->addr;

	if (!g->dns_enabled || (addr_is_private(a) && !g->dns_private))
		return false;
	tell(st, s, SPAN("Looking up your hostname..."), SPAN_NONE);
	if (!request_ask(st, s, &use, request_name(st->arena, a), SPAN_NONE))
		tell_unknown(st, s);
	return true;
}
