// swift-tools-version: 6.2
import PackageDescription

// As a package of its own would have it: a released version of the library, by URL, without the bridge.
let package = Package(
    name: "examples",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(name: "fedmsg-bridge", path: "..", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: ["work-queue", "confirmed-publisher", "fan-out"].map { name in
        .executableTarget(
            name: name,
            dependencies: [
                .product(name: "AMQP", package: "fedmsg-bridge"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: [.treatAllWarnings(as: .error)]
        )
    }
)
