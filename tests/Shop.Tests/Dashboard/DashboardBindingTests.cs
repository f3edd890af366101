using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Shop.Dashboard;
using Xunit;

namespace Shop.Tests.Dashboard;

/// <summary>Ports that were chosen are bound by another call than free ones: these are the ports that people get.</summary>
public sealed class DashboardBindingTests
{
    [Fact]
    public async Task Chosen_ports_answer_on_loopback_and_nowhere_else()
    {
        var (app, ports) = await StartAsync();
        await using var _ = app;

        foreach (var port in ports)
        {
            Assert.Null(await ConnectAsync(IPAddress.Loopback, port));
            foreach (var address in Elsewhere())
                Assert.Equal((address, port, SocketError.ConnectionRefused), (address, port, await ConnectAsync(address, port)));
        }

        await app.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>This machine's addresses in its networks, and one that only a server on all interfaces would answer at when there is no network.</summary>
    private static IEnumerable<IPAddress> Elsewhere() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(static network => network.OperationalStatus == OperationalStatus.Up)
        .SelectMany(static network => network.GetIPProperties().UnicastAddresses)
        .Select(static unicast => unicast.Address)
        .Where(static address => !IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal)
        .Append(IPAddress.Parse("127.0.0.2"));

    /// <summary>Null when the port answered, else what it said.</summary>
    private static async Task<SocketError?> ConnectAsync(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, port), TestContext.Current.CancellationToken);
            return null;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }

    private static async Task<(WebApplication App, int[] Ports)> StartAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            var ports = FreePorts();
            var app = DashboardHost.Build(new DashboardOptions { HttpPort = ports[0], OtlpGrpcPort = ports[1], OtlpHttpPort = ports[2] }, ["--Logging:LogLevel:Default=Warning"]);
            try
            {
                await DashboardHost.StartAsync(app, TestContext.Current.CancellationToken);
                return (app, ports);
            }
            catch (DashboardException) when (attempt < 5)
            {
                await app.DisposeAsync(); // somebody else was given the port in between
            }
        }
    }

    private static int[] FreePorts()
    {
        var held = Enumerable.Range(0, 3).Select(static _ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        held.ForEach(static listener => listener.Start());
        var ports = held.Select(static listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        held.ForEach(static listener => listener.Dispose());
        return ports;
    }
}
