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
    constants = try Self.constants(
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

  /// The network, all of it checked: structure, types, shapes, finite numbers, the body's SHA-256.
  ///
  /// Its tensors are views of the mapped file.
  /// - Complexity: O(bytes of the tensors).
  package func network() throws(LoamFileError) -> Network {
    try network(BodyCheck(storage, isShared: false), letsGoOfTail: true) { network in network }
  }

  /// What `use` makes of the network in the file at `path`, and what it throws.
  ///
  /// While the file is read and `use` does its work, another thread finds the body's SHA-256, which takes about as long
  /// as all of that. What `use` makes is given out, and what it throws is thrown, only if the body is the one that the
  /// file states; it must not hand the network, or what it makes of it, to anybody else before.
  /// - Complexity: O(bytes of the tensors).
  package static func network<Value>(
    at path: String, preparing use: (Network) throws -> Value
  ) throws -> Value {
    try network(storage: TensorBytes.map(path), path: path, preparing: use)
  }

  /// The same of a file that is in memory or mapped.
  static func network<Value>(
    storage: TensorBytes, path: String, isShared: Bool = BodyCheck.hasProcessors,
    preparing use: (Network) throws -> Value
  ) throws -> Value {
    let check = BodyCheck(storage, isShared: isShared)
    let file: LoamFile
    do {
      file = try LoamFile(path: path, storage: storage)
    } catch {
      check.end(lettingGoOf: 0..<storage.byteCount)
      throw error
    }
    let made = try file.network(check, letsGoOfTail: false) { network in
      Result { try use(network) }
    }
    return try made.get()
  }

  /// What `use` makes of the network while `check` finds the hash of its body, if that is the one stated. The pages of
  /// the body are let go of, those of the tail only if they are not needed soon.
  private func network<Value>(
    _ check: BodyCheck, letsGoOfTail: Bool, preparing use: (Network) -> Value
  ) throws(LoamFileError) -> Value {
    var unneeded = 0..<storage.byteCount
    defer { check.end(lettingGoOf: unneeded) }
    var names = names
    let record = try record(&names)
    let nodes = try nodes(of: record)
    check.begin(parts(of: record, nodes, names))
    guard [1, 3].contains(record.inputShape.channels) else {
      throw .network(path: path, .photoChannels(found: record.inputShape.channels))
    }
    let network = try network(of: record, nodes, names)
    if !letsGoOfTail { unneeded = network.bodyPlace }
    let stated = record.lineage.bodySHA256
    let made = use(network)
    let found = check.wait()
    guard stated == found else { throw .bodyChanged(path: path, stated: stated, found: found) }
    return made
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
      let network = try Network(
        input: record.input, inputShape: record.inputShape, nodes: nodes, output: record.output,
        cut: record.cut, quantisation: record.quantisation.list, classes: record.classes,
        preprocessing: record.preprocessing, lineage: record.lineage, constants: constants,
        names: names)
      try network.checkTail()
      return network
    } catch {
      throw .network(path: path, error)
    }
  }

  /// What the hash of the body is made of. Nothing of it was checked but that all is inside the file.
  private func parts(
    of record: LoamRecord, _ nodes: [Node], _ names: NameTable
  ) -> BodyParts {
    let end = nodes.firstIndex { $0.output == record.cut }.map { $0 + 1 } ?? 0
    var constantOf = Array(repeating: -1, count: names.names.count)
    for (index, constant) in constants.enumerated() { constantOf[constant.name] = index }
    var found: [(name: String, tensor: StoredTensor)] = []
    func add(_ name: String) {
      guard let number = names.known(name), constantOf[number] >= 0 else { return }
      found.append((name, constants[constantOf[number]].tensor))
    }
    for node in nodes[..<end] {
      for name in node.parameters { add(name) }
      guard let weights = node.parameters.first else { continue }
      add(Network.scaleName(weights))
      add(Network.zeroName(weights))
    }
    return BodyParts(
      input: record.input, inputShape: record.inputShape, nodes: nodes[..<end], cut: record.cut,
      quantisation: record.quantisation.list, preprocessing: record.preprocessing, constants: found)
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
  ) throws(LoamFileError) -> [NamedConstant] {
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
        constants.append(NamedConstant(name: entry.name, tensor: tensor))
      }
    }
    return constants
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
