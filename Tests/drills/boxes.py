"""Boxes between a child and its parent that keep bytes to themselves for a while, as proxies and routers do."""
import select
import time

from line import Line


class Box(Line):
    """Passes what it has collected when it is enough, or when it has waited long enough.

    TLS goes through it, so that it sees bytes and not where an answer ends: one that kept them for ever would let no
    handshake through."""

    def __init__(self, to, enough, longest, both_ways):
        """`enough`: bytes; `longest`: seconds since the first of them came, after which fewer go on, too."""
        self.enough, self.longest, self.both_ways = enough, longest, both_ways
        self.is_spoiled = False
        # What went on in one go, and how often something had been kept for it.
        self.lumps = self.kept = self.connections = 0
        super().__init__(to)

    def spoil(self):
        self.is_spoiled = True
        self.hang_up()

    def mend(self):
        self.is_spoiled = False
        self.hang_up()
        super().mend()

    def carry(self, one, other):
        try:
            upward = one.getsockname()[1] == self.port
        except OSError:
            return self.drop(one, other)
        self.connections += upward
        if not self.is_spoiled or upward and not self.both_ways:
            return super().carry(one, other)
        try:
            self.collect(one, other, upward)
        except (OSError, ValueError):
            # Closed at the other side, under the reader.
            pass
        self.drop(one, other)

    def collect(self, one, other, upward):
        lump, due = b"", None
        while True:
            wait = None if due is None else max(0.0, due - time.monotonic())
            is_there = bool(select.select([one], [], [], wait)[0])
            piece = one.recv(65_536) if is_there else b""
            with self.lock:
                self.note(len(piece), upward)
            lump += piece
            is_over = is_there and not piece
            is_late = due is not None and time.monotonic() >= due
            if lump and (is_over or is_late or len(lump) >= self.enough):
                other.sendall(lump)
                with self.lock:
                    self.lumps += 1
                    self.kept += due is not None
                lump, due = b"", None
            elif lump and due is None:
                due = time.monotonic() + self.longest
            if is_over:
                return
