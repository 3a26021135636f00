#ifndef UNIT_DAEMON_CHECK_DAEMON_H
#define UNIT_DAEMON_CHECK_DAEMON_H

#include "lib/unit.h"

unit_suite dialling_suite, kept_suite, slot_suite, worker_suite;

#endif
