internal import FoundationEssentials

/// Numbers as bytes of the database, little-endian whatever the processor.
enum Packing {
  /// `values` as fp16, round half to even; `nil` when one is not finite in fp16.
  static func halves(_ values: [Float]) -> Data? {
    var allFinite = true
    let halves = unsafe [UInt16](unsafeUninitializedCapacity: values.count) { halves, filled in
      for index in values.indices {
        let half = Float16(values[index])
        if !half.isFinite { allFinite = false }
        unsafe halves[index] = half.bitPattern.littleEndian
      }
      filled = values.count
    }
    guard allFinite else { return nil }
    return unsafe halves.withUnsafeBytes { bytes in unsafe Data(bytes) }
  }

  /// The fp16 numbers in `data`, whose size is even.
  static func floats(halves data: Data) -> [Float] {
    let count = data.count / 2
    return unsafe data.withUnsafeBytes { bytes in
      unsafe [Float](unsafeUninitializedCapacity: count) { values, filled in
        for index in 0..<count {
          let bits = unsafe bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
          unsafe values[index] = Float(Float16(bitPattern: UInt16(littleEndian: bits)))
        }
        filled = count
      }
    }
  }

  /// `values` as fp32.
  static func singles(_ values: [Float]) -> Data {
    var data = Data(count: values.count * 4)
    unsafe data.withUnsafeMutableBytes { bytes in
      for (index, value) in values.enumerated() {
        unsafe bytes.storeBytes(
          of: value.bitPattern.littleEndian, toByteOffset: index * 4, as: UInt32.self)
      }
    }
    return data
  }

  /// The fp32 numbers in `data`, whose size is a multiple of 4.
  static func floats(singles data: Data) -> [Float] {
    let count = data.count / 4
    return unsafe data.withUnsafeBytes { bytes in
      unsafe [Float](unsafeUninitializedCapacity: count) { values, filled in
        for index in 0..<count {
          let bits = unsafe bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
          unsafe values[index] = Float(bitPattern: UInt32(littleEndian: bits))
        }
        filled = count
      }
    }
  }
}

extension FeatureBlock {
  /// The block as it comes back from the store: each value rounded to fp16.
  ///
  /// Score and train on this, so that a candidate counts the same before and after it was stored.
  package var asStored: FeatureBlock {
    FeatureBlock(patches: patches, values: values.map { Float(Float16($0)) })
  }
}
