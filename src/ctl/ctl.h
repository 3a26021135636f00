/*
 * ctl.h - what a command of banyanctl is given, and how it may end. To add
 * one: a row in main.c.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <stdbool.h>

#include "conf/conf.h"

enum ctl_exit {
	CTL_OK = 0,
	CTL_FAILED = 1,	     /* refused, or what was given is wrong */
	CTL_USAGE = 2,	     /* not a command line of ours */
	CTL_UNREACHABLE = 3, /* no server answers at the control socket */
};

/* All borrowed; conf is checked, and there if the command asks for it. */
struct ctl_args {
	const char *command;
	const char *argument; /* NULL: it takes none */
	const char *socket;   /* there if the command asks for it */
	const char *file;     /* of -f, or NULL */
	const struct conf *conf;
	bool json;
};

#endif
