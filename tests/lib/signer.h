/*
 * signer.h - signatures for tests, in the place of those of TLS keys
 * (broker/bus.h). A key in DER is the pin itself, and a signature is a hash of
 * the text and the pin.
 */
#ifndef LIB_SIGNER_H
#define LIB_SIGNER_H

#include "broker/bus.h"

/* Return a signer with the key of that pin, which must outlive it. */
struct bus_signer signer_of(const unsigned char pin[BUS_PIN]);

#endif
