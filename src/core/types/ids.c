/*
 * Ids are small values that are compared as bytes: the order is the same on
 * every server, which merges rely on. Parsing is strict, so that each id has
 * one spelling: a word that decodes encodes to itself.
 */
#include "core/types/ids.h"

#include <string.h>

#include "base/ascii.h"
#include "base/invariant.h"

static bool
is_id_char(char c)
{
	return ascii_is_digit(c) || ascii_is_upper(c);
}

static int
cmp64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Parse a decimal that has no sign and, but for "0" itself, no leading zero. */
static bool
parse_num(struct span s, uint64_t *v)
{
	if (s.n > 1 && s.p[0] == '0')
		return false;
	return span_u64(s, v);
}

int
dot_cmp(struct dot a, struct dot b)
{
	int c;

	if ((c = origin_cmp(a.o, b.o)) != 0)
		return c;
	if ((c = cmp64(a.n, b.n)) != 0)
		return c;
	return cmp64(a.part, b.part);
}

struct dot
dot_make(struct origin o, uint64_t n, size_t part)
{
	invariant(n <= DOT_N_MAX && part <= DOT_PART_MAX);
	return (struct dot){ o, n & DOT_N_MAX, part & DOT_PART_MAX };
}

int
cinc_cmp(struct cinc a, struct cinc b)
{
	if (a.stamp.ms != b.stamp.ms)
		return a.stamp.ms < b.stamp.ms ? -1 : 1;
	return sid_cmp(a.sid, b.sid);
}

/* ---- a cinc as a number: 48 bits of the stamp, then the sid in base 36 --- */

#define SID_BITS 16

static unsigned
digit_of(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'A' + 10);
}

static char
char_of(unsigned digit)
{
	return (char)(digit < 10 ? '0' + digit : 'A' + (digit - 10));
}

struct cinc_number
cinc_number(struct cinc c)
{
	unsigned sid = 0;

	invariant(!sid_is_none(c.sid) && c.stamp.ms >= 0 &&
		  c.stamp.ms <= STAMP_MAX);
	for (size_t i = 0; i < SID_LEN; i++)
		sid = sid * 36 + digit_of(c.sid.s[i]);
	return (struct cinc_number){ (uint64_t)c.stamp.ms << SID_BITS | sid };
}

struct cinc
cinc_of_number(struct cinc_number n)
{
	struct cinc c = { .stamp.ms = (int64_t)(n.v >> SID_BITS) };
	unsigned sid = n.v & ((1u << SID_BITS) - 1);

	for (size_t i = SID_LEN; i > 0; i--, sid /= 36)
		c.sid.s[i - 1] = char_of(sid % 36);
	return c;
}

struct span
dot_span(const struct dot *d)
{
	return span_make(d, sizeof(*d));
}

bool
sid_parse(struct span w, struct sid *out)
{
	if (w.n != SID_LEN || !ascii_is_digit(w.p[0]) || !is_id_char(w.p[1]) ||
	    !is_id_char(w.p[2]))
		return false;
	memcpy(out->s, w.p, SID_LEN);
	out->s[SID_LEN] = '\0';
	return true;
}

bool
uid_parse(struct span w, struct uid *out)
{
	struct sid sid;

	if (w.n != UID_LEN || !sid_parse(span_head(w, SID_LEN), &sid) ||
	    ascii_is_digit(w.p[SID_LEN]))
		return false;
	for (size_t i = SID_LEN; i < UID_LEN; i++)
		if (!is_id_char(w.p[i]))
			return false;
	memcpy(out->s, w.p, UID_LEN);
	out->s[UID_LEN] = '\0';
	return true;
}

#define SERVER_DIGITS "Z99999"

struct uid
uid_of_server(struct sid sid)
{
	struct uid uid;

	memcpy(uid.s, sid.s, SID_LEN);
	memcpy(uid.s + SID_LEN, SERVER_DIGITS, sizeof(SERVER_DIGITS));
	return uid;
}

bool
uid_is_of_server(struct uid uid, struct sid *sid)
{
	memcpy(sid->s, uid.s, SID_LEN);
	sid->s[SID_LEN] = '\0';
	return strcmp(uid.s + SID_LEN, SERVER_DIGITS) == 0;
}

bool
origin_parse(struct span w, struct origin *out)
{
	struct origin o;
	uint64_t inc;

	if (!sid_parse(span_cut(&w, '.'), &o.sid) || !parse_num(w, &inc) ||
	    inc == 0 || inc > UINT32_MAX)
		return false;
	o.inc = (uint32_t)inc;
	*out = o;
	return true;
}

bool
dot_parse(struct span w, struct dot *out)
{
	struct origin origin;
	size_t o;
	uint64_t n, part;

	o = span_find(w, '.');
	o += 1 + span_find(span_tail(w, o + 1), '.');
	if (o >= w.n || !origin_parse(span_head(w, o), &origin))
		return false;
	w = span_tail(w, o + 1);
	if (!parse_num(span_cut(&w, '.'), &n) || n == 0 ||
	    !parse_num(w, &part) || n > DOT_N_MAX || part > DOT_PART_MAX)
		return false;
	*out = dot_make(origin, n, part);
	return true;
}

bool
stamp_parse(struct span w, struct stamp *out)
{
	uint64_t ms;

	if (!parse_num(w, &ms) || ms > STAMP_MAX)
		return false;
	out->ms = (int64_t)ms;
	return true;
}

bool
cinc_parse(struct span w, struct cinc *out)
{
	struct cinc c;
	struct stamp stamp;

	if (!stamp_parse(span_cut(&w, '.'), &stamp) || !sid_parse(w, &c.sid))
		return false;
	c.stamp = stamp;
	*out = c;
	return true;
}

bool
session_id_parse(struct span w, struct session_id *out)
{
	struct session_id s;
	uint64_t k;

	if (!uid_parse(span_cut(&w, '.'), &s.uid) || !parse_num(w, &k) ||
	    k == 0 || k > UINT32_MAX)
		return false;
	s.k = (uint32_t)k;
	*out = s;
	return true;
}

void
write_origin(struct writer *w, struct origin o)
{
	writer_span(w, sid_span(&o.sid));
	writer_char(w, '.');
	writer_u64(w, o.inc);
}

void
write_dot(struct writer *w, struct dot d)
{
	write_origin(w, d.o);
	writer_char(w, '.');
	writer_u64(w, d.n);
	writer_char(w, '.');
	writer_u64(w, d.part);
}

void
write_cinc(struct writer *w, struct cinc c)
{
	writer_i64(w, c.stamp.ms);
	writer_char(w, '.');
	writer_span(w, sid_span(&c.sid));
}

void
write_session_id(struct writer *w, struct session_id s)
{
	writer_span(w, uid_span(&s.uid));
	writer_char(w, '.');
	writer_u64(w, s.k);
}
