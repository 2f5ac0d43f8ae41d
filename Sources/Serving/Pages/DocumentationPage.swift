/// `/docs`: what `/openapi.json` says, for people, and a form to try it.
enum DocumentationPage {
  static func response() -> HTTPResponse {
    PageFrame(
      title: "Riffle: HTTP API", style: PageStyle.common + "\n" + style, body: body,
      script: PageKey.script + "\n" + script
    ).response()
  }

  private static let style = """
    .route { margin-top: .6rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
    .route > summary { padding: .6rem .85rem; cursor: pointer; }
    .route > div { padding: 0 .85rem .85rem; }
    .method { display: inline-block; min-width: 3.2rem; font-weight: 600; color: var(--second); }
    .POST { color: var(--accent); }
    code, pre, .path { font-family: ui-monospace, monospace; font-size: .9em; }
    .path { font-weight: 600; overflow-wrap: anywhere; }
    pre { margin: .4rem 0; padding: .6rem; overflow: auto; max-height: 24rem; background: var(--page); }
    h3 { margin: 1rem 0 .25rem; font-size: .9375rem; }
    td.text { white-space: normal; min-width: 14rem; }
    ul { margin: .2rem 0; padding-left: 1.2rem; font-size: .9375rem; }
    form:not([hidden]) { display: grid; gap: .5rem; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); }
    label { display: grid; font-size: .875rem; color: var(--quiet); }
    textarea { grid-column: 1 / -1; min-height: 8rem; font-family: ui-monospace, monospace; font-size: .9em; }
    button { align-self: end; cursor: pointer; }
    """

  private static let body = """
    <header><h1>Riffle: HTTP API</h1>
    <p class="quiet"><a href="/">Live page</a> · <a href="/openapi.json">OpenAPI</a></p></header>
    <p id="about" class="quiet"></p>
    \(PageKey.form)
    <noscript><p class="notice">Scripts are off; <a href="/openapi.json">OpenAPI</a> has the same.</p></noscript>
    <main id="routes" aria-live="off"></main>
    """
}
