/*
 * This file has its own parser because the pure folders have no inet_pton, and
 * because all servers must read a text in the same way: bans travel as text,
 * and each server parses them itself. The parser is strict for the same reason:
 * "010.0.0.1" is octal to some programs and decimal to others, so it is
 * refused.
 */
#include "wire/addr.h"

#include <string.h>

#include "base/ascii.h"
#include "base/invariant.h"

#define GROUPS 8     /* of 16 bits */
#define V4_PREFIX 96 /* bits before the IPv4 part */

static const unsigned char v4_head[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff,
	0xff };

bool
addr_is_none(const struct addr *a)
{
	const struct addr none = ADDR_NONE;

	return addr_eq(a, &none);
}

bool
addr_is_any(const struct addr *a)
{
	static const unsigned char zero[4];
	struct addr any4 = addr_v4(zero);

	return addr_is_none(a) || addr_eq(a, &any4);
}

bool
addr_is_v4(const struct addr *a)
{
	return memcmp(a->b, v4_head, sizeof(v4_head)) == 0;
}

bool
addr_is_loopback(const struct addr *a)
{
	const struct addr one = { { [15] = 1 } };

	return addr_is_v4(a) ? a->b[12] == 127 : addr_eq(a, &one);
}

bool
addr_is_private(const struct addr *a)
{
	static const struct {
		unsigned char net[16];
		unsigned char prefix;
	} near[] = {
		{ { [10] = 0xff, [11] = 0xff, 10 }, 104 },
		{ { [10] = 0xff, [11] = 0xff, 172, 16 }, 108 },
		{ { [10] = 0xff, [11] = 0xff, 192, 168 }, 112 },
		{ { [10] = 0xff, [11] = 0xff, 169, 254 }, 112 },
		{ { [10] = 0xff, [11] = 0xff, 100, 64 }, 106 },
		{ { 0xfc }, 7 },
		{ { 0xfe, 0x80 }, 10 },
	};
	struct addr net;

	for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++) {
		memcpy(net.b, near[i].net, sizeof(net.b));
		if (addr_in(a, &net, near[i].prefix))
			return true;
	}
	return addr_is_loopback(a);
}

struct addr
addr_v4(const unsigned char b[4])
{
	struct addr a;

	memcpy(a.b, v4_head, sizeof(v4_head));
	memcpy(a.b + sizeof(v4_head), b, 4);
	return a;
}

bool
addr_eq(const struct addr *a, const struct addr *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

struct addr
addr_head(const struct addr *a, unsigned int prefix)
{
	struct addr head = *a;

	invariant(prefix <= ADDR_BITS);
	for (unsigned int i = 0; i < sizeof(head.b); i++) {
		unsigned int keep = prefix > i * 8 ? prefix - i * 8 : 0;

		if (keep < 8)
			head.b[i] &= (unsigned char)(0xff00u >> keep & 0xff);
	}
	return head;
}

bool
addr_in(const struct addr *a, const struct addr *net, unsigned int prefix)
{
	const struct addr x = addr_head(a, prefix);
	const struct addr y = addr_head(net, prefix);

	return addr_eq(&x, &y);
}

static bool
parse_v4(struct span s, unsigned char b[4])
{
	for (int i = 0; i < 4; i++) {
		size_t dot = span_find(s, '.');
		struct span part = span_head(s, dot);
		uint64_t v;

		if ((dot < s.n) != (i < 3))
			return false;
		if (part.n > 3 || (part.n > 1 && part.p[0] == '0'))
			return false;
		if (!span_u64(part, &v) || v > 255)
			return false;
		b[i] = (unsigned char)v;
		s = span_tail(s, dot + 1);
	}
	return true;
}

/* Parse one to four hex digits. */
static bool
parse_group(struct span s, unsigned int *v)
{
	*v = 0;
	if (s.n < 1 || s.n > 4)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int d = ascii_hex(s.p[i]);

		if (d < 0)
			return false;
		*v = *v << 4 | (unsigned int)d;
	}
	return true;
}

/*
 * Parse groups separated by ':' into b. At the end of the address (last) an
 * IPv4 address may stand for two of them. Return the number of bytes, or -1 if
 * the text is wrong.
 */
