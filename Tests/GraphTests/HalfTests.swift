import Tensors
import Testing

@testable import Graph

@Suite("Half precision")
struct HalfTests {
  @Test("every half widens to fp32 and comes back")
  func roundTrip() {
    var wrong = 0
    for bits in UInt16.min...UInt16.max {
      let value = Half.float(bits)
      if value.isNaN {
        wrong += (bits & 0x7C00 == 0x7C00 && bits & 0x3FF != 0) && Half.bits(value).isNaN ? 0 : 1
      } else {
        wrong += Half.bits(value) == bits ? 0 : 1
      }
    }
    #expect(wrong == 0)
  }

  static let knownValues: [(Float, UInt16)] = [
    (1, 0x3C00), (-2, 0xC000), (65_504, 0x7BFF), (65_519.9, 0x7BFF), (65_520, 0x7C00),
    (0x1p-24, 1), (0x1p-25, 0), (0x1.8p-25, 1), (0x1p-14, 0x0400), (-0.0, 0x8000),
    (1 + 0x1p-11, 0x3C00), (1 + 0x3p-11, 0x3C02), (.infinity, 0x7C00),
  ]

  @Test("known values", arguments: knownValues)
  func known(value: Float, bits: UInt16) {
    #expect(Half.bits(value) == bits)
  }

  @Test("rounds to the nearer half, ties to even")
  func nearest() {
    var random = SeededRandom(seed: 4)
    for _ in 0..<20_000 {
      let bits = UInt16(random.below(0x7BFF))
      let (below, above) = (Half.float(bits), Half.float(bits + 1))
      let value = below + (above - below) * Float(random.unit())
      let (down, up) = (Double(value) - Double(below), Double(above) - Double(value))
      let expected = down < up ? bits : down > up ? bits + 1 : (bits % 2 == 0 ? bits : bits + 1)
      #expect(Half.bits(value) == expected, "\(value)")
    }
  }
}

extension UInt16 {
  fileprivate var isNaN: Bool { self & 0x7C00 == 0x7C00 && self & 0x3FF != 0 }
}
