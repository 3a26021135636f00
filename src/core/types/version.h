/* version.h - the name and version that clients are told. */
#ifndef CORE_VERSION_H
#define CORE_VERSION_H

#define BANYAN_VERSION "banyan-0.1"

#endif
