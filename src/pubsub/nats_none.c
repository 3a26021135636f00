/*
 * A build without libnats: no connection to NATS can be made.
 */
#include "pubsub/kind.h"

const struct broker_kind broker_nats = { .lacks = "libnats" };
