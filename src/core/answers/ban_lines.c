#include "core/answers/ban_lines.h"

#include "core/answers/reply.h"
#include "core/part/clean.h"
#include "core/sessions/line.h"
#include "wire/utf8.h"

#define REASON_MAX 300 /* bytes of each reason */

char
ban_letter(const struct ban *b)
{
	static const char letter[BAN_KINDS] = { [BAN_KLINE] = 'k',
		[BAN_DLINE] = 'd',
		[BAN_XLINE] = 'x',
		[BAN_RESV_NICK] = 'q',
		[BAN_RESV_CHANNEL] = 'q',
		[BAN_JUPE] = 'j',
		[BAN_SHUN] = 's',
		[BAN_EXCEPT] = 'e' };
	char c;

	if (b->kind == BAN_KINDS)
		return '?';
	c = letter[b->kind];
	return b->expiry.ms == 0 ? (char)(c - 'a' + 'A') : c;
}

struct span
ban_words(struct step *st, const struct ban *b)
{
	struct ban_text text;
	struct writer w;

	ban_read(b, &text);
	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	writer_span(&w,
	    utf8_cut(clean_text(st->arena, text.reason), REASON_MAX));
	if (text.private.n > 0) {
		writer_char(&w, '|');
		writer_span(&w,
		    utf8_cut(clean_text(st->arena, text.private), REASON_MAX));
	}
	writer_str(&w, " (by ");
	writer_span(&w, text.by);
	if (b->expiry.ms != 0) {
		writer_str(&w, ", ends in ");
		writer_i64(&w, (b->expiry.ms - st->wall.ms) / 1000);
		writer_str(&w, " s");
	}
	if (text.lifts.n > 0) {
		writer_str(&w, ", lifts ");
		writer_span(&w, text.lifts);
	}
	if (text.cuts)
		writer_str(&w, ", also if it cuts others off");
	writer_str(&w, ", hits here: ");
	writer_u64(&w, b->hits);
	writer_str(&w, ban_is_own(b) ? ", this server alone)" : ")");
	return writer_done(&w);
}

/* Send 216, the numeric of K-lines, in which host and user stand apart. */
static void
reply_kline(struct step *st, struct session *s, const struct ban *b,
    struct span letter)
{
	size_t at = span_find(b->mask, '@');
	struct writer host;

	/* a word does not begin with a colon */
	writer_init_arena(&host, st->arena, BAN_MASK_MAX + 1);
	if (b->mask.p[at + 1] == ':')
		writer_char(&host, '0');
	writer_span(&host, span_tail(b->mask, at + 1));
	reply(st, s, RPL_STATSKLINE, letter, writer_done(&host),
	    span_head(b->mask, at), ban_words(st, b));
}

static struct span
mask_told(const struct ban *b, bool sees)
{
	struct ban_text text;

	ban_read(b, &text);
	return sees || text.nick.n == 0 ? b->mask : text.nick;
}

void
reply_ban(struct step *st, struct session *s, const struct ban *b, bool sees)
{
	char c = ban_letter(b);
	struct span letter = span_make(&c, 1), words;

	if (b->kind == BAN_KLINE && ban_mask_check(b->kind, b->mask)) {
		reply_kline(st, s, b, letter);
		return;
	}
	words = ban_words(st, b);
	switch (b->kind) {
	case BAN_DLINE:
	case BAN_EXCEPT:
		reply(st, s, RPL_STATSDLINE, letter, mask_told(b, sees), words);
		break;
	case BAN_XLINE:
		reply(st, s, RPL_STATSXLINE, letter, b->mask, words);
		break;
	case BAN_RESV_NICK:
	case BAN_RESV_CHANNEL:
		reply(st, s, RPL_STATSQLINE, letter, b->mask, words);
		break;
	case BAN_JUPE:
		reply(st, s, RPL_STATSJLINE, letter, b->mask, words);
		break;
	case BAN_KLINE:
	case BAN_SHUN:
	case BAN_KINDS:
		reply(st, s, RPL_STATSGLINE, letter, b->mask, words);
		break;
	}
}
