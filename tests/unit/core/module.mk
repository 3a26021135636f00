check_PROGRAMS += tests/unit/core/check_core
TESTS += tests/unit/core/check_core
tests_unit_core_check_core_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_core_check_core_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(BSD_CFLAGS)
tests_unit_core_check_core_LDADD = libmodules.a $(UNIT_LDADD)
# what comparing incarnations costs is counted (founding.c)
tests_unit_core_check_core_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=cinc_cmp,--wrap=core_check
tests_unit_core_check_core_SOURCES = \
	tests/unit/core/check_core.c tests/unit/core/check_core.h \
	tests/lib/recorder.c tests/lib/recorder.h \
	tests/lib/fleet.c tests/lib/fleet.h \
	tests/lib/modules.c tests/lib/modules.h \
	tests/lib/rows.c tests/lib/rows.h \
	tests/unit/core/readers.c tests/unit/core/readers.h \
	tests/unit/core/rig.c tests/unit/core/rig.h \
	tests/unit/core/asked.c \
	tests/unit/core/audience.c \
	tests/unit/core/bans.c \
	tests/unit/core/cap.c \
	tests/unit/core/channel.c \
	tests/unit/core/client.c \
	tests/unit/core/cname.c \
	tests/unit/core/dot_set.c \
	tests/unit/core/entrances.c \
	tests/unit/core/extban.c \
	tests/unit/core/flood.c \
	tests/unit/core/founding.c \
	tests/unit/core/memory.c \
	tests/unit/core/moving.c \
	tests/unit/core/settle.c \
	tests/unit/core/held.c \
	tests/unit/core/hostname.c \
	tests/unit/core/lookups.c \
	tests/unit/core/judge.c \
	tests/unit/core/lag.c \
	tests/unit/core/listing.c \
	tests/unit/core/log_rows.c \
	tests/unit/core/many.c \
	tests/unit/core/sizes.c \
	tests/unit/core/part.c \
	tests/unit/core/postpone_lists.c \
	tests/unit/core/postpone_statuses.c \
	tests/unit/core/modules.c \
	tests/unit/core/ranks.c \
	tests/unit/core/register.c \
	tests/unit/core/registration.c \
	tests/unit/core/remember.c \
	tests/unit/core/request.c \
	tests/unit/core/row_change.c \
	tests/unit/core/row_slices.c \
	tests/unit/core/rows.c \
	tests/unit/core/sessions.c \
	tests/unit/core/show.c \
	tests/unit/core/sight.c \
	tests/unit/core/unknown.c \
	tests/unit/core/unseen.c \
	tests/unit/core/vector.c \
	tests/unit/core/welcome.c \
	tests/unit/core/whowas.c \
	tests/unit/core/who.c
