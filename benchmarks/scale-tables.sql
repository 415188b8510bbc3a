-- What benchmarks/scale-transaction.sql needs: tables of about the store's shape; docs/scale-out.md has the commands.
CREATE TABLE leases (entry int PRIMARY KEY, number int, seen timestamptz);
CREATE TABLE jobs (id int PRIMARY KEY, progress int, changed bigint, row text);
CREATE TABLE points (id int, n int, y float);
CREATE TABLE sequence (id int PRIMARY KEY, last bigint);
INSERT INTO leases SELECT i, 1, now() FROM generate_series(1, 1000) i;
INSERT INTO jobs SELECT i, 0, 0, repeat('x', 2000) FROM generate_series(1, 1000) i;
INSERT INTO sequence VALUES (1, 0);
