# Random networks of nodes; see README.md here.
SIM_SOURCES = \
	tests/sim/sim.c \
	tests/sim/acts.c tests/sim/acts_net.c tests/sim/acts_oper.c \
	tests/sim/autojoin.c \
	tests/sim/brokers.c \
	tests/sim/clock.c \
	tests/sim/cost.c \
	tests/sim/crowd.c \
	tests/sim/delay.c \
	tests/sim/door.c \
	tests/sim/draw.c \
	tests/sim/ending.c \
	tests/sim/filter.c \
	tests/sim/foundings.c \
	tests/sim/gates.c \
	tests/sim/hidden.c \
	tests/sim/hooks.c \
	tests/sim/install.c \
	tests/sim/kept.h \
	tests/sim/bans.c \
	tests/sim/later.c \
	tests/sim/lists.c \
	tests/sim/message.c \
	tests/sim/model.c \
	tests/sim/names.c \
	tests/sim/oracle.c tests/sim/oracle.h \
	tests/sim/overlay.c \
	tests/sim/person.c \
	tests/sim/plan.c tests/sim/plan.h \
	tests/sim/reach.def \
	tests/sim/removal.c \
	tests/sim/ref.c tests/sim/ref.h \
	tests/sim/rest.c \
	tests/sim/restart.c \
	tests/sim/run.h \
	tests/sim/server.c \
	tests/sim/speech.c \
	tests/sim/throttle.c \
	tests/sim/tried.c \
	tests/sim/world.c tests/sim/world.h

check_PROGRAMS += tests/sim/sim
tests_sim_sim_CPPFLAGS = $(TEST_CPPFLAGS)
tests_sim_sim_SOURCES = $(SIM_SOURCES)
tests_sim_sim_LDADD = libtestnet.a libmodules.a $(PURE_LDADD)
# entries get twins of later verbs (later.c)
SIM_WRAP = -Wl,--wrap=entry_new
tests_sim_sim_LDFLAGS = $(AM_LDFLAGS) $(SIM_WRAP)

dist_check_SCRIPTS += tests/sim/seeds
EXTRA_DIST += tests/sim/README.md
TESTS += tests/sim/seeds

# make sim SEEDS=n [FIRST=n] [PLAN=name]
SEEDS = 1000
FIRST = 0
sim: tests/sim/sim$(EXEEXT)
	tests/sim/sim -n $(SEEDS) -s $(FIRST) $(PLAN:%=-p %)

# The same with wrong rules on demand (src/link/mutate.def).
EXTRA_LIBRARIES += libmutantcore.a libmutantlink.a libmutantnode.a \
	libmutantnet.a libmutanttrunk.a
MUTANT_CPPFLAGS = $(TEST_CPPFLAGS) -DBANYAN_MUTATE
libmutantcore_a_CPPFLAGS = $(MUTANT_CPPFLAGS)
libmutantcore_a_CFLAGS = $(libcore_a_CFLAGS)
libmutantcore_a_SOURCES = $(libcore_a_SOURCES)
libmutantlink_a_CPPFLAGS = $(MUTANT_CPPFLAGS)
libmutantlink_a_CFLAGS = $(liblink_a_CFLAGS)
libmutantlink_a_SOURCES = $(liblink_a_SOURCES)
libmutantnode_a_CPPFLAGS = $(MUTANT_CPPFLAGS)
libmutantnode_a_CFLAGS = $(libnode_a_CFLAGS)
libmutantnode_a_SOURCES = $(libnode_a_SOURCES)
libmutanttrunk_a_CPPFLAGS = $(MUTANT_CPPFLAGS)
libmutanttrunk_a_CFLAGS = $(libtrunk_a_CFLAGS)
libmutanttrunk_a_SOURCES = $(libtrunk_a_SOURCES)
libmutantnet_a_CPPFLAGS = $(MUTANT_CPPFLAGS)
libmutantnet_a_SOURCES = $(libtestnet_a_SOURCES) $(libmodules_a_SOURCES)

EXTRA_PROGRAMS += tests/sim/mutants
tests_sim_mutants_CPPFLAGS = $(MUTANT_CPPFLAGS)
tests_sim_mutants_SOURCES = $(SIM_SOURCES)
tests_sim_mutants_LDFLAGS = $(AM_LDFLAGS) $(SIM_WRAP)
tests_sim_mutants_LDADD = libmutantnet.a libmutantnode.a libmutanttrunk.a \
	libmutantlink.a libmutantcore.a libbroker.a libplace.a libwire.a libbase.a $(SODIUM_LIBS) $(ZSTD_LIBS)
CLEANFILES += tests/sim/mutants libmutantcore.a libmutantlink.a \
	libmutantnode.a libmutantnet.a libmutanttrunk.a

# Each mutation must be caught, by a unit test or within 1500 seeds.
mutants: tests/sim/mutants$(EXEEXT) tests/unit/node/mutants$(EXEEXT)
	top_srcdir=$(srcdir) tests/unit/node/mutants
	tests/sim/mutants --mutants

.PHONY: sim mutants
