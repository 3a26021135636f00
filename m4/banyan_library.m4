# BANYAN_LIBRARY(PREFIX, MODULES, DEBIAN-PACKAGE)
# Find a library that Banyan needs. If it is missing, note its Debian package, so
# that BANYAN_LIBRARIES_DONE can name all missing packages at once.
AC_DEFUN([BANYAN_LIBRARY], [
PKG_CHECK_MODULES([$1], [$2], [], [
	AC_MSG_WARN([$2 not found: Debian package $3])
	banyan_missing="$banyan_missing $3"
])
])

# BANYAN_LIBRARY_BARE(PREFIX, LIBRARY, HEADER, FUNCTION, DEBIAN-PACKAGE)
# The same for a library that pkg-config may not know.
AC_DEFUN([BANYAN_LIBRARY_BARE], [
banyan_bare=no
AC_CHECK_HEADER([$3], [AC_CHECK_LIB([$2], [$4], [banyan_bare=yes])])
AS_IF([test $banyan_bare = yes], [$1_LIBS=-l$2], [
	AC_MSG_WARN([$2 not found: Debian package $5])
	banyan_missing="$banyan_missing $5"
])
AC_SUBST([$1_LIBS])
])

AC_DEFUN([BANYAN_LIBRARIES_DONE], [
AS_IF([test -n "$banyan_missing"],
	[AC_MSG_ERROR([libraries are missing; on Debian: apt-get install$banyan_missing])])
])

# BANYAN_BROKER(PREFIX, NAME, MODULES, DEBIAN-PACKAGE)
# Find the library of a kind of broker, which may be missing unless --with-NAME
# is given. Set have_NAME to yes or no.
AC_DEFUN([BANYAN_BROKER], [
AC_ARG_WITH([$2],
	[AS_HELP_STRING([--without-$2], [make no links through $2])],
	[], [with_$2=auto])
have_$2=no
AS_IF([test "$with_$2" != no],
	[PKG_CHECK_MODULES([$1], [$3], [have_$2=yes], [
	AS_IF([test "$with_$2" = yes],
		[AC_MSG_ERROR([$3 not found: Debian package $4])])
	AC_MSG_WARN([$3 not found: without it, no links go through $2; Debian package $4])])])
])
