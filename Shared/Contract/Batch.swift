import FoundationEssentials

/// An SQS batch. The body of each message is an event or a bare body, which is sent by the operator.
struct Batch: Decodable {
  struct Message: Decodable {
    let messageId: String
    let body: String
  }

  /// The messages that SQS must deliver again (a partial batch response).
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

  /// Processes the messages in order.
  ///
  /// A message with a response of status 400 or above is reported as failed, even if a retry cannot succeed. SQS
  /// delivers it again and finally moves it to the dead-letter queue. Otherwise it would be lost unseen.
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
      case .batch: throw Failure(.invalidRequest, "a message of a batch must not be a batch")
      }
      if event.headers["idempotency-key"] == nil { event.headers["idempotency-key"] = message.messageId }
      return await router.respondBuffered(to: event, by: deadline).status
    } catch {
      return error.code.status
    }
  }
}
