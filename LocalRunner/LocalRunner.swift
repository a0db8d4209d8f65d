import ArgumentParser

@main
struct LocalRunner: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "local-runner",
    abstract: "Reads a website and writes its llms.txt; runs the functions that do it, at your desk and in containers.",
    discussion: """
      The one command for somebody who wants an llms.txt:

        local-runner llms https://example.com > llms.txt

      Without DATABASE_URL, an embedded PostgreSQL is made and started; `local-runner database stop` stops it.
      """,
    version: "1.0.0",
    subcommands: [
      LLMSCommand.self, InvokeCommand.self, StartCommand.self, ReplayCommand.self, InspectCommand.self,
      DatabaseCommand.self,
      AccountsCommand.self, KeysCommand.self, WorkerCommand.self, StripeCommand.self, DoctorCommand.self,
    ])
}
