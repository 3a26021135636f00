#include "core/types/log.h"

struct log_kind {
	enum log_level level;
	const char *name;
	const char *text;
};

static const struct log_kind log_kind[] = {
#define LOGROW(id, level, name, text) { level, name, text },
#include "core/types/log.def"
#undef LOGROW
};

const char *
log_row_name(enum log_row row)
{
	return row < LOG_COUNT ? log_kind[row].name : "?";
}

const char *
log_row_text(enum log_row row)
{
	return row < LOG_COUNT ? log_kind[row].text : "?";
}

enum log_level
log_row_level(enum log_row row)
{
	return row < LOG_COUNT ? log_kind[row].level : LOGL_ERROR;
}
