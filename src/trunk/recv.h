/*
 * recv.h - a line of a gate that is being read; private to trunk/.
 */
#ifndef TRUNK_RECV_H
#define TRUNK_RECV_H

#include "trunk/state.h"
#include "trunk/verb.h"

struct trunk_in {
	struct span tags;   /* without "@" */
	struct span rest;   /* behind the verb */
	struct event *core; /* to be filled in */
	bool is_event;	    /* it was: the core shall take it */
};

#endif
