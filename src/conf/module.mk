noinst_LIBRARIES += libconf.a
libconf_a_CFLAGS = $(AM_CFLAGS) $(PURE_CFLAGS) $(CONFIG_CFLAGS)
libconf_a_SOURCES = \
	src/conf/broker.c src/conf/broker.h \
	src/conf/check.c \
	src/conf/conf.h \
	src/conf/cross.c src/conf/cross.h \
	src/conf/cross_broker.c \
	src/conf/cross_path.c \
	src/conf/gate.c src/conf/gate.def src/conf/gate.h \
	src/conf/head.h \
	src/conf/option.c src/conf/option.def src/conf/option.h \
	src/conf/module_option.c src/conf/module_option.h \
	src/conf/motd.c \
	src/conf/parts.h \
	src/conf/print.c \
	src/conf/read.c src/conf/read.h \
	src/conf/report.c src/conf/report.h \
	src/conf/resolv.c \
	src/conf/rule.c src/conf/rule.h \
	src/conf/scan.c src/conf/scan.h \
	src/conf/schema.c src/conf/schema.h \
	src/conf/source.c src/conf/source.h \
	src/conf/syntax.c src/conf/syntax.h \
	src/conf/table.h \
	src/conf/type.def src/conf/type.h \
	src/conf/type_addr.c \
	src/conf/type_broker.c \
	src/conf/type_key.c \
	src/conf/type_num.c \
	src/conf/type_origin.c \
	src/conf/type_text.c \
	src/conf/value.c src/conf/value.h \
	src/conf/walk.c src/conf/walk.h
