#include "link/words.h"

bool
word_stamp(struct span *rest, struct stamp *s)
{
	struct span word;

	return word_next(rest, &word) && stamp_parse(word, s);
}

bool
word_sid(struct span *rest, struct sid *sid)
{
	struct span word;

	return word_next(rest, &word) && sid_parse(word, sid);
}

bool
word_uid(struct span *rest, struct uid *uid)
{
	struct span word;

	return word_next(rest, &word) && uid_parse(word, uid);
}

bool
word_origin(struct span *rest, struct origin *o)
{
	struct span word;

	return word_next(rest, &word) && origin_parse(word, o);
}

bool
vector_item_parse(struct span word, struct vector_item *item)
{
	return origin_parse(span_cut(&word, '='), &item->o) &&
	       num_parse(word, &item->n);
}

void
write_vector_item(struct writer *w, const struct vector_item *item)
{
	write_origin(w, item->o);
	writer_char(w, '=');
	writer_u64(w, item->n);
}

bool
vector_parse(struct span rest, size_t max, struct vector *x)
{
	struct vector_item item;
	struct span word;

	while (word_next(&rest, &word)) {
		if (!vector_item_parse(word, &item))
			return false;
		vector_raise(x, item.o, item.n);
		if (x->n > max)
			return false;
	}
	return word_none(rest);
}
