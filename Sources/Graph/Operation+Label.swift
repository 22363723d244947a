extension Operation {
  /// What people call it, as in `convolution`.
  package var label: String {
    switch self {
    case .convolution: "convolution"
    case .fullyConnected: "fullyConnected"
    case .batchNormalisation: "batchNormalisation"
    case .add: "add"
    case .clamp: "clamp"
    case .pad: "pad"
    case .globalAveragePool: "globalAveragePool"
    case .flatten: "flatten"
    case .softmax: "softmax"
    case .maxPool: "maxPool"
    case .averagePool: "averagePool"
    case .multiply: "multiply"
    case .concatenate: "concatenate"
    case .slice: "slice"
    case .channelShuffle: "channelShuffle"
    case .localResponseNormalisation: "localResponseNormalisation"
    case .activation(let function): function.label
    }
  }
}
