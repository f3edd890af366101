-- Where the receipt goes. No event carries it, so that none ends in an archive; services ask the order for it.
ALTER TABLE orders ADD COLUMN email text;
