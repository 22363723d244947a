import Tensors

/// Which rows of an input a node reads for given rows of its result.
struct RowReach: Hashable, Sendable {
  /// Rows of the input that one step of a row of the result stands for.
  let stride: Int
  /// Rows of padding above the input.
  let padding: Int
  /// Rows that one row of the result sees, gaps of a dilation included.
  let extent: Int
  /// Rows of the input.
  let inputHeight: Int

  /// The reach of node `index`; `nil` if it cannot be run a few rows at a time.
  init?(_ index: Int, of wiring: Wiring) {
    guard let number = wiring.inputs[index].first else { return nil }
    let (input, output) = (wiring.extents[number], wiring.extents[index + 1])
    guard input.rank == 3, output.rank == 3 else { return nil }
    inputHeight = input.height
    switch wiring.nodes[index].operation {
    case .convolution(let window, _):
      stride = window.strideY
      padding = window.padding.top
      extent = (window.height - 1) * window.dilationY + 1
    case .add where number != wiring.inputs[index][1]:
      (stride, padding, extent) = (1, 0, 1)
    default:
      return nil
    }
  }

  /// The first row of the input that rows from `row` on read.
  func first(of row: Int) -> Int { min(inputHeight, max(0, row * stride - padding)) }

  /// The end of the rows of the input that rows before `end` read.
  func end(of end: Int) -> Int {
    end == 0 ? 0 : min(inputHeight, max(0, (end - 1) * stride - padding + extent))
  }
}
