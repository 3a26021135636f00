#include "wire/record.h"

#include "wire/utf8.h"

static void
begin_key(struct record *r, const char *key)
{
	if (r->any)
		writer_char(&r->w, r->json ? ',' : ' ');
	r->any = true;
	if (r->json)
		writer_char(&r->w, '"');
	writer_str(&r->w, key);
	writer_str(&r->w, r->json ? "\":" : "=");
}

void
record_begin(struct record *r, struct writer w, bool json)
{
	*r = (struct record){ .w = w, .json = json };
	if (json)
		writer_char(&r->w, '{');
}

void
record_text(struct record *r, const char *key, struct span value)
{
	begin_key(r, key);
	if (r->json)
		writer_json(&r->w, value);
	else if (value.n == 0)
		writer_char(&r->w, '-');
	else
		utf8_write_visible(&r->w, value);
}

void
record_num(struct record *r, const char *key, int64_t value)
{
	begin_key(r, key);
	writer_i64(&r->w, value);
}

void
record_size(struct record *r, const char *key, uint64_t value)
{
	begin_key(r, key);
	writer_u64(&r->w, value);
}

void
record_bool(struct record *r, const char *key, bool value)
{
	begin_key(r, key);
	if (r->json)
		writer_str(&r->w, value ? "true" : "false");
	else
		writer_str(&r->w, value ? "yes" : "no");
}

void
record_addr(struct record *r, const char *key, const struct addr *a)
{
	char text[ADDR_TEXT];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	if (!addr_is_none(a))
		addr_build(&w, a);
	record_text(r, key, writer_done(&w));
}

struct span
record_end(struct record *r)
{
	if (r->json)
		writer_char(&r->w, '}');
	return writer_done(&r->w);
}
