using Npgsql;

namespace Shop.Orders;

/// <summary>Statements with positional parameters, for those that travel in a batch.</summary>
internal static class Sql
{
    public static NpgsqlBatchCommand Batched(string text, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        return command;
    }

    /// <summary>Typed: an array goes out without boxing its elements, and PostgreSQL is told its type.</summary>
    public static NpgsqlParameter Of<T>(T value) => new NpgsqlParameter<T> { TypedValue = value };
}
