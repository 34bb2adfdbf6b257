#!/bin/sh
# Builds Benchmarks/micro beside a release build, whose objects it is linked from: build.sh OUTPUT
# The frames and the ledger are inside of the AMQP module: that one is compiled anew, optimised as there and open to tests.
set -eu
output=$1
cd "$(dirname "$0")/../.."
build=$(swift build -c release --show-bin-path)
modules=$(find .build/checkouts -path '*/include/module.modulemap' | sed 's/.*/-Xcc -fmodule-map-file=&/')
modules="$modules $(find "$build" -name module.modulemap ! -path '*-tool.build/*' | sed 's/.*/-Xcc -fmodule-map-file=&/')"
package=$(basename "$PWD" | tr 'A-Z.-' 'a-z__')
flags="-O -swift-version 6 -package-name $package -I $build/Modules $modules"
mkdir -p "$output.modules"
# shellcheck disable=SC2086  # a list of words
swiftc $flags -whole-module-optimization -parse-as-library -enable-testing -DServiceLifecycle -DTracing \
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
    -enable-upcoming-feature MemberImportVisibility -enable-upcoming-feature NonisolatedNonsendingByDefault \
    -module-name AMQP -emit-module -emit-module-path "$output.modules/AMQP.swiftmodule" \
    -c $(find Sources/AMQP -name '*.swift') -o "$output.modules/AMQP.o"
find "$build" -path "$build/*.build/*.o" ! -path '*-tool.build/*' ! -path '*/fedmsg_bridge.build/*' ! -path '*/AMQP.build/*' |
    sed 's/.*/"&"/' >"$output.objects"
rm -f "$output.a"
ar -qcs "$output.a" "@$output.objects"
# shellcheck disable=SC2086
swiftc -I "$output.modules" $flags -module-name micro \
    -Xcc -fmodule-map-file=.build/checkouts/GRDB.swift/Sources/GRDBSQLite/module.modulemap \
    -I Sources/COpenSSL -I Sources/CZeroMQ -I Sources/CZlib \
    Benchmarks/micro/*.swift "$output.modules/AMQP.o" "$output.a" -lstdc++ -o "$output"
rm -rf "$output.a" "$output.objects" "$output.modules"
