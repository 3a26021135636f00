/*
 * thread.h - starts a thread beside the loop's. The loop handles all signals
 * (signalfd), so the thread blocks them.
 */
#ifndef HOST_THREAD_H
#define HOST_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Start a thread that calls fn(arg). Return false if the system refuses. */
bool thread_start(pthread_t *, void *(*fn)(void *), void *arg);

#endif
