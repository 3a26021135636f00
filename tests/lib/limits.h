/*
 * limits.h - the default limits of banyand.conf (src/conf/option.def), for
 * settings that a test makes by hand: part of an initialiser.
 */
#ifndef LIB_LIMITS_H
#define LIB_LIMITS_H

#define DEFAULT_LIMITS                                                        \
	.nick_len = 30, .channel_len = 64, .topic_len = 390, .kick_len = 300, \
	.away_len = 300, .key_len = 32, .user_len = 10, .host_len = 63,       \
	.real_len = 150, .modes = 20, .list_max = 100, .targets_max = 4,      \
	.monitor = 100, .multiline_lines = 24, .multiline_bytes = 4096,       \
	.whowas = 10000, .whowas_bytes = 4 * 1024 * 1024

#endif
