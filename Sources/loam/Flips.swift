import ArgumentParser
import Imaging

/// Directions in which a patch keeps its label.
enum Flips: String, ExpressibleByArgument, CaseIterable {
  case none, horizontal, vertical, both

  var setting: PatchSettings.Flips {
    switch self {
    case .none: []
    case .horizontal: .horizontal
    case .vertical: .vertical
    case .both: [.horizontal, .vertical]
    }
  }
}
