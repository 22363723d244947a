/// A file in the FlatBuffers format, read and never believed: every offset and length is checked before it is used.
///
/// Google's Swift runtime is not used: it comes with the whole repository of its compiler, reads through unchecked
/// pointers unless a verifier of generated code has run first, and Loam needs a dozen tables of one format. The format
/// itself is small (facts from flatbuffers.dev, "FlatBuffer Internals"): little-endian scalars; a table begins with the
/// signed distance back to its vtable, which gives its own size, the table's size and for each field its place in the
/// table, 0 for an absent one; tables, vectors and strings are referred to by a 32-bit distance forward; a vector
/// begins with its count.
///
/// References go forward only and the reader of a format goes down a fixed number of levels, so nothing recurs. But
/// many may refer to one part; so whatever is read is charged against a budget that grows with the file alone, and time
/// and memory are O(bytes of the file) whatever it holds.
package final class FlatBuffer {
  /// The file.
  package let bytes: [UInt8]
  /// Elements, fields and bytes that may be read in all.
  package let limit: Int
  private var spent = 0

  /// A view of `bytes`; nothing is read yet.
  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
    limit = 8 * bytes.count + 4096
  }

  /// The four letters at byte 4 by which a format names itself; `nil` if the file is shorter.
  package var identifier: String? {
    bytes.count >= 8 ? String(decoding: bytes[4..<8], as: UTF8.self) : nil
  }

  /// The table that everything hangs on.
  package func root() throws(FlatBufferError) -> FlatTable {
    try table(at: 0, what: "its root")
  }

  /// Counts `steps` of reading `what`.
  func charge(_ steps: Int, _ what: String) throws(FlatBufferError) {
    let (sum, overflow) = spent.addingReportingOverflow(steps)
    guard !overflow, sum <= limit else { throw .tooMuch(what: what, limit: limit) }
    spent = sum
  }

  /// The `count` bytes from `offset` on, as a range that is inside the file.
  func range(_ offset: Int, _ count: Int, _ what: String) throws(FlatBufferError) -> Range<Int> {
    guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else {
      throw .outside(what: what, offset: offset, byteCount: bytes.count)
    }
    return offset..<(offset + count)
  }

  /// The little-endian number at `offset`.
  func number<Number: FixedWidthInteger>(
    _ offset: Int, as _: Number.Type, _ what: String
  ) throws(FlatBufferError) -> Number {
    var result: Number = 0
    let size = Number.bitWidth / 8
    for (place, index) in try range(offset, size, what).enumerated() {
      result |= Number(truncatingIfNeeded: bytes[index]) << Number(truncatingIfNeeded: 8 * place)
    }
    return result
  }

  /// The place that the reference at `offset` leads to.
  func target(of offset: Int, _ what: String) throws(FlatBufferError) -> Int {
    let distance = Int(try number(offset, as: UInt32.self, what))
    // A distance of 0 would lead to itself.
    guard distance >= 4, distance <= bytes.count - offset else {
      throw .outside(what: what, offset: offset + distance, byteCount: bytes.count)
    }
    return offset + distance
  }

  /// The table that the reference at `offset` leads to.
  func table(at offset: Int, what: String) throws(FlatBufferError) -> FlatTable {
    let start = try target(of: offset, what)
    return try FlatTable(self, at: start, what: what)
  }

  /// The elements of the vector that the reference at `offset` leads to, each of `size` bytes.
  func vector(at offset: Int, size: Int, what: String) throws(FlatBufferError) -> Range<Int> {
    let start = try target(of: offset, what)
    let count = Int(try number(start, as: UInt32.self, what))
    return try range(start + 4, count * size, what)
  }
}
