internal import CImaging

/// Scales a picture that arrives row by row, and places the result turned or mirrored.
///
/// Each arriving row is resampled along itself and kept in a ring of as many rows as one output row
/// needs; so the memory is (rows of the ring) × (output width), whatever the source's height. Buffers
/// are kept from one picture to the next and grow only for a larger one: with the same sizes nothing is
/// allocated. Sums are of integers, so the bytes are the same on every CPU.
struct RowResizer: ~Copyable {
  private var columns = AxisWeights()
  private var rows = AxisWeights()
  private var ring: [UInt8] = []
  private var table: [UInt8] = []
  private var usesTable = false
  /// Of the source.
  private var sourceWidth = 0
  private var nextSourceRow = 0
  /// Of the result as the source lies, before it is turned.
  private var width = 0
  private var height = 0
  private var nextRow = 0
  private var orientation = Orientation.upright

  /// Bytes held in buffers.
  var byteCount: Int { columns.byteCount + rows.byteCount + ring.count + table.count }

  /// Whether the last row of the result is written.
  var isComplete: Bool { nextRow == height }

  /// Starts a picture: `box` of a source becomes `width × height` as it is shown, that is after
  /// `orientation`. Each byte of the result then goes through `brightness` (256 bytes), if there is one.
  mutating func begin(
    source: (width: Int, height: Int), box: PixelBox, width: Int, height: Int,
    filter: ResampleFilter, orientation: Orientation = .upright, brightness gain: Double = 1
  ) {
    precondition(
      box.x >= 0 && box.y >= 0 && box.width > 0 && box.height > 0
        && box.x + box.width <= Double(source.width) + 1e-6
        && box.y + box.height <= Double(source.height) + 1e-6 && width >= 1 && height >= 1,
      "part \(box) of \(source.width)×\(source.height) cannot become \(width)×\(height)")
    self.orientation = orientation
    self.width = orientation.swapsAxes ? height : width
    self.height = orientation.swapsAxes ? width : height
    sourceWidth = source.width
    nextSourceRow = 0
    nextRow = 0
    columns.prepare(
      inputs: source.width, start: box.x, length: box.width, outputs: self.width, filter: filter)
    rows.prepare(
      inputs: source.height, start: box.y, length: box.height, outputs: self.height, filter: filter)
    let ringByteCount = rows.stride * self.width * 3
    if ring.count < ringByteCount {
      ring += repeatElement(0, count: ringByteCount - ring.count)
    }
    setTable(gain)
  }

  /// Takes the source's next row (three bytes a pixel) and writes the rows of the result that it
  /// completes into `output`, which holds the whole result.
  @_lifetime(output: copy output)
  mutating func push(_ row: Span<UInt8>, into output: inout MutableSpan<UInt8>) {
    precondition(
      row.count >= sourceWidth * 3 && output.count >= width * height * 3,
      "row of \(row.count) B or result of \(output.count) B is too small")
    let y = nextSourceRow
    nextSourceRow += 1
    guard nextRow < height, y >= Int(rows.firsts[nextRow]) else { return }
    resample(row, to: y % rows.stride)
    while nextRow < height, Int(rows.firsts[nextRow] + rows.counts[nextRow]) <= y + 1 {
      combine(into: &output)
      nextRow += 1
    }
  }

  private mutating func resample(_ row: Span<UInt8>, to slot: Int) {
    let (columns, width) = (self.columns, self.width)
    unsafe row.withUnsafeBufferPointer { source in
      unsafe ring.withUnsafeMutableBufferPointer { ring in
        guard let source = source.baseAddress, let ring = ring.baseAddress else {
          return
        }
        unsafe cim_resample_row(
          source, columns.firsts, columns.counts, columns.weights, columns.stride, width,
          ring + slot * width * 3)
      }
    }
  }

  private func combine(into output: inout MutableSpan<UInt8>) {
    let (start, step) = placement(ofRow: nextRow)
    let first = nextRow * rows.stride
    unsafe output.withUnsafeMutableBufferPointer { output in
      unsafe rows.weights.withUnsafeBufferPointer { weights in
        unsafe table.withUnsafeBufferPointer { table in
          guard let output = output.baseAddress, let weights = weights.baseAddress
          else { return }
          unsafe cim_combine_rows(
            ring, rows.stride, Int(rows.firsts[nextRow]), weights + first,
            Int(rows.counts[nextRow]), width * 3, usesTable ? table.baseAddress : nil,
            output + start, step)
        }
      }
    }
  }

  /// Where the first pixel of a result's row goes, and how far the next one is, in bytes.
  private func placement(ofRow row: Int) -> (start: Int, step: Int) {
    let shownWidth = orientation.swapsAxes ? height : width
    let shownHeight = orientation.swapsAxes ? width : height
    if orientation.swapsAxes {
      let x = orientation.mirrorsColumns ? shownWidth - 1 - row : row
      let y = orientation.mirrorsRows ? shownHeight - 1 : 0
      let step = shownWidth * 3
      return ((y * shownWidth + x) * 3, orientation.mirrorsRows ? -step : step)
    }
    let x = orientation.mirrorsColumns ? shownWidth - 1 : 0
    let y = orientation.mirrorsRows ? shownHeight - 1 - row : row
    return ((y * shownWidth + x) * 3, orientation.mirrorsColumns ? -3 : 3)
  }

  private mutating func setTable(_ gain: Double) {
    usesTable = gain != 1
    guard usesTable else { return }
    if table.isEmpty { table = [UInt8](repeating: 0, count: 256) }
    for value in 0..<256 {
      table[value] = UInt8(min(255, (Double(value) * gain).rounded(.toNearestOrEven)))
    }
  }
}
