// swift-tools-version: 6.1
import PackageDescription

// Only `make planted` sets it: then faults are built in that the simulator has to find.
let planted: [SwiftSetting] = Context.environment["TERRACE_PLANTED"] == nil ? [] : [.define("PLANTED")]

// What a target may import of the others is the house of docs/ARCHITECTURE.md; a test holds the sources to it.
let package = Package(
    name: "terrace",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "ServiceModel", swiftSettings: planted),
        .target(
            name: "ChangeSet",
            dependencies: [
                "ServiceModel", "CZlib",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            exclude: ["Wire"]),
        .target(
            name: "Trust",
            dependencies: [
                "ServiceModel",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ]),
        .target(
            name: "Replica",
            dependencies: [
                "ServiceModel", "ChangeSet",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: planted),
        .target(name: "SyncProtocol", dependencies: ["ServiceModel", "ChangeSet"]),
        .target(
            name: "SyncNode", dependencies: ["ServiceModel", "ChangeSet", "Trust", "Replica", "SyncProtocol"],
            swiftSettings: planted),
        .target(
            name: "NodeServer",
            dependencies: [
                "SyncNode",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .target(
            name: "ServiceHall",
            dependencies: [
                "SyncNode",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            resources: [.embedInCode("Templates"), .embedInCode("Static")]),
        .target(
            name: "Simulator",
            dependencies: [
                "SyncNode", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        .executableTarget(
            name: "terrace",
            dependencies: [
                "NodeServer", "ServiceHall", "Simulator",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: planted),
        .executableTarget(
            name: "bench",
            dependencies: ["CZlib", .product(name: "GRDBSQLite", package: "GRDB.swift")],
            path: "Tests/Bench"),
        .testTarget(name: "ServiceModelTests", dependencies: ["ServiceModel"]),
        .testTarget(name: "ChangeSetTests", dependencies: ["ChangeSet"]),
        .testTarget(name: "TrustTests", dependencies: ["Trust"]),
        .testTarget(name: "ReplicaTests", dependencies: ["Replica"]),
        .testTarget(name: "SyncProtocolTests", dependencies: ["SyncProtocol"]),
        .testTarget(
            name: "SyncNodeTests",
            dependencies: ["SyncNode", "Simulator", .product(name: "GRDB", package: "GRDB.swift")]),
        .testTarget(
            name: "SimulatorTests", dependencies: ["Simulator", .product(name: "GRDB", package: "GRDB.swift")]),
        .testTarget(
            name: "NodeServerTests",
            dependencies: [
                "NodeServer", "ServiceHall", "Simulator", .product(name: "X509", package: "swift-certificates"),
            ]),
        .testTarget(name: "TerraceTests", dependencies: ["terrace", "ServiceHall"]),
    ]
)
