/*
 * Fields that are lists may come several times, since HTTP says that they are
 * then one list (RFC 9110, section 5.3): Connection, Upgrade and
 * Sec-WebSocket-Protocol. Any other field that is looked at may come once:
 * two programs could read a second one in two ways. Extensions are not
 * supported, so the field that asks for them is not looked at (RFC 6455,
 * section 9.1), and neither are the fields by which proxies tell an address:
 * anybody can write them (doc/decisions/0047).
 *
 * A program that is no browser sends no Origin. It could send any, so there is
 * nothing to check. A page of another site cannot choose what its browser
 * sends.
 */
#include "wire/upgrade.h"

#include "base/ascii.h"
#include "wire/casemap.h"
#include "wire/http.h"

#define KEY_LEN 24 /* 16 bytes in base64 */

static const struct span protocols[] = {
	[UPGRADE_NONE] = SPAN_INIT(""),
	[UPGRADE_TEXT] = SPAN_INIT("text.ircv3.net"),
	[UPGRADE_BINARY] = SPAN_INIT("binary.ircv3.net"),
};

/* The fields of a request say this. */
struct asked {
	struct span key, version, origin;
	unsigned keys, versions, origins; /* how often the field came */
	bool upgrade, connection;
	enum upgrade_protocol protocol;
};

/* ---- fields ------------------------------------------------------------ */

/* Take the next element of a list, without the spaces around it. */
static bool
element_next(struct span *list, struct span *element)
{
	if (list->n == 0)
		return false;
	*element = span_skip_spaces(span_cut(list, ','));
	while (element->n > 0 && element->p[element->n - 1] == ' ')
		element->n--;
	return true;
}

static bool
list_has(struct span list, struct span word)
{
	struct span e;

	while (element_next(&list, &e))
		if (casemap_eq(e, word))
			return true;
	return false;
}

/* Return the first protocol of the list that is ours. */
static enum upgrade_protocol
protocol_of(struct span list)
{
	struct span e;

	while (element_next(&list, &e)) {
		if (span_eq(e, protocols[UPGRADE_TEXT]))
			return UPGRADE_TEXT;
		if (span_eq(e, protocols[UPGRADE_BINARY]))
			return UPGRADE_BINARY;
	}
	return UPGRADE_NONE;
}

static void
note(struct asked *a, struct span name, struct span value)
{
	if (casemap_eq(name, SPAN("upgrade"))) {
		a->upgrade |= list_has(value, SPAN("websocket"));
	} else if (casemap_eq(name, SPAN("connection"))) {
		a->connection |= list_has(value, SPAN("upgrade"));
	} else if (casemap_eq(name, SPAN("sec-websocket-key"))) {
		a->key = value;
		a->keys++;
	} else if (casemap_eq(name, SPAN("sec-websocket-version"))) {
		a->version = value;
		a->versions++;
	} else if (casemap_eq(name, SPAN("origin"))) {
		a->origin = value;
		a->origins++;
	} else if (a->protocol == UPGRADE_NONE &&
		   casemap_eq(name, SPAN("sec-websocket-protocol"))) {
		a->protocol = protocol_of(value);
	}
}

static bool
is_base64(char c)
{
	return ascii_is_letter(c) || ascii_is_digit(c) || c == '+' || c == '/';
}

static bool
key_is_valid(struct span key)
{
	if (key.n != KEY_LEN || !span_eq(span_tail(key, 22), SPAN("==")))
		return false;
	for (size_t i = 0; i < 22; i++)
		if (!is_base64(key.p[i]))
			return false;
	return true;
}

static bool
origin_is_allowed(struct span origins, struct span origin)
{
	struct span one;

	if (origins.n == 0)
		return true;
	while ((one = span_word(&origins)).n > 0)
		if (span_eq(one, SPAN("*")) || casemap_eq(one, origin))
			return true;
	return false;
}

/* ---- the request ------------------------------------------------------- */

static unsigned
refuse(struct upgrade *u, unsigned status, const char *why)
{
	u->why = why;
	return status;
}

