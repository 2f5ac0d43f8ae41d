extension LivePage {
  /// Revenue and events by window, where the chart library is; without it the table of windows has the same numbers.
  static let charts = #"""
    const charts = {};
    const eventTypes = [
      ["page_views", "Page views", "--c1"], ["clicks", "Clicks", "--c5"], ["searches", "Searches", "--c4"],
      ["add_to_carts", "Added to cart", "--c2"], ["checkouts", "Checkouts", "--c6"], ["purchases", "Purchases", "--c3"],
    ];
    const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

    function chartOptions(isStacked, hasLegend) {
      const grid = { color: color("--line") };
      const ticks = { color: color("--quiet"), maxRotation: 0, autoSkipPadding: 16 };
      return {
        animation: false, responsive: true, maintainAspectRatio: false,
        interaction: { mode: "index", intersect: false },
        plugins: {
          legend: {
            display: hasLegend, position: "bottom",
            labels: { color: color("--ink"), boxWidth: 12, padding: 8 },
          },
        },
        scales: {
          x: { stacked: isStacked, grid: { display: false }, ticks },
          y: { stacked: isStacked, beginAtZero: true, grid, ticks: { ...ticks, maxTicksLimit: 6 } },
        },
      };
    }

    function makeCharts() {
      for (const chart of Object.values(charts)) chart.destroy();
      charts.revenue = new Chart(byId("revenue-chart"), {
        type: "bar", options: chartOptions(false, false),
        data: {
          labels: [],
          datasets: [{ label: "Revenue", data: [], backgroundColor: color("--accent"), maxBarThickness: 36 }],
        },
      });
      charts.events = new Chart(byId("events-chart"), {
        type: "bar", options: chartOptions(true, true),
        data: {
          labels: [],
          datasets: eventTypes.map(([, label, name]) => ({
            label, data: [], backgroundColor: color(name), maxBarThickness: 36,
          })),
        },
      });
    }

    /// What a picture shows, for those who do not see it.
    function describe(id, text) {
      byId(id).removeAttribute("aria-labelledby");
      byId(id).setAttribute("aria-label", text);
    }

    function drawCharts(windows) {
      if (!window.Chart || !windows.length) return;
      for (const section of document.querySelectorAll(".chart")) section.hidden = false;
      if (!charts.revenue) makeCharts();
      const labels = windows.map((window) => minute(window.window_start));
      const span = labels[0] + " to " + labels.at(-1);
      charts.revenue.data.labels = charts.events.data.labels = labels;
      charts.revenue.data.datasets[0].data = windows.map((window) => drawnRevenue(window.metrics));
      eventTypes.forEach(([key], index) => {
        charts.events.data.datasets[index].data = windows.map((window) => window.metrics[key]);
      });
      byId("revenue-chart-title").textContent = "Revenue by window" + (mainCurrency ? ", " + mainCurrency : "");
      charts.revenue.update("none");
      charts.events.update("none");
      const newest = windows.at(-1).metrics;
      describe("revenue-chart", "Revenue by window, " + span + "; now " + revenue(newest));
      describe("events-chart", "Events by window and type, " + span + "; now "
        + eventTypes.map(([key, label]) => label.toLowerCase() + " " + show(whole, newest[key])).join(", "));
    }

    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      if (charts.revenue) makeCharts();
      showWindows();
    });
    """#
}
