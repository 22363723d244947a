/// Why a simulation could not be run.
package enum SimulationError: Error, CustomStringConvertible {
  case cache(path: String, why: String)
  case noPhoto(count: Int, why: String)

  /// What was wrong, with what, and what to do about it.
  package var description: String {
    switch self {
    case .cache(let path, let why): "\(path): the cache of features cannot be used: \(why)"
    case .noPhoto(let count, let why):
      "none of the \(count) photos could be used; check where the data says they are: the first "
        + "failed with: \(why)"
    }
  }
}
