/*
 * Descriptors come from files that another compiler may have made, so the
 * version is looked at before anything else is read.
 */
#include "core/module.h"

#include "base/ascii.h"
#include "core/cmd/cmd.h"

bool
module_name_valid(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_lower(s.p[i]) && !ascii_is_digit(s.p[i]) &&
		    s.p[i] != '-' && s.p[i] != '_')
			return false;
	return s.n > 0 && s.n <= MODULE_NAME_MAX;
}

static bool
refuse(struct writer *why, const char *reason)
{
	writer_str(why, reason);
	return false;
}

bool
module_check(const struct module *m, struct span name, struct writer *why)
{
	if (m->interface != MODULE_INTERFACE) {
		writer_str(why, "it is made for version ");
		writer_u64(why, m->interface);
		writer_str(why, " of the interface; this server has ");
		writer_u64(why, MODULE_INTERFACE);
		return false;
	}
	if (m->layout != MODULE_LAYOUT)
		return refuse(why,
		    "it is made with the headers of another version of Banyan");
	if (m->name == NULL || m->version == NULL || m->purpose == NULL ||
	    m->rows == NULL || m->rows->of == NULL)
		return refuse(why, "its descriptor is not complete");
	if (!span_eq(span_of(m->name), name) ||
	    !span_eq(span_of(m->rows->of), name)) {
		writer_str(why, "it calls itself ");
		writer_str(why,
		    span_eq(span_of(m->name), name) ? m->rows->of : m->name);
		return false;
	}
	return true;
}
