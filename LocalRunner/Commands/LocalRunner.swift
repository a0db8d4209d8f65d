import ArgumentParser

@main
struct LocalRunner: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "local-runner",
    abstract: "Analyze a website, write its llms.txt, and run the functions of the product.",
    discussion: """
      To write an llms.txt, one command is enough:

        local-runner llms https://example.com > llms.txt

      If DATABASE_URL is not set, an embedded PostgreSQL is created and started;
      `local-runner database stop` stops it.
      """,
    version: "1.0.0",
    subcommands: [
      LLMSCommand.self, InvokeCommand.self, StartCommand.self, ReplayCommand.self, InspectCommand.self,
      DatabaseCommand.self, AccountsCommand.self, KeysCommand.self, WorkerCommand.self, StripeCommand.self,
      DoctorCommand.self,
    ])
}
