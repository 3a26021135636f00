/*
 * fleet.h - rows of every kind that some servers of a test have, next to the
 * built-in ones.
 *
 *	command FLEET with numeric 902
 *	later verb BERTH, a register of a user, with its command and 903
 *	channel modes +C (a flag), +d (a number up to 99), +g (a list)
 *	status pilot: +u, $, between voice and halfop
 *	user mode +B
 *	capability banyan.test/fleet=sail,oar
 *	tokens FLEET, SAILS, DRAUGHTLEN, PIERS, and DOCK if list_max > 100
 */
#ifndef LIB_FLEET_H
#define LIB_FLEET_H

#include "core/types/tables.h"

extern const struct rows fleet;

#endif
