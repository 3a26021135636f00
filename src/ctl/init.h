/* init.h - the command that makes the files of a new server. */
#ifndef CTL_INIT_H
#define CTL_INIT_H

#include "ctl/ctl.h"

/*
 * Write a configuration, a message of the day, a certificate for clients and
 * one for links, with their keys, for a server with the name that is the
 * argument, into the folder that is the text. Make the folder if it is missing.
 * If one of the files is there already, write nothing.
 */
enum ctl_exit init_run(const struct ctl_args *);

#endif
