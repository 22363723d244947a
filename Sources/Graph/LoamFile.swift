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
  private let tensors: [String: StoredTensor]
  private let record: String

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
    let text = unsafe json.withUnsafeBufferPointer { unsafe Array($0) }
    let header = try Self.read(text, path: path, SafetensorsHeader.init)
    guard let record = header.metadata["loam"] else {
      throw .header(path: path, why: "a safetensors file without 'loam' in its metadata")
    }
    self.record = record
    tensors = try Self.tensors(
      of: header, path: path, storage: storage, start: 8 + headerByteCount)
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
    let text = Array(record.utf8)
    let record = try record(text)
    var nodes: [Node] = []
    for entry in record.nodes {
      guard let node = entry.node else {
        throw .header(
          path: path, why: "node '\(entry.name)' has an unknown or incomplete op '\(entry.op)'")
      }
      nodes.append(node)
    }
    guard [1, 3].contains(record.inputShape.channels) else {
      throw .network(path: path, .photoChannels(found: record.inputShape.channels))
    }
    let network: Network
    do throws(GraphError) {
      network = try Network(
        input: record.input, inputShape: record.inputShape, nodes: nodes, output: record.output,
        cut: record.cut, quantisation: record.quantisation, classes: record.classes,
        preprocessing: record.preprocessing, lineage: record.lineage, tensors: tensors)
    } catch {
      throw .network(path: path, error)
    }
    storage.releasePages()
    let (stated, found) = (record.lineage.bodySHA256, network.lineage.bodySHA256)
    guard stated == found else { throw .bodyChanged(path: path, stated: stated, found: found) }
    return network
  }

  /// The record that `text` holds. A record of another format may look like none: its number is what is
  /// wrong then.
  private func record(_ text: [UInt8]) throws(LoamFileError) -> LoamRecord {
    do throws(LoamFileError) {
      let record = try Self.read(text, path: path, LoamRecord.init)
      guard record.format != LoamRecord.currentFormat else { return record }
      throw .format(path: path, found: record.format)
    } catch {
      guard let format = try? Self.read(text, path: path, LoamRecord.format),
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

  private static func tensors(
    of header: SafetensorsHeader, path: String, storage: TensorBytes, start: Int
  ) throws(LoamFileError) -> [String: StoredTensor] {
    guard header.entries.count <= mostTensors else {
      throw .header(path: path, why: "\(header.entries.count) tensors, at most \(mostTensors)")
    }
    let bodyByteCount = storage.byteCount - start
    let last = header.entries.values.map { $0.offsets.last ?? 0 }.max() ?? 0
    guard last <= bodyByteCount else {
      throw .truncated(path: path, expected: start &+ last, found: storage.byteCount)
    }
    var tensors: [String: StoredTensor] = [:]
    var end = 0
    let inOrder = header.entries.sorted {
      ($0.value.offsets.first ?? 0, $0.key) < ($1.value.offsets.first ?? 0, $1.key)
    }
    for (name, entry) in inOrder {
      switch entry.validated(start: start, bodyByteCount: bodyByteCount) {
      case .failure(let complaint):
        throw .tensor(path: path, name: name, why: complaint.text)
      case .success(let (type, byteCount)):
        guard entry.offsets[0] >= end else {
          throw .tensor(path: path, name: name, why: "its bytes overlap another tensor's")
        }
        end = entry.offsets[0] + byteCount
        guard !SafetensorsHeader.isPadding(name) else { continue }
        tensors[name] = StoredTensor(
          type: type, shape: entry.shape, storage: storage, offset: start + entry.offsets[0])
      }
    }
    return tensors
  }

  private static func read<Value>(
    _ text: [UInt8], path: String, _ value: (inout JSONReader) throws(JSONError) -> Value
  ) throws(LoamFileError) -> Value {
    do throws(JSONError) {
      return try JSONReader.read(text, value)
    } catch {
      throw .header(path: path, why: "\(error)")
    }
  }
}
