# Not built unless asked for: `make bench`, `make turns BUILDS="OTHER..."`.
EXTRA_PROGRAMS += tests/bench/bench tests/bench/floor
CLEANFILES += tests/bench/bench tests/bench/floor
tests_bench_bench_CFLAGS = $(AM_CFLAGS) $(OPENSSL_CFLAGS)
tests_bench_bench_LDADD = $(OPENSSL_LIBS)
tests_bench_bench_SOURCES = \
	tests/bench/bench.c \
	tests/bench/crowd.c tests/bench/crowd.h \
	tests/bench/target.c tests/bench/target.h
tests_bench_floor_SOURCES = tests/bench/floor.c
EXTRA_DIST += tests/bench/run.sh tests/bench/turns.c tests/bench/turns.py \
	tests/bench/scale.sh tests/bench/scale.py tests/bench/README.md \
	tests/bench/brokers.py tests/bench/peers.py tests/bench/features.py
CLEANFILES += tests/bench/turns.so

# The cost of large networks: make scale [SCALE="1000 10000"] [BASE=OTHER].
EXTRA_PROGRAMS += tests/bench/heal
CLEANFILES += tests/bench/heal
tests_bench_heal_CPPFLAGS = $(TEST_CPPFLAGS)
tests_bench_heal_LDADD = libtestnet.a libmodules.a $(PURE_LDADD)
tests_bench_heal_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=node_step
tests_bench_heal_SOURCES = tests/bench/heal.c
EXTRA_PROGRAMS += tests/bench/split
CLEANFILES += tests/bench/split
tests_bench_split_CPPFLAGS = $(TEST_CPPFLAGS)
tests_bench_split_LDADD = libtestnet.a libmodules.a $(PURE_LDADD)
tests_bench_split_SOURCES = tests/bench/split.c

# The memory that one client can make servers keep: make growth.
EXTRA_PROGRAMS += tests/bench/growth
CLEANFILES += tests/bench/growth
tests_bench_growth_CPPFLAGS = $(TEST_CPPFLAGS)
tests_bench_growth_LDADD = libtestnet.a libmodules.a $(PURE_LDADD)
tests_bench_growth_SOURCES = tests/bench/growth.c

growth: tests/bench/growth
	$(AM_V_at)tests/bench/growth

scale: all tests/bench/heal tests/bench/split tests/bench/turns.so
	$(AM_V_at)SCALE="$(SCALE)" CC="$(CC)" \
	    bash $(srcdir)/tests/bench/scale.sh . $(BASE)

bench: all tests/bench/bench tests/bench/floor
	$(AM_V_at)bash $(srcdir)/tests/bench/run.sh .

# The cost of features: make features [FEATURES="--rounds 21 bans"].
features: all tests/bench/bench tests/bench/floor
	$(AM_V_at)BUILD_DIR=$(abs_top_builddir) \
	    /usr/bin/python3 $(srcdir)/tests/bench/features.py $(FEATURES)
.PHONY: bench features growth scale

tests/bench/turns.so: tests/bench/turns.c
	$(AM_V_CCLD)$(CC) $(CFLAGS) -shared -fPIC -o $@ $< -ldl

turns: all tests/bench/turns.so
	$(AM_V_at)/usr/bin/python3 $(srcdir)/tests/bench/turns.py \
	    --preload tests/bench/turns.so $(TURNS) . $(BUILDS)
.PHONY: turns
