// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "terrace",
    targets: [
        .target(name: "ServiceModel"),
        .testTarget(name: "ServiceModelTests", dependencies: ["ServiceModel"]),
    ]
)