static unsigned
judge_key(const struct asked *a, struct upgrade *u)
{
	if (a->keys != 1)
		return refuse(u, 400,
		    a->keys == 0 ? "Sec-WebSocket-Key is missing"
				 : "Sec-WebSocket-Key comes twice");
	if (!key_is_valid(a->key))
		return refuse(u, 400,
		    "Sec-WebSocket-Key is not 16 bytes in base64");
	return 101;
}

static unsigned
judge_version(const struct asked *a, struct upgrade *u)
{
	if (a->versions != 1)
		return refuse(u, 400,
		    a->versions == 0 ? "Sec-WebSocket-Version is missing"
				     : "Sec-WebSocket-Version comes twice");
	if (!span_eq(a->version, SPAN("13")))
		return refuse(u, 426, "only version 13 of WebSocket is spoken");
	return 101;
}

static unsigned
judge_origin(const struct asked *a, struct span origins, struct upgrade *u)
{
	if (a->origins > 1)
		return refuse(u, 400, "Origin comes twice");
	if (a->origins == 1 && !origin_is_allowed(origins, a->origin))
		return refuse(u, 403,
		    "pages of this origin may not connect here");
	return 101;
}

static unsigned
judge(const struct asked *a, struct span origins, struct upgrade *u)
{
	unsigned status;

	if (!a->upgrade)
		return refuse(u, 426,
		    "this port takes WebSocket connections only");
	if (!a->connection)
		return refuse(u, 400, "Connection does not say Upgrade");
	status = judge_key(a, u);
	if (status == 101)
		status = judge_version(a, u);
	return status == 101 ? judge_origin(a, origins, u) : status;
}

static unsigned
judge_head(unsigned status, const struct http_head *h, struct upgrade *u)
{
	if (status == 431)
		return refuse(u, status, "the request is too long");
	if (status == 505 || (status == 200 && h->old))
		return refuse(u, 505, "only HTTP/1.1 is spoken");
	if (status != 200)
		return refuse(u, status, "this is no request of HTTP/1.1");
	if (!span_eq(h->method, SPAN("GET")))
		return refuse(u, 405, "only GET is allowed");
	return 200;
}

unsigned
upgrade_parse(struct span bytes, struct span origins, struct upgrade *u)
{
	struct asked a = { .protocol = UPGRADE_NONE };
	struct http_head h = { .old = false };
	struct span fields, name, value;
	unsigned status = http_head_parse(bytes, UPGRADE_MAX, &h);

	*u = (struct upgrade){ .why = "" };
	if (status == 0)
		return 0;
	status = judge_head(status, &h, u);
	if (status != 200)
		return status;
	fields = h.fields;
	while (http_field_next(&fields, &name, &value))
		note(&a, name, value);
	status = judge(&a, origins, u);
	u->key = a.key;
	u->protocol = a.protocol;
	u->used = h.n;
	return status;
}

/* ---- the answer -------------------------------------------------------- */

static void
build_refusal(struct writer *w, unsigned status, struct span why)
{
	writer_str(w, status == 426 ? "\r\nConnection: close, Upgrade"
				      "\r\nUpgrade: websocket"
				      "\r\nSec-WebSocket-Version: 13"
				    : "\r\nConnection: close");
	writer_str(w, status == 405 ? "\r\nAllow: GET" : "");
	writer_str(w, "\r\nContent-Type: text/plain"
		      "\r\nContent-Length: ");
	writer_u64(w, why.n + 1);
	writer_str(w, "\r\n\r\n");
	writer_span(w, why);
	writer_char(w, '\n');
}

void
upgrade_build(struct writer *w, unsigned status, const struct upgrade *u,
    struct span accept)
{
	writer_str(w, "HTTP/1.1 ");
	writer_u64(w, status);
	writer_char(w, ' ');
	writer_str(w, http_reason(status));
	if (status != 101) {
		build_refusal(w, status, span_of(u->why));
		return;
	}
	writer_str(w, "\r\nUpgrade: websocket\r\nConnection: Upgrade"
		      "\r\nSec-WebSocket-Accept: ");
	writer_span(w, accept);
	if (u->protocol != UPGRADE_NONE) {
		writer_str(w, "\r\nSec-WebSocket-Protocol: ");
		writer_span(w, protocols[u->protocol]);
	}
	writer_str(w, "\r\n\r\n");
}
