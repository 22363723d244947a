/// Why bytes are no readable FlatBuffer.
package enum FlatBufferError: Error, Equatable {
  /// Something lies outside the file, or is shorter than it says.
  case outside(what: String, offset: Int, byteCount: Int)
  /// More is asked for than a file of this size can honestly hold: its parts refer to each other over and over.
  case tooMuch(what: String, limit: Int)
}

extension FlatBufferError: CustomStringConvertible {
  /// What was found where, as part of a sentence.
  package var description: String {
    switch self {
    case .outside(let what, let offset, let byteCount):
      "\(what) at byte \(offset) does not lie within its \(byteCount) B"
    case .tooMuch(let what, let limit):
      "\(what) would take more than \(limit) steps to read, its parts refer to one another too often"
    }
  }
}
