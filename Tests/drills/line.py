"""A line between a child and its parent that can be cut, and counts its bytes: a relay that the child dials."""
import socket
import threading


class Line:
    def __init__(self, to):
        """`to`: the port of the parent."""
        self.to, self.is_cut = to, False
        self.up = self.down = 0
        self.lock, self.sockets = threading.Lock(), set()
        # Whoever dials waits until it is set, and is noted as waiting.
        self.gate, self.is_waiting = threading.Event(), False
        self.gate.set()
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self.let_in, daemon=True).start()

    def cut(self):
        """What is under way is lost, and whoever dials is sent away."""
        with self.lock:
            self.is_cut = True
        self.hang_up()

    def mend(self):
        with self.lock:
            self.is_cut = False

    def lead(self, to):
        """From now on it leads to another port."""
        with self.lock:
            self.to = to
        self.hang_up()

    def close(self):
        """For good."""
        self.cut()
        self.door.shutdown(socket.SHUT_RDWR)
        self.door.close()

    def hang_up(self):
        with self.lock:
            sockets, self.sockets = self.sockets, set()
        for one in sockets:
            hang_up(one)

    def let_in(self):
        while True:
            try:
                below, _ = self.door.accept()
            except OSError:
                return
            self.is_waiting = not self.gate.is_set()
            self.gate.wait()
            with self.lock:
                is_cut, to = self.is_cut, self.to
            try:
                if is_cut:
                    raise OSError
                above = socket.create_connection(("127.0.0.1", to))
            except OSError:
                below.close()
                continue
            with self.lock:
                self.sockets |= {below, above}
                is_cut = self.is_cut
            for one, other in ((below, above), (above, below)):
                threading.Thread(target=self.carry, args=(one, other), daemon=True).start()
            if is_cut:
                self.hang_up()

    def carry(self, one, other):
        """Until either end is gone; then both are."""
        try:
            upward = one.getsockname()[1] == self.port
            while piece := one.recv(65_536):
                with self.lock:
                    self.note(len(piece), upward)
                other.sendall(piece)
        except OSError:
            pass
        self.drop(one, other)

    def note(self, count, upward):
        if upward:
            self.up += count
        else:
            self.down += count

    def drop(self, one, other):
        with self.lock:
            self.sockets -= {one, other}
        hang_up(one)
        hang_up(other)


def hang_up(one):
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    one.close()
