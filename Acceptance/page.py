"""Opens the live page of a running engine in Chromium, compares what it shows with what the API answers, looks for
errors, foreign hosts, unreadable text and unnamed things, and takes pictures. Prints one line for each check.

    page.py --place URL --chromium FILE --pictures DIRECTORY
"""

import argparse
import json
import os
import sys
import tempfile
import threading
import time
import urllib.request

from devtools import Browser

failures = 0


def check(name, problem):
    """`problem` is nothing where all is well."""
    global failures
    failures += 1 if problem else 0
    print(f"{'FAIL' if problem else 'ok':5} {name}" + (f": {str(problem)[:600]}" if problem else ""), flush=True)


class Stream(threading.Thread):
    """Listens to what the page listens to. After each event: all windows by their names."""

    def __init__(self, place, rollup):
        super().__init__(daemon=True)
        self.url = f"{place}/stream/kpis?interval=1s&rollup={rollup}"
        self.states = {}

    def run(self):
        windows = {}
        with urllib.request.urlopen(self.url) as answer:
            for line in answer:
                if not line.startswith(b"data: "):
                    continue
                event = json.loads(line[6:])
                windows = windows | {window["_id"]: window["metrics"] for window in event["windows"]}
                self.states[event["sequence"]] = windows


def get(place, path):
    with urllib.request.urlopen(place + path, timeout=20) as answer:
        return json.load(answer)


READ_PAGE = """(() => ({
  sequence: Number(document.body.dataset.sequence), epoch: document.body.dataset.epoch,
  newest: document.body.dataset.window,
  rows: Object.fromEntries([...document.querySelectorAll("#windows tr[data-id]")].map(
    (row) => [row.dataset.id, JSON.parse(row.dataset.metrics)])),
  tiles: Object.fromEntries([...document.querySelectorAll("#tiles > div")].map(
    (tile) => [tile.id.slice(5), [JSON.parse(tile.children[1].dataset.value), tile.children[1].textContent]])),
}))()"""

# Text whose contrast with what is behind it is below 4.5; what is quieter on purpose would be found too.
POOR_CONTRAST = """(() => {
  const parts = (color) => (color.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const color = parts(getComputedStyle(one).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3 && node.data.trim());
    if (!text.length || !element.checkVisibility() || ["SCRIPT", "STYLE"].includes(element.tagName)) continue;
    const [one, other] = [light(parts(getComputedStyle(element).color)), light(ground(element))];
    const ratio = (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
    if (ratio < 4.5) poor.push(element.tagName + " '" + text[0].data.trim().slice(0, 20) + "' " + ratio.toFixed(2));
  }
  return poor;
})()"""


def differences(shown, known):
    """Windows of both whose numbers differ."""
    both = shown.keys() & known.keys()
    return {name: (shown[name], known[name]) for name in both if shown[name] != known[name]}, len(both)


def compare_with_stream(browser, stream):
    """The page and the stream at the same event."""
    for _ in range(100):
        page = browser.evaluate(READ_PAGE)
        if (known := stream.states.get(page["sequence"])) is not None:
            wrong, count = differences(page["rows"], known)
            wrong = wrong or ("no window in common" if count == 0 else None)
            check(f"{count} windows are those of event {page['sequence']}", wrong)
            newest = known.get(page["newest"], {})
            wrong = {key: value for key, (value, _) in page["tiles"].items() if newest.get(key) != value}
            check("the tiles are the newest window's", wrong or (None if page["tiles"] else "there are none"))
            return page
        browser.listen(0.05)
    check("page and stream have an event in common", f"page {page['sequence']}, stream {sorted(stream.states)[-3:]}")
    return page


def compare_with_history(browser, place, rollup):
    """The page and `/kpis/history`: events that come in between change windows, so it may take a few attempts."""
    for attempt in range(40):
        known = {
            window["_id"]: window["metrics"]
            for window in get(place, f"/kpis/history?minutes_back=30&rollup={rollup}")["windows"]
        }
        page = browser.evaluate(READ_PAGE)
        # The newest windows change all the time.
        settled = {name: row for name, row in page["rows"].items() if name < page["newest"]}
        wrong, count = differences(settled, known)
        if count and not wrong:
            break
        browser.listen(0.5)
    check(f"{count} windows are those of /kpis/history", wrong or (None if count else "no window in common"))


def compare_texts(page):
    """What people read is what the numbers say."""
    forms = {"revenue": "{:,.2f}", "orders": "{:,}", "sessions": "{:,}", "page_views": "{:,}", "add_to_carts": "{:,}"}
    wrong = {
        key: page["tiles"][key] for key, form in forms.items()
        if page["tiles"][key][0] is not None and form.format(page["tiles"][key][0]) != page["tiles"][key][1]
    }
    check("tiles read as their numbers", wrong)


def check_quiet(browser, place, name, allowed=()):
    """No error on the console, no request to anybody else."""
    errors, foreign = [], []
    for event in browser.events:
        told = event["params"]
        if event["method"] == "Runtime.exceptionThrown":
            errors.append(told["exceptionDetails"].get("exception", {}).get("description") or told)
        elif event["method"] == "Runtime.consoleAPICalled" and told["type"] in ["error", "warning", "assert"]:
            errors.append([part.get("value") for part in told["args"]])
        elif event["method"] == "Log.entryAdded" and told["entry"]["level"] in ["error", "warning"]:
            entry = told["entry"]
            if not any(part in entry.get("url", "") for part in allowed):
                errors.append(entry["text"] + " " + entry.get("url", ""))
        elif event["method"] == "Network.requestWillBeSent":
            url = told["request"]["url"]
            if not url.startswith((place + "/", "data:", "about:")):
                foreign.append(url)
    check(f"{name}: no errors", errors)
    check(f"{name}: no other host", foreign)
    browser.events.clear()


