-- A quota is one JSON object, by field: cpus in millionths of a core, sizes in bytes.

ALTER TABLE tenant ADD COLUMN quota TEXT NOT NULL DEFAULT '{}';
UPDATE tenant SET quota = json_object('memory', memory, 'cpus', CAST(round(cpus * 1000000) AS INTEGER), 'pids', pids,
  'disk', disk, 'sandboxes', sandboxes, 'publishedPorts', published_ports, 'artifacts', artifacts);
ALTER TABLE tenant DROP COLUMN memory;
ALTER TABLE tenant DROP COLUMN cpus;
ALTER TABLE tenant DROP COLUMN pids;
ALTER TABLE tenant DROP COLUMN disk;
ALTER TABLE tenant DROP COLUMN sandboxes;
ALTER TABLE tenant DROP COLUMN published_ports;
ALTER TABLE tenant DROP COLUMN artifacts;
