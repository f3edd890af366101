using System.Net;
using System.Text.Json;

namespace Shop.SystemTests.Journeys;

[Collection(nameof(SharedShop))]
public sealed class ChatBadInputJourneys(ShopApp shop)
{
    private const string Messages = "/api/chat/rooms/help/messages";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Endpoints => new()
    {
        { "GET", "/api/chat/rooms/{room}/messages" },
        { "POST", "/api/chat/rooms/{room}/messages" },
        { "GET", "/api/chat/rooms/{room}/live" },
        { "POST", "/api/chat/rooms/{room}/typing" },
        { "DELETE", "/api/chat/rooms/{room}/messages/1" },
    };

    [Theory]
    [MemberData(nameof(Endpoints))]
    [InlineData("GET", "/api/chat/rooms")]
    public async Task Who_is_not_signed_in_is_asked_to(string method, string path)
    {
        using var anonymous = shop.AnonymousClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), path.Replace("{room}", "help", StringComparison.Ordinal));

        using var response = await anonymous.SendAsync(request, Cancelled);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task A_room_that_is_not_there_is_not_found_and_one_that_cannot_be_is_refused(string method, string path)
    {
        using var olga = await shop.OperatorAsync();
        var body = method == "POST" && path.EndsWith("/messages", StringComparison.Ordinal) ? new { text = "hello" } : null;

        var unknown = await olga.AskAsync(new HttpMethod(method), path.Replace("{room}", "no-such-room", StringComparison.Ordinal), body);
        var malformed = await olga.AskAsync(new HttpMethod(method), path.Replace("{room}", "No_Room", StringComparison.Ordinal), body);

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.BadRequest), (unknown.Status, malformed.Status));
        Assert.Contains("no-such-room", unknown.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.True(malformed.Body.GetProperty("errors").TryGetProperty("room", out _), malformed.Body.ToString());
    }

    [Fact]
    public async Task Only_an_operator_may_remove()
    {
        using var ada = shop.Shopper();
        var sequence = await ada.SaidAsync("help", "mine");

        var (status, problem) = await ada.AskAsync(HttpMethod.Delete, $"{Messages}/{sequence}");

        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Equal(403, problem.GetProperty("status").GetInt32());
    }

    [Theory]
    [InlineData("999999999")]
    [InlineData("not-a-number")]
    public async Task A_message_that_is_not_there_cannot_be_removed(string sequence)
    {
        using var olga = await shop.OperatorAsync();

        Assert.Equal(HttpStatusCode.NotFound, (await olga.AskAsync(HttpMethod.Delete, $"{Messages}/{sequence}")).Status);
    }

    [Theory]
    [InlineData(Messages + "?before=0", "before")]
    [InlineData(Messages + "?take=0", "take")]
    [InlineData(Messages + "?take=201", "take")]
    [InlineData("/api/chat/rooms/help/live?after=-1", "after")]
    public async Task A_bad_parameter_is_named(string path, string field)
    {
        using var ada = shop.Shopper();

        var (status, problem) = await ada.AskAsync(path);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    [Theory]
    [InlineData(Messages + "?before=x", "before")]
    [InlineData(Messages + "?take=many", "take")]
    [InlineData("/api/chat/rooms/help/live?after=x", "after")]
    public async Task A_parameter_that_is_no_number_is_refused(string path, string field)
    {
        using var ada = shop.Shopper();

        var (status, problem) = await ada.AskAsync(path);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("-1")]
    [InlineData("1732460000000000-42")]
    public async Task A_last_event_id_that_is_none_is_refused(string id)
    {
        using var ada = shop.Shopper();

        var (status, problem) = await ada.AskAsync(HttpMethod.Get, "/api/chat/rooms/help/live", null, ("Last-Event-ID", id));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(id, problem.GetProperty("errors").GetProperty("Last-Event-ID")[0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{}""", null, "text")]
    [InlineData("""{"text":null}""", null, "text")]
    [InlineData("""{"text":5}""", null, "text")]
    [InlineData("""{"text":"\ud800"}""", null, "text")]
    [InlineData("""{"text":"hello","clientId":""}""", null, "clientId")]
    [InlineData("""{"text":"hello","clientId":"a\nb"}""", null, "clientId")]
    [InlineData("""{"text":"hello","clientId":"one"}""", "another", "clientId")]
    public async Task A_message_that_cannot_be_read_is_refused_with_the_field_that_is_wrong(string body, string? key, string field)
    {
        using var ada = shop.Shopper();

        var (status, problem) = await ada.AskAsync(HttpMethod.Post, Messages, body, key is null ? [] : [("Idempotency-Key", key)]);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    [Fact]
    public async Task A_key_is_at_most_128_characters_long()
    {
        using var ada = shop.Shopper();

        var (status, problem) = await ada.SayAsync("help", "hello", new string('k', 129));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty("Idempotency-Key", out _), problem.ToString());
    }

    [Theory]
    [InlineData("", "Empty")]
    [InlineData("   ", "Empty")]
    [InlineData("two\nlines", "NotPlainText")]
    [InlineData("what a ŚCÁM!", "BlockedWord")]
    public async Task A_message_that_moderation_refuses_says_why(string text, string reason)
    {
        using var ada = shop.Shopper();

        var (status, problem) = await ada.SayAsync("help", text);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal(reason, problem.GetProperty("reason").GetString());
        Assert.NotEmpty(problem.GetProperty("errors").GetProperty("text")[0].GetString()!);
    }

    [Fact]
    public async Task A_message_has_at_most_500_characters()
    {
        using var ada = shop.Shopper();

        Assert.Equal(HttpStatusCode.Created, (await ada.SayAsync("help", new string('x', 500))).Status);
        var (status, problem) = await ada.SayAsync("help", new string('x', 501));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "TooLong"), (status, problem.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task Who_writes_too_fast_is_told_when_to_go_on()
    {
        using var ada = shop.Shopper();
        await ada.SignUpAsync(Cancelled);

        var responses = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => ada.SendAsync(HttpMethod.Post, Messages, new { text = $"{i}" }, cancellationToken: Cancelled)));

        var refused = Array.FindAll(responses, static response => response.StatusCode == HttpStatusCode.TooManyRequests);
        Assert.NotEmpty(refused);
        await Assert.AllAsync(refused, static async response =>
        {
            Assert.InRange(response.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
            Assert.Contains("\"chat\";q=10;w=10", string.Join(", ", response.Headers.GetValues("RateLimit-Policy")), StringComparison.Ordinal);
            Assert.Contains("\"chat\";r=0;t=", string.Join(", ", response.Headers.GetValues("RateLimit")), StringComparison.Ordinal);
            var problem = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(Cancelled));
            Assert.Equal("chat", Assert.Single(problem.GetProperty("violated-policies").EnumerateArray()).GetString());
        });
        Array.ForEach(responses, static response => response.Dispose());
    }

    [Fact]
    public async Task The_api_describes_the_chat()
    {
        using var ada = shop.Shopper();

        var paths = (await ada.AskAsync("/openapi/v1.json")).Body.GetProperty("paths");

        foreach (var path in new[] { "/api/chat/rooms", "/api/chat/rooms/{room}/messages", "/api/chat/rooms/{room}/live", "/api/chat/rooms/{room}/typing" })
            Assert.True(paths.TryGetProperty(path, out _), path);
    }
}
