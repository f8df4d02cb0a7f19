"""Disks under a unit's folder that go wrong while its node serves: full ones, and one that turns read-only.

    with SmallDisk(net, unit) as disk:
        net.serve(unit)
        disk.fill()
        ...
        disk.make_room()

On the way in the node is stopped and its folder moved there; on the way out, however that is, it is stopped and moved
back. Where this account may not mount anything, `Bound` stands in for a full disk: the kernel bounds how long a file of
the node's may become.
"""
import os
import resource
import shutil
import subprocess
import tempfile

# What is left free on a disk that is filling up, in bytes: a few acts still fit.
LEFT = 300_000
# Rights to mount are looked for once.
PERMITTED = {}
# Runs the program with the bound that stands in a file, if there is one, in blocks of 512 bytes.
WRAPPER = """#!/bin/sh
trap '' XFSZ
[ -s {bound} ] && ulimit -S -f "$(cat {bound})"
exec {terrace} "$@"
"""


def shell(script):
    return subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True).returncode == 0


class Disk:
    """Something that is mounted where the unit's folder was."""

    def __init__(self, net, unit):
        self.net, self.unit, self.folder = net, unit, net.data(unit)
        self.aside = self.folder + ".aside"

    @classmethod
    def is_permitted(cls):
        if cls not in PERMITTED:
            with tempfile.TemporaryDirectory(prefix="terrace-mount-") as folder:
                disk = cls.__new__(cls)
                disk.folder = folder
                PERMITTED[cls] = disk.mount() and shell(f"umount {folder}")
                disk.clear()
        return PERMITTED[cls]

    def __enter__(self):
        self.net.stop(self.unit)
        os.rename(self.folder, self.aside)
        try:
            os.mkdir(self.folder)
            if not self.mount():
                raise OSError(f"nothing could be mounted at {self.folder}")
            shutil.copytree(self.aside, self.folder, dirs_exist_ok=True)
        except BaseException:
            self.put_back()
            raise
        shutil.rmtree(self.aside)
        # What the drill has brought must outlive whatever comes.
        shell(f"sync -f {self.folder}")
        return self

    def __exit__(self, *_):
        if self.net.is_up(self.unit):
            self.net.stop(self.unit)
        try:
            shutil.copytree(self.folder, self.aside, ignore=shutil.ignore_patterns("lost+found"))
        finally:
            self.put_back()

    def put_back(self):
        """Nothing is mounted any more, and the folder is what stood aside."""
        if os.path.ismount(self.folder):
            shell(f"umount {self.folder} || umount -l {self.folder}")
        os.rmdir(self.folder)
        os.rename(self.aside, self.folder)
        self.clear()

    def clear(self):
        """What it was made of is removed."""


class SmallDisk(Disk):
    """In memory, and as large as it is told to be."""
    # What the doctor must find while it is bad, if anything.
    tells = "folder.full"

    def mount(self):
        return shell(f"mount -t tmpfs -o size=64m terrace {self.folder}")

    def fill(self):
        room = os.statvfs(self.folder)
        used = (room.f_blocks - room.f_bfree) * room.f_frsize
        self.resize(used + LEFT)

    def make_room(self):
        self.resize(64 << 20)

    def resize(self, size):
        if not shell(f"mount -o remount,size={size} {self.folder}"):
            raise OSError(f"the disk of {self.unit} cannot be resized")


class FailingDisk(Disk):
    """Turns read-only under those who write to it, as the kernel makes a disk that it no longer trusts."""

    @property
    def tells(self):
        """Kernels since 6.13 refuse to write to such a disk without calling it read-only: nobody can ask them."""
        return "folder.readOnly" if os.statvfs(self.folder).f_flag & os.ST_RDONLY else None

    @property
    def image(self):
        return self.folder + ".image"

    def mount(self):
        return (shell(f"truncate -s 64M {self.image} && mkfs.ext4 -q {self.image}")
                and shell(f"mount -o loop {self.image} {self.folder}"))

    def fill(self):
        if not shell(f"mount -o remount,abort {self.folder}"):
            raise OSError(f"the disk of {self.unit} does not fail")

    def make_room(self):
        """As a person would after a restart; nobody may use it meanwhile."""
        self.net.stop(self.unit)
        if not shell(f"umount {self.folder} && {{ e2fsck -p {self.image} || [ $? -le 1 ]; }}"
                     f" && mount -o loop {self.image} {self.folder}"):
            raise OSError(f"the disk of {self.unit} cannot be repaired")
        self.net.serve(self.unit)

    def clear(self):
        if os.path.exists(self.image):
            os.remove(self.image)


class Bound:
    """No file of the node's may become longer than the longest is, and a little; needs no rights."""
    tells = None

    def __init__(self, net, unit):
        self.net, self.unit = net, unit
        self.file, self.program = (os.path.join(net.folder, f"{unit}.{what}") for what in ("bound", "program"))

    def __enter__(self):
        self.net.stop(self.unit)
        with open(self.program, "w") as file:
            file.write(WRAPPER.format(bound=self.file, terrace=self.net.terrace))
        os.chmod(self.program, 0o755)
        self.net.programs[self.unit] = self.program
        return self

    def __exit__(self, *_):
        self.make_room()
        if self.net.is_up(self.unit):
            self.net.stop(self.unit)
        del self.net.programs[self.unit]

    def fill(self):
        folder = self.net.data(self.unit)
        longest = max(os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder))
        blocks = longest // 512 + LEFT // 512
        with open(self.file, "w") as file:
            file.write(str(blocks))
        self.bound_server(blocks * 512)

    def make_room(self):
        open(self.file, "w").close()
        self.bound_server(resource.RLIM_INFINITY)

    def bound_server(self, size):
        if self.net.is_up(self.unit):
            pid = self.net.servers[self.unit].pid
            _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most if size == resource.RLIM_INFINITY else size, most))
