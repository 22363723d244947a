#!/usr/bin/env python3
"""photos.py FOLDER COUNT [SEED]: COUNT small JPEGs of each of three textures (striped, dotted, plain), made by arithmetic.

They stand for the photos of a real task: the repository holds no photos, and a test of the board must not need a network. The
textures vary in scale, direction, contrast, brightness and noise. Files are named CLASS-NUMBER.jpg. The encoder is the baseline
process of ITU-T T.81 for one grey component with the tables of its annex K; it needs nothing but Python.
"""
import math
import os
import random
import sys

SIDE = 128
CLASSES = ("striped", "dotted", "plain")

# T.81, figure A.6 and tables K.1, K.3, K.5.
ZIGZAG = sorted(range(64), key=lambda i: (i // 8 + i % 8, (i // 8 if (i // 8 + i % 8) % 2 else i % 8)))
QUANTISATION = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
]
DC_COUNTS = bytes.fromhex("00010501010101010100000000000000")
DC_VALUES = bytes(range(12))
AC_COUNTS = bytes.fromhex("0002010303020403050504040000017d")
AC_VALUES = bytes.fromhex(
    "01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a"
    "434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aa"
    "b2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa"
)
COSINE = [[math.cos((2 * x + 1) * u * math.pi / 16) / 2 * (math.sqrt(0.5) if u == 0 else 1) for x in range(8)] for u in range(8)]


def codes(counts, values):
    """Huffman codes of a table: value → (code, length)."""
    table, code, index = {}, 0, 0
    for length, count in enumerate(counts, 1):
        for _ in range(count):
            table[values[index]] = (code, length)
            code, index = code + 1, index + 1
        code <<= 1
    return table


DC_CODES, AC_CODES = codes(DC_COUNTS, DC_VALUES), codes(AC_COUNTS, AC_VALUES)


def segment(marker, payload):
    return bytes((0xFF, marker)) + (len(payload) + 2).to_bytes(2, "big") + payload


class Bits:
    """The entropy-coded bits, with a zero byte after each 0xFF."""

    def __init__(self):
        self.text, self.value, self.length = bytearray(), 0, 0

    def put(self, value, length):
        self.value, self.length = (self.value << length) | value, self.length + length
        while self.length >= 8:
            byte = (self.value >> (self.length - 8)) & 0xFF
            self.text += bytes((byte, 0)) if byte == 0xFF else bytes((byte,))
            self.length -= 8
            self.value &= (1 << self.length) - 1

    def number(self, number, size):
        self.put(number if number >= 0 else number + (1 << size) - 1, size)


def jpeg(grey, side=SIDE, quality=2):
    """A baseline JPEG of side × side numbers, 0 to 255; the tables of annex K are divided by quality."""
    table = [max(1, q // quality) for q in QUANTISATION]
    bits, last = Bits(), 0
    for top in range(0, side, 8):
        for left in range(0, side, 8):
            rows = []
            for y in range(top, top + 8):
                row = grey[y * side + left:y * side + left + 8]
                rows.append([sum((row[x] - 128) * c[x] for x in range(8)) for c in COSINE])
            block = [0] * 64
            for u in range(8):
                column = [rows[y][u] for y in range(8)]
                for v in range(8):
                    place = v * 8 + u
                    block[place] = round(sum(column[y] * COSINE[v][y] for y in range(8)) / table[place])
            numbers = [block[i] for i in ZIGZAG]
            difference, last = numbers[0] - last, numbers[0]
            size = abs(difference).bit_length()
            bits.put(*DC_CODES[size])
            bits.number(difference, size)
            zeros = 0
            end = max((i for i in range(1, 64) if numbers[i]), default=0)
            for number in numbers[1:end + 1]:
                if number == 0:
                    zeros += 1
                    continue
                while zeros > 15:
                    bits.put(*AC_CODES[0xF0])
                    zeros -= 16
                size = abs(number).bit_length()
                bits.put(*AC_CODES[zeros << 4 | size])
                bits.number(number, size)
                zeros = 0
            if end < 63:
                bits.put(*AC_CODES[0])
    if bits.length:
        bits.put((1 << (8 - bits.length)) - 1, 8 - bits.length)
    size = side.to_bytes(2, "big")
    return b"".join((
        b"\xff\xd8", segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"), segment(0xDB, b"\0" + bytes(table[i] for i in ZIGZAG)),
        segment(0xC0, b"\x08" + size + size + b"\x01\x01\x11\0"), segment(0xC4, b"\0" + DC_COUNTS + DC_VALUES),
        segment(0xC4, b"\x10" + AC_COUNTS + AC_VALUES), segment(0xDA, b"\x01\x01\0\0\x3f\0"), bytes(bits.text), b"\xff\xd9"))


def texture(name, chance):
    """The grey values of one photo."""
    base, contrast = chance.uniform(90, 160), chance.uniform(35, 70)
    angle, period = chance.uniform(0, math.pi), chance.uniform(9, 18)
    along, across = math.cos(angle) / period, math.sin(angle) / period
    slope_x, slope_y = chance.uniform(-0.15, 0.15), chance.uniform(-0.15, 0.15)
    values = []
    for y in range(SIDE):
        for x in range(SIDE):
            u, v = x * along + y * across, y * along - x * across
            if name == "striped":
                shape = math.copysign(1, math.sin(2 * math.pi * u))
            elif name == "dotted":
                shape = 1 if math.hypot(u % 1 - 0.5, v % 1 - 0.5) < 0.3 else -0.6
            else:
                shape = 0
            value = base + contrast * shape + slope_x * (x - 64) + slope_y * (y - 64) + chance.gauss(0, 5)
            values.append(min(255, max(0, value)))
    return values


def make(folder, count, seed=1):
    """Writes the photos; their paths by class."""
    os.makedirs(folder, exist_ok=True)
    paths = {name: [] for name in CLASSES}
    for number in range(count):
        for name in CLASSES:
            path = f"{folder}/{name}-{seed}{number:03}.jpg"
            if not os.path.exists(path):
                content = jpeg(texture(name, random.Random(f"{seed} {number} {name}")))
                with open(path + ".new", "wb") as file:
                    file.write(content)
                os.replace(path + ".new", path)
            paths[name].append(path)
    return paths


if __name__ == "__main__":
    make(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
