/*
 * multiline.h - batches of lines that clients send as one message (ircv3
 * client-batch, multiline; doc/decisions/0056).
 */
#ifndef CORE_CMD_MULTILINE_H
#define CORE_CMD_MULTILINE_H

#include "core/cmd/cmd.h"

/*
 * Look at a line before its command runs. Return true if the line belongs to a
 * batch: it is no command then, and done. Another line may be the fault that
 * ends the batch that is open.
 */
bool multiline_takes(struct cmd *);

/* A line could not be read, and may have been one of the batch that is open:
 * end this batch, and tell the client. */
void multiline_spoil(struct step *, struct session *);

/* The time of the session's connection has come: end a batch that has been open
 * for too long, and tell the client. */
void multiline_tick(struct step *, struct session *);

#endif
