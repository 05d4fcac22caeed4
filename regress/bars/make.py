"""Writes the bars and events beside it: a few symbols with what no demo universe has.

Prices are whole numbers of 1/64 or products of few factors, so that every machine writes the same
text. Run it in this folder: python3 make.py
"""

from datetime import date, timedelta
from pathlib import Path

HERE = Path(__file__).parent
FIRST = date(2023, 1, 2)


class Dice:
    """Numbers from whole-number arithmetic: the same everywhere."""

    def __init__(self, seed):
        self.state = seed

    def roll(self, sides):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % sides


def weekdays(count):
    days, day = [], FIRST
    while len(days) < count:
        if day.weekday() < 5:
            days.append(day)
        day += timedelta(days=1)
    return days


def every_day(count):
    return [FIRST + timedelta(days=at) for at in range(count)]


def walk(dice, count, start):
    """Closes in 1/64 that wander by up to 2 % a bar."""
    price, closes = start * 64, []
    for _ in range(count):
        price += price * (dice.roll(401) - 200) // 10000
        closes.append(max(price, 64))
    return closes


def bar(dice, day, symbol, before, close):
    opening = before + (close - before) * dice.roll(5) // 8
    high = max(opening, close) + dice.roll(40)
    low = max(min(opening, close) - dice.roll(40), 1)
    volume = 500 + dice.roll(1000)
    prices = ",".join(f"{price / 64:.6f}" for price in (opening, high, low, close))
    return f"{day},{symbol},{prices},{volume}"


def write(name, header, lines):
    (HERE / name).write_text("\n".join([header, *lines]) + "\n")


BARS = "ts,symbol,open,high,low,close,volume"


def daily():
    """Three symbols of an exchange; CANTO misses some days, and eleven in a row."""
    lines, days = [], weekdays(300)
    for seed, symbol in enumerate(["ALTO", "BASSO", "CANTO"], start=11):
        dice = Dice(seed)
        closes = walk(dice, len(days), 40 + 30 * seed % 70)
        before = closes[0]
        for at, (day, close) in enumerate(zip(days, closes)):
            absent = symbol == "CANTO" and (at % 37 == 5 or 220 <= at < 231)
            line = bar(dice, day, symbol, before, close)
            before = close
            if not absent:
                lines.append(line)
    write("daily.csv", BARS, lines)
    write("closes.csv", "ts,symbol,close", [
        ",".join([line.split(",")[0], line.split(",")[1], line.split(",")[5]]) for line in lines
    ])


def split():
    """DUO is split two for one on its 250th day; the prices are those of the day."""
    dice, days = Dice(21), weekdays(300)
    closes, lines = walk(dice, len(days), 100), []
    before = closes[0]
    for at, (day, close) in enumerate(zip(days, closes)):
        parts = bar(dice, day, "DUO", before, close).split(",")
        before = close
        if at >= 250:
            parts[2:6] = [f"{float(price) / 2:.6f}" for price in parts[2:6]]
        lines.append(",".join(parts))
    write("split.csv", BARS, lines)
    write("splits.csv", "ts,symbol,ratio", [f"{days[250]},DUO,2"])
    # Their product is below the least number there is: prices in the units before them are zero.
    write("vanishing.csv", "ts,symbol,ratio", [f"{days[at]},DUO,1e-200" for at in (260, 270)])


def events():
    days = weekdays(300)
    write("dividends.csv", "ts,symbol,amount", [
        f"{days[at]},{symbol},{amount}"
        for at, symbol, amount in [(180, "ALTO", 0.5), (215, "BASSO", 0.25), (260, "ALTO", 0.75)]
    ])
    write("funding.csv", "ts,symbol,rate", [
        f"{days[at]},{symbol},{rate}"
        for at in range(170, 300, 10)
        for symbol, rate in [("ALTO", 0.0001), ("BASSO", -0.00005 if at % 20 else 0.0002)]
    ])
    write("borrow.csv", "ts,symbol,bps", [
        f"{days[at]},{symbol},{bps}"
        for at, symbol, bps in [(0, "ALTO", 50), (200, "ALTO", 900), (150, "BASSO", 25)]
    ])


def climb():
    """SCALA gains a tenth a day."""
    dice, price, lines = Dice(31), 64 * 64, []
    for day in every_day(60):
        before, price = price, price + price // 10
        lines.append(bar(dice, day, "SCALA", before, price))
    write("climb.csv", BARS, lines)


def odd():
    """NEGA falls below zero, FERMO does not move, ECO is twice DUE on every day."""
    lines, days = [], every_day(240)
    echo = walk(Dice(41), len(days), 50)
    wave = walk(Dice(42), len(days), 30)
    for at, day in enumerate(days):
        fall = 20.5 - 0.25 * max(at - 20, 0)
        for symbol, price in [
            ("NEGA", fall),
            ("FERMO", 8.0),
            ("DUE", echo[at] / 64),
            ("ECO", echo[at] / 32),
            ("ONDA", wave[at] / 64),
        ]:
            lines.append(f"{day},{symbol},{price:.6f}")
    write("odd.csv", "ts,symbol,close", lines)


def weights():
    """Weights decided elsewhere: on the exchange's bars, and short of what climbs."""
    days = weekdays(300)
    lines = []
    for at in range(160, 298, 7):
        turn = at // 7 % 4
        lines.append(f"{days[at]},ALTO,{[0.5, -0.25, 0, 1.25][turn]}")
        lines.append(f"{days[at]},BASSO,{[0.25, 0.75, -0.5, 0.25][turn]}")
    write("weights.csv", "ts,symbol,weight", lines)
    climbing = every_day(60)
    write("short.csv", "ts,symbol,weight", [f"{climbing[35]},SCALA,-1"])


for make in (daily, split, events, climb, odd, weights):
    make()
