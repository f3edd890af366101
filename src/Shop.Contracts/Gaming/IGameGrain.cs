namespace Shop.Contracts.Gaming;

/// <summary>
/// A game that the shop offers, and the runs that customers play; the key is the game's name. A score counts only for a run that
/// this grain started. A stateless worker in Shop.Gaming.
/// </summary>
[Alias("IGameGrain")]
public interface IGameGrain : IGrainWithStringKey
{
    /// <summary>The game, or null when the shop does not offer it. May be repeated.</summary>
    [Alias("Get")]
    Task<GameInfo?> GetAsync();

    /// <summary>Starts a run, in place of the one that the customer has open in this game. Null when the shop does not offer the game. May be repeated: <paramref name="run"/> is started once.</summary>
    [Alias("Start")]
    Task<GameRun?> StartAsync(string customer, Guid run);

    /// <summary>Scores a run; durable when answered. May be repeated: <paramref name="submission"/> counts once.</summary>
    [Alias("Score")]
    Task<RunResult> ScoreAsync(string customer, Guid run, long score, Guid submission);
}

/// <summary>A game.</summary>
/// <param name="Name">As in its address.</param>
/// <param name="Title">For a person.</param>
/// <param name="Duration">How long a run is played.</param>
[GenerateSerializer, Immutable, Alias("GameInfo")]
public sealed record GameInfo([property: Id(0)] string Name, [property: Id(1)] string Title, [property: Id(2)] TimeSpan Duration);

/// <summary>A run that was started.</summary>
/// <param name="Id">Its token: the score must carry it.</param>
/// <param name="Seed">What chance in the game begins with, so that a run can be played again.</param>
/// <param name="StartedAt">When, UTC.</param>
/// <param name="Duration">How long it is played; pauses come on top.</param>
/// <param name="ExpiresAt">Until when its score is taken.</param>
[GenerateSerializer, Immutable, Alias("GameRun")]
public sealed record GameRun([property: Id(0)] Guid Id, [property: Id(1)] int Seed, [property: Id(2)] DateTimeOffset StartedAt, [property: Id(3)] TimeSpan Duration, [property: Id(4)] DateTimeOffset ExpiresAt);

/// <summary>The answer to <see cref="IGameGrain.ScoreAsync"/>: a standing, or why not.</summary>
/// <param name="Standing">The customer's place of all time.</param>
/// <param name="Refusal">Why the score is not taken.</param>
[GenerateSerializer, Immutable, Alias("RunResult")]
public sealed record RunResult([property: Id(0)] Standing? Standing, [property: Id(1)] RunRefusal? Refusal = null);

/// <summary>Why a score is not taken.</summary>
/// <param name="Reason">Machine-readable.</param>
/// <param name="Detail">For the player: what is wrong, with which value, and what to do.</param>
[GenerateSerializer, Immutable, Alias("RunRefusal")]
public sealed record RunRefusal([property: Id(0)] RunRefusalReason Reason, [property: Id(1)] string Detail);

/// <summary>What a score can be refused for.</summary>
public enum RunRefusalReason
{
    /// <summary>The shop does not offer the game.</summary>
    NoSuchGame,

    /// <summary>The customer has no such run: it never was, or another one was started since.</summary>
    NoSuchRun,

    /// <summary>The run has its score.</summary>
    AlreadyScored,

    /// <summary>The run's time is over.</summary>
    Expired,

    /// <summary>The run cannot be over yet.</summary>
    TooFast,

    /// <summary>Nobody makes so many points in the time.</summary>
    TooHigh,
}

/// <summary>An item of the momentary log <see cref="LiveLogs.Board"/>: a board is not what it was.</summary>
/// <param name="Customer">Who scored.</param>
/// <param name="Score">Points; negative when they are taken back.</param>
public sealed record BoardChange(string Customer, long Score);
