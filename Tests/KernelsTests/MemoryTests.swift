import Kernels
import Testing

@Suite("Memory for a body")
struct MemoryTests {
  @Test(
    "gives parts that begin at multiples of 64, are zero and lie apart, as long as there is room",
    arguments: [0, 100, 1 << 20, (2 << 20) - 1, 2 << 20, (4 << 20) - 1000])
  func parts(byteCount: Int) {
    let block = MemoryBlock(byteCount: byteCount)
    var (end, taken) = (UInt(0), 0)
    for size in [1, 64, 65, 1000, byteCount / 2] {
      guard let start = unsafe block.take(size) else {
        Issue.record("no room for \(size) bytes after \(taken)")
        return
      }
      #expect(UInt(bitPattern: start) % 64 == 0)
      #expect(UInt(bitPattern: start) >= end)
      end = UInt(bitPattern: start) + UInt(size)
      taken += size
      for place in stride(from: 0, to: size, by: 509) {
        #expect(unsafe start.load(fromByteOffset: place, as: UInt8.self) == 0)
        unsafe start.storeBytes(of: 1, toByteOffset: place, as: UInt8.self)
      }
    }
    #expect(unsafe block.take(2 * byteCount + (4 << 20)) == nil)
    #expect(unsafe block.take(1) != nil)
  }

  @Test("keeps what is written while another thread fetches its pages")
  func fetching() async {
    for byteCount in [100, 1 << 20, 3 << 20] {
      let block = MemoryBlock(byteCount: byteCount)
      async let fetched: Void = Task.detached { block.fetchPages(byteCount) }.value
      guard let start = unsafe block.take(byteCount) else {
        Issue.record("no room for \(byteCount) bytes")
        return
      }
      for place in 0..<byteCount {
        unsafe start.storeBytes(of: UInt8(place & 255 | 1), toByteOffset: place, as: UInt8.self)
      }
      await fetched
      let lost = (0..<byteCount).first { place in
        unsafe start.load(fromByteOffset: place, as: UInt8.self) != UInt8(place & 255 | 1)
      }
      #expect(lost == nil)
    }
  }

  @Test(
    "sums of rows are those of a loop", arguments: [1, 2, 15, 16, 17, 31, 32, 33, 1000, 32_768])
  func sums(depth: Int) {
    let rows = 3
    for value: Int8? in [nil, -128, 127] {
      let bytes = (0..<(rows * depth)).map { value ?? Int8(truncatingIfNeeded: $0 &* 7919) }
      let expected = (0..<rows).map { row in
        bytes[(row * depth)..<((row + 1) * depth)].reduce(Int32(0)) { $0 + Int32($1) }
      }
      #expect(rowSumsS8(bytes.span, rows: rows) == expected)
    }
  }
}
