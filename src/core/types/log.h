/*
 * log.h - the kinds of events in the operator's log, as rows (log.def). Node and
 * daemon write them; the daemon carries them to the log.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include "base/span.h"

enum log_level { LOGL_DEBUG, LOGL_INFO, LOGL_NOTICE, LOGL_WARN, LOGL_ERROR };

enum log_row {
#define LOGROW(id, level, name, text) LOG_##id,
#include "core/types/log.def"
#undef LOGROW
	LOG_COUNT
};

struct log_field {
	const char *key; /* static */
	struct span value;
};

/* Return the name of a row, which is static, or "?" if it is not a row. */
const char *log_row_name(enum log_row);
const char *log_row_text(enum log_row);
enum log_level log_row_level(enum log_row);

#endif
