import ArgumentParser
import DeviceRuntime
import FoundationEssentials
import Graph
import Imaging
import Simulation

/// `loam simulate`
struct Simulate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Learning curves on labelled photos.")
  @Option var model = "Models/efficientnet-lite0.loam"
  @Option var data: String
  @Option var cache: String
  @Option var threads = 2
  @Option var flips = Flips.none

  func run() async throws {
    let photos = try LabelledPhotos(path: data)
    let network = try LoamFile.open(model).network()
    let all = photos.photos.filter { $0.label != LabelledPhotos.unsure }
    let features = try await PhotoFeatures.read(
      all, network: network, patches: PatchSettings(flips: flips.setting), cache: cache,
      threads: threads
    ) { done, count in
      if done % 200 == 0 { say("\(done) of \(count)") }
    }
    print(features.photos.count, features.computed, features.failures)
  }
}
