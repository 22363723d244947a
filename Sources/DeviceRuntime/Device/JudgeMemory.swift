package import Graph
package import Imaging
package import Inference
import Tensors

/// What a judge takes, before its first photo.
package struct JudgeMemory: Hashable, Sendable {
  /// Activations, packed weights and scratch.
  package let body: Body.Memory
  /// Bytes of a photo's pixels, the patch that is cut and its bytes as the body takes them.
  package let patchByteCount: Int
  /// Patches of a photo, the photo itself included.
  package let patchCount: Int
  /// Numbers in a feature.
  package let featureCount: Int
  /// Threads that share a photo.
  package let threadCount: Int
}

extension JudgeMemory {
  /// What a judge with the body of `network` takes, found without making one: its arena and its pixels may be
  /// larger than this machine's memory.
  package init(_ network: Network, patches: PatchSettings, threads: Int = 1) throws {
    let preprocessing = network.preprocessing
    let (width, height) = (preprocessing.width, preprocessing.height)
    self.init(
      body: try Body.memory(of: network, threads: threads),
      patchByteCount: PatchCutter.byteCount(width: width, height: height, patches: patches.count)
        + width * height * 3 + network.inputShape.count,
      patchCount: patches.count, featureCount: network.featureShape.count, threadCount: threads)
  }
}
