import HTTPTypes

/// Everything that the API answers. The router is filled from it and the document written.
package enum APITable {
    package static func routes(_ desk: HallDesk) -> [APIRoute] {
        let routes =
            StatusRoutes(desk).routes + CatalogRoutes(desk).routes + CaseRoutes(desk).routes
            + StatisticsRoutes(desk).routes
        let itself = APIOperation(
            method: .get, path: "openapi.json", name: "document", summary: "This document.",
            answer: .any("OpenAPI 3.1"))
        let document = OpenAPIDocument(routes.map(\.operation) + [itself])
        return routes + [APIRoute(operation: itself) { _ in try APIAnswer(document) }]
    }
}
