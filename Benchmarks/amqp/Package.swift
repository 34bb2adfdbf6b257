// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "amqp-bench",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(name: "fedmsg-bridge", path: "../..", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        .executableTarget(
            name: "amqp-bench",
            dependencies: [
                .product(name: "AMQP", package: "fedmsg-bridge"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        )
    ]
)
