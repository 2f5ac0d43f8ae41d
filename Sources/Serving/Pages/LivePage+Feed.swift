extension LivePage {
  /// Where the numbers come from: the stream of windows, and questions every few seconds where it does not flow.
  static let feed = #"""
    const question = "rollup=" + encodeURIComponent(rollup);
    const streamPatience = 5000;
    let isStreaming = false;
    let lastNews = null;
    let stream = null;

    class Refusal extends Error {}

    async function answerOf(path) {
      const answer = await fetch(path, { headers: keyHeaders(), signal: AbortSignal.timeout(10000) });
      askForKey(answer.status);
      if (answer.ok || answer.status === 404) return answer;
      const said = await answer.json().catch(() => ({}));
      throw new Refusal(said.detail || "status " + answer.status);
    }

    async function ask(path) {
      const answer = await answerOf(path);
      return answer.ok ? answer.json() : null;
    }

    let places = null;

    /// The same for what this server may not have: its documentation says.
    async function askIfThere(path) {
      places ??= Object.keys((await ask("/openapi.json"))?.paths || {});
      return places.includes(path.split("?")[0]) ? ask(path) : null;
    }

    async function askText(path) { return (await answerOf(path)).text(); }

    function setState(text, kind) {
      const state = byId("state");
      if (state.textContent !== text) state.textContent = text;
      state.className = "pill " + kind;
      document.body.classList.toggle("lost", kind === "bad");
    }

    /// Which answer the page shows: who compares it with another one knows whether both are of one moment.
    function setMoment(answer) {
      lastNews = new Date();
      document.body.dataset.epoch = answer.epoch;
      document.body.dataset.sequence = answer.sequence ?? "";
      byId("footer").textContent = "Epoch " + answer.epoch + ", event time " + moment(answer.as_of);
      if (answer.completeness.replaying) setState("Replaying old data", "warn");
      else setState(isStreaming ? "Live" : "Live, asking", "good");
    }

    function lost(error) {
      const since = lastNews ? " since " + lastNews.toLocaleTimeString() : "";
      setState((error instanceof Refusal ? "No answer: " + error.message : "Connection lost") + since, "bad");
    }

    async function askHistory() {
      const history = await ask("/kpis/history?" + question + "&minutes_back=" + minutes);
      // The stream has begun meanwhile, and knows more.
      if (isStreaming) return;
      learn(history.windows);
      showWindows();
      setMoment(history);
    }

    function heard(event) {
      const answer = JSON.parse(event.data);
      isStreaming = true;
      learn(answer.windows);
      if (answer.kind === "change") learnDelay(answer.windows);
      showWindows();
      showEngine(answer.totals, answer.completeness);
      setMoment(answer);
    }

    /// The browser comes back by itself, with the id of the last event; only a refusal ends it.
    function listen() {
      if (apiKey) return;
      stream = new EventSource("/stream/kpis?interval=1s&" + question);
      stream.addEventListener("snapshot", heard);
      stream.addEventListener("change", heard);
      stream.addEventListener("error", () => {
        isStreaming = false;
        if (stream.readyState !== EventSource.CLOSED) return;
        setTimeout(listen, 15000);
      });
    }

    /// Does `work` again and again, less often while nobody looks.
    async function repeat(milliseconds, work) {
      try {
        await work();
      } catch (error) {
        if (!isStreaming) lost(error);
      }
      setTimeout(() => repeat(milliseconds, work), document.hidden ? 10 * milliseconds : milliseconds);
    }

    showTiles(null, null);
    const opened = Date.now();
    askHistory().catch(lost).then(() => {
      if (window.EventSource) listen();
      repeat(2000, async () => {
        if (!isStreaming && (!stream || Date.now() - opened > streamPatience)) await askHistory();
      });
      repeat(2000, askEngine);
      repeat(10000, askPanels);
    });
    """#
}
