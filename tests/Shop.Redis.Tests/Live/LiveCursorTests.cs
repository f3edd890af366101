using CsCheck;
using Shop.Redis.Live;
using Xunit;

namespace Shop.Redis.Tests.Live;

public sealed class LiveCursorTests
{
    [Fact]
    public void Every_cursor_survives_being_text() =>
        Gen.Long[0, long.MaxValue].Sample(static sequence =>
        {
            Assert.True(LiveCursor.TryParse(LiveCursor.From(sequence).ToString(), out var cursor));
            Assert.Equal(LiveCursor.From(sequence), cursor);
        });

    [Fact]
    public void A_momentary_cursor_survives_being_text_and_names_its_entry() =>
        Gen.Select(Gen.Long[1, long.MaxValue], Gen.Long[1, long.MaxValue]).Sample(static (epoch, sequence) =>
        {
            var text = FormattableString.Invariant($"{epoch}-{sequence}");
            Assert.True(LiveCursor.TryParse(text, out var cursor));
            Assert.Equal(text, cursor.ToString());
            Assert.Equal(cursor, LiveCursor.OfEntry(text));
            Assert.Equal(sequence, cursor.Sequence);
        });

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("-1")]
    [InlineData("1-")]
    [InlineData("0-1")]
    [InlineData("1-0")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1.5")]
    [InlineData("1-2-3")]
    [InlineData("99999999999999999999")]
    [InlineData("0x10")]
    public void Anything_else_is_refused(string? text)
    {
        Assert.False(LiveCursor.TryParse(text, out var cursor));
        Assert.Equal(LiveCursor.Start, cursor);
    }

    [Fact]
    public void A_negative_sequence_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(static () => LiveCursor.From(-1));

    [Fact]
    public void Options_out_of_range_are_refused_with_their_values()
    {
        var tooShort = Assert.Throws<ArgumentException>(static () => new LiveLogOptions<Note> { Json = NoteJson.Default.Note, Expiry = TimeSpan.FromSeconds(30) }.Validate());
        Assert.Contains("00:00:30", tooShort.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(static () => LiveBench.Options(maxLength: 0).Validate());
        Assert.Throws<ArgumentException>(static () => LiveBench.Options(buffer: 0).Validate());
        Assert.Throws<ArgumentException>(static () => LiveBench.Options(page: 1).Validate());
        Assert.Throws<ArgumentException>(static () => LiveBench.Options(recheck: TimeSpan.Zero).Validate());
        Assert.Throws<ArgumentException>(static () => new PresenceOptions { TimeToLive = TimeSpan.FromMilliseconds(299) }.Validate());
    }
}
