#!/bin/sh
# subbuild.sh MAKE DIR CONFIGURE-ARGUMENT...
# Prepares DIR/build, a build of the same sources with other flags. Works from
# a copy of what a release contains (DIR/src), because the tree itself may be
# configured in place; time stamps are kept, so that a second run compiles only
# what has changed.
set -eu
make=$1 dir=$2
shift 2
mkdir -p "$dir/build"
$make -s distdir distdir="$dir/src" >"$dir/distdir.log" 2>&1 || {
	cat "$dir/distdir.log" >&2
	exit 1
}
cd "$dir/build"
[ -f Makefile ] || ../src/configure -q "$@"
# A Makefile that remakes itself hands the pipe of `make -j` to config.status,
# closed; so that is done here, without it.
env MAKEFLAGS= "$make" -s Makefile
