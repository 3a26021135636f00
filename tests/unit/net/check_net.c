/*
 * The unit tests of src/net. To add a suite, add a line here and in the header.
 */
#include "unit/net/check_net.h"

int
main(void)
{
	static unit_suite *const suites[] = {
		timer_suite,
		loop_suite,
		queue_suite,
		sends_suite,
		stream_suite,
		stream_rest_suite,
		streams_suite,
		listen_suite,
		unix_suite,
		dial_suite,
		tls_suite,
		file_suite,
		dns_suite,
		dns_cache_suite,
		resolver_suite,
		srv_suite,
		ws_frame_suite,
		ws_suite,
		NULL,
	};

	return unit_main(suites);
}
