/*
 * A link line may have hundreds of words, where a client line has fifteen. So a
 * line is read word by word, and never cut into an array first.
 */
#include "link/words.h"

void
words_skip_spaces(struct span *s)
{
	*s = span_skip_spaces(*s);
}

bool
word_next(struct span *rest, struct span *word)
{
	words_skip_spaces(rest);
	if (rest->n == 0 || rest->p[0] == ':')
		return false;
	*word = span_word(rest);
	return true;
}

bool
num_parse(struct span word, uint64_t *n)
{
	return !(word.n > 1 && word.p[0] == '0') && span_u64(word, n);
}

bool
word_num(struct span *rest, uint64_t *n)
{
	struct span word;

	return word_next(rest, &word) && num_parse(word, n);
}

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
word_text(struct span *rest, struct span *text)
{
	words_skip_spaces(rest);
	if (rest->n == 0 || rest->p[0] != ':')
		return false;
	*text = span_tail(*rest, 1);
	*rest = SPAN_NONE;
	return true;
}

bool
word_none(struct span rest)
{
	words_skip_spaces(&rest);
	return rest.n == 0;
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
