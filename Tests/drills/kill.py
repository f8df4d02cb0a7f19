#!/usr/bin/env python3
"""Kills processes of four nodes while cases flow, and counts with SQLite what became of what was confirmed.

    kill.py --terrace PATH [--kills 100] [--seed 1]

A city, a county, a town and a village serve on loopback. A client feeds cases to `terrace case import -` at the village
and writes down every confirmation; another decides at the county and writes down every decision that was confirmed.
Meanwhile `kill -9` hits one of the servers, the import or the deciding command; what was hit starts again. Most kills
wait for a moment in which the victim writes, the others come at any. The victim is stopped, looked at, and killed as it
stands, so that what is counted is what was:

    a server with data under way: it held the write lock of its database, its write-ahead log had been written to
    within the last 50 ms, or change sets of its node were not confirmed by the node above
    a command in a transaction: it held the write lock itself
    neither: a connection to a neighbour was open, or nothing at all

At the end all lines are good, and the ledgers are held against the four databases, read with the sqlite3 module and
not with terrace: each confirmed case stands once everywhere, each confirmed decision is effective everywhere, no
sequence of a journal is held twice. Ends with 0 when that is so, when something was confirmed, and when three kills in
ten (of a hundred or more, thirty) hit data under way or a transaction. Needs Linux, for /proc/locks.
"""
import argparse
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

