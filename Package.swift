// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "terrace",
    dependencies: [
        .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    ],
    targets: [
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "ServiceModel"),
        .target(
            name: "ChangeSet",
            dependencies: [
                "ServiceModel", "CZlib",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            exclude: ["Wire"]),
        .target(
            name: "Replica",
            dependencies: [
                "ServiceModel", "ChangeSet",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .target(
            name: "Trust",
            dependencies: [
                "ServiceModel",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ]),
        .target(name: "SyncProtocol", dependencies: ["ServiceModel", "ChangeSet"]),
        .target(name: "SyncNode", dependencies: ["ServiceModel", "ChangeSet", "Trust", "Replica", "SyncProtocol"]),
        .testTarget(name: "ServiceModelTests", dependencies: ["ServiceModel"]),
        .testTarget(name: "ChangeSetTests", dependencies: ["ChangeSet"]),
        .testTarget(
            name: "ReplicaTests",
            dependencies: ["Replica", .product(name: "GRDB", package: "GRDB.swift"), .product(name: "Crypto", package: "swift-crypto")]),
        .testTarget(name: "TrustTests", dependencies: ["Trust"]),
        .testTarget(name: "SyncNodeTests", dependencies: ["SyncNode"]),
    ]
)
