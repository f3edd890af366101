using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Shop.Web.Keys;

internal static class KeyServices
{
    /// <summary>Data protection with the same keys on every replica, wherever each is installed.</summary>
    public static IServiceCollection AddSharedKeys(this IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("shop");
        return services
            .AddSingleton<IConfigureOptions<KeyManagementOptions>>(static provider => new ConfigureOptions<KeyManagementOptions>(
                keys => keys.XmlRepository = new KeyStore(provider.GetRequiredService<NpgsqlDataSource>())))
            .AddHostedService<FirstKey>();
    }
}
