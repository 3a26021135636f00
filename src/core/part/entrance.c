#include "core/part/entrance.h"

#include "core/part/later.h"
#include "wire/addr.h"
#include "wire/name.h"
#include "wire/words.h"

#define DRAINING "draining"

void
entrance_part(struct part *p, const struct entrance_text *e,
    struct arena *arena)
{
	struct writer w;

	writer_init_arena(&w, arena, PART_LINE_MAX);
	writer_span(&w, e->host);
	writer_char(&w, ' ');
	writer_u64(&w, e->port);
	writer_char(&w, ' ');
	writer_span(&w, e->region);
	writer_char(&w, ' ');
	writer_u64(&w, e->weight);
	writer_str(&w, e->draining ? " " DRAINING " " : " - ");
	writer_span(&w, e->pin);
	later_part(p, &later_builtin[LATER_TRUNK], writer_done(&w), text_off(),
	    arena);
}

static bool
is_host(struct span s)
{
	struct addr addr;

	if (addr_parse(s, &addr))
		return !addr_is_any(&addr);
	return name_server_valid(s, ENTRANCE_HOST_MAX);
}

static bool
is_pin(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= '0' && s.p[i] <= '9') &&
		    !(s.p[i] >= 'a' && s.p[i] <= 'f'))
			return span_eq(s, SPAN("-"));
	return s.n == ENTRANCE_PIN;
}

static bool
read_num(struct span word, uint64_t most, uint16_t *n)
{
	uint64_t v;

	if (!num_parse(word, &v) || v == 0 || v > most)
		return false;
	*n = (uint16_t)v;
	return true;
}

bool
entrance_parse(struct span line, struct entrance_text *e)
{
	*e = (struct entrance_text){ .host = kind_word(line, 1),
		.region = kind_word(line, 3),
		.draining = word_has(kind_word(line, 5), SPAN(DRAINING)),
		.pin = kind_word(line, 6) };
	return span_eq(kind_word(line, 0), SPAN("+TRUNK")) &&
	       is_host(e->host) &&
	       read_num(kind_word(line, 2), UINT16_MAX, &e->port) &&
	       (span_eq(e->region, SPAN("*")) || name_gate_valid(e->region)) &&
	       read_num(kind_word(line, 4), ENTRANCE_WEIGHT_MAX, &e->weight) &&
	       is_pin(e->pin);
}
