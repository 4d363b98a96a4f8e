#!/usr/bin/env bash
# Counts the instructions of each workload, ours and the floors', with callgrind, and prints the
# table that is kept in instructions.txt. Counts depend on the compiler and the machine's C library,
# not on what else the machine does: compare them after a change on one machine.
#
#   benches/instructions.sh > benches/instructions.txt
set -euo pipefail
cd "$(dirname "$0")/.."
command -v valgrind >/dev/null || { echo "valgrind is needed (Debian: apt-get install valgrind)" >&2; exit 2; }

program=$(CARGO_PROFILE_BENCH_DEBUG=1 cargo bench --quiet --bench instructions --no-run --message-format json |
    sed -n 's/.*"name":"instructions".*"executable":"\([^"]*\)".*/\1/p')

# The instructions of one run of a function in a workload.
count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect="instructions::$2*" \
        "$program" "$1" 2>&1 | awk '/Collected/ { print int($4 / 1000) }'
}

printf '%-8s %8s %8s %6s %8s %8s %6s\n' workload decide floor ratio full floor ratio
for workload in $("$program" names); do
    decide=$(count "$workload" decide)
    write=$(count "$workload" write)
    floor_decide=$(count "$workload" floor_decide)
    floor_write=$(count "$workload" floor_write)
    awk -v w="$workload" -v d="$decide" -v f="$floor_decide" -v D="$((decide + write))" \
        -v F="$((floor_decide + floor_write))" \
        'BEGIN { printf "%-8s %8d %8d %6.2f %8d %8d %6.2f\n", w, d, f, d / f, D, F, D / F }'
done
