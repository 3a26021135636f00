/*
 * wire/frame: the lines of a stream are the same however it is cut into
 * windows, and the window that is kept never exceeds its limit.
 *
 * The input is a byte that chooses the limits, a byte that chooses how the rest
 * is cut, and the stream.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "wire/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct result {
	enum frame_result kind;
	size_t at, n; /* the place of the line in the stream */
};

static struct frame
frame_of(uint8_t choice)
{
	struct frame f;

	switch (choice & 3) {
	case 0:
		frame_init_client(&f);
		return f;
	case 1:
		frame_init_link(&f);
		return f;
	case 2:
		return (struct frame){ .body = 3 + (choice >> 2) };
	default:
		return (struct frame){ .tags = 2 + (choice >> 4),
			.body = 3 + (choice >> 2) };
	}
}

/* Return true if the line is sound; n bytes of the window are consumed. */
static bool
is_sound(const struct frame *f, const char *window, size_t n, struct span line)
{
	bool cr = n >= 2 && window[n - 2] == '\r';

	return (cr || !f->crlf) && span_find(line, '\0') == line.n &&
	       span_find(line, '\r') == line.n;
}

static size_t
run(struct frame f, struct span in, size_t step, uint64_t seed,
    struct result *out)
{
	char *window = malloc(in.n + 1);
	size_t held = 0, given = 0, count = 0;
	struct rng rng;

	rng_seed(&rng, seed);
	while (given < in.n) {
		size_t n = step > 0 ? step : 1 + rng_below(&rng, 40);
		struct span left, line;
		enum frame_result kind;

		n = n < in.n - given ? n : in.n - given;
		memcpy(window + held, in.p + given, n);
		given += n;
		left = span_make(window, held + n);
		while ((kind = frame_next(&f, &left, &line)) != FRAME_MORE) {
			size_t at = given - held - n +
				    (size_t)(line.n > 0 ? line.p - window : 0);

			assert(line.n + 2 <= (size_t)f.tags + f.body);
			assert(span_find(line, '\n') == line.n);
			assert(kind == FRAME_LONG ||
			       (kind == FRAME_LINE) == is_sound(&f, window,
							   held + n - left.n,
							   line));
			out[count].kind = kind;
			out[count].at = line.n > 0 ? at : 0;
			out[count++].n = line.n;
		}
		assert(left.n < (size_t)f.tags + f.body);
		held = left.n;
		if (held > 0)
			memmove(window, left.p, held);
	}
	free(window);
	return count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct result *whole, *cut;
	struct frame f;
	struct span in;
	size_t n;

	if (size < 3)
		return 0;
	f = frame_of(data[0]);
	in = span_make(data + 2, size - 2);
	whole = malloc((size + 1) * sizeof(*whole));
	cut = malloc((size + 1) * sizeof(*cut));
	n = run(f, in, in.n, 0, whole);
	assert(run(f, in, data[1] & 7, data[1], cut) == n);
	for (size_t i = 0; i < n; i++) {
		assert(whole[i].kind == cut[i].kind);
		assert(whole[i].at == cut[i].at);
		assert(whole[i].n == cut[i].n);
	}
	free(whole);
	free(cut);
	return 0;
}
