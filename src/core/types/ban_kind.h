/*
 * ban_kind.h - the kinds of bans of the network, as rows (ban_kind.def).
 *
 * To add one: a row, and the code that asks for bans of that kind.
 */
#ifndef CORE_BAN_KIND_H
#define CORE_BAN_KIND_H

#include <stdint.h>

#include "base/span.h"

/* The forms of masks (link-protocol.md, 11.39). */
enum ban_form {
	BAN_USER_HOST, /* user@host, user@address or user@address/bits */
	BAN_ADDRESS,   /* address or address/bits */
	BAN_REAL_NAME, /* `\s` is a space */
	BAN_NICK,
	BAN_CHANNEL,
	BAN_SERVER /* the name or the sid of one server */
};

enum ban_kind {
#define BANKIND(ID, name, label, form, what, scenario) BAN_##ID,
#include "core/types/ban_kind.def"
#undef BANKIND
	BAN_KINDS
};

/* Sets of kinds are masks of these bits, a uint32_t. */
#define BANB(ID) (UINT32_C(1) << BAN_##ID)

struct ban_kind_row {
	struct span name;
	const char *label; /* for people: "K-Line" */
	enum ban_form form;
	const char *what; /* what such a ban does */
};

extern const struct ban_kind_row ban_kind_row[BAN_KINDS];

/* Return the kind of that name, or BAN_KINDS if there is none. */
enum ban_kind ban_kind_find(struct span name);

#endif
