extension [Route] {
  /// These routes, and those that document all of them, themselves included: `/openapi.json` and `/docs`.
  public var documented: [Route] {
    let page = Route(.get, "/docs", "The documentation for people; loads nothing from elsewhere.", scope: nil) { _ in
      .now(DocumentationPage.response())
    }.answering(.text("text/html", "The page."))
    // Written once: the table does not change while the server runs.
    let document = OpenAPIDocument(self + [openAPI([]), page])
    return self + [openAPI(document.bytes), page]
  }

  private func openAPI(_ bytes: [UInt8]) -> Route {
    Route(.get, "/openapi.json", "What there is to ask: this API as OpenAPI 3.1.", scope: nil) { _ in
      .now(HTTPResponse(contentType: "application/json", body: .bytes(bytes)))
    }.answering(.json("The document.", .map(of: .any)))
  }
}
