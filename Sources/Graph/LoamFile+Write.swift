import FoundationEssentials
import Tensors

extension LoamFile {
  /// Writes `network` to `path`: under a temporary name, synced, renamed, the folder synced.
  ///
  /// Whatever was at `path` stays until the new file is complete on disk. The same network gives
  /// the same bytes.
  package static func write(_ network: Network, to path: String) throws(LoamFileError) {
    let layout = try Layout(network, path: path)
    let file = try AtomicFile(path)
    do throws(LoamFileError) {
      try layout.write { (bytes) throws(LoamFileError) in try file.write(bytes) }
      try file.commit()
    } catch {
      file.abandon()
      throw error
    }
  }

  /// The bytes that `write` would put into the file.
  package static func serialise(_ network: Network) throws(LoamFileError) -> [UInt8] {
    let layout = try Layout(network, path: "(memory)")
    var bytes: [UInt8] = []
    try layout.write { piece throws(LoamFileError) in
      unsafe piece.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }
    return bytes
  }

  /// The header's bytes and, in order, the tensors with the zeros after each; then the checksum.
  private struct Layout {
    struct Piece {
      var tensor: StoredTensor
      var padding: Int
    }

    var head: [UInt8]
    var pieces: [Piece]
    /// Whether a checksum follows: not if a tensor has its name.
    var hasChecksum: Bool

    /// Hands the file's bytes to `write`, piece by piece.
    func write(
      _ write: (Span<UInt8>) throws(LoamFileError) -> Void
    ) throws(LoamFileError) {
      let checksum = Checksum()
      func add(_ bytes: Span<UInt8>) throws(LoamFileError) {
        checksum.add(bytes)
        try write(bytes)
      }
      try add(head.span)
      for piece in pieces {
        try add(piece.tensor.bytes)
        try add([UInt8](repeating: 0, count: piece.padding).span)
      }
      if hasChecksum { try write(checksum.bytes.span) }
    }

    init(_ network: Network, path: String) throws(LoamFileError) {
      var entries: [String: SafetensorsHeader.Entry] = [:]
      pieces = []
      var offset = 0
      for name in Self.names(of: network) {
        guard let tensor = network.tensors[name] else { continue }
        let end = offset + tensor.byteCount
        entries[name] = SafetensorsHeader.Entry(
          dtype: tensor.type.rawValue, shape: tensor.shape, offsets: [offset, end])
        let padding = -end & (LoamFile.alignment - 1)
        // Readers of safetensors allow no gaps: each gap is a tensor of its own.
        if padding > 0 {
          entries["\(SafetensorsHeader.paddingPrefix)\(pieces.count)"] = SafetensorsHeader.Entry(
            dtype: ElementType.int8.rawValue, shape: [padding], offsets: [end, end + padding])
        }
        pieces.append(Piece(tensor: tensor, padding: padding))
        offset = end + padding
      }
      hasChecksum = entries[Checksum.name] == nil
      if hasChecksum {
        entries[Checksum.name] = SafetensorsHeader.Entry(
          dtype: ElementType.int8.rawValue, shape: [Checksum.byteCount],
          offsets: [offset, offset + Checksum.byteCount])
      }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      do {
        let record = try encoder.encode(LoamRecord(network))
        let header = SafetensorsHeader(
          entries: entries,
          metadata: ["format": "loam", "loam": String(decoding: record, as: UTF8.self)])
        head = Array(try encoder.encode(header))
      } catch {
        throw .unwritable(path: path, step: "encoding the header", why: "\(error)")
      }
      head.append(
        contentsOf: repeatElement(
          UInt8(ascii: " "), count: -(8 + head.count) & (LoamFile.alignment - 1)))
      let length = UInt64(head.count)
      head.insert(
        contentsOf: (0..<UInt64(8)).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }, at: 0)
    }

    /// The constants that the nodes read, in running order, each once.
    private static func names(of network: Network) -> [String] {
      var names: [String] = []
      var seen: Set<String> = []
      func add(_ name: String) {
        if network.tensors[name] != nil, seen.insert(name).inserted { names.append(name) }
      }
      for (index, node) in network.nodes.enumerated() {
        for (position, name) in node.parameters.enumerated() {
          add(name)
          if position == 0, index < network.bodyNodeCount {
            add(Network.scaleName(name))
            add(Network.zeroName(name))
          }
        }
      }
      return names
    }
  }
}
