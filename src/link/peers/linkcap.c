#include "link/peers/linkcap.h"

static const struct span names[] = {
#define LINKCAP(ID, name, value) [LINKCAP_##ID] = SPAN_INIT(name),
#include "link/peers/linkcap.def"
#undef LINKCAP
};

_Static_assert(LINKCAP_COUNT <= 32, "a set of capabilities has 32 bits");

void
linkcaps_parse(struct span words, struct linkcaps *caps)
{
	struct span value, name;

	*caps = (struct linkcaps){ 0 };
	while ((value = span_word(&words)).n > 0) {
		name = span_cut(&value, '=');
		for (unsigned i = 0; i < LINKCAP_COUNT; i++) {
			if ((caps->set & (UINT32_C(1) << i)) != 0 ||
			    !span_eq(name, names[i]))
				continue;
			caps->set |= UINT32_C(1) << i;
			caps->value[i] = value;
		}
	}
}

struct span
linkcap_name(enum linkcap cap)
{
	return names[cap];
}
