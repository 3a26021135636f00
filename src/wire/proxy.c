/*
 * Version 1 is a line of text, version 2 is binary; the first byte tells them
 * apart. A header that is wrong anywhere is refused whole: its connection would
 * count as that of another client.
 *
 * An IPv4 address in IPv6 form, as proxies with one socket for both have it, is
 * the IPv4 address already (wire/addr.h).
 */
#include "wire/proxy.h"

#include <string.h>

#define V1_MAX 107 /* bytes with CR LF (2.1) */
#define V2_HEAD 16 /* bytes before the addresses (2.2) */
#define V2_SIGNATURE SPAN("\r\n\r\n\0\r\nQUIT\n")
#define V2_IPV4 12 /* bytes of two addresses and ports */
#define V2_IPV6 36

/* types of the values behind the addresses (2.2) */
enum {
	TLV_AUTHORITY = 0x02,
	TLV_SSL = 0x20,
	TLV_SSL_VERSION = 0x21,
	TLV_SSL_CIPHER = 0x23
};
#define SSL_HEAD 5   /* bytes of the flags and the result of the check */
#define SSL_CLIENT 1 /* flag: the client speaks TLS */

/* ---- version 1 ----------------------------------------------------------- */

static bool
read_port(struct span s, uint16_t *port)
{
	uint64_t v;

	/* no leading zeros (2.1) */
	if (s.n > 5 || (s.n > 1 && s.p[0] == '0') || !span_u64(s, &v) ||
	    v > UINT16_MAX)
		return false;
	*port = (uint16_t)v;
	return true;
}

/* Read the words behind "PROXY ". The words are separated by one space. */
static bool
read_line(struct span line, struct proxy_header *h)
{
	struct span family = span_cut(&line, ' '), from, to, port, rest;
	struct addr own;
	uint16_t own_port;

	if (span_eq(family, SPAN("UNKNOWN"))) {
		h->local = true;
		return true;
	}
	from = span_cut(&line, ' ');
	to = span_cut(&line, ' ');
	port = span_cut(&line, ' ');
	rest = line;
	if ((!span_eq(family, SPAN("TCP4")) &&
		!span_eq(family, SPAN("TCP6"))) ||
	    !addr_parse(from, &h->from) || !addr_parse(to, &own) ||
	    !read_port(port, &h->from_port) || !read_port(rest, &own_port))
		return false;
	return family.p[3] == '6' ||
	       (span_find(from, ':') == from.n && span_find(to, ':') == to.n);
}

static enum proxy_status
parse_v1(struct span bytes, struct proxy_header *h, size_t *used)
{
	struct span head = SPAN("PROXY ");
	size_t end = span_find(bytes, '\n');

	if (!span_starts(bytes, span_head(head, bytes.n)))
		return PROXY_WRONG;
	if (end == bytes.n)
		return bytes.n < V1_MAX ? PROXY_MORE : PROXY_LONG;
	if (end >= V1_MAX)
		return PROXY_LONG;
	if (end < head.n + 1 || bytes.p[end - 1] != '\r' ||
	    !read_line(span_make(bytes.p + head.n, end - 1 - head.n), h))
		return PROXY_WRONG;
	*used = end + 1;
	return PROXY_DONE;
}

/* ---- version 2 ----------------------------------------------------------- */

static unsigned int
number(const char *p)
{
	return (unsigned int)(unsigned char)p[0] << 8 | (unsigned char)p[1];
}

/* Take the next value; *type tells what it is. Return false at the end, and if
 * the rest is not a value, with *wrong set. */
static bool
next_value(struct span *rest, unsigned char *type, struct span *value,
    bool *wrong)
{
	size_t n;

	if (rest->n == 0)
		return false;
	n = rest->n < 3 ? SIZE_MAX : number(rest->p + 1);
	if (rest->n < 3 || n > rest->n - 3) {
		*wrong = true;
		return false;
	}
	*type = (unsigned char)rest->p[0];
	*value = span_make(rest->p + 3, n);
	*rest = span_tail(*rest, 3 + n);
	return true;
}

/* Return the value if it is a word that can be shown, else nothing. */
static struct span
word(struct span value, size_t max)
{
	if (value.n > max)
		return SPAN_NONE;
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] <= ' ' || value.p[i] > '~')
			return SPAN_NONE;
	return value;
}

/* Read the value of TLS, which has values in it (2.2.6). */
static bool
read_tls(struct span rest, struct proxy_header *h)
{
	struct span value;
	unsigned char type;
	bool wrong = false;

	if (rest.n < SSL_HEAD)
		return false;
	h->tls = (rest.p[0] & SSL_CLIENT) != 0;
	rest = span_tail(rest, SSL_HEAD);
	while (next_value(&rest, &type, &value, &wrong)) {
		if (type == TLV_SSL_VERSION)
			h->version = word(value, PROXY_WORD_MAX);
		else if (type == TLV_SSL_CIPHER)
			h->cipher = word(value, PROXY_WORD_MAX);
	}
	return !wrong;
}

static bool
read_values(struct span rest, struct proxy_header *h)
{
	struct span value;
	unsigned char type;
	bool wrong = false;

	while (next_value(&rest, &type, &value, &wrong)) {
		if (type == TLV_SSL && !read_tls(value, h))
			return false;
		if (type == TLV_AUTHORITY)
			h->asked = word(value, PROXY_NAME_MAX);
	}
	return !wrong;
}

static bool
read_addresses(unsigned char family, struct span rest, struct proxy_header *h)
{
	switch (family) {
	case 0x11: /* TCP over IPv4 */
		if (rest.n < V2_IPV4)
			return false;
		h->from = addr_v4((const unsigned char *)rest.p);
		h->from_port = (uint16_t)number(rest.p + 8);
		return read_values(span_tail(rest, V2_IPV4), h);
	case 0x21: /* TCP over IPv6 */
		if (rest.n < V2_IPV6)
			return false;
		memcpy(h->from.b, rest.p, sizeof(h->from.b));
		h->from_port = (uint16_t)number(rest.p + 32);
		return read_values(span_tail(rest, V2_IPV6), h);
	default: /* not a client of ours: as if the proxy spoke for itself */
		h->local = true;
		return true;
	}
}

static enum proxy_status
parse_v2(struct span bytes, struct proxy_header *h, size_t *used)
{
	size_t n;
	unsigned char command;

	if (!span_starts(bytes, span_head(V2_SIGNATURE, bytes.n)))
		return PROXY_WRONG;
	if (bytes.n < V2_HEAD)
		return PROXY_MORE;
	n = V2_HEAD + number(bytes.p + 14);
	command = (unsigned char)bytes.p[12];
	if (command != 0x20 && command != 0x21)
		return PROXY_WRONG;
	if (n > PROXY_MAX)
		return PROXY_LONG;
	if (bytes.n < n)
		return PROXY_MORE;
	h->local = command == 0x20;
	if (!h->local && !read_addresses((unsigned char)bytes.p[13],
			     span_make(bytes.p + V2_HEAD, n - V2_HEAD), h))
		return PROXY_WRONG;
	*used = n;
	return PROXY_DONE;
}

enum proxy_status
proxy_parse(struct span bytes, struct proxy_header *h, size_t *used)
{
	memset(h, 0, sizeof(*h));
	if (bytes.n == 0)
		return PROXY_MORE;
	return bytes.p[0] == '\r' ? parse_v2(bytes, h, used)
				  : parse_v1(bytes, h, used);
}
