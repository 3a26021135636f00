#include "core/types/log.h"

#include <string.h>

struct row {
	enum log_level level;
	enum log_mask mask;
	const char *name;
	const char *fields; /* with spaces between them */
	const char *text;
};

static const struct row row_of[] = {
#define LOGROW(id, level, mask, name, fields, text) \
	{ level, LOGM_##mask, name, fields, text },
#include "core/types/log.def"
#undef LOGROW
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
