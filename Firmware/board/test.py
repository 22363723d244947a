#!/usr/bin/env python3
"""test.py BUILD_FOLDER --host-loam PROGRAM [--transcript FILE] [--only operator|small|video|package|efi]: plays the operator and the
integrator of the emulated board.

BUILD_FOLDER holds image/ (image/build.sh) and the packages. PROGRAM is loam for this machine: its predictions must be those of the
board, byte for byte. Every step is printed with its time; the first that fails ends the test with exit code 1.
"""
import argparse
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time

import photos
from people import CAMERA_SCRIPT, PANEL_SCRIPT, PANEL_UNIT, Console, Panel
from vm import Board, BoardError, find_efi, put_files

PIN = "246810"
CONFIGURATION = """# The emulated board's.
store: /var/lib/loam/store
model: /etc/loam/model.loam
name: bench
camera:
  address: exec:/usr/local/lib/loam-test/camera
  trigger: [button, command]
  timeout: 30s
console:
  line: /dev/ttyS0
  settle: 0s
  login: pin
gpio:
  attention: loam-attention
  busy: loam-busy
  fault: loam-fault
  shutter: loam-shutter
  skip: loam-skip
  undo: loam-undo
  classes: [loam-class1, loam-class2, loam-class3]
  active_low: [loam-shutter, loam-class1, loam-class2, loam-class3, loam-skip, loam-undo]
ask:
  batch: 6
  after: 6
  choose_from: 1
  audit: 0%
memory:
  budget: 96MiB
"""
FOLDER = CONFIGURATION.replace("exec:/usr/local/lib/loam-test/camera", "dir:/var/lib/loam/incoming").replace(
    "trigger: [button, command]", "trigger: [arrival]")
VIDEO_PATH = "/dev/v4l/by-path/platform-vivid.0-video-index0"
VIDEO = CONFIGURATION.replace("exec:/usr/local/lib/loam-test/camera", f"v4l2:{VIDEO_PATH}").replace(
    "timeout: 30s", "timeout: 30s\n  burst: 2")


class Transcript:
    def __init__(self, path):
        self.began = time.monotonic()
        if path:
            os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        self.file = open(path, "w", encoding="utf-8") if path else None

    def say(self, text):
        for number, line in enumerate(text.split("\n")):
            stamp = f"[{time.monotonic() - self.began:7.1f} s] " if number == 0 else " " * 12
            print(stamp + line, flush=True)
            if self.file:
                self.file.write(stamp + line + "\n")
                self.file.flush()