TREE = [("3799", None), ("379902", "3799"), ("379902001", "379902"), ("379902001001", "379902001")]
CITY, COUNTY, TOWN, VILLAGE = [unit for unit, _ in TREE]
PARENT = dict(TREE)
# Byte of a database's -shm that whoever writes has locked (sqlite.org/walformat.html, "WAL_WRITE_LOCK").
WRITE_LOCK = "120"
# How long ago a write counts as just now, in seconds.
JUST_NOW = 0.05
# Ends of a command in a row, none of them by a kill and all without effect, after which the drill is given up.
TRIES = 5
WRITING, UNCONFIRMED, IN_TRANSACTION, CONNECTED, QUIET = (
    "server writing", "server with unconfirmed work", "command in a transaction", "idle connection only", "quiet")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Drill:
    def __init__(self, terrace, folder, seed, item):
        self.terrace, self.folder, self.item = terrace, folder, item
        self.random = random.Random(seed)
        self.ports = {unit: free_port() for unit, _ in TREE}
        self.servers, self.importer, self.decider = {}, None, None
        self.given, self.confirmed, self.decided = {}, {}, {}
        self.stopping, self.over = threading.Event(), threading.Event()
        self.moments = dict.fromkeys([WRITING, UNCONFIRMED, IN_TRANSACTION, CONNECTED, QUIET], 0)
        self.problems, self.kills = [], {}

    def data(self, unit):
        return os.path.join(self.folder, unit)

    def run(self, *words):
        done = subprocess.run([self.terrace, *words], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"terrace {' '.join(words)}\n{done.stderr}{done.stdout}")
        return done.stdout

    def serve(self, unit):
        log = open(os.path.join(self.data(unit), "serve.log"), "a")
        self.servers[unit] = subprocess.Popen(
            [self.terrace, "serve", "--data", self.data(unit)], stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def reachable(self, port):
        for _ in range(400):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        raise SystemExit(f"nobody listens on {port}")

    def found(self):
        self.run("init", "--data", self.data(CITY), "--network", "drill", "--unit", CITY, "--name", "滨湖市",
                 "--listen", f"127.0.0.1:{self.ports[CITY]}")
        self.run("topology", "import", "--data", self.data(CITY), os.path.join(ROOT, "topology/demo.yaml"))
        self.run("catalog", "import", "--data", self.data(CITY), os.path.join(ROOT, "fixtures/catalog/items.json"))
        self.serve(CITY)
        for unit, parent in TREE[1:]:
            self.reachable(self.ports[parent])
            code = self.run("enroll", "code", "--data", self.data(parent), unit).strip()
            self.run("enroll", "join", "--data", self.data(unit), "--unit", unit, "--code", code,
                     "--parent", f"127.0.0.1:{self.ports[parent]}", "--listen", f"127.0.0.1:{self.ports[unit]}")
            self.serve(unit)
            self.reachable(self.ports[unit])

    def query(self, unit, sql, *arguments):
        for _ in range(200):
            try:
                with sqlite3.connect(f"file:{self.data(unit)}/replica.sqlite?mode=ro", uri=True, timeout=10) as db:
                    return db.execute(sql, arguments).fetchall()
            except sqlite3.OperationalError:
                time.sleep(0.05)
        raise SystemExit(f"the database of {unit} cannot be read")

    # ---- work ---------------------------------------------------------------------------------------------------

    def worker(self, work):
        """A thread whose failure, of any kind, is a problem of the drill."""
        def guarded():
            try:
                work()
            except BaseException as error:
                self.problems.append(f"{work.__name__}: {error!r}")
                self.stopping.set()
        thread = threading.Thread(target=guarded, name=work.__name__, daemon=True)
        thread.start()
        return thread

    def import_cases(self):
        """Feeds a case at a time; what was not confirmed when the import was killed is given again under its name."""
        number, waiting, failures = 0, [], 0
        while (not self.stopping.is_set() or waiting) and not self.over.is_set():
            before = len(self.confirmed)
            words = ["case", "import", "--data", self.data(VILLAGE), "-", "--group", "1", "--format", "json"]
            with open(os.path.join(self.folder, "import.log"), "a") as log:
                self.importer = subprocess.Popen(
                    [self.terrace, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
            try:
                again = list(waiting)
                while again or not self.stopping.is_set():
                    if again:
                        name = again.pop(0)
                    else:
                        number += 1
                        name = f"case-{number}"
                        waiting.append(name)
                        self.given[name] = time.time()
                    line = {"id": name, "item": self.item, "actor": "c01", "fields": {
                        "applicant.name": name, "applicant.phone": "13900001111"},
                        "materials": self.materials, "actions": [{"action": "forward", "target": COUNTY}]}
                    line["fields"].update(self.form)
                    self.importer.stdin.write(json.dumps(line) + "\n")
                    self.importer.stdin.flush()
                    text = self.importer.stdout.readline()
                    if not text:
                        break
                    answer = json.loads(text)
                    if answer["result"] == "refused":
                        raise SystemExit(f"refused: {answer}")
                    self.confirmed[name] = answer.get("receipt") or self.confirmed.get(name) or ""
                    waiting.remove(name)
                    time.sleep(0.01)
            except BrokenPipeError:
                pass
            by_itself = self.importer.poll() not in (None, -signal.SIGKILL)
            self.importer.kill()
            self.importer.wait()
            failures = failures + 1 if by_itself and len(self.confirmed) == before else 0
            if failures == TRIES:
                raise SystemExit(f"the import fails again and again: {self.last_words('import.log')}")

    def last_words(self, log):
        with open(os.path.join(self.folder, log)) as file:
            return file.read()[-500:]

    def decide_cases(self):
        failures = 0
        while not self.stopping.is_set():
            rows = self.query(COUNTY, "SELECT receipt FROM service_case WHERE phase = 'accepted' AND holder = ?"
                              " ORDER BY record LIMIT 20", COUNTY)
            if not rows:
                time.sleep(0.1)
                continue
            receipt = self.random.choice(rows)[0]
            with open(os.path.join(self.folder, "decide.log"), "a") as log:
                self.decider = subprocess.Popen(
                    [self.terrace, "case", "decide", "--data", self.data(COUNTY), receipt, "granted"],
                    stdout=subprocess.DEVNULL, stderr=log)
            code = self.decider.wait()
            if code == 0:
                self.decided[receipt] = True
            failures = failures + 1 if code not in (0, -signal.SIGKILL) else 0
            if failures == TRIES:
                raise SystemExit(f"the decision fails again and again: {self.last_words('decide.log')}")

    # ---- trouble ------------------------------------------------------------------------------------------------

    def is_connected(self, pid):
        """Whether a server has a connection to or from a neighbour open at this moment."""
        try:
            sockets = {os.readlink(f"/proc/{pid}/fd/{fd}")[8:-1] for fd in os.listdir(f"/proc/{pid}/fd")
                       if os.readlink(f"/proc/{pid}/fd/{fd}").startswith("socket:")}
            with open(f"/proc/{pid}/net/tcp") as table:
                return any(line.split()[9] in sockets and line.split()[3] == "01" for line in list(table)[1:])
        except OSError:
            return False

    def holds_lock(self, pid, unit):
        """Whether a process is inside a transaction that writes to a unit's database. Looking does not disturb it."""
        try:
            inode = str(os.stat(f"{self.data(unit)}/replica.sqlite-shm").st_ino)
        except OSError:
            return False
        with open("/proc/locks") as table:
            rows = [line.split() for line in table]
        return any(row[3:5] == ["WRITE", str(pid)] and row[5].endswith(f":{inode}") and row[6] == WRITE_LOCK
                   for row in rows if len(row) == 8)

    def log_state(self, unit):
        """Changes when the write-ahead log is written to; from its beginning again it does not grow."""
        try:
            state = os.stat(f"{self.data(unit)}/replica.sqlite-wal")
            return state.st_size, state.st_mtime_ns
        except OSError:
            return None

    def unconfirmed(self, unit):
        """Change sets of a unit's node that the node above has not confirmed."""
        return self.query(
            unit, "WITH above AS (SELECT id FROM peer WHERE unit = ?) SELECT count(*) FROM journal WHERE feed = 2"
            " AND (source IS NULL OR source NOT IN above) AND position > (SELECT coalesce(max(sent_position), 0)"
            " FROM peer_cursor WHERE feed = 2 AND peer IN above)", PARENT[unit])[0][0] if PARENT[unit] else 0

    def victim(self, name):
        process = {"import": self.importer, "decide": self.decider}.get(name) or self.servers.get(name)
        return process if process and process.poll() is None else None

    def writes_alone(self, name):
        """Whether what is written at the unit is written by its server: elsewhere commands write, too."""
        return name in (CITY, TOWN)

    def wait_for_writing(self, name, unit, patience):
        """Looks several times in a millisecond whether the victim writes, until it does or the patience ends.

        Returns the process, if it is still there, and when the log of its database was last written to."""
        state, written, until = self.log_state(unit), 0, time.time() + patience
        while True:
            process, before = self.victim(name), state
            state = self.log_state(unit)
            if state != before:
                written = time.time()
            if process and (self.holds_lock(process.pid, unit) or (self.writes_alone(name) and state != before)):
                return process, written
            if time.time() > until:
                return process, written
            time.sleep(0.0002)

    def kill_once(self):
        name = self.random.choice([CITY, COUNTY, TOWN, VILLAGE, VILLAGE, "import", "decide"])
        unit = {"import": VILLAGE, "decide": COUNTY}.get(name, name)
        if self.random.random() < 0.85:
            process, written = self.wait_for_writing(name, unit, patience=2)
        else:
            process, written = self.victim(name), 0
        if process is None:
            if name in self.servers:
                raise SystemExit(f"the server of {unit} ended by itself: {self.last_words(f'{unit}/serve.log')}")
            return False
        waits = name in self.servers and self.unconfirmed(unit) > 0
        # It stands still while it is looked at.
        process.send_signal(signal.SIGSTOP)
        is_writing = self.holds_lock(process.pid, unit)
        if name not in self.servers:
            moment = IN_TRANSACTION if is_writing else QUIET
        elif is_writing or (self.writes_alone(name) and time.time() - written < JUST_NOW):
            moment = WRITING
        else:
            moment = UNCONFIRMED if waits else CONNECTED if self.is_connected(process.pid) else QUIET
        process.send_signal(signal.SIGKILL)
        if process.wait() != -signal.SIGKILL:
            return False
        self.moments[moment] += 1
        self.kills[name] = self.kills.get(name, 0) + 1
        if name in self.servers:
            time.sleep(self.random.uniform(0, 0.4))
            self.serve(unit)
        return True

    # ---- count --------------------------------------------------------------------------------------------------

    def count(self):
        problems = []
        for unit, _ in TREE:
            held = dict(self.query(unit, "SELECT applicant, count(*) FROM service_case GROUP BY applicant"))
            lost = [name for name in self.confirmed if name not in held]
            double = [name for name, n in held.items() if n > 1]
            strange = [name for name in held if name not in self.given]
            numbers = dict(self.query(unit, "SELECT applicant, receipt FROM service_case"))
            strange += [name for name, receipt in self.confirmed.items() if receipt and numbers.get(name) != receipt]
            decisions = {r: (p, o) for r, p, o in self.query(unit, "SELECT receipt, phase, outcome FROM service_case")}
            undone = [r for r in self.decided if decisions.get(r) != ("decided", "granted")]
            sequences = self.query(
                unit, "SELECT count(*), count(DISTINCT run.author || '/' || run.feed || '/' || (first + offset))"
                " FROM journal JOIN run ON run.id = journal.run")[0]
            forks = self.query(unit, "SELECT count(*) FROM fork")[0][0]
            receipts = self.query(unit, "SELECT count(*), count(DISTINCT receipt) FROM service_case")[0]
            print(f"{unit:>12}: {len(held)} cases, lost {len(lost)}, doubled {len(double)}, strange {len(strange)},"
                  f" decisions lost {len(undone)}, sequences twice {sequences[0] - sequences[1]}, forks {forks},"
                  f" receipts twice {receipts[0] - receipts[1]}")
            problems += lost + double + strange + undone
            problems += ["sequence"] * (sequences[0] - sequences[1] + forks + receipts[0] - receipts[1])
        return problems

    def settled(self):
        counts = {self.query(unit, "SELECT count(*), sum(phase = 'decided'), sum(pending) FROM service_case")[0]
                  for unit, _ in TREE}
        return len(counts) == 1

    def stop(self):
        for process in [self.importer, self.decider, *self.servers.values()]:
            if process and process.poll() is None:
                process.terminate()
        for process in [self.importer, self.decider, *self.servers.values()]:
            try:
                if process:
                    process.wait(20)
            except subprocess.TimeoutExpired:
                self.problems.append(f"process {process.pid} did not stop when it was asked to")
                process.kill()
                process.wait()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--terrace", required=True)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patience", type=int, default=120, help="seconds in which all must become equal")
    parser.add_argument("--keep", action="store_true", help="leave the data directories behind")
    options = parser.parse_args()
    with open(os.path.join(ROOT, "fixtures/catalog/items.json")) as file:
        items = json.load(file)
    item = choose(items)
    folder = tempfile.mkdtemp(prefix="terrace-kill-")
    drill = Drill(os.path.abspath(options.terrace), folder, options.seed, item["code"])
    drill.materials = [material["id"] for material in item.get("materials", [])]
    drill.form = {f"form.{field['name']}": sample(field) for field in item.get("form", []) if field.get("required")}
    print(f"seed {options.seed}, {options.kills} kills, item {item['code']}", flush=True)
    try:
        drill.found()
        threads = [drill.worker(drill.import_cases), drill.worker(drill.decide_cases)]
        done = 0
        while done < options.kills and not drill.stopping.is_set():
            time.sleep(drill.random.uniform(0.05, 0.6))
            done += drill.kill_once()
        drill.stopping.set()
        for thread in threads:
            thread.join(options.patience)
            if thread.is_alive():
                drill.problems.append(f"{thread.name} did not end")
        drill.over.set()
        start = time.time()
        while not drill.settled():
            if time.time() - start > options.patience:
                drill.problems.append("the nodes did not become equal in time")
                break
            time.sleep(0.2)
        print(f"killed {done}: {drill.kills}; " + ", ".join(f"{what} {n}" for what, n in drill.moments.items()))
        print(f"given {len(drill.given)}, confirmed {len(drill.confirmed)}, decisions confirmed {len(drill.decided)},"
              f" equal after {time.time() - start:.1f} s")
        drill.problems += drill.count()
        drill.stop()
        inside = sum(drill.moments[moment] for moment in (WRITING, UNCONFIRMED, IN_TRANSACTION))
        if inside < min(30, options.kills * 3 // 10):
            drill.problems.append(f"only {inside} kills hit data under way or a transaction")
        if not drill.confirmed or not drill.decided:
            drill.problems.append("nothing was confirmed, so nothing was tried")
        print("nothing lost, nothing doubled" if not drill.problems else f"problems: {drill.problems[:20]}")
        return 1 if drill.problems else 0
    finally:
        drill.stopping.set()
        drill.over.set()
        drill.stop()
        if options.keep:
            print(f"kept {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def choose(items):
    """An item that a village accepts and a county decides."""
    for item in items:
        if "village" in item.get("acceptedBy", []) and item.get("decidedBy") == "county":
            return item
    raise SystemExit("no item that a village accepts and a county decides")


def sample(field):
    """A value that a required field takes."""
    kind = field.get("kind", "text")
    if field.get("choices"):
        return field["choices"][0]
    return {"number": "1", "date": "2026-01-02", "idNumber": "371602190101010014", "phone": "13900001111",
            "creditCode": "11371600900000014U"}.get(kind, "测试内容")


if __name__ == "__main__":
    sys.exit(main())
