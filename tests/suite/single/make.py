"""Makes bars.csv, values.csv and stances.csv: what the single-asset strategies must find.

pandas 3.1.1, numpy 2; plain loops where pandas has no verb. Checked against `ta` 0.11 (RSI after
its other start has faded; Bollinger, MACD, ATR, Ichimoku and VWAP to the last bit shown). Prices are
quarters and volumes whole numbers, so that the bars are exact in binary.

    python make.py        # writes beside itself
"""

import pathlib

import numpy as np
import pandas as pd

HERE = pathlib.Path(__file__).parent
BARS, START = 260, 210
# Bars each strategy watches before bar START, as it declares them.
LOOKBACK = {
    "sma-crossover": 50,
    "triple-ema": 200,
    "macd": 140,
    "rsi-reversion": 109,
    "bollinger-breakout": 20,
    "supertrend": 76,
    "ichimoku": 78,
    "vwap-reversion": 24,
}


def bars():
    rng = np.random.default_rng(20261120)
    steps = rng.integers(-8, 9, size=BARS)
    drift = np.round(6 * np.sin(np.arange(BARS) / 11.0)).astype(int)
    close = (400 + np.cumsum(steps) + np.cumsum(drift)) / 4.0
    close = close - close.min() + 60
    first = np.r_[close[0], close[:-1]]
    high = np.maximum(first, close) + rng.integers(0, 5, size=BARS) / 4
    low = np.minimum(first, close) - rng.integers(0, 5, size=BARS) / 4
    volume = rng.integers(1, 100, size=BARS).astype(float)
    return pd.DataFrame(dict(open=first, high=high, low=low, close=close, volume=volume))


def wilder(x, n):
    x = np.asarray(x, dtype=float)
    y = np.full(len(x), np.nan)
    k = int(np.flatnonzero(~np.isnan(x))[0])
    y[k + n - 1] = x[k : k + n].mean()
    for i in range(k + n, len(x)):
        y[i] = (y[i - 1] * (n - 1) + x[i]) / n
    return y


def values(df):
    c, n = df.close, len(df)
    out = pd.DataFrame(index=df.index)
    for k in (20, 50):
        out[f"sma{k}"] = c.rolling(k).mean()
    for k in (5, 20, 50):
        out[f"ema{k}"] = c.ewm(span=k, adjust=False).mean()
    out["macd"] = c.ewm(span=12, adjust=False).mean() - c.ewm(span=26, adjust=False).mean()
    out["macd_signal"] = out.macd.ewm(span=9, adjust=False).mean()
    deviation = c.rolling(20).std(ddof=0)
    out["band_lower"] = out.sma20 - 2 * deviation
    out["band_upper"] = out.sma20 + 2 * deviation
    change = c.diff()
    out["rsi14"] = 100 - 100 / (
        1 + wilder(change.clip(lower=0), 14) / wilder((-change).clip(lower=0), 14)
    )
    before = c.shift(1)
    ranges = [df.high - df.low, (df.high - before).abs(), (df.low - before).abs()]
    out["atr10"] = wilder(pd.concat(ranges, axis=1).max(axis=1), 10)
    middle = (df.high + df.low) / 2
    top, bottom = (middle + 3 * out.atr10).values, (middle - 3 * out.atr10).values
    x = c.values
    upper, lower, trend = np.full(n, np.nan), np.full(n, np.nan), np.zeros(n)
    for i in range(9, n):
        upper[i], lower[i] = top[i], bottom[i]
        if i > 9:
            if not (top[i] < upper[i - 1] or x[i - 1] > upper[i - 1]):
                upper[i] = upper[i - 1]
            if not (bottom[i] > lower[i - 1] or x[i - 1] < lower[i - 1]):
                lower[i] = lower[i - 1]
            trend[i] = trend[i - 1]
        if x[i] > upper[i]:
            trend[i] = 1
        elif x[i] < lower[i]:
            trend[i] = -1
    out["trend_upper"], out["trend_lower"], out["trend"] = upper, lower, trend

    def midpoint(k):
        return (df.high.rolling(k).max() + df.low.rolling(k).min()) / 2

    out["conversion"], out["base"] = midpoint(9), midpoint(26)
    out["span_a"] = ((midpoint(9) + midpoint(26)) / 2).shift(26)
    out["span_b"] = midpoint(52).shift(26)
    typical, v = (df.high + df.low + df.close) / 3, df.volume
    out["vwap24"] = (typical * v).rolling(24).sum() / v.rolling(24).sum()
    spread = np.full(n, np.nan)
    for i in range(23, n):
        w, p = v.values[i - 23 : i + 1], typical.values[i - 23 : i + 1]
        spread[i] = np.sqrt((w * (p - out.vwap24.values[i]) ** 2).sum() / w.sum())
    out["vwap24_sd"] = spread
    return out


def stance(name, held, x, o):
    if name == "sma-crossover":
        return np.sign(o.sma20 - o.sma50) or held
    if name == "triple-ema":
        a, b, c = o.ema5, o.ema20, o.ema50
        return 1 if a > b > c else -1 if a < b < c else 0
    if name == "macd":
        return np.sign(o.macd - o.macd_signal) or held
    if name == "rsi-reversion":
        if held == 1 and o.rsi14 < 50 or held == -1 and o.rsi14 > 50:
            return held
        return 1 if o.rsi14 < 30 else -1 if o.rsi14 > 70 else 0
    if name == "bollinger-breakout":
        if x > o.band_upper or x < o.band_lower:
            return 1 if x > o.band_upper else -1
        left = held == 1 and x < o.sma20 or held == -1 and x > o.sma20
        return 0 if left else held
    if name == "supertrend":
        return o.trend
    if name == "ichimoku":
        top, bottom = max(o.span_a, o.span_b), min(o.span_a, o.span_b)
        if x > top and o.conversion > o.base:
            return 1
        return -1 if x < bottom and o.conversion < o.base else 0
    z = (x - o.vwap24) / o.vwap24_sd
    if held == 1 and z < 0 or held == -1 and z > 0:
        return held
    return 1 if z <= -2 else -1 if z >= 2 else 0


def stances(df):
    rows = []
    for name, lookback in LOOKBACK.items():
        first = START - lookback
        table = values(df[first:].reset_index(drop=True))
        for side in ("long", "both"):
            held = 0
            # Nothing is decided at the last bar: it could not be filled.
            for t in range(START, BARS - 1):
                new = int(stance(name, held, df.close[t], table.iloc[t - first]))
                new = max(new, 0) if side == "long" else new
                if new != held:
                    rows.append((name, side, t, new))
                held = new
    return pd.DataFrame(rows, columns=["strategy", "side", "bar", "stance"])


if __name__ == "__main__":
    table = bars()
    table.to_csv(HERE / "bars.csv", index=False)
    found = values(table)
    found.insert(0, "bar", found.index)
    rows = [*range(0, 80, 13), *range(80, BARS, 20), BARS - 1]
    found.iloc[rows].to_csv(HERE / "values.csv", index=False, float_format="%.17g")
    stances(table).to_csv(HERE / "stances.csv", index=False)
