extension LivePage {
  /// What is asked for now and then: funnel, products, countries. What the server does not have is not shown.
  static let panels = #"""
    function showPanel(id, answer, rows, sentence) {
      byId(id + "-section").hidden = !answer;
      if (answer) fill(id, rows(answer), sentence);
    }

    const most = (list, key) => Math.max(1e-9, ...list.map((one) => one[key] || 0));
    const nameOf = (value) => isNothing(value) || value === "" ? none : String(value);

    function funnelRows(answer) {
      byId("funnel-note").textContent = "who began in the last day";
      return answer.steps.map((step, index) => row([
        bar(words(step.name), step.overall_rate), number(show(whole, step.users)),
        number(show(share, step.overall_rate)),
        number(index ? show(share, answer.steps[index - 1].step_rate) : none),
      ]));
    }

    /// Revenue in several currencies ranks nothing.
    const rank = () => mainCurrency === null ? "revenue" : "purchases";

    function productRows(answer) {
      const list = answer.products.slice(0, 10);
      const top = most(list, rank());
      return list.map((one) => row([
        bar(nameOf(one.product_id), one[rank()] / top), number(revenue(one)), number(show(whole, one.purchases)),
        number(show(whole, one.page_views)),
      ]));
    }

    function countryRows(answer) {
      const list = answer.countries.slice(0, 10);
      const top = most(list, "sessions");
      return list.map((one) => row([
        bar(nameOf(one.geo_country), one.sessions / top), number(show(whole, one.sessions)), number(revenue(one)),
        number(show(share, one.conversion_rate)),
      ]));
    }

    async function askPanels() {
      const [funnel, products, countries] = await Promise.all([
        ask("/funnel/current"), askIfThere("/products/top?k=10&by=" + rank()), askIfThere("/geo?limit=10"),
      ]);
      showPanel("funnel", funnel, funnelRows, "Nobody began yet");
      showPanel("products", products, productRows, "Nothing was sold yet");
      showPanel("countries", countries, countryRows, "Nobody came yet");
    }
    """#
}
