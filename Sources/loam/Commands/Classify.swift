import ActiveLearning
import ArgumentParser
import Board
import DeviceRuntime
import Graph
import Imaging
import Inference
import Kernels
import SampleStore

/// `loam classify`: what a model takes photos for.
struct Classify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Classify JPEG photos.",
    discussion:
      "A photo that cannot be read gives an error line; the others go on, and the exit code is 1.")

  @Argument(help: "A .loam file.")
  var model: String

  @Argument(help: "JPEG photos.")
  var photos: [String]

  @Option(help: "How many classes to show of each photo.")
  var top = 5

  @Option(help: "Threads that share a photo; one for each processor, at most 4, if absent.")
  var threads: Int?

  @Flag(help: "Print one JSON object a photo.")
  var json = false

  private struct Guess: Encodable {
    var `class`: String
    var probability: Float
  }

  private struct Line: Encodable {
    var path: String
    var top: [Guess]?
    var entropy: Double?
    var error: String?
  }

  func validate() throws {
    if top < 1 { throw ValidationError("--top is \(top); give a whole number of at least 1") }
    try checkThreads(threads)
  }

  func run() throws {
    // Reading arguments took a third of the memory that a photo takes, for code that is not needed again.
    ProcessMemory.releaseIdle()
    let (network, judge, tail) = try LoamFile.network(at: model) { network, side in
      let judge = try Judge(
        network, patches: PatchSettings(count: 1), threads: threads ?? Team.usualCount, side: side)
      return (network, judge, try Tail(network))
    }
    var failures = 0
    for path in photos {
      do throws(ImagingError) {
        let feature = try judge.features(of: Photo(path: path), identity: 0).values
        show(path, tail.probabilities(feature.span, count: 1), network.classes)
      } catch {
        failures += 1
        if json {
          try printJSON(Line(path: path, error: "\(error)"))
        } else {
          say("\(error)")
        }
      }
    }
    if failures > 0 {
      throw CommandFailure("\(failures) of \(photos.count) photos could not be classified")
    }
  }

  private func show(_ path: String, _ probabilities: [Float], _ classes: [String]) {
    let entropy = score([probabilities.map(Double.init)], settings: .published(lambda2: 0)).entropy
    let order = probabilities.indices.sorted {
      (probabilities[$0], $1) > (probabilities[$1], $0)
    }
    let guesses = order.prefix(top).map { index in
      Guess(
        class: classes.indices.contains(index) ? classes[index] : "\(index)",
        probability: probabilities[index])
    }
    if json {
      try? printJSON(Line(path: path, top: guesses, entropy: entropy))
      return
    }
    print(path + "   entropy " + decimal(entropy, 2))
    for guess in guesses {
      print("  " + figure(100 * Double(guess.probability), 6, places: 1) + " %  " + guess.class)
    }
  }
}
