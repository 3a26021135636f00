EXTRA_DIST += src/core/show/README.md
libcore_a_SOURCES += \
	src/core/show/change.c \
	src/core/show/change.h \
	src/core/show/change_hooks.c \
	src/core/show/change_hooks.h \
	src/core/show/client_lines.c \
	src/core/show/client_lines.h \
	src/core/show/losers.c \
	src/core/show/losers.h \
	src/core/show/show.c \
	src/core/show/show.h \
	src/core/show/show_chan.c \
	src/core/show/show_chan.h \
	src/core/show/show_chan_name.c \
	src/core/show/show_chan_name.h \
	src/core/show/show_list.c \
	src/core/show/show_list.h \
	src/core/show/show_member.c \
	src/core/show/show_member.h \
	src/core/show/show_nick.c \
	src/core/show/show_nick.h \
	src/core/show/show_user.c \
	src/core/show/show_user.h
