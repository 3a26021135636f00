#include "core/types/event.h"

const char *
event_name(enum event_kind kind)
{
	static const char *const name[] = {
#define EVENT(id, name, what) name,
#include "core/types/event.def"
#undef EVENT
	};

	return kind < EV_COUNT ? name[kind] : "?";
}
