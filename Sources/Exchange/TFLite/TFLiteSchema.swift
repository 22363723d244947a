// Facts from TensorFlow Lite's public schema.fbs, version 3: the numbers that files hold.

/// The type of a tensor's elements, as a file numbers it.
enum TFLiteType: Int8, Sendable {
  case float32 = 0
  case float16 = 1
  case int32 = 2
  case uint8 = 3
  case int64 = 4
  case bool = 6
  case int16 = 7
  case int8 = 9

  /// Bytes of one element.
  var byteCount: Int {
    switch self {
    case .uint8, .bool, .int8: 1
    case .float16, .int16: 2
    case .float32, .int32: 4
    case .int64: 8
    }
  }

  /// Whether activations of this type are bytes.
  var isByte: Bool { self == .uint8 || self == .int8 }
}

/// Operators that are read, as a file numbers them; of others only some names are known.
enum TFLiteKind: Int32, Sendable {
  case add = 0
  case averagePool2D = 1
  case concatenation = 2
  case conv2D = 3
  case depthwiseConv2D = 4
  case dequantize = 6
  case fullyConnected = 9
  case localResponse = 13
  case logistic = 14
  case maxPool2D = 17
  case multiply = 18
  case relu = 19
  case reluN1To1 = 20
  case relu6 = 21
  case reshape = 22
  case softmax = 25
  case tanh = 28
  case pad = 34
  case mean = 40
  case squeeze = 43
  case stridedSlice = 45
  case split = 49
  case leakyRelu = 98
  case quantize = 114
  case hardSwish = 117

  /// The name in the schema.
  var name: String {
    switch self {
    case .add: "ADD"
    case .averagePool2D: "AVERAGE_POOL_2D"
    case .concatenation: "CONCATENATION"
    case .conv2D: "CONV_2D"
    case .depthwiseConv2D: "DEPTHWISE_CONV_2D"
    case .dequantize: "DEQUANTIZE"
    case .fullyConnected: "FULLY_CONNECTED"
    case .localResponse: "LOCAL_RESPONSE_NORMALIZATION"
    case .logistic: "LOGISTIC"
    case .maxPool2D: "MAX_POOL_2D"
    case .multiply: "MUL"
    case .relu: "RELU"
    case .reluN1To1: "RELU_N1_TO_1"
    case .relu6: "RELU6"
    case .reshape: "RESHAPE"
    case .softmax: "SOFTMAX"
    case .tanh: "TANH"
    case .pad: "PAD"
    case .mean: "MEAN"
    case .squeeze: "SQUEEZE"
    case .stridedSlice: "STRIDED_SLICE"
    case .split: "SPLIT"
    case .leakyRelu: "LEAKY_RELU"
    case .quantize: "QUANTIZE"
    case .hardSwish: "HARD_SWISH"
    }
  }

  /// What people call the operator numbered `code`, also where it is not read.
  static func name(of code: Int32) -> String {
    TFLiteKind(rawValue: code)?.name ?? otherNames[code] ?? "operator \(code)"
  }

  /// Of operators that image networks use and Loam does not have.
  private static let otherNames: [Int32: String] = [
    5: "DEPTH_TO_SPACE", 8: "FLOOR", 11: "L2_NORMALIZATION", 12: "L2_POOL_2D",
    16: "LSTM", 23: "RESIZE_BILINEAR", 26: "SPACE_TO_DEPTH",
    36: "GATHER", 37: "BATCH_TO_SPACE_ND", 38: "SPACE_TO_BATCH_ND", 39: "TRANSPOSE",
    41: "SUB", 42: "DIV", 47: "EXP", 50: "LOG_SOFTMAX", 53: "CAST",
    54: "PRELU", 55: "MAXIMUM", 56: "ARG_MAX", 57: "MINIMUM", 59: "NEG", 60: "PADV2", 65: "SLICE",
    67: "TRANSPOSE_CONV", 70: "EXPAND_DIMS", 74: "SUM", 75: "SQRT", 76: "RSQRT", 77: "SHAPE",
    78: "POW", 82: "REDUCE_MAX", 83: "PACK", 88: "UNPACK", 92: "SQUARE",
    97: "RESIZE_NEAREST_NEIGHBOR", 99: "SQUARED_DIFFERENCE", 100: "MIRROR_PAD", 101: "ABS",
    102: "SPLIT_V", 106: "ADD_N", 111: "ELU", 126: "BATCH_MATMUL", 150: "GELU",
  ]
}
