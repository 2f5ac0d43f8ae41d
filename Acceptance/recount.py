"""The windows of a rollup, counted again from exported events by the definitions of /metrics-dictionary, with a set for
whatever is distinct. Imported by history.py."""

import calendar
import csv
import time
from collections import Counter
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from operator import itemgetter

COUNTS = {
    "page_views": "page_view", "add_to_carts": "add_to_cart", "purchases": "purchase", "clicks": "click",
    "searches": "search", "checkouts": "begin_checkout", "refund_events": "refund",
}
DISTINCTS = ("sessions", "unique_users", "orders")
NEEDED = ("event_ts", "event_type", "event_id", "session_id", "user_id", "order_id", "price", "quantity", "currency")
FOURTH = Decimal("0.0001")


def milliseconds(text):
    """Since 1970, of a time of RFC 3339."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


class Window:
    """What happened in one window and group."""

    def __init__(self):
        self.types = Counter()
        self.things = {name: set() for name in DISTINCTS}
        self.money = {"revenue": {}, "refunds": {}}

    def add(self, kind, event, session, user, order, price, quantity, currency):
        self.types[kind] += 1
        session = session or user or event
        self.things["sessions"].add(session)
        self.things["unique_users"].add(user or session)
        if kind == "purchase":
            self.things["orders"].add(order or (session, event))
            self.pay("revenue", price, quantity, currency)
        elif kind == "refund":
            self.pay("refunds", price, quantity, currency)

    def pay(self, name, price, quantity, currency):
        amount = (Decimal(price or 0) * Decimal(quantity or 1)).quantize(FOURTH, ROUND_HALF_EVEN)
        if amount:
            sums = self.money[name]
            sums[currency] = sums.get(currency, Decimal(0)) + amount

    def counts(self):
        return {name: self.types[kind] for name, kind in COUNTS.items()}

    def distinct(self):
        return {name: len(things) for name, things in self.things.items()}

    def sums(self):
        """Money as it is shown: none where currencies would have to be added up."""
        revenue, refunds = self.money["revenue"], self.money["refunds"]
        shown = {name: single(sums) for name, sums in self.money.items()}
        shown["net_revenue"] = None
        if len(revenue.keys() | refunds.keys()) <= 1:
            shown["net_revenue"] = shown["revenue"] - shown["refunds"]
        shown["revenue_by_currency"] = revenue if len(revenue) > 1 else None
        return shown


def single(sums):
    return None if len(sums) > 1 else next(iter(sums.values()), Decimal(0))


class Times:
    """Milliseconds of RFC 3339 texts in UTC; minutes are looked up."""

    def __init__(self):
        self.minutes = {}

    def milliseconds(self, text):
        minute = self.minutes.get(text[:16])
        if minute is None:
            minute = self.minutes[text[:16]] = calendar.timegm(time.strptime(text[:16], "%Y-%m-%dT%H:%M")) * 1000
        return minute + round(float(text[17:-1]) * 1000)


def recount(lines, bounds_of, columns):
    """By start, end and group: the windows of all events of an export as CSV; and how many events there were.

    `bounds_of` gives the bounds of the windows that a time lies in, `columns` are those that groups are made of.
    """
    reader = csv.reader(lines)
    header = next(reader)
    needed = itemgetter(*(header.index(name) for name in NEEDED))
    places = [header.index(column) for column in columns]
    windows, count, times = {}, 0, Times()
    for row in reader:
        count += 1
        moment, *event = needed(row)
        group = tuple(row[place] or None for place in places)
        for bounds in bounds_of(times.milliseconds(moment)):
            key = bounds + group
            window = windows.get(key)
            if window is None:
                window = windows[key] = Window()
            window.add(*event)
    return windows, count
