/*
 * state.h - struct node; for the files of node/ alone.
 */
#ifndef NODE_STATE_H
#define NODE_STATE_H

#include "base/awake.h"
#include "base/mtime.h"

struct core;
struct link_net;
struct trunk_net;

struct node {
	struct core *core;
	struct link_net *net;
	struct trunk_net *trunks;
	struct awake awake;
	struct mono core_deadline;
	struct mono link_deadline;
	struct mono trunk_deadline;
	struct mono deadline; /* of all */
	bool owed;	      /* a tick that has processed no entry so far */
#ifdef BANYAN_MUTATE
	int mutation;
#endif
};

#endif
