namespace Aspire.Hosting;

/// <summary>The model cannot be run; the message says what to do about it.</summary>
public class DistributedApplicationException : Exception
{
    /// <summary>Creates it.</summary>
    public DistributedApplicationException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with its cause.</summary>
    public DistributedApplicationException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
