#!/bin/sh
# run.sh DIR CORPUS SECONDS TARGET...
# Fuzz each target built under DIR/build for some seconds, beginning with its
# corpus. New inputs are kept in DIR/found/TARGET. An input that crashes is left
# in DIR as TARGET-crash-*, and belongs into the corpus once the fault is mended.
# With FUZZ_SEED, the same inputs come each time, as far as time allows.
set -eu
dir=$1 corpus=$2 seconds=$3
shift 3
[ $# -gt 0 ] || { echo "no fuzz target" >&2; exit 1; }
for target; do
	name=${target##*/}
	mkdir -p "$dir/found/$name"
	echo "fuzz $name for $seconds s"
	"$dir/build/tests/fuzz/$name" -max_total_time="$seconds" \
	    -seed="${FUZZ_SEED:-0}" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
	    -artifact_prefix="$dir/$name-" \
	    "$dir/found/$name" "$corpus/$name" >"$dir/$name.log" 2>&1 || {
		tail -n 40 "$dir/$name.log"
		echo "not ok - fuzz $name: see $dir/$name.log"
		exit 1
	}
	grep -E '^stat::number_of_executed_units|DONE' "$dir/$name.log"
done
