/// A fine-tune between two epochs: what resumes it to the same bytes.
///
/// The samples, the head it began with and the settings are not in it; a resumed fine-tune is given
/// them again and refuses if they differ.
package struct FineTuneCheckpoint: Hashable, Sendable {
  /// Epochs done.
  package internal(set) var epoch: Int
  var steps: Int
  var fingerprint: UInt64
  var random: UInt64
  var firstLoss: Float
  var lastLoss: Float
  var weights: [Float]
  var bias: [Float]
  var weightVelocity: [Float]
  var biasVelocity: [Float]
}

extension FineTuneCheckpoint {
  /// What the bytes begin with: name and version of the format.
  private static let magic = Array("loam tune 1\n".utf8)

  /// The checkpoint as bytes: magic, six 64-bit numbers, the two counts, the four lists of fp32, the
  /// sum of all that; little-endian.
  package var bytes: [UInt8] {
    var bytes = Self.magic
    func append(_ number: UInt64) {
      for shift in 0..<UInt64(8) { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * shift))) }
    }
    for number in [UInt64(epoch), UInt64(steps), fingerprint, random] { append(number) }
    append(UInt64(firstLoss.bitPattern))
    append(UInt64(lastLoss.bitPattern))
    append(UInt64(weights.count))
    append(UInt64(bias.count))
    for number in weights + bias + weightVelocity + biasVelocity {
      let bits = number.bitPattern
      for shift in 0..<UInt32(4) { bytes.append(UInt8(truncatingIfNeeded: bits >> (8 * shift))) }
    }
    append(Self.sum(bytes[...]))
    return bytes
  }

  /// Reads what `bytes` wrote; every length is checked, and the sum at the end.
  package init(bytes: [UInt8]) throws(TrainingError) {
    let header = Self.magic.count + 8 * 8
    guard bytes.count >= header + 8, bytes.starts(with: Self.magic) else {
      throw .checkpointBytes(problem: "\(bytes.count) bytes do not begin like one")
    }
    func number(at offset: Int) -> UInt64 {
      (0..<8).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
    }
    guard number(at: bytes.count - 8) == Self.sum(bytes.dropLast(8)) else {
      throw .checkpointBytes(problem: "its sum does not fit its \(bytes.count) bytes")
    }
    let fields = (0..<8).map { number(at: Self.magic.count + 8 * $0) }
    let floats = (bytes.count - header - 8) / 4
    guard fields[6] <= floats, fields[7] <= floats,
      header + 8 + 8 * Int(fields[6] + fields[7]) == bytes.count,
      let epoch = Int(exactly: fields[0]), let steps = Int(exactly: fields[1]),
      let first = UInt32(exactly: fields[4]), let last = UInt32(exactly: fields[5])
    else {
      throw .checkpointBytes(problem: "its counts do not fit its \(bytes.count) bytes")
    }
    var offset = header
    func list(_ count: UInt64) -> [Float] {
      let start = offset
      offset += 4 * Int(count)
      return (0..<Int(count)).map { index in
        let place = start + 4 * index
        return Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << (8 * $1) })
      }
    }
    self.epoch = epoch
    self.steps = steps
    fingerprint = fields[2]
    random = fields[3]
    firstLoss = Float(bitPattern: first)
    lastLoss = Float(bitPattern: last)
    weights = list(fields[6])
    bias = list(fields[7])
    weightVelocity = list(fields[6])
    biasVelocity = list(fields[7])
  }

  /// FNV-1a over bytes.
  private static func sum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
