using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Shop.Web;
using Shop.Web.Grains;
using Shop.Web.Live;
using StackExchange.Redis;
using Xunit;

namespace Shop.Tests.Web;

/// <summary>What passes by itself is answered with 503 and when to come back; what does not, is nobody's to hide.</summary>
public sealed class FailureAnswersTests
{
    public static TheoryData<Exception> Passing =>
    [
        new RedisException("away"),
        new TimeoutException(),
        new OperationCanceledException(),
        new Npgsql.NpgsqlException("reset", new IOException()),
    ];

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task What_passes_is_answered_with_503_and_when_to_come_back(Exception exception)
    {
        var context = new DefaultHttpContext();

        Assert.True(await Answers.TryHandleAsync(context, exception, CancellationToken.None));

        Assert.Equal((StatusCodes.Status503ServiceUnavailable, "1"), (context.Response.StatusCode, context.Response.Headers.RetryAfter.ToString()));
    }

    [Fact]
    public async Task A_defect_is_left_to_be_logged_as_one() =>
        Assert.False(await Answers.TryHandleAsync(new DefaultHttpContext(), new InvalidOperationException(), CancellationToken.None));

    [Theory]
    [InlineData("/page?page=x", null, "page")]
    [InlineData("/page?page=x%20after%22%20", null, "page")]
    [InlineData("/page?page=1&after=x", null, "after")]
    [InlineData("/page", null, "page")]
    [InlineData("/live", "yesterday", "Last-Event-ID")]
    public async Task What_cannot_be_bound_is_named(string path, string? lastEventId, string field)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddApiConventions();
        await using var app = builder.Build();
        app.UseExceptionHandler();
        app.MapGet("/page", static (int page, Guid? after) => $"{page} {after}");
        app.MapGet("/live", static (LastEventId last) => $"{last}");
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);

        var problem = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Equal(field, Assert.Single(problem.GetProperty("errors").EnumerateObject()).Name);
    }

    private static FailureAnswers Answers => new(new Written(), NullLogger<FailureAnswers>.Instance);

    private sealed class Written : IProblemDetailsService
    {
        public ValueTask WriteAsync(ProblemDetailsContext context) => ValueTask.CompletedTask;

        public ValueTask<bool> TryWriteAsync(ProblemDetailsContext context) => ValueTask.FromResult(true);
    }
}
