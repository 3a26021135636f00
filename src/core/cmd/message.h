/*
 * message.h - messages of several lines, for core/cmd/multiline.c.
 */
#ifndef CORE_CMD_MESSAGE_H
#define CORE_CMD_MESSAGE_H

#include "core/cmd/cmd.h"

/* Say the lines to one target, as PRIVMSG, or as NOTICE. Return false if the
 * line that runs waits, as judge_lists() does. */
bool message_lines(struct cmd *, bool notice, struct span target,
    const struct lines *);

#endif
