import ArgumentParser
import Exchange
import Graph
import Inference
import Kernels
import Tensors

/// `loam infer`: tensors in, tensors out.
struct Infer: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a model on a .npy tensor.",
    discussion: """
      The input is uint8 [N, height, width, 3]: red, green and blue pixels; or float32 \
      [N, height, width, channels]: numbers that are preprocessed already. A single image may leave \
      out the N. The output is float32 [N, …]. An .onnx file is run in fp32 as it is: the output is \
      its result, one row of numbers an image, a feature map with its channels innermost.
      """)

  /// What can be written.
  enum Tensor: String, ExpressibleByArgument, CaseIterable {
    case features, logits, probabilities
  }

  @Argument(help: "A .loam file, or an .onnx file to run in fp32.")
  var model: String

  @Option(name: .shortAndLong, help: "The .npy file to read.")
  var input: String

  @Option(name: .shortAndLong, help: "The .npy file to write.")
  var output: String

  @Option(help: "What to write of a .loam file's run: features, logits or probabilities.")
  var tensor = Tensor.probabilities

  @Option(
    help: "A processor level instead of the best: scalar, avx2, avx512vnni, neon, dotprod, i8mm.")
  var cpu: String?

  func run() throws {
    if model.hasSuffix(".onnx") { return try runFloat() }
    let (network, body, tail) = try LoamFile.network(at: model) { network, side in
      (network, try Body(network, cpu: cpu, side: side), try Tail(network))
    }
    let images = try NumPyFile(path: input)
    let count = try imageCount(images, network)
    let table = InputTable(network)
    var bytes = [Int8](repeating: 0, count: network.inputShape.count)
    let width = network.featureShape.count
    var feature = [Float](repeating: 0, count: width)
    var features = [Float](repeating: 0, count: count * width)
    for image in 0..<count {
      var byteSpan = bytes.mutableSpan
      switch images.elements {
      case .bytes(let pixels):
        let size = pixels.count / count
        table.quantise(
          rgb: pixels.span.extracting(image * size..<(image + 1) * size), into: &byteSpan)
      case .floats(let numbers):
        let size = numbers.count / count
        table.quantise(
          real: numbers.span.extracting(image * size..<(image + 1) * size), into: &byteSpan)
      }
      var featureSpan = feature.mutableSpan
      body.run(bytes.span, features: &featureSpan)
      features.replaceSubrange(image * width..<(image + 1) * width, with: feature)
    }
    try write(features, count, network, tail)
  }

  /// Runs an ONNX network in fp32 on numbers that are preprocessed already.
  private func runFloat() throws {
    guard tensor == .probabilities else {
      throw CommandFailure(
        "\(model): --tensor is \(tensor.rawValue), but an .onnx file is run as it is and has no cut; "
          + "leave --tensor out, or import the file and give the .loam")
    }
    let kernels = try KernelSet(allowedBy: cpu)
    let images = try NumPyFile(path: input)
    guard case .floats(let numbers) = images.elements else {
      throw CommandFailure(
        "\(input): holds uint8, \(model) takes float32 [N, height, width, channels]; "
          + "preprocess the pixels")
    }
    let size = images.shape.count == 4 ? (height: images.shape[1], width: images.shape[2]) : nil
    let graph = try ONNXImporter.read(model, inputSize: size).graph.fused()
    let count = try imageCount(images, graph.inputShape, channels: graph.inputShape.channels)
    let executor = try FloatExecutor(graph, kernels: kernels)
    let image = numbers.count / count
    var results: [Float] = []
    for index in 0..<count {
      results += executor.run(numbers.span.extracting(index * image..<(index + 1) * image))
    }
    try NumPyFile(shape: [count, results.count / count], elements: .floats(results))
      .write(to: output)
  }

  private func write(
    _ features: [Float], _ count: Int, _ network: Network, _ tail: Tail
  ) throws {
    let (shape, values): ([Int], [Float]) =
      switch tensor {
      case .features: (network.featureShape.dimensions, features)
      case .logits: ([tail.outputCount], tail.logits(features.span, count: count))
      case .probabilities: ([tail.outputCount], tail.probabilities(features.span, count: count))
      }
    try NumPyFile(shape: [count] + shape, elements: .floats(values)).write(to: output)
  }

  /// How many images `file` holds; throws unless they have the network's input shape.
  private func imageCount(_ file: NumPyFile, _ network: Network) throws -> Int {
    switch file.elements {
    case .bytes: try imageCount(file, network.inputShape, channels: 3)
    case .floats: try imageCount(file, network.inputShape, channels: network.inputShape.channels)
    }
  }

  private func imageCount(_ file: NumPyFile, _ shape: Shape, channels: Int) throws -> Int {
    let type = if case .bytes = file.elements { "uint8" } else { "float32" }
    let expected = [shape.height, shape.width, channels]
    let found = file.shape.count == 3 ? [1] + file.shape : file.shape
    guard found.count == 4, Array(found.dropFirst()) == expected, found[0] >= 1 else {
      throw CommandFailure(
        "\(input): holds \(type) \(file.shape), \(model) takes \(type) "
          + "[N, \(expected.map(String.init).joined(separator: ", "))]; resize or transpose it")
    }
    return found[0]
  }
}
