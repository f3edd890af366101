namespace Shop.Web;

/// <summary>A part of the request that cannot be read while it is bound, before an endpoint could answer; its answer names the field.</summary>
internal sealed class BadFieldException(string field, string message) : BadHttpRequestException(message)
{
    public string Field { get; } = field;
}
