#include "core/types/log.h"

#include <string.h>

struct row {
	enum log_level level;
	enum log_mask mask;
	const char *name;
	const char *fields; /* with spaces between them */
	const char *text;
	bool of_strangers;
};

static const struct row row_of[] = {
#define LOGROW(id, level, mask, name, fields, text) \
	{ level, LOGM_##mask, name, fields, text, false },
#define LOGROW_OF_STRANGERS(id, level, mask, name, fields, text) \
	{ level, LOGM_##mask, name, fields, text, true },
#include "core/types/log.def"
#undef LOGROW
};

static const struct log_mask_row {
	char letter;
	bool at_first; /* +s without letters asks for it */
	const char *what;
} log_mask_row[LOGM_COUNT] = {
#define LOGMASK(id, letter, at_first, what) { letter, at_first, what },
#include "core/types/log_mask.def"
#undef LOGMASK
};

static const struct {
	const char *name;
	enum log_kind kind;
} field_of[] = {
#define LOGFIELD(name, kind, what) { name, LOGK_##kind },
#include "core/types/log_field.def"
#undef LOGFIELD
};

const char *
log_row_name(enum log_row row)
{
	return row < LOG_COUNT ? row_of[row].name : "?";
}

const char *
log_row_text(enum log_row row)
{
	return row < LOG_COUNT ? row_of[row].text : "?";
}

enum log_level
log_row_level(enum log_row row)
{
	return row < LOG_COUNT ? row_of[row].level : LOGL_ERROR;
}

enum log_mask
log_row_mask(enum log_row row)
{
	return row < LOG_COUNT ? row_of[row].mask : LOGM_SERVER;
}

bool
log_row_of_strangers(enum log_row row)
{
	return row < LOG_COUNT && row_of[row].of_strangers;
}

static uint32_t
mask_of_letter(char letter)
{
	for (unsigned i = 0; i < LOGM_COUNT; i++)
		if (log_mask_row[i].letter == letter)
			return UINT32_C(1) << i;
	return 0;
}

static uint32_t
masks_at_first(void)
{
	uint32_t set = 0;

	for (unsigned i = 0; i < LOGM_COUNT; i++)
		if (log_mask_row[i].at_first)
			set |= UINT32_C(1) << i;
	return set;
}

uint32_t
log_masks_read(uint32_t before, struct span letters)
{
	uint32_t set = before;
	bool on = true;

	if (letters.n == 0)
		return masks_at_first();
	for (size_t i = 0; i < letters.n; i++) {
		if (letters.p[i] == '+' || letters.p[i] == '-')
			on = letters.p[i] == '+';
		else if (on)
			set |= mask_of_letter(letters.p[i]);
		else
			set &= ~mask_of_letter(letters.p[i]);
	}
	return set;
}

void
log_masks_write(struct writer *w, uint32_t set)
{
	for (unsigned i = 0; i < LOGM_COUNT; i++)
		if ((set >> i & 1) != 0)
			writer_char(w, log_mask_row[i].letter);
}

char
log_mask_letter(enum log_mask mask)
{
	return mask < LOGM_COUNT ? log_mask_row[mask].letter : '?';
}

const char *
log_mask_what(enum log_mask mask)
{
	return mask < LOGM_COUNT ? log_mask_row[mask].what : "?";
}

bool
log_row_fits(enum log_row row, const struct log_field *f, size_t n)
{
	struct span rest, key;
	size_t i = 0;

	if (row >= LOG_COUNT)
		return false;
	rest = span_of(row_of[row].fields);
	while ((key = span_word(&rest)).n > 0) {
		if (i == n || !span_eq(key, span_of(f[i].key)))
			return false;
		i++;
	}
	return i == n;
}

enum log_kind
log_field_kind(const char *key)
{
	for (size_t i = 0; i < sizeof(field_of) / sizeof(field_of[0]); i++)
		if (strcmp(field_of[i].name, key) == 0)
			return field_of[i].kind;
	return LOGK_TEXT;
}
