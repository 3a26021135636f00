#include "wire/duration.h"

#include "wire/casemap.h"

/* Return the seconds of a unit, or 0. */
static uint64_t
unit_of(char c)
{
	static const struct {
		char c;
		uint64_t seconds;
	} unit[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
		{ 'w', 7 * 86400 }, { 'y', 365 * 86400 } };

	for (size_t i = 0; i < sizeof(unit) / sizeof(unit[0]); i++)
		if (unit[i].c == casemap_char(c))
			return unit[i].seconds;
	return 0;
}

/* Take a number and its unit off the front. Return false if the text does not
 * begin with a number, or if the number has no unit. */
static bool
take(struct span *s, uint64_t *seconds)
{
	size_t digits = 0;
	uint64_t n, unit;

	while (digits < s->n && ascii_is_digit(s->p[digits]))
		digits++;
	if (digits == s->n || !span_u64(span_head(*s, digits), &n) ||
	    n > DURATION_MAX || (unit = unit_of(s->p[digits])) == 0)
		return false;
	*s = span_tail(*s, digits + 1);
	*seconds = n * unit;
	return true;
}

bool
duration_parse(struct span s, uint64_t *seconds)
{
	uint64_t n, sum = 0;

	if (s.n > 0 && ascii_is_digit(s.p[0]) && span_u64(s, &n)) {
		if (n > DURATION_MAX / 60)
			return false;
		*seconds = n * 60;
		return true;
	}
	if (s.n == 0)
		return false;
	while (s.n > 0) {
		if (!take(&s, &n) || n > DURATION_MAX - sum)
			return false;
		sum += n;
	}
	*seconds = sum;
	return true;
}
