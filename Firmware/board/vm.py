"""The emulated board: a QEMU machine with the image of Firmware/image, its consoles and its monitor.

The system console (ttyAMA0) carries a root shell that systemd starts for debugging; the second serial port (ttyS0) is the
operator's line; QMP is QEMU's monitor.
"""
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time


class BoardError(Exception):
    """The board did not do what was expected of it; the message has the end of what its console said."""


class Board:
    def __init__(self, folder, disk, memory="512M", cpu="cortex-a72", share=None, kernel_options="", efi=None):
        """folder: where vmlinuz and initrd.gz lie; disk: the root file system (ext4), or with efi, a firmware, the whole disk."""
        self.folder = tempfile.mkdtemp(prefix="loam-board-")
        self.seen = b""
        self.count = 0
        self.monitor = None
        options = (
            "console=ttyAMA0 panic=-1 quiet audit=0 loglevel=3 cma=8M systemd.debug_shell=ttyAMA0 "
            f"systemd.mask=serial-getty@ttyAMA0.service systemd.show_status=0 {kernel_options}"
        )
        arguments = ["qemu-system-aarch64", "-M", "virt", "-accel", "tcg,thread=multi", "-cpu", cpu, "-smp", "2", "-m", memory]
        arguments += ["-display", "none", "-nodefaults", "-no-reboot"]
        if efi:
            arguments += ["-bios", efi]
        else:
            arguments += ["-kernel", f"{folder}/vmlinuz", "-initrd", f"{folder}/initrd.gz", "-append", options.strip()]
        # Writes go through to the disk's file: what the guest has synced outlives the end of this process.
        arguments += ["-drive", f"if=none,id=disk,file={disk},format=raw,cache=writethrough", "-device", "virtio-blk-pci,drive=disk"]
        arguments += ["-device", "virtio-rng-pci"]
        for name, log in (("system", ",logfile=" + f"{self.folder}/system.log"), ("operator", "")):
            arguments += ["-chardev", f"socket,id={name},path={self.folder}/{name},server=on,wait=off{log}"]
        arguments += ["-serial", "chardev:system", "-device", "pci-serial,chardev=operator"]
        arguments += ["-qmp", f"unix:{self.folder}/monitor,server=on,wait=off"]
        if share:
            arguments += ["-fsdev", f"local,id=share,path={share},security_model=none", "-device", "virtio-9p-pci,fsdev=share,mount_tag=share"]
        self.began = time.monotonic()
        with open(f"{self.folder}/qemu.err", "w", encoding="utf-8") as errors:
            self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)
        self.system = self.connect("system")
        self.system.settimeout(0.2)

    def connect(self, name):
        """A socket to one of the board's lines."""
        for _ in range(200):
            try:
                line = socket.socket(socket.AF_UNIX)
                line.connect(f"{self.folder}/{name}")
                return line
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
        with open(f"{self.folder}/qemu.err", encoding="utf-8") as errors:
            raise BoardError(f"QEMU has no line '{name}': {errors.read()}")

    def wait(self, pattern, timeout=300):
        """What the system console says up to a match of pattern, and the match."""
        end = time.monotonic() + timeout
        pattern = re.compile(pattern.encode())
        while True:
            match = pattern.search(self.seen)
            if match:
                text, self.seen = self.seen[: match.end()], self.seen[match.end():]
                return text.decode(errors="replace"), match
            if time.monotonic() > end:
                raise BoardError(f"nothing like {pattern.pattern.decode()!r} in {timeout} s; the console said:\n{self.tail()}")
            try:
                received = self.system.recv(65536)
                if not received:
                    raise BoardError(f"the board has gone; the console said:\n{self.tail()}")
                self.seen += received
            except socket.timeout:
                pass

    def tail(self):
        return self.seen[-3000:].decode(errors="replace")

    def boot(self, timeout=600):
        """Waits for the root shell; seconds since QEMU's start."""
        end = time.monotonic() + timeout
        while True:
            # The shell may stand there since long: it is asked.
            self.system.sendall(b"\n")
            try:
                self.wait(r"# ", timeout=3)
                break
            except BoardError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise
        self.system.sendall(b"stty -echo cols 400; PS1=; PS2=; export TERM=dumb PAGER=cat SYSTEMD_COLORS=0\n")
        time.sleep(1)
        self.sh("true")
        return time.monotonic() - self.began

    def sh(self, command, timeout=300, check=True):
        """Runs a command in the root shell: its output. Raises when it fails, unless check is false."""
        self.count += 1
        tag = f"@@{self.count}"
        self.system.sendall(f"{command}\necho {tag[:2]}''{tag[2:]}:$?:\n".encode())
        text, match = self.wait(rf"{tag}:(\d+):\r?\n", timeout)
        output = text[: text.rfind(tag)].replace("\r", "").strip("\n")
        self.status = int(match.group(1))
        if check and self.status != 0:
            raise BoardError(f"on the board, exit code {self.status} of: {command}\n{output}")
        return output

    def ask_monitor(self, command):
        """Has QEMU's monitor do something, as in system_powerdown."""
        if self.monitor is None:
            self.monitor = self.connect("monitor").makefile("rw")
            self.monitor.readline()
            self.monitor.write('{"execute":"qmp_capabilities"}\n')
            self.monitor.flush()
            self.monitor.readline()
        self.monitor.write(json.dumps({"execute": command}) + "\n")
        self.monitor.flush()
        return self.monitor.readline()

    def shut_down(self, timeout=180):
        """Has systemd power the board off; seconds until it is off."""
        began = time.monotonic()
        self.system.sendall(b"systemctl poweroff\n")
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise BoardError(f"the board is not off after {timeout} s") from error
        self.clean()
        return time.monotonic() - began

    def cut_power(self):
        """The plug is pulled: what the guest has not synced is lost."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.clean()

    def clean(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def put_files(disk, files):
    """Writes files into a root file system that is not mounted: path → (mode, bytes), or (None, target) for a link."""
    with tempfile.TemporaryDirectory() as folder:
        commands, made = [], set()
        for number, (path, (mode, content)) in enumerate(sorted(files.items())):
            parts = path.strip("/").split("/")
            for depth in range(1, len(parts)):
                parent = "/" + "/".join(parts[:depth])
                if parent not in made:
                    made.add(parent)
                    commands.append(f"mkdir {parent}")
            commands.append(f"rm {path}")
            if mode is None:
                commands.append(f"symlink {path} {content}")
                continue
            with open(f"{folder}/{number}", "wb") as file:
                file.write(content)
            commands.append(f"write {folder}/{number} {path}")
            commands.append(f"sif {path} mode 0{0o100000 | mode:o}")
            commands.append(f"sif {path} uid 0")
            commands.append(f"sif {path} gid 0")
        with open(f"{folder}/commands", "w", encoding="utf-8") as script:
            script.write("\n".join(commands) + "\n")
        # mkdir of what exists and rm of what does not fail, and are meant to.
        subprocess.run(["debugfs", "-w", "-f", f"{folder}/commands", disk], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        for path, (mode, _) in files.items():
            answer = subprocess.run(["debugfs", "-R", f"stat {path}", disk], capture_output=True, text=True, check=True)
            if "Inode:" not in answer.stdout:
                raise BoardError(f"debugfs could not write {path} to {disk}: {answer.stderr}")


def find_efi():
    """Debian's UEFI for arm64 machines, if it is installed."""
    path = "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd"
    return path if os.path.exists(path) else None
