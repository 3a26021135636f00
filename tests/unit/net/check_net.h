/* The suites of src/net, one for each source file. */
#ifndef UNIT_NET_CHECK_NET_H
#define UNIT_NET_CHECK_NET_H

#include "lib/unit.h"

Suite *dial_suite(void);
Suite *dns_suite(void);
Suite *dns_cache_suite(void);
Suite *file_suite(void);
Suite *listen_suite(void);
Suite *loop_suite(void);
Suite *queue_suite(void);
Suite *resolver_suite(void);
Suite *sends_suite(void);
Suite *srv_suite(void);
Suite *stream_suite(void);
Suite *stream_rest_suite(void);
Suite *streams_suite(void);
Suite *timer_suite(void);
Suite *tls_suite(void);
Suite *unix_suite(void);
Suite *ws_suite(void);
Suite *ws_frame_suite(void);

#endif
