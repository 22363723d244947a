#!/usr/bin/env python3
"""Turns what a program wrote to a terminal into an SVG picture.

usage: picture.py [--columns N] [--rows FIRST-LAST] [--title TEXT] < CAPTURE > PICTURE.svg

CAPTURE is the program's output with its ANSI colours, as `script` records it. Carriage returns, cursor movement and
erasing are carried out, so a progress bar shows its last state. The picture has text that can be selected and read aloud;
block and line characters are drawn as rectangles, so that they meet. --rows cuts the lines FIRST to LAST (from 1) out of it.
"""

import argparse
import re
import sys
import unicodedata
from html import escape
from itertools import groupby
from typing import NamedTuple

CELL_WIDTH, CELL_HEIGHT, FONT_SIZE, MARGIN, BAR = 8.4, 18, 14, 14, 30
FOREGROUND, BACKGROUND, FRAME = "#d8dee9", "#14181f", "#2b323d"
PALETTE = (
    "#3b4252 #e06c75 #98c379 #e5c07b #61afef #c678dd #56b6c2 #d8dee9 "
    "#6b7585 #f08a92 #b5dd97 #f2d493 #84c4f8 #d99aec #7fd1db #ffffff"
).split()
# Where block characters paint their cell: left, top, width, height in eighths. Bars one above the other stay apart.
BLOCKS = {"█": (0, 0.5, 8, 7), "▀": (0, 0, 8, 4), "▐": (4, 0, 4, 8)}
BLOCKS |= {character: (0, 8 - n, 8, n) for n, character in enumerate("▁▂▃▄▅▆▇", 1)}
BLOCKS |= {character: (0, 0, 8 - n, 8) for n, character in enumerate("▉▊▋▌▍▎▏", 1)}
# The arms of line characters, from the middle of their cell: left, right, up, down.
LINES = {"─": "lr", "│": "ud", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu", "├": "rud", "┤": "lud", "┬": "lrd", "┴": "lru", "┼": "lrud"}
ESCAPE = re.compile(r"\x1b(?:\[([0-9;?]*)([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9]|[=>78A-Z])")


class Style(NamedTuple):
    ink: str = ""
    ground: str = ""
    bold: bool = False
    faint: bool = False
    underlined: bool = False
    reversed: bool = False


class Cell(NamedTuple):
    text: str
    style: Style


BLANK = Cell(" ", Style())


def colour(numbers):
    """The colour that SGR 38 or 48 names, taken from the front of `numbers`."""
    kind = numbers.pop(0) if numbers else 0
    if kind == 2 and len(numbers) >= 3:
        return "#%02x%02x%02x" % tuple(min(255, numbers.pop(0)) for _ in range(3))
    if kind == 5 and numbers:
        index = numbers.pop(0)
        if index < 16:
            return PALETTE[index]
        if index >= 232:
            return "#%02x%02x%02x" % ((8 + 10 * (index - 232),) * 3)
        levels = (0, 95, 135, 175, 215, 255)
        index -= 16
        return "#%02x%02x%02x" % (levels[index // 36], levels[index // 6 % 6], levels[index % 6])
    return ""


def restyle(style, numbers):
    """`style` after the SGR sequence with these numbers."""
    switches = {1: {"bold": True}, 2: {"faint": True}, 4: {"underlined": True}, 7: {"reversed": True}}
    switches |= {22: {"bold": False, "faint": False}, 24: {"underlined": False}, 27: {"reversed": False}}
    switches |= {39: {"ink": ""}, 49: {"ground": ""}}
    for index, name in enumerate(PALETTE):
        code = 30 + index if index < 8 else 82 + index
        switches[code], switches[code + 10] = {"ink": name}, {"ground": name}
    while numbers:
        number = numbers.pop(0)
        if number == 0:
            style = Style()
        elif number in (38, 48):
            style = style._replace(**{"ink" if number == 38 else "ground": colour(numbers)})
        else:
            style = style._replace(**switches.get(number, {}))
    return style


class Screen:
    """A terminal as wide as asked and as tall as the text."""

    def __init__(self, columns):
        self.columns, self.lines, self.row, self.column, self.style = columns, [[]], 0, 0, Style()

    def line(self):
        while len(self.lines) <= self.row:
            self.lines.append([])
        return self.lines[self.row]

    def put(self, text):
        width = 2 if unicodedata.east_asian_width(text) in "WF" else 1
        if unicodedata.combining(text):
            return
        if self.column + width > self.columns:
            self.row, self.column = self.row + 1, 0
        line = self.line()
        line.extend([BLANK] * (self.column + width - len(line)))
        line[self.column] = Cell(text, self.style)
        if width == 2:
            line[self.column + 1] = Cell("", self.style)
        self.column += width

    def control(self, parameters, final):
        numbers = [int(part) if part.isdigit() else 0 for part in parameters.split(";")]
        count = max(1, numbers[0])
        if final == "m":
            self.style = restyle(self.style, numbers)
        elif final == "A":
            self.row = max(0, self.row - count)
        elif final == "B":
            self.row += count
        elif final == "C":
            self.column = min(self.columns - 1, self.column + count)
        elif final == "D":
            self.column = max(0, self.column - count)
        elif final == "G":
            self.column = count - 1
        elif final == "H":
            self.row, self.column = count - 1, max(1, (numbers + [1])[1]) - 1
        elif final == "K":
            line = self.line()
            if numbers[0] == 0:
                del line[self.column :]
            else:
                line[: self.column + 1] = [BLANK] * min(len(line), self.column + 1)
                if numbers[0] == 2:
                    line.clear()
        elif final == "J" and numbers[0] == 0:
            del self.line()[self.column :]
            del self.lines[self.row + 1 :]
        elif final == "J":
            self.lines, self.row, self.column = [[]], 0, 0

    def write(self, text):
        position = 0
        while position < len(text):
            match = ESCAPE.match(text, position)
            character = text[position]
            if match:
                position = match.end()
                if match.group(2):
                    self.control(match.group(1), match.group(2))
                continue
            position += 1
            if character == "\n":
                self.row, self.column = self.row + 1, 0
                self.line()
            elif character == "\r":
                self.column = 0
            elif character == "\b":
                self.column = max(0, self.column - 1)
            elif character == "\t":
                self.column = min(self.columns - 1, self.column // 8 * 8 + 8)
            elif character >= " ":
                self.put(character)


def shown(style):
    """The ink and ground of `style` as they are seen."""
    ink, ground = style.ink or FOREGROUND, style.ground
    return (ground or BACKGROUND, ink) if style.reversed else (ink, ground)


def rectangle(left, top, width, height, fill, faint=False):
    opacity = ' opacity=".6"' if faint else ""
    return f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.2f}" height="{height:.2f}" fill="{fill}"{opacity}/>'


def arms(directions, left, top, ink, faint):
    """The rectangles of a line character whose cell begins at `left`, `top`."""
    half_width, half_height, x, y = CELL_WIDTH / 2, CELL_HEIGHT / 2, left + CELL_WIDTH / 2, top + CELL_HEIGHT / 2
    places = {"l": (left, y, half_width, 1), "r": (x, y, half_width, 1), "u": (x, top, 1, half_height), "d": (x, y, 1, half_height)}
    return [rectangle(*places[direction], ink, faint) for direction in directions]


def drawn(line, top):
    """The SVG elements of one line of cells whose upper edge is at `top`."""
    elements, column = [], 0

    def kind(cell):
        return cell.style, BLOCKS.get(cell.text), LINES.get(cell.text)

    for (style, block, directions), cells in groupby(line, key=kind):
        cells = list(cells)
        ink, ground = shown(style)
        left, width = MARGIN + column * CELL_WIDTH, len(cells) * CELL_WIDTH
        column += len(cells)
        if ground:
            elements.append(rectangle(left, top, width, CELL_HEIGHT, ground))
        if block and block[0] == 0 and block[2] == 8:
            elements.append(rectangle(left, top + block[1] * CELL_HEIGHT / 8, width, block[3] * CELL_HEIGHT / 8, ink, style.faint))
        elif block:
            for index in range(len(cells)):
                x = left + (index + block[0] / 8) * CELL_WIDTH
                elements.append(rectangle(x, top, block[2] * CELL_WIDTH / 8, CELL_HEIGHT, ink, style.faint))
        if directions == "lr":
            elements.append(rectangle(left, top + CELL_HEIGHT / 2, width, 1, ink, style.faint))
        elif directions:
            for index in range(len(cells)):
                elements += arms(directions, left + index * CELL_WIDTH, top, ink, style.faint)
        text = "".join(cell.text for cell in cells)
        if block or directions or not text.strip():
            continue
        start = len(text) - len(text.lstrip())
        attributes = f'x="{left + start * CELL_WIDTH:.1f}" y="{top + CELL_HEIGHT * 0.74:.1f}"'
        attributes += f' textLength="{(len(cells) - start) * CELL_WIDTH:.1f}"'
        if ink != FOREGROUND:
            attributes += f' fill="{ink}"'
        if style.bold:
            attributes += ' font-weight="bold"'
        if style.faint:
            attributes += ' opacity=".6"'
        if style.underlined:
            attributes += ' text-decoration="underline"'
        elements.append(f"<text {attributes}>{escape(text.lstrip())}</text>")
    return elements


def picture(lines, columns, title):
    width = columns * CELL_WIDTH + 2 * MARGIN
    height = BAR + len(lines) * CELL_HEIGHT + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" fill="{FOREGROUND}" xml:space="preserve" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>text{{font-size:{FONT_SIZE}px;font-family:ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;white-space:pre}}</style>",
        f'<rect width="{width:.0f}" height="{height:.0f}" rx="8" fill="{BACKGROUND}" stroke="{FRAME}"/>',
    ]
    parts += [f'<circle cx="{18 + 16 * n}" cy="15" r="5" fill="{fill}"/>' for n, fill in enumerate(PALETTE[1:4])]
    parts.append(f'<text x="{width / 2:.0f}" y="20" text-anchor="middle" opacity=".6">{escape(title)}</text>')
    for number, line in enumerate(lines):
        parts += drawn(line, BAR + number * CELL_HEIGHT)
    return "\n".join(parts + ["</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--columns", type=int, default=100)
    parser.add_argument("--rows", metavar="FIRST-LAST", help="keep only these lines")
    parser.add_argument("--title", default="")
    options = parser.parse_args()
    screen = Screen(options.columns)
    screen.write(sys.stdin.buffer.read().decode("utf-8", "replace"))
    lines = screen.lines
    if options.rows:
        first, last = map(int, options.rows.split("-"))
        lines = lines[first - 1 : last]
    while lines and not any(cell.text.strip() for cell in lines[-1]):
        lines.pop()
    if not lines:
        sys.exit("picture.py: the capture shows nothing; record one with: script -qec COMMAND /dev/null")
    sys.stdout.write(picture(lines, options.columns, options.title))


if __name__ == "__main__":
    main()
