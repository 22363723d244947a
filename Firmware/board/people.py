"""The operator of the emulated board: eyes and fingers at its serial console and its panel."""
import codecs
import json
import re
import time

from vm import BoardError

LINES = ("loam-attention", "loam-busy", "loam-fault", "loam-shutter", "loam-class1", "loam-class2", "loam-class3", "loam-skip", "loam-undo")

# Makes the panel before the daemon looks for it: a chip of the kernel's gpio-sim, its lines named as on a real panel.
# Buttons go to ground and are on at low voltage, so their lines stand high.
PANEL_SCRIPT = """#!/bin/bash
set -e
modprobe gpio-sim
mountpoint -q /sys/kernel/config || mount -t configfs configfs /sys/kernel/config
sim=/sys/kernel/config/gpio-sim/panel
mkdir -p $sim/bank
echo LINES_COUNT > $sim/bank/num_lines
echo loam-panel > $sim/bank/label
number=0
for name in LINES_NAMES; do
  mkdir $sim/bank/line$number
  echo $name > $sim/bank/line$number/name
  number=$((number + 1))
done
echo 1 > $sim/live
ln -s /sys/devices/platform/$(cat $sim/dev_name)/$(cat $sim/bank/chip_name) /run/panel
for number in $(seq 3 $((LINES_COUNT - 1))); do echo pull-up > /run/panel/sim_gpio$number/pull; done
""".replace("LINES_COUNT", str(len(LINES))).replace("LINES_NAMES", " ".join(LINES))

PANEL_UNIT = """[Unit]
Description=Lights and buttons of the emulated board
DefaultDependencies=no
After=systemd-modules-load.service systemd-udevd.service
Before=loam.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/lib/loam-test/panel

[Install]
WantedBy=multi-user.target
"""

# Stands for the camera's command: the scene before the lens, a few times a second.
CAMERA_SCRIPT = """#!/bin/sh
while :; do
  cat /usr/local/lib/loam-test/scene.jpg || exit 1
  sleep 0.5
done
"""


class Panel:
    """The LEDs and buttons, through what gpio-sim shows of them in sysfs."""

    def __init__(self, board):
        self.board = board

    def value(self, name):
        return self.board.sh(f"cat /run/panel/sim_gpio{LINES.index(name)}/value").strip()

    def press(self, name, seconds=0.3):
        pull = f"/run/panel/sim_gpio{LINES.index(name)}/pull"
        self.board.sh(f"echo pull-down > {pull}; sleep {seconds}; echo pull-up > {pull}")

    def wait_for(self, name, level, timeout):
        """Seconds until the line has the level."""
        began = time.monotonic()
        path = f"/run/panel/sim_gpio{LINES.index(name)}/value"
        turns = int(timeout * 10)
        self.board.sh(
            f"for turn in $(seq {turns}); do [ $(cat {path}) = {level} ] && break; sleep 0.1; done; [ $(cat {path}) = {level} ] || [ $turn -lt {turns} ]",
            timeout=timeout * 4)
        return time.monotonic() - began


# What moves and colours text; a terminal shows none of it as characters.
CONTROL = re.compile(r"\x1b(?:\[[0-9;?>]*[@-~]|P[^\x1b]*\x1b\\)")


class Console:
    """A person's hands and eyes at the operator's line, and a terminal that knows 24-bit colours."""

    def __init__(self, board):
        self.line = board.connect("operator")
        self.line.settimeout(0.2)
        self.text = ""
        self.shown = ""
        self.raw = ""
        self.rest = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def type(self, keys):
        self.line.sendall(keys.encode())

    def read(self):
        try:
            received = self.decoder.decode(self.line.recv(65536))
        except TimeoutError:
            return
        self.raw += received
        # A terminal answers what it is asked: its name, and what it can show.
        for question, answer in (("\x1b[>q", "\x1bP>|board-test 1\x1b\\"), ("\x1b[c", "\x1b[?62;22c")):
            # A question may come in two pieces.
            if question in self.raw[-len(received) - len(question) + 1 :]:
                self.type(answer)
        received = self.rest + received
        cut = received.rfind("\x1b")
        self.rest = received[cut:] if cut >= 0 and not CONTROL.match(received, cut) else ""
        plain = CONTROL.sub("", received[: len(received) - len(self.rest)])
        self.text += plain
        self.shown += plain

    def wait(self, pattern, timeout=120):
        """Reads until the pattern comes: the match. What came up to it is read no more."""
        end = time.monotonic() + timeout
        pattern = re.compile(pattern)
        while True:
            match = pattern.search(self.text)
            if match:
                self.text = self.text[match.end():]
                return match
            if time.monotonic() > end:
                raise BoardError(f"nothing like {pattern.pattern!r} on the operator's console in {timeout} s; it said:\n{self.shown[-2000:]}")
            self.read()

    def log_in(self, pin, timeout=180):
        self.type("\r")
        self.wait(r"PIN", timeout)
        time.sleep(1)
        self.type(pin + "\r")
        self.wait(r"(?m)^> |Nothing waits|--- Question", timeout)
        # The console asks the terminal what it can show, and takes nothing for a key until it has heard.
        time.sleep(5)

    def question(self, timeout=300, again=True):
        """The next question, or the one that stands shown again: number, photo's name, keys by class."""
        if again:
            self.text = ""
        for patience in (20, 60, timeout):
            if again:
                self.type("\x0c")
            try:
                number = int(self.wait(r"--- Question #(\d+)", patience).group(1))
                break
            except BoardError:
                if patience == timeout:
                    raise
        photo = self.wait(r"  photo  (.*)\r?\n", 60).group(1).strip()
        keys = self.wait(r"  press  (.*)\r?\n", 60).group(1)
        self.wait(r"(?m)^> ", 60)
        # Nobody reads it in less; what is typed before the line has carried all of it is refused, and after
        # Ctrl-L the terminal is asked what it can show, and no byte is a key until it has answered.
        time.sleep(4 if again else 1)
        return number, photo, {name: key for key, name in re.findall(r"\[(\d)\] (\S+)", keys)}

    def look(self, timeout=120):
        """Has the console draw its photo: what the terminal was sent for the whole screen, colours and all."""
        began = len(self.raw)
        self.question()
        # A class begins with p, so that the key wants its Enter.
        self.type("p\r")
        self.wait(r"#\d+ \S+:", timeout)
        self.wait(r"(?m)^> ", timeout)
        return self.raw[began:]

    def ask(self, request, timeout=300):
        """A request in the mode for scripts; the answer. The mode is begun and left again."""
        self.text = ""
        self.type('{"mode":"json"}\r')
        self.wait(r'"mode":"json"', timeout)
        self.type(json.dumps({**request, "id": 7}) + "\r")
        end = time.monotonic() + timeout
        while True:
            match = self.wait(r"(\{.*\})\r?\n", max(1, end - time.monotonic()))
            try:
                answer = json.loads(match.group(1))
            except ValueError:
                continue
            if answer.get("id") == 7:
                break
        self.type('{"mode":"human"}\r')
        self.wait(r"(?m)^> ", timeout)
        if not answer.get("ok"):
            raise BoardError(f"the console refused {request}: {answer}")
        return answer
