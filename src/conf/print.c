/*
 * A configuration is written back option by option, in the order of the rows.
 * A reload compares two configurations by the same texts.
 */
#include "conf/head.h"

#include <string.h>

#include "base/invariant.h"
#include "conf/schema.h"
#include "core/types/ids.h"

static const char *
items_of(const struct conf_head *conf, const struct section *sec, size_t *n)
{
	const char *base = (const char *)conf, *v;

	if (sec->size == 0) {
		*n = 1;
		return base;
	}
	memcpy(&v, base + sec->items, sizeof(v));
	memcpy(n, base + sec->count, sizeof(*n));
	return v;
}

static void
indent(struct writer *w, unsigned int depth)
{
	while (depth-- > 0)
		writer_char(w, '\t');
}

/* Write the options of one group, one on each line. */
static void
options_build(struct writer *w, const struct schema *schema,
    unsigned int section, const void *obj)
{
	unsigned int depth = section == SCHEMA_TOP ? 0 : 1;
	const struct option *o;

	for (size_t i = 0; (o = option_next(schema, section, &i)) != NULL;) {
		struct writer undo;

		undo = *w;
		indent(w, depth);
		writer_str(w, o->key);
		writer_str(w, " = ");
		if (value_build(w, o->type, &o->value, obj))
			writer_str(w, ";\n");
		else
			w->n = undo.n;
	}
}

static void
section_build(struct writer *w, unsigned int id, const struct conf_head *conf)
{
	const struct section *sec = &conf->schema->section[id];
	const char *v;
	size_t n;

	v = items_of(conf, sec, &n);
	if (id == SCHEMA_TOP) {
		options_build(w, conf->schema, id, v);
		return;
	}
	writer_str(w, sec->name);
	writer_str(w, sec->size > 0 ? " = (" : " = {\n");
	for (size_t i = 0; i < n; i++) {
		if (sec->size > 0)
			writer_str(w, i > 0 ? ", {\n" : " {\n");
		options_build(w, conf->schema, id, v + i * sec->size);
		if (sec->size > 0)
			writer_str(w, "}");
	}
	writer_str(w, sec->size > 0 ? " );\n" : "};\n");
}

void
conf_head_print(struct writer *w, const struct conf_head *conf)
{
	const struct schema *schema = conf->schema;

	for (unsigned int i = 0; i < schema->nsection; i++)
		section_build(w, i, conf);
	if (schema->print_rest != NULL)
		schema->print_rest(w, conf);
}

#define TEXT_MAX 8192 /* a path of 4000 bytes, each escaped */

/* Return true if the printed value of an option differs between the two. */
static bool
differs(const struct option *o, const struct conf_head *old,
    const struct conf_head *next, struct arena *a)
{
	struct writer wo, wn;

	writer_init_arena(&wo, a, 4 * TEXT_MAX);
	writer_init_arena(&wn, a, 4 * TEXT_MAX);
	value_build(&wo, o->type, &o->value, old);
	value_build(&wn, o->type, &o->value, next);
	return !span_eq(writer_done(&wo), writer_done(&wn));
}

/* Return the bytes of a value that is not a text, or 0 for a text. */
static size_t
plain_size(enum value_type type)
{
	switch (type) {
	case VALUE_BOOL:
		return sizeof(bool);
	case VALUE_NUM:
	case VALUE_PURPOSE:
	case VALUE_GATE_PURPOSE:
	case VALUE_FOUNDER:
	case VALUE_FORMAT:
	case VALUE_LEVEL:
	case VALUE_STRATEGY:
		return sizeof(uint32_t);
	case VALUE_MIB:
		return sizeof(uint64_t);
	case VALUE_SID:
		return sizeof(struct sid);
	case VALUE_TEXT:
	case VALUE_WORD:
	case VALUE_PATH:
	case VALUE_SERVER_NAME:
	case VALUE_VERIFIER:
		return 0;
	case VALUE_IP:
	case VALUE_NET:
	case VALUE_PIN:
	case VALUE_OPER_PIN:
	case VALUE_ADDRESSES:
	case VALUE_DNS_SERVERS:
	case VALUE_BROKER:
	case VALUE_NETS:
	case VALUE_ORIGINS:
	case VALUE_GATEWAY_PIN:
	case VALUE_GATE_PIN:
	case VALUE_FINGERPRINT:
	case VALUE_HOST:
	case VALUE_ENDPOINT:
	case VALUE_MODULES:
	case VALUE_PRIVILEGES:
	case VALUE_COUNT:
		break;
	}
	invariant(false); /* no option of these types is RESTART */
	return 0;
}

/* Copy the value of an option from old to next; a text is copied into next's
 * arena. */
static void
keep_option(const struct option *o, const struct conf_head *old,
    struct conf_head *next)
{
	const char *from = (const char *)old + o->value.member;
	char *to = (char *)next + o->value.member;
	size_t n = plain_size(o->type);
	struct span s;

	if (n > 0) {
		memcpy(to, from, n);
		return;
	}
	memcpy(&s, from, sizeof(s));
	s = arena_span_dup(next->arena, s);
	memcpy(to, &s, sizeof(s));
}

static const char *
when_it_changes(const struct option *o)
{
	return o->flags & OPTION_RUN ? "when the server is stopped and started"
				     : "at a restart";
}

static void
tell_kept(const struct option *o, const struct conf_head *next,
    struct conf_report *report)
{
	const struct schema *schema = next->schema;
	struct conf_place place = next->place[option_index(schema, o)];
	char text[REPORT_TEXT];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	writer_str(&w, schema->section[o->section].name);
	writer_str(&w, o->section == SCHEMA_TOP ? "" : ".");
	writer_str(&w, o->key);
	writer_str(&w, " only changes ");
	writer_str(&w, when_it_changes(o));
	writer_str(&w, ": the old value stays in use");
	if (place.line == 0)
		place.file = next->file;
	conf_report_add(report, true, place, writer_done(&w));
}

void
conf_head_keep(const struct conf_head *old, struct conf_head *next,
    struct conf_report *report)
{
	const struct schema *schema = next->schema;
	struct arena *scratch = arena_new(1024);
	const struct option *o;

	for (unsigned int s = 0; s < schema->nsection; s++)
		for (size_t i = 0; (o = option_next(schema, s, &i)) != NULL;) {
			if ((o->flags & OPTION_RESTART) == 0 ||
			    !differs(o, old, next, scratch))
				continue;
			keep_option(o, old, next);
			tell_kept(o, next, report);
		}
	arena_free(scratch);
}
