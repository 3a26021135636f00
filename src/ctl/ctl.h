/*
 * ctl.h - the arguments and the exit status of a command of banyanctl. To add
 * a command, add a row to main.c.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <stdbool.h>

#include "conf/conf.h"
#include "conf/gate.h"

enum ctl_exit {
	CTL_OK = 0,
	CTL_FAILED = 1,	     /* the server refuses, or an input is wrong */
	CTL_USAGE = 2,	     /* the command line is wrong */
	CTL_UNREACHABLE = 3, /* no server answers at the control socket */
};

/* The command borrows all of this. */
struct ctl_args {
	const char *command;
	const char *argument; /* NULL if the command takes none */
	char *const *text;    /* the words of a text, the last NULL; or NULL */
	/* the command of IRC that asks a server for it; NULL: there is none */
	const char *verb;
	const char *server;	      /* the server that is asked, or NULL */
	const char *socket;	      /* set if the command's row needs it */
	const char *file;	      /* the argument of -f, or NULL */
	const struct conf *conf;      /* checked; set if the row needs it */
	const struct gate_conf *gate; /* the same, if it is that of a gate */
	bool json;
};

#endif
