import Crypto
import Tensors

/// A `.loam` file, open and mapped: a safetensors file whose metadata holds the network.
///
/// Nothing in the file is trusted: every length and offset is checked before it is used. The file
/// must not be shortened while it is open; writers here replace files, they never change them.
package struct LoamFile: Sendable {
  /// A header longer than this is refused.
  static let greatestHeader = 16 << 20
  /// More tensors than this are refused.
  static let mostTensors = 100_000
  /// Tensors and the data as a whole begin at multiples of this.
  static let alignment = 64

  /// Where it was opened.
  package let path: String
  private let storage: TensorBytes
  /// Its names so far: those of its tensors.
  private let names: NameTable
  private let constants: [NamedConstant]
  private let record: [UInt8]
  /// The checksum that the file states.
  private let checksum: UInt64?

  /// Opens, maps and checks the file at `path`; reads no tensor.
  ///
  /// - Complexity: O(header).
  package static func open(_ path: String) throws(LoamFileError) -> LoamFile {
    try LoamFile(path: path, storage: TensorBytes.map(path))
  }

  /// A file already in memory, checked like one on disk; `path` only names it in errors.
  package static func parse(
    _ bytes: [UInt8], path: String = "(memory)"
  ) throws(LoamFileError) -> LoamFile {
    try LoamFile(path: path, storage: TensorBytes(copying: bytes.span))
  }

  private init(path: String, storage: TensorBytes) throws(LoamFileError) {
    self.path = path
    self.storage = storage
    let headerByteCount = try Self.headerByteCount(path: path, storage: storage)
    let json = storage.elements(at: 8, count: headerByteCount, as: UInt8.self)
    var names = NameTable()
    let header = try Self.read(json, names: &names, path: path, SafetensorsReading.init)
    guard let record = header.record else {
      throw .header(path: path, why: "a safetensors file without 'loam' in its metadata")
    }
    self.record = record
    self.names = names
    (constants, checksum) = try Self.constants(
      header.entries, names.names, path: path, storage: storage, start: 8 + headerByteCount)
  }

  /// SHA-256 of the whole file in lower-case hexadecimal.
  /// - Complexity: O(file).
  package var sha256: String {
    var hash = SHA256()
    let bytes = storage.bytes
    unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    return BodyDigest.hexadecimal(hash.finalize())
  }

  /// Bytes of the file.
  package var byteCount: Int { storage.byteCount }

  /// The network, all of it checked: structure, types, shapes, finite numbers, the file's checksum, the body's SHA-256.
  ///
  /// Its tensors are views of the mapped file.
  /// - Complexity: O(bytes of the tensors).
  package func network() throws(LoamFileError) -> Network {
    defer { storage.dropPages(0..<storage.byteCount) }
    let network = try structure()
    if let complaint = complaint(network, FileSum(storage), identifies: true) { throw complaint }
    return network
  }

  /// What `use` makes of the network in the file at `path`, and what it throws.
  ///
  /// While the file is read and `use` does its work, another thread looks at every byte: at the checksum (in a file
  /// without one at the body's SHA-256, which takes longer), and whether the tail's numbers are finite. What `use` makes
  /// is given out, and what it throws is thrown, only if all is well; it must not hand the network, or what it makes of
  /// it, to anybody else before. It may give that thread work, too.
  /// - Complexity: O(bytes of the tensors).
  package static func network<Value>(
    at path: String, preparing use: (Network, SideThread?) throws -> Value
  ) throws -> Value {
    try network(
      storage: TensorBytes.map(path), path: path, side: SideThread(), preparing: use)
  }

  /// The same of a file that is in memory or mapped. Without `side` all is done by the caller.
  static func network<Value>(
    storage: TensorBytes, path: String, side: SideThread?,
    preparing use: (Network, SideThread?) throws -> Value
  ) throws -> Value {
    if side != nil { storage.keepPages() }
    let sum = FileSum(storage)
    side?.add { _ = sum.value }
    var loaded: Network?
    defer {
      sum.abandon()
      let (network, all) = (loaded, 0..<storage.byteCount)
      let drop = { @Sendable in storage.dropPages(network?.bodyPlace ?? all) }
      if let side { side.add(drop) } else { drop() }
    }
    let file = try LoamFile(path: path, storage: storage)
    let network = try file.structure()
    loaded = network
    let complaint = Later(by: side) { file.complaint(network, sum) }
    let made = Result { try use(network, side) }
    if let complaint = complaint.value { throw complaint }
    return try made.get()
  }

  /// The network, of which all is checked but the bytes of its tensors.
  private func structure() throws(LoamFileError) -> Network {
    var names = names
    let record = try record(&names)
    let nodes = try nodes(of: record)
    guard [1, 3].contains(record.inputShape.channels) else {
      throw .network(path: path, .photoChannels(found: record.inputShape.channels))
    }
    return try network(of: record, nodes, names)
  }

  /// What is wrong with the bytes of `network`'s tensors. With `identifies` the body must be the one that is stated even
  /// if the file is as it was written.
  private func complaint(
    _ network: Network, _ sum: FileSum, identifies: Bool = false
  ) -> LoamFileError? {
    if identifies || checksum == nil {
      let (stated, found) = (network.lineage.bodySHA256, network.bodySHA256())
      guard stated == found else { return .bodyChanged(path: path, stated: stated, found: found) }
    }
    if let checksum, checksum != sum.value {
      return .bytesChanged(path: path, stated: checksum, found: sum.value)
    }
    do throws(GraphError) { try network.checkTail() } catch {
      return .network(path: path, error)
    }
    return nil
  }

  private func nodes(of record: LoamRecord) throws(LoamFileError) -> [Node] {
    var nodes: [Node] = []
    nodes.reserveCapacity(record.nodes.count)
    for entry in record.nodes {
      guard let node = entry.node else {
        throw .header(
          path: path, why: "node '\(entry.name)' has an unknown or incomplete op '\(entry.op)'")
      }
      nodes.append(node)
    }
    return nodes
  }

  private func network(
    of record: LoamRecord, _ nodes: [Node], _ names: NameTable
  ) throws(LoamFileError) -> Network {
    do throws(GraphError) {
      return try Network(
        input: record.input, inputShape: record.inputShape, nodes: nodes, output: record.output,
        cut: record.cut, quantisation: record.quantisation.list, classes: record.classes,
        preprocessing: record.preprocessing, lineage: record.lineage, constants: constants,
        names: names)
    } catch {
      throw .network(path: path, error)
    }
  }

  /// The record. One of another format may look like none: its number is what is wrong then.
  private func record(_ names: inout NameTable) throws(LoamFileError) -> LoamRecord {
    do throws(LoamFileError) {
      let record = try Self.read(self.record.span, names: &names, path: path, LoamRecord.init)
      guard record.format != LoamRecord.currentFormat else { return record }
      throw .format(path: path, found: record.format)
    } catch {
      guard
        let format = try? Self.read(
          self.record.span, names: &names, path: path, LoamRecord.format),
        format != LoamRecord.currentFormat
      else { throw error }
      throw .format(path: path, found: format)
    }
  }

  private static func headerByteCount(
    path: String, storage: TensorBytes
  ) throws(LoamFileError) -> Int {
    guard storage.byteCount >= 8 else {
      throw storage.byteCount == 0
        ? .notLoam(path: path, found: "an empty file")
        : .truncated(path: path, expected: 8, found: storage.byteCount)
    }
    let bytes = storage.elements(at: 0, count: min(9, storage.byteCount), as: UInt8.self)
    var length: UInt64 = 0
    for index in 0..<8 { length |= UInt64(bytes[index]) << UInt64(8 * index) }
    guard length >= 2, length <= UInt64(greatestHeader) else {
      throw .notLoam(path: path, found: "a header length of \(length) B")
    }
    guard Int(length) <= storage.byteCount - 8 else {
      throw .truncated(path: path, expected: 8 + Int(length), found: storage.byteCount)
    }
    guard bytes[8] == UInt8(ascii: "{") else {
      throw .notLoam(path: path, found: "byte \(bytes[8]) where its header should begin")
    }
    return Int(length)
  }

  private static func constants(
    _ entries: [SafetensorsReading.Entry], _ names: [String], path: String, storage: TensorBytes,
    start: Int
  ) throws(LoamFileError) -> ([NamedConstant], checksum: UInt64?) {
    guard entries.count <= mostTensors else {
      throw .header(path: path, why: "\(entries.count) tensors, at most \(mostTensors)")
    }
    let bodyByteCount = storage.byteCount - start
    let last = entries.reduce(0) { max($0, $1.offsets.last ?? 0) }
    guard last <= bodyByteCount else {
      throw .truncated(path: path, expected: start &+ last, found: storage.byteCount)
    }
    var constants: [NamedConstant] = []
    constants.reserveCapacity(entries.count)
    var checksum: UInt64?
    var end = 0
    let places = entries.map { $0.offsets.first ?? 0 }
    for index in inOrder(of: places.count, by: { places[$0] < places[$1] }) {
      let entry = entries[index]
      let name = names[entry.name]
      switch entry.validated(start: start, bodyByteCount: bodyByteCount) {
      case .failure(let complaint):
        throw .tensor(path: path, name: name, why: complaint.text)
      case .success(let (type, byteCount)):
        guard entry.offsets[0] >= end else {
          throw .tensor(path: path, name: name, why: "its bytes overlap another tensor's")
        }
        end = entry.offsets[0] + byteCount
        guard !SafetensorsHeader.isPadding(name) else { continue }
        let tensor = StoredTensor(
          type: type, shape: entry.shape, storage: storage, offset: start + entry.offsets[0])
        if name == Checksum.name, let stated = Checksum.stated(in: tensor) {
          checksum = stated
          continue
        }
        constants.append(NamedConstant(name: entry.name, tensor: tensor))
      }
    }
    // Such as a copy leaves that was given room beforehand; the checksum would not be the end.
    guard end == bodyByteCount else {
      throw .header(path: path, why: "\(bodyByteCount - end) B lie behind the last tensor")
    }
    return (constants, checksum)
  }

  private static func read<Value>(
    _ text: Span<UInt8>, names: inout NameTable, path: String,
    _ value: (inout JSONReader) throws(JSONError) -> Value
  ) throws(LoamFileError) -> Value {
    do throws(JSONError) {
      return try JSONReader.read(text, names: &names, value)
    } catch {
      throw .header(path: path, why: "\(error)")
    }
  }
}
