/*
 * A field is a row: its letter, and the function that writes it. The rows are
 * in the order of the reply, whatever the order in which a client asks
 * ("Servers MUST NOT rely on the ordering of the fields").
 *
 * `d` and `o` are those of ircu, which has them in these places: clients ask
 * for `d`, and count fields. There are no levels of ops, so `o` is always
 * "n/a".
 */
#include "core/cmd/whox.h"

#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "core/answers/reply.h"
#include "core/answers/whois.h"
#include "core/sessions/access.h"
#include "core/sessions/source.h"

#define TOKEN_MAX 3 /* WHOX, "at most 3 characters" */

struct whox {
	uint32_t fields; /* a bit for each row */
	bool realname;
	char token[TOKEN_MAX + 1];
};

/* A field that is being written. */
struct field {
	struct step *st;
	struct session *s;
	struct sight *sight;
	const struct whox *whox;
	const struct whox_user *of;
};

static struct span
token(const struct field *f)
{
	return span_of(f->whox->token);
}

static struct span
channel(const struct field *f)
{
	return f->of->member == NULL ? SPAN("*")
				     : rcbuf_span(f->of->member->chan->name);
}

static struct span
username(const struct field *f)
{
	return user_username(f->of->user);
}

/* "255.255.255.255 is used for [ip] when the server refuses to disclose the IP
 * address". An address that is the host is no secret. */
static struct span
ip(const struct field *f)
{
	const struct user *u = f->of->user;

	if (u == f->s->user || user_shows_ip(u))
		return user_address(f->st, u);
	if ((privileges_of(f->st->facts, f->s->user) & PRIVB(SEE_ADDRESS)) == 0)
		return SPAN("255.255.255.255");
	f->sight->used = true;
	return user_address(f->st, u);
}

static struct span
host(const struct field *f)
{
	return user_host(f->of->user);
}

static struct span
server(const struct field *f)
{
	return server_name(f->st->core, user_home(f->of->user).sid);
}

static struct span
nick(const struct field *f)
{
	return user_nick(f->of->user);
}

static struct span
flags(const struct field *f)
{
	return f->of->flags;
}

static struct span
hops(const struct field *f)
{
	return num(f->st, whox_hops(f->st, f->of->user));
}

/* Only the server of a user knows this; another one says 0, as Solanum does. */
static struct span
idle(const struct field *f)
{
	uint64_t seconds = 0;

	(void)whois_idle(f->st, f->of->user, &seconds);
	return num(f->st, seconds);
}

/* "0 is used for [account] when the user is logged out": there are no accounts
 * yet. */
static struct span
account(const struct field *f)
{
	(void)f;
	return SPAN("0");
}

static struct span
level(const struct field *f)
{
	(void)f;
	return SPAN("n/a");
}

static const struct field_row {
	char letter;
	struct span (*value)(const struct field *);
} rows[] = {
	{ 't', token },
	{ 'c', channel },
	{ 'u', username },
	{ 'i', ip },
	{ 'h', host },
	{ 's', server },
	{ 'n', nick },
	{ 'f', flags },
	{ 'd', hops },
	{ 'l', idle },
	{ 'a', account },
	{ 'o', level },
};

#define NROWS (sizeof(rows) / sizeof(rows[0]))

/* The realname is the last, and a text. */
static const struct numeric_row with_realname = { 354, "RPL_WHOSPCRPL",
	"% :$" };

/* Take a token of at most three digits; else it is "0", as on Solanum. */
static void
take_token(struct whox *x, struct span s)
{
	size_t digits = 0;

	while (digits < s.n && s.p[digits] >= '0' && s.p[digits] <= '9')
		digits++;
	if (s.n == 0 || digits < s.n || digits > TOKEN_MAX)
		s = SPAN("0");
	memcpy(x->token, s.p, s.n);
}

struct whox *
whox_new(struct span asked)
{
	struct whox *x = mem_zalloc(sizeof(*x));
	struct span fields = span_cut(&asked, ',');

	for (size_t i = 0; i < fields.n; i++) {
		x->realname |= fields.p[i] == 'r';
		for (unsigned k = 0; k < NROWS; k++)
			if (rows[k].letter == fields.p[i])
				x->fields |= UINT32_C(1) << k;
	}
	take_token(x, asked);
	return x;
}

void
whox_reply(struct step *st, struct session *s, struct sight *sight,
    const struct whox *x, const struct whox_user *of)
{
	struct field f = { st, s, sight, x, of };
	struct writer w;

	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	for (unsigned k = 0; k < NROWS; k++)
		if ((x->fields >> k & 1) != 0) {
			writer_str(&w, w.n > 0 ? " " : "");
			writer_span(&w, rows[k].value(&f));
		}
	if (x->realname)
		reply_row(st, s, &with_realname, writer_done(&w),
		    user_realname(of->user));
	else
		reply(st, s, RPL_WHOSPCRPL, writer_done(&w));
}

unsigned
whox_hops(const struct step *st, const struct user *u)
{
	const struct server *at =
	    facts_find_server(st->facts, user_home(u).sid);

	return at == NULL ? 0 : at->hops;
}
