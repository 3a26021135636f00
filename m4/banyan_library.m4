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
