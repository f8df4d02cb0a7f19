#!/usr/bin/env python3
"""Runs all drills, one after the other, and stops at the first that fails. Ends with a table.

    all.py --terrace PATH [--seed 1] [--only NAME …]

A drill that this machine gives no means for has tried nothing: it is skipped, and the last line says how many were.
Ends with 0 when none failed and one at least was good, with 77 when all were skipped.
"""
import argparse
import os
import subprocess
import sys
import time

from network import SKIPPED, leave_when_asked

# In this order: the name of the script, and what it is told besides the program and the seed.
DRILLS = [
    ("kill", ["--kills", "100"]),
    ("unplugged", []),
    ("moves", []),
    ("restore", []),
    ("clone", []),
    ("clock", []),
    ("deadparent", []),
    ("badline", []),
    ("storm", []),
    ("courier", []),
    ("poison", []),
    ("disk", []),
    ("recovery", []),
    ("versions", []),
    ("growth", []),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--terrace", required=True)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", action="append", choices=[name for name, _ in DRILLS])
    options = parser.parse_args()
    leave_when_asked()
    folder = os.path.dirname(os.path.abspath(__file__))
    results = []
    for name, words in DRILLS:
        if options.only and name not in options.only:
            continue
        start, last = time.time(), ""
        command = [sys.executable, "-u", os.path.join(folder, f"{name}.py"), "--terrace", options.terrace,
                   "--seed", options.seed, *words]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as drill:
            try:
                for text in drill.stdout:
                    print(text, end="", flush=True)
                    last = text.strip() or last
            except BaseException:
                # It cleans up after itself, and is waited for.
                drill.terminate()
                raise
        results.append((name, drill.returncode, time.time() - start, last))
        if drill.returncode not in (0, SKIPPED):
            break
    return tell(results)


def tell(results):
    """The table. Returns the exit code."""
    words = {0: "good", SKIPPED: "skipped"}
    print()
    for name, code, seconds, last in results:
        print(f"{name:12} {words.get(code, 'FAILED'):7} {seconds:6.0f} s  {last}")
    codes = [code for _, code, _, _ in results]
    good, skipped = codes.count(0), codes.count(SKIPPED)
    print(f"{good} good, {skipped} skipped, {len(codes) - good - skipped} failed")
    if good + skipped < len(codes) or not codes:
        return 1
    return 0 if good else SKIPPED


if __name__ == "__main__":
    sys.exit(main())
