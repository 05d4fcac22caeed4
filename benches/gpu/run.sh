#!/usr/bin/env bash
# Correctness and timing of the CUDA device in one call, on a machine that has one:
#
#   benches/gpu/run.sh [BARLINE] [--quick]
#
# Needs the binary and the driver. Kernels and copies are timed by the device's own clock, the processor by the
# wall; every answer of ours is compared with the processor's, bit for bit where it reaches a row. Where
# python3 has CuPy or PyTorch with CUDA, their covariance is timed at the same sizes. Exit code 1 where there is no
# device, or an answer is off.
set -euo pipefail

barline=barline
quick=()
for argument in "$@"; do
  case "$argument" in
    --quick) quick=(--quick) ;;
    *) barline="$argument" ;;
  esac
done

status=0
"$barline" doctor --rates "${quick[@]}" --format csv || status=$?

command -v python3 >/dev/null && python3 - "${#quick[@]}" <<'PYTHON'
import sys

scale = 16 if sys.argv[1] == "1" else 1
sizes = [(n // scale, 1000) for n in (500, 2000, 5000, 20000)]


def row(name, n, t, millis):
    print(f"peer,{name} covariance N={n} T={t},{millis:.3f} ms {n * (n + 1) * t / millis / 1e6:.0f} GFLOP/s")


def cupy_rows():
    import cupy

    for n, t in sizes:
        x = cupy.random.default_rng(1).standard_normal((t, n))
        begin, end = cupy.cuda.Event(), cupy.cuda.Event()
        least = float("inf")
        for _ in range(4):
            begin.record()
            z = x - x.mean(axis=0)
            z.T @ z / (t - 1)
            end.record()
            end.synchronize()
            least = min(least, cupy.cuda.get_elapsed_time(begin, end))
        row("cupy", n, t, least)


def torch_rows():
    import torch

    for n, t in sizes:
        x = torch.randn(n, t, dtype=torch.float64, device="cuda")
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        least = float("inf")
        for _ in range(4):
            begin.record()
            torch.cov(x)
            end.record()
            end.synchronize()
            least = min(least, begin.elapsed_time(end))
        row("torch", n, t, least)


for name, rows in (("cupy", cupy_rows), ("torch", torch_rows)):
    try:
        rows()
    except Exception as why:  # not installed, or without a device
        print(f"peer,{name},none: {type(why).__name__}: {str(why).splitlines()[0] if str(why) else ''}")
PYTHON
exit "$status"
