check_PROGRAMS += tests/unit/place/check_place
TESTS += tests/unit/place/check_place
tests_unit_place_check_place_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_place_check_place_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_place_check_place_LDADD = $(UNIT_LDADD)
tests_unit_place_check_place_SOURCES = \
	tests/unit/place/check_place.c tests/unit/place/check_place.h \
	tests/unit/place/ask.c \
	tests/unit/place/chans.c \
	tests/unit/place/choose.c \
	tests/unit/place/cost.c \
	tests/unit/place/crowd.c \
	tests/unit/place/day.c \
	tests/unit/place/memory.c \
	tests/unit/place/net.c \
	tests/unit/place/rate.c \
	tests/unit/place/sent.c \
	tests/unit/place/world.c tests/unit/place/world.h \
	tests/unit/place/worlds.c
