extension LivePage {
  /// How the engine is: lag, watermark, dead letters, partitions, latencies.
  static let engine = #"""
    const delays = [];
    const rateMilliseconds = 30000;
    const counts = [];

    /// How long the newest change took from the engine to this page, as far as the clocks agree.
    function learnDelay(windows) {
      const times = windows.map((window) => window.performance.processing_time).filter(Boolean).sort();
      if (!times.length) return;
      delays.push(Math.max(0, Date.now() - Date.parse(times.at(-1))));
      if (delays.length > 120) delays.shift();
    }

    /// Messages a second. Counts move with each commit, so the rate is that between two moves.
    function rate(totals) {
      const now = performance.now();
      if (counts.length && totals.received < counts.at(-1).received) counts.length = 0;
      const { received } = totals;
      if (!counts.length || received > counts.at(-1).received) counts.push({ at: now, received });
      while (counts.length > 2 && now - counts[1].at > rateMilliseconds) counts.shift();
      if (counts.length && now - counts.at(-1).at > rateMilliseconds) return 0;
      // The first count is of no move.
      const [first, last] = [counts[counts.length > 2 ? 1 : 0], counts.at(-1)];
      return counts.length < 2 ? null : 1000 * (last.received - first.received) / (last.at - first.at);
    }

    function showEngine(totals, completeness) {
      const list = byId("engine");
      const { watermark, event_time_lag_ms: behind } = completeness;
      const speed = rate(totals);
      const bad = totals.received ? totals.dead_letters / totals.received : null;
      tile(list, "rate", "Messages a second")(isNothing(speed) ? none : whole.format(Math.round(speed)));
      tile(list, "lag", "Lag")(show(whole, totals.lag), "messages not read yet", totals.lag);
      tile(list, "watermark", "Watermark age")(
        watermark ? duration(Date.now() - Date.parse(watermark)) : none,
        isNothing(behind) ? "" : duration(behind) + " behind the newest event", watermark);
      tile(list, "dead", "Dead letters")(
        show(whole, totals.dead_letters), isNothing(bad) ? "" : share.format(bad) + " of all", totals.dead_letters,
        totals.dead_letters ? "bad" : "");
      tile(list, "duplicates", "Duplicates")(show(whole, totals.duplicates), "", totals.duplicates);
      tile(list, "received", "Messages read")(show(whole, totals.received), "since the beginning", totals.received);
    }

    function totalsOf(sources) {
      const sum = (key) => sources.reduce((sum, one) => sum + (one[key] || 0), 0);
      const lag = sources.some((one) => isNothing(one.lag)) ? null : sum("lag");
      return {
        partitions: sources.length, lag, received: sum("received"), duplicates: sum("duplicates"),
        dead_letters: sum("dead_letters"),
      };
    }

    function showSources(answer) {
      const sources = answer.sources;
      fill("partitions", sources.map((one) => row([
        make("th", one.topic + " " + one.id, "", { scope: "row" }), make("td", words(one.state)),
        number(show(whole, one.offset)), number(show(whole, one.lag)), number(clock(one.watermark)),
      ])), "No partitions yet");
      const reasons = {};
      for (const one of sources)
        for (const [reason, count] of Object.entries(one.dead_letters_by_reason))
          reasons[reason] = (reasons[reason] || 0) + count;
      const received = totalsOf(sources).received;
      const list = Object.entries(reasons).sort((one, other) => other[1] - one[1]);
      const top = Math.max(1, ...list.map(([, count]) => count));
      fill("letters", list.map(([reason, count]) => row([
        bar(words(reason), count / top), number(whole.format(count)), number(show(share, count / received)),
      ])), "None");
    }

    function quantile(buckets, part) {
      const bounds = Object.entries(buckets).map(([le, count]) => [le === "+Inf" ? Infinity : Number(le), count])
        .sort((one, other) => one[0] - other[0]);
      const all = bounds.length ? bounds.at(-1)[1] : 0;
      if (!all) return null;
      let [below, before] = [0, 0];
      for (const [bound, count] of bounds) {
        if (count >= part * all) {
          if (bound === Infinity) return below * 1000;
          return 1000 * (below + (bound - below) * (part * all - before) / Math.max(1, count - before));
        }
        [below, before] = [bound, count];
      }
      return null;
    }

    /// The buckets of a histogram, those of all its series together, from Prometheus' text.
    function histogram(text, metric) {
      const buckets = {};
      for (const line of text.split("\n")) {
        if (!line.startsWith(metric + "_bucket{")) continue;
        const le = line.match(/le="([^"]+)"/);
        if (le) buckets[le[1]] = (buckets[le[1]] || 0) + Number(line.slice(line.lastIndexOf(" ") + 1));
      }
      return buckets;
    }

    function latencyRow(label, values) {
      return values.some((value) => !isNothing(value))
        ? [row([make("th", label, "", { scope: "row" }), ...values.map((value) => number(duration(value)))])] : [];
    }

    function showLatency(text) {
      const parts = [.5, .95, .99];
      const sortedDelays = [...delays].sort((one, other) => one - other);
      const answers = histogram(text, "riffle_http_answer_seconds");
      const stalls = histogram(text, "riffle_checkpoint_stall_seconds");
      const newest = sorted().at(-1);
      const said = newest ? newest.performance : {};
      fill("latency", [
        ...latencyRow("Event to query", [said.latency_ms_p50, said.latency_ms_p95, said.latency_ms_p99]),
        ...latencyRow("Change to this page",
          parts.map((part) => sortedDelays[Math.ceil(part * sortedDelays.length) - 1])),
        ...latencyRow("HTTP answers", parts.map((part) => quantile(answers, part))),
        ...latencyRow("Checkpoint stalls", parts.map((part) => quantile(stalls, part))),
      ], "Nothing measured yet");
    }

    async function askEngine() {
      const [sources, metrics] = await Promise.all([ask("/sources"), askText("/metrics")]);
      showSources(sources);
      if (!isStreaming) showEngine(totalsOf(sources.sources), sources.completeness);
      showLatency(metrics);
    }
    """#
}
