# Transcripts against nodes in memory; how to write one is in README.md here.
# A new transcript is a new file, nothing else.
check_LIBRARIES += libtestnet.a
libtestnet_a_CPPFLAGS = $(TEST_CPPFLAGS)
libtestnet_a_SOURCES = \
	tests/lib/halves.c tests/lib/halves.h \
	tests/lib/handed.c tests/lib/handed.h \
	tests/lib/gate.c tests/lib/gate.h \
	tests/lib/net.c tests/lib/net.h \
	tests/lib/modules.c tests/lib/modules.h \
	tests/lib/net_bus.c tests/lib/net_bus.h \
	tests/lib/net_inside.h \
	tests/lib/signer.c tests/lib/signer.h \
	tests/lib/net_record.c tests/lib/net_record.h \
	tests/lib/net_store.c tests/lib/net_store.h \
	tests/lib/net_trunk.c tests/lib/net_trunk.h \
	tests/lib/recorder.c tests/lib/recorder.h \
	tests/lib/fleet.c tests/lib/fleet.h \
	tests/lib/rows.c tests/lib/rows.h \
	tests/lib/scenario.c tests/lib/scenario.h \
	tests/lib/setup.c tests/lib/setup.h

check_PROGRAMS += tests/scenario/check_scenario
TESTS += tests/scenario/check_scenario
tests_scenario_check_scenario_CPPFLAGS = $(TEST_CPPFLAGS)
tests_scenario_check_scenario_SOURCES = tests/scenario/check_scenario.c
tests_scenario_check_scenario_LDADD = libtestnet.a libmodules.a $(PURE_LDADD)
EXTRA_DIST += tests/scenario/README.md \
	$(patsubst $(srcdir)/%,%,$(wildcard $(srcdir)/tests/scenario/*/*.txt))
