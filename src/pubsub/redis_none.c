/*
 * A build without hiredis: no connection to Redis can be made.
 */
#include "pubsub/kind.h"

const struct broker_kind broker_redis = { .lacks = "hiredis" };
