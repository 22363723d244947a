/// Why a simulation could not be run.
package enum SimulationError: Error, CustomStringConvertible {
  case cache(path: String, why: String)
  case noPhoto(path: String, why: String)

  /// What was wrong, with what, and what to do about it.
  package var description: String {
    switch self {
    case .cache(let path, let why): "\(path): the cache of features cannot be used: \(why)"
    case .noPhoto(let path, let why):
      "\(path): not one photo of it could be used; the last one failed with: \(why)"
    }
  }
}
