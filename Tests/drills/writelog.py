"""The write-ahead log of a database whose process was killed, and how to tear it (sqlite.org/walformat.html)."""
import os
import struct

HEADER, FRAME_HEADER = 32, 24
# Where the -shm says how many frames are in the database file already (sqlite.org/walformat.html).
BACKFILLED_AT = 96


def tear(folder, dice):
    """Cuts off the tail of the log, or overwrites it. Returns what was done, for people; nothing if there was none.

    What a checkpoint has taken into the database file stays: a disk that loses part of the log had not been told to
    begin with the file before the log was safe."""
    path = os.path.join(folder, "replica.sqlite-wal")
    frames, length = extent(path)
    first = backfilled(folder)
    if frames <= first:
        return None
    keep = dice.randrange(first, frames)
    at, end = HEADER + keep * length + dice.randrange(length), HEADER + frames * length
    with open(path, "r+b") as log:
        if dice.random() < 0.5:
            log.truncate(at)
            return f"the last {frames - keep} of {frames} frames of its log are cut off"
        log.seek(at)
        log.write(dice.randbytes(end - at))
        return f"the last {frames - keep} of {frames} frames of its log are overwritten"


def extent(path):
    """How many frames there are since the log was begun anew, and the bytes of each."""
    with open(path, "rb") as log:
        header = log.read(HEADER)
        if len(header) < HEADER:
            return 0, 1
        length = FRAME_HEADER + struct.unpack(">I", header[8:12])[0]
        frames = 0
        while (frame := log.read(length)) and len(frame) == length and frame[8:16] == header[16:24]:
            frames += 1
        return frames, length


def backfilled(folder):
    with open(os.path.join(folder, "replica.sqlite-shm"), "rb") as index:
        index.seek(BACKFILLED_AT)
        return struct.unpack("=I", index.read(4))[0]
