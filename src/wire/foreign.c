/*
 * A row has the test of a protocol, the answer, and the reason for the log. A
 * connection that no row recognises counts as IRC; the limits on lines and on
 * registration bound what it can do.
 */
#include "wire/foreign.h"

#define HTTP(text)                                          \
	"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n" \
	"Content-Type: text/plain\r\n\r\n" text "\r\n"

static bool
is_tls(struct span first)
{
	return first.n >= 2 && first.p[0] == 0x16 && first.p[1] == 0x03;
}

static bool
is_http(struct span first)
{
	static const char *const method[] = { "GET ", "POST ", "HEAD ", "PUT ",
		"OPTIONS ", "CONNECT ", "DELETE ", "PATCH " };

	for (size_t i = 0; i < sizeof(method) / sizeof(method[0]); i++)
		if (span_starts(first, span_of(method[i])))
			return true;
	return false;
}

/* haproxy's proxy-protocol.txt, 2.2: the signature of version 2. Nothing else
 * has a NUL at its place, so a part of it that goes so far is enough. */
#define SIGNATURE SPAN("\r\n\r\n\0\r\nQUIT\n")
#define SIGNATURE_SURE 5

static bool
is_proxy(struct span first)
{
	/* 2.1: the beginnings of version 1 */
	if (span_starts(first, SPAN("PROXY TCP")) ||
	    span_starts(first, SPAN("PROXY UNKNOWN")))
		return true;
	return first.n >= SIGNATURE_SURE &&
	       span_starts(first, span_head(SIGNATURE, first.n));
}

bool
foreign_needs_more(struct span first)
{
	return first.n < SIGNATURE_SURE &&
	       span_eq(first, span_head(SIGNATURE, first.n));
}

#define PROXY_ANSWER "ERROR :No PROXY header is expected here\r\n"
#define PROXY_WHY "PROXY header on a port that does not expect it"

static const struct foreign plain[] = {
	{ is_tls,
	    "ERROR :This is a plaintext port; connect to the TLS port, or "
	    "without TLS\r\n",
	    "TLS on a plaintext port", false },
	{ is_http, HTTP("This is an IRC server, not a web server."),
	    "HTTP on an IRC port", false },
	{ is_proxy, PROXY_ANSWER, PROXY_WHY, true },
};

static bool
is_any(struct span first)
{
	(void)first;
	return true;
}

static const struct foreign no_tls[] = {
	{ is_http, HTTP("This is an IRC server, and this port speaks TLS."),
	    "HTTP on a TLS port", false },
	{ is_proxy, PROXY_ANSWER, PROXY_WHY, true },
	{ is_any,
	    "ERROR :This is a TLS port; connect with TLS, or to the plaintext "
	    "port\r\n",
	    "no TLS on a TLS port", false },
};

static const struct foreign *
find(const struct foreign *row, size_t n, struct span first)
{
	for (size_t i = 0; i < n; i++)
		if (row[i].is(first))
			return &row[i];
	return NULL;
}

const struct foreign *
foreign_find(struct span first)
{
	return find(plain, sizeof(plain) / sizeof(plain[0]), first);
}

const struct foreign *
foreign_find_tls(struct span first)
{
	return find(no_tls, sizeof(no_tls) / sizeof(no_tls[0]), first);
}
