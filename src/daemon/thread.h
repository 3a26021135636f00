/*
 * thread.h - a thread beside the loop's. Signals are the loop's (signalfd), so
 * it takes none.
 */
#ifndef DAEMON_THREAD_H
#define DAEMON_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* False: the system has none to give. */
bool thread_start(pthread_t *, void *(*fn)(void *), void *arg);

#endif
