-- The shoppers of an operator's burst (Shop.Contracts.SimulatedShoppers). An empty hash is that of no password.
INSERT INTO accounts (id, email, email_key, name, password_hash, created_at)
SELECT ('0b070b07-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, address, address, 'Bot ' || n, '', now()
FROM (SELECT n, 'bot-' || n || '@bots.shop.example' AS address FROM generate_series(1, 50) AS n) AS bots
ON CONFLICT DO NOTHING;
