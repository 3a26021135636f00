check_PROGRAMS += tests/unit/node/check_node
TESTS += tests/unit/node/check_node
tests_unit_node_check_node_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_node_check_node_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_node_check_node_LDADD = libunit.a libtestnet.a libmodules.a $(PURE_LDADD) \
	$(CHECK_LIBS)
tests_unit_node_check_node_SOURCES = \
	tests/unit/node/check_node.c tests/unit/node/check_node.h \
	tests/unit/node/ahead.c \
	tests/unit/node/bounds.c \
	tests/unit/node/carried.c \
	tests/unit/node/census.c \
	tests/unit/node/collide.c \
	tests/unit/node/control.c \
	tests/unit/node/copy.c \
	tests/unit/node/deliver.c \
	tests/unit/node/early.c \
	tests/unit/node/ends.c \
	tests/unit/node/expiry.c \
	tests/unit/node/forged.c \
	tests/unit/node/forget.c \
	tests/unit/node/forks.c \
	tests/unit/node/grace.c \
	tests/unit/node/handover.c \
	tests/unit/node/histories.c \
	tests/unit/node/liars.h tests/unit/node/lies.c \
	tests/unit/node/large.c \
	tests/unit/node/limits.c \
	tests/unit/node/newcomer.c \
	tests/unit/node/orders.c tests/unit/node/orders.h \
	tests/unit/node/pack.c \
	tests/unit/node/pair.c \
	tests/unit/node/pause.c \
	tests/unit/node/peer.c \
	tests/unit/node/played.c tests/unit/node/played.h \
	tests/unit/node/rules.c \
	tests/unit/node/shown_time.c \
	tests/unit/node/skip.c \
	tests/unit/node/slices.c \
	tests/unit/node/snapshot.c \
	tests/unit/node/tenure.c tests/unit/node/tenure.h \
	tests/unit/node/uid_twice.c \
	tests/unit/node/world.c tests/unit/node/world.h

# Each rule of mutants.def taken back; see mutants.c.
EXTRA_PROGRAMS += tests/unit/node/mutants
tests_unit_node_mutants_CPPFLAGS = $(TEST_CPPFLAGS) -DBANYAN_MUTATE
tests_unit_node_mutants_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_node_mutants_LDADD = libunit.a libmutantnet.a libmutantnode.a \
	libmutanttrunk.a libmutantlink.a \
	libmutantcore.a libbroker.a libplace.a libwire.a libbase.a $(SODIUM_LIBS) $(ZSTD_LIBS) \
	$(CHECK_LIBS)
tests_unit_node_mutants_SOURCES = \
	tests/unit/core/check_core.h \
	tests/unit/core/postpone_statuses.c \
	tests/unit/core/readers.c tests/unit/core/readers.h \
	tests/unit/core/rig.c tests/unit/core/rig.h \
	tests/unit/core/row_change.c \
	tests/unit/node/check_node.h \
	tests/unit/node/census.c \
	tests/unit/node/copy.c \
	tests/unit/node/forged.c \
	tests/unit/node/forget.c \
	tests/unit/node/forks.c \
	tests/unit/node/large.c \
	tests/unit/node/liars.h tests/unit/node/lies.c \
	tests/unit/node/mutants.c tests/unit/node/mutants.def \
	tests/unit/node/orders.c tests/unit/node/orders.h \
	tests/unit/node/played.c tests/unit/node/played.h \
	tests/unit/node/rules.c \
	tests/unit/node/skip.c \
	tests/unit/node/slices.c \
	tests/unit/node/tenure.c tests/unit/node/tenure.h \
	tests/unit/node/uid_twice.c \
	tests/unit/node/world.c tests/unit/node/world.h
CLEANFILES += tests/unit/node/mutants
