# The tests of `make check`. A test without a file name extension is a program
# that prints TAP, one line for each case (Check does, see lib/unit.h). A .sh or
# .py test is one case, and its exit status counts (77: skipped).

LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
TEST_EXTENSIONS = .sh .py
SH_LOG_COMPILER = $(SHELL)
PY_LOG_COMPILER = $(PYTHON3)
AM_TESTS_ENVIRONMENT = \
	CK_TAP_LOG_FILE_NAME=-; export CK_TAP_LOG_FILE_NAME; \
	srcdir='$(srcdir)'; export srcdir; \
	top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
	top_builddir='$(abs_top_builddir)'; export top_builddir; \
	HARDEN_FLAGS='$(HARDEN_CPPFLAGS) $(HARDEN_CFLAGS) $(HARDEN_LDFLAGS)'; \
	export HARDEN_FLAGS; \
	PROGRAMS='$(sbin_PROGRAMS) $(bin_PROGRAMS)'; export PROGRAMS; \
	MODULES='$(module_PROGRAMS)'; export MODULES;

# Another build of the same sources: $(SUBBUILD) DIR CONFIGURE-ARGUMENT...
SUBBUILD = $(SHELL) $(srcdir)/tests/lib/subbuild.sh '$(MAKE)'
EXTRA_DIST += tests/lib/subbuild.sh tests/lib/coverage.py

TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
UNIT_LDADD = libunit.a $(PURE_LDADD) $(CHECK_LIBS)

if HAVE_CHECK
check_LIBRARIES += libunit.a
libunit_a_CPPFLAGS = $(TEST_CPPFLAGS)
libunit_a_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
libunit_a_SOURCES = tests/lib/mutation.h \
	tests/lib/text.c tests/lib/text.h \
	tests/lib/unit.c tests/lib/unit.h

check_PROGRAMS += tests/lib/frame_cases
dist_check_SCRIPTS += tests/lib/frame
TESTS += tests/lib/frame
tests_lib_frame_cases_CPPFLAGS = $(TEST_CPPFLAGS)
tests_lib_frame_cases_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_lib_frame_cases_LDADD = $(UNIT_LDADD)
tests_lib_frame_cases_SOURCES = tests/lib/frame_cases.c

include tests/unit/base/module.mk
include tests/unit/core/module.mk
include tests/unit/link/module.mk
include tests/unit/node/module.mk
include tests/unit/trunk/module.mk
include tests/unit/place/module.mk
include tests/unit/broker/module.mk
include tests/unit/wire/module.mk
include tests/unit/conf/module.mk
include tests/unit/net/module.mk
include tests/unit/store/module.mk
include tests/unit/host/module.mk
include tests/unit/daemon/module.mk
include tests/unit/gate/module.mk
else
check-local:
	@echo "Unit tests need Check; on Debian: apt-get install check" >&2
	@exit 1
endif

include tests/scenario/module.mk
include tests/bad/module.mk
include tests/sim/module.mk
include tests/fuzz/module.mk
include tests/e2e/module.mk
include tests/net/module.mk
include tests/lint/module.mk
include tests/bench/module.mk
include tests/compare/module.mk
include tests/differ/module.mk

sanitize:
	$(AM_V_at)$(SUBBUILD) _sanitize --enable-sanitize --enable-werror
	$(AM_V_at)$(MAKE) -C _sanitize/build -s check

# Everything compiled, nothing run: the warnings of another compiler.
clang:
	$(AM_V_at)$(SUBBUILD) _clang CC=clang --enable-werror
	$(AM_V_at)$(MAKE) -C _clang/build -s check TESTS=

# Begins from zero counts each time; a report by folder and file.
coverage:
	$(AM_V_at)$(SUBBUILD) _coverage --enable-coverage CFLAGS=-g
	$(AM_V_at)find _coverage/build -name '*.gcda' -delete
	$(AM_V_at)$(MAKE) -C _coverage/build -s check
	$(AM_V_at)$(PYTHON3) $(srcdir)/tests/lib/coverage.py _coverage/build

.PHONY: sanitize clang coverage
