#!/usr/bin/env python3
"""Every benchmark of Lamplight in one command, with its rivals beside it in the same run.

    python3 bench/run.py [--rivals DIR] [--work DIR] [--runs N] [--sizes 10000,100000,1000000] [--only PART]

Parts:
  a       one day of 1,000,000 four-register meters, Parquet to Parquet (`lamplight settle-files`)
  b       validation of 10,000 meters x 30 days x 96 (`lamplight vee-files`)
  bills   hourly bills with tiers, time of use and demand, a new load each (the engine alone)
  nights  the application's own night at several sizes (`lamplight bench nights`)
  grid    the network of 1,000,000 customers traced and switched, and CIM read (`lamplight grid`)
  outages indices and restoration times of 408,307 outages (`lamplight indices`, `lamplight etr-score`)

The inputs of a, b, grid and outages and the rivals' programs are reference data that are not ours to hand on:
DIR is the folder `peers`, with `mdm`, `pysam` and `outage` in it, and `data` beside it. Without it,
or without the Python packages polars, duckdb, numpy, pyarrow, NREL-PySAM, scipy, igraph and lxml in
this interpreter, a part says that it is skipped.
Whole processes are counted, start-up included, in processor seconds as the system accounts them;
of N runs after one to warm up, the median.
"""
import argparse
import gzip
import importlib.util
import json
import lzma
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "target" / "release" / "lamplight"


def counted(command, runs, cwd=None):
    """Medians of wall seconds, processor seconds and peak MiB of a command."""
    rows = []
    for run in range(runs + 1):
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        if status != 0:
            raise SystemExit(f"{command}: ended with {status}")
        if run:
            rows.append((wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024))
    return tuple(statistics.median(column) for column in zip(*rows))


