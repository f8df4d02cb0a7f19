#!/usr/bin/env python3
"""Runs all drills, one after the other, and stops at the first that fails. Ends with a table.

    all.py --terrace PATH [--seed 1] [--only NAME …]
"""
import argparse
import os
import subprocess
import sys
import time

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
    folder = os.path.dirname(os.path.abspath(__file__))
    results = []
    for name, words in DRILLS:
        if options.only and name not in options.only:
            continue
        start, last = time.time(), ""
        command = [sys.executable, "-u", os.path.join(folder, f"{name}.py"), "--terrace", options.terrace,
                   "--seed", options.seed, *words]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as drill:
            for text in drill.stdout:
                print(text, end="", flush=True)
                last = text.strip() or last
        results.append((name, drill.returncode, time.time() - start, last))
        if drill.returncode != 0:
            break
    print()
    for name, code, seconds, last in results:
        print(f"{name:12} {'good' if code == 0 else 'FAILED':7} {seconds:6.0f} s  {last}")
    return 0 if results and all(code == 0 for _, code, _, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())