class Test:
    def __init__(self, arguments):
        self.build = os.path.abspath(arguments.build)
        self.host_loam = os.path.abspath(arguments.host_loam) if arguments.host_loam else None
        self.log = Transcript(arguments.transcript)
        self.say = self.log.say
        self.image = f"{self.build}/image"
        self.folder = f"{self.build}/board"
        self.share = f"{self.folder}/share"
        os.makedirs(self.share, exist_ok=True)
        self.board = None

    # MARK: parts of a run

    def disk(self, name, files):
        """A copy of the image with what only the test has."""
        path = f"{self.folder}/{name}.ext4"
        subprocess.run(["cp", "--sparse=always", f"{self.image}/root.ext4", path], check=True)
        put_files(path, {
            "/usr/local/lib/loam-test/panel": (0o755, PANEL_SCRIPT.encode()),
            "/usr/local/lib/loam-test/camera": (0o755, CAMERA_SCRIPT.encode()),
            "/etc/systemd/system/loam-test-panel.service": (0o644, PANEL_UNIT.encode()),
            "/etc/systemd/system/multi-user.target.wants/loam-test-panel.service": (None, "/etc/systemd/system/loam-test-panel.service"),
            "/etc/loam/loam.yaml": (0o644, CONFIGURATION.encode()), **files})
        return path

    def boot(self, disk, **options):
        self.board = Board(self.image, disk, share=self.share, **options)
        seconds = self.board.boot()
        self.board.sh("modprobe 9pnet_virtio && modprobe 9p && mkdir -p /mnt/share && mount -t 9p -o trans=virtio,version=9p2000.L share /mnt/share")
        return seconds

    def wait_for_daemon(self, timeout=600):
        """Until systemd says that the daemon is ready: seconds of the guest since its kernel's start."""
        self.until("the daemon is ready", lambda: self.board.sh("systemctl is-active loam", check=False).strip() == "active", timeout,
                   why=lambda: self.board.sh("systemctl status loam loam-provision --no-pager -n 40", check=False))
        # Microseconds since the kernel's start.
        shown = self.board.sh("systemctl show loam -p ActiveEnterTimestampMonotonic -p ExecMainStartTimestampMonotonic")
        times = {name: int(value) / 1e6 for name, value in re.findall(r"(\w+)=(\d+)", shown)}
        return times["ActiveEnterTimestampMonotonic"], times["ExecMainStartTimestampMonotonic"]

    def until(self, what, condition, timeout, why=lambda: ""):
        end = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > end:
                raise BoardError(f"not in {timeout} s: {what}\n{why()}")
            time.sleep(2)

    def status(self):
        return json.loads(self.board.sh("loam status --store /var/lib/loam/store --json"))

    def captures(self, count, timeout=900):
        self.until(f"{count} captures", lambda: self.status()["captures"] >= count, timeout,
                   why=lambda: self.board.sh("journalctl -u loam --no-pager | tail -n 30", check=False))

    def journal(self, pattern):
        found = re.search(pattern, self.board.sh("journalctl -b -u loam --no-pager -o cat"))
        if not found:
            raise BoardError(f"the journal of loam.service has nothing like {pattern!r}")
        return found.group(0)

    def check(self, what, is_right, found=""):
        if not is_right:
            raise BoardError(f"{what}: {found}")
        self.say(f"  right: {what}")

    # MARK: the operator

    def play_operator(self):
        """Items 11 and 12: shutter, attention, login, labels by key and button, learning, export, reboot."""
        self.say("cortex-a72, 512 MB, first boot of the image")
        scenes = photos.make(f"{self.folder}/scenes", 5, seed=1)
        held_out = photos.make(f"{self.share}/held-out", 8, seed=2)
        for name in photos.CLASSES:
            for path in scenes[name]:
                shutil.copy(path, self.share)
        first = scenes["striped"][0]
        disk = self.disk("operator", {"/usr/local/lib/loam-test/scene.jpg": (0o644, open(first, "rb").read())})
        seconds = self.boot(disk, kernel_options=f"loam.pin={PIN} loam.name=bench loam.classes={','.join(photos.CLASSES)}")
        self.say(f"the board has booted to a shell in {seconds:.1f} s")
        ready, started = self.wait_for_daemon()
        self.say(f"provisioned, and the daemon ready {ready:.1f} s after the kernel's start, {ready - started:.1f} s after its own")
        self.say("the log names the kernels: " + self.journal(r"(?i)[^\n]*neon[^\n]*"))
        panel, console = Panel(self.board), Console(self.board)

        order = [name for _ in range(2) for name in photos.CLASSES]
        taken = {name: 0 for name in photos.CLASSES}
        for number, name in enumerate(order, 1):
            photo = os.path.basename(scenes[name][taken[name]])
            taken[name] += 1
            self.board.sh(f"cp /mnt/share/{photo} /usr/local/lib/loam-test/scene.new && mv /usr/local/lib/loam-test/scene.new /usr/local/lib/loam-test/scene.jpg; sleep 2")
            began = time.monotonic()
            panel.press("loam-shutter")
            self.captures(number)
            self.say(f"shutter pressed before a {name} scene; photo {number} judged {time.monotonic() - began:.1f} s later")
        waited = panel.wait_for("loam-attention", 1, 600)
        self.say(f"the attention LED has risen {waited:.1f} s later")

        queue = [json.loads(line) for line in self.board.sh("loam queue --store /var/lib/loam/store --json").splitlines() if line.startswith("{")]
        truth = dict(zip(sorted(line["candidate"] for line in queue), order))
        self.check("all photos of the shutter wait", len(truth) == len(order), f"{len(truth)} of {len(order)}")
        console.type("1")
        console.log_in(PIN)
        self.say("logged in with the PIN made at the first boot")
        screen = console.look()
        with open(f"{self.folder}/console.txt", "w", encoding="utf-8") as file:
            file.write(screen)
        self.check("the console draws the photo", screen.count("\n") > 12, screen[-500:])
        self.say(f"looked at the first photo: {len(screen.encode())} B of screen, {'in half blocks' if '▀' in screen else 'in ASCII'}")
        before = self.status()
        for number in range(len(order)):
            candidate, _, keys = console.question(again=number == 0)
            name = truth[candidate]
            if number % 2 == 0:
                console.type(keys[name])
                way = f"key {keys[name]}"
            else:
                panel.press(f"loam-class{keys[name]}")
                way = f"button {keys[name]}"
            console.wait(rf"#{candidate} as {name} \(kept\)" if number % 2 == 0 else rf"#{candidate}", 120)
            self.say(f"#{candidate} is {name}: by {way}")
        self.until("a round of learning", lambda: self.status()["model"] != before["model"], 900,
                   why=lambda: self.board.sh("journalctl -u loam --no-pager | tail -n 30", check=False))
        learned = self.status()
        self.say(f"a round has ended: model {learned['model']}, {learned['labels']} labels")

        # Photos that arrive in a folder.
        self.board.sh("cat > /etc/loam/loam.yaml <<'END'\n" + FOLDER + "END\nsystemctl restart loam")
        self.wait_for_daemon()
        count = self.status()["captures"]
        for name in photos.CLASSES:
            for path in scenes[name][3:]:
                self.board.sh(f"cp /mnt/share/{os.path.basename(path)} /var/lib/loam/incoming/")
        self.captures(count + 6)
        self.say("6 photos have arrived in the folder and are judged")

        # Home.
        console.log_in(PIN)
        text = console.ask({"do": "export"})["text"]
        self.say(f"exported from the console: {text}")
        bundle = self.pull_bundle()
        self.compare(bundle, held_out)

        # The rest of the photos are as they were after the plug is pulled and the board boots again.
        kept = self.status()
        self.say(f"the daemon holds {kept['memory']['rss_bytes'] / 2**20:.1f} MiB, at its peak {kept['memory']['peak_rss_bytes'] / 2**20:.1f} MiB")
        seconds = self.board.shut_down()
        self.say(f"powered off in {seconds:.1f} s; booting again")
        seconds = self.boot(disk)
        self.wait_for_daemon()
        again = self.status()
        for key in ("captures", "labels", "model_sha256"):
            self.check(f"{key} after the reboot as before", again[key] == kept[key], f"{again[key]}, before {kept[key]}")
        console = Console(self.board)
        console.log_in(PIN)
        self.say("logged in again with the same PIN")
        self.board.shut_down()

    def pull_bundle(self):
        """Copies the newest bundle out through the shared folder, and has this machine verify it."""
        found = self.board.sh("ls -d /var/lib/loam/store/*/*/manifest.json /var/lib/loam/store/*/manifest.json 2>/dev/null | tail -n 1", check=False).strip()
        target = f"{self.share}/bundle"
        shutil.rmtree(target, ignore_errors=True)
        if found:
            self.board.sh(f"cp -rL {os.path.dirname(found)} /mnt/share/bundle")
        else:
            self.board.sh("loam export --store /var/lib/loam/store --output /run/bundle && cp -rL /run/bundle /mnt/share/bundle")
        if self.host_loam:
            checked = subprocess.run([self.host_loam, "verify", target], capture_output=True, text=True, check=False)
            self.check("this machine's loam verifies the bundle", checked.returncode == 0, checked.stdout + checked.stderr)
        return target

    def compare(self, bundle, held_out):
        """The same photos through the same model here and there: accuracy, and the same bytes."""
        def accuracy(lines):
            right = sum(os.path.basename(line["path"]).startswith(line["top"][0]["class"]) for line in lines)
            return right, len(lines)

        here = "cd /mnt/share/held-out && loam classify ../bundle/model.loam --json *.jpg"
        board = self.board.sh(here, timeout=1800)
        lines = [json.loads(line) for line in board.split("\n") if line.startswith("{")]
        right, count = accuracy(lines)
        self.say(f"of {count} photos that it has never seen, the board's new model gets {right} right")
        self.check("better than the first model, which knows nothing", right * len(photos.CLASSES) > 1.5 * count, f"{right} of {count}")
        if not self.host_loam:
            return self.say("  not run: predictions on this machine (give --host-loam)")
        names = sorted(os.path.basename(path) for paths in held_out.values() for path in paths)
        local = subprocess.run([self.host_loam, "classify", f"{bundle}/model.loam", "--json", *names],
                               cwd=f"{self.share}/held-out", capture_output=True, text=True, check=True).stdout.strip()
        digests = [hashlib.sha256(text.strip().encode()).hexdigest() for text in (board, local)]
        self.check(f"board and this machine give the same bytes (SHA-256 {digests[0][:16]}…)", digests[0] == digests[1], f"{digests}")

    # MARK: the small board

    def measure_small(self):
        """256 MB: boot, memory of the idle daemon, from its start to the first judged photo."""
        self.say("cortex-a72, 256 MB, first boot of the image")
        scenes = photos.make(f"{self.folder}/scenes", 1, seed=1)
        disk = self.disk("small", {"/etc/loam/loam.yaml": (0o644, FOLDER.encode())})
        shutil.copy(scenes["dotted"][0], self.share)
        seconds = self.boot(disk, memory="256M", kernel_options=f"loam.pin={PIN} loam.classes={','.join(photos.CLASSES)}")
        ready, started = self.wait_for_daemon()
        self.say(f"shell after {seconds:.1f} s; daemon ready {ready:.1f} s after the kernel's start, {ready - started:.1f} s after its own")
        process = self.board.sh("systemctl show loam -p MainPID --value").strip()
        self.say("just started:\n" + self.memory_of(process)[0])
        # It gives back what it does not need after ten seconds without work.
        time.sleep(25)
        text, resting = self.memory_of(process)
        self.say("at rest, the model loaded:\n" + text)
        began = time.monotonic()
        self.board.sh(f"cp /mnt/share/{os.path.basename(scenes['dotted'][0])} /var/lib/loam/incoming/")
        self.captures(1)
        self.say(f"the first photo is judged {time.monotonic() - began:.1f} s after it came\n" + self.memory_of(process)[0])
        time.sleep(25)
        text, again = self.memory_of(process)
        self.say("at rest again:\n" + text + "\n" + self.board.sh("free -k | sed -n 2p; systemctl show loam -p MemoryCurrent -p MemoryPeak"))
        self.check(f"at rest {resting / 1024:.1f} MiB resident, after work {again / 1024:.1f}: at most 32", max(resting, again) <= 32 * 1024, text)
        self.board.shut_down()

    def memory_of(self, process):
        """What the kernel counts for a process, as text, and its resident KiB."""
        text = self.board.sh(f"grep -E '^(VmRSS|VmHWM|RssAnon|RssFile)' /proc/{process}/status").strip()
        return text, int(re.search(r"VmRSS:\s+(\d+)", text).group(1))

    # MARK: the video camera

    def shoot_video(self):
        """A virtual V4L2 camera of the kernel: a burst by the shutter; unplugged it is missed, plugged in again it works."""
        self.say("a V4L2 camera, the kernel's vivid")
        disk = self.disk("video", {
            "/etc/loam/loam.yaml": (0o644, VIDEO.encode()), "/etc/modules-load.d/vivid.conf": (0o644, b"vivid\n"),
            "/etc/modprobe.d/vivid.conf": (0o644, b"options vivid n_devs=1 node_types=0x1\n")})
        self.boot(disk, kernel_options=f"loam.pin={PIN} loam.classes={','.join(photos.CLASSES)}")
        self.wait_for_daemon()
        if "/dev/video" not in self.board.sh(f"readlink -f {VIDEO_PATH}", check=False):
            self.say("  not run: there is no " + VIDEO_PATH + ": this kernel has no vivid")
            return self.board.shut_down()
        panel = Panel(self.board)
        began = time.monotonic()
        panel.press("loam-shutter")
        self.captures(2)
        self.say(f"a burst of two by the shutter is judged {time.monotonic() - began:.1f} s later")
        self.board.sh("echo vivid.0 > /sys/bus/platform/drivers/vivid/unbind")
        panel.press("loam-shutter")
        self.until("the camera is missed", lambda: not self.status()["camera"]["isWorking"], 300, why=lambda: json.dumps(self.status()["camera"]))
        self.say(f"unplugged, and the shutter pressed: {self.status()['camera']['text']}")
        self.check("the daemon goes on", self.board.sh("systemctl is-active loam").strip() == "active")
        self.board.sh("echo vivid.0 > /sys/bus/platform/drivers/vivid/bind; udevadm settle")
        # A press while it is found again may come too early.
        end = time.monotonic() + 600
        while self.status()["captures"] < 4:
            if time.monotonic() > end:
                raise BoardError("no photo after the camera was plugged in again\n" + self.board.sh("journalctl -u loam --no-pager | tail -n 30", check=False))
            panel.press("loam-shutter")
            time.sleep(30)
        self.say("plugged in again: the shutter takes photos")
        self.board.shut_down()

    # MARK: the package

    def test_package(self):
        """Upgrade, downgrade, remove, install and purge on the running board; data survives all but the last."""
        self.say("the package on the running board")
        packages = sorted(glob.glob(f"{self.build}/loam_*_arm64.deb"), key=os.path.getmtime)
        versions = {subprocess.run(["dpkg-deb", "-f", path, "Version"], capture_output=True, text=True, check=True).stdout.strip(): path for path in packages}
        if len(versions) < 2:
            raise BoardError("two packages of different versions are needed: package/build.sh arm64 VERSION")
        older, newer = list(versions)[-2:]
        if subprocess.run(["dpkg", "--compare-versions", older, "gt", newer], check=False).returncode == 0:
            older, newer = newer, older
        for version in (older, newer):
            shutil.copy(versions[version], self.share)
        disk = self.disk("package", {"/etc/loam/loam.yaml": (0o644, FOLDER.encode())})
        self.boot(disk, kernel_options=f"loam.pin={PIN} loam.classes={','.join(photos.CLASSES)}")
        self.wait_for_daemon()
        key = self.board.sh("sha256sum /var/lib/loam/store/device.key | cut -c 1-16; sha256sum < /etc/loam/loam.yaml | cut -c 1-16")
        # The image has one of the two; the way down, up, and the same again.
        for version in (older, newer, newer, older, newer):
            self.board.sh(f"dpkg --force-confold -i /mnt/share/{os.path.basename(versions[version])}", timeout=900)
            installed = self.board.sh("dpkg-query -W -f '${Version} ${db:Status-Status}' loam")
            self.check(f"{version} is installed", installed.strip() == f"{version} installed", installed)
            self.wait_for_daemon()
            now = self.board.sh("sha256sum /var/lib/loam/store/device.key | cut -c 1-16; sha256sum < /etc/loam/loam.yaml | cut -c 1-16")
            self.check("the device's key and configuration are as before", now == key, now)
        self.board.sh("dpkg -r loam", timeout=600)
        left = self.board.sh("ls /etc/loam/loam.yaml /var/lib/loam/store/device.key; ls /usr/bin/loam /usr/lib/systemd/system/loam.service 2>&1; systemctl is-active loam", check=False)
        self.check("removed: data and configuration stay, the program is gone, nothing runs",
                   "inactive" in left and left.count("No such file") == 2 and "cannot access '/etc" not in left and "cannot access '/var" not in left, left)
        self.board.sh(f"dpkg --force-confold -i /mnt/share/{os.path.basename(versions[newer])}", timeout=900)
        self.wait_for_daemon()
        self.say("installed again: it runs with what it had")
        self.board.sh("dpkg -P loam", timeout=600)
        left = self.board.sh("ls -d /etc/loam /var/lib/loam /usr/lib/loam /usr/share/loam 2>/dev/null; find /etc/systemd/system -name 'loam*' ! -name 'loam-test*'", check=False)
        self.check("purged: configuration, key, store and the service's links are gone", not left.strip(), left)
        self.board.shut_down()

    # MARK: the disk image with its own boot loader

    def boot_by_efi(self):
        """The whole disk with its boot loader, as a UEFI board boots it."""
        firmware = find_efi()
        if not firmware or not os.path.exists(f"{self.image}/loam.img"):
            return self.say("not run: boot of the disk by UEFI (qemu-efi-aarch64 or loam.img is not there)")
        self.say("loam.img by UEFI and systemd-boot")
        disk = f"{self.folder}/efi.img"
        subprocess.run(["cp", "--sparse=always", f"{self.image}/loam.img", disk], check=True)
        self.board = Board(self.image, disk, efi=firmware)
        # A first boot as anyone has it: the PIN is made, and shown on the system console.
        _, match = self.board.wait(r"PIN\s+(\d{4,12})", 900)
        self.say(f"first boot: the PIN has been made and shown after {time.monotonic() - self.board.began:.1f} s ({len(match.group(1))} digits)")
        self.board.wait(r"login:", 900)
        self.say(f"login prompt after {time.monotonic() - self.board.began:.1f} s")
        self.board.cut_power()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("build")
    parser.add_argument("--host-loam")
    parser.add_argument("--transcript")
    parser.add_argument("--only", action="append", choices=["operator", "small", "video", "package", "efi"])
    arguments = parser.parse_args()
    test = Test(arguments)
    parts = {"operator": test.play_operator, "small": test.measure_small, "video": test.shoot_video,
             "package": test.test_package, "efi": test.boot_by_efi}
    for name, part in parts.items():
        if arguments.only and name not in arguments.only:
            continue
        try:
            part()
        except (BoardError, KeyError, ValueError, OSError, subprocess.SubprocessError) as error:
            test.say(f"FAILED: {name}: {type(error).__name__}: {error}")
            if test.board:
                test.board.cut_power()
            return 1
        finally:
            if test.board:
                test.board.cut_power()
    test.say("passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
