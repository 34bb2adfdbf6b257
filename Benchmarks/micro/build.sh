#!/bin/sh
# Builds Benchmarks/micro beside a release build, whose objects it is linked from: build.sh OUTPUT
set -eu
output=$1
cd "$(dirname "$0")/../.."
build=$(swift build -c release --show-bin-path)
modules=$(find .build/checkouts -path '*/include/module.modulemap' | sed 's/.*/-Xcc -fmodule-map-file=&/')
modules="$modules $(find "$build" -name module.modulemap ! -path '*-tool.build/*' | sed 's/.*/-Xcc -fmodule-map-file=&/')"
package=$(basename "$PWD" | tr 'A-Z.-' 'a-z__')
find "$build" -path "$build/*.build/*.o" ! -path '*-tool.build/*' ! -path '*/fedmsg_bridge.build/*' |
    sed 's/.*/"&"/' >"$output.objects"
rm -f "$output.a"
ar -qcs "$output.a" "@$output.objects"
# shellcheck disable=SC2086  # a list of words
swiftc -O -swift-version 6 -package-name "$package" -module-name micro -I "$build/Modules" $modules \
    -Xcc -fmodule-map-file=.build/checkouts/GRDB.swift/Sources/GRDBSQLite/module.modulemap \
    -I Sources/COpenSSL -I Sources/CZeroMQ -I Sources/CZlib \
    Benchmarks/micro/main.swift "$output.a" -lstdc++ -o "$output"
rm -f "$output.a" "$output.objects"
