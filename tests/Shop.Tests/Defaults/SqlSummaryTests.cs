using ServiceDefaults;
using Xunit;

namespace Shop.Tests.Defaults;

public sealed class SqlSummaryTests
{
    [Theory]
    [InlineData("SELECT id FROM orders WHERE id = ANY (@ids) FOR UPDATE", "SELECT orders")]
    [InlineData("select *\nfrom orders.lines l\njoin products using (sku)", "SELECT orders.lines")]
    [InlineData("SELECT 1", "SELECT")]
    [InlineData("SELECT * FROM unnest(@ids)", "SELECT")]
    [InlineData("SELECT pg_advisory_lock(@id)", "SELECT")]
    [InlineData("INSERT INTO outbox (id, data) SELECT id, data FROM unnest($1, $2) ON CONFLICT DO NOTHING", "INSERT outbox")]
    [InlineData("UPDATE stock s SET available = 1 FROM unnest(@skus) AS taken; INSERT INTO orders SELECT 1; INSERT INTO order_lines SELECT 2;", "UPDATE stock INSERT orders INSERT order_lines")]
    [InlineData("WITH returned AS (SELECT sku FROM order_lines), locked AS (SELECT sku FROM stock FOR UPDATE) UPDATE stock s SET available = 1 FROM returned", "UPDATE stock")]
    [InlineData("DELETE FROM inbox WHERE at < now()", "DELETE inbox")]
    [InlineData("-- INSERT INTO nothing\nSELECT ';', '(' FROM real", "SELECT real")]
    [InlineData("LISTEN channel", "LISTEN")]
    [InlineData("", "SQL")]
    public void A_command_is_named_by_its_verbs_and_tables(string sql, string expected) => Assert.Equal(expected, SqlSummary.Of(sql));

    [Fact]
    public void No_value_of_a_statement_gets_into_its_name() =>
        Assert.DoesNotContain("secret", SqlSummary.Of("INSERT INTO users (name) VALUES ('secret')"), StringComparison.Ordinal);

    [Fact]
    public void The_operation_is_the_first_verb() => Assert.Equal("UPDATE", SqlSummary.Operation("UPDATE stock INSERT orders"));
}
