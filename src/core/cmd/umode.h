/*
 * umode.h - MODE of the caller himself.
 */
#ifndef CORE_CMD_UMODE_H
#define CORE_CMD_UMODE_H

#include "core/cmd/cmd.h"

/* Tells them if there are no letters, else changes them. */
void umode(struct cmd *, struct span letters);

#endif
