/*
 * The types of numbers, and of true or false.
 */
#include "conf/type.h"

#define MIB (UINT64_C(1) << 20)

bool
type_load_bool(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	(void)a;
	if (g->kind != GIVEN_BOOL)
		return false;
	*(bool *)value_at(obj, row) = g->num != 0;
	return true;
}

bool
type_build_bool(struct writer *w, const struct value_row *row, const void *obj)
{
	writer_str(w,
	    *(const bool *)value_at_const(obj, row) ? "true" : "false");
	return true;
}

static bool
num_fits(const struct value_row *row, const struct given *g)
{
	return g->kind == GIVEN_NUM && g->num >= row->min && g->num <= row->max;
}

bool
type_load_num(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	(void)a;
	if (!num_fits(row, g))
		return false;
	*(uint32_t *)value_at(obj, row) = (uint32_t)g->num;
	return true;
}

bool
type_build_num(struct writer *w, const struct value_row *row, const void *obj)
{
	uint32_t v = *(const uint32_t *)value_at_const(obj, row);

	if (v < row->min)
		return false; /* it has no default */
	writer_u64(w, v);
	return true;
}

bool
type_load_mib(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	(void)a;
	if (!num_fits(row, g))
		return false;
	*(uint64_t *)value_at(obj, row) = (uint64_t)g->num * MIB;
	return true;
}

bool
type_build_mib(struct writer *w, const struct value_row *row, const void *obj)
{
	writer_u64(w, *(const uint64_t *)value_at_const(obj, row) / MIB);
	return true;
}
