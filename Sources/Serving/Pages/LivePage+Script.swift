extension LivePage {
  /// Asks for the newest window and the last ones each second. What the server says is only ever shown as text.
  static let script = """
    "use strict";
    const rows = 15;
    const rollup = document.body.dataset.rollup;
    const minutes = document.body.dataset.minutes;
    const byId = (id) => document.getElementById(id);
    const none = "\\u2013";
    const whole = new Intl.NumberFormat();
    const money = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    const share = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 2 });
    const show = (format, value) => value === null || value === undefined ? none : format.format(value);
    const clock = (text) => text ? new Date(text).toLocaleTimeString() : none;
    const moment = (text) => text ? new Date(text).toLocaleString() : none;
    const words = (text) => text.replaceAll("_", " ");

    function duration(milliseconds) {
      const seconds = Math.max(0, milliseconds / 1000);
      if (seconds < 10) return seconds.toFixed(1) + " s";
      if (seconds < 120) return Math.round(seconds) + " s";
      if (seconds < 7200) return Math.round(seconds / 60) + " min";
      if (seconds < 172800) return Math.round(seconds / 3600) + " h";
      return Math.round(seconds / 86400) + " days";
    }

    function revenue(metrics) {
      if (metrics.revenue !== null) return money.format(metrics.revenue);
      const sums = Object.entries(metrics.revenue_by_currency || {});
      return sums.map(([currency, sum]) => money.format(sum) + " " + (currency || "?")).join(", ") || none;
    }

    const columns = [
      ["Revenue", revenue], ["Orders", (m) => show(whole, m.orders)],
      ["Average order", (m) => show(money, m.aov)], ["Conversion", (m) => show(share, m.conversion_rate)],
      ["Sessions", (m) => show(whole, m.sessions)], ["Users", (m) => show(whole, m.unique_users)],
      ["Page views", (m) => show(whole, m.page_views)], ["Added to cart", (m) => show(whole, m.add_to_carts)],
    ];

    function make(tag, text, name, attributes) {
      const element = document.createElement(tag);
      element.textContent = text;
      if (name) element.className = name;
      for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
      return element;
    }

    function row(cells) {
      const row = document.createElement("tr");
      row.append(...cells);
      return row;
    }

    function emptyRow(text, width) { return row([make("td", text, "empty", { colspan: width })]); }

    function showTiles(metrics) {
      byId("tiles").replaceChildren(...columns.map(([label, value]) => {
        const tile = document.createElement("div");
        const text = metrics ? value(metrics) : none;
        tile.append(make("dt", label), make("dd", text, text.length > 12 ? "small" : ""));
        if (label === "Conversion" && metrics && metrics.conversion_rate_ci95) {
          const [low, high] = metrics.conversion_rate_ci95;
          tile.append(make("dd", "95 %: " + share.format(low) + " to " + share.format(high), "note"));
        }
        return tile;
      }));
    }

    function showLatest(latest) {
      const isGrouped = latest !== null && latest.groups !== undefined;
      showTiles(latest && !isGrouped ? latest.metrics : null);
      if (!latest) return void (byId("window").textContent = "No events yet");
      const status = isGrouped ? latest.count + " groups" : words(latest.completeness.status);
      byId("window").textContent =
        moment(latest.window_start) + " to " + clock(latest.window_end) + ", " + status;
    }

    function showHistory(history) {
      const windows = history.windows.slice(-rows).reverse();
      byId("rollup").textContent = history.rollup;
      byId("windows").replaceChildren(...windows.map((window) => {
        const status = window.completeness.status;
        const group = window.group ? " " + Object.values(window.group).map((value) => value ?? none).join(", ") : "";
        return row([
          make("th", clock(window.window_start) + group, "", { scope: "row", title: window.window_start }),
          ...columns.map(([, value]) => make("td", value(window.metrics), "number")),
          make("td", words(status), "status-" + status),
        ]);
      }));
      if (!windows.length) byId("windows").append(emptyRow("No windows yet", columns.length + 2));
    }

    function showPartitions(completeness) {
      const partitions = completeness.partitions;
      byId("partitions").replaceChildren(...partitions.map((partition) => {
        const lag = partition.end_offset === null ? null : Math.max(0, partition.end_offset - partition.offset);
        return row([
          make("td", partition.topic), make("th", whole.format(partition.id), "number", { scope: "row" }),
          make("td", words(partition.state)), make("td", show(whole, partition.offset), "number"),
          make("td", show(whole, lag), "number"), make("td", clock(partition.w), "number"),
        ]);
      }));
      if (!partitions.length) byId("partitions").append(emptyRow("No partitions yet", 6));
      const { watermark, event_time_lag_ms: lag } = completeness;
      byId("watermark").textContent = !watermark ? "No watermark"
        : "Watermark " + clock(watermark) + ", age " + duration(Date.now() - Date.parse(watermark))
          + (lag === null ? "" : ", " + duration(lag) + " behind the newest event");
    }

    function setState(text, name) {
      const state = byId("state");
      if (state.textContent !== text) state.textContent = text;
      state.className = "pill " + name;
      document.body.classList.toggle("lost", name === "bad");
    }

    class Refusal extends Error {}

    async function ask(path) {
      const answer = await fetch(path, { signal: AbortSignal.timeout(10000) });
      if (answer.status === 404) return null;
      if (!answer.ok) throw new Refusal((await answer.json()).detail || "status " + answer.status);
      return answer.json();
    }

    let lastAnswer = null;

    async function poll() {
      const name = "rollup=" + encodeURIComponent(rollup);
      try {
        const [latest, history] = await Promise.all([
          ask("/kpis/latest?" + name), ask("/kpis/history?" + name + "&minutes_back=" + minutes),
        ]);
        showLatest(latest);
        showHistory(history);
        showPartitions(history.completeness);
        lastAnswer = new Date();
        byId("footer").textContent =
          "Epoch " + history.completeness.epoch + ", event time " + moment(history.as_of);
        if (history.completeness.replaying) setState("Replaying old data", "warn");
        else setState("Live", "good");
      } catch (error) {
        const since = lastAnswer ? " since " + lastAnswer.toLocaleTimeString() : "";
        setState((error instanceof Refusal ? "No answer: " + error.message : "Connection lost") + since, "bad");
      }
      setTimeout(poll, 1000);
    }

    byId("columns").append(
      make("th", "Start", "", { scope: "col" }),
      ...columns.map(([label]) => make("th", label, "number", { scope: "col" })),
      make("th", "Status", "", { scope: "col" }));
    showTiles(null);
    poll();
    """
}
