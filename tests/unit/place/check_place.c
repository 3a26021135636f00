/*
 * The unit tests of src/place. To add a suite, add a line here and in the
 * header.
 */
#include "unit/place/check_place.h"

struct place_sid
sid_of(unsigned i)
{
	struct place_sid sid = { "0AA" };

	sid.s[1] = (char)('A' + i / 26);
	sid.s[2] = (char)('A' + i % 26);
	return sid;
}

unsigned
number_of(struct place_sid sid)
{
	return (unsigned)(sid.s[1] - 'A') * 26 + (unsigned)(sid.s[2] - 'A');
}

void
net_of(struct place_net *net, unsigned n)
{
	place_net_init(net);
	for (unsigned i = 0; i < n; i++)
		place_net_get(net, sid_of(i))->up = true;
}

struct mono
at_ms(int64_t ms)
{
	return (struct mono){ ms * NS_PER_MS };
}

int
main(void)
{
	static unit_suite *const suites[] = {
		ask_suite,
		chans_suite,
		choose_suite,
		cost_suite,
		crowd_suite,
		day_suite,
		memory_suite,
		net_suite,
		rate_suite,
		sent_suite,
		worlds_suite,
		NULL,
	};

	return unit_main(suites);
}
