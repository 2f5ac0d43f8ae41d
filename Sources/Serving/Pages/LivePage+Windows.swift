extension LivePage {
  /// The windows that are known, newest last: tiles of the newest, a table of the last ones.
  static let windows = #"""
    const rowsShown = 15;
    const windowsKept = 60;
    const rollup = document.body.dataset.rollup;
    const minutes = document.body.dataset.minutes;
    const known = new Map();
    let spoken = "";

    const measures = [
      ["revenue", "Revenue", revenue], ["orders", "Orders", (m) => show(whole, m.orders)],
      ["aov", "Average order", (m) => show(money, m.aov)],
      ["conversion_rate", "Conversion", (m) => show(share, m.conversion_rate)],
      ["sessions", "Sessions", (m) => show(whole, m.sessions)],
      ["unique_users", "Users", (m) => show(whole, m.unique_users)],
      ["page_views", "Page views", (m) => show(whole, m.page_views)],
      ["add_to_carts", "Added to cart", (m) => show(whole, m.add_to_carts)],
    ];

    const isGrouped = (window) => window.group !== undefined;
    const byStart = (one, other) => one._id < other._id ? -1 : one._id > other._id ? 1 : 0;
    const sorted = () => [...known.values()].sort(byStart);

    /// Takes windows in; the oldest ones go.
    function learn(windows) {
      for (const window of windows) known.set(window._id, window);
      const starts = [...new Set([...known.values()].map((window) => window.window_start))].sort();
      if (starts.length <= windowsKept) return;
      const oldest = starts[starts.length - windowsKept];
      for (const [id, window] of known) if (window.window_start < oldest) known.delete(id);
    }

    /// The currency with most revenue in the windows that are known.
    function chooseCurrency(windows) {
      const totals = {};
      for (const { metrics } of windows)
        for (const [currency, sum] of Object.entries(metrics.revenue_by_currency || {}))
          totals[currency] = (totals[currency] || 0) + sum;
      mainCurrency = Object.keys(totals).sort((one, other) => totals[other] - totals[one])[0] ?? null;
    }

    function note(key, metrics, before) {
      if (key === "revenue" && otherRevenue(metrics)) return "and " + otherRevenue(metrics);
      if (key === "aov" && sums(metrics).length > 1) return "several currencies";
      if (key === "conversion_rate" && metrics.conversion_rate_ci95) {
        const [low, high] = metrics.conversion_rate_ci95;
        return "95 %: " + share.format(low) + " to " + share.format(high);
      }
      const value = measures.find(([name]) => name === key)[2];
      return before ? "before: " + value(before.metrics) : "";
    }

    function showTiles(newest, before) {
      const metrics = newest ? newest.metrics : {};
      for (const [key, label, value] of measures) {
        const text = newest ? value(metrics) : none;
        tile(byId("tiles"), key, label)(text, newest ? note(key, metrics, before) : "", metrics[key]);
      }
    }

    /// Who hears the page is told of each window once, when it is over.
    function speak(before) {
      if (!before || before.window_start === spoken) return;
      const isFirst = spoken === "";
      spoken = before.window_start;
      if (isFirst) return;
      byId("news").textContent = minute(before.window_start) + ": revenue " + revenue(before.metrics) + ", "
        + show(whole, before.metrics.orders) + " orders";
    }

    function showNewest(windows) {
      const newest = windows.at(-1);
      document.body.dataset.window = newest ? newest._id : "";
      if (!newest) {
        showTiles(null, null);
        byId("window").textContent = "No events yet";
        return;
      }
      if (isGrouped(newest)) {
        showTiles(null, null);
        const count = windows.filter((window) => window.window_start === newest.window_start).length;
        byId("window").textContent = moment(newest.window_start) + ", " + count + " groups";
        return;
      }
      const before = windows.at(-2);
      showTiles(newest, before);
      speak(before);
      byId("window").textContent = moment(newest.window_start) + " to " + clock(newest.window_end) + ", "
        + words(newest.completeness.status);
    }

    function showWindows() {
      const windows = sorted();
      chooseCurrency(windows);
      showNewest(windows);
      const isPart = mainCurrency !== null;
      byId("windows-note").textContent = rollup + (isPart ? ", revenue in " + (mainCurrency || "no currency") : "");
      fill("windows", windows.slice(-rowsShown).reverse().map((window) => {
        const status = window.completeness.status;
        const group = window.group ? " " + Object.values(window.group).map((value) => value ?? none).join(", ") : "";
        const line = row([
          make("th", clock(window.window_start) + group, "", { scope: "row", title: window.window_start }),
          ...measures.map(([, , value]) => number(value(window.metrics))),
          make("td", words(status), "status-" + status),
        ]);
        line.dataset.id = window._id;
        line.dataset.metrics = JSON.stringify(window.metrics);
        line.dataset.status = status;
        return line;
      }), "No windows yet");
      drawCharts(windows.filter((window) => !isGrouped(window)));
    }

    byId("windows-head").append(
      make("th", "Start", "", { scope: "col" }),
      ...measures.map(([, label]) => make("th", label, "number", { scope: "col" })),
      make("th", "Status", "", { scope: "col" }));
    """#
}
