EXTRA_DIST += src/core/cmd/README.md
libcore_a_SOURCES += \
	src/core/cmd/away.c \
	src/core/cmd/ban.c \
	src/core/cmd/cap.c \
	src/core/cmd/cmd.c \
	src/core/cmd/cmd.def \
	src/core/cmd/cmd.h \
	src/core/cmd/die.c \
	src/core/cmd/force.c \
	src/core/cmd/invite.c \
	src/core/cmd/ison.c \
	src/core/cmd/join.c \
	src/core/cmd/judge.c \
	src/core/cmd/judge.h \
	src/core/cmd/kick.c \
	src/core/cmd/kill.c \
	src/core/cmd/list.c \
	src/core/cmd/map.c \
	src/core/cmd/message.c \
	src/core/cmd/mode.c \
	src/core/cmd/names.c \
	src/core/cmd/oper.c \
	src/core/cmd/oper.h \
	src/core/cmd/ping.c \
	src/core/cmd/registration.c \
	src/core/cmd/rehash.c \
	src/core/cmd/routing.c \
	src/core/cmd/server_info.c \
	src/core/cmd/stats.c \
	src/core/cmd/testline.c \
	src/core/cmd/topic.c \
	src/core/cmd/umode.c \
	src/core/cmd/umode.h \
	src/core/cmd/wallops.c \
	src/core/cmd/who.c \
	src/core/cmd/whois.c \
	src/core/cmd/whowas.c
