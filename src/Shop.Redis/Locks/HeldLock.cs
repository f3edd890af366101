namespace Shop.Redis.Locks;

/// <summary>A lock that somebody holds, as <see cref="RedisLocks.InspectAsync"/> and <see cref="RedisLocks.ListAsync"/> show it to operators.</summary>
/// <param name="Resource">What is locked.</param>
/// <param name="Owner">The holder: <see cref="LockOptions.Owner"/>, a random part for the process, and <c>#</c> the number of its attempt.</param>
/// <param name="FencingToken">The token that the holder sends along with its writes.</param>
/// <param name="Age">How long the lock has been held, by Redis's clock.</param>
/// <param name="ExpiresIn">When it ends, unless it is renewed or released before.</param>
/// <param name="Waiting">How many wait for it (the dead of the last seconds included).</param>
public sealed record HeldLock(string Resource, string Owner, long FencingToken, TimeSpan Age, TimeSpan ExpiresIn, int Waiting);
