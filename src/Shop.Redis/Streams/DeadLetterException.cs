namespace Shop.Redis.Streams;

/// <summary>
/// Thrown by a handler that knows that no further delivery would help: the message goes to the dead letters at once, with this
/// message as the reason, whatever <see cref="StreamConsumerGroupOptions.MaxDeliveries"/> says.
/// </summary>
/// <param name="reason">Why, in a sentence, for whoever looks at the dead letters.</param>
/// <param name="cause">What the handler saw, or null.</param>
public sealed class DeadLetterException(string reason, Exception? cause = null) : Exception(reason, cause);
