import FoundationEssentials

/// An SQS batch: messages whose bodies are events, or bare bodies on the operator's authority.
struct Batch: Decodable {
  struct Message: Decodable {
    let messageId: String
    let body: String
  }

  /// What SQS is told to deliver again.
  struct Outcome: Encodable, Equatable {
    struct Item: Encodable, Equatable {
      let itemIdentifier: String
    }
    let batchItemFailures: [Item]
  }

  let records: [Message]

  enum CodingKeys: String, CodingKey {
    case records = "Records"
  }

  /// Answers the messages in their order.
  ///
  /// Whatever was refused counts as failed, for good reasons or bad: SQS brings it again, and then to the dead-letter
  /// queue, where somebody can see it. A message that was dropped quietly would be lost.
  func process(_ router: Router, _ deadline: Deadline) async -> Outcome {
    var failures: [Outcome.Item] = []
    for message in records {
      let status = await status(of: message, router, deadline)
      if status >= 400 { failures.append(.init(itemIdentifier: message.messageId)) }
    }
    return Outcome(batchItemFailures: failures)
  }

  private func status(of message: Message, _ router: Router, _ deadline: Deadline) async -> Int {
    do throws(Failure) {
      let input = Array(message.body.utf8)
      var event: Event
      switch try Invocation.Shape(of: input) {
      case .event(let inner): event = inner
      case .bareBody: event = try router.eventForBareBody(input)
      case .batch: throw Failure(.invalidRequest, "a batch in a batch")
      }
      if event.headers["idempotency-key"] == nil { event.headers["idempotency-key"] = message.messageId }
      return await router.respond(to: event, by: deadline).status
    } catch {
      return error.code.status
    }
  }
}
