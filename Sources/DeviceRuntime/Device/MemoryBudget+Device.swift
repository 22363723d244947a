package import Graph
import Imaging
import Inference
import Kernels
import Training

extension MemoryBudget {
  /// The part that one thread uses for a photo and for training, one after the other.
  package static let workPart = "a photo, or training"

  /// What a device with a judge that takes `judge`, made from `network`, needs within `settings.memoryBudget`.
  ///
  /// Training gets what is left, at most `settings.training.byteBudget`, but no less than a photo
  /// takes; whether it all fits is for the caller to ask.
  package init(judge: JudgeMemory, network: Network, settings: DeviceSettings) {
    self.init(bytes: settings.memoryBudget)
    add("program", Self.programBytes)
    add("weights (mapped)", network.tensors.values.reduce(0) { $0 + $1.byteCount })
    add("packed weights", judge.body.packedByteCount)
    add("activations and rings", judge.body.arenaByteCount)
    add("scratch", judge.body.scratchByteCount)
    if judge.threadCount > 1 {
      add("stacks of helper threads", (judge.threadCount - 1) * Team.helperByteCount)
    }
    add("patches", judge.patchByteCount)
    if settings.cameraByteCount > 0 { add("pictures of the camera", settings.cameraByteCount) }
    if settings.loginByteCount > 0 { add("checking a PIN", settings.loginByteCount) }
    add("features in flight", 64 * judge.patchCount * judge.featureCount * 4)
    let photo = 1 << 20 + settings.decoding.coefficientByteCount + settings.decoding.fileByteCount
    add(Self.workPart, max(photo, min(settings.training.byteBudget, bytes - peakBytes)))
  }
}
