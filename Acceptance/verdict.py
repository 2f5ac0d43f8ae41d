"""Compares the windows of an answer with those that were counted again. Imported by history.py."""

from decimal import ROUND_HALF_EVEN, Decimal
from math import sqrt

from recount import COUNTS, DISTINCTS, Window, milliseconds

# An estimate may be off by so many standard errors: in a trial of thousands, one in a million is no accident.
DEVIATIONS = 5
NOTHING = Window()


class Verdict:
    """Counts what was compared, and what differed."""

    def __init__(self, exact_limit):
        self.exact_limit = exact_limit
        self.numbers = self.windows = self.failures = self.changing = self.unknown = 0
        self.deviations = []

    def __str__(self):
        return (f"{self.windows} windows, {self.numbers} numbers, {self.failures} differences; {self.changing} windows "
                f"changed meanwhile, {self.unknown} were not united yet; {len(self.deviations)} estimates, off by "
                f"{self.spread():.2f} standard errors")

    def spread(self):
        return sqrt(sum(error * error for error in self.deviations) / max(1, len(self.deviations)))

    def is_well_estimated(self):
        return 0 < self.spread() < 2

    def equal(self, question, answer, expected, may_be_unknown=False, is_trying=False):
        """The differences of `answer` from `expected`, windows by bounds and group; a trial is not counted as one."""
        return self.judge(question, answer, expected, expected, may_be_unknown, is_trying)

    def between(self, question, answer, least, most):
        """The differences where something came meanwhile."""
        return self.judge(question, answer, least, most, question.is_merged, False)

    def judge(self, question, answer, least, most, may_be_unknown, is_trying):
        problems, before = [], self.counted()
        served = [key(window, question.columns) for window in answer["windows"]]
        needed = {name for name, window in least.items() if window.types or question.fills}
        known = least.keys() | most.keys()
        if not needed <= set(served) <= known:
            missing, strange = sorted(map(str, needed - set(served))), sorted(map(str, set(served) - known))
            problems.append(f"{len(missing)} windows missing {missing[:2]}, {len(strange)} too many {strange[:2]}")
        if served != sorted(served, key=order) or answer["count"] != len(served):
            problems.append("windows are not in order, once each, and counted")
        for name, window in zip(served, answer["windows"]):
            bounds = [windows.get(name, NOTHING) for windows in (least, most)]
            problems += self.window(name, window, *bounds, may_be_unknown)
        if is_trying and problems:
            self.restore(before)
        else:
            self.failures += len(problems)
        return problems

    def counted(self):
        return self.numbers, self.windows, self.changing, self.unknown, len(self.deviations)

    def restore(self, counted):
        self.numbers, self.windows, self.changing, self.unknown, estimates = counted
        del self.deviations[estimates:]

    def window(self, name, window, least, most, may_be_unknown):
        shown, problems = window["metrics"], []
        self.windows += 1
        self.changing += least.types != most.types

        def check(metric, holds):
            self.numbers += 1
            if not holds:
                problems.append(f"{name} {metric}: {shown.get(metric)}, events say {say(metric, least, most)}")

        for metric in COUNTS:
            check(metric, least.counts()[metric] <= shown[metric] <= most.counts()[metric])
        is_unknown = shown["sessions"] is None
        if is_unknown and may_be_unknown and "null_because" in window["completeness"]:
            self.unknown += 1
        else:
            for metric in DISTINCTS:
                check(metric, self.is_distinct(shown, metric, least, most))
            limits = [max(window.distinct().values()) > self.exact_limit for window in (least, most)]
            check("approximate", shown["approximate"] in limits)
            for metric, value in derived(shown).items():
                check(metric, shown[metric] == value)
            check("conversion_rate_ci95", is_interval(shown))
        for metric in ("revenue", "refunds", "net_revenue", "revenue_by_currency"):
            check(metric, is_money(shown, metric, least, most))
        return problems

    def is_distinct(self, shown, metric, least, most):
        value, low, high = shown[metric], least.distinct()[metric], most.distinct()[metric]
        if value is None:
            return False
        if low <= value <= high:
            return True
        error = float(shown.get("approximate_error", 0))
        if not shown["approximate"] or high <= self.exact_limit:
            return False
        self.deviations.append((value / (low if value < low else high) - 1) / error)
        return abs(self.deviations[-1]) <= DEVIATIONS


def key(window, columns):
    group = tuple(window["group"][column] for column in columns) if columns else ()
    return (milliseconds(window["window_start"]), milliseconds(window["window_end"])) + group


def order(name):
    """Of windows; a group without a value comes first."""
    return name[:2] + tuple((value is not None, (value or "").encode()) for value in name[2:])


def say(metric, least, most):
    values = [{**window.counts(), **window.distinct(), **window.sums()}.get(metric) for window in (least, most)]
    return str(values[0]) if values[0] == values[1] else f"{values[0]} to {values[1]}"


def ratio(part, whole, digits):
    if part is None or not whole:
        return None
    return (Decimal(part) / whole).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)


def derived(shown):
    """What follows from other numbers of the window."""
    return {
        "conversion_rate": ratio(shown["purchases"], shown["sessions"], 4),
        "order_conversion_rate": ratio(shown["orders"], shown["sessions"], 4),
        "aov": ratio(shown["revenue"], shown["orders"], 2),
    }


def is_interval(shown):
    """Wilson's, of 95 %."""
    count, served, z = shown["sessions"], shown["conversion_rate_ci95"], 1.959963984540054
    if not count or shown["purchases"] > count:
        return served is None
    share = shown["purchases"] / count
    middle, scale = share + z * z / (2 * count), 1 + z * z / count
    half = z * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    bounds = (max(0, (middle - half) / scale), min(1, (middle + half) / scale))
    return all(abs(float(value) - bound) < 1.1e-5 for value, bound in zip(served, bounds))


def is_money(shown, metric, least, most):
    value, low, high = shown.get(metric), least.sums()[metric], most.sums()[metric]
    if low == high:
        return value == low
    if metric == "revenue_by_currency":
        return all((low or {}).get(name, 0) <= sum <= (high or {}).get(name, 0) for name, sum in (value or {}).items())
    if metric == "net_revenue":
        return value is None or value == shown["revenue"] - shown["refunds"]
    if value is None:
        return high is None
    return (low or 0) <= value and (high is None or value <= high)
