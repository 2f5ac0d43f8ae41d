extension LivePage {
  /// Numbers and times as people read them, and elements to put them into. What the server says is only ever shown as
  /// text.
  static let format = #"""
    "use strict";
    const byId = (id) => document.getElementById(id);
    const none = "\u2013";
    const whole = new Intl.NumberFormat();
    const money = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    const share = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 2 });
    const isNothing = (value) => value === null || value === undefined || Number.isNaN(value);
    const show = (format, value) => isNothing(value) ? none : format.format(value);
    const clock = (text) => text ? new Date(text).toLocaleTimeString() : none;
    const minute = (text) => new Date(text).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const moment = (text) => text ? new Date(text).toLocaleString() : none;
    const words = (text) => text.replaceAll("_", " ");

    function duration(milliseconds) {
      if (isNothing(milliseconds)) return none;
      const seconds = Math.max(0, milliseconds / 1000);
      if (seconds < 1) return seconds < .01 ? (seconds * 1000).toFixed(2) + " ms" : Math.round(seconds * 1000) + " ms";
      if (seconds < 10) return seconds.toFixed(1) + " s";
      if (seconds < 120) return Math.round(seconds) + " s";
      if (seconds < 7200) return Math.round(seconds / 60) + " min";
      if (seconds < 172800) return Math.round(seconds / 3600) + " h";
      return Math.round(seconds / 86400) + " days";
    }

    /// The currency that is shown where there are several: sums of them are never added up.
    let mainCurrency = null;

    /// The sums that a number is made of, the main currency's first.
    function sums(metrics) {
      return Object.entries(metrics.revenue_by_currency || {}).sort(([one, a], [other, b]) =>
        (other === mainCurrency) - (one === mainCurrency) || b - a);
    }

    const sumText = ([currency, sum]) => money.format(sum) + " " + (currency || "?");

    function revenue(metrics) {
      if (!isNothing(metrics.revenue)) return money.format(metrics.revenue);
      const list = sums(metrics);
      return list.length ? sumText(list[0]) : none;
    }

    /// What `revenue` leaves out.
    const otherRevenue = (metrics) => isNothing(metrics.revenue) ? sums(metrics).slice(1).map(sumText).join(", ") : "";

    /// The part of the revenue that charts draw.
    const drawnRevenue = (metrics) => metrics.revenue ?? (metrics.revenue_by_currency || {})[mainCurrency] ?? null;

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

    /// A row's head with a bar behind it, as long as its share.
    function bar(text, part) {
      const cell = make("th", "", "bar", { scope: "row" });
      cell.append(make("span", text));
      cell.style.setProperty("--share", Math.min(100, Math.max(0, 100 * (part || 0))).toFixed(1) + "%");
      return cell;
    }

    const number = (text) => make("td", text, "number");

    /// Puts rows into a table's body; without any, a sentence.
    function fill(id, rows, sentence) {
      const width = byId(id + "-head").children.length;
      byId(id).replaceChildren(...(rows.length ? rows : [row([make("td", sentence, "empty", { colspan: width })])]));
    }

    /// Tiles are made once and then changed, so that nobody's place on the page is lost.
    function tile(list, key, label) {
      let tile = byId("tile-" + key);
      if (!tile) {
        tile = document.createElement("div");
        tile.id = "tile-" + key;
        tile.append(make("dt", label), make("dd", none), make("dd", "", "note"));
        list.append(tile);
      }
      return (text, note, value, name) => {
        const [, number, about] = tile.children;
        if (number.textContent !== text) number.textContent = text;
        number.className = name || (text.length > 12 ? "small" : "");
        number.dataset.value = JSON.stringify(value ?? null);
        about.textContent = note || "";
      };
    }
    """#
}
