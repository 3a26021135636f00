/*
 * state.h - struct node; for the files of node/ alone.
 */
#ifndef NODE_STATE_H
#define NODE_STATE_H

#include "base/awake.h"
#include "base/mtime.h"

struct core;
struct link_net;

struct node {
	struct core *core;
	struct link_net *net;
	struct awake awake;
	struct mono core_deadline;
	struct mono link_deadline;
	struct mono deadline; /* of both */
	bool owed;	      /* a tick that has processed no entry so far */
#ifdef BANYAN_MUTATE
	int mutation;
#endif
};

#endif
