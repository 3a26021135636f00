# Fuzz targets. A new target is NAME.c with LLVMFuzzerTestOneInput(), a corpus in
# corpus/NAME/, and two lines here:
#
#	FUZZ_TARGETS += tests/fuzz/NAME
#	tests_fuzz_NAME_LDADD = $(FUZZ_LIBS)
#
# `make check` replays the corpus with any compiler. --enable-fuzz links with
# libFuzzer instead; `make fuzz T=NAME TIME=SECONDS` uses that by itself.

FUZZ_TARGETS =
FUZZ_TARGETS += tests/fuzz/addr
tests_fuzz_addr_LDADD = $(FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/dns
tests_fuzz_dns_LDADD = libnet.a $(FUZZ_LIBS) $(LDNS_LIBS)
FUZZ_TARGETS += tests/fuzz/bus
tests_fuzz_bus_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_bus_SOURCES = tests/fuzz/bus.c tests/lib/signer.c
tests_fuzz_bus_LDADD = $(FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/ban
tests_fuzz_ban_LDADD = $(FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/format
tests_fuzz_format_LDADD = $(FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/frame
tests_fuzz_frame_LDADD = $(FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/handover
tests_fuzz_handover_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_handover_SOURCES = tests/fuzz/handover.c tests/lib/handed.c
tests_fuzz_handover_LDADD = $(FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/http
tests_fuzz_http_LDADD = $(FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/kept
tests_fuzz_kept_SOURCES = tests/fuzz/kept.c src/daemon/kept.c src/daemon/kept.h
tests_fuzz_kept_CFLAGS = $(AM_CFLAGS) $(BSD_CFLAGS) $(OPENSSL_CFLAGS)
tests_fuzz_kept_LDADD = $(FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/link
tests_fuzz_link_LDADD = $(FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/mask
tests_fuzz_mask_LDADD = $(FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/mode
tests_fuzz_mode_LDADD = libmodules.a $(FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/msg
tests_fuzz_msg_LDADD = $(FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/node
tests_fuzz_node_LDADD = $(FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/pack
tests_fuzz_pack_LDADD = $(FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/part
tests_fuzz_part_LDADD = $(FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/place
tests_fuzz_place_LDADD = $(FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/proxy
tests_fuzz_proxy_LDADD = $(FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/tags
tests_fuzz_tags_LDADD = $(FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/text
tests_fuzz_text_LDADD = $(FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/trunkline
tests_fuzz_trunkline_SOURCES = tests/fuzz/trunkline.c \
	src/gate/roll.c src/gate/roll.h \
	src/gate/trunkline.c src/gate/trunkline.h
tests_fuzz_trunkline_LDADD = $(FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/upgrade
tests_fuzz_upgrade_LDADD = $(FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/ws
tests_fuzz_ws_LDADD = libnet.a $(FUZZ_LIBS) $(WSLAY_LIBS) $(OPENSSL_LIBS)
FUZZ_TARGETS += tests/fuzz/trunk
tests_fuzz_trunk_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_trunk_LDADD = $(FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/conf
tests_fuzz_conf_CFLAGS = $(AM_CFLAGS) $(CONFIG_CFLAGS)
tests_fuzz_conf_LDADD = $(FUZZ_LIBS) $(CONFIG_LIBS)
EXTRA_DIST += tests/lib/limits.h tests/fuzz/run.sh tests/fuzz/corpus

tests_fuzz_link_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_mode_CPPFLAGS = $(TEST_CPPFLAGS)

check_PROGRAMS += $(FUZZ_TARGETS)
if FUZZ
FUZZ_LIBS = $(PURE_LDADD) $(FUZZ_LDFLAGS)
else
FUZZ_LIBS = libfuzzmain.a $(PURE_LDADD)
check_LIBRARIES += libfuzzmain.a
libfuzzmain_a_SOURCES = tests/lib/fuzz_main.c
TESTS += $(FUZZ_TARGETS)
endif

T =
TIME = 60

fuzz:
	$(AM_V_at)$(SUBBUILD) _fuzz CC=clang --enable-fuzz --enable-werror
	$(AM_V_at)$(MAKE) -C _fuzz/build -s fuzz-programs
	$(AM_V_at)$(SHELL) $(srcdir)/tests/fuzz/run.sh _fuzz \
	    $(abs_srcdir)/tests/fuzz/corpus $(TIME) $(or $(T),$(FUZZ_TARGETS))

fuzz-programs: $(FUZZ_TARGETS)

.PHONY: fuzz fuzz-programs
