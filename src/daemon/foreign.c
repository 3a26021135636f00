/*
 * A row has the test of a protocol, the answer, and the reason for the log. A
 * connection that no row recognises counts as IRC; the limits on lines and on
 * registration bound what it can do.
 */
#include "daemon/foreign.h"

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

static const struct foreign {
	bool (*is)(struct span first);
	const char *answer, *why;
} foreigners[] = {
	{ is_tls,
	    "ERROR :This is a plaintext port; connect to the TLS port, or "
	    "without TLS\r\n",
	    "TLS on a plaintext port" },
	{ is_http, HTTP("This is an IRC server, not a web server."),
	    "HTTP on an IRC port" },
};

const char *
foreign_answer(struct span first, const char **why)
{
	for (size_t i = 0; i < sizeof(foreigners) / sizeof(foreigners[0]); i++)
		if (foreigners[i].is(first)) {
			*why = foreigners[i].why;
			return foreigners[i].answer;
		}
	return NULL;
}

const char *
foreign_answer_tls(struct span first)
{
	return is_http(first)
		   ? HTTP("This is an IRC server, and this port speaks TLS.")
		   : "ERROR :This is a TLS port; connect with TLS, or to the "
		     "plaintext port\r\n";
}
