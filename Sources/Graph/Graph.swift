package import Tensors

/// One step of a network.
package struct Node: Hashable, Sendable, Codable {
  /// Unique within the graph; shown to people.
  package var name: String
  package var operation: Operation
  /// Names of the activations read.
  package var inputs: [String]
  /// Names of the constants read, in the order `Operation` states.
  package var parameters: [String]
  /// Name of the activation written; no two nodes write the same one.
  package var output: String
  /// Limits of every element of the result.
  package var clamp: Clamp

  /// A node that reads `inputs` and `parameters` and writes `output`.
  package init(
    name: String, operation: Operation, inputs: [String], parameters: [String] = [],
    output: String, clamp: Clamp = .none
  ) {
    self.name = name
    self.operation = operation
    self.inputs = inputs
    self.parameters = parameters
    self.output = output
    self.clamp = clamp
  }
}

/// A feed-forward network in fp32: one image in, one tensor out.
///
/// `nodes` are in an order in which they can run. Weights lie in the layouts `Operation` states,
/// whatever the source format had.
package struct Graph: Hashable, Sendable {
  /// Name of the activation that holds the preprocessed image.
  package var input: String
  /// `[height, width, channels]` of the input.
  package var inputShape: Shape
  package var nodes: [Node]
  /// Name of the activation that is the result.
  package var output: String
  /// Constants by name.
  package var constants: [String: FloatTensor]

  /// A graph of `nodes`; call `shapes()` to check it.
  package init(
    input: String, inputShape: Shape, nodes: [Node], output: String,
    constants: [String: FloatTensor]
  ) {
    self.input = input
    self.inputShape = inputShape
    self.nodes = nodes
    self.output = output
    self.constants = constants
  }
}
