using System.ComponentModel;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Contracts;
using Shop.Contracts.Notifications;
using Shop.Redis.Live;
using Shop.Web.Customers;
using Shop.Web.Grains;
using Shop.Web.Live;

namespace Shop.Web.Notifications;

/// <summary>What a customer is told: all of it from Postgres, and each as it happens.</summary>
public static class NotificationsApi
{
    private const int PageSize = 50;

    public static RouteGroupBuilder MapNotifications(this IEndpointRouteBuilder routes)
    {
        var notifications = routes.MapGroup("/api/notifications").WithTags("Notifications").RequireAuthorization()
            .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        notifications.MapGet("/", ListAsync).WithSummary("Notifications, oldest first");
        notifications.MapGet("/live", Follow).WithSummary("Notifications as server-sent events: first those after Last-Event-ID, then each as it happens")
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream");
        return notifications;
    }

    private static async Task<Results<Ok<NotificationList>, ValidationProblem>> ListAsync(
        ClaimsPrincipal user, GrainCalls grains, CancellationToken cancellationToken, [Description("The next of the page before; 0 to begin")] long after = 0)
    {
        if (after < 0)
            return Problems.Field("after", $"The sequence is {after}; it must be 0 or more.");
        var items = await grains.CallAsync(factory => factory.GetGrain<IFeedGrain>(user.Customer()).ReadAsync(after, PageSize), cancellationToken);
        return TypedResults.Ok(new NotificationList(items, items.Count == PageSize ? items[^1].Sequence : null));
    }

    private static ServerSentEvents<Notification> Follow(ClaimsPrincipal user, LiveLog<Notification> log, LastEventId last, CancellationToken cancellationToken) =>
        new(log.ReadAsync(LiveLogs.Feed(user.Customer()), last.Cursor, cancellationToken), "notification", EventsJson.Default.Notification);
}

/// <summary>Notifications; <paramref name="Next"/> is the <c>after</c> of the next page, or null at the end.</summary>
public sealed record NotificationList(IReadOnlyList<Notification> Items, long? Next);
