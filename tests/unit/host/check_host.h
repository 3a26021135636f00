#ifndef UNIT_HOST_CHECK_HOST_H
#define UNIT_HOST_CHECK_HOST_H

#include "lib/unit.h"

unit_suite logbound_suite, logger_suite;

#endif
