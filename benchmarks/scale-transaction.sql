-- One transaction of a worker that writes its numbers: the writer's lock, the lease, the row, a point, the sequence.
\set id random(1, 1000)
BEGIN;
SELECT pg_advisory_xact_lock(1);
SELECT number FROM leases WHERE entry = :id;
SELECT * FROM jobs WHERE id = :id;
UPDATE jobs SET progress = progress + 1, changed = changed + 1 WHERE id = :id;
INSERT INTO points VALUES (:id, 1, 2.5);
UPDATE sequence SET last = last + 1 WHERE id = 1;
COMMIT;
