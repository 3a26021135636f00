EXTRA_DIST += src/core/answers/README.md
libcore_a_SOURCES += \
	src/core/answers/ban_lines.c \
	src/core/answers/ban_lines.h \
	src/core/answers/stats.c \
	src/core/answers/stats.def \
	src/core/answers/stats.h \
	src/core/answers/cap_lines.c \
	src/core/answers/cap_lines.h \
	src/core/answers/chan_info.c \
	src/core/answers/chan_info.h \
	src/core/answers/figures.c src/core/answers/figures.h \
	src/core/answers/isupport.c \
	src/core/answers/isupport.def \
	src/core/answers/isupport.h \
	src/core/answers/mask_list.c \
	src/core/answers/mask_list.h \
	src/core/answers/query.c \
	src/core/answers/query.def \
	src/core/answers/query.h \
	src/core/answers/rehash.c \
	src/core/answers/rehash.h \
	src/core/answers/reply.c \
	src/core/answers/reply.h \
	src/core/answers/server_info.c \
	src/core/answers/server_info.h \
	src/core/answers/stop.c \
	src/core/answers/stop.h \
	src/core/answers/trace.c \
	src/core/answers/trace.h \
	src/core/answers/usage.c \
	src/core/answers/usage.h \
	src/core/answers/welcome.c \
	src/core/answers/welcome.h \
	src/core/answers/whois.c \
	src/core/answers/whois.h \
	src/core/answers/whowas.c \
	src/core/answers/whowas.h
