/// An event that Stripe sends to a webhook endpoint (docs.stripe.com/api/events/object).
///
/// Events arrive in any order, more than once, and up to days late (docs.stripe.com/webhooks, "Best practices"), so
/// fetch the current state of the object before acting on it.
package struct StripeEvent: Sendable {
  /// The same id on every retry of a delivery. Several events with different ids may describe the same change.
  package let id: String
  /// The name of the type, such as `invoice.paid`.
  package let type: String
  /// In whole seconds since 1970. It does not order two events of the same second.
  package let created: Int
  package let isLive: Bool
  /// The API version of the payload, which the endpoint's settings determine. Nil for a thin event, which has no
  /// payload.
  package let apiVersion: String?
  package let payload: Payload

  package init(id: String, type: String, created: Int, isLive: Bool, apiVersion: String? = nil, payload: Payload) {
    self.id = id
    self.type = type
    self.created = created
    self.isLive = isLive
    self.apiVersion = apiVersion
    self.payload = payload
  }

  /// The object that the event describes, as it was when the event was created.
  package enum Payload: Sendable, Equatable {
    /// From `checkout.session.completed`, `.async_payment_succeeded`, `.async_payment_failed` and `.expired`.
    case checkoutSession(StripeCheckoutSession)
    /// From `customer.subscription.created`, `.updated`, `.deleted`, `.paused` and `.resumed`.
    case subscription(StripeSubscription)
    /// From `invoice.paid`, `.payment_failed` and `.payment_action_required`.
    case invoice(StripeInvoice)
    /// From `invoice_payment.paid`.
    case invoicePayment(StripeInvoicePayment)
    /// From `charge.refunded`.
    case charge(StripeCharge)
    /// From `refund.created`, `.updated`, `.failed` and all other `refund.` types.
    case refund(StripeRefund)
    /// From `charge.dispute.created` and `.closed`.
    case dispute(StripeDispute)
    /// From a thin event of any type: the object to fetch, if the event names one.
    case thin(StripeRelatedObject?)
    /// From any other type; its object is not decoded.
    case other
  }
}

/// The object that a thin event is about (docs.stripe.com/api/v2/core/events/object, `related_object`).
package struct StripeRelatedObject: Decodable, Sendable, Equatable {
  package let id: String
  /// The name of the object's type, such as `billing.meter`.
  package let type: String
  /// The path to fetch the object from.
  package let url: String
}