def said(command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def missing(*modules):
    return [name for name in modules if importlib.util.find_spec(name) is None]


def table(title, rows):
    """Rows of (who, wall, cpu, rss); the first is ours, the others are compared with it."""
    print(f"\n{title}\n{'':24}{'wall s':>9}{'cpu s':>9}{'MiB':>8}{'x ours':>9}")
    ours = rows[0][2]
    for who, wall, cpu, rss in rows:
        print(f"{who:24}{wall:9.3f}{cpu:9.3f}{rss:8.0f}{cpu / ours:9.2f}", flush=True)


def same(check, files):
    """Whether the check script says the same sums of all files."""
    lines = said([sys.executable, str(check), *map(str, files)]).splitlines()
    sums = {line.split(" ", 1)[1] for line in lines}
    print("the same sums" if len(sums) == 1 else f"DIFFERENT SUMS: {lines}")
    return len(sums) == 1


def part_a(args):
    mdm, work = args.rivals / "mdm", args.work
    if not (work / "a_acct.parquet").exists():
        subprocess.run([sys.executable, mdm / "gen.py", work, "a"], check=True)
    inputs = [str(work / f"a_{name}.parquet") for name in ("today", "yest", "acct")]
    ours = work / "ours_a.parquet"
    command = [str(PROGRAM), "settle-files", "--today", inputs[0], "--yesterday", inputs[1]]
    command += ["--accounts", inputs[2], "--out", str(ours)]
    rows, files = [("lamplight", *counted(command, args.runs))], [ours]
    for rival in ("polars", "duckdb"):
        out = work / f"{rival}_a.parquet"
        command = [sys.executable, str(mdm / f"a_{rival}.py"), str(work), str(out)]
        rows.append((rival, *counted(command, args.runs)))
        files.append(out)
    table("a: one day, 1,000,000 meters, Parquet to Parquet", rows)
    return same(mdm / "a_check.py", files)


def part_b(args):
    mdm, work = args.rivals / "mdm", args.work
    source = work / "b_00.parquet"
    if not source.exists():
        subprocess.run([sys.executable, mdm / "gen.py", work, "b"], check=True)
    rows, files = [], []
    ours = work / "ours_b"
    ours.mkdir(exist_ok=True)
    command = [str(PROGRAM), "vee-files", "--out", str(ours), str(source)]
    rows.append(("lamplight", *counted(command, args.runs)))
    files.append(ours / "out_b_00.parquet")
    for rival in ("numpy",):
        out = work / f"{rival}_b"
        out.mkdir(exist_ok=True)
        command = [sys.executable, str(mdm / f"b_{rival}.py"), str(out), str(source)]
        rows.append((rival, *counted(command, args.runs)))
        files.extend(out.glob("*.parquet"))
    table("b: validation, 10,000 meters x 30 days x 96", rows)
    return same(mdm / "b_check.py", files)


def part_bills(args):
    """The rate is read once; each bill has a new load: the same on both sides."""
    command = ["cargo", "run", "--release", "--quiet", "--package", "lamplight-tariff", "--example", "bench_profile"]
    ours = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    rival = said([sys.executable, str(args.rivals / "pysam" / "bench_pysam.py")])
    ours = float(re.search(r"tiered\+TOU\+demand .* = (\d+) bills per CPU second", ours).group(1))
    theirs = float(re.search(r"tiered\+TOU\+demand +execute.*with new load .* = (\d+)/s", rival).group(1))
    print(f"\nbills: annual bills per processor second: lamplight {ours:,.0f}, ", end="")
    print(f"PySAM {theirs:,.0f}: {ours / theirs:.0f} times", flush=True)
    return True


def part_nights(args):
    command = [str(PROGRAM), "bench", "nights", "--customers", args.sizes, "--folder", str(args.work / "nights")]
    print("\nnights of the application itself: import, validation, rating, state, worklists, all committed", flush=True)
    subprocess.run(command, check=True)
    return True


def part_grid(args):
    """The rivals' scripts note their results beside themselves, so they run as copies."""
    scripts, net = args.work / "outage", args.work / "synth1m"
    shutil.copytree(args.rivals / "outage", scripts, dirs_exist_ok=True)
    if not (net / "net.npz").exists():
        subprocess.run([sys.executable, scripts / "gen.py", net], check=True, stdout=subprocess.DEVNULL)
    command = [str(PROGRAM), "grid", "trace", "--network", str(net), "--devices", str(net / "devices1000.csv")]
    command += ["--ops", str(net / "ops100.csv"), "--json"]
    runs = [json.loads(said(command)) for _ in range(args.runs)]
    took = {key: statistics.median(run["seconds"][key] for run in runs) for key in runs[0]["seconds"]}
    op_us = {key: statistics.median(run["op_us"][key] for run in runs) for key in runs[0]["op_us"]}
    print("\ngrid: 1,000,000 customers, 1,000 devices, 100 operations (wall seconds)")
    print("lamplight       " + "  ".join(f"{key} {value:.6f}" for key, value in took.items()))
    print(f"                one count {took['counts'] * 1e6:.0f} ns, an operation p50 {op_us['p50']:.1f} us, p99 {op_us['p99']:.1f} us")
    environment = dict(os.environ, NET=str(net), PYTHONDONTWRITEBYTECODE="1")
    for rival in ("scipy", "igraph"):
        done = subprocess.run([sys.executable, scripts / f"b_{rival}.py"], env=environment, capture_output=True, text=True)
        print(f"{rival:16}" + (done.stdout.strip() or f"ended with {done.returncode}"), flush=True)
    golden = [int(line.split(",")[1]) for line in (net / "devices1000.csv").read_text().split()[1:]]
    right = runs[0]["customers_below"] == golden and runs[0]["customers_energised_after"] == 997_982
    print("the golden counts" if right else "OTHER COUNTS THAN THE GOLDEN ONES")
    packed = args.rivals.parent / "data" / "grid" / "ieee8500" / "ieee8500_cim100.xml.gz"
    plain = args.work / "ieee8500.xml"
    plain.write_bytes(gzip.decompress(packed.read_bytes()))
    rows = [("lamplight", *counted([str(PROGRAM), "grid", "import", str(plain), "--json"], args.runs))]
    command = [sys.executable, str(scripts / "b_cimxml.py"), str(plain), "lxml"]
    rows.append(("lxml", *counted(command, args.runs)))
    table("grid: CIM XML of 36 MB: read and checked, against read alone", rows)
    return right


def part_outages(args):
    """Indices within a tenth of a second; times better than the utility's own."""
    events = args.work / "events_2019_2022.csv"
    if not events.exists():
        packed = args.rivals.parent / "data" / "outage" / "pge_etr" / "events_2019_2022.csv.xz"
        with lzma.open(packed) as source, open(events, "wb") as target:
            shutil.copyfileobj(source, target)
    command = [str(PROGRAM), "indices", "--interruptions", str(events), "--served", "5500000", "--json"]
    command += ["--from", "2019-06-12", "--to", "2022-04-21", "--zone", "America/Los_Angeles"]
    runs = [json.loads(said(command)) for _ in range(args.runs)]
    spent = statistics.median(run["seconds"]["join"] + run["seconds"]["indices"] for run in runs)
    print(f"\noutages: {runs[0]['rows']:,} interruptions, all indices in {spent * 1000:.0f} ms (at most 100)")
    result = json.loads(said([str(PROGRAM), "etr-score", str(events)]))["result"]
    for name in ("utility", "promise_same", "promise", "desk", "customer"):
        score = result[name]
        print(f"  {name:14}{score['count']:8,} kept {score['kept']:.1%} median error {score['median_error_h']:.2f} h")
    ours, cover = result["promise_same"], result["customer"]["kept"]
    print(f"  between 10 and 90 %: {result['middle_80']:.1%}", flush=True)
    good = spent <= 0.1 and ours["kept"] >= 0.75 and ours["median_error_h"] <= 1.75 and 0.78 <= cover <= 0.82
    return good or print("  NOT as good as it should be") or False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rivals", type=pathlib.Path, help="the folder with mdm, pysam and outage in it")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("/tmp/lamplight-bench"))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--only", choices=["a", "b", "bills", "nights", "grid", "outages"])
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cargo", "build", "--release", "--locked"], cwd=ROOT, check=True)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.2f} at the start")
    needs = {"a": ["polars", "duckdb", "numpy", "pyarrow"], "b": ["numpy", "pyarrow", "duckdb"], "bills": ["PySAM"]}
    needs["grid"] = ["numpy", "scipy", "igraph", "lxml"]
    needs["outages"] = []
    parts = {"a": part_a, "b": part_b, "bills": part_bills, "nights": part_nights, "grid": part_grid, "outages": part_outages}
    good = True
    for name, part in parts.items():
        if args.only not in (None, name):
            continue
        lacking = missing(*needs.get(name, []))
        if name in needs and (args.rivals is None or lacking):
            why = f"Python lacks {', '.join(lacking)}" if lacking else "--rivals is not given"
            print(f"\nskipped: part {name}: {why}")
            continue
        good &= part(args)
    shutil.rmtree(args.work / "nights", ignore_errors=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
