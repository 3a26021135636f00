/*
 * recv_stream.h - the lines of a gate that concern a stream. Each function
 * returns NULL, or what is wrong with the form of the line.
 */
#ifndef TRUNK_RECV_STREAM_H
#define TRUNK_RECV_STREAM_H

#include "trunk/recv.h"

const char *new_recv(const struct trunk_step *, struct trunk *,
    struct trunk_in *);
const char *cmd_recv(const struct trunk_step *, struct trunk *,
    struct trunk_in *);
const char *eof_recv(const struct trunk_step *, struct trunk *,
    struct trunk_in *);
const char *excess_recv(const struct trunk_step *, struct trunk *,
    struct trunk_in *);
const char *drained_recv(const struct trunk_step *, struct trunk *,
    struct trunk_in *);
const char *closed_recv(const struct trunk_step *, struct trunk *,
    struct trunk_in *);

#endif