def check_named(browser):
    """Pictures, tables' regions and links have names for those who do not see them."""
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    wanted = {"image", "img", "region", "link", "button", "textbox", "combobox"}
    unnamed = [
        node["role"]["value"] for node in nodes
        if not node.get("ignored") and node.get("role", {}).get("value") in wanted
        and not node.get("name", {}).get("value")
    ]
    check("everything has a name", unnamed)
    browser.events.clear()


IS_LIVE = """document.getElementById("state").textContent === "Live"
  && document.querySelectorAll("#windows tr[data-id]").length > 0 && !!document.querySelector("#latency .number")
  && !!document.querySelector("#partitions .number") && !!document.querySelector("#funnel .number")"""


def live_page(browser, place, rollup, pictures):
    stream = Stream(place, rollup)
    for name, width, height, scheme in [("light", 1280, 900, "light"), ("dark", 1280, 900, "dark"),
                                        ("phone", 375, 812, "light"), ("phone-dark", 375, 812, "dark")]:
        browser.open(place + "/", width, height, scheme, scale=2 if width < 600 else 1)
        check(f"{name}: live", None if browser.wait(IS_LIVE) else browser.evaluate("document.body.innerText")[:300])
        if not stream.is_alive():
            stream.start()
            browser.listen(5)
            compare_texts(compare_with_stream(browser, stream))
            compare_with_history(browser, place, rollup)
            check_named(browser)
            has_charts = browser.evaluate("!document.querySelector('.chart').hidden")
            says_charts = browser.evaluate("!!document.querySelector('script[src]')")
            check("charts are drawn where the library is", None if has_charts == says_charts else has_charts)
            browser.press_tab()
            check("the first key leads to the numbers", None if browser.evaluate(
                "document.activeElement.className === 'skip'") else "something else has the focus")
            browser.evaluate("document.activeElement.blur()")
        browser.listen(2)
        wide = browser.evaluate("document.documentElement.scrollWidth - innerWidth")
        check(f"{name}: fits", f"{wide} pixels too wide" if wide > 0 else None)
        check(f"{name}: readable", browser.evaluate(POOR_CONTRAST))
        browser.shoot(os.path.join(pictures, f"page-{name}.png"))
        check_quiet(browser, place, name)


def without_help(browser, place, pictures):
    """Without the stream the page asks, without the chart library it has tables."""
    browser.call("Network.setBlockedURLs", urls=["*/stream/kpis*", "*/assets/chart-*"])
    browser.open(place + "/", 1280, 900)
    asks = browser.wait("document.getElementById('state').textContent === 'Live, asking'")
    state = browser.evaluate("document.getElementById('state').textContent")
    check("asks where nothing is told", None if asks else state)
    epoch = browser.evaluate("document.body.dataset.epoch")
    moves = browser.wait(f"document.body.dataset.epoch !== {json.dumps(epoch)}")
    check("and sees what is new", None if moves else epoch)
    check("tables only", None if browser.evaluate("document.querySelector('.chart').hidden") else "charts are shown")
    browser.shoot(os.path.join(pictures, "page-plain.png"))
    check_quiet(browser, place, "plain", allowed=["/stream/kpis", "/assets/chart-"])
    browser.call("Network.setBlockedURLs", urls=[])


def documentation(browser, place, pictures):
    browser.open(place + "/docs", 1280, 900)
    routes = len(get(place, "/openapi.json")["paths"])
    shown = browser.wait(f"document.querySelectorAll('.route').length >= {routes}")
    check(f"{routes} documented places", None if shown else "some are missing")
    browser.evaluate("""document.getElementById("getKpisLatest").open = true;
      document.querySelector("#getKpisLatest form").requestSubmit()""")
    tried = browser.wait("(document.querySelector('#getKpisLatest form + div pre')?.textContent || '').includes('_id')")
    check("a route can be tried", None if tried else "no answer is shown")
    check("docs: readable", browser.evaluate(POOR_CONTRAST))
    browser.shoot(os.path.join(pictures, "docs.png"))
    check_quiet(browser, place, "docs")


def main():
    parser = argparse.ArgumentParser()
    for flag in ["--place", "--chromium", "--pictures"]:
        parser.add_argument(flag, required=True)
    flags = parser.parse_args()
    os.makedirs(flags.pictures, exist_ok=True)
    rollup = get(flags.place, "/kpis/latest")["rollup"]
    # So many that most are behind the newest.
    end = time.monotonic() + 90
    while len(get(flags.place, "/kpis/history")["windows"]) < 5 and time.monotonic() < end:
        time.sleep(1)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        browser = Browser(flags.chromium, directory)
        try:
            live_page(browser, flags.place, rollup, flags.pictures)
            without_help(browser, flags.place, flags.pictures)
            documentation(browser, flags.place, flags.pictures)
        finally:
            browser.close()
    sys.exit(1 if failures else 0)


main()
