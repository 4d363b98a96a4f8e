#!/usr/bin/env bash
# The example `bucket` under load on loopback, with the layer and without it: the ratio of requests
# a second and of the server's own processor time, and whether memory stays flat over a million
# requests. Takes about four minutes, and needs wrk (Debian: apt-get install wrk).
#
# ROUNDS and SECONDS_EACH change how long it measures.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v wrk >/dev/null || {
    echo "wrk is not there" >&2
    exit 1
}
cargo build --quiet --locked --release --features tower --example bucket
example=${CARGO_TARGET_DIR:-target}/release/examples/bucket
rounds=${ROUNDS:-21} seconds=${SECONDS_EACH:-1}

folder=$(mktemp -d)
servers=()
stop() {
    kill "${servers[@]}" 2>/dev/null || true
    rm -r "$folder"
}
trap stop EXIT

origin='Origin: https://app.example.com'
# start NAME ARGUMENTS...: a server whose address is then `${address[NAME]}`.
declare -A address pid
start() {
    : >"$folder/$1"
    "$example" --listen 127.0.0.1:0 --page 127.0.0.1:0 --profile s3 "${@:2}" \
        >"$folder/$1" 2>/dev/null &
    servers+=($!)
    pid[$1]=$!
    until grep -q '^page: ' "$folder/$1"; do sleep 0.1; done
    address[$1]=$(sed -n 's/^bucket: //p' "$folder/$1")
    curl -fsS -T examples/cors.xml "${address[$1]}/demo/a.xml"
    curl -fsS -T examples/cors.xml "${address[$1]}/demo?cors"
}
start bare --around nothing
start layer --around rules
start whole

cat >"$folder/get.lua" <<'EOF'
wrk.method = "GET"
EOF
cat >"$folder/preflight.lua" <<'EOF'
wrk.method = "OPTIONS"
wrk.headers["Access-Control-Request-Method"] = "PUT"
wrk.headers["Access-Control-Request-Headers"] = "content-md5,content-type"
EOF
ticks() {
    awk '{ print $14 + $15 }' "/proc/${pid[$1]}/stat"
}
# load SERVER REQUEST SECONDS: requests a second, ticks of the server a request, requests.
load() {
    local before
    before=$(ticks "$1")
    wrk --threads 1 --connections 16 --duration "$3s" --script "$folder/$2.lua" \
        --header "$origin" "${address[$1]}/demo/a.xml" >"$folder/out"
    if grep -q 'Non-2xx\|Socket errors' "$folder/out"; then
        cat "$folder/out" >&2
        exit 1
    fi
    awk -v ticks="$(($(ticks "$1") - before))" '
        /requests in/ { count = $1 }
        /Requests\/sec/ { print $2, ticks / count, count }' "$folder/out"
}

for ((round = 0; round < rounds; round++)); do
    load bare get "$seconds"
    load layer get "$seconds"
    load layer preflight "$seconds"
    load whole get "$seconds"
done >"$folder/loads"
# ratio LINE COLUMN: of the LINEth of a round's four loads to the first.
ratio() {
    awk -v line="$1" -v column="$2" '
        NR % 4 == 1 { bare = $column }
        NR % 4 == line { print $column / bare }' "$folder/loads" | sort -n | awk '
        { at[NR] = $1 }
        END { printf "%.2f (%.2f to %.2f)", at[int((NR + 1) / 2)], at[1], at[NR] }'
}
echo "beside a GET without the layer, median, least and most of $rounds rounds of $seconds s:"
for line in '2 GET with an Origin, layer' '3 preflight, layer' \
    '0 GET with an Origin, layer, log and journal of the page'; do
    echo "  requests a second $(ratio "${line%% *}" 1), processor time a request" \
        "$(ratio "${line%% *}" 2): ${line#* }"
done

resident() {
    awk '/^VmRSS/ { print $2 }' "/proc/${pid[$1]}/status"
}
for server in layer whole; do
    load "$server" get 2 >/dev/null
    before=$(resident "$server") sum=0
    for ((run = 0; sum < 1000000 && run < 60; run++)); do
        read -r _ _ count < <(load "$server" "$([ $((run % 2)) = 0 ] && echo get || echo preflight)" 5)
        sum=$((sum + count))
    done
    echo "memory, $server: $before KiB before, $(resident "$server") KiB after $sum more requests"
done
