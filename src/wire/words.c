/*
 * A line may have hundreds of words, where a client line has fifteen. So a line
 * is read word by word, and never cut into an array first.
 */
#include "wire/words.h"

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
word_has(struct span word, struct span flag)
{
	while (word.n > 0)
		if (span_eq(span_cut(&word, ','), flag))
			return true;
	return false;
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
