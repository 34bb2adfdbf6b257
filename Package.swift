// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

// Shown by --version. A package is built from an archive, without git: its build sets the variable.
let commit =
    Context.environment["FEDMSG_BRIDGE_COMMIT"] ?? String(Context.gitInformation?.currentCommit.prefix(12) ?? "")

// What the bridge needs and its libraries do not: a package that depends on `AMQP` alone, with the traits that it wants
// and without `Bridge`, does not fetch it.
let bridge = TargetDependencyCondition.when(traits: ["Bridge"])
let tracing = TargetDependencyCondition.when(traits: ["Tracing"])

let package = Package(
    name: "fedmsg-bridge",
    platforms: [.macOS(.v26)],
    products: [
        .library(name: "AMQP", targets: ["AMQP"]),
        .executable(name: "fedmsg-bridge", targets: ["fedmsg-bridge"]),
    ],
    traits: [
        .trait(name: "Bridge", description: "The bridge itself.", enabledTraits: ["ServiceLifecycle"]),
        .trait(name: "ServiceLifecycle", description: "AMQPClient is a Service of swift-service-lifecycle."),
        .trait(name: "Tracing", description: "AMQP: spans of swift-distributed-tracing, their context in headers."),
        .default(enabledTraits: ["Bridge", "ServiceLifecycle", "Tracing"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),

        .target(name: "CBuildInfo", cSettings: [.define("FEDMSG_BRIDGE_COMMIT", to: "\"\(commit)\"")]),
        .target(name: "ZeroMQ", dependencies: ["CZeroMQ"]),
        .target(
            name: "AMQP",
            dependencies: [
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(
                    name: "ServiceLifecycle",
                    package: "swift-service-lifecycle",
                    condition: .when(traits: ["ServiceLifecycle"])
                ),
                .product(name: "Tracing", package: "swift-distributed-tracing", condition: tracing),
            ]
        ),
        .target(name: "Fedmsg", dependencies: ["COpenSSL"]),
        .target(name: "FedoraMessaging", dependencies: ["AMQP", "Fedmsg"]),
        .target(name: "Settings", dependencies: [.product(name: "TOMLKit", package: "TOMLKit", condition: bridge)]),
        .target(
            name: "Spool",
            dependencies: [
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "GRDB", package: "GRDB.swift", condition: bridge),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .target(
            name: "Bridge",
            dependencies: [
                "AMQP", "Settings", "Fedmsg", "FedoraMessaging", "Spool", "ZeroMQ",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: bridge),
            ]
        ),
        .target(
            name: "Replay",
            dependencies: [
                "AMQP", "Bridge", "CZlib", "Fedmsg", "FedoraMessaging", "Settings",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .target(
            name: "Monitoring",
            dependencies: [
                "Bridge", "Settings", "Spool",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Hummingbird", package: "hummingbird", condition: bridge),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: bridge),
            ]
        ),
        .target(
            name: "Watch",
            dependencies: [
                "AMQP", "Bridge", "Fedmsg", "FedoraMessaging", "Replay", "Settings", "ZeroMQ",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .executableTarget(
            name: "fedmsg-bridge",
            dependencies: [
                "AMQP", "Bridge", "CBuildInfo", "Fedmsg", "FedoraMessaging", "Monitoring", "Replay", "Settings",
                "Spool", "Watch", "ZeroMQ",
                .product(name: "ArgumentParser", package: "swift-argument-parser", condition: bridge),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: bridge),
                .product(name: "UnixSignals", package: "swift-service-lifecycle", condition: bridge),
            ]
        ),

        .testTarget(name: "ZeroMQTests", dependencies: ["ZeroMQ"]),
        .testTarget(
            name: "AMQPTests",
            dependencies: [
                "AMQP",
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing", condition: tracing),
                .product(name: "Tracing", package: "swift-distributed-tracing", condition: tracing),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: bridge),
                .product(name: "UnixSignals", package: "swift-service-lifecycle", condition: bridge),
            ],
            exclude: ["Fixtures"]
        ),
        .testTarget(name: "FedmsgTests", dependencies: ["Fedmsg"], exclude: ["Fixtures", "Peers/canonical.py"]),
        .testTarget(name: "FedoraMessagingTests", dependencies: ["FedoraMessaging"]),
        .testTarget(name: "SettingsTests", dependencies: ["Settings"], exclude: ["Fixtures"]),
        .testTarget(
            name: "SpoolTests",
            dependencies: [
                "Spool",
                .product(name: "GRDB", package: "GRDB.swift", condition: bridge),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "BridgeTests",
            dependencies: [
                "AMQP", "Bridge", "Fedmsg", "Settings", "Spool",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .testTarget(name: "ReplayTests", dependencies: ["Replay"], exclude: ["Fixtures"]),
        .testTarget(
            name: "WatchTests",
            dependencies: [
                "AMQP", "Bridge", "Settings", "Watch",
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "MonitoringTests",
            dependencies: [
                "Bridge", "Monitoring", "Settings", "Spool", .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "AMQP", "Bridge", "COpenSSL", "Fedmsg", "Monitoring", "ZeroMQ",
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing", condition: tracing),
                .product(name: "Tracing", package: "swift-distributed-tracing", condition: tracing),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: bridge),
            ],
            exclude: ["Peers"]
        ),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = (target.swiftSettings ?? []) + swiftSettings
}
