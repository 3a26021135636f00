/*
 * umode.h - MODE of the caller's own user.
 */
#ifndef CORE_CMD_UMODE_H
#define CORE_CMD_UMODE_H

#include "core/cmd/cmd.h"

/* Answer with the modes if there are no letters, else change them. */
void umode(struct cmd *, struct span letters);

#endif
