#include "core/types/mode.h"

#include "core/types/mode_value.h"
#include "wire/utf8.h"

static const struct chan_mode_row chan_modes[] = {
#define CHANMODE(ID, letter, name, type, value, what, scenario) \
	{ letter, name, "mode/" name, MODE_##type, value },
#include "core/types/mode.def"
#undef CHANMODE
};

static const struct status_row statuses[] = {
#define STATUS(ID, letter, prefix, name, what, scenario) \
	{ letter, prefix, name },
#include "core/types/mode.def"
#undef STATUS
};

static const struct user_mode_row user_modes[] = {
#define USERMODE(ID, letter, name, what, scenario) \
	{ letter, name, "mode/" name },
#include "core/types/mode.def"
#undef USERMODE
};

const struct chan_mode_row *
chan_mode_row(enum chan_mode m)
{
	return &chan_modes[m];
}

const struct status_row *
status_row(enum status s)
{
	return &statuses[s];
}

const struct user_mode_row *
user_mode_row(enum user_mode m)
{
	return &user_modes[m];
}

enum chan_mode
chan_mode_of_letter(char c)
{
	enum chan_mode m = 0;

	while (m < CM_COUNT && chan_modes[m].letter != c)
		m++;
	return m;
}

enum chan_mode
chan_mode_of_name(struct span s)
{
	enum chan_mode m = 0;

	while (m < CM_COUNT && !span_eq(s, span_of(chan_modes[m].name)))
		m++;
	return m;
}

enum status
status_of_letter(char c)
{
	enum status s = 0;

	while (s < ST_COUNT && statuses[s].letter != c)
		s++;
	return s;
}

enum status
status_of_name(struct span name)
{
	enum status s = 0;

	while (s < ST_COUNT && !span_eq(name, span_of(statuses[s].name)))
		s++;
	return s;
}

enum status
status_of_prefix(char c)
{
	enum status s = 0;

	while (s < ST_COUNT && statuses[s].prefix != c)
		s++;
	return s;
}

enum user_mode
user_mode_of_letter(char c)
{
	enum user_mode m = 0;

	while (m < UM_COUNT && user_modes[m].letter != c)
		m++;
	return m;
}

enum user_mode
user_mode_of_name(struct span s)
{
	enum user_mode m = 0;

	while (m < UM_COUNT && !span_eq(s, span_of(user_modes[m].name)))
		m++;
	return m;
}

struct span
mode_letter_take(struct span *rest)
{
	struct span one = SPAN_NONE;

	for (size_t n = 1; one.n == 0; n++)
		one = utf8_cut(*rest, n);
	*rest = span_tail(*rest, one.n);
	return one;
}

bool
mode_letter_is_repeated(struct span letters, struct span one)
{
	while (letters.p < one.p)
		if (span_eq(mode_letter_take(&letters), one))
			return true;
	return false;
}

enum status
status_highest(uint32_t set)
{
	enum status s = 0;

	while (s < ST_COUNT && (set & (1u << s)) == 0)
		s++;
	return s;
}
