/// What the translation of one file may look at and make, so that its time and memory are O(bytes of the file).
///
/// A small file may let its parts be read by each other over and over, or spread a number over a vast vector.
/// An honest one looks at each element of its constants a few times.
final class ReadingBudget {
  /// Longer names of ONNX's operators and tensors are refused, in UTF-8: parts of an operator get names made of its
  /// own. Converters that fuse operators put their names together, to above 1000 B.
  static let longestName = 4096

  /// Elements that may be looked at or made in all.
  let limit: Int
  private var spent = 0

  /// The budget of a file of `byteCount` bytes.
  init(byteCount: Int) {
    limit = (1 << 22) + 16 * byteCount
  }

  /// Counts `count` elements that are looked at or made; throws when they are too many.
  func charge(_ count: Int) throws(Unsupported) {
    guard count <= limit - spent else {
      throw Unsupported(why: "its constants take more than \(limit) elements to read")
    }
    spent += count
  }
}
