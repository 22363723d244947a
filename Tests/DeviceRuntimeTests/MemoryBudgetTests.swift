import DeviceRuntime
import Graph
import Imaging
import Inference
import Support
import Testing

@Suite("The memory budget")
struct MemoryBudgetTests {
  @Test("what a judge takes is known without making one", arguments: [1, 3], [1, 4])
  func judge(threads: Int, patches: Int) throws {
    let network = try TestNetworks.classifier(seed: 3)
    let settings = PatchSettings(count: patches)
    let judge = try Judge(network, patches: settings, threads: threads)
    #expect(try JudgeMemory(network, patches: settings, threads: threads) == judge.memory)
  }

  @Test("counts the scratch of every thread, and the stacks of those besides the device's own")
  func threads() throws {
    let network = try TestNetworks.classifier(seed: 3)
    func budget(_ threads: Int) throws -> MemoryBudget {
      let judge = try JudgeMemory(network, patches: PatchSettings(count: 2), threads: threads)
      return MemoryBudget(judge: judge, network: network, settings: DeviceSettings())
    }
    let (one, four) = (try budget(1), try budget(4))
    let stacks = "stacks of helper threads"
    #expect(one.bytes(of: stacks) == 0 && !one.parts.contains { $0.name == stacks })
    #expect(four.bytes(of: stacks) == 3 * 128 << 10)
    #expect(four.bytes(of: "scratch") == 4 * one.bytes(of: "scratch"))
  }

  @Test("bounds the arena before there is one")
  func arena() throws {
    let world = try World()
    var settings = world.settings
    let arena = try Plan(LoamFile.open(world.model).network()).byteCount
    settings.memoryBudget = arena - 1
    let error = #expect(throws: InferenceError.self) { try world.device(settings) }
    guard case .arenaTooLarge(arena, arena - 1, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
