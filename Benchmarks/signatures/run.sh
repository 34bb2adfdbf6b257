#!/bin/sh
# Times checking and signing of messages beside bare libcrypto, which does SHA-1 and RSA on the same bytes and no more:
# run.sh [ROUNDS]
# One thread, in turn, in seconds of processor time; the median of the rounds (15) is printed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$root/.build/benchmarks
mkdir -p "$work"
swiftc -O -wmo -parse-as-library -module-name Benchmark -package-name Benchmark -swift-version 6 \
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
    -enable-upcoming-feature MemberImportVisibility -enable-upcoming-feature NonisolatedNonsendingByDefault \
    "$root"/Sources/Fedmsg/*/*.swift "$root"/Sources/Fedmsg/*/*/*.swift -I "$root/Sources/COpenSSL" \
    "$here"/*.swift -o "$work/signatures"
"$work/signatures" "$root/Tests/FedmsgTests/Fixtures" "${1:-15}"
