/*
 * Users who register join the channels of the configuration (InspIRCd
 * "conn_join", UnrealIRCd "auto-join"). The core joins them as if the user had
 * sent JOIN: bans, modes and limits count, and their numerics are sent.
 */
#include "core/module.h"

#include "core/cmd/cmd.h"
#include "wire/name.h"

#define CHANNELS_MAX 16
#define CHANNEL_BYTES 200 /* limits.channel_len allows no more */

/* Names of channels that this server does not allow are refused to the user,
 * with 479 or the like, since limits.channel_len may be another one then. */
static const char *
check(struct span s)
{
	return name_is_channel(s) && name_channel_valid(s, CHANNEL_BYTES)
		   ? NULL
		   : "the name of a channel";
}

static const struct option_row channels = { "channels", OPTION_IS_LIST, 0,
	CHANNELS_MAX, 0, "The channels that users join when they register.",
	check };

static void
registered(struct writer *w, const struct newcomer *x)
{
	const struct span *list;
	size_t n;

	list = settings_list(x->settings, &channels, &n);
	for (size_t i = 0; i < n; i++) {
		writer_span(w, list[i]);
		writer_char(w, ',');
	}
}

static const struct registered_row hook = { registered };

static const struct rows rows = {
	.of = "autojoin",
	.option = &channels,
	.noption = 1,
	.registered = &hook,
	.nregistered = 1,
};

MODULE(autojoin) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "autojoin",
	.version = "1",
	.purpose = "users who register join channels of the configuration",
	.rows = &rows,
};
