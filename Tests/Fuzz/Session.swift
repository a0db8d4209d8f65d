#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Tests one parser with many inputs. Each input is written to a file first, so that it is available after a crash.
struct Session {
  let subject: any Subject
  let seed: UInt64
  let limits: Limits

  struct Limits {
    /// The maximum time for one input, in whole seconds; after it, SIGALRM ends the process.
    var seconds: Int
    /// The maximum peak memory of the process, in MB.
    var megabytes: Int
  }

  /// The file with the current input.
  var path: String { "\(Self.folder)/fuzz-\(subject.name)-\(seed)-\(getpid())" }

  private static let folder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"

  /// Tests the parser with the inputs of these indices.
  ///
  /// - Parameter data: the folder with sample files.
  func run(_ inputs: Range<Int>, data: String) throws(Violation) {
    let samples = subject.samples(in: data)
    let mutator = Mutator(dictionary: subject.dictionary, maximumBytes: subject.maximumBytes)
    print("\(subject.name): seed \(seed), \(samples.count) samples; the current input is in \(path)")
    // Flush, so that the path is printed before a crash.
    fflush(nil)
    let file = unsafe open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Violation("cannot write \(path)") }
    defer { close(file) }

    let start = ContinuousClock.now
    var slowest = (time: Duration.zero, index: 0)
    var bytes = 0
    for index in inputs {
      var random = Randomness(seed: seed, index: index)
      let input = make(samples, mutator, &random)
      guard unsafe pwrite(file, input, input.count, 0) == input.count, ftruncate(file, input.count) == 0 else {
        throw Violation("cannot write \(path)")
      }
      bytes += input.count
      let time = try time(input, index, &random)
      if time > slowest.time { slowest = (time, index) }
    }
    unsafe unlink(path)
    let seconds = start.duration(to: .now) / .seconds(1)
    print(
      "\(subject.name): \(inputs.count) inputs of \(bytes / max(1, inputs.count)) bytes in \(tenths(seconds)) s,",
      "\(Int(Double(inputs.count) / max(seconds, 0.001))) per second;",
      "the slowest, input \(slowest.index), \(tenths(slowest.time / .milliseconds(1))) ms;",
      "peak memory \(peakMegabytes()) MB"
    )
  }

  /// Tests the parser with one stored input.
  func replay(_ input: [UInt8]) throws(Violation) {
    var random = Randomness(seed: seed)
    // Repeat, because parts of the check are random.
    for _ in 0..<100 { _ = try time(input, 0, &random) }
  }

  /// Generates an input: a composed one or a sample, then mutated.
  private func make(_ samples: [[UInt8]], _ mutator: Mutator, _ random: inout Randomness) -> [UInt8] {
    let first = samples.isEmpty || random.once(in: 2) ? subject.compose(&random) : random.pick(samples)
    let second = samples.isEmpty ? subject.compose(&random) : random.pick(samples)
    return mutator.mutate(first, with: { second }, &random)
  }

  /// Checks one input and returns its processor time.
  private func time(_ input: [UInt8], _ index: Int, _ random: inout Randomness) throws(Violation) -> Duration {
    alarm(UInt32(limits.seconds))
    let start = processorTime()
    do throws(Violation) {
      try subject.check(input, &random)
    } catch {
      throw Violation("\(subject.name), seed \(seed), input \(index), stored in \(path): violated property: \(error)")
    }
    let time = processorTime() - start
    alarm(0)
    let peak = peakMegabytes()
    try require(
      peak <= limits.megabytes,
      "\(subject.name), seed \(seed), input \(index), stored in \(path): peak memory \(peak) MB is above the limit")
    return time
  }

  private func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}

/// The processor time of this process; unlike elapsed time, it does not depend on other programs.
private func processorTime() -> Duration {
  var time = timespec()
  unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}

/// The peak memory of this process.
private func peakMegabytes() -> Int {
  var usage = rusage()
  // 0 is RUSAGE_SELF, whose type differs between C libraries.
  unsafe getrusage(0, &usage)
  return usage.ru_maxrss / 1024
}
