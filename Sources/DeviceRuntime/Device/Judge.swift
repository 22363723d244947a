package import Graph
package import Imaging
import Inference
package import SampleStore
import Tensors

/// Turns photos into features: decode once, cut the patches, run the body on each.
///
/// All buffers belong to the judge and are reused. Not for concurrent use.
package final class Judge {
  /// Names the body: features with the same name compare.
  package let bodySHA256: String
  /// Numbers in a feature.
  package let featureCount: Int
  /// Patches of a photo, the photo itself included.
  package let patchCount: Int
  /// Threads that share a photo.
  package var threadCount: Int { body.threadCount }
  /// What it takes.
  package var memory: JudgeMemory {
    JudgeMemory(
      body: body.memory, patchByteCount: cutter.workingByteCount + pixels.count + input.count,
      patchCount: patchCount, featureCount: featureCount, threadCount: threadCount)
  }

  private let body: Body
  private let table: InputTable
  private let cutter: PatchCutter
  private var pixels: [UInt8]
  private var input: [Int8]
  private var feature: [Float]

  /// A judge with the body of `network`, which `threads` share; refused if the arena takes more than
  /// `arenaLimit` bytes. `side`, if it is there, helps to make it.
  package init(
    _ network: Network, patches: PatchSettings, threads: Int = 1,
    arenaLimit: Int = Body.greatestArena, side: SideThread? = nil
  ) throws {
    body = try Body(network, threads: threads, arenaLimit: arenaLimit, side: side)
    table = InputTable(network)
    bodySHA256 = network.lineage.bodySHA256
    featureCount = network.featureShape.count
    patchCount = patches.count
    let preprocessing = network.preprocessing
    cutter = PatchCutter(
      width: preprocessing.width, height: preprocessing.height,
      fit: preprocessing.fit == .crop ? .crop : .stretch, settings: patches)
    pixels = [UInt8](repeating: 0, count: preprocessing.width * preprocessing.height * 3)
    input = [Int8](repeating: 0, count: network.inputShape.count)
    feature = [Float](repeating: 0, count: featureCount)
  }

  /// Features of the first `count` patches of `photo` (all if absent), rounded to fp16 as they are
  /// stored, so that a photo judged now and one judged from the store give the same bytes.
  ///
  /// `identity` decides where the patches are cut.
  package func features(
    of photo: Photo, identity: UInt64, count: Int? = nil
  ) throws(ImagingError) -> FeatureBlock {
    try cutter.load(photo, identity: identity)
    let count = min(count ?? patchCount, patchCount)
    var values = [Float](repeating: 0, count: count * featureCount)
    for index in 0..<count {
      var pixelSpan = pixels.mutableSpan
      cutter.patch(index, into: &pixelSpan)
      var inputSpan = input.mutableSpan
      table.quantise(rgb: pixels.span, into: &inputSpan)
      var featureSpan = feature.mutableSpan
      body.run(input.span, features: &featureSpan)
      for (place, number) in feature.enumerated() {
        values[index * featureCount + place] = Float(Float16(number))
      }
    }
    return FeatureBlock(patches: count, values: values)
  }
}

/// The number that decides where a photo's patches are cut: the first 64 bits of its hash.
func patchIdentity(sha256: String) -> UInt64 {
  UInt64(sha256.prefix(16), radix: 16) ?? 0
}
