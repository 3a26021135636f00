/*
 * log.h - the kinds of events, as rows (log.def) with fields (log_field.def).
 * Node and daemon make events; the daemon writes them to the log, and operators
 * are told of them by notices with a mask (log_mask.def).
 *
 * To add a kind: a row, and a call of effects_logf() in a pure folder or of
 * logger_with() in the daemon. `make lint` compares the fields of each call
 * with those of its row.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "base/writer.h"

enum log_level { LOGL_DEBUG, LOGL_INFO, LOGL_NOTICE, LOGL_WARN, LOGL_ERROR };

enum log_mask {
#define LOGMASK(id, letter, at_first, what) LOGM_##id,
#include "core/types/log_mask.def"
#undef LOGMASK
	LOGM_COUNT
};

enum log_row {
#define LOGROW(id, level, mask, name, fields, text) LOG_##id,
#include "core/types/log.def"
#undef LOGROW
	LOG_COUNT
};

/* Sets of masks are bits by number, a uint32_t. */
enum log_kind { LOGK_TEXT, LOGK_WORD, LOGK_NUMBER };

struct log_field {
	const char *key; /* static */
	struct span value;
};

/* Return the name of a row, which is static, or "?" if it is not a row. */
const char *log_row_name(enum log_row);
const char *log_row_text(enum log_row);
enum log_level log_row_level(enum log_row);
enum log_mask log_row_mask(enum log_row);
/* Return true if strangers can cause the event as often as they like. */
bool log_row_of_strangers(enum log_row);

/* Return the set that letters make of another set: `+` adds those behind it,
 * `-` removes them; letters of no row are passed over. No letters at all ask
 * for what `at_first` says. */
uint32_t log_masks_read(uint32_t before, struct span letters);
/* Write the letters of a set, in the order of the rows. */
void log_masks_write(struct writer *, uint32_t set);
/* Return the letter of a mask, and what it asks for. */
char log_mask_letter(enum log_mask);
const char *log_mask_what(enum log_mask);

/* Return true if these are the fields of the row, in the order of the row. */
bool log_row_fits(enum log_row, const struct log_field *, size_t n);

/* Return the kind of the field of that name, or LOGK_TEXT if there is none. */
enum log_kind log_field_kind(const char *key);

#endif
