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

/* Return true if all bytes are printable ASCII, or one of the other two. */
static bool
is_visible(struct span s, char also, char and_also)
{
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] <= ' ' ||
			(unsigned char)s.p[i] >= 0x7f) &&
		    s.p[i] != also && s.p[i] != and_also)
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

/* Read `GET /path HTTP/1.1`. */
static unsigned
request_line(struct span line, struct http_request *r, bool *needs_host)
{
	size_t a = span_find(line, ' '), b;
	struct span method, target, version;

	if (a == line.n)
		return 400;
	method = span_head(line, a);
	target = span_tail(line, a + 1);
	b = span_find(target, ' ');
	if (b == target.n)
		return 400;
	version = span_tail(target, b + 1);
	target = span_head(target, b);
	*needs_host = span_eq(version, SPAN("HTTP/1.1"));
	if (!*needs_host && !span_eq(version, SPAN("HTTP/1.0")))
		return span_starts(version, SPAN("HTTP/")) ? 505 : 400;
	if (!is_token(method) || target.n == 0 || target.p[0] != '/' ||
	    !is_visible(target, '/', '/'))
		return 400;
	r->head = span_eq(method, SPAN("HEAD"));
	r->path = span_head(target, span_find(target, '?'));
	return r->head || span_eq(method, SPAN("GET")) ? 200 : 405;
}

/* Return true if the field is sound, and does not announce a body. */
static bool
header_line(struct span line, unsigned *hosts)
{
	size_t colon = span_find(line, ':');
	struct span name = span_head(line, colon);

	if (colon == line.n || !is_token(name) ||
	    !is_visible(span_tail(line, colon + 1), ' ', '\t'))
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
	for (size_t i = 0; i + 4 <= bytes.n; i++)
		if (span_eq(span_make(bytes.p + i, 4), SPAN("\r\n\r\n")))
			return i + 4;
	return 0;
}

unsigned
http_parse(struct span bytes, struct http_request *r)
{
	size_t n = head_end(span_head(bytes, HTTP_REQUEST_MAX));
	struct span rest, line;
	bool needs_host = false;
	unsigned status, hosts = 0;

	if (n == 0)
		return bytes.n < HTTP_REQUEST_MAX ? 0 : 431;
	rest = span_head(bytes, n);
	if (!take_line(&rest, &line))
		return 400;
	status = request_line(line, r, &needs_host);
	while (take_line(&rest, &line) && line.n > 0)
		if (!header_line(line, &hosts))
			return 400;
	if (rest.n > 0 || hosts > 1 || (needs_host && hosts == 0))
		return status == 505 ? status : 400;
	return status;
}

const char *
http_reason(unsigned status)
{
	switch (status) {
	case 200:
		return "OK";
	case 400:
		return "Bad Request";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
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
