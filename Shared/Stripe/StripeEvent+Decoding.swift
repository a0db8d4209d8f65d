import FoundationEssentials

extension StripeEvent {
  /// Decodes the body of a webhook request. Verify its signature first.
  package init(body: [UInt8]) throws(MalformedEvent) {
    // A NUL byte would make the decoder treat the text as UTF-16. JSON in UTF-8 never has one.
    guard !body.contains(0), String(validating: body, as: UTF8.self) != nil else {
      throw MalformedEvent(reason: "it is not UTF-8 text")
    }
    do {
      self = try JSONDecoder().decode(StripeEvent.self, from: Data(body))
    } catch let error as DecodingError {
      throw MalformedEvent(describing: error)
    } catch {
      throw MalformedEvent(reason: "it cannot be decoded")
    }
  }
}

extension StripeEvent: Decodable {
  private enum Keys: String, CodingKey {
    case id, object, type, created, livemode, data
    case apiVersion = "api_version"
    case relatedObject = "related_object"
  }

  private enum DataKeys: String, CodingKey { case object }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Keys.self)
    id = try container.decode(String.self, forKey: .id)
    type = try container.decode(String.self, forKey: .type)
    isLive = try container.decode(Bool.self, forKey: .livemode)
    let object = try container.decode(String.self, forKey: .object)
    switch object {
    case "event":
      created = try container.decode(Int.self, forKey: .created)
      apiVersion = try container.decodeIfPresent(String.self, forKey: .apiVersion)
      payload = try Self.payload(of: type, in: container.nestedContainer(keyedBy: DataKeys.self, forKey: .data))
    case "v2.core.event":
      created = try Self.seconds(container.decode(String.self, forKey: .created), in: container)
      apiVersion = nil
      payload = .thin(try container.decodeIfPresent(StripeRelatedObject.self, forKey: .relatedObject))
    default:
      throw DecodingError.dataCorruptedError(
        forKey: .object, in: container, debugDescription: "\(object) is not an event")
    }
  }

  private static func payload(of type: String, in container: KeyedDecodingContainer<DataKeys>) throws -> Payload {
    func object<Object: Decodable>(_: Object.Type = Object.self) throws -> Object {
      try container.decode(Object.self, forKey: .object)
    }
    switch type {
    case "checkout.session.completed", "checkout.session.async_payment_succeeded",
      "checkout.session.async_payment_failed",
      "checkout.session.expired":
      return .checkoutSession(try object())
    case "customer.subscription.created", "customer.subscription.updated", "customer.subscription.deleted",
      "customer.subscription.paused",
      "customer.subscription.resumed":
      return .subscription(try object())
    case "invoice.paid", "invoice.payment_failed", "invoice.payment_action_required":
      return .invoice(try object())
    case "invoice_payment.paid":
      return .invoicePayment(try object())
    case "charge.refunded":
      return .charge(try object())
    case "charge.dispute.created", "charge.dispute.closed":
      return .dispute(try object())
    default:
      return type.hasPrefix("refund.") ? .refund(try object()) : .other
    }
  }

  /// Parses the time of a thin event: RFC 3339, with or without a fraction (docs.stripe.com/api/v2/core/events/object).
  private static func seconds(_ text: String, in container: KeyedDecodingContainer<Keys>) throws -> Int {
    let styles = [Date.ISO8601FormatStyle(includingFractionalSeconds: true), Date.ISO8601FormatStyle()]
    guard let date = styles.lazy.compactMap({ try? $0.parse(text) }).first else {
      throw DecodingError.dataCorruptedError(forKey: .created, in: container, debugDescription: "not an RFC 3339 time")
    }
    return Int(date.timeIntervalSince1970.rounded(.down))
  }
}
