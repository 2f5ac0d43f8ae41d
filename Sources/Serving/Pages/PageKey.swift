/// How a page gets an API key: it is asked for where the server wants one, and kept until the tab is closed.
///
/// `EventSource` cannot send headers, so a page with a key asks again and again instead of listening.
enum PageKey {
  static let form = """
    <form id="key-form" class="notice" hidden>
    <label for="key">This server wants an API key</label>
    <input id="key" type="password" autocomplete="off" required>
    <button type="submit">Use it</button>
    </form>
    """

  /// `keyHeaders()` for every request, `askForKey(status)` for every answer.
  static let script = #"""
    const apiKey = sessionStorage.getItem("key");
    const keyForm = document.getElementById("key-form");

    function keyHeaders() { return apiKey ? { "X-API-Key": apiKey } : {}; }

    function askForKey(status) { if (status === 401 || status === 403) keyForm.hidden = false; }

    keyForm.addEventListener("submit", (event) => {
      event.preventDefault();
      sessionStorage.setItem("key", document.getElementById("key").value.trim());
      location.reload();
    });
    """#
}
