import ArgumentParser
import FoundationEssentials
import Support

@main
struct Fuzz: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuzz", abstract: "Feeds the parsers what no honest site sends.",
    discussion:
      "The same seed makes the same inputs. What was in hand when the program ended early is in the file that it names first."
  )

  @Option(help: "One of \(subjects.map(\.name).joined(separator: ", ")); all where none is named.")
  var parser: [String] = []
  @Option(help: "Mutated inputs to each parser.")
  var inputs = 200_000
  @Option(help: "The number of the first of them, or of the first site.")
  var first = 0
  @Option(help: "What all inputs are made from.")
  var seed: UInt64 = 1
  @Option(help: "Seconds that one input may take.")
  var seconds = 5
  @Option(help: "The peak of memory that is allowed.")
  var megabytes = 512
  @Option(help: "How many times as long as usual an analysis may take.")
  var patience = 1
  @Option(help: "A folder with robots.txt files and pages to begin from; what is not there is made.")
  var data = "../shared/data"
  @Option(
    help:
      "Instead of feeding parsers, let `analyze`, built beside, read so many sites that misbehave; DATABASE_URL names a database that is migrated."
  )
  var servers: Int?
  @Option(help: "A file that was kept, to be tried again with the one parser that is named.")
  var replay: String?

  static let subjects: [any Subject] = [RobotsSubject(), SitemapSubject(), PageSubject(), URLSubject(), LLMSSubject()]

  func validate() throws {
    for name in parser where !Self.subjects.contains(where: { $0.name == name }) {
      throw ValidationError("there is no parser \(name)")
    }
    guard inputs >= 0, first >= 0, seconds > 0, megabytes > 0, patience > 0 else {
      throw ValidationError("numbers must be positive")
    }
  }

  func run() async throws {
    if let servers {
      return try await Crawls(
        seed: seed, program: Products.path(of: "analyze"), megabytes: megabytes, patience: patience
      ).run(first..<(first + servers))
    }
    for subject in Self.subjects where parser.isEmpty || parser.contains(subject.name) {
      let session = Session(subject: subject, seed: seed, limits: .init(seconds: seconds, megabytes: megabytes))
      if let replay {
        try session.replay(Array(Data(contentsOf: URL(filePath: replay))))
      } else {
        try session.run(first..<(first + inputs), data: data)
      }
    }
  }
}