static int
parse_groups(struct span s, bool last, unsigned char b[16])
{
	int n = 0;

	if (s.n == 0)
		return 0;
	for (;;) {
		size_t colon = span_find(s, ':');
		struct span part = span_head(s, colon);
		unsigned int v;

		if (last && colon == s.n && n <= 12 && parse_v4(part, b + n))
			return n + 4;
		if (n == 16 || !parse_group(part, &v))
			return -1;
		b[n++] = (unsigned char)(v >> 8);
		b[n++] = (unsigned char)(v & 0xff);
		if (colon == s.n)
			return n;
		s = span_tail(s, colon + 1);
	}
}

static bool
parse_v6(struct span s, struct addr *a)
{
	unsigned char head[16], tail[16];
	size_t gap = 0;
	int nhead, ntail = 0;

	while (gap < s.n &&
	       !(s.p[gap] == ':' && gap + 1 < s.n && s.p[gap + 1] == ':'))
		gap++;
	nhead = parse_groups(span_head(s, gap), gap == s.n, head);
	if (gap == s.n) {
		if (nhead != 16)
			return false;
	} else {
		ntail = parse_groups(span_tail(s, gap + 2), true, tail);
		/* "::" stands for at least one group (RFC 4291, 2.2) */
		if (nhead < 0 || ntail < 0 || nhead + ntail > 14)
			return false;
	}
	*a = ADDR_NONE;
	memcpy(a->b, head, (size_t)nhead);
	if (ntail > 0)
		memcpy(a->b + 16 - ntail, tail, (size_t)ntail);
	return true;
}

bool
addr_parse(struct span s, struct addr *a)
{
	unsigned char b[4];

	if (s.n > ADDR_TEXT)
		return false;
	if (span_find(s, ':') < s.n)
		return parse_v6(s, a);
	if (!parse_v4(s, b))
		return false;
	*a = addr_v4(b);
	return true;
}

bool
addr_cidr_parse(struct span s, struct addr *net, unsigned int *prefix)
{
	size_t slash = span_find(s, '/');
	struct span text = span_head(s, slash);
	struct span bits = span_tail(s, slash + 1);
	unsigned int before;
	struct addr a;
	uint64_t v;

	if (!addr_parse(text, &a))
		return false;
	/* The text decides: ::ffff:10.0.0.0/104 counts its bits as IPv6. */
	before = span_find(text, ':') == text.n ? V4_PREFIX : 0;
	if (slash == s.n) {
		v = ADDR_BITS - before;
	} else {
		if (bits.n > 3 || (bits.n > 1 && bits.p[0] == '0'))
			return false;
		if (!span_u64(bits, &v) || v > ADDR_BITS - before)
			return false;
	}
	*net = a;
	*prefix = before + (unsigned int)v;
	return true;
}

static void
build_hex(struct writer *w, unsigned int v)
{
	static const char digits[] = "0123456789abcdef";
	int shift = 12;

	while (shift > 0 && v >> shift == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		writer_char(w, digits[v >> shift & 15]);
}

static void
build_v4(struct writer *w, const unsigned char b[4])
{
	for (int i = 0; i < 4; i++) {
		if (i > 0)
			writer_char(w, '.');
		writer_u64(w, b[i]);
	}
}

static void
build_v6(struct writer *w, const struct addr *a)
{
	unsigned int g[GROUPS];
	int gap = -1, gaplen = 1;

	for (int i = 0; i < GROUPS; i++)
		g[i] = (unsigned int)a->b[2 * i] << 8 | a->b[2 * i + 1];
	/*
	 * The first of the longest runs of zeros, if longer than one (RFC 5952,
	 * 4.2).
	 */
	for (int i = 0; i < GROUPS; i++) {
		int n = 0;

		while (i + n < GROUPS && g[i + n] == 0)
			n++;
		if (n > gaplen) {
			gap = i;
			gaplen = n;
		}
	}
	for (int i = 0; i < GROUPS; i++) {
		if (i == gap) {
			writer_str(w, "::");
			i += gaplen - 1;
			continue;
		}
		if (i > 0 && i != gap + gaplen)
			writer_char(w, ':');
		build_hex(w, g[i]);
	}
}

void
addr_build(struct writer *w, const struct addr *a)
{
	if (addr_is_v4(a))
		build_v4(w, a->b + sizeof(v4_head));
	else
		build_v6(w, a);
}

void
addr_build_word(struct writer *w, const struct addr *a)
{
	char buf[ADDR_TEXT];
	struct writer text;

	writer_init(&text, buf, sizeof(buf));
	addr_build(&text, a);
	if (buf[0] == ':')
		writer_char(w, '0');
	writer_span(w, writer_done(&text));
}
