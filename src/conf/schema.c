/*
 * A row holds the offset of its value in a struct, so that no code names an
 * option, except the checks of options that depend on each other (cross.c).
 */
#include "conf/schema.h"

unsigned int
section_find(const struct schema *schema, struct span name)
{
	unsigned int i;

	for (i = 0; i < schema->nsection; i++)
		if (i != SCHEMA_TOP &&
		    span_eq(name, span_of(schema->section[i].name)))
			break;
	return i;
}

const struct option *
option_next(const struct schema *schema, unsigned int section, size_t *i)
{
	while (*i < schema->noption) {
		const struct option *o = &schema->option[(*i)++];

		if (o->section == section)
			return o;
	}
	return NULL;
}

const struct option *
option_find(const struct schema *schema, unsigned int section, struct span key)
{
	const struct option *o;

	for (size_t i = 0; (o = option_next(schema, section, &i)) != NULL;)
		if (span_eq(key, span_of(o->key)))
			return o;
	return NULL;
}

size_t
option_index(const struct schema *schema, const struct option *o)
{
	return (size_t)(o - schema->option);
}

#define GUESS_LEN 32 /* the longest key has fewer than GUESS_LEN - 2 bytes */

static unsigned int
least(unsigned int a, unsigned int b, unsigned int c)
{
	a = a < b ? a : b;
	return a < c ? a : c;
}

/*
 * Return the number of edits that turn a into b (insert, delete or replace a
 * letter, exchange two neighbours), or GUESS_LEN if a or b is too long.
 */
static unsigned int
distance(struct span a, struct span b)
{
	unsigned int d[GUESS_LEN + 1][GUESS_LEN + 1];

	if (a.n > GUESS_LEN || b.n > GUESS_LEN)
		return GUESS_LEN;
	for (unsigned int i = 0; i <= a.n; i++)
		d[i][0] = i;
	for (unsigned int j = 0; j <= b.n; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= a.n; i++)
		for (size_t j = 1; j <= b.n; j++) {
			d[i][j] = least(d[i - 1][j] + 1, d[i][j - 1] + 1,
			    d[i - 1][j - 1] + (a.p[i - 1] != b.p[j - 1]));
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
			    a.p[i - 2] == b.p[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1,
				    d[i][j]);
		}
	return d[a.n][b.n];
}

const char *
option_guess(const struct schema *schema, unsigned int section, struct span key)
{
	const char *best = NULL, *name;
	unsigned int d, least_d = key.n > 4 ? 3 : 2; /* d must be below */
	const struct option *o;

	for (size_t i = 0; (o = option_next(schema, section, &i)) != NULL;) {
		d = distance(key, span_of(o->key));
		if (d < least_d) {
			least_d = d;
			best = o->key;
		}
	}
	for (size_t i = 0; section == SCHEMA_TOP && i < schema->nsection; i++) {
		name = schema->section[i].name;
		d = distance(key, span_of(name));
		if (d < least_d && *name != '\0') {
			least_d = d;
			best = name;
		}
	}
	return best;
}
