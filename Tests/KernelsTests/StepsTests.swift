import Kernels
import Testing

@Suite("Steps of training")
struct StepsTests {
  @Test("standardises a row into its place and touches nothing else", arguments: [0, 1, 7, 33])
  func standardise(count: Int) {
    let row = (0..<count).map { Float($0) * 1.37 - 5 }
    let mean = (0..<count).map { Float($0) * 0.21 }
    let inverse = (0..<count).map { 1 / Float($0 + 3) }
    var out = [Float](repeating: -9, count: count + 5)
    var span = out.mutableSpan
    standardiseF32(row.span, mean: mean.span, inverse: inverse.span, into: &span, at: 2)
    #expect(out.prefix(2).allSatisfy { $0 == -9 } && out.suffix(3).allSatisfy { $0 == -9 })
    for index in 0..<count {
      #expect(out[2 + index] == (row[index] - mean[index]) * inverse[index])
    }
  }

  @Test("a momentum step is what its formula says, to the bit", arguments: [0, 1, 16, 35])
  func momentum(count: Int) {
    let gradient = (0..<count).map { Float($0) * 0.11 - 1 }
    var weights = (0..<count).map { 3 - Float($0) * 0.7 }
    var velocity = (0..<count).map { Float($0) * 0.013 }
    let (oldWeights, oldVelocity) = (weights, velocity)
    momentumStepF32(
      gradient: gradient, rate: 0.03, momentum: 0.9, decay: 0.2, weights: &weights,
      velocity: &velocity)
    for index in 0..<count {
      let pull = gradient[index] + Float(0.2) * oldWeights[index]
      let next = Float(0.9) * oldVelocity[index] + pull
      #expect(velocity[index] == next)
      #expect(weights[index] == oldWeights[index] - Float(0.03) * next)
    }
  }
}
