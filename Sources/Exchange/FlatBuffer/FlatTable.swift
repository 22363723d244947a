/// A table of a FlatBuffer. Fields are numbered as its schema lists them; an absent one has its default.
package struct FlatTable {
  /// The file that holds it.
  package let file: FlatBuffer
  /// What it is, for errors.
  let what: String
  private let start: Int
  private let byteCount: Int
  private let fields: Range<Int>

  /// The table at byte `start`; its extent and its vtable's are checked here.
  init(_ file: FlatBuffer, at start: Int, what: String) throws(FlatBufferError) {
    let back = Int(try file.number(start, as: Int32.self, what))
    let vtable = start - back
    let size = Int(try file.number(vtable, as: UInt16.self, what))
    guard size >= 4, size.isMultiple(of: 2) else {
      throw .outside(what: "the field list of \(what)", offset: vtable, byteCount: file.bytes.count)
    }
    fields = try file.range(vtable, size, "the field list of \(what)").dropFirst(4)
    byteCount = Int(try file.number(vtable + 2, as: UInt16.self, what))
    _ = try file.range(start, byteCount, what)
    self.file = file
    self.start = start
    self.what = what
    try file.charge(1, what)
  }

  /// Where field `index` lies, `nil` if it is absent; its `size` bytes are inside the table.
  private func place(_ index: Int, size: Int) throws(FlatBufferError) -> Int? {
    try file.charge(1, what)
    let entry = fields.lowerBound + 2 * index
    guard entry + 2 <= fields.upperBound else { return nil }
    let offset = Int(try file.number(entry, as: UInt16.self, what))
    guard offset != 0 else { return nil }
    guard offset >= 4, offset + size <= byteCount else {
      throw .outside(
        what: "field \(index) of \(what)", offset: start + offset, byteCount: file.bytes.count)
    }
    return start + offset
  }

  /// The integer in field `index`.
  package func integer<Number: FixedWidthInteger>(
    _ index: Int, default standard: Number
  ) throws(FlatBufferError) -> Number {
    guard let place = try place(index, size: Number.bitWidth / 8) else { return standard }
    return try file.number(place, as: Number.self, what)
  }

  /// The fp32 number in field `index`; it may be a NaN.
  package func float(_ index: Int, default standard: Float) throws(FlatBufferError) -> Float {
    Float(bitPattern: try integer(index, default: standard.bitPattern))
  }

  /// The truth value in field `index`, false if absent.
  package func bool(_ index: Int) throws(FlatBufferError) -> Bool {
    try integer(index, default: UInt8(0)) != 0
  }

  /// The table that field `index` refers to.
  package func table(_ index: Int, _ name: String) throws(FlatBufferError) -> FlatTable? {
    guard let place = try place(index, size: 4) else { return nil }
    return try file.table(at: place, what: name)
  }

  /// The tables in the vector of field `index`; none if it is absent.
  /// - Complexity: O(count), charged.
  package func tables(_ index: Int, _ name: String) throws(FlatBufferError) -> [FlatTable] {
    guard let place = try place(index, size: 4) else { return [] }
    let range = try file.vector(at: place, size: 4, what: name)
    try file.charge(range.count, name)
    var result: [FlatTable] = []
    result.reserveCapacity(range.count / 4)
    for offset in stride(from: range.lowerBound, to: range.upperBound, by: 4) {
      result.append(try file.table(at: offset, what: "\(name) \(result.count)"))
    }
    return result
  }

  /// Where the elements of the vector in field `index` lie, each of `size` bytes; `nil` if it is absent.
  package func extent(
    _ index: Int, size: Int = 1, _ name: String
  ) throws(FlatBufferError) -> Range<Int>? {
    guard let place = try place(index, size: 4) else { return nil }
    return try file.vector(at: place, size: size, what: name)
  }

  /// The integers in the vector of field `index`; none if it is absent.
  /// - Complexity: O(count), charged.
  package func integers<Number: FixedWidthInteger>(
    _ index: Int, as _: Number.Type, _ name: String
  ) throws(FlatBufferError) -> [Number] {
    let size = Number.bitWidth / 8
    guard let range = try extent(index, size: size, name) else { return [] }
    try file.charge(range.count, name)
    var result: [Number] = []
    result.reserveCapacity(range.count / size)
    for offset in stride(from: range.lowerBound, to: range.upperBound, by: size) {
      result.append(try file.number(offset, as: Number.self, name))
    }
    return result
  }

  /// The fp32 numbers in the vector of field `index`; none if it is absent.
  package func floats(_ index: Int, _ name: String) throws(FlatBufferError) -> [Float] {
    try integers(index, as: UInt32.self, name).map { Float(bitPattern: $0) }
  }

  /// The text in field `index`, repaired where it is no UTF-8; `nil` if it is absent.
  package func text(_ index: Int, _ name: String) throws(FlatBufferError) -> String? {
    guard let range = try extent(index, name) else { return nil }
    try file.charge(range.count, name)
    return String(decoding: file.bytes[range], as: UTF8.self)
  }
}
