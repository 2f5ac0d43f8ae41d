/// A page as one answer: its style and its script are inside it, allowed by a number that nobody can guess. What else
/// it loads, this server has.
struct PageFrame {
  let title: String
  let style: String
  let body: String
  let script: String
  /// Attributes of the body, as `data-…`; values are text.
  var data: [(name: String, value: String)] = []
  /// Paths of this server whose scripts run before the page's own.
  var scripts: [String] = []

  func response() -> HTTPResponse {
    let nonce = PageFrame.makeNonce()
    var response = HTTPResponse.page(Array(html(nonce).utf8))
    response.headers.append(
      "Content-Security-Policy",
      "default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; connect-src 'self'; "
        + "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
    return response
  }

  /// 128 random bits of the system.
  private static func makeNonce() -> String {
    var random = SystemRandomNumberGenerator()
    return String(random.next(), radix: 16) + String(random.next(), radix: 16)
  }

  /// Text as the value of an attribute in double quotes, or between tags.
  static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("\"", with: "&quot;").replacing("<", with: "&lt;")
  }

  private func html(_ nonce: String) -> String {
    let attributes = data.map { " data-\($0.name)=\"\(PageFrame.escaped($0.value))\"" }.joined()
    let loaded = scripts.map { "<script nonce=\"\(nonce)\" src=\"\(PageFrame.escaped($0))\"></script>\n" }.joined()
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(PageFrame.escaped(title))</title>
      <link rel="icon" href="data:,">
      <style nonce="\(nonce)">
      \(style)
      </style>
      </head>
      <body\(attributes)>
      \(body)
      \(loaded)<script nonce="\(nonce)">
      \(script)
      </script>
      </body>
      </html>

      """
  }
}
