/*
 * Own code, not libsodium's: its decoder skips characters it is told to
 * ignore, and one value must have one text (RFC 4648, 3.5). Not for secrets:
 * the time taken depends on the data.
 */
#include "base/base64.h"

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_encode(struct span bytes, char *out)
{
	const unsigned char *in = (const unsigned char *)bytes.p;

	for (size_t i = 0; i < bytes.n; i += 3) {
		size_t left = bytes.n - i;
		uint32_t v = (uint32_t)in[i] << 16;

		if (left > 1)
			v |= (uint32_t)in[i + 1] << 8;
		if (left > 2)
			v |= in[i + 2];
		*out++ = digits[v >> 18];
		*out++ = digits[v >> 12 & 63];
		*out++ = left > 1 ? digits[v >> 6 & 63] : '=';
		*out++ = left > 2 ? digits[v & 63] : '=';
	}
}

/* The value of a digit, or 64. */
static uint32_t
value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (uint32_t)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (uint32_t)(c - 'a') + 26;
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0') + 52;
	return c == '+' ? 62 : c == '/' ? 63 : 64;
}

bool
base64_decode(struct span text, void *out, size_t cap, size_t *n)
{
	unsigned char *to = out;
	size_t pad = 0, len;

	if (text.n % 4 != 0)
		return false;
	while (pad < 2 && pad < text.n && text.p[text.n - 1 - pad] == '=')
		pad++;
	len = text.n / 4 * 3 - pad;
	if (len > cap)
		return false;
	for (size_t i = 0; i < text.n; i += 4) {
		size_t want = len - i / 4 * 3 < 3 ? len - i / 4 * 3 : 3;
		uint32_t v = 0;

		for (size_t k = 0; k < 4; k++) {
			uint32_t d = k <= want ? value(text.p[i + k]) : 0;

			if (d == 64)
				return false;
			v = v << 6 | d;
		}
		if (want < 3 && (v & (want == 2 ? 0xffu : 0xffffu)) != 0)
			return false;
		for (size_t k = 0; k < want; k++)
			*to++ = (unsigned char)(v >> (16 - 8 * k) & 0xff);
	}
	*n = len;
	return true;
}
