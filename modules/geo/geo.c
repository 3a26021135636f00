/*
 * The country of a user: operators see it in WHOIS (344, as UnrealIRCd), and
 * masks of channels match it, ~country:DE (UnrealIRCd ~country, letter C).
 *
 * A module has no files. So the daemon looks the address up in the database
 * that the configuration names, before the client registers, and the country is
 * the register `country` of the user. Servers without a database know it, too.
 */
#include "core/module.h"

#include "base/ascii.h"
#include "core/cmd/cmd.h"
#include "core/types/cost.h"

#define FIELD "country"
#define CODE_LEN 2     /* ISO 3166-1, alpha-2 */
#define PATH_BYTES 255 /* of the database */

static const struct option_row database = { "database", OPTION_IS_WORD, 1,
	PATH_BYTES, 0,
	"A file in the format of MaxMind that has the countries of addresses, "
	"such as GeoLite2-Country.mmdb.",
	NULL };

static bool
is_code(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_upper(s.p[i]))
			return false;
	return s.n == CODE_LEN;
}

/* ---- the lookup ---------------------------------------------------------- */

/* No country has a private address. */
static bool
ask(struct writer *w, const struct arrival *x, unsigned number)
{
	struct span path = settings_word(x->settings, &database);

	if (number > 0)
		return false;
	if (path.n > 0 && !addr_is_private(&x->addr))
		request_country(w, path, &x->addr);
	return true;
}

static void
found(struct finding *f)
{
	if (f->status != ANSWER_OK || !is_code(f->bytes))
		return;
	f->field = SPAN(FIELD);
	f->value = f->bytes;
}

static const struct lookup_row lookup = {
	.name = "geo/country",
	.kind = REQUEST_COUNTRY,
	.file = &database,
	.ask = ask,
	.found = found,
};

/* ---- what is seen of it -------------------------------------------------- */

static const struct numeric_row told = { 344, "RPL_WHOISCOUNTRY",
	"$ $ :is connecting from this country" };

static const struct whois_row whois = { FIELD, &told, is_code };

static const char *
check(struct span value, const struct mask_rules *rules)
{
	(void)rules;
	return is_code(value) ? NULL : "Not two capital letters of a country";
}

static enum extban_answer
match(struct mask_test *t, struct span value)
{
	const struct rcbuf *v = user_value(t->facts, t->user, SPAN(FIELD));

	t->steps += COST_VISIT;
	if (v == NULL || !is_code(rcbuf_span(v)))
		return EXTBAN_VOID;
	return span_eq(rcbuf_span(v), value) ? EXTBAN_YES : EXTBAN_NO;
}

static const struct extban_row extban = {
	.name = "country",
	.letters = "C",
	.value = EXTBAN_MUST,
	.check = check,
	.match = match,
	.what = "users from a country, as ~country:DE; nobody whose country is "
		"not known",
};

static const struct rows rows = {
	.of = "geo",
	.numeric = &told,
	.nnumeric = 1,
	.extban = &extban,
	.nextban = 1,
	.option = &database,
	.noption = 1,
	.lookup = &lookup,
	.nlookup = 1,
	.whois = &whois,
	.nwhois = 1,
};

MODULE(geo) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "geo",
	.version = "1",
	.purpose = "the country of users, in WHOIS and in bans",
	.rows = &rows,
};
