/*
 * The Gregorian calendar by arithmetic (Howard Hinnant, "chrono-compatible
 * low-level date algorithms"). Years begin in March here, so that the leap day
 * is the last day of a year; 400 years are an era.
 */
#include "wire/isotime.h"

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)
#define ERA_DAYS 146097	  /* in 400 years */
#define EPOCH_DAYS 719468 /* from 0000-03-01 to 1970-01-01 */

/* Return the days from 1970-01-01 to a date; years count from 0. */
static int64_t
days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * ERA_DAYS + yoe * 365 + yoe / 4 - yoe / 100 + doy -
	       EPOCH_DAYS;
}

static void
date_of(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
	int64_t z = days + EPOCH_DAYS;
	int64_t era = (z >= 0 ? z : z - (ERA_DAYS - 1)) / ERA_DAYS;
	int64_t doe = z - era * ERA_DAYS;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*day = doy - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = yoe + era * 400 + (*month <= 2 ? 1 : 0);
}

/* Write v with n digits, and c behind it. Return the place behind c. */
static char *
put(char *to, unsigned v, unsigned n, char c)
{
	to[n] = c;
	for (unsigned i = n; i > 0; v /= 10)
		to[--i] = (char)('0' + v % 10);
	return to + n + 1;
}

void
isotime_build(struct writer *w, struct wall t)
{
	int64_t days = t.ms / DAY_MS - (t.ms % DAY_MS < 0 ? 1 : 0);
	int64_t year, month, day;
	unsigned ms;
	char *to;

	if (days < days_of(0, 1, 1) || days > days_of(9999, 12, 31)) {
		writer_fail(w);
		return;
	}
	date_of(days, &year, &month, &day);
	ms = (unsigned)(t.ms - days * DAY_MS);
	to = writer_room(w, ISOTIME_TEXT);
	if (to == NULL)
		return;
	to = put(to, (unsigned)year, 4, '-');
	to = put(to, (unsigned)month, 2, '-');
	to = put(to, (unsigned)day, 2, 'T');
	to = put(to, ms / 3600000, 2, ':');
	to = put(to, ms / 60000 % 60, 2, ':');
	to = put(to, ms / 1000 % 60, 2, '.');
	(void)put(to, ms % 1000, 3, 'Z');
}
