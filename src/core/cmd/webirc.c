/*
 * WEBIRC (the WebIRC extension of IRCv3): a gateway hands a client on, and
 * tells the address of the client. It must be the first command but CAP and
 * PASS. A gateway is known by the network that it connects from, and by a
 * password, a certificate or both. Only those networks can try a password, once
 * for each connection. While a worker compares the password, the next line
 * waits.
 *
 * A gateway that is refused is told so, and closed: its users would otherwise
 * all come from its own address.
 */
#include "core/client.h"
#include "core/cmd/cmd.h"
#include "core/sessions/request.h"

static void answered(struct step *, struct session *, const struct request *,
    enum answer_status, struct span bytes);

static const struct request_use use_webirc = {
	.kind = REQUEST_WEBIRC, .hold = HOLD_LINE, .answered = answered
};

static void
refuse(struct step *st, struct session *s, struct span why)
{
	struct writer w;

	writer_init_arena(&w, st->arena, ADDR_TEXT);
	addr_build(&w, &s->conn->addr);
	effects_logf(st->fx, LOG_GATEWAY_REFUSED,
	    { "address", writer_done(&w) }, { "why", why });
	client_end(st, s, SPAN("WEBIRC is refused"));
}

/* Return the block of the gateway, whose certificate is right if there must be
 * one, or NULL. */
static const struct gateway_settings *
find(const struct cmd *c)
{
	const struct rcbuf *shown = c->s->registration->certfp;
	const struct gateway_settings *g = c->settings->gateway;
	struct writer w;

	for (size_t i = 0; i < c->settings->ngateway; i++, g++) {
		if (!net_list_has(&g->nets, &c->s->conn->addr))
			continue;
		writer_init_arena(&w, c->st->arena, 2 * sizeof(g->pin));
		writer_hex(&w, span_make((const char *)g->pin, sizeof(g->pin)));
		if (!g->has_pin || (shown != NULL && span_eq(rcbuf_span(shown),
							 writer_done(&w))))
			return g;
	}
	return NULL;
}

/* The options are words; a word may have a value (WebIRC, "Options"). The
 * client is secure if both ways are. */
static bool
is_secure(const struct conn *x, struct span options)
{
	struct span word;

	if (!x->tls && !addr_is_loopback(&x->addr))
		return false;
	while ((word = span_word(&options)).n > 0)
		if (span_eq(word, SPAN("secure")))
			return true;
	return false;
}

/* Take the words "block host address [options]". */
static void
hand_on(struct step *st, struct session *s, struct span words)
{
	struct span block = span_word(&words), at;
	struct handed_on h = { .host = span_word(&words) };

	at = span_word(&words);
	/* it was read before the password was asked for */
	(void)addr_parse(at, &h.addr);
	h.secure = is_secure(s->conn, words);
	s->conn->handed_on = true;
	effects_logf(st->fx, LOG_HANDED_ON, { "by", block }, { "address", at });
	client_handed_on(st, s, &h);
}

static void
answered(struct step *st, struct session *s, const struct request *r,
    enum answer_status status, struct span bytes)
{
	(void)bytes;
	if (status == ANSWER_OK)
		hand_on(st, s, rcbuf_span(r->what));
	else
		refuse(st, s,
		    status == ANSWER_NO ? SPAN("password")
					: SPAN("no answer in time"));
}

/* Join the words that hand_on() takes. */
static struct span
join(struct cmd *c, const struct gateway_settings *g)
{
	struct writer w;

	writer_init_arena(&w, c->st->arena, LINE_BODY_MAX);
	writer_span(&w, g->name);
	writer_char(&w, ' ');
	writer_span(&w, cmd_arg(c, 2));
	writer_char(&w, ' ');
	writer_span(&w, cmd_arg(c, 3));
	writer_char(&w, ' ');
	writer_span(&w, cmd_arg(c, 4));
	return writer_done(&w);
}

void
cmd_webirc(struct cmd *c)
{
	const struct registration *r = c->s->registration;
	const struct gateway_settings *g = find(c);
	struct addr a;

	if (c->s->conn->handed_on)
		refuse(c->st, c->s, SPAN("WEBIRC came twice"));
	else if (g == NULL)
		refuse(c->st, c->s, SPAN("no such gateway"));
	else if (r->nick != NULL || r->username != NULL)
		refuse(c->st, c->s, SPAN("WEBIRC came after NICK or USER"));
	else if (!addr_parse(cmd_arg(c, 3), &a) || addr_is_any(&a) ||
		 span_find(cmd_arg(c, 2), ' ') < cmd_arg(c, 2).n)
		refuse(c->st, c->s, SPAN("not an address"));
	else if (g->verifier.n == 0)
		hand_on(c->st, c->s, join(c, g));
	else if (!request_ask(c->st, c->s, &use_webirc,
		     request_password(c->st->arena, g->verifier, cmd_arg(c, 0)),
		     join(c, g)))
		refuse(c->st, c->s, SPAN("too many at once"));
}
