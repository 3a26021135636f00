#include "wire/metric.h"

#include "base/mtime.h"

#define NS_PER_S (MS_PER_S * NS_PER_MS)

void
metric_begin(struct writer *w, const char *name, const char *type,
    const char *help)
{
	writer_str(w, "# HELP banyan_");
	writer_str(w, name);
	writer_char(w, ' ');
	writer_str(w, help);
	writer_str(w, "\n# TYPE banyan_");
	writer_str(w, name);
	writer_char(w, ' ');
	writer_str(w, type);
	writer_char(w, '\n');
}

/* Names of servers come from other servers: escape what ends a label. */
static void
write_label(struct writer *w, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n') {
			writer_str(w, "\\n");
			continue;
		}
		if (s.p[i] == '"' || s.p[i] == '\\')
			writer_char(w, '\\');
		writer_char(w, s.p[i]);
	}
}

static void
write_series(struct writer *w, const char *name, const char *label,
    struct span of)
{
	writer_str(w, "banyan_");
	writer_str(w, name);
	if (label != NULL) {
		writer_char(w, '{');
		writer_str(w, label);
		writer_str(w, "=\"");
		write_label(w, of);
		writer_str(w, "\"}");
	}
	writer_char(w, ' ');
}

void
metric_value(struct writer *w, const char *name, const char *label,
    struct span of, int64_t value)
{
	write_series(w, name, label, of);
	writer_i64(w, value);
	writer_char(w, '\n');
}

void
metric_seconds(struct writer *w, const char *name, const char *label,
    struct span of, int64_t ns)
{
	write_series(w, name, label, of);
	writer_i64(w, ns / NS_PER_S);
	writer_char(w, '.');
	writer_pad(w, (uint64_t)(ns % NS_PER_S), 9);
	writer_char(w, '\n');
}

void
metric_single(struct writer *w, const char *name, const char *type,
    const char *help, int64_t value)
{
	metric_begin(w, name, type, help);
	metric_value(w, name, NULL, SPAN_NONE, value);
}
