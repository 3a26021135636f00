#include "wire/http.h"

#include "base/ascii.h"
#include "wire/casemap.h"

static bool
is_token_char(char c)
{
	static const char also[] = "!#$%&'*+-.^_`|~";

	return ascii_is_letter(c) || ascii_is_digit(c) ||
	       span_find(span_of(also), c) < sizeof(also) - 1;
}

static bool
is_token(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_token_char(s.p[i]))
			return false;
	return s.n > 0;
}

/* Return true if all bytes are printable ASCII. */
static bool
is_visible(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' ||
		    (unsigned char)s.p[i] >= 0x7f)
			return false;
	return true;
}

/* Return true for what may be the value of a field (RFC 9110, section 5.5): a
 * browser also sends the cookies of other programs at the same host, in any
 * bytes. */
static bool
is_value(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (ascii_is_control(s.p[i]) && s.p[i] != '\t')
			return false;
	return true;
}

/* Take a line with its CR LF. Return false if it has another end. */
static bool
take_line(struct span *rest, struct span *line)
{
	size_t n = span_find(*rest, '\n');

	if (n == rest->n || n == 0 || rest->p[n - 1] != '\r')
		return false;
	*line = span_head(*rest, n - 1);
	*rest = span_tail(*rest, n + 1);
	return true;
}

/* Return s without the spaces and tabs around it. */
static struct span
trim(struct span s)
{
	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = span_tail(s, 1);
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

/* Read `GET /path HTTP/1.1`. */
static unsigned
request_line(struct span line, struct http_head *h)
{
	size_t a = span_find(line, ' '), b;
	struct span target, version;

	if (a == line.n)
		return 400;
	h->method = span_head(line, a);
	target = span_tail(line, a + 1);
	b = span_find(target, ' ');
	if (b == target.n)
		return 400;
	version = span_tail(target, b + 1);
	target = span_head(target, b);
	h->old = span_eq(version, SPAN("HTTP/1.0"));
	if (!h->old && !span_eq(version, SPAN("HTTP/1.1")))
		return span_starts(version, SPAN("HTTP/")) ? 505 : 400;
	if (!is_token(h->method) || target.n == 0 || target.p[0] != '/' ||
	    !is_visible(target))
		return 400;
	h->path = span_head(target, span_find(target, '?'));
	return 200;
}

/* Return true if the field is sound, and does not announce a body. */
static bool
header_line(struct span line, unsigned *hosts)
{
	size_t colon = span_find(line, ':');
	struct span name = span_head(line, colon);

	if (colon == line.n || !is_token(name) ||
	    !is_value(span_tail(line, colon + 1)))
		return false;
	*hosts += casemap_eq(name, SPAN("host"));
	return !casemap_eq(name, SPAN("content-length")) &&
	       !casemap_eq(name, SPAN("transfer-encoding"));
}

/* Return the number of bytes up to and with the empty line; 0: it is not there
 * yet. */
static size_t
head_end(struct span bytes)
{
	size_t i = 0;

	while ((i += span_find(span_tail(bytes, i), '\n') + 1) <= bytes.n)
		if (i >= 4 &&
		    span_eq(span_make(bytes.p + i - 4, 4), SPAN("\r\n\r\n")))
			return i;
	return 0;
}

unsigned
http_head_parse(struct span bytes, size_t max, struct http_head *h)
{
	struct span rest, line;
	unsigned status, hosts = 0;

	h->n = head_end(span_head(bytes, max));
	if (h->n == 0)
		return bytes.n < max ? 0 : 431;
	rest = span_head(bytes, h->n);
	if (!take_line(&rest, &line))
		return 400;
	status = request_line(line, h);
	h->fields = rest;
	while (take_line(&rest, &line) && line.n > 0)
		if (!header_line(line, &hosts))
			return 400;
	if (status == 505)
		return 505;
	if (rest.n > 0 || hosts > 1 || (!h->old && hosts == 0))
		return 400;
	return status;
}

bool
http_field_next(struct span *fields, struct span *name, struct span *value)
{
	struct span line;
	size_t colon;

	if (!take_line(fields, &line) || line.n == 0)
		return false;
	colon = span_find(line, ':');
	*name = span_head(line, colon);
	*value = trim(span_tail(line, colon + 1));
	return true;
}

unsigned
http_parse(struct span bytes, struct http_request *r)
{
	struct http_head h = { .old = false };
	unsigned status = http_head_parse(bytes, HTTP_REQUEST_MAX, &h);

	r->head = span_eq(h.method, SPAN("HEAD"));
	if (status != 200)
		return status;
	r->path = h.path;
	return r->head || span_eq(h.method, SPAN("GET")) ? 200 : 405;
}

const char *
http_reason(unsigned status)
{
	switch (status) {
	case 101:
		return "Switching Protocols";
	case 200:
		return "OK";
	case 400:
		return "Bad Request";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 426:
		return "Upgrade Required";
	case 431:
		return "Request Header Fields Too Large";
	case 503:
		return "Service Unavailable";
	case 505:
		return "HTTP Version Not Supported";
	default:
		return "Error";
	}
}
