internal import CKernels

/// The sum of each of `rows` rows of equal length, each of at most 2²³ bytes.
package func rowSumsS8(_ bytes: Span<Int8>, rows: Int) -> [Int32] {
  precondition(rows >= 1 && bytes.count % rows == 0, "\(bytes.count) bytes in \(rows) rows")
  return unsafe Array(unsafeUninitializedCapacity: rows) { sums, count in
    unsafe bytes.withUnsafeBufferPointer { bytes in
      if !bytes.isEmpty {
        unsafe krn_sum_s8(rows, bytes.count / rows, start(of: bytes), start(of: sums))
      } else {
        unsafe sums.initialize(repeating: 0)
      }
    }
    count = rows
  }
}
