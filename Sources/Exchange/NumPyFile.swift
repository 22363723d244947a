import FoundationEssentials

/// Why a file is not a `.npy` array that can be used.
package enum NumPyError: Error, CustomStringConvertible {
  case notNumPy(path: String, found: String)
  case unsupported(path: String, found: String)
  case truncated(path: String, expected: Int, found: Int)

  /// What was wrong, with what, and what to do about it.
  package var description: String {
    switch self {
    case .notNumPy(let path, let found):
      "\(path): not a .npy file: \(found); write it with numpy.save"
    case .unsupported(let path, let found):
      "\(path): \(found) is not supported; save a C-ordered array of uint8 or float32 "
        + "with at most 8 dimensions"
    case .truncated(let path, let expected, let found):
      "\(path): holds \(found) bytes where its header promises \(expected); copy the file again"
    }
  }
}

/// An array as `numpy.save` writes it: C order, little endian, `uint8` or `float32`.
///
/// Source: NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays".
package struct NumPyFile: Sendable {
  /// The elements, by type.
  package enum Elements: Sendable {
    case bytes([UInt8])
    case floats([Float])
  }

  /// Extents, outermost first.
  package var shape: [Int]
  package var elements: Elements

  /// An array of `elements`; traps if they do not fill `shape`.
  package init(shape: [Int], elements: Elements) {
    let count =
      switch elements {
      case .bytes(let bytes): bytes.count
      case .floats(let floats): floats.count
      }
    precondition(shape.reduce(1, *) == count, "\(count) elements do not fill \(shape)")
    self.shape = shape
    self.elements = elements
  }

  /// Reads the array in the file at `path`, at most 2 GiB of it.
  ///
  /// - Throws: `ExchangeError` if the file cannot be read, `NumPyError` if it is no such array.
  package init(path: String) throws {
    try self.init(bytes: try FileAccess.read(path, limit: 1 << 31), path: path)
  }

  /// Writes the array to `path`; until it is whole on disk, what was there before stays.
  package func write(to path: String) throws(ExchangeError) {
    try FileAccess.write(bytes, to: path)
  }

  /// Reads the array in `bytes`; `path` names it in errors.
  package init(bytes: [UInt8], path: String) throws(NumPyError) {
    guard bytes.count >= 10, Array(bytes[0..<6]) == [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] else {
      let head = bytes.isEmpty ? "it is empty" : "it does not begin with the NumPy mark"
      throw .notNumPy(path: path, found: head)
    }
    let wide = bytes[6] >= 2
    let prefix = wide ? 12 : 10
    guard bytes.count >= prefix else {
      throw .truncated(path: path, expected: prefix, found: bytes.count)
    }
    let lengthBytes = wide ? bytes[8..<12] : bytes[8..<10]
    let headerLength = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    guard headerLength <= 65_536, prefix + headerLength <= bytes.count else {
      throw .truncated(path: path, expected: prefix + headerLength, found: bytes.count)
    }
    let header = String(decoding: bytes[prefix..<prefix + headerLength], as: UTF8.self)
    guard header.contains("'fortran_order': False") else {
      throw .unsupported(path: path, found: "a Fortran-ordered array")
    }
    guard let shape = Self.shape(in: header), shape.count <= 8 else {
      throw .unsupported(path: path, found: "the header \(header.prefix(80))")
    }
    let isBytes = header.contains("'|u1'")
    guard isBytes || header.contains("'<f4'") else {
      throw .unsupported(path: path, found: "the element type of \(header.prefix(60))")
    }
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= 1 << 31 else {
        throw .unsupported(path: path, found: "the shape \(shape)")
      }
      count = product
    }
    let body = bytes[(prefix + headerLength)...]
    let expected = count * (isBytes ? 1 : 4)
    guard body.count == expected else {
      throw .truncated(path: path, expected: expected, found: body.count)
    }
    if isBytes {
      self.init(shape: shape, elements: .bytes(Array(body)))
    } else {
      let start = body.startIndex
      let floats = (0..<count).map { index -> Float in
        let at = start + 4 * index
        let bits =
          UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at + 2]) << 16
          | UInt32(bytes[at + 3]) << 24
        return Float(bitPattern: bits)
      }
      self.init(shape: shape, elements: .floats(floats))
    }
  }

  /// The file's bytes, as `numpy.load` reads them.
  package var bytes: [UInt8] {
    let (type, body): (String, [UInt8]) =
      switch elements {
      case .bytes(let bytes): ("|u1", bytes)
      case .floats(let floats):
        (
          "<f4",
          floats.flatMap { value in
            let bits = value.bitPattern
            return [
              UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8),
              UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 24),
            ]
          }
        )
      }
    let extents = shape.map { "\($0)," }.joined(separator: " ")
    var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(extents)), }"
    let unpadded = 10 + header.utf8.count + 1
    header += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
    let length = header.utf8.count
    let mark: [UInt8] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]
    return mark + [UInt8(length & 255), UInt8(length >> 8)] + Array(header.utf8) + body
  }

  private static func shape(in header: String) -> [Int]? {
    guard let mark = header.firstRange(of: "'shape': (") else { return nil }
    guard let end = header[mark.upperBound...].firstIndex(of: ")") else { return nil }
    var shape: [Int] = []
    for part in header[mark.upperBound..<end].split(separator: ",") {
      let digits = part.filter { $0 != " " }
      if digits.isEmpty { continue }
      guard let extent = Int(digits), extent >= 0 else { return nil }
      shape.append(extent)
    }
    return shape
  }
}
