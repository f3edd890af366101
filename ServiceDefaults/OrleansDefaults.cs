using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace ServiceDefaults;

/// <summary>
/// Silos and clients; cluster id, clustering provider and ports come from the app model's <c>Orleans__*</c> variables.
/// A killed silo is noticed after three missed one-second probes, so that its grains answer elsewhere in about three seconds;
/// shorter probes would take a long garbage collection for a death. No call waits longer than <see cref="ResponseTimeout"/>.
/// Spans of grain calls come with <c>Orleans__EnableDistributedTracing</c>, which the app model sets: asking for them here too would make two of each.
/// </summary>
public static class OrleansDefaults
{
    /// <summary>The longest that a grain call waits for its answer: four seconds, so that one retry still ends within five.</summary>
    public static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(4);

    /// <summary>Makes the service a silo of the shop's cluster.</summary>
    public static WebApplicationBuilder AddSilo(this WebApplicationBuilder builder)
    {
        builder.UseOrleans(static silo =>
        {
            silo.Configure<SiloMessagingOptions>(static messaging => messaging.ResponseTimeout = ResponseTimeout);
            silo.Configure<ClusterMembershipOptions>(static membership =>
            {
                membership.ProbeTimeout = TimeSpan.FromSeconds(1);
                membership.NumMissedProbesLimit = 3;
                membership.TableRefreshTimeout = TimeSpan.FromSeconds(2);
                membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(2);
                membership.DeathVoteExpirationTimeout = TimeSpan.FromSeconds(10);
            });
        });
        builder.Services.AddHostedService<MembershipKeeper>();
        return builder;
    }

    /// <summary>Makes the service a client of the shop's cluster.</summary>
    public static WebApplicationBuilder AddOrleansClient(this WebApplicationBuilder builder)
    {
        builder.UseOrleansClient(static client =>
        {
            client.Configure<ClientMessagingOptions>(static messaging => messaging.ResponseTimeout = ResponseTimeout);
            client.Configure<GatewayOptions>(static gateways => gateways.GatewayListRefreshPeriod = TimeSpan.FromSeconds(2));
            // Who has which grains. A client that asks while a service has no silo would otherwise know of none for a minute.
            client.Configure<TypeManagementOptions>(static types => types.TypeMapRefreshInterval = TimeSpan.FromSeconds(2));
        });
        return builder;
    }
}
