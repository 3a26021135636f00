#ifndef UNIT_STORE_CHECK_STORE_H
#define UNIT_STORE_CHECK_STORE_H

#include "lib/unit.h"

unit_suite queue_suite;
unit_suite store_suite;

#endif
