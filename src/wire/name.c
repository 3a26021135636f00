/*
 * Nicks are ASCII, though modern-irc allows more: with Unicode two nicks could
 * look alike, and only A-Z is casemapped here. A nick never begins with a
 * digit, so it never looks like a uid.
 */
#include "wire/name.h"

#include <string.h>

#include "base/ascii.h"
#include "wire/msg.h"
#include "wire/utf8.h"

static bool
is_nick_special(char c)
{
	return c != '\0' && strchr("[]\\`_^{|}", c) != NULL;
}

/* RFC 2812, 2.3.1: nickname */
bool
name_nick_valid(struct span s, size_t max)
{
	if (s.n == 0 || s.n > max || ascii_is_digit(s.p[0]) || s.p[0] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_letter(s.p[i]) && !ascii_is_digit(s.p[i]) &&
		    !is_nick_special(s.p[i]) && s.p[i] != '-')
			return false;
	return true;
}

/*
 * modern-irc, "Channels": no space, comma or BEL. Differs from modern-irc:
 * other control characters, which are invisible, are refused, too, and so is
 * anything but UTF-8.
 */
bool
name_channel_valid(struct span s, size_t max)
{
	if (!name_is_channel(s) || s.n > max)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == ' ' || s.p[i] == ',' || ascii_is_control(s.p[i]))
			return false;
	return utf8_valid(s);
}

/* A comma would separate keys in JOIN (modern-irc, "JOIN message"). */
bool
name_key_valid(struct span s, size_t max)
{
	if (!msg_is_word(s) || s.n > max)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == ',' || ascii_is_control(s.p[i]))
			return false;
	return utf8_valid(s);
}

/*
 * Return true if c may stand in a user name: no '~', which means that ident did
 * not answer, and none of '!', '@', '*', '?'.
 */
bool
name_is_user_char(char c)
{
	return ascii_is_letter(c) || ascii_is_digit(c) || is_nick_special(c) ||
	       c == '-' || c == '.';
}

struct span
name_user_clean(struct span s, char *out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n && n < max; i++)
		if (name_is_user_char(s.p[i]))
			out[n++] = s.p[i];
	return span_make(out, n);
}

/* RFC 1123, 2.1, and '_', which some hosts have. */
static bool
label_valid(struct span s)
{
	if (s.n == 0 || s.n > 63 || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_letter(s.p[i]) && !ascii_is_digit(s.p[i]) &&
		    s.p[i] != '-' && s.p[i] != '_')
			return false;
	return true;
}

static bool
host_valid(struct span s, size_t max)
{
	struct span label = SPAN_NONE, rest = s;

	if (s.n == 0 || s.n > max || s.p[s.n - 1] == '.')
		return false;
	while (rest.n > 0) {
		label = span_cut(&rest, '.');
		if (!label_valid(label))
			return false;
	}
	/*
	 * Some programs read a name whose last label is digits alone as an
	 * address.
	 */
	for (size_t i = 0; i < label.n; i++)
		if (!ascii_is_digit(label.p[i]))
			return true;
	return false;
}

bool
name_gate_valid(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_letter(s.p[i]) && !ascii_is_digit(s.p[i]) &&
		    s.p[i] != '-' && s.p[i] != '.' && s.p[i] != '_')
			return false;
	return s.n > 0 && s.n <= NAME_GATE_MAX;
}

bool
name_server_valid(struct span s, size_t max)
{
	return host_valid(s, max) && span_find(s, '.') < s.n;
}
