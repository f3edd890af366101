using Microsoft.Extensions.Options;
using Shop.Contracts;
using Shop.Messaging.Jobs;
using Shop.Redis.Jobs;

namespace Shop.Notifications.Receipts;

internal static class ReceiptServices
{
    /// <summary>Receipts by mail: the queue, its worker, and the way out (a mail server or a folder).</summary>
    public static IServiceCollection AddReceipts(this IServiceCollection services, string keyPrefix)
    {
        services.AddOptions<MailOptions>()
            .BindConfiguration("Shop:Notifications:Mail")
            .Configure<IConfiguration>(static (mail, configuration) => mail.Smtp = configuration.GetConnectionString("smtp"))
            .ValidateOnStart();
        return services
            .AddSingleton<IValidateOptions<MailOptions>, MailOptionsValidator>()
            .AddSingleton<IMailer>(static provider => provider.GetRequiredService<IOptions<MailOptions>>().Value.Server is null
                ? ActivatorUtilities.CreateInstance<FolderMailer>(provider)
                : ActivatorUtilities.CreateInstance<SmtpMailer>(provider))
            .AddSingleton<ReceiptStore>()
            .AddJobs(keyPrefix, new JobWorkerOptions { Queue = Queues.Mail, Concurrency = 4, DrainTimeout = TimeSpan.FromSeconds(8) }, static jobs => jobs
                .Handle<SendReceipt, ReceiptSender>(ReceiptJobs.Send))
            .AddJobIntake(Queues.Mail);
    }
}
