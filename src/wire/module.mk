noinst_LIBRARIES += libwire.a
libwire_a_CFLAGS = $(AM_CFLAGS) $(PURE_CFLAGS)
libwire_a_SOURCES = \
	src/wire/addr.c src/wire/addr.h \
	src/wire/admission.c \
	src/wire/admission.h \
	src/wire/proxy.c src/wire/proxy.h \
	src/wire/casemap.c src/wire/casemap.h \
	src/wire/duration.c \
	src/wire/duration.h \
	src/wire/foreign.c src/wire/foreign.h \
	src/wire/format.c src/wire/format.h \
	src/wire/frame.c src/wire/frame.h \
	src/wire/glob_index.c \
	src/wire/glob_index.h \
	src/wire/http.c src/wire/http.h \
	src/wire/isotime.c src/wire/isotime.h \
	src/wire/mask.c src/wire/mask.h \
	src/wire/metric.c src/wire/metric.h \
	src/wire/msg.c src/wire/msg.h \
	src/wire/name.c src/wire/name.h \
	src/wire/net_index.c \
	src/wire/net_index.h \
	src/wire/numeric.c src/wire/numeric.h src/wire/numeric.def \
	src/wire/pace.c src/wire/pace.h \
	src/wire/record.c src/wire/record.h \
	src/wire/tags.c src/wire/tags.h \
	src/wire/tally.c src/wire/tally.h \
	src/wire/upgrade.c src/wire/upgrade.h \
	src/wire/utf8.c src/wire/utf8.h \
	src/wire/words.c src/wire/words.h
